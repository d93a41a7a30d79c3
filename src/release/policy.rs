//! The nouns: the policy, how a release is judged and how long it may wait.
//!
//! Every field stands once, in the table below, with its range, its default and its meaning; commands, tags,
//! `CUTOVER_DEFAULTS`, refusals, suggestions and the documentation all read that table. Strongest first: the command,
//! the tags of green, the function's defaults, the table's. The policy is recorded when a release starts and does not
//! change under it.

mod field;
mod tags;
mod values;

pub use field::{Field, Kind, MOST_ALARMS, MOST_TARGET_GROUPS, Source, TAG_PREFIX};
pub(crate) use field::{list, whole};
pub use tags::is_cutover_tag;
pub use values::{AlarmPrefix, Alarms, InAlarmAtStart, InsufficientData, NoAlarms, RetireBlue, TargetGroupRef};

use crate::error::InvalidField;
use crate::release::AlarmName;
use field::FieldValue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Two hours: the longest that one wait of a release may take.
const TIMEOUT: Kind = Kind::Seconds { min: 1, max: 7_200 };
/// A day, for bake and window each; together they may not last longer either.
const A_DAY: u32 = 86_400;
const EVIDENCE: Kind = Kind::Seconds { min: 0, max: A_DAY };

/// Declares the table: per field its type as given and as resolved, what it takes, and its default.
macro_rules! policy {
    ($($(#[doc = $doc:literal])+ $name:ident: $given:ty => $resolved:ty, $kind:expr, $default:expr;)+) => {
        /// The table: every field of the policy, in the order of the documentation.
        pub const FIELDS: &[Field] =
            &[$(Field { name: stringify!($name), kind: $kind, doc: concat!($($doc),+).trim_ascii() }),+];

        /// The fields that one source said; what it didn't say is `None`.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct PolicyFields {
            $(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $name: Option<$given>,
            )+
        }

        /// What a release was told: every field has a value. On the record, a field that an older version didn't know
        /// reads as its default, and one that only a newer version knows is passed over.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Policy {
            $(
                $(#[doc = $doc])+
                pub $name: $resolved,
            )+
            /// Where the values came from that somebody said, by field; see [`Policy::source`].
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub sources: BTreeMap<String, Source>,
        }

        impl Default for Policy {
            fn default() -> Self {
                Self { $($name: $default,)+ sources: BTreeMap::new() }
            }
        }

        impl PolicyFields {
            /// Takes in one field's value; `path` is how a refusal calls the field.
            ///
            /// # Errors
            /// The value isn't what the field takes. Permanent.
            pub fn read(&mut self, field: &Field, path: &str, value: &Value) -> Result<(), InvalidField> {
                match field.name {
                    $(stringify!($name) => self.$name = Some(<$given as FieldValue>::read(path, value, &$kind)?),)+
                    // A `Field` only comes from the table.
                    _ => return Err(InvalidField::unknown(path, "field of the policy", &names())),
                }
                Ok(())
            }
        }

        impl Policy {
            /// Takes over what one source said and a stronger one will perhaps say again.
            fn overlay(&mut self, fields: &PolicyFields, source: Source) {
                $(if let Some(value) = &fields.$name {
                    self.$name = value.clone().into();
                    self.sources.insert(stringify!($name).to_owned(), source);
                })+
            }
        }
    };
}

policy! {
    /// names or ARNs of the target groups; needed when there is no blue (default: blue's)
    target_groups: Vec<TargetGroupRef> => Option<Vec<TargetGroupRef>>, Kind::TargetGroups, None;
    /// names of the alarms that are watched; with a blue required, here or by prefix, unless "none" is said outright
    alarms: Alarms => Option<Alarms>, Kind::Alarms, None;
    /// every alarm whose name begins so is watched too, at least one; resolved when the release starts
    alarm_prefix: AlarmPrefix => Option<AlarmPrefix>, Kind::Prefix, None;
    /// how long both fleets serve while the alarms are watched
    bake_time_seconds: u32 => u32, EVIDENCE, 300;
    /// lengthen the bake to the time that the slowest alarm needs to detect
    extend_bake: bool => bool, Kind::Switch, true;
    /// how much of blue's healthy capacity green must have in every target group before blue goes
    healthy_percent: u32 => u32, Kind::Percent, 100;
    /// raise green to what is required; false: less is a rejection
    match_capacity: bool => bool, Kind::Switch, true;
    /// until green's instances are InService and the gates are open
    prepare_timeout_seconds: u32 => u32, TIMEOUT, 1800;
    /// until green is healthy everywhere; later, how long in all it may be below the required
    attach_timeout_seconds: u32 => u32, TIMEOUT, 900;
    /// how long in all a promotion may be held by what can't be read
    unknown_timeout_seconds: u32 => u32, TIMEOUT, 900;
    /// how much of the required blue must have healthy in every target group before green is taken out
    rollback_healthy_percent: u32 => u32, Kind::Percent, 50;
    /// until blue is healthy in a rollback, else halt
    rollback_timeout_seconds: u32 => u32, TIMEOUT, 900;
    /// how long blue stays warm and the alarms stay watched after it is drained
    rollback_window_seconds: u32 => u32, EVIDENCE, 900;
    /// how long after a write to a fleet a reading of it counts; below 10 AWS's reads may still be stale
    settle_seconds: u32 => u32, Kind::Seconds { min: 1, max: 300 }, 30;
    /// what an alarm without data means
    insufficient_data: InsufficientData => InsufficientData, Kind::Choice(&["baseline", "unknown"]),
        InsufficientData::Baseline;
    /// what is done about an alarm that is in ALARM before anything was attached
    in_alarm_at_start: InAlarmAtStart => InAlarmAtStart, Kind::Choice(&["hold", "reject", "ignore"]),
        InAlarmAtStart::Hold;
    /// what becomes of blue at the very end, if it is attached nowhere
    retire_blue: RetireBlue => RetireBlue, Kind::Choice(&["keep", "scale_to_zero"]), RetireBlue::Keep;
    /// the most that next_check_seconds says while something is awaited
    check_interval_seconds: u32 => u32, Kind::Seconds { min: 1, max: 60 }, 15;
}

/// The names of all fields.
pub fn names() -> Vec<&'static str> {
    FIELDS.iter().map(|field| field.name).collect()
}

