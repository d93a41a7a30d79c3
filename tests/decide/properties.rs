//! What holds of every decision, whatever the record and the look say.
//!
//! Health is counted here once more, from the look alone, so that no mistake of the product's counts for itself.

use crate::change::{nonsense, plot};
use crate::scene::Scene;
use cutover::act::intend;
use cutover::decide::{Action, DISAGREE, Decision, decide, gate_reports, next_check_seconds, plan};
use cutover::record::Lease;
use cutover::release::*;
use proptest::prelude::*;

/// What the laws call healthy: by ELB, InService in this very fleet, the attachment Added or InService. What wasn't
/// read isn't.
fn healthy(seen: &Observation, member: &Member, group: &TargetGroupArn) -> u32 {
    let Ok(Some(fleet)) = seen.fleet(&member.fleet) else { return 0 };
    let Ok(Some(targets)) = seen.targets(group) else { return 0 };
    let Ok(attachments) = seen.attachments(&member.fleet) else { return 0 };
    let serves = matches!(attachments.get(group), Some(AttachmentState::Added | AttachmentState::InService));
    if fleet.arn != member.arn || fleet.deleting || !serves {
        return 0;
    }
    let good =
        |(id, instance): &(&String, &Instance)| instance.in_service && targets.get(*id) == Some(&TargetHealth::Healthy);
    fleet.instances.iter().filter(good).count() as u32
}

fn share(percent: u32, of: u32) -> u32 {
    (of * percent).div_ceil(100).max(1)
}

/// What green must carry before blue goes: of the attach, and against blue of now.
fn required(scene: &Scene, group: &TargetGroupArn, terms: &GroupTerms) -> u32 {
    let release = &scene.release;
    let blue: u32 = release.blue.iter().map(|member| healthy(&scene.seen, member, group)).sum();
    terms.required.max(share(release.policy.healthy_percent, terms.blue_in_service.max(blue)))
}

fn detached<'d>(decision: &'d Decision, of: impl IntoIterator<Item = &'d Member>) -> bool {
    of.into_iter().any(|member| {
        decision.actions.iter().any(|action| matches!(action, Action::Detach { fleet, .. } if *fleet == member.fleet))
    })
}

/// Law 1 (never-empty), blue's half: whoever takes it out, green carries the required in every target group.
fn green_carries_when_blue_goes(scene: &Scene, decision: &Decision) -> Result<(), TestCaseError> {
    if detached(decision, &decision.release.blue) {
        for (group, terms) in &decision.release.groups {
            let (has, needs) = (healthy(&scene.seen, &scene.release.green, group), required(scene, group, terms));
            prop_assert!(has >= needs, "blue goes, green has {has} of {needs} in {}", group.short());
        }
    }
    Ok(())
}

/// Law 1 (never-empty), green's half: blue carries its share wherever green is; without blue nothing in green serves.
fn blue_carries_when_green_goes(scene: &Scene, decision: &Decision) -> Result<(), TestCaseError> {
    let release = &decision.release;
    if !detached(decision, [&release.green]) {
        return Ok(());
    }
    for (group, terms) in &release.groups {
        if release.blue.is_empty() {
            prop_assert_eq!(healthy(&scene.seen, &release.green, group), 0, "nothing healthy is ever detached");
            continue;
        }
        let base = if terms.required > 0 { terms.required } else { required(scene, group, terms) };
        let percent = if scene.release.halted() { 100 } else { release.policy.rollback_healthy_percent };
        let (has, needs) =
            (release.blue.iter().map(|member| healthy(&scene.seen, member, group)).sum::<u32>(), share(percent, base));
        prop_assert!(has >= needs, "green goes, blue has {has} of {needs} in {}", group.short());
    }
    Ok(())
}

