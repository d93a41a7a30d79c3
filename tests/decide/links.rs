//! Attachments: what is written again, what counts as a person's doing, and what counts as a target that serves.

use crate::scene::{Setting, fleet_arn, fleet_name, group_arn};
use cutover::act::{Outcome, WriteError, note};
use cutover::decide::Action;
use cutover::release::*;

/// A fleet that still drains may be attached again: a rollback doesn't wait until it's off.
#[test]
fn blue_that_is_still_being_detached_is_attached_again() {
    let mut scene = Setting::default().watch();
    scene.attachments("blue").insert(group_arn("web"), AttachmentState::Removing);
    scene.in_alarm("errors");
    let attached = scene.decide().actions;
    assert!(matches!(&attached[..], [Action::Attach { fleet, .. }] if fleet.as_str() == "blue"), "{attached:?}");
}

/// What seems to be a person's doing counts once the reading settles, whatever it was that Cutover wrote.
#[test]
fn a_hand_is_seen_in_settled_readings_alone() {
    let mut scene = Setting::default().bake();
    scene.sizes("blue", 3, 5);
    scene.go();
    scene.off("green", "web");
    for (later, stage) in [(29, Stage::Bake), (1, Stage::Rollback)] {
        scene.later(later);
        assert_eq!(scene.decide().release.stage, stage, "{later} s later");
    }
}

/// What hangs on the group under blue's name by now is no blue.
#[test]
fn another_fleet_of_a_deleted_blues_name_is_not_warned_of() {
    let mut scene = Setting::default().watch();
    scene.fleet("blue").arn = fleet_arn("blue, made again");
    scene.on("blue", "web");
    let warnings = scene.decide().release.warnings;
    assert!(warnings.contains(&"blue was deleted".to_owned()), "{warnings:?}");
    assert!(!warnings.iter().any(|warning| warning.contains("attached to")), "{warnings:?}");
}

/// A reading counts from the very moment at which it has settled.
#[test]
fn blue_is_drained_as_soon_as_its_reading_counts() {
    let mut scene = Setting::default().baked();
    scene.go();
    scene.drained("blue");
    for (later, stage) in [(29, Stage::Detach), (1, Stage::Watch)] {
        scene.later(later);
        assert_eq!(scene.decide().release.stage, stage, "{later} s later");
    }
}

/// A write that AWS refuses settles nothing: a reading from before the write before it shows no more than it did.
#[test]
fn a_refused_attach_behind_a_detach_is_not_confirmed_by_a_stale_reading() {
    let mut scene = Setting::default().baked();
    scene.go();
    let detached = scene.release.blue[0].last_write;
    scene.later(1);
    scene.on("blue", "web");
    scene.in_alarm("errors");
    scene.release = scene.decide().release;
    scene.release.blue[0].last_write = Some(LastWrite::new(scene.seen.at, WriteAnswer::Refused, detached));
    scene.later(1);
    scene.release = scene.decide().release;
    assert!(scene.release.blue[0].links.values().all(|link| !link.confirmed), "{:?}", scene.release.blue[0].links);
    scene.off("blue", "web");
    scene.later(29);
    let again = scene.decide().actions;
    assert!(matches!(again[..], [Action::Attach { .. }]), "{again:?}");
}

/// A target that ELB doesn't use any more holds nothing up.
#[test]
fn an_unused_target_has_been_drained() {
    let mut scene = Setting::default().detach();
    scene.health("blue", "web", TargetHealth::Unused);
    assert_eq!(scene.decide().release.stage, Stage::Watch);
    scene.some("blue", "web", 1, TargetHealth::Draining);
    assert_eq!(scene.decide().release.stage, Stage::Detach);
}

/// Green has to replace what may serve: a target that is unhealthy, or whose instance isn't InService, doesn't.
#[test]
fn what_cannot_serve_of_blue_is_not_asked_of_green() {
    let grown = |change: fn(&mut crate::scene::Scene)| {
        let mut scene = Setting::default().baked();
        scene.sizes("blue", 3, 5);
        change(&mut scene);
        scene.decide().release.stage
    };
    assert_eq!(grown(|_| {}), Stage::Bake, "five healthy ones, and green has three");
    assert_eq!(grown(|s| s.some("blue", "web", 2, TargetHealth::Unhealthy)), Stage::Detach);
    let leaving = |s: &mut crate::scene::Scene| {
        let instances = s.fleet("blue").instances.values_mut();
        instances.take(2).for_each(|instance| instance.in_service = false);
    };
    assert_eq!(grown(leaving), Stage::Detach);
}

