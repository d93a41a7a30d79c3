//! The record: what is remembered between invocations, and who may act on it.
//!
//! **Invariant:** nothing is written to AWS except under a lease that still runs, and after the intent was saved.

mod owner;
mod port;
mod save;

pub use crate::release::Past;
pub use owner::Owners;
pub use port::{Ledger, LedgerError, Save};

use crate::release::{Span, Timestamp};

/// The right to act on one application, and until when. A dead invocation can't act: no write begins after
/// `write_until`, and nobody else acts before `ends_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is: one turn's, of all turns anywhere ([`Owners`]).
    pub owner: String,
    /// When it was asked for: another's lease that ended before is over.
    pub asked_at: Timestamp,
    /// The last moment at which its holder may start a write.
    pub write_until: Timestamp,
}

impl Lease {
    /// How long one invocation works on one application at most: long enough for three rounds of calls that all time
    /// out, short enough that a dead one's lock heals within half a minute.
    pub const WORK: Span = Span::seconds(20);
    /// The pause between the last write that may start and the lease's end: clocks may differ by 2 s, and a write on
    /// its way is answered or given up within 3 s.
    pub const GRACE: Span = Span::seconds(5);
    /// How long a write that has been sent may take until it's given up as lost.
    pub const WRITE_TIMEOUT: Span = Span::seconds(3);

    /// A lease for work that begins `now`, in an invocation that ends at `invocation_deadline`.
    pub fn new(owner: String, now: Timestamp, invocation_deadline: Timestamp) -> Self {
        Self { owner, asked_at: now, write_until: (now + Self::WORK).min(invocation_deadline - Self::WRITE_TIMEOUT) }
    }

    /// When it ends.
    pub fn ends_at(&self) -> Timestamp {
        self.write_until + Self::GRACE
    }

    /// Whether a write may start.
    pub fn may_write(&self, now: Timestamp) -> bool {
        now < self.write_until
    }
}
