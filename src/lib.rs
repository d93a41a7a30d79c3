//! Cutover.
#![warn(missing_docs)]

pub mod act;
pub mod announce;
pub mod aws;
pub mod clock;
pub mod error;
pub mod observe;
pub mod record;
pub mod release;
pub mod trigger;
pub mod decide;
