//! The announcement port: entries that are told to the event bus until it accepts them.

use crate::release::Entry;

/// The event bus. Implemented by `aws::notify` (EventBridge PutEvents) and by the simulated AWS.
#[expect(async_fn_in_trait, reason = "implemented in this workspace only; callers see concrete types")]
pub trait Notify {
    /// Announces entries; the sequence numbers of those that the bus accepted. Those that it didn't are sent again
    /// later: at least once, consumers drop doubles by `sequence`. Without a bus all are accepted.
    async fn announce(&self, entries: &[Entry]) -> Vec<u64>;
}