/// Law 3 (unknown-never-promotes): everything that a promotion rests on was read.
fn all_was_read_when_blue_goes(scene: &Scene, decision: &Decision) -> Result<(), TestCaseError> {
    if !detached(decision, &decision.release.blue) {
        return Ok(());
    }
    let (seen, release) = (&scene.seen, &decision.release);
    for member in release.members().filter(|member| !member.gone) {
        prop_assert!(seen.fleet(&member.fleet).is_ok() && seen.attachments(&member.fleet).is_ok());
    }
    prop_assert!(release.groups.keys().all(|group| seen.targets(group).is_ok()));
    if scene.release.stage == Stage::Bake {
        for member in release.blue.iter().filter(|member| !member.gone) {
            prop_assert_eq!(seen.refreshing(&member.fleet), Ok(false));
        }
        for watched in release.watched.iter().filter(|_| !release.alarms_waived) {
            let alarm = seen.alarm(&watched.alarm);
            prop_assert!(matches!(&alarm, Ok(Some(alarm)) if alarm.impaired.is_none()), "{:?}", alarm);
        }
    }
    Ok(())
}

/// Law 2 (alarm-wins): what is in ALARM now, or was by its history since the evidence began, promotes nothing.
fn no_alarm_when_blue_goes(scene: &Scene, decision: &Decision) -> Result<(), TestCaseError> {
    let release = &scene.release;
    if !detached(decision, &decision.release.blue) || release.alarms_waived {
        return Ok(());
    }
    let Some(since) = decision.release.evidence_since else { return Ok(()) };
    for watched in &release.watched {
        let Ok(Some(alarm)) = scene.seen.alarm(&watched.alarm) else { continue };
        let ignored = watched.ignored_episode.is_some() && watched.ignored_episode == alarm.transitioned_at;
        prop_assert!(alarm.state != AlarmState::Alarm || ignored, "promoted in ALARM");
        let moved = alarm.transitioned_at.is_some_and(|at| at > watched.cleared.unwrap_or(since));
        if let (true, Ok(mut moves)) = (moved, scene.seen.moves(&watched.alarm, since)) {
            prop_assert!(!moves.any(|change| change.to == AlarmState::Alarm), "promoted after an ALARM");
        }
    }
    Ok(())
}

/// Law 7 (mine-only): fleets, target groups and API pairs of the release, and nothing that wasn't seen is written to.
fn only_what_is_named(scene: &Scene, decision: &Decision) -> Result<(), TestCaseError> {
    for action in &decision.actions {
        let member = decision.release.members().find(|member| member.fleet == *action.fleet());
        prop_assert!(member.is_some_and(|member| !member.gone), "{action}: not a fleet of the release");
        let member = member.unwrap();
        if let Action::Attach { style, groups, .. } | Action::Detach { style, groups, .. } = action {
            prop_assert_eq!(*style, member.style);
            prop_assert!(!groups.is_empty() && groups.iter().all(|group| decision.release.groups.contains_key(group)));
        }
        match scene.seen.fleet(&member.fleet) {
            Ok(Some(fleet)) => prop_assert_eq!(&fleet.arn, &member.arn, "{}: another fleet of that name", action),
            Ok(None) => prop_assert!(false, "{action}: there is no such fleet"),
            Err(_) => prop_assert!(matches!(action, Action::Attach { .. } | Action::Detach { .. }), "{action}: unseen"),
        }
    }
    Ok(())
}

/// Hold the floor, nothing else: upward, or back to the original.
fn floors_only_upward_or_back(decision: &Decision) -> Result<(), TestCaseError> {
    for action in &decision.actions {
        let Action::SetMinSize { fleet, from, to } = action else { continue };
        let member = decision.release.members().find(|member| member.fleet == *fleet).unwrap();
        let Some(floor) = member.floor else {
            return Err(TestCaseError::fail(format!("{action}: a floor that isn't on record")));
        };
        prop_assert!(!floor.foreign, "{action}: somebody else's");
        match floor.releasing {
            true => prop_assert_eq!(*to, floor.original),
            false => prop_assert!(to > from && *to == floor.written, "{action}: {floor:?}"),
        }
    }
    Ok(())
}

