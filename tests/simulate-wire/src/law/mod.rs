//! The nine laws, each a check with its name. They are judged when a case is over, by what the world was and what
//! arrived there, at every moment; the record is looked at only for the law that is about the record.

mod alarms;
mod capacity;
mod ends;
mod floors;
mod order;
mod record;
mod rights;
#[cfg(test)]
mod scene;

use crate::evidence::{Deed, Evidence};

/// What broke a law.
#[derive(Debug, PartialEq, Eq)]
pub struct Offence {
    /// In words.
    pub what: String,
    /// The last call on the wire that has to do with it; `None`: it showed at the end.
    pub call: Option<usize>,
}

impl Offence {
    /// By a deed.
    fn by(deed: &Deed, what: String) -> Self {
        Self { what, call: Some(deed.number) }
    }
}

impl From<String> for Offence {
    fn from(what: String) -> Self {
        Self { what, call: None }
    }
}

/// A law.
pub struct Law {
    /// Its name.
    pub name: &'static str,
    /// What broke it, if something did.
    pub holds: fn(&Evidence) -> Result<(), Offence>,
    /// Whether it could have been broken: what it guards against was really there.
    pub at_stake: fn(&Evidence) -> bool,
}

/// All of them, the gravest first.
pub const LAWS: [Law; 9] = [
    Law { name: "never-empty", holds: capacity::never_empty, at_stake: capacity::at_stake },
    Law { name: "alarm-wins", holds: alarms::alarm_wins, at_stake: alarms::alarm_at_stake },
    Law { name: "unknown-never-promotes", holds: alarms::unknown_never_promotes, at_stake: alarms::unknown_at_stake },
    Law { name: "one-release", holds: order::one_release, at_stake: order::one_at_stake },
    Law { name: "again-is-nothing", holds: order::again_is_nothing, at_stake: order::again_at_stake },
    Law { name: "as-found", holds: floors::as_found, at_stake: floors::at_stake },
    Law { name: "mine-only", holds: rights::mine_only, at_stake: rights::at_stake },
    Law { name: "always-ends", holds: ends::always_ends, at_stake: ends::at_stake },
    Law { name: "nothing-lost", holds: record::nothing_lost, at_stake: record::at_stake },
];

/// Every law that was broken, with how.
pub fn judge(evidence: &Evidence) -> Vec<(&'static str, Offence)> {
    LAWS.iter().filter_map(|law| Some((law.name, (law.holds)(evidence).err()?))).collect()
}
