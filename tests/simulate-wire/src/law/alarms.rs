//! **alarm-wins** and **unknown-never-promotes**: what a promotion rests on.

use simulated_aws::api::{Call, Millis, StateValue};

use super::Offence;
use super::capacity::{of_targets, serves};
use crate::evidence::Evidence;
use crate::stand::{ALARM, BLUE, GREEN};

/// An ALARM since the attach that a look could have seen is never followed by a promotion, and at the end green is out.
pub fn alarm_wins(evidence: &Evidence) -> Result<(), Offence> {
    let Some(fired) = fired(evidence) else { return Ok(()) };
    for (deed, ..) in evidence.detaches().filter(|(_, fleet, _)| *fleet == BLUE) {
        // What wasn't read at all is the other law's.
        if evidence.reading(deed, of_alarms).is_some_and(|read| fired < read.at) {
            let what = format!("{BLUE} was detached at {} though {ALARM} went to ALARM at {fired}", deed.at);
            return Err(Offence::by(deed, what));
        }
    }
    if evidence.ended && !evidence.world.attachments(GREEN).is_empty() {
        return Err(format!("{GREEN} is attached at the end though {ALARM} went to ALARM at {fired}").into());
    }
    Ok(())
}

/// When the alarm first went to ALARM after green was attached.
fn fired(evidence: &Evidence) -> Option<Millis> {
    let since = evidence.attached_at()?;
    let mut changes = evidence.world.alarm_changes().iter();
    let fires = changes.find(|change| change.alarm == ALARM && change.to == StateValue::Alarm && change.at > since);
    fires.map(|change| change.at)
}

/// It did.
pub fn alarm_at_stake(evidence: &Evidence) -> bool {
    fired(evidence).is_some()
}

fn of_alarms(call: &Call) -> bool {
    matches!(call, Call::DescribeAlarms { names, .. } if names.iter().any(|name| name == ALARM))
}

/// What is detached while it serves rests on a reading of each group's targets; a promotion on one of the alarm and of the
/// fleets as well. Each by the same invocation, under its lease, and answered.
pub fn unknown_never_promotes(evidence: &Evidence) -> Result<(), Offence> {
    for (deed, fleet, groups) in evidence.detaches() {
        let unread = |what: &str| {
            let what = format!("{fleet} was detached at {} though {what} weren't read", deed.at);
            Err(Offence::by(deed, what))
        };
        for group in groups.into_iter().filter(|group| serves(evidence, deed, fleet, group)) {
            if evidence.reading(deed, of_targets(group)).is_none() {
                return unread(&format!("the targets of {group}"));
            }
        }
        if fleet == BLUE && evidence.reading(deed, of_alarms).is_none() {
            return unread("the alarms");
        }
        let of_fleets = |call: &Call| matches!(call, Call::DescribeAutoScalingGroups { .. });
        if fleet == BLUE && evidence.reading(deed, of_fleets).is_none() {
            return unread("the fleets");
        }
    }
    Ok(())
}

/// Somebody who held green attached asked for what a promotion rests on, and got no answer of the world's, or an error.
pub fn unknown_at_stake(evidence: &Evidence) -> bool {
    let asked = ["DescribeAlarms", "DescribeTargetHealth", "DescribeAutoScalingGroups"];
    let Some(since) = evidence.attached_at() else { return false };
    evidence.struck(|seen| {
        seen.at > since && asked.contains(&seen.operation.as_str()) && !(seen.received() && seen.error.is_none())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::scene::Scene;
    use simulated_aws::wire::WireFault;

    #[test]
    fn an_alarm_that_a_look_could_have_seen_stops_a_promotion_also_when_it_has_passed() {
        for then in [StateValue::Alarm, StateValue::Ok] {
            let mut scene = Scene::new();
            scene.attach(GREEN).pass(10).alarm(StateValue::Alarm).pass(1).alarm(then).pass(1).look().detach(BLUE);
            assert!(alarm_wins(&scene.evidence()).unwrap_err().what.contains("was detached"), "{then:?}");
            assert!(alarm_at_stake(&scene.evidence()));
        }
        let mut scene = Scene::new();
        scene.alarm(StateValue::Alarm).alarm(StateValue::Ok).pass(1).attach(GREEN).pass(10).look().detach(BLUE);
        assert_eq!(alarm_wins(&scene.evidence()), Ok(()), "an old episode");
    }

    #[test]
    fn after_an_alarm_green_is_out() {
        let mut scene = Scene::new();
        scene.attach(GREEN).pass(10).look().detach(BLUE).pass(1).alarm(StateValue::Alarm);
        let ended = crate::evidence::Evidence { ended: true, ..scene.evidence() };
        assert!(alarm_wins(&ended).unwrap_err().what.contains("at the end"));
    }

    #[test]
    fn what_was_not_read_is_not_healthy() {
        let mut scene = Scene::new();
        scene.attach(GREEN).pass(10).look().detach(BLUE);
        assert_eq!(unknown_never_promotes(&scene.evidence()), Ok(()));
        for operation in ["DescribeAlarms", "DescribeTargetHealth", "DescribeAutoScalingGroups"] {
            for fault in [WireFault::CutAfter, WireFault::WrongAnswer, WireFault::Truncated] {
                let mut scene = Scene::new();
                scene.attach(GREEN).pass(10).look_with(operation, fault).detach(BLUE);
                assert!(unknown_never_promotes(&scene.evidence()).is_err(), "{operation}");
                assert!(unknown_at_stake(&scene.evidence()), "{operation}");
            }
        }
    }

    #[test]
    fn a_look_before_the_lease_is_not_a_look_under_it() {
        let mut scene = Scene::new();
        scene.attach(GREEN).pass(10).look().next_invocation().detach(BLUE);
        assert!(unknown_never_promotes(&scene.evidence()).is_err());
    }
}
