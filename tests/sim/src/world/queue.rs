//! What will happen and when: an ordered queue, first in first out within one millisecond.

use std::collections::BTreeMap;

use super::hand::Hand;
use super::target::Condition;
use crate::api::Millis;

/// One thing that falls due.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// An instance is up.
    Launched { fleet: String, instance: String },
    /// A launch came to nothing.
    LaunchFailed { fleet: String },
    /// A fleet tries again to reach its desired capacity.
    Reconcile { fleet: String },
    /// The fleet has noticed an unhealthy instance.
    Replace { fleet: String, instance: String },
    /// An instance is gone.
    Ended { fleet: String, instance: String },
    /// A target's health changes, unless it has turned otherwise since.
    Target { group: String, instance: String, turn: u64, to: Condition },
    /// A target's deregistration delay is over.
    Drained { group: String, instance: String, turn: u64 },
    /// An attachment may have come further.
    Attachment { fleet: String, group: String },
    /// An instance refresh replaces one, or ends.
    RefreshStep { fleet: String, id: String },
    /// An alarm is evaluated; `made` tells it from an earlier alarm of the same name.
    Evaluate { alarm: String, made: u64 },
    /// Error rates change with time.
    Reflow,
    /// The schedule knocks.
    Minute,
    /// What a scenario planned.
    Hand(Box<Hand>),
}

/// The queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    due: BTreeMap<(Millis, u64), Due>,
    pushed: u64,
}

impl Queue {
    pub(crate) fn push(&mut self, at: Millis, due: Due) {
        self.pushed += 1;
        self.due.insert((at, self.pushed), due);
    }

    pub(crate) fn pop_until(&mut self, to: Millis) -> Option<(Millis, Due)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= to)?;
        let ((at, _), due) = entry.remove_entry();
        Some((at, due))
    }

    pub(crate) fn next(&self) -> Option<Millis> {
        self.due.keys().next().map(|(at, _)| *at)
    }
}
