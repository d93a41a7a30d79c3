//! The targets: one parser each, and what holds of it.

pub mod autoscaling;
pub mod cloudwatch;
pub mod elbv2;
pub mod ledger;
pub mod names;
pub mod payload;
pub mod policy;
pub mod record;
pub mod tags;
