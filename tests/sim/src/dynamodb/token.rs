//! Expression text into tokens, with each placeholder already looked up.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::error::DynamoError;
use super::reserved::is_reserved;
use super::value::Attr;

/// A word of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A keyword or a function's name; an attribute named so outright.
    Word(String),
    /// `#name`, replaced by the attribute that it stands for.
    Name(String),
    /// `:value`, replaced by the value that it stands for.
    Value(Attr),
    /// The digits in `[3]`.
    Index(usize),
    /// `(`, `)`, `,`, `.`, `[`, `]`, `=`, `<>`, `<`, `<=`, `>`, `>=`, `+` or `-`.
    Mark(&'static str),
}

const MARKS: [&str; 14] = ["<>", "<=", ">=", "(", ")", ",", ".", "[", "]", "=", "<", ">", "+", "-"];

/// Four kilobytes: DynamoDB's limit of an expression's length.
const MAX_EXPRESSION: usize = 4096;

/// `ExpressionAttributeNames` and `ExpressionAttributeValues` of one request, and which of them were used:
/// DynamoDB refuses a request that defines one and doesn't use it.
#[derive(Debug, Default)]
pub struct Placeholders {
    names: BTreeMap<String, String>,
    values: BTreeMap<String, Attr>,
    used: RefCell<BTreeSet<String>>,
}

impl Placeholders {
    /// Reads both maps of a request.
    pub fn of(request: &Value) -> Result<Self, DynamoError> {
        let mut all = Self::default();
        for (key, name) in fields(request, "ExpressionAttributeNames")? {
            let valid = key.strip_prefix('#').is_some_and(|rest| !rest.is_empty());
            let name = name.as_str().filter(|_| valid).ok_or_else(|| {
                DynamoError::validation(format!(
                    "ExpressionAttributeNames contains invalid key: Syntax error; key: \"{key}\""
                ))
            })?;
            all.names.insert(key.clone(), name.to_owned());
        }
        for (key, value) in fields(request, "ExpressionAttributeValues")? {
            if key.strip_prefix(':').is_none_or(str::is_empty) {
                return Err(DynamoError::validation(format!(
                    "ExpressionAttributeValues contains invalid key: Syntax error; key: \"{key}\""
                )));
            }
            all.values.insert(key.clone(), Attr::from_json(value)?);
        }
        Ok(all)
    }

    /// Refuses what was defined and not used by any expression of the request.
    pub fn all_used(&self) -> Result<(), DynamoError> {
        let used = self.used.borrow();
        let unused = |keys: Vec<&String>| {
            let left: Vec<&str> = keys.into_iter().filter(|k| !used.contains(*k)).map(String::as_str).collect();
            (!left.is_empty()).then(|| format!("{{{}}}", left.join(", ")))
        };
        let (which, left) = match (unused(self.names.keys().collect()), unused(self.values.keys().collect())) {
            (Some(left), _) => ("Names", left),
            (None, Some(left)) => ("Values", left),
            (None, None) => return Ok(()),
        };
        Err(DynamoError::validation(format!(
            "Value provided in ExpressionAttribute{which} unused in expressions: keys: {left}"
        )))
    }

    fn name(&self, kind: &str, key: &str) -> Result<Token, DynamoError> {
        self.used.borrow_mut().insert(key.to_owned());
        self.names.get(key).cloned().map(Token::Name).ok_or_else(|| {
            DynamoError::validation(format!(
                "Invalid {kind}: An expression attribute name used in the document path is not defined; attribute \
                 name: {key}"
            ))
        })
    }

    fn value(&self, kind: &str, key: &str) -> Result<Token, DynamoError> {
        self.used.borrow_mut().insert(key.to_owned());
        self.values.get(key).cloned().map(Token::Value).ok_or_else(|| {
            DynamoError::validation(format!(
                "Invalid {kind}: An expression attribute value used in expression is not defined; attribute value: \
                 {key}"
            ))
        })
    }
}

fn fields<'a>(request: &'a Value, field: &str) -> Result<Vec<(&'a String, &'a Value)>, DynamoError> {
    match request.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(map)) if map.is_empty() => {
            Err(DynamoError::validation(format!("{field} must not be empty")))
        }
        Some(Value::Object(map)) => Ok(map.iter().collect()),
        Some(_) => Err(DynamoError::validation(format!("{field} must be a map"))),
    }
}

/// The tokens of the expression `text`; `kind` is the request's field, for the messages.
pub fn tokens(kind: &str, text: &str, placeholders: &Placeholders) -> Result<Vec<Token>, DynamoError> {
    if text.trim().is_empty() {
        return Err(DynamoError::validation(format!("Invalid {kind}: The expression can not be empty;")));
    }
    if text.len() > MAX_EXPRESSION {
        return Err(DynamoError::validation(format!(
            "Invalid {kind}: Expression size has exceeded the maximum allowed size;"
        )));
    }
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if let Some(mark) = MARKS.into_iter().find(|m| rest.starts_with(m)) {
            found.push(Token::Mark(mark));
            mark.len()
        } else {
            let skip = usize::from(matches!(first, '#' | ':'));
            let length = rest[skip..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let length = length.map_or(rest.len(), |n| n + skip);
            found.push(token(kind, first, &rest[..length], placeholders).ok_or_else(|| syntax(kind, first))??);
            length
        };
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn token(kind: &str, first: char, word: &str, known: &Placeholders) -> Option<Result<Token, DynamoError>> {
    match first {
        '#' if word.len() > 1 => Some(known.name(kind, word)),
        ':' if word.len() > 1 => Some(known.value(kind, word)),
        '0'..='9' => word.parse().ok().map(|n| Ok(Token::Index(n))),
        'a'..='z' | 'A'..='Z' => Some(Ok(Token::Word(word.to_owned()))),
        _ => None,
    }
}

fn syntax(kind: &str, at: char) -> DynamoError {
    DynamoError::validation(format!("Invalid {kind}: Syntax error; token: \"{at}\""))
}

/// An attribute written without a placeholder: not allowed to be one of DynamoDB's reserved words.
pub fn plain_name(kind: &str, word: &str) -> Result<String, DynamoError> {
    if is_reserved(word) {
        return Err(DynamoError::validation(format!(
            "Invalid {kind}: Attribute name is a reserved keyword; reserved keyword: {word}"
        )));
    }
    Ok(word.to_owned())
}
