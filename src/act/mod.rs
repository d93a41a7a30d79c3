//! The act stage: exact actions, carried out under the lease.

mod writes;

pub use writes::{WriteError, Writes};
