//! What a write rests on: the readings of its invocation, since it took the lease.

use crate::play::Going;
use crate::watch::{Read, Watch, What, Write};
use simulated_aws::api::Millis;

/// What an invocation's look showed before a write: only what it read under its lease counts.
pub(super) struct Look<'a> {
    reads: Vec<&'a Read>,
    /// When the fleet was read last, with an answer.
    pub since: Option<Millis>,
    /// When it was read first: a sweep's turns read side by side, and whose reading which was can't be told.
    pub first: Option<Millis>,
    /// By how much they may be stale.
    pub stale: Millis,
}

impl<'a> Look<'a> {
    pub fn of(write: &Write, watch: &'a Watch, by: Option<&Going>) -> Self {
        let leased = by.and_then(|going| {
            let calls = going.ports.calls();
            calls.iter().find(|called| called.operation == "UpdateItem").map(|called| called.sent_at.millis())
        });
        let all = watch.reads.get(&write.by).map(Vec::as_slice).unwrap_or_default();
        let since = leased.unwrap_or(Millis::MIN);
        let reads: Vec<&Read> = all.iter().filter(|read| read.at > since && read.at <= write.at).collect();
        let fleet = write.call.subjects().first().map(|name| (*name).to_owned()).unwrap_or_default();
        let of_fleet =
            |read: &&&Read| matches!(&read.what, What::Fleets(names) if names.is_empty() || names.contains(&fleet));
        let first = reads.iter().find(of_fleet).map(|read| read.at);
        let since = reads.iter().rev().filter(|read| read.ok).find(of_fleet).map(|read| read.at);
        Self { reads, since, first, stale: watch.world.settings.max_stale }
    }

    /// Whether a fleet, and what it's attached to, was read with an answer.
    pub fn shows(&self, fleet: &str) -> bool {
        let names = |what: &What| matches!(what, What::Fleets(names) if names.is_empty() || names.iter().any(|name| name == fleet));
        self.last(names).is_some() && self.last(|what| *what == What::Sources(fleet.to_owned())).is_some()
    }

    /// When something was read last, with an answer. A sweep's turns read side by side: another's failure isn't ours.
    pub fn last(&self, of: impl Fn(&What) -> bool) -> Option<Millis> {
        self.reads.iter().rev().find(|read| read.ok && of(&read.what)).map(|read| read.at)
    }
}
