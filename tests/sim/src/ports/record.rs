//! The record in memory: what `aws::ledger` keeps in DynamoDB, with the same semantics.

use super::faults::{LedgerFault, LedgerFaults, LedgerOperation};
use crate::api::Millis;
use cutover::record::{Lease, LedgerError, Past, Save};
use cutover::release::{Application, ApplicationName, Entry, FleetArn, Release, ReleaseId, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::io;

/// The largest application item, as `aws::ledger` has it.
const LARGEST: usize = 32 * 1024;
/// The most items that one DynamoDB transaction may hold.
const MOST_ITEMS: usize = 100;

/// Everything on record, to look at from outside of any invocation.
#[derive(Debug)]
pub struct Record {
    /// What goes wrong.
    pub faults: LedgerFaults,
    items: BTreeMap<ApplicationName, Item>,
    tokens: BTreeMap<String, ReleaseId>,
    pasts: BTreeMap<FleetArn, Past>,
    saves: u64,
    index_lag: Millis,
    rng: fastrand::Rng,
}

#[derive(Debug, Default)]
struct Item {
    application: Option<Application>,
    lease: Option<(String, Timestamp)>,
    entries: BTreeMap<u64, Entry>,
    releases: BTreeMap<u64, Release>,
    /// What the index shows, and what it will, each with its moment.
    indexed: Option<Application>,
    indexing: VecDeque<(Millis, Option<Application>)>,
}

impl Record {
    pub(super) fn new(seed: u64, index_lag: Millis) -> Self {
        Self {
            faults: LedgerFaults::default(),
            items: BTreeMap::new(),
            tokens: BTreeMap::new(),
            pasts: BTreeMap::new(),
            saves: 0,
            index_lag,
            // Apart from the timeline's numbers, so that a fault doesn't change who goes first.
            rng: fastrand::Rng::with_seed(seed ^ 0x7265_636f_7264),
        }
    }

    /// How many saves took effect.
    pub fn saves(&self) -> u64 {
        self.saves
    }

    /// An application's item.
    pub fn application(&self, name: &ApplicationName) -> Option<&Application> {
        self.items.get(name)?.application.as_ref()
    }

    /// Every application.
    pub fn applications(&self) -> impl Iterator<Item = &Application> {
        self.items.values().filter_map(|item| item.application.as_ref())
    }

    /// Who holds an application's lease, and until when; it may be over.
    pub fn lease(&self, name: &ApplicationName) -> Option<(&str, Timestamp)> {
        self.items.get(name)?.lease.as_ref().map(|(owner, until)| (owner.as_str(), *until))
    }

    /// A release by its id: as it runs, else as it was kept.
    pub fn release(&self, id: &ReleaseId) -> Option<&Release> {
        let item = self.items.get(id.application())?;
        let running = item.application.as_ref().and_then(|application| application.running.as_ref());
        running.filter(|running| running.id == *id).or_else(|| item.releases.get(&id.number()))
    }

    /// One entry of an application.
    pub fn entry(&self, name: &ApplicationName, sequence: u64) -> Option<&Entry> {
        self.items.get(name)?.entries.get(&sequence)
    }

    /// Every entry of an application, in order.
    pub fn entries(&self, name: &ApplicationName) -> impl DoubleEndedIterator<Item = &Entry> {
        self.items.get(name).into_iter().flat_map(|item| item.entries.values())
    }

    /// The release that a token began.
    pub fn token(&self, token: &str) -> Option<&ReleaseId> {
        self.tokens.get(token)
    }

    /// What is known of a fleet.
    pub fn past(&self, fleet: &FleetArn) -> Option<&Past> {
        self.pasts.get(fleet)
    }

    /// What goes wrong with a call now.
    pub(super) fn fault(&mut self, operation: LedgerOperation, now: Millis) -> Option<LedgerFault> {
        self.faults.decide(operation, now, &mut self.rng)
    }

    /// What the index shows now: every application that was in flight when it was last brought up to date.
    pub(super) fn in_flight(&mut self, now: Millis) -> Vec<Application> {
        let mut found = Vec::new();
        for item in self.items.values_mut() {
            while item.indexing.front().is_some_and(|(at, _)| *at <= now) {
                item.indexed = item.indexing.pop_front().and_then(|(_, shown)| shown);
            }
            found.extend(item.indexed.clone());
        }
        found
    }

    pub(super) fn take(&mut self, name: &ApplicationName, lease: &Lease) -> Result<Application, LedgerError> {
        let item = self.items.entry(name.clone()).or_default();
        if let Some((owner, until)) = &item.lease
            && *owner != lease.owner
            && *until >= lease.asked_at
        {
            return Err(LedgerError::Held { application: name.clone(), until: *until });
        }
        item.lease = Some((lease.owner.clone(), lease.ends_at()));
        Ok(item.application.clone().unwrap_or_else(|| Application::new(name.clone())))
    }

    pub(super) fn give_back(&mut self, name: &ApplicationName, lease: &Lease) {
        if let Some(item) = self.items.get_mut(name)
            && holds(item, lease)
        {
            item.lease = None;
        }
    }

    /// All of it or nothing.
    pub(super) fn save(&mut self, lease: &Lease, save: &Save<'_>, now: Millis) -> Result<(), LedgerError> {
        let name = &save.application.name;
        let (pasts, tokens) = (save.pasts(), save.tokens());
        let count = 2 + save.entries.len() + save.releases.len() + pasts.len() + tokens.len();
        if count > MOST_ITEMS {
            return Err(LedgerError::Unavailable(format!("a save of {count} items for {name}: {MOST_ITEMS} at most")));
        }
        let size = json_size(save.application);
        if size > LARGEST {
            return Err(LedgerError::Unavailable(format!("the item of {name} has {size} bytes: {LARGEST} at most")));
        }
        for (token, id) in &tokens {
            if self.tokens.get(*token).is_some_and(|began| began != *id) {
                return Err(LedgerError::Unavailable(format!("the token {token:?} began another release already")));
            }
        }
        let Some(item) = self.items.get_mut(name).filter(|item| holds(item, lease)) else {
            return Err(LedgerError::Stale(name.clone()));
        };
        item.application = Some(save.application.clone());
        let shown = save.application.in_flight().then(|| save.application.clone());
        let lag = if self.index_lag > 0 { self.rng.i64(0..=self.index_lag) } else { 0 };
        // The index takes changes in their order: none is seen before the one that was made before it.
        let after = item.indexing.back().map_or(now, |(at, _)| *at);
        if self.index_lag > 0 {
            item.indexing.push_back(((now + lag).max(after), shown));
        } else {
            item.indexed = shown;
        }
        item.entries.extend(save.entries.iter().map(|entry| (entry.sequence, entry.clone())));
        item.releases.extend(save.releases.iter().map(|release| (release.id.number(), release.clone())));
        if save.give_back {
            item.lease = None;
        }
        self.pasts.extend(pasts.into_iter().map(|(fleet, past)| (fleet.clone(), past)));
        self.tokens.extend(tokens.into_iter().map(|(token, id)| (token.to_owned(), id.clone())));
        self.saves += 1;
        Ok(())
    }
}

/// Whether it's still this very lease: its holder's, taken then.
fn holds(item: &Item, lease: &Lease) -> bool {
    item.lease.as_ref().is_some_and(|(owner, until)| *owner == lease.owner && *until == lease.ends_at())
}

/// The length of a value's JSON, without making it.
fn json_size(value: &impl serde::Serialize) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Nothing in an application's item can't be written as JSON; if there ever is, it counts as too large.
    serde_json::to_writer(&mut count, value).map_or(usize::MAX, |()| count.0)
}
