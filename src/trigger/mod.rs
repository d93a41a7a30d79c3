//! The trigger stage: any payload becomes a request, or a refusal that says why. No client, no clock, total on any bytes.

mod request;

pub use request::{AlarmKnock, AttachCommand, Cause, Command, FleetKnock, Request, Subject};

/// Why a payload is no request; permanent.
pub type Refusal = crate::error::InvalidField;
