//! The record's bad days: told, or from the seed.

use crate::api::Millis;
use std::collections::VecDeque;

/// What is done with the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerOperation {
    /// Reading an application's item.
    Application,
    /// Reading what is in flight.
    InFlight,
    /// Listing the applications.
    Applications,
    /// Taking or renewing a lease.
    Take,
    /// Saving.
    Save,
    /// Giving a lease back, alone.
    GiveBack,
    /// Reading a release.
    Release,
    /// Reading what a token began.
    ByToken,
    /// Reading the past of fleets.
    Pasts,
    /// Reading entries.
    Entries,
}

/// What goes wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerFault {
    /// The table can't be reached: nothing was done, and said.
    Unavailable,
    /// The table throttles: nothing was done, and said.
    Throttled,
    /// The answer is lost, and so is that of asking again: `Unavailable`, after the caller's timeout.
    Lost {
        /// It was done all the same.
        applied: bool,
    },
    /// Another's write was in the way: a take finds it held, all else is throttled.
    Conflict,
    /// It's done, and takes long.
    Slow,
}

/// How often what goes wrong by itself, in calls of a thousand, and what was told to.
#[derive(Debug, Clone, Default)]
pub struct LedgerFaults {
    /// Calls of a thousand that are [`LedgerFault::Unavailable`].
    pub unavailable: u16,
    /// Calls of a thousand that are [`LedgerFault::Throttled`].
    pub throttled: u16,
    /// Calls of a thousand whose answer is lost; half of them are applied.
    pub lost: u16,
    /// Calls of a thousand that are [`LedgerFault::Conflict`].
    pub conflict: u16,
    /// Calls of a thousand that are [`LedgerFault::Slow`].
    pub slow: u16,
    /// What went wrong so far.
    pub struck: Vec<LedgerFault>,
    told: VecDeque<(Option<LedgerOperation>, LedgerFault)>,
    away_until: Millis,
}

impl LedgerFaults {
    /// The next call of this kind (of any, with `None`) goes wrong so. Told several times, each goes wrong in turn.
    pub fn next(&mut self, operation: impl Into<Option<LedgerOperation>>, fault: LedgerFault) {
        self.told.push_back((operation.into(), fault));
    }

    /// The table is away until then, by the world's clock.
    pub fn away_until(&mut self, moment: cutover::release::Timestamp) {
        self.away_until = moment.millis();
    }

    /// All is well from now on.
    pub fn heal(&mut self) {
        *self = Self { struck: std::mem::take(&mut self.struck), ..Self::default() };
    }

    /// What goes wrong with a call now.
    pub(super) fn decide(
        &mut self,
        operation: LedgerOperation,
        now: Millis,
        rng: &mut fastrand::Rng,
    ) -> Option<LedgerFault> {
        let fault = self.fault(operation, now, rng);
        self.struck.extend(fault);
        fault
    }

    fn fault(&mut self, operation: LedgerOperation, now: Millis, rng: &mut fastrand::Rng) -> Option<LedgerFault> {
        if now < self.away_until {
            return Some(LedgerFault::Unavailable);
        }
        let told = self.told.iter().position(|(which, _)| which.is_none_or(|which| which == operation));
        if let Some((_, fault)) = told.and_then(|index| self.told.remove(index)) {
            return Some(fault);
        }
        let all = self.unavailable + self.throttled + self.lost + self.conflict + self.slow;
        if all == 0 {
            return None;
        }
        let dice = rng.u16(0..1000);
        let bounds = [self.unavailable, self.throttled, self.lost, self.conflict, self.slow];
        let mut bound = 0;
        let hit = bounds.iter().position(|share| {
            bound += share;
            dice < bound
        });
        hit.map(|which| match which {
            0 => LedgerFault::Unavailable,
            1 => LedgerFault::Throttled,
            2 => LedgerFault::Lost { applied: rng.bool() },
            3 => LedgerFault::Conflict,
            _ => LedgerFault::Slow,
        })
    }
}
