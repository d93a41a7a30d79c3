//! The nouns: policy fields from the tags of a fleet.
//!
//! A tag is text of at most 256 characters, so lists are written with commas and go on in `cutover:alarms.2`,
//! `cutover:alarms.3`, … Every tag that begins with `cutover:` must be known: a typing error must not silently drop an
//! alarm.

use super::field::{Field, Kind, TAG_PREFIX};
use super::{FIELDS, PolicyFields};
use crate::error::InvalidField;
use crate::release::APPLICATION_TAG;
use serde_json::Value;
use std::collections::BTreeMap;

/// One tag of a field: its key and its value.
type Piece<'a> = (&'a str, &'a str);

/// The tags of a field, by their number: 1 for the field's own.
type Pieces<'a> = BTreeMap<u32, Piece<'a>>;

/// Whether a tag's key is meant for Cutover. Capitals and blanks are typing errors that must not go unseen.
pub fn is_cutover_tag(key: &str) -> bool {
    let key = key.trim_start();
    key.get(..TAG_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(TAG_PREFIX))
}

impl PolicyFields {
    /// Reads the `cutover:` tags of a fleet; others are nobody's business here.
    ///
    /// # Errors
    /// The tag that is unknown or has a value that isn't accepted, by its key. Permanent until the tag is changed.
    pub fn from_tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, InvalidField> {
        let mut found: BTreeMap<&'static str, (&'static Field, Pieces<'a>)> = BTreeMap::new();
        for (key, value) in tags {
            if is_cutover_tag(key) && key != APPLICATION_TAG {
                let (field, number) = field_of(key)?;
                found.entry(field.name).or_insert((field, Pieces::new())).1.insert(number, (key, value));
            }
        }
        let mut fields = Self::default();
        for (field, pieces) in found.into_values() {
            let (key, value) = joined(field, &pieces)?;
            fields.read(field, key, &value).map_err(|wrong| InvalidField { field: key.to_owned(), ..wrong })?;
        }
        Ok(fields)
    }
}

/// Which field a key names, and the number of the tag among the field's.
fn field_of(key: &str) -> Result<(&'static Field, u32), InvalidField> {
    let unknown = || {
        let tags: Vec<String> = FIELDS.iter().map(Field::tag).chain([APPLICATION_TAG.to_owned()]).collect();
        let known: Vec<&str> = tags.iter().map(String::as_str).collect();
        InvalidField::unknown(key, "tag of Cutover's", &known)
    };
    if let Some(field) = Field::tagged(key) {
        return Ok((field, 1));
    }
    let (base, number) = key.rsplit_once('.').ok_or_else(unknown)?;
    let field = Field::tagged(base).filter(|field| field.kind.is_list()).ok_or_else(unknown)?;
    // "02" and "+2" would be a second way to write "2", and one would shadow the other.
    let number = number.parse::<u32>().ok().filter(|n| *n >= 2 && n.to_string() == number).ok_or_else(unknown)?;
    Ok((field, number))
}

/// A field's tags as one JSON value, and the key to name if it is refused.
fn joined<'a>(field: &Field, pieces: &Pieces<'a>) -> Result<(&'a str, Value), InvalidField> {
    let mut first = "";
    let mut items = Vec::new();
    for (place, (number, (key, text))) in (1..).zip(pieces) {
        if place != *number {
            let before = if place == 1 { field.tag() } else { format!("{}.{place}", field.tag()) };
            return Err(InvalidField::wrong_text(key, text, format!("a tag \"{before}\" before it")));
        }
        if place == 1 {
            first = key;
            let none = field.kind == Kind::Alarms && pieces.len() == 1 && text.trim() == "none";
            if none || !field.kind.is_list() {
                return Ok((first, scalar(&field.kind, text.trim())));
            }
        }
        // A comma at the end only says that the list goes on.
        let text = text.trim();
        items.extend(text.strip_suffix(',').unwrap_or(text).split(',').map(|item| Value::from(item.trim())));
    }
    Ok((first, Value::Array(items)))
}

/// A tag's text as the JSON that a command would say; what doesn't fit stays text and is refused as such.
fn scalar(kind: &Kind, text: &str) -> Value {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match (kind, text) {
        (Kind::Switch, "true") => Value::Bool(true),
        (Kind::Switch, "false") => Value::Bool(false),
        (Kind::Seconds { .. } | Kind::Percent, number) if digits => {
            number.parse::<u64>().map_or_else(|_| Value::from(number), Value::from)
        }
        (_, text) => Value::from(text),
    }
}
