//! Attribute values and items: the types of DynamoDB's JSON, their sizes and their comparison.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::error::DynamoError;
use super::number::Number;

/// One item: attribute names and their values.
pub type Item = BTreeMap<String, Attr>;

/// An attribute's value. Binary is not modelled: Cutover's record has none, and a request with one is refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Attr {
    /// A string.
    S(String),
    /// A number.
    N(Number),
    /// A boolean.
    Bool(bool),
    /// The null value, which is not the same as an absent attribute.
    Null,
    /// A list.
    L(Vec<Attr>),
    /// A map.
    M(Item),
    /// A set of strings, never empty.
    Ss(BTreeSet<String>),
    /// A set of numbers, never empty.
    Ns(BTreeSet<Number>),
}

impl Attr {
    /// Reads `{"S": "text"}`.
    pub fn from_json(value: &Value) -> Result<Self, DynamoError> {
        let fields = value.as_object().filter(|m| m.len() == 1).and_then(|m| m.iter().next());
        let Some((kind, inner)) = fields else {
            return Err(DynamoError::validation(
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
            ));
        };
        let attr = match (kind.as_str(), inner) {
            ("S", Value::String(s)) => Some(Self::S(s.clone())),
            ("N", Value::String(s)) => Some(Self::N(number(s)?)),
            ("BOOL", Value::Bool(b)) => Some(Self::Bool(*b)),
            ("NULL", Value::Bool(true)) => Some(Self::Null),
            ("L", Value::Array(all)) => Some(Self::L(all.iter().map(Self::from_json).collect::<Result<_, _>>()?)),
            ("M", inner @ Value::Object(_)) => Some(Self::M(item_from_json(inner)?)),
            ("SS", Value::Array(all)) => string_set(all)?.map(Self::Ss),
            ("NS", Value::Array(all)) => string_set(all)?
                .map(|set| set.iter().map(|s| number(s)).collect::<Result<_, _>>().map(Self::Ns))
                .transpose()?,
            _ => None,
        };
        attr.ok_or_else(|| DynamoError::validation(format!("Unexpected value of type {kind}: {inner}")))
    }

    /// Writes `{"S": "text"}`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::S(s) => json!({ "S": s }),
            Self::N(n) => json!({ "N": n.to_string() }),
            Self::Bool(b) => json!({ "BOOL": b }),
            Self::Null => json!({ "NULL": true }),
            Self::L(all) => json!({ "L": all.iter().map(Self::to_json).collect::<Vec<_>>() }),
            Self::M(map) => json!({ "M": item_to_json(map) }),
            Self::Ss(set) => json!({ "SS": set }),
            Self::Ns(set) => json!({ "NS": set.iter().map(Number::to_string).collect::<Vec<_>>() }),
        }
    }

    /// DynamoDB's name of the type, as its messages say it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::Bool(_) => "BOOL",
            Self::Null => "NULL",
            Self::L(_) => "L",
            Self::M(_) => "M",
            Self::Ss(_) => "SS",
            Self::Ns(_) => "NS",
        }
    }

    /// Order, where DynamoDB knows one: two strings (by bytes) or two numbers.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::S(a), Self::S(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::N(a), Self::N(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// Its share of the item's size, by DynamoDB's published rule.
    pub fn size(&self) -> usize {
        match self {
            Self::S(s) => s.len(),
            Self::N(n) => n.size(),
            Self::Bool(_) | Self::Null => 1,
            Self::L(all) => 3 + all.iter().map(|a| 1 + a.size()).sum::<usize>(),
            Self::M(map) => 3 + map.len() + item_size(map),
            Self::Ss(set) => set.iter().map(String::len).sum(),
            Self::Ns(set) => set.iter().map(|n| n.size()).sum(),
        }
    }
}

/// The size that counts against the 400 KB: names and values.
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// Reads an item; an empty or a missing one is the caller's matter.
pub fn item_from_json(value: &Value) -> Result<Item, DynamoError> {
    let fields = value.as_object().ok_or_else(|| DynamoError::validation("expected a map of attributes"))?;
    fields.iter().map(|(name, value)| Ok((name.clone(), Attr::from_json(value)?))).collect()
}

/// Writes an item.
pub fn item_to_json(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), value.to_json())).collect::<Map<_, _>>())
}

fn number(text: &str) -> Result<Number, DynamoError> {
    text.parse().map_err(|why| DynamoError::validation(format!("{why}: {text}")))
}

fn string_set(all: &[Value]) -> Result<Option<BTreeSet<String>>, DynamoError> {
    let Some(strings) = all.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let set: BTreeSet<String> = strings.iter().cloned().collect();
    if set.is_empty() {
        return Err(DynamoError::validation(
            "One or more parameter values were invalid: An string set  may not be empty",
        ));
    }
    if set.len() < strings.len() {
        return Err(DynamoError::validation(
            "One or more parameter values were invalid: Input collection contains duplicates.",
        ));
    }
    Ok(Some(set))
}
