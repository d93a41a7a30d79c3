//! Cold start only: telemetry, configuration, clients, then the loop of the Lambda runtime.
#![deny(clippy::disallowed_methods)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

fn main() {}