/// Law 8 (always-ends): whatever runs waits for something, until a moment; only a halt has none.
fn every_wait_has_a_deadline(scene: &Scene, decision: &Decision) -> Result<(), TestCaseError> {
    let next = next_check_seconds(&decision.release, decision.waiting_on.as_ref(), scene.seen.at);
    match &decision.waiting_on {
        None => prop_assert!(decision.release.ended() && next == 0),
        // What goes round in a ring never ends, however often it's looked at.
        Some(WaitingOn::Evidence { unknown, .. }) if unknown == DISAGREE => {
            prop_assert!(false, "no rule comes to rest")
        }
        Some(WaitingOn::Person { .. }) => prop_assert!(decision.release.halted() && next >= 1),
        Some(waiting) => prop_assert!(waiting.deadline().is_some() && (1..=300).contains(&next)),
    }
    Ok(())
}

fn every_law(scene: &Scene) -> Result<(), TestCaseError> {
    let decision = scene.decide();
    green_carries_when_blue_goes(scene, &decision)?;
    blue_carries_when_green_goes(scene, &decision)?;
    all_was_read_when_blue_goes(scene, &decision)?;
    no_alarm_when_blue_goes(scene, &decision)?;
    only_what_is_named(scene, &decision)?;
    floors_only_upward_or_back(&decision)?;
    every_wait_has_a_deadline(scene, &decision)
}

/// Law 5 (again-is-nothing): with the intents marked, the same look again finds nothing to do and nothing to say.
fn again_is_nothing(scene: &Scene) -> Result<(), TestCaseError> {
    let first = scene.decide();
    let mut release = first.release.clone();
    let lease = Lease::new("request".into(), scene.seen.at, scene.seen.at + Span::seconds(60));
    intend(&mut release, &first.actions, &lease);
    let second = decide(&release, &scene.seen);
    prop_assert_eq!(&second.actions, &Vec::new(), "after {:?}", first.actions);
    prop_assert_eq!(&second.notes, &Vec::new(), "after {:?}", first.notes);
    prop_assert_eq!(&second.release, &release);
    Ok(())
}

/// Some hundred cases each take seconds, and what fails is made short for no more than ten: `make mutants` makes much fail.
/// A longer search: PROPTEST_CASES=100000 cargo test -p decide properties
fn config() -> ProptestConfig {
    let usual = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => usual,
        None => ProptestConfig { cases: 400, max_shrink_time: 10_000, ..usual },
    }
}

proptest! {
    #![proptest_config(config())]

    /// The laws hold of every decision on a good record, whatever the world does.
    #[test]
    fn every_law_holds_whatever_the_world_does(plot in plot()) {
        every_law(&plot.scene())?;
    }

    /// The laws hold also on records that no release ever had, and nothing panics.
    #[test]
    fn every_law_holds_of_nonsense_too(plot in nonsense()) {
        let scene = plot.scene();
        every_law(&scene)?;
        let _reports = gate_reports(&scene.release, &scene.seen);
        let _plan = plan(&scene.release, &scene.seen);
    }

    /// **Again is nothing**: deciding twice on the same look does nothing the second time.
    #[test]
    fn a_second_decision_on_the_same_look_does_nothing(plot in plot()) {
        again_is_nothing(&plot.scene())?;
    }

    /// **Again is nothing**, of nonsense too.
    #[test]
    fn a_second_decision_on_nonsense_does_nothing(plot in nonsense()) {
        again_is_nothing(&plot.scene())?;
    }

    /// A look that read nothing writes nothing, and takes nothing for good news.
    #[test]
    fn a_look_that_read_nothing_writes_nothing(plot in nonsense()) {
        let scene = plot.scene();
        let blind = Scene { seen: Observation { at: scene.seen.at, ..Observation::default() }, ..scene };
        let decision = blind.decide();
        prop_assert_eq!(&decision.actions, &Vec::new());
        let (before, after) = (blind.release.stage, decision.release.stage);
        prop_assert!(!(before == Stage::Bake && after == Stage::Detach), "promoted blindly");
    }

    /// An ended release is never changed by a look.
    #[test]
    fn an_ended_release_stays_as_it_is(plot in nonsense()) {
        let mut scene = plot.scene();
        scene.release.ended_at = Some(scene.seen.at);
        let decision = scene.decide();
        prop_assert_eq!(decision.actions, Vec::new());
        prop_assert_eq!(decision.release, scene.release);
    }
}
