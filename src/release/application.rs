//! The nouns: what the record keeps of an application, and of each thing that happened to it.

use super::moment::Timestamp;
use super::names::{ApplicationName, FleetArn, FleetName, ReleaseId};
use super::running::{Origin, Release};
use super::stage::{Stage, Status};
use super::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One application's small, hot item: what runs, what waits, what is still to be announced. At most 32 KB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Its name.
    pub name: ApplicationName,
    /// The release that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<Release>,
    /// Releases that wait for their turn, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queue: Vec<Pending>,
    /// The release that had its turn last and has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<ReleaseId>,
    /// The newest release that has ended other than `rejected`: what `rollback` goes back from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_served: Option<ReleaseId>,
    /// The number of its last release.
    #[serde(default)]
    pub numbered: u64,
    /// The sequence number of its last entry.
    #[serde(default)]
    pub sequence: u64,
    /// Entries not yet accepted by the event bus, by sequence number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub announcing: Vec<u64>,
}

/// A release that waits for its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its id.
    pub id: ReleaseId,
    /// The new fleet.
    pub green: FleetName,
    /// Its ARN.
    pub arn: FleetArn,
    /// When the fleet was created: the youngest has its turn.
    pub created_at: Timestamp,
    /// When it was asked for; 24 hours later it's rejected.
    pub asked_at: Timestamp,
    /// Its `cutover:` tags then: if it's rejected, it qualifies again only once they changed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Who asked.
    pub origin: Origin,
}

/// One thing that happened to a release, for ever on the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts up within the application: consumers order by it and drop doubles.
    pub sequence: u64,
    /// Whose.
    pub release: ReleaseId,
    /// When.
    pub at: Timestamp,
    /// The stage it led to.
    pub stage: Stage,
    /// The status it led to.
    pub status: Status,
    /// What happened, as a sentence.
    pub message: String,
    /// What was intended with it, each as a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// The verdict that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// A change of stage or status, or an end: announced; else only on record.
    pub announced: bool,
    /// The announcement's detail: the report as it was then. Empty if it's not announced.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub report: serde_json::Value,
}

/// What is known of a fleet that was part of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The last release that named it.
    pub release: ReleaseId,
    /// Its `cutover:` tags as they were when that release was `rejected`; `None` if it wasn't: then this fleet starts
    /// none again.
    pub rejected_with: Option<BTreeMap<String, String>>,
}

impl Application {
    /// An application of which nothing is on record.
    pub fn new(name: ApplicationName) -> Self {
        Self {
            name,
            running: None,
            queue: Vec::new(),
            last: None,
            last_served: None,
            numbered: 0,
            sequence: 0,
            announcing: Vec::new(),
        }
    }

    /// Whether the sweep has to look at it.
    pub fn in_flight(&self) -> bool {
        self.running.is_some() || !self.queue.is_empty() || !self.announcing.is_empty()
    }

    /// Whose turn is next: the youngest that waits, of two as young the one that was asked for last.
    pub fn next_pending(&self) -> Option<&Pending> {
        self.queue.iter().max_by_key(|pending| (pending.created_at, pending.asked_at))
    }

    /// The id of its next release.
    pub fn next_id(&mut self) -> ReleaseId {
        self.numbered += 1;
        ReleaseId::new(self.name.clone(), self.numbered)
    }
}
