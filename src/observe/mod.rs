//! The observe stage: one immutable look at the world.

mod reads;

pub use reads::{Needs, Reads};
