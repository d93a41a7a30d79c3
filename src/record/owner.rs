//! The record: who holds a lease. One turn, and never another.

use std::sync::atomic::{AtomicU64, Ordering};

/// Names the owner of each lease that a process takes.
///
/// A request id alone is no owner: Lambda may deliver one event twice (the documentation of asynchronous invocation says
/// so), with one request id, and one invocation may take turns for one application more than once. Whoever shares an
/// owner shares the lease, and would act beside itself.
#[derive(Debug)]
pub struct Owners {
    process: String,
    named: AtomicU64,
}

impl Owners {
    /// Of a process that no other shares its name with.
    pub fn new(process: impl Into<String>) -> Self {
        Self { process: process.into(), named: AtomicU64::new(0) }
    }

    /// The owner of one turn's lease; said again, it's another. Begins with the request id, to be found in the logs.
    pub fn next(&self, request_id: &str) -> String {
        let number = self.named.fetch_add(1, Ordering::Relaxed);
        format!("{request_id} {} {number}", self.process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_turns_share_an_owner_not_even_of_one_request_id() {
        let (one, other) = (Owners::new("one"), Owners::new("other"));
        let owners = [one.next("r"), one.next("r"), other.next("r"), other.next("r")];
        let distinct: std::collections::BTreeSet<_> = owners.iter().collect();
        assert_eq!(distinct.len(), owners.len(), "{owners:?}");
        assert!(owners.iter().all(|owner| owner.starts_with("r ")), "{owners:?}");
    }
}
