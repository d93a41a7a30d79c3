//! `UpdateExpression`: SET, REMOVE, ADD and DELETE, all judged on the item as it was before.

use super::error::DynamoError;
use super::path::Path;
use super::syntax::Parser;
use super::token::Placeholders;
use super::value::{Attr, Item};

/// A parsed update.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Update {
    set: Vec<(Path, Term)>,
    remove: Vec<Path>,
    add: Vec<(Path, Attr)>,
    delete: Vec<(Path, Attr)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Path(Path),
    Value(Attr),
    IfNotExists(Path, Box<Term>),
    ListAppend(Box<Term>, Box<Term>),
    Plus(Box<Term>, Box<Term>),
    Minus(Box<Term>, Box<Term>),
}

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

/// Reads an `UpdateExpression`.
pub fn update(text: &str, known: &Placeholders) -> Result<Update, DynamoError> {
    let mut parser = Parser::new("UpdateExpression", text, known)?;
    let mut update = Update::default();
    let mut seen: Vec<&str> = Vec::new();
    while !parser.at_end() {
        let section = SECTIONS.into_iter().find(|s| parser.keyword(s)).ok_or_else(|| parser.unexpected())?;
        if seen.contains(&section) {
            return Err(
                parser.refuse(format!("The \"{section}\" section can only be used once in an update expression;"))
            );
        }
        seen.push(section);
        loop {
            clause(&mut parser, section, &mut update)?;
            if !parser.mark(",") {
                break;
            }
        }
    }
    let paths = update.paths();
    for (at, path) in paths.iter().enumerate() {
        if let Some(other) = paths[..at].iter().find(|other| other.overlaps(path)) {
            return Err(parser.refuse(format!(
                "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: \
                 {other}, path two: {path}"
            )));
        }
    }
    Ok(update)
}

fn clause(parser: &mut Parser, section: &str, update: &mut Update) -> Result<(), DynamoError> {
    let path = parser.path()?;
    match section {
        "SET" => {
            parser.expect("=")?;
            let term = sum(parser)?;
            update.set.push((path, term));
        }
        "REMOVE" => update.remove.push(path),
        _ => {
            let value = parser.value().ok_or_else(|| parser.unexpected())?;
            let fits = match section {
                "ADD" => matches!(value, Attr::N(_) | Attr::Ss(_) | Attr::Ns(_)),
                _ => matches!(value, Attr::Ss(_) | Attr::Ns(_)),
            };
            if !fits {
                return Err(parser.refuse(format!(
                    "Incorrect operand type for operator or function; operator: {section}, operand type: {}",
                    value.kind()
                )));
            }
            if section == "ADD" { update.add.push((path, value)) } else { update.delete.push((path, value)) }
        }
    }
    Ok(())
}

/// `term`, `term + term` or `term - term`: DynamoDB's grammar knows no longer chain.
fn sum(parser: &mut Parser) -> Result<Term, DynamoError> {
    let left = term(parser)?;
    if parser.mark("+") {
        Ok(Term::Plus(Box::new(left), Box::new(term(parser)?)))
    } else if parser.mark("-") {
        Ok(Term::Minus(Box::new(left), Box::new(term(parser)?)))
    } else {
        Ok(left)
    }
}

fn term(parser: &mut Parser) -> Result<Term, DynamoError> {
    if parser.function("if_not_exists") {
        let path = parser.path()?;
        parser.expect(",")?;
        let other = term(parser)?;
        parser.expect(")")?;
        return Ok(Term::IfNotExists(path, Box::new(other)));
    }
    if parser.function("list_append") {
        let first = term(parser)?;
        parser.expect(",")?;
        let second = term(parser)?;
        parser.expect(")")?;
        return Ok(Term::ListAppend(Box::new(first), Box::new(second)));
    }
    match parser.value() {
        Some(value) => Ok(Term::Value(value)),
        None => parser.path().map(Term::Path),
    }
}

