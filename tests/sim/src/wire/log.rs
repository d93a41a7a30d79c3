//! The request log: what was asked, by whom, in which round, and how it was answered.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fault::WireFault;
use super::protocol::To;
use crate::api::Millis;

/// One request that arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its place in the order of arrival, from 1.
    pub number: usize,
    /// When it arrived.
    pub at: Millis,
    /// The access key that signed it: which process sent it.
    pub caller: String,
    /// How many invocations that process has begun (0: still in its init).
    pub invocation: u32,
    /// Its depth within the invocation, from 1: calls that run side by side share a round. Set a latency to count by it: a
    /// call that arrives after another was answered belongs to a later round, whatever the caller meant.
    pub round: u32,
    /// The service.
    pub to: To,
    /// The operation.
    pub operation: String,
    /// The parameters, free of the protocol.
    pub params: Value,
    /// The HTTP status that was sent; `None` while unanswered or when the connection was cut.
    pub status: Option<u16>,
    /// The error's code, when it was one.
    pub error: Option<String>,
    /// The fault that met it.
    pub fault: Option<WireFault>,
    /// Its place, from 0, among the calls that the world dealt with; `None`: it never got there, or was the table's.
    pub dealt_with: Option<usize>,
}

impl Seen {
    /// Whether the process that sent it was killed for it.
    pub fn killed(&self) -> bool {
        matches!(self.fault, Some(WireFault::KillBefore | WireFault::KillAfter))
    }

    /// Whether its caller was sent the answer, whole: an error, perhaps.
    pub fn received(&self) -> bool {
        self.status.is_some() && self.fault.as_ref().is_none_or(WireFault::answers)
    }

    /// Whether it asks for a change. The table's writes count.
    pub fn is_write(&self) -> bool {
        let reads = ["Describe", "Get", "Query", "BatchGet"];
        !reads.iter().any(|read| self.operation.starts_with(read))
    }
}

/// The log, and the bookkeeping of rounds.
#[derive(Debug, Default)]
pub struct Log {
    seen: Vec<Seen>,
    /// How many of them the world has dealt with.
    dealt_with: usize,
    callers: BTreeMap<String, Caller>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Caller {
    invocation: u32,
    /// The deepest round of which a call has been answered.
    answered: u32,
}

impl Log {
    /// A new invocation begins in that process: rounds count from 1 again.
    pub fn invocation(&mut self, caller: &str) {
        let state = self.callers.entry(caller.to_owned()).or_default();
        *state = Caller { invocation: state.invocation + 1, answered: 0 };
    }

    /// A request arrived. Returns its number.
    pub fn arrived(&mut self, at: Millis, caller: &str, to: To, operation: &str, params: &Value) -> usize {
        let state = self.callers.get(caller).copied().unwrap_or_default();
        let number = self.seen.len() + 1;
        self.seen.push(Seen {
            number,
            at,
            caller: caller.to_owned(),
            invocation: state.invocation,
            round: state.answered + 1,
            to,
            operation: operation.to_owned(),
            params: params.clone(),
            status: None,
            error: None,
            fault: None,
            dealt_with: None,
        });
        number
    }

    /// This fault meets the request of this number.
    pub fn met(&mut self, number: usize, fault: WireFault) {
        if let Some(seen) = self.of(number) {
            seen.fault = Some(fault);
        }
    }

    /// The world deals with the request of this number.
    pub fn dealt_with(&mut self, number: usize) {
        let place = self.dealt_with;
        self.dealt_with += 1;
        if let Some(seen) = self.of(number) {
            seen.dealt_with = Some(place);
        }
    }

    /// The request of this number is being answered.
    pub fn answered(&mut self, number: usize, status: u16, error: Option<String>) {
        let Some(seen) = self.of(number) else { return };
        seen.status = Some(status);
        seen.error = error;
        let (caller, invocation, round) = (seen.caller.clone(), seen.invocation, seen.round);
        let state = self.callers.entry(caller).or_default();
        if state.invocation == invocation {
            state.answered = state.answered.max(round);
        }
    }

    fn of(&mut self, number: usize) -> Option<&mut Seen> {
        number.checked_sub(1).and_then(|at| self.seen.get_mut(at))
    }

    /// Everything so far.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }
}
