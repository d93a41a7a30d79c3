//! Time, as the flow sees it: a port, so that a simulation owns it.

use crate::release::{Span, Timestamp};

/// The clock. `decide` never sees it: there, "now" is a field of the observation.
#[expect(async_fn_in_trait, reason = "implemented in this workspace only; callers see concrete types")]
pub trait Clock {
    /// The present moment; two machines' clocks may differ by 2 s.
    fn now(&self) -> Timestamp;

    /// Waits; used only to wait a little for a lease that somebody else holds.
    async fn sleep(&self, span: Span);
}
