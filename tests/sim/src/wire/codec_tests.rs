//! Each codec against the real SDK: what the world is asked is what the client sent, and every field of the reply arrives.

mod autoscaling;
mod cloudwatch;
mod elb;
mod eventbridge;

use super::script::AT;
use aws_smithy_types::DateTime;

fn at() -> DateTime {
    DateTime::from_millis(AT)
}
