//! The nouns: what the alarms say, with the evidence.

use super::alarm::AlarmState;
use super::moment::Timestamp;
use super::names::AlarmName;
use serde::{Deserialize, Serialize};

/// The judgement on all of a release's alarms, from their states now, their history since the attach and the baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The judgement.
    pub state: VerdictState,
    /// What each alarm contributed.
    pub alarms: Vec<AlarmEvidence>,
}

impl Verdict {
    /// As the record keeps it: what decided, shortened. The whole is in the report of the look.
    pub fn brief(mut self) -> Self {
        /// Enough to see why; a release may watch a hundred alarms.
        const MOST: usize = 8;
        /// Enough of CloudWatch's sentence to know the datapoint.
        const LONGEST: usize = 300;
        self.alarms.sort_by_key(|evidence| match evidence.finding {
            Finding::InAlarm | Finding::WasInAlarm => 0,
            Finding::Unknown => 1,
            Finding::Ignored | Finding::NoData => 2,
            Finding::Ok => 3,
        });
        self.alarms.truncate(MOST);
        for evidence in &mut self.alarms {
            evidence.reason = evidence.reason.chars().take(LONGEST).collect();
        }
        self
    }
}

/// A judgement; three-valued, with "nothing to go by" apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictState {
    /// Each alarm was read, judges, and was never in ALARM since the evidence began.
    Healthy,
    /// An alarm is, or was since the evidence began, in ALARM.
    InAlarm,
    /// Something couldn't be read. Never promotes.
    Unknown,
    /// Every alarm is INSUFFICIENT_DATA as it was before the release. Promotes, and says so.
    NoEvidence,
}

/// What one alarm contributed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmEvidence {
    /// Which alarm.
    pub alarm: AlarmName,
    /// What was found.
    pub finding: Finding,
    /// Its state as read; absent if it wasn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<AlarmState>,
    /// CloudWatch's reason, or why it couldn't be judged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When it last moved, or was in ALARM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// One alarm's part in the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// OK, and not in ALARM since the evidence began.
    Ok,
    /// In ALARM now.
    InAlarm,
    /// In ALARM at some moment since the evidence began; it has recovered.
    WasInAlarm,
    /// In ALARM by the old episode that the policy ignores.
    Ignored,
    /// INSUFFICIENT_DATA as before: no evidence against.
    NoData,
    /// Couldn't be judged.
    Unknown,
}