/// What blue comes back with is what it had when it was detached, each fleet its own.
#[test]
fn each_blue_is_remembered_at_its_own_size() {
    let blues = vec![("blue", vec!["web"]), ("blue2", vec!["web"])];
    let mut scene = Setting { blues, ..Setting::default() }.bake_of_six();
    scene.fleet("blue").sizes.desired = 2;
    scene.fleet("blue2").sizes.desired = 1;
    scene.go();
    scene.later(310);
    scene.go();
    assert_eq!(scene.release.stage, Stage::Detach, "{:?}", scene.decide().waiting_on);
    let sizes = scene.release.blue.iter().map(|member| (member.fleet.as_str(), member.size_when_detached));
    assert_eq!(sizes.collect::<Vec<_>>(), [("blue", Some(2)), ("blue2", Some(1))]);
}

/// What one of them can't be read to have is known from before, and takes nothing from the others.
#[test]
fn a_blue_that_cannot_be_read_makes_no_other_forgotten() {
    let blues = vec![("blue", vec!["web"]), ("blue2", vec!["web"])];
    let mut scene = Setting { blues, ..Setting::default() }.rollback_of_six();
    scene.all_targets("blue", TargetHealth::Unhealthy);
    scene.all_targets("blue2", TargetHealth::Unhealthy);
    scene.go();
    scene.later(900);
    scene.go();
    assert!(scene.release.halted());
    scene.later(31);
    scene.fleet("blue").sizes.desired = 5;
    scene.release.blue[1].size_when_detached = Some(2);
    scene.fleet_unread("blue2");
    let promote = cutover::decide::Ask::Promote { by: "ana".into() };
    let promoted = scene.ask(promote).unwrap().application.running.unwrap();
    assert_eq!(promoted.stage, Stage::Detach, "{}", promoted.message);
    assert_eq!(promoted.blue.iter().map(|member| member.size_when_detached).collect::<Vec<_>>(), [Some(5), Some(2)]);
}

/// AWS takes ten target groups a call, and each call asks the lease whether there's time left for it.
#[test]
fn a_write_to_many_groups_is_several_actions() {
    let names: Vec<&'static str> = vec!["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let scene = Setting { blues: vec![("blue", names.clone())], groups: names, ..Setting::default() }.prepare();
    let groups = |action: &Action| match action {
        Action::Attach { groups, .. } => groups.len(),
        other => panic!("{other}"),
    };
    assert_eq!(scene.decide().actions.iter().map(groups).collect::<Vec<_>>(), [10, 1]);
}

/// A detach of green that is repeated, too, waits until blue's first checks are over.
#[test]
fn green_is_not_detached_again_while_blue_is_in_its_first_checks() {
    let mut scene = Setting::default().green_leaves();
    scene.on("green", "web");
    scene.wrote("green", WriteAnswer::Refused);
    scene.some("blue", "web", 1, TargetHealth::Initial);
    assert_eq!(scene.decide().actions, []);
    scene.some("blue", "web", 1, TargetHealth::Healthy);
    assert!(matches!(scene.decide().actions[..], [Action::Detach { .. }]));
}

/// A fleet that was made a moment ago may be missing from a reading; from the settling time on it's gone.
#[test]
fn a_fleet_is_gone_once_a_reading_would_show_it() {
    for (later, gone) in [(29, false), (30, true)] {
        let mut scene = Setting::default().begin();
        scene.deleted("blue");
        scene.later(later);
        let member = scene.decide().release.member_mut(&fleet_name("blue")).unwrap().gone;
        assert_eq!(member, gone, "{later} s after the start");
    }
}

/// Of several writes to one fleet in one turn: what was accepted has to settle, and what was refused hasn't been said yet.
#[test]
fn what_is_refused_of_a_write_to_many_groups_is_sent_again() {
    let names: Vec<&'static str> = vec!["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let scene = Setting { blues: vec![("blue", names.clone())], groups: names, ..Setting::default() }.prepare();
    let mut decision = scene.decide();
    let at = scene.seen.at;
    let refused = || Err(WriteError::Refused("throttled".to_owned()));
    let answers = decision.actions.iter().zip([Ok(()), refused()]);
    let outcomes: Vec<_> = answers.map(|(action, result)| Outcome { action: action.clone(), at, result }).collect();
    note(&mut decision.release, &outcomes);
    let green = &decision.release.green;
    assert_eq!(green.last_write.map(|write| write.answer), Some(WriteAnswer::Accepted));
    let unsaid: Vec<_> = green.links.iter().filter(|(_, link)| !link.asked).map(|(group, _)| group.short()).collect();
    assert_eq!(unsaid, ["k"]);
    let again = cutover::decide::decide(&decision.release, &scene.seen).actions;
    assert!(matches!(&again[..], [Action::Attach { groups, .. }] if groups.len() == 1), "{again:?}");
}
