//! Document paths (`a.b[3]`): what they find in an item, and what a projection keeps of it.

use std::fmt;

use super::error::DynamoError;
use super::syntax::Parser;
use super::token::Placeholders;
use super::value::{Attr, Item};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute, or a key of a map.
    Name(String),
    /// An element of a list.
    Index(usize),
}

/// A path into an item; its first step is always a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The attribute that it begins with.
    pub fn top(&self) -> &str {
        match self.0.first() {
            Some(Step::Name(name)) => name,
            _ => "",
        }
    }

    /// The value there, if any.
    pub fn find<'a>(&self, item: &'a Item) -> Option<&'a Attr> {
        let mut here = item.get(self.top())?;
        for step in &self.0[1..] {
            here = match (step, here) {
                (Step::Name(name), Attr::M(map)) => map.get(name)?,
                (Step::Index(n), Attr::L(list)) => list.get(*n)?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// Sets the value there. `None` when the way to it does not exist: DynamoDB makes no maps on the way.
    pub fn set(&self, item: &mut Item, value: Attr) -> Option<()> {
        let (last, way) = self.0.split_last()?;
        let Some((Step::Name(top), way)) = way.split_first() else {
            item.insert(self.top().to_owned(), value);
            return Some(());
        };
        match (last, walk(item.get_mut(top)?, way)?) {
            (Step::Name(name), Attr::M(map)) => {
                map.insert(name.clone(), value);
            }
            // Beyond the end, DynamoDB appends.
            (Step::Index(n), Attr::L(list)) => match list.get_mut(*n) {
                Some(slot) => *slot = value,
                None => list.push(value),
            },
            _ => return None,
        }
        Some(())
    }

    /// Removes the value there; an absent one is no error, an absent way to it is.
    pub fn remove(&self, item: &mut Item) -> Option<()> {
        let (last, way) = self.0.split_last()?;
        let Some((Step::Name(top), way)) = way.split_first() else {
            item.remove(self.top());
            return Some(());
        };
        match (last, walk(item.get_mut(top)?, way)?) {
            (Step::Name(name), Attr::M(map)) => {
                map.remove(name);
            }
            (Step::Index(n), Attr::L(list)) => {
                if *n < list.len() {
                    list.remove(*n);
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether one of the two leads to, or through, the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a == b)
    }
}

fn walk<'a>(mut here: &'a mut Attr, way: &[Step]) -> Option<&'a mut Attr> {
    for step in way {
        here = match (step, here) {
            (Step::Name(name), Attr::M(map)) => map.get_mut(name)?,
            (Step::Index(n), Attr::L(list)) => list.get_mut(*n)?,
            _ => return None,
        };
    }
    Some(here)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self
            .0
            .iter()
            .map(|step| match step {
                Step::Name(name) => name.clone(),
                Step::Index(n) => format!("[{n}]"),
            })
            .collect();
        write!(f, "[{}]", steps.join(", "))
    }
}

/// Reads a `ProjectionExpression`.
pub fn projection(text: &str, known: &Placeholders) -> Result<Vec<Path>, DynamoError> {
    let mut parser = Parser::new("ProjectionExpression", text, known)?;
    let mut paths: Vec<Path> = vec![parser.path()?];
    while parser.mark(",") {
        paths.push(parser.path()?);
    }
    parser.end()?;
    for (at, path) in paths.iter().enumerate() {
        if let Some(other) = paths[..at].iter().find(|other| other.overlaps(path)) {
            return Err(parser.refuse(format!(
                "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: \
                 {other}, path two: {path}"
            )));
        }
    }
    Ok(paths)
}

/// What `paths` keep of `item`. Elements of a list keep their order and close ranks, as DynamoDB's do.
pub fn project(item: &Item, paths: &[Path]) -> Item {
    let steps: Vec<&[Step]> = paths.iter().map(|p| p.0.as_slice()).collect();
    keep_map(item, &steps)
}

fn keep_map(map: &Item, paths: &[&[Step]]) -> Item {
    let kept = map.iter().filter_map(|(name, value)| {
        let below = below(paths, &Step::Name(name.clone()));
        keep(value, &below).map(|kept| (name.clone(), kept))
    });
    kept.collect()
}

fn below<'a>(paths: &[&'a [Step]], step: &Step) -> Vec<&'a [Step]> {
    paths.iter().filter_map(|path| path.split_first()).filter(|(s, _)| *s == step).map(|(_, rest)| rest).collect()
}

fn keep(value: &Attr, paths: &[&[Step]]) -> Option<Attr> {
    if paths.is_empty() {
        return None;
    }
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Attr::M(map) => Some(keep_map(map, paths)).filter(|kept| !kept.is_empty()).map(Attr::M),
        Attr::L(list) => {
            let kept = list.iter().enumerate().filter_map(|(n, v)| keep(v, &below(paths, &Step::Index(n))));
            Some(kept.collect::<Vec<_>>()).filter(|kept| !kept.is_empty()).map(Attr::L)
        }
        _ => None,
    }
}
