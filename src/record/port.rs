//! The record's port: the application's item, the lease on it, and what is kept for ever.
//!
//! Implemented by `aws::ledger` (DynamoDB) and by the simulated AWS.

use super::Lease;
use crate::release::{Application, ApplicationName, Entry, FleetArn, Past, Release, ReleaseId, Timestamp};
use thiserror::Error;

/// Why the record didn't do it. Nothing was done, with one exception: a save that is `Unavailable` may have been done,
/// if its answer and those of asking again were all lost.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// Somebody else holds the lease, or took it since: retryable.
    #[error("the record of {application} is held by another invocation until {until}")]
    Held {
        /// Whose record.
        application: ApplicationName,
        /// When that lease ends at the latest.
        until: Timestamp,
    },
    /// The lease was lost (it ended, or the item moved on): what was to be saved belongs to the past. Not retryable
    /// with the same values.
    #[error("the lease on {0} is no longer ours")]
    Stale(ApplicationName),
    /// DynamoDB throttles: retryable.
    #[error("the table is throttled: {0}")]
    Throttled(String),
    /// The table can't be reached, denies it, or holds what can't be read: retryable once that is mended.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
}

/// What one save puts on the record, all of it or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Save<'a> {
    /// The application's item.
    pub application: &'a Application,
    /// New entries.
    pub entries: &'a [Entry],
    /// Releases to keep with their fleets: those that started (so that their fleets are known from then on) and
    /// those that ended.
    pub releases: &'a [Release],
    /// Gives the lease back with it.
    pub give_back: bool,
}

/// The record. Every method is one or a few DynamoDB calls; an error of a read says nothing about the world.
#[expect(async_fn_in_trait, reason = "implemented in this workspace only; callers see concrete types")]
pub trait Ledger {
    /// An application's item, strongly consistent; `None` if nothing is on record.
    async fn application(&self, name: &ApplicationName) -> Result<Option<Application>, LedgerError>;

    /// Every application that has something running, waiting or to announce.
    async fn in_flight(&self) -> Result<Vec<Application>, LedgerError>;

    /// Every application on record.
    async fn applications(&self) -> Result<Vec<Application>, LedgerError>;

    /// Takes the lease by one conditional update that also returns the item as it is then (an empty one if there was
    /// none). Taking what we hold already renews it.
    async fn take(&self, name: &ApplicationName, lease: &Lease) -> Result<Application, LedgerError>;

    /// Saves under the lease. `Stale` if it isn't ours any more: then nothing was saved. An unclear answer is asked
    /// for again (a save is idempotent by its lease and sequence) before it's `Unavailable`.
    async fn save(&self, lease: &Lease, save: Save<'_>) -> Result<(), LedgerError>;

    /// Gives the lease back without a change; best effort: it ends by itself.
    async fn give_back(&self, name: &ApplicationName, lease: &Lease) -> Result<(), LedgerError>;

    /// A release by its id, running or ended.
    async fn release(&self, id: &ReleaseId) -> Result<Option<Release>, LedgerError>;

    /// The release that a client token began.
    async fn by_token(&self, token: &str) -> Result<Option<ReleaseId>, LedgerError>;

    /// What the record knows of fleets; those that no release has named are absent.
    async fn pasts(&self, fleets: &[FleetArn]) -> Result<Vec<(FleetArn, Past)>, LedgerError>;

    /// Entries of one release (`Some`) or of the whole application, newest `limit` ones, in order of time.
    async fn entries(
        &self,
        application: &ApplicationName,
        release: Option<&ReleaseId>,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError>;
}
