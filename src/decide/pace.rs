//! When to look again.

use crate::release::{Release, Span, Stage, Timestamp, WaitingOn};

/// The longest pause between two looks while nothing is expected soon, in seconds: the sweep looks that often anyway.
const SLOW_SECONDS: u32 = 60;
/// The pause once a wait has lasted half an hour: 9 events of a workflow's 25,000 go with each round.
const SLOWEST_SECONDS: u32 = 300;
/// From when on a wait is long.
const LONG_WAIT: Span = Span::seconds(1800);
/// While something is awaited, a look is later than the policy asks for by at most one part in so many of the stage's time
/// so far (and never by more than a minute). With a larger share a long wait costs a workflow too many of its events.
const SHARE_OF_THE_WAIT: u32 = 30;

/// How many seconds from `now` the next look is due: when what is waited for can be over, but no later than the pace of
/// the stage. At least 1.
pub fn next_check_seconds(release: &Release, waiting_on: Option<&WaitingOn>, now: Timestamp) -> u32 {
    let Some(waiting_on) = waiting_on else { return 0 };
    let quiet = matches!(release.stage, Stage::Bake | Stage::Watch) || release.halted();
    let pace = pace(quiet, now - release.stage_since, release.policy.check_interval_seconds);
    let due = waiting_on.deadline().map_or(pace, |deadline| (deadline - now).ceil_seconds());
    due.min(pace).max(1)
}

/// The longest pause after a stage has lasted `waited`; `quiet` if nothing is expected soon.
fn pace(quiet: bool, waited: Span, interval: u32) -> u32 {
    match quiet {
        true if waited >= LONG_WAIT => SLOWEST_SECONDS,
        true => SLOW_SECONDS,
        false => interval.max((waited.ceil_seconds() / SHARE_OF_THE_WAIT).min(SLOW_SECONDS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What tests/workflow counts the events of: no legal policy has a workflow look more often in one release.
    const MOST_LOOKS: u32 = 2_200;
    /// The longest timeout, bake or window, deregistration delay and time in the queue, in seconds.
    const TIMEOUT: u32 = 7_200;
    const DAY: u32 = 86_400;
    const DELAY: u32 = 3_600;

    fn looks(quiet: bool, seconds: u32, interval: u32) -> u32 {
        let (mut waited, mut looks) = (0, 0);
        while waited < seconds {
            waited += pace(quiet, Span::seconds(waited), interval);
            looks += 1;
        }
        looks
    }

    #[test]
    fn a_workflow_can_follow_the_longest_legal_release_to_its_end() {
        // A bake of a day is lengthened by an hour, by the time below the required, by what couldn't be read and by a way back
        // that didn't work; a person paused for a day.
        let bake = DAY + 3_600 + 3 * TIMEOUT + DAY;
        // The queue has the pace of a quiet stage (`Report::pending`).
        let quiet = looks(true, DAY, 1) + looks(true, bake, 1);
        let busy = 2 * looks(false, TIMEOUT, 1) + 2 * looks(false, DELAY + TIMEOUT, 1);
        assert!(quiet + busy <= MOST_LOOKS, "{quiet} + {busy}");
    }

    #[test]
    fn a_wait_begins_at_the_policys_pace_and_slows_down_with_its_length() {
        let at = |seconds| pace(false, Span::seconds(seconds), 15);
        assert_eq!([0, 450, 900, 1800, 7200].map(at), [15, 15, 30, 60, 60]);
        assert_eq!(pace(false, Span::ZERO, 1), 1);
        assert_eq!(pace(false, Span::seconds(7200), 60), 60);
        assert_eq!([1799, 1800].map(|seconds| pace(true, Span::seconds(seconds), 15)), [60, 300]);
    }
}
