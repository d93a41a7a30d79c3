//! A request after its protocol is gone: form fields, JSON and CBOR all become the same tree of JSON values.
//!
//! The request log keeps this tree, so that what one SDK sent can be held against what another sends.

use std::collections::BTreeMap;

use ciborium::Value as Cbor;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::api::{ApiError, Millis};

/// Reads a Query body: `Filters.member.1.Name=…` becomes a list of structures. `Action` and `Version` stay out.
pub fn from_query(body: &[u8]) -> (Option<String>, Value) {
    let mut action = None;
    let mut root = Branch::default();
    for (key, value) in form_urlencoded::parse(body) {
        match key.as_ref() {
            "Action" => action = Some(value.into_owned()),
            "Version" => {}
            key => root.insert(key.split('.'), value.into_owned()),
        }
    }
    (action, root.into_json())
}

#[derive(Default)]
struct Branch {
    value: Option<String>,
    below: BTreeMap<String, Branch>,
}

impl Branch {
    fn insert<'a>(&mut self, mut path: impl Iterator<Item = &'a str>, value: String) {
        match path.next() {
            None => self.value = Some(value),
            Some(step) => self.below.entry(step.to_owned()).or_default().insert(path, value),
        }
    }

    fn into_json(mut self) -> Value {
        if let Some(members) = self.below.remove("member") {
            let mut members: Vec<(u32, Branch)> =
                members.below.into_iter().filter_map(|(n, branch)| Some((n.parse().ok()?, branch))).collect();
            members.sort_by_key(|(n, _)| *n);
            return members.into_iter().map(|(_, branch)| branch.into_json()).collect();
        }
        match self.value {
            Some(value) => json!(value),
            None => Value::Object(self.below.into_iter().map(|(name, branch)| (name, branch.into_json())).collect()),
        }
    }
}

/// Reads a CBOR body (an empty one is an empty structure); a tagged moment becomes its seconds, as in JSON.
///
/// # Errors
/// When the body is not CBOR, or holds what the protocol has no place for.
pub fn from_cbor(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let bad = || ApiError::new("SerializationException", "The body is not CBOR", 400);
    let value: Cbor = ciborium::from_reader(body).map_err(|_| bad())?;
    cbor_to_json(value).ok_or_else(bad)
}

fn cbor_to_json(value: Cbor) -> Option<Value> {
    Some(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(b) => json!(b),
        Cbor::Integer(n) => json!(i64::try_from(n).ok()?),
        Cbor::Float(n) => json!(n),
        Cbor::Text(text) => json!(text),
        Cbor::Tag(1, inner) => match cbor_to_json(*inner)? {
            Value::Number(n) => json!(n.as_f64()?),
            _ => return None,
        },
        Cbor::Array(all) => Value::Array(all.into_iter().map(cbor_to_json).collect::<Option<_>>()?),
        Cbor::Map(pairs) => {
            let named = pairs.into_iter().map(|(key, value)| Some((key.into_text().ok()?, cbor_to_json(value)?)));
            Value::Object(named.collect::<Option<Map<_, _>>>()?)
        }
        _ => return None,
    })
}

/// Reads a JSON body (an empty one is an empty structure).
///
/// # Errors
/// When it is not a JSON object.
pub fn from_json(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let value: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    value.ok_or_else(|| ApiError::new("SerializationException", "The body is not a JSON object", 400))
}

/// A structure of a request, taken apart field by field. What nobody took is refused at the end: a parameter that the
/// model ignored would look as if it had worked.
pub struct Params {
    fields: Map<String, Value>,
}

impl Params {
    /// Of a tree that [`from_query`] and its kin made.
    pub fn of(value: Value) -> Result<Self, ApiError> {
        match value {
            Value::Object(fields) => Ok(Self { fields }),
            other => Err(ApiError::validation(format!("expected a structure, got {other}"))),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    /// A string that may be absent.
    pub fn maybe_text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(name, "a string", &other)),
        }
    }

    /// A string that must be there.
    pub fn text(&mut self, name: &str) -> Result<String, ApiError> {
        self.maybe_text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
            ApiError::validation(format!(
                "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must not be null"
            ))
        })
    }

    /// A number that may be absent; the Query protocol sends its digits.
    pub fn int(&mut self, name: &str) -> Result<Option<i32>, ApiError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = match &value {
            Value::String(digits) => digits.parse().ok(),
            other => other.as_i64().and_then(|n| i32::try_from(n).ok()),
        };
        number.map(Some).ok_or_else(|| wrong(name, "an integer", &value))
    }

    /// A boolean that may be absent.
    pub fn bool(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let flag = match &value {
            Value::String(word) => word.parse().ok(),
            other => other.as_bool(),
        };
        flag.map(Some).ok_or_else(|| wrong(name, "true or false", &value))
    }

    /// A moment that may be absent: seconds in JSON and CBOR, RFC 3339 in a form.
    pub fn time(&mut self, name: &str) -> Result<Option<Millis>, ApiError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let at = match &value {
            Value::String(text) => OffsetDateTime::parse(text, &Rfc3339)
                .ok()
                .and_then(|at| Millis::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()),
            other => other.as_f64().map(millis),
        };
        at.map(Some).ok_or_else(|| wrong(name, "a moment", &value))
    }

    /// A list of strings; absent and empty are the same.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, ApiError> {
        let text = |value: Value| match value {
            Value::String(text) => Ok(text),
            other => Err(wrong(name, "a string", &other)),
        };
        self.values(name)?.into_iter().map(text).collect()
    }

    /// A list of structures.
    pub fn structs(&mut self, name: &str) -> Result<Vec<Self>, ApiError> {
        self.values(name)?.into_iter().map(Self::of).collect()
    }

    fn values(&mut self, name: &str) -> Result<Vec<Value>, ApiError> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(all)) => Ok(all),
            // The Query protocol sends an empty list as an empty value.
            Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
            Some(other) => Err(wrong(name, "a list", &other)),
        }
    }

    /// A word of one of AWS's closed lists.
    pub fn word<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
        let Some(word) = self.maybe_text(name)? else { return Ok(None) };
        parse(&word).map(Some).ok_or_else(|| wrong(name, "a known word", &json!(word)))
    }

    /// Nothing may be left.
    pub fn done(self) -> Result<(), ApiError> {
        match self.fields.into_iter().find(|(_, value)| !value.is_null()) {
            None => Ok(()),
            Some((name, value)) => {
                Err(ApiError::validation(format!("the simulated AWS has no parameter {name} here (got {value})")))
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounded; a moment of this era has 41 bits")]
fn millis(seconds: f64) -> Millis {
    (seconds * 1000.0).round() as Millis
}

fn wrong(name: &str, expected: &str, got: &Value) -> ApiError {
    ApiError::validation(format!("Value at '{name}': expected {expected}, got {got}"))
}
