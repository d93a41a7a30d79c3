//! The nouns: an alarm as CloudWatch describes it, and its past.

use super::moment::{Span, Timestamp};
use super::names::AlarmName;
use serde::{Deserialize, Serialize};

/// How far back an alarm's habits are read: a day has every hour's traffic once.
pub const HABITS: Span = Span::seconds(86_400);

/// How deep composite alarms are followed to their slowest child; nobody reads deeper rules.
pub const DEEPEST_RULE: usize = 5;

/// An alarm's state, in CloudWatch's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Within its threshold.
    Ok,
    /// Beyond its threshold.
    Alarm,
    /// Not enough data to tell.
    InsufficientData,
    /// A word that this version doesn't know.
    Unknown,
}

/// An alarm, as one DescribeAlarms saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: AlarmName,
    /// Its state now.
    pub state: AlarmState,
    /// When the state's value last changed (`StateTransitionedTimestamp`); `None` if AWS doesn't say.
    pub transitioned_at: Option<Timestamp>,
    /// Why, in CloudWatch's sentence.
    pub reason: String,
    /// It isn't judging fully: `EvaluationState` is PARTIAL_DATA, EVALUATION_ERROR or EVALUATION_FAILURE; which.
    pub impaired: Option<String>,
    /// How it judges.
    pub kind: AlarmKind,
}

/// What an alarm rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmKind {
    /// A metric or a metric-maths expression.
    Metric {
        /// Seconds of one datapoint; of a maths expression the longest period in it.
        period_seconds: u32,
        /// How many breaching datapoints make an ALARM.
        datapoints: u32,
    },
    /// Other alarms, by a rule.
    Composite {
        /// The alarms that the rule names.
        children: Vec<AlarmName>,
    },
    /// A log alarm or a later kind: its time to detect isn't known.
    Other,
}

/// One change of an alarm's state, from its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmMove {
    /// When.
    pub at: Timestamp,
    /// Out of which state.
    pub from: AlarmState,
    /// Into which state.
    pub to: AlarmState,
    /// The alarm's first judgement after its creation: leaving INSUFFICIENT_DATA so says nothing about its habits.
    pub first: bool,
    /// Why, in CloudWatch's sentence; may be empty.
    pub reason: String,
}
