//! The nouns: where a release stands, and how it goes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a release stands. The order is that of a good release; `Rollback` is reached from any stage after `Prepare`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The gates are judged and the floors held; nothing has been attached.
    Prepare,
    /// Green is being attached and becomes healthy in every target group.
    Attach,
    /// Both fleets serve, the alarms are watched.
    Bake,
    /// Blue has been detached and drains.
    Detach,
    /// Blue is kept warm, the alarms are still watched.
    Watch,
    /// Blue comes back, then green goes.
    Rollback,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 6] =
        [Stage::Prepare, Stage::Attach, Stage::Bake, Stage::Detach, Stage::Watch, Stage::Rollback];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Prepare => "prepare",
            Stage::Attach => "attach",
            Stage::Bake => "bake",
            Stage::Detach => "detach",
            Stage::Watch => "watch",
            Stage::Rollback => "rollback",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a release goes, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for its turn behind another release of the application.
    Pending,
    /// It runs.
    InProgress,
    /// Green serves. An end.
    Successful,
    /// It never began to serve, or nothing in it ever became healthy. An end; what was found stands as it was.
    Rejected,
    /// It is on its way back.
    RollbackInProgress,
    /// Blue serves, green is out. An end.
    RollbackSuccessful,
    /// Running: a halt, a person is needed: both stay attached, or green is gone and blue can't be attached. Ended: blue
    /// was deleted and green stays if it's there, or green couldn't be detached and stays beside blue.
    RollbackFailed,
}

impl Status {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::InProgress => "in_progress",
            Status::Successful => "successful",
            Status::Rejected => "rejected",
            Status::RollbackInProgress => "rollback_in_progress",
            Status::RollbackSuccessful => "rollback_successful",
            Status::RollbackFailed => "rollback_failed",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
