//! One field that isn't as it should be, said in one sentence: which field, what it is, what was expected.
//!
//! Commands, tags, defaults and events all refuse in these words, so a person learns one form of message.

use serde_json::Value;
use std::fmt::{self, Write as _};

/// How many characters of a foreign value a message shows: enough to recognise it, too few to flood a log or to
/// carry a whole event into it.
const SHOWN: usize = 80;

/// A field with a value that isn't accepted: `"bake_time_seconds" is 90000: expected a whole number of seconds from 0
/// to 86400`. Permanent: the same input is refused again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{field}\" is {value}: expected {expected}")]
pub struct InvalidField {
    /// Where it stands: a command's field, a tag's key, a path in an event, or `payload`.
    pub field: String,
    /// What stands there, at most 80 harmless characters of it as JSON; or `missing`, `unknown`, `given twice`.
    pub value: String,
    /// What would have been accepted.
    pub expected: String,
}

impl InvalidField {
    /// A JSON value that isn't what was expected.
    pub fn wrong(field: &str, value: &Value, expected: impl Into<String>) -> Self {
        Self::said(field, shown_json(value), expected)
    }

    /// A text that isn't what was expected.
    pub fn wrong_text(field: &str, text: &str, expected: impl Into<String>) -> Self {
        Self::said(field, shown_text(text), expected)
    }

    /// A field that is needed and isn't there.
    pub fn missing(field: &str, expected: impl Into<String>) -> Self {
        Self::said(field, "missing".to_owned(), expected)
    }

    /// A field that nobody knows among those that are `known`; names the nearest, since most are typing errors. `what`
    /// says what it should have been: `field of "attach"`.
    pub fn unknown(field: &str, what: &str, known: &[&str]) -> Self {
        let expected = match nearest(field, known) {
            Some(near) => format!("a {what}; did you mean \"{near}\"?"),
            None => format!("a {what}: one of {}", quoted(known)),
        };
        Self::said(field, "unknown".to_owned(), expected)
    }

    /// A sentence about a value that is already fit to be shown.
    pub(crate) fn said(field: &str, value: String, expected: impl Into<String>) -> Self {
        Self { field: shorten(field), value, expected: expected.into() }
    }
}

/// A JSON value as a message may show it.
pub fn shown_json(value: &Value) -> String {
    match value {
        // Of a long text only the beginning is even looked at.
        Value::String(text) => shown_text(text),
        Value::Array(_) | Value::Object(_) => shorten(&Beginning::of(value)),
        small => shorten(&small.to_string()),
    }
}

/// A text as a message may show it: in quotes, harmless, not long.
pub fn shown_text(text: &str) -> String {
    format!("\"{}\"", shorten(text))
}

/// `"a", "b", "c"`.
pub fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// A sentence that quotes foreign text whole, without the control characters that a terminal would obey.
pub fn printable(sentence: &str) -> String {
    sentence.replace(char::is_control, "\u{fffd}")
}

/// The first characters; what a terminal or a log would obey (control and direction characters) is escaped.
pub fn shorten(text: &str) -> String {
    let mut short = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN {
            short.push('…');
            break;
        }
        if character == ' ' || character.is_ascii_graphic() {
            short.push(character);
        } else {
            short.extend(character.escape_debug());
        }
    }
    short
}

/// Collects the beginning of a JSON text and then stops the writer: a value of 200 KB isn't written out for 80
/// characters.
struct Beginning(String);

impl Beginning {
    fn of(value: &Value) -> String {
        let mut beginning = Beginning(String::new());
        // An error only says that there was more than is shown.
        let _ = write!(beginning, "{value}");
        beginning.0
    }
}

impl fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(text.chars().take(SHOWN + 1));
        if self.0.chars().count() > SHOWN { Err(fmt::Error) } else { Ok(()) }
    }
}

/// The known word that differs least, if it differs by no more than a third of its letters (and at least by two: a
/// forgotten plural and one slip).
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // Longer words than any field's name aren't typing errors, and comparing costs the product of the lengths.
    if word.len() > SHOWN {
        return None;
    }
    let plain = word.to_ascii_lowercase();
    let near = known.iter().map(|name| (distance(&plain, name), *name)).min()?;
    // "alarm" of "alarms.2" or "bake_time" of "bake_time_seconds": a beginning is no accident either.
    let begun = || known.iter().find(|name| plain.len() > 3 && name.starts_with(&plain)).copied();
    if near.0 <= (near.1.len() / 3).max(2) { Some(near.1) } else { begun() }
}

/// How many letters have to be put in, left out or changed.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_one_sentence_with_field_value_and_expectation() {
        let refused = InvalidField::wrong("bake_time_seconds", &json!(90000), "a whole number");
        assert_eq!(refused.to_string(), "\"bake_time_seconds\" is 90000: expected a whole number");
    }

    #[test]
    fn a_typing_error_is_answered_with_the_field_that_was_meant() {
        let known = ["alarms", "alarm_prefix", "bake_time_seconds", "check_interval_seconds"];
        for (typed, meant) in [
            ("alarm", "alarms"),
            ("Alarms", "alarms"),
            ("alarm-prefix", "alarm_prefix"),
            ("bake_time", "bake_time_seconds"),
            ("bakeTimeSeconds", "bake_time_seconds"),
        ] {
            assert_eq!(nearest(typed, &known), Some(meant), "{typed}");
        }
        assert_eq!(nearest("colour", &known), None);
        let all = InvalidField::unknown("colour", "field of \"attach\"", &known).to_string();
        assert!(all.contains("\"check_interval_seconds\""), "{all}");
    }

    #[test]
    fn a_message_shows_at_most_eighty_harmless_characters_of_a_foreign_value() {
        let nasty = format!("a\n\u{1b}[2J\u{202e}{}", "x".repeat(200_000));
        for shown in [shown_text(&nasty), shown_json(&json!([nasty])), shown_json(&json!({ "k": nasty }))] {
            assert!(shown.chars().count() < 130, "{shown}");
            assert!(!shown.contains(['\n', '\u{1b}', '\u{202e}']), "{shown}");
            assert!(shown.contains('…'), "{shown}");
        }
    }
}
