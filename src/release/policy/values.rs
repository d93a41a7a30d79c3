//! The nouns: the policy's values that are more than a number or a switch.

use crate::release::{AlarmName, TargetGroupArn};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A target group as a person names it: its name (1 to 32 letters, digits and hyphens, ELB's rule) or its ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TargetGroupRef {
    /// By name: unique in the account and Region.
    Name(String),
    /// By ARN.
    Arn(TargetGroupArn),
}

impl TargetGroupRef {
    /// What is accepted, as the end of a sentence.
    pub const EXPECTED: &str =
        "a target group's name (1 to 32 letters, digits and hyphens) or its ARN (arn:…:targetgroup/…)";

    /// Checks a text.
    ///
    /// # Errors
    /// What was expected; permanent.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let letters = || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if let Ok(arn) = TargetGroupArn::parse(text) {
            Ok(Self::Arn(arn))
        } else if (1..=32).contains(&text.len()) && letters() && !text.starts_with('-') && !text.ends_with('-') {
            Ok(Self::Name(text.to_owned()))
        } else {
            Err(Self::EXPECTED)
        }
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Arn(arn) => arn.as_str(),
        }
    }
}

impl fmt::Display for TargetGroupRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for TargetGroupRef {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<TargetGroupRef> for String {
    fn from(group: TargetGroupRef) -> String {
        match group {
            TargetGroupRef::Name(name) => name,
            TargetGroupRef::Arn(arn) => arn.into(),
        }
    }
}

/// Which alarms are watched by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Alarms {
    /// These, of whichever type; at least one.
    Named(Vec<AlarmName>),
    /// `"none"`: a person said outright that nothing is watched.
    None(NoAlarms),
}

/// The word `"none"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoAlarms {
    /// Written as `none`.
    #[serde(rename = "none")]
    None,
}

impl Alarms {
    /// `"none"`.
    pub const NONE: Self = Self::None(NoAlarms::None);

    /// The names; none for [`Alarms::NONE`].
    pub fn names(&self) -> &[AlarmName] {
        match self {
            Self::Named(names) => names,
            Self::None(_) => &[],
        }
    }
}

/// How the names of alarms begin that are to be watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlarmPrefix(AlarmName);

impl AlarmPrefix {
    /// Checks a text: a beginning of a name obeys the rules of names.
    ///
    /// # Errors
    /// What was expected; permanent.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        AlarmName::parse(text)
            .map(Self)
            .map_err(|_| "how alarm names begin: 1 to 255 characters, none of them a control character")
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for AlarmPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an alarm without data means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsufficientData {
    /// Nothing, where it had none either before the release: silence as usual. Of an alarm that had data: unknown.
    #[default]
    Baseline,
    /// Always unknown: such an alarm holds the promotion.
    Unknown,
}

/// What is done about an alarm that is in ALARM before anything was attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InAlarmAtStart {
    /// Wait until it is OK, up to the prepare timeout.
    #[default]
    Hold,
    /// End the release as `rejected` at once.
    Reject,
    /// Go on: that episode doesn't count, a new one does.
    Ignore,
}

/// What becomes of blue at the very end, if it is attached nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetireBlue {
    /// It stays as it is.
    #[default]
    Keep,
    /// MinSize and desired capacity become 0; the sizes are on record for a later rollback.
    ScaleToZero,
}
