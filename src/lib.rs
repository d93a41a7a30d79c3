//! Cutover.
#![warn(missing_docs)]
#![deny(clippy::disallowed_methods)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod act;
pub mod announce;
pub mod answer;
pub mod aws;
pub mod clock;
pub mod config;
pub mod decide;
pub mod error;
pub mod flow;
pub mod handler;
pub mod observe;
pub mod record;
pub mod release;
pub mod report;
pub mod sweep;
pub mod telemetry;
pub mod trigger;
