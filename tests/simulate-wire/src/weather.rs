//! The weather on the wire: which calls meet which faults, from the seed. All of it passes.

use std::time::Duration;

use simulated_aws::api::{ApiError, Service};
use simulated_aws::wire::{Calls, WireFault, calls};

use crate::case::{Case, Side};

/// One strike: which calls, and what happens to them.
pub type Strike = (Calls, WireFault);

/// About as many calls as a release makes.
const RELEASE: usize = 160;
/// Operations that change something, the lease and the record among them. The traffic-source pair isn't: the fleets here are
/// attached by the other.
const WRITES: [&str; 6] = [
    "AttachLoadBalancerTargetGroups",
    "DetachLoadBalancerTargetGroups",
    "UpdateAutoScalingGroup",
    "UpdateItem",
    "TransactWriteItems",
    "PutEvents",
];
/// Reads that a promotion rests on.
const READS: [&str; 4] = ["DescribeAlarms", "DescribeTargetHealth", "DescribeAutoScalingGroups", "GetItem"];
/// Longer than the product waits for an answer (3 s).
const TOO_LONG: Duration = Duration::from_secs(4);

/// A kind of fault, and its line in the table.
type Kind = (&'static str, fn() -> WireFault);
const KINDS: [Kind; 14] = [
    ("connection cut before the call took effect", || WireFault::CutBefore),
    ("connection cut after it", || WireFault::CutAfter),
    ("answer slow", || WireFault::Slow(Duration::from_millis(700))),
    ("answer slower than anybody waits", || WireFault::Slow(TOO_LONG)),
    ("call late", || WireFault::Late(Duration::from_millis(1_500))),
    ("call never arrives, and nobody says so", || WireFault::Late(TOO_LONG)),
    ("answer truncated", || WireFault::Truncated),
    ("a proxy's page instead of the call", || WireFault::WrongContent),
    ("a proxy's page instead of the answer", || WireFault::WrongAnswer),
    ("503", || WireFault::Unavailable),
    ("500", || WireFault::Refused(ApiError::internal(Service::AutoScaling))),
    ("throttled", || WireFault::Refused(ApiError::throttled(Service::AutoScaling))),
    ("kill -9 before the call took effect", || WireFault::KillBefore),
    ("kill -9 after it", || WireFault::KillAfter),
];

/// A fault's line in the table.
pub fn name(fault: &WireFault) -> &'static str {
    KINDS.iter().find(|(_, kind)| kind() == *fault).map_or("another", |(name, _)| name)
}

/// Every line that the table can have.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}

/// What strikes a case.
pub fn of(case: &Case, rng: &mut fastrand::Rng) -> Vec<Strike> {
    match case {
        Case::Calm(_) => Vec::new(),
        Case::Kill(_, side, call) => {
            let kill = if *side == Side::Before { WireFault::KillBefore } else { WireFault::KillAfter };
            vec![(calls().on(&call.operation).nth(call.nth), kill)]
        }
        Case::Weather(_) => weather(rng),
    }
}

/// Single calls, single writes, and storms; some of each.
fn weather(rng: &mut fastrand::Rng) -> Vec<Strike> {
    let mut strikes = Vec::new();
    for _ in 0..rng.usize(0..4) {
        strikes.push((calls().on(one_of(rng, &WRITES)).nth(rng.usize(1..4)), any(rng)));
    }
    let mut single: Vec<usize> = (0..rng.usize(0..12)).map(|_| rng.usize(1..RELEASE)).collect();
    // The later ones first: a rule counts a call only if no rule before it has met it.
    single.sort_unstable_by(|a, b| b.cmp(a));
    single.dedup();
    strikes.extend(single.into_iter().map(|nth| (calls().nth(nth), any(rng))));
    for _ in 0..rng.usize(0..4) {
        strikes.push(storm(rng));
    }
    strikes
}

/// The same again and again for a while: longer than the product's own attempts last, shorter than any deadline.
fn storm(rng: &mut fastrand::Rng) -> Strike {
    let fault = any(rng);
    let longest = match fault {
        WireFault::KillBefore | WireFault::KillAfter => 3,
        WireFault::Slow(by) | WireFault::Late(by) if by >= TOO_LONG => 10,
        _ => 40,
    };
    let (which, from) = match rng.u8(0..4) {
        // From its third time on it's asked with green attached.
        0 | 1 => (calls().on(one_of(rng, &READS)), rng.usize(3..12)),
        2 => (calls().on(one_of(rng, &WRITES)), rng.usize(1..4)),
        _ => (calls(), rng.usize(1..RELEASE)),
    };
    (which.nth(from).times(rng.usize(2..=longest)), fault)
}

fn any(rng: &mut fastrand::Rng) -> WireFault {
    one_of(rng, &KINDS).1()
}

/// One of several, from the seed.
pub fn one_of<T: Copy>(rng: &mut fastrand::Rng, all: &[T]) -> T {
    all[rng.usize(0..all.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A case is found again by its name and seed; and whoever plays enough of them meets every kind of fault.
    #[test]
    fn the_same_seed_is_the_same_weather() {
        let strikes = |seed| of(&Case::Weather(0), &mut fastrand::Rng::with_seed(seed));
        assert_eq!(strikes(3), strikes(3));
        let all: Vec<Strike> = (0..200).flat_map(strikes).collect();
        for (fault, kind) in KINDS {
            assert!(all.iter().any(|(_, struck)| *struck == kind()), "{fault} never strikes");
            assert_eq!(name(&kind()), fault);
        }
    }
}
