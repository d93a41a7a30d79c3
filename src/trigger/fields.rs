//! The trigger stage: the fields of a command, each asked for by the type that is needed.
//!
//! Unknown fields, and fields given twice, are refused before any is read: what a typing error drops silently could be
//! the alarm. A field that is `null` counts as not given, since workflows pass on what they didn't get themselves.

use super::Refusal;
use crate::release::policy::{Field, list, whole};
use crate::release::{FleetName, PolicyFields};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// More fleets than any application has: AWS describes at most 50 by name in one call.
const MOST_BLUES: usize = 50;

/// The fields of one command.
pub(super) struct Fields<'a> {
    given: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The fields of `command`, all of them among `known`, none of them twice.
    pub(super) fn of(
        command: &str,
        given: &'a Map<String, Value>,
        payload: &[u8],
        known: &[&str],
    ) -> Result<Self, Refusal> {
        if let Some(stranger) = given.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(Refusal::unknown(stranger, &format!("field of \"{command}\""), known));
        }
        if let Some(twice) = given_twice(payload) {
            return Err(Refusal::said(&twice, "given twice".to_owned(), "each field once"));
        }
        Ok(Self { given })
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    /// A text that `parse` accepts.
    pub(super) fn text<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let parsed = match value.as_str() {
            Some(text) => parse(text),
            None => Err(expected_by(&parse)),
        };
        parsed.map(Some).map_err(|expected| Refusal::wrong(name, value, expected))
    }

    /// The same, of a field that is needed.
    pub(super) fn needed<T>(&self, name: &str, parse: impl Fn(&str) -> Result<T, &'static str>) -> Result<T, Refusal> {
        self.text(name, &parse)?.ok_or_else(|| Refusal::missing(name, expected_by(&parse)))
    }

    /// Whole seconds in a range.
    pub(super) fn seconds(&self, name: &str, min: u32, max: u32) -> Result<Option<u32>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let expected = || format!("a whole number of seconds from {min} to {max}");
        let number = whole(value).filter(|number| (min..=max).contains(number));
        number.map(Some).ok_or_else(|| Refusal::wrong(name, value, expected()))
    }

    /// A list of fleets, at least one.
    pub(super) fn fleets(&self, name: &str) -> Result<Option<Vec<FleetName>>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let expected = format!("a list of 1 to {MOST_BLUES} fleet names; leave it out to mean all");
        list(name, value, &expected, MOST_BLUES, FleetName::parse).map(Some)
    }

    /// Every policy field among them.
    pub(super) fn policy(&self) -> Result<PolicyFields, Refusal> {
        let mut policy = PolicyFields::default();
        for name in self.given.keys() {
            if let (Some(field), Some(value)) = (Field::named(name), self.get(name)) {
                policy.read(field, name, value)?;
            }
        }
        Ok(policy)
    }
}

/// What a rule for texts expects, in the words in which it refuses the empty one: none of them accepts that.
pub(super) fn expected_by<T>(parse: impl Fn(&str) -> Result<T, &'static str>) -> &'static str {
    parse("").err().unwrap_or("a text")
}

/// The first field that an object has twice: a JSON reader keeps one of them and says nothing.
fn given_twice(payload: &[u8]) -> Option<String> {
    struct Names(Option<String>);

    impl<'de> Deserialize<'de> for Names {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(NamesVisitor)
        }
    }

    struct NamesVisitor;

    impl<'de> Visitor<'de> for NamesVisitor {
        type Value = Names;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
            let mut seen = std::collections::BTreeSet::new();
            let mut twice = None;
            while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                if !seen.insert(name.clone()) {
                    twice.get_or_insert(name);
                }
            }
            Ok(Names(twice))
        }
    }

    serde_json::from_slice::<Names>(payload).ok().and_then(|names| names.0)
}