impl Field {
    /// The field of this name.
    pub fn named(name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// The field that this is the tag of.
    pub fn tagged(tag: &str) -> Option<&'static Field> {
        let words = tag.strip_prefix(TAG_PREFIX).filter(|words| !words.contains('_'))?;
        Field::named(&words.replace('-', "_"))
    }

    /// Its default as JSON; `null` where the table has none.
    pub fn default_value(&self) -> Value {
        Policy::default().value(self.name)
    }
}

impl PolicyFields {
    /// Reads the function's `CUTOVER_DEFAULTS`: a JSON object of policy fields, or nothing at all.
    ///
    /// # Errors
    /// It is no JSON object, or has a field that is unknown or has a value that isn't accepted. Permanent until the
    /// function's configuration is changed.
    pub fn from_defaults(text: &str) -> Result<Self, InvalidField> {
        const PLACE: &str = "CUTOVER_DEFAULTS";
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let expected = "a JSON object of policy fields, such as {\"bake_time_seconds\": 600}";
        let said: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| InvalidField::wrong_text(PLACE, text, expected))?;
        let mut fields = Self::default();
        for (name, value) in &said {
            let field = Field::named(name)
                .ok_or_else(|| InvalidField::unknown(name, &format!("field of {PLACE}"), &names()))?;
            fields.read(field, &Source::Defaults.path(field), value)?;
        }
        Ok(fields)
    }
}

impl Policy {
    /// Gives every field its value from the strongest source that said one.
    ///
    /// `"alarms": "none"` and an alarm prefix exclude each other: the stronger source's word holds.
    ///
    /// # Errors
    /// The values don't go together: bake and window above a day, or both `none` and a prefix from one source.
    /// Permanent.
    pub fn resolve(command: &PolicyFields, tags: &PolicyFields, defaults: &PolicyFields) -> Result<Self, InvalidField> {
        let mut policy = Self::default();
        policy.overlay(defaults, Source::Defaults);
        policy.overlay(tags, Source::Tag);
        policy.overlay(command, Source::Command);
        policy.settle_alarms()?;
        policy.check_day()?;
        Ok(policy)
    }

    /// Where the value of a field came from.
    pub fn source(&self, field: &str) -> Source {
        self.sources.get(field).copied().unwrap_or_default()
    }

    /// A field's value as JSON, for `plan`, `status` and the documentation; `null` if nobody said one and there is no
    /// default.
    pub fn value(&self, field: &str) -> Value {
        serde_json::to_value(self).ok().and_then(|mut all| all.get_mut(field).map(Value::take)).unwrap_or_default()
    }

    /// The alarms named one by one.
    pub fn alarm_names(&self) -> &[AlarmName] {
        self.alarms.as_ref().map_or(&[], Alarms::names)
    }

    /// A person said outright that no alarm is watched.
    pub fn watches_none(&self) -> bool {
        self.alarms == Some(Alarms::NONE)
    }

    /// Some alarm was named, by name or by prefix.
    pub fn watches_some(&self) -> bool {
        !self.alarm_names().is_empty() || self.alarm_prefix.is_some()
    }

    /// `none` beside a prefix: the stronger word holds; in one breath they contradict each other.
    fn settle_alarms(&mut self) -> Result<(), InvalidField> {
        if !self.watches_none() || self.alarm_prefix.is_none() {
            return Ok(());
        }
        let (none, prefix) = (self.source("alarms"), self.source("alarm_prefix"));
        if none > prefix {
            self.alarm_prefix = None;
            self.sources.remove("alarm_prefix");
        } else if prefix > none {
            self.alarms = None;
            self.sources.remove("alarms");
        } else {
            let path = |name| Field::named(name).map_or_else(|| name.to_owned(), |field| none.path(field));
            let expected = format!("alarm names, or no \"{}\" beside it", path("alarm_prefix"));
            return Err(InvalidField::wrong_text(&path("alarms"), "none", expected));
        }
        Ok(())
    }

    /// Bake and window together last a day at most: a release always ends.
    fn check_day(&self) -> Result<(), InvalidField> {
        const BAKE: &str = "bake_time_seconds";
        const WINDOW: &str = "rollback_window_seconds";
        let (bake, window) = (self.bake_time_seconds, self.rollback_window_seconds);
        if bake.saturating_add(window) <= A_DAY {
            return Ok(());
        }
        // The stronger source spoke last: it is the one to mend.
        let bake_spoke = self.source(BAKE) >= self.source(WINDOW);
        let (name, value, other, rest) =
            if bake_spoke { (BAKE, bake, WINDOW, window) } else { (WINDOW, window, BAKE, bake) };
        let path = Field::named(name).map_or_else(|| name.to_owned(), |field| self.source(name).path(field));
        let expected = format!("at most {A_DAY} seconds together with \"{other}\", which is {rest}");
        Err(InvalidField::wrong(&path, &Value::from(value), expected))
    }
}

#[cfg(test)]
mod tests;