impl Update {
    /// Every path that it writes.
    pub fn paths(&self) -> Vec<&Path> {
        let pairs = self.add.iter().chain(&self.delete).map(|(path, _)| path);
        self.set.iter().map(|(path, _)| path).chain(&self.remove).chain(pairs).collect()
    }

    /// The item after it.
    pub fn apply(&self, before: &Item) -> Result<Item, DynamoError> {
        let way =
            || DynamoError::validation("The document path provided in the update expression is invalid for update");
        let mut after = before.clone();
        for (path, term) in &self.set {
            path.set(&mut after, evaluate(term, before)?).ok_or_else(way)?;
        }
        for (path, value) in &self.add {
            path.set(&mut after, added(path.find(before), value)?).ok_or_else(way)?;
        }
        for (path, value) in &self.delete {
            let Some(there) = path.find(before) else { continue };
            match without(there, value)? {
                Some(left) => path.set(&mut after, left),
                // DynamoDB keeps no empty set.
                None => path.remove(&mut after),
            }
            .ok_or_else(way)?;
        }
        // Last, and later elements of a list first: one removal must not shift the next.
        let mut removals: Vec<&Path> = self.remove.iter().collect();
        removals.sort();
        for path in removals.into_iter().rev() {
            path.remove(&mut after).ok_or_else(way)?;
        }
        Ok(after)
    }
}

fn operand_type() -> DynamoError {
    DynamoError::validation("An operand in the update expression has an incorrect data type")
}

fn evaluate(term: &Term, before: &Item) -> Result<Attr, DynamoError> {
    match term {
        Term::Value(value) => Ok(value.clone()),
        Term::Path(path) => path.find(before).cloned().ok_or_else(|| {
            DynamoError::validation("The provided expression refers to an attribute that does not exist in the item")
        }),
        Term::IfNotExists(path, other) => match path.find(before) {
            Some(there) => Ok(there.clone()),
            None => evaluate(other, before),
        },
        Term::ListAppend(a, b) => match (evaluate(a, before)?, evaluate(b, before)?) {
            (Attr::L(mut first), Attr::L(second)) => {
                first.extend(second);
                Ok(Attr::L(first))
            }
            _ => Err(operand_type()),
        },
        Term::Plus(a, b) | Term::Minus(a, b) => match (evaluate(a, before)?, evaluate(b, before)?) {
            (Attr::N(a), Attr::N(b)) => {
                let result = if matches!(term, Term::Plus(..)) { a.plus(b) } else { a.minus(b) };
                result.map(Attr::N).ok_or_else(too_long)
            }
            _ => Err(operand_type()),
        },
    }
}

fn too_long() -> DynamoError {
    DynamoError::validation("Number overflow. Attempting to store a number with more than 38 significant digits")
}

fn added(there: Option<&Attr>, value: &Attr) -> Result<Attr, DynamoError> {
    match (there, value) {
        (None, value) => Ok(value.clone()),
        (Some(Attr::N(a)), Attr::N(b)) => a.plus(*b).map(Attr::N).ok_or_else(too_long),
        (Some(Attr::Ss(a)), Attr::Ss(b)) => Ok(Attr::Ss(a.union(b).cloned().collect())),
        (Some(Attr::Ns(a)), Attr::Ns(b)) => Ok(Attr::Ns(a.union(b).copied().collect())),
        _ => Err(operand_type()),
    }
}

fn without(there: &Attr, value: &Attr) -> Result<Option<Attr>, DynamoError> {
    match (there, value) {
        (Attr::Ss(a), Attr::Ss(b)) => {
            let left: std::collections::BTreeSet<_> = a.difference(b).cloned().collect();
            Ok((!left.is_empty()).then_some(Attr::Ss(left)))
        }
        (Attr::Ns(a), Attr::Ns(b)) => {
            let left: std::collections::BTreeSet<_> = a.difference(b).copied().collect();
            Ok((!left.is_empty()).then_some(Attr::Ns(left)))
        }
        _ => Err(operand_type()),
    }
}
