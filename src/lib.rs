//! Cutover.
#![warn(missing_docs)]

pub mod act;
pub mod announce;
pub mod clock;
pub mod observe;
pub mod record;
pub mod release;
