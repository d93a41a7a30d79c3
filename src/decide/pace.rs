//! When to look again.

use crate::release::{Release, Span, Stage, Timestamp, WaitingOn};

/// The longest pause between two looks while nothing is expected soon, in seconds: the sweep looks that often anyway.
const SLOW_SECONDS: u32 = 60;
/// The pause once a wait has lasted half an hour: 9 events of a workflow's 25,000 go with each round.
const SLOWEST_SECONDS: u32 = 300;
/// From when on a wait is long.
const LONG_WAIT: Span = Span::seconds(1800);

/// How many seconds from `now` the next look is due: when what is waited for can be over, but no later than the pace of
/// the stage. At least 1.
pub fn next_check_seconds(release: &Release, waiting_on: Option<&WaitingOn>, now: Timestamp) -> u32 {
    let Some(waiting_on) = waiting_on else { return 0 };
    let quiet = matches!(release.stage, Stage::Bake | Stage::Watch) || release.halted();
    let pace = match quiet {
        true if now - release.stage_since >= LONG_WAIT => SLOWEST_SECONDS,
        true => SLOW_SECONDS,
        false => release.policy.check_interval_seconds,
    };
    let due = waiting_on.deadline().map_or(pace, |deadline| (deadline - now).ceil_seconds());
    due.min(pace).max(1)
}
