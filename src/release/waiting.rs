//! The nouns: why nothing happens.

use super::moment::Timestamp;
use serde::{Deserialize, Serialize};

/// What a release waits for, with the figures that matter. Every wait but a halt's has a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WaitingOn {
    /// Another release of the application runs. At the deadline the pending one is rejected.
    Turn {
        /// Its id.
        behind: String,
        /// 24 hours after it was asked for.
        deadline: Timestamp,
    },
    /// A gate is closed or can't be read. At the deadline the release is rejected (before the attach) or rolled back.
    Gate {
        /// The gate's name.
        gate: String,
        /// What closes it, for a person.
        detail: String,
        /// When it's given up.
        deadline: Timestamp,
    },
    /// Green hasn't the required instances InService yet.
    Capacity {
        /// InService now.
        in_service: u32,
        /// Needed.
        required: u32,
        /// When it's given up.
        deadline: Timestamp,
    },
    /// Cutover wrote to a fleet a moment ago; AWS's readings may be stale until then.
    Settle {
        /// Which fleet.
        fleet: String,
        /// From when on a reading counts.
        deadline: Timestamp,
    },
    /// Targets of green aren't healthy yet, or not enough any more.
    TargetHealth {
        /// The target group with the fewest healthy.
        target_group: String,
        /// Healthy there.
        healthy: u32,
        /// Needed there.
        required: u32,
        /// When it's given up.
        deadline: Timestamp,
    },
    /// Both fleets serve until the bake is over.
    BakeTime {
        /// Seconds baked.
        elapsed_seconds: u32,
        /// Seconds to bake.
        bake_time_seconds: u32,
        /// When it will be over if green stays healthy, or when a pause ends.
        deadline: Timestamp,
    },
    /// The promotion is held by what can't be read.
    Evidence {
        /// What couldn't be read, and why.
        unknown: String,
        /// When it's rolled back (in `watch`: ended with a warning).
        deadline: Timestamp,
    },
    /// A detached fleet finishes its requests.
    Draining {
        /// Which fleet.
        fleet: String,
        /// Targets still draining.
        draining: u32,
        /// When the release goes on with a warning.
        deadline: Timestamp,
    },
    /// Blue is kept warm.
    RollbackWindow {
        /// When the window ends.
        deadline: Timestamp,
    },
    /// Blue must be healthy before green is taken out.
    BlueHealth {
        /// The target group with the fewest healthy.
        target_group: String,
        /// Healthy there.
        healthy: u32,
        /// Needed there.
        required: u32,
        /// When it halts.
        deadline: Timestamp,
    },
    /// A halt: a person has to decide. No deadline.
    Person {
        /// Since when.
        since: Timestamp,
        /// What can be done, as a sentence.
        choices: String,
    },
}

impl WaitingOn {
    /// The word in reports.
    pub fn kind(&self) -> &'static str {
        match self {
            WaitingOn::Turn { .. } => "turn",
            WaitingOn::Gate { .. } => "gate",
            WaitingOn::Capacity { .. } => "capacity",
            WaitingOn::Settle { .. } => "settle",
            WaitingOn::TargetHealth { .. } => "target_health",
            WaitingOn::BakeTime { .. } => "bake_time",
            WaitingOn::Evidence { .. } => "evidence",
            WaitingOn::Draining { .. } => "draining",
            WaitingOn::RollbackWindow { .. } => "rollback_window",
            WaitingOn::BlueHealth { .. } => "blue_health",
            WaitingOn::Person { .. } => "person",
        }
    }

    /// When the wait ends at the latest; `None` for a halt.
    pub fn deadline(&self) -> Option<Timestamp> {
        match self {
            WaitingOn::Turn { deadline, .. }
            | WaitingOn::Gate { deadline, .. }
            | WaitingOn::Capacity { deadline, .. }
            | WaitingOn::Settle { deadline, .. }
            | WaitingOn::TargetHealth { deadline, .. }
            | WaitingOn::BakeTime { deadline, .. }
            | WaitingOn::Evidence { deadline, .. }
            | WaitingOn::Draining { deadline, .. }
            | WaitingOn::RollbackWindow { deadline }
            | WaitingOn::BlueHealth { deadline, .. } => Some(*deadline),
            WaitingOn::Person { .. } => None,
        }
    }
}
