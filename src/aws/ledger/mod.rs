//! DynamoDB: the record and the lease.
//!
//! One table; `application` is its partition key, `item` its sort key (`keys`):
//!
//! | application | item | what |
//! |---|---|---|
//! | `app#NAME` | `head` | the application as JSON (`body`), its lease, its `revision`; `in_flight` while it is |
//! | `app#NAME` | `entry#SEQUENCE` | one entry |
//! | `app#NAME` | `release#NUMBER` | one release, as it was kept last |
//! | `fleet#ARN` | `past` | the last release that named this fleet |
//! | `token#TOKEN` | `release` | the release that this client token began |
//! | `applications` | NAME | there is such an application |
//!
//! The index `in_flight` holds the heads that are in flight and nothing else. Nothing expires: the record is for ever.
//!
//! **Invariant:** a head changes only under its lease and from the very revision that its holder saw, so neither a
//! stale holder nor a request that arrives late can put the past back.

mod items;
mod keys;
mod lease;
mod queries;
mod request;
mod save;

use super::fault::{Call, Class, Fault};
use crate::record::{Lease, Ledger, LedgerError, Past, Save};
use crate::release::{Application, ApplicationName, Entry, FleetArn, Release, ReleaseId};
use aws_sdk_dynamodb::Client;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The record's table.
#[derive(Debug)]
pub struct Table {
    client: Client,
    name: String,
    /// Saves made by this process, to tell them apart.
    saves: AtomicU64,
    /// Which revision of a head its holder saw last, by application: (owner, revision).
    seen: Mutex<BTreeMap<ApplicationName, (String, u64)>>,
}

impl Table {
    /// The table of this name. Calls nobody.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into(), saves: AtomicU64::new(0), seen: Mutex::new(BTreeMap::new()) }
    }

    fn call(&self, action: &'static str) -> Call<'_> {
        Call { action, on: &self.name }
    }

    fn seen(&self) -> MutexGuard<'_, BTreeMap<ApplicationName, (String, u64)>> {
        // Whoever panicked with it in hand had no half-made change in it: each is one insert or one removal.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The revision that this lease's holder saw last; `None` if it holds none.
    fn seen_by(&self, name: &ApplicationName, lease: &Lease) -> Option<u64> {
        self.seen().get(name).filter(|(owner, _)| *owner == lease.owner).map(|(_, revision)| *revision)
    }
}

impl From<Fault> for LedgerError {
    fn from(fault: Fault) -> Self {
        // A conflict is another's transaction on the same item, over in a moment.
        if fault.class == Class::Throttled || fault.is("TransactionConflictException") {
            Self::Throttled(fault.sentence)
        } else {
            Self::Unavailable(fault.sentence)
        }
    }
}

impl Ledger for Table {
    async fn application(&self, name: &ApplicationName) -> Result<Option<Application>, LedgerError> {
        queries::application(self, name).await
    }

    async fn in_flight(&self) -> Result<Vec<Application>, LedgerError> {
        queries::in_flight(self).await
    }

    async fn applications(&self) -> Result<Vec<Application>, LedgerError> {
        queries::applications(self).await
    }

    async fn take(&self, name: &ApplicationName, lease: &Lease) -> Result<Application, LedgerError> {
        lease::take(self, name, lease).await
    }

    async fn save(&self, lease: &Lease, save: Save<'_>) -> Result<(), LedgerError> {
        save::save(self, lease, &save).await
    }

    async fn give_back(&self, name: &ApplicationName, lease: &Lease) -> Result<(), LedgerError> {
        lease::give_back(self, name, lease).await
    }

    async fn release(&self, id: &ReleaseId) -> Result<Option<Release>, LedgerError> {
        queries::release(self, id).await
    }

    async fn by_token(&self, token: &str) -> Result<Option<ReleaseId>, LedgerError> {
        queries::by_token(self, token).await
    }

    async fn pasts(&self, fleets: &[FleetArn]) -> Result<Vec<(FleetArn, Past)>, LedgerError> {
        queries::pasts(self, fleets).await
    }

    async fn entries(
        &self,
        application: &ApplicationName,
        release: Option<&ReleaseId>,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        queries::entries(self, application, release, limit).await
    }
}
