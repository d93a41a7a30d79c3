//! What arrived at AWS: every call with its moment, its caller and its effect. For judges, and for counting calls and rounds.

use crate::api::{Call, Millis, PutEventsEntry};

/// What a call did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A read, answered.
    Read,
    /// A write that changed something.
    Applied,
    /// A write that found everything so already.
    Nothing,
    /// Refused, with this code.
    Refused(String),
    /// Never arrived.
    NeverArrived,
}

/// One call as it arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrived {
    /// When.
    pub at: Millis,
    /// Who sent it, as the face says.
    pub caller: String,
    /// What.
    pub call: Call,
    /// What it did.
    pub outcome: Outcome,
    /// Whether the caller got an answer.
    pub answered: bool,
}

/// An announcement that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// When it was accepted.
    pub at: Millis,
    /// Who sent it.
    pub caller: String,
    /// The event.
    pub entry: PutEventsEntry,
}

/// The log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) calls: Vec<Arrived>,
    pub(crate) announced: Vec<Announced>,
}
