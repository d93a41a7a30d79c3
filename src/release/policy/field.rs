//! The nouns: one row of the policy's table, and how a value of it is read.

use super::values::{AlarmPrefix, Alarms, InAlarmAtStart, InsufficientData, RetireBlue, TargetGroupRef};
use crate::error::{InvalidField, quoted};
use crate::release::AlarmName;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What every tag of Cutover's begins with.
pub const TAG_PREFIX: &str = "cutover:";

/// One CloudWatch call describes at most this many alarms by name (an AWS limit), and they all fit onto the hot item.
pub const MOST_ALARMS: usize = 100;

/// A fleet is attached to at most this many target groups (an AWS quota).
pub const MOST_TARGET_GROUPS: usize = 50;

/// One row of the table: all that parsing, checks, suggestions and documentation need to know of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// In commands and in `CUTOVER_DEFAULTS`.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// One line for a person.
    pub doc: &'static str,
}

impl Field {
    /// The tag of the same meaning: `cutover:bake-time-seconds`.
    pub fn tag(&self) -> String {
        format!("{TAG_PREFIX}{}", self.name.replace('_', "-"))
    }
}

/// What a field takes, with its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole seconds.
    Seconds {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// A share in percent, 1 to 100.
    Percent,
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Target groups, by name or ARN.
    TargetGroups,
    /// Alarms by name, or the word `none`.
    Alarms,
    /// How alarm names begin.
    Prefix,
}

impl Kind {
    /// What is accepted, as the end of a sentence.
    pub fn expected(&self) -> String {
        match self {
            Self::Seconds { min, max } => format!("a whole number of seconds from {min} to {max}"),
            Self::Percent => "a whole number from 1 to 100".to_owned(),
            Self::Switch => "true or false".to_owned(),
            Self::Choice(words) => format!("one of {}", quoted(words)),
            Self::TargetGroups => format!("a list of 1 to {MOST_TARGET_GROUPS} names or ARNs of target groups"),
            Self::Alarms => format!("a list of 1 to {MOST_ALARMS} alarm names, or \"none\" by itself"),
            Self::Prefix => "how alarm names begin, 1 to 255 characters".to_owned(),
        }
    }

    /// Whether a tag of it holds a list, and so may go on in a second tag.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::TargetGroups | Self::Alarms)
    }
}

/// Where a value came from; the later variant is the stronger source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Nobody said anything.
    #[default]
    BuiltIn,
    /// `CUTOVER_DEFAULTS` of the function.
    Defaults,
    /// A tag on green.
    Tag,
    /// The command's own field.
    Command,
}

impl Source {
    /// What the field is called there, as a refusal names it.
    pub fn path(self, field: &Field) -> String {
        match self {
            Self::Command | Self::BuiltIn => field.name.to_owned(),
            Self::Tag => field.tag(),
            Self::Defaults => format!("CUTOVER_DEFAULTS.{}", field.name),
        }
    }
}

/// A type that a field's value is read into; nothing out of range gets through.
pub(super) trait FieldValue: Sized {
    /// Reads a JSON value; `path` is how a refusal calls the field.
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField>;
}

impl FieldValue for u32 {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        let (min, max) = match kind {
            Kind::Seconds { min, max } => (*min, *max),
            _ => (1, 100),
        };
        whole(value)
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| InvalidField::wrong(path, value, kind.expected()))
    }
}

/// A whole number; 300.0 is one too (some workflow languages write every number so).
pub(crate) fn whole(value: &Value) -> Option<u32> {
    let integer = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let decimal = || value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..4_294_967_296.0).contains(number));
    // In range and without a fraction: nothing is cut off.
    integer.or_else(|| decimal().map(|number| number as u32))
}

impl FieldValue for bool {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        value.as_bool().ok_or_else(|| InvalidField::wrong(path, value, kind.expected()))
    }
}

impl FieldValue for AlarmPrefix {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        let text = value.as_str().ok_or_else(|| InvalidField::wrong(path, value, kind.expected()))?;
        Self::parse(text).map_err(|expected| InvalidField::wrong(path, value, expected))
    }
}

impl FieldValue for Vec<TargetGroupRef> {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        list(path, value, &kind.expected(), MOST_TARGET_GROUPS, TargetGroupRef::parse)
    }
}

impl FieldValue for Alarms {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        if value == "none" {
            return Ok(Self::NONE);
        }
        list(path, value, &kind.expected(), MOST_ALARMS, |text| match text {
            // Somebody meant the word; as a name it would watch nothing and wait for ever. An alarm that is really
            // called so can be reached by prefix.
            "none" => Err("an alarm's name; \"none\" stands by itself, not in a list"),
            name => AlarmName::parse(name),
        })
        .map(Self::Named)
    }
}

/// A list of texts, each checked; said twice is said once.
pub(crate) fn list<T: PartialEq>(
    path: &str,
    value: &Value,
    expected: &str,
    most: usize,
    parse: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, InvalidField> {
    let items = value
        .as_array()
        .filter(|items| (1..=most).contains(&items.len()))
        .ok_or_else(|| InvalidField::wrong(path, value, expected))?;
    let mut read = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let refuse = |expected: &str| InvalidField::wrong(&format!("{path}[{index}]"), item, expected);
        let parsed = item.as_str().ok_or_else(|| refuse("a text")).and_then(|text| parse(text).map_err(refuse))?;
        if !read.contains(&parsed) {
            read.push(parsed);
        }
    }
    Ok(read)
}

fn choice<T: DeserializeOwned>(path: &str, value: &Value, kind: &Kind) -> Result<T, InvalidField> {
    T::deserialize(value).map_err(|_| InvalidField::wrong(path, value, kind.expected()))
}

impl FieldValue for InsufficientData {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        choice(path, value, kind)
    }
}

impl FieldValue for InAlarmAtStart {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        choice(path, value, kind)
    }
}

impl FieldValue for RetireBlue {
    fn read(path: &str, value: &Value, kind: &Kind) -> Result<Self, InvalidField> {
        choice(path, value, kind)
    }
}
