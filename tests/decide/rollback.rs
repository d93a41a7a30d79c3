//! A rollback: what blue comes back with, what it must have before green leaves, and what green's way out ends in.

use crate::scene::{Scene, Setting};
use crate::town::{promote, roll_back};
use cutover::decide::Action;
use cutover::release::policy::RetireBlue;
use cutover::release::*;

/// A person goes back after the end; what is done at once.
fn rolled_back(scene: &mut Scene) -> Vec<String> {
    let turn = scene.ask(roll_back()).unwrap();
    scene.release = turn.application.running.unwrap();
    turn.actions.iter().map(Action::to_string).collect()
}

fn does(scene: &mut Scene) -> Vec<String> {
    scene.go().actions.iter().map(Action::to_string).collect()
}

/// Blue that may shrink is no way back: its floor comes first, however healthy it is.
#[test]
fn blue_is_held_at_its_size_before_green_leaves() {
    let mut scene = Setting::default().successful();
    assert_eq!(rolled_back(&mut scene), ["set MinSize of blue from 1 to 3", "attach blue to web"]);
    scene.on("blue", "web");
    scene.wrote("blue", WriteAnswer::Accepted);
    scene.later(31);
    assert_eq!(does(&mut scene), ["set MinSize of blue from 1 to 3"], "it was refused the first time");
    scene.later(31);
    assert_eq!(does(&mut scene), ["detach green from web"]);
}

/// What green was asked for at its attach, blue is asked for a share of: whatever blue has lost since.
#[test]
fn blue_needs_its_share_of_what_green_was_asked_for() {
    let mut scene = Setting::default().begin();
    scene.sizes("blue", 1, 5);
    for later in [31, 31, 10] {
        scene.go();
        scene.later(later);
        scene.all_targets("green", TargetHealth::Healthy);
    }
    assert_eq!(scene.go().release.stage, Stage::Bake);
    scene.some("blue", "web", 3, TargetHealth::Unhealthy);
    scene.in_alarm("errors");
    match scene.go().waiting_on {
        Some(WaitingOn::BlueHealth { healthy, required, .. }) => assert_eq!((healthy, required), (2, 3)),
        other => panic!("not for blue: {other:?}"),
    }
    scene.some("blue", "web", 1, TargetHealth::Healthy);
    assert_eq!(does(&mut scene), ["detach green from web"], "half of five are three");
}

/// Scaled to zero at the end, a fleet gets its recorded sizes back: but none over what somebody has given it since, and none
/// of nothing.
#[test]
fn a_retired_fleet_is_resized_only_out_of_zero_and_to_what_it_had() {
    let retired = || {
        let fields = PolicyFields { retire_blue: Some(RetireBlue::ScaleToZero), ..PolicyFields::default() };
        Setting::with(fields).successful()
    };
    assert_eq!(rolled_back(&mut retired()), ["set MinSize of blue to 1 and its desired capacity to 3"]);
    let mut scaled_out = retired();
    scaled_out.sizes("blue", 0, 4);
    assert_eq!(rolled_back(&mut scaled_out), ["set MinSize of blue from 0 to 3", "attach blue to web"]);
    let mut empty = retired();
    empty.release.blue[0].size_when_detached = Some(0);
    assert_eq!(rolled_back(&mut empty), ["attach blue to web"]);
}

/// Somebody deleted green. What brings blue back is waited for, however late it was sent; what can't be read isn't.
#[test]
fn blue_that_is_attached_at_the_last_moment_is_waited_for_until_it_settles() {
    let mut scene = Setting::default().watch();
    scene.in_alarm("errors");
    scene.go();
    scene.off("blue", "web");
    scene.wrote("blue", WriteAnswer::Refused);
    scene.deleted("green");
    scene.later(890);
    assert_eq!(does(&mut scene), ["attach blue to web"]);
    scene.attachments_unread("blue");
    for (later, waits) in [(29, "settle"), (1, "person")] {
        scene.later(later);
        assert_eq!(scene.decide().waiting_on.map(|waiting| waiting.kind()), Some(waits), "{later} s later");
    }
}

/// Born attached to one of two groups, green was turned back before it was ever attached to the other.
#[test]
fn green_that_comes_back_comes_back_where_it_was() {
    let mut scene = Setting { born: vec!["web"], ..Setting::two_groups() }.prepare();
    scene.in_alarm("errors");
    assert_eq!(does(&mut scene), ["detach green from web"]);
    scene.later(31);
    scene.deleted("blue");
    assert_eq!(does(&mut scene), ["attach green to web"]);
}

/// Blue has become unhealthy behind a detach of green that AWS refused: that green stays is said once.
#[test]
fn green_that_stays_until_blue_carries_is_news_once() {
    let mut scene = Setting::default().bake();
    scene.in_alarm("errors");
    scene.go();
    scene.on("green", "web");
    scene.wrote("green", WriteAnswer::Refused);
    scene.all_targets("blue", TargetHealth::Unhealthy);
    assert!(scene.go().release.message.contains("green stays until it is"), "{}", scene.release.message);
    scene.later(15);
    assert_eq!(scene.decide().release, scene.release);
}

/// A first set-up that failed, and whose detach AWS refused.
fn failed() -> Scene {
    let mut scene = Setting::alone().attach();
    scene.all_targets("green", TargetHealth::Unhealthy);
    scene.later(900);
    assert_eq!(does(&mut scene), ["detach green from web"]);
    scene.on("green", "web");
    scene.wrote("green", WriteAnswer::Refused);
    scene.all_targets("green", TargetHealth::Unhealthy);
    scene
}

/// It's taken out as long as nothing in it is healthy, left once something is, and neither while that can't be read.
#[test]
fn a_failed_first_set_up_stays_only_if_something_in_it_is_seen_to_be_healthy() {
    let mut scene = failed();
    scene.targets_unread("web");
    let unread = scene.decide();
    assert_eq!((unread.release.ending, unread.actions), (None, vec![]));
    let mut scene = failed();
    scene.some("green", "web", 1, TargetHealth::Healthy);
    assert!(matches!(scene.decide().release.ending, Some((Status::Successful, _))));
    let mut scene = failed();
    assert_eq!(does(&mut scene), ["detach green from web"]);
    scene.drained("green");
    scene.later(31);
    let message = scene.decide().release.message;
    assert!(message.starts_with("green never became healthy and is detached: "), "{message}");
}

/// Looks so often, half a minute apart, while each write to one fleet is refused, as of a fleet that lost its tag.
fn refused(scene: &mut Scene, refuses: &str, looks: u32) {
    for _ in 0..looks {
        let decision = scene.decide();
        scene.release = decision.release.clone();
        for action in &decision.actions {
            let fleet = action.fleet().to_string();
            let answer = if fleet == refuses { WriteAnswer::Refused } else { WriteAnswer::Accepted };
            scene.wrote(&fleet, answer);
            if answer == WriteAnswer::Accepted {
                scene.done(action);
            }
        }
        if scene.release.ended() {
            return;
        }
        scene.later(31);
    }
}

/// A halt is left once blue carries the whole: also if what else was meant of blue is refused.
#[test]
fn blue_that_carries_leads_out_of_a_halt_though_its_floor_is_refused() {
    let mut scene = Setting::default().watch();
    scene.release.blue[0].size_when_detached = Some(5);
    scene.in_alarm("errors");
    refused(&mut scene, "blue", 60);
    assert!(scene.release.halted(), "{}", scene.release.message);
    scene.on("blue", "web");
    refused(&mut scene, "blue", 3_000);
    assert_eq!(scene.release.status, Status::RollbackSuccessful, "{}", scene.release.message);
}

/// … and so does one that is taken out by deleting green: blue serves, however its floor stands.
#[test]
fn green_deleted_in_a_halt_ends_it_though_the_floor_of_blue_is_refused() {
    let mut scene = Setting::default().watch();
    scene.release.blue[0].size_when_detached = Some(5);
    scene.in_alarm("errors");
    refused(&mut scene, "blue", 60);
    scene.on("blue", "web");
    scene.deleted("green");
    refused(&mut scene, "blue", 3_000);
    assert_eq!(scene.release.status, Status::RollbackSuccessful, "{}", scene.release.message);
}

/// Of two fleets of blue one can't be attached; the other carries it all.
#[test]
fn one_blue_that_carries_is_enough_in_a_halt() {
    let blues = vec![("blue", vec!["web"]), ("blue2", vec!["web"])];
    let mut scene = Setting { blues, ..Setting::default() }.rollback_of_six();
    scene.off("blue", "web");
    scene.all_targets("blue2", TargetHealth::Unhealthy);
    refused(&mut scene, "blue", 60);
    assert!(scene.release.halted(), "{}", scene.release.message);
    scene.sizes("blue2", 6, 6);
    scene.all_targets("blue2", TargetHealth::Healthy);
    refused(&mut scene, "blue", 3_000);
    assert_eq!(scene.release.status, Status::RollbackSuccessful, "{}", scene.release.message);
}

/// A person's hand outranks also before there is a halt; none is spoken of then.
#[test]
fn blue_taken_out_in_a_rollback_is_a_choice_of_green() {
    let mut scene = Setting::default().rollback();
    scene.go();
    scene.later(31);
    scene.go();
    scene.off("blue", "web");
    scene.later(901);
    scene.go();
    assert_eq!(scene.release.message, "blue was detached while it was waited for: green serves");
}

/// Green that somebody attached again is theirs; that it serves is said.
#[test]
fn green_that_somebody_attached_again_is_warned_of() {
    let mut scene = Setting::default().green_leaves();
    scene.later(31);
    scene.off("green", "web");
    scene.go();
    scene.on("green", "web");
    scene.later(31);
    scene.go();
    let warned = |warning: &String| warning == "green was attached to web again by somebody else: it stays there";
    assert!(scene.release.warnings.iter().any(warned), "{:?}", scene.release.warnings);
}

/// Somebody took green out, and whether blue is attached can't be read: that isn't waited for without an end.
#[test]
fn blue_that_is_not_known_to_be_back_is_waited_for_no_longer_than_its_time() {
    let mut scene = Setting::default().rollback();
    scene.off("green", "web");
    scene.attachments_unread("blue");
    scene.later(800);
    scene.go();
    assert!(!scene.release.halted(), "{}", scene.release.message);
    scene.later(101);
    scene.go();
    assert!(scene.release.halted(), "{}", scene.release.message);
}

/// A halt that is ending says at its end what it ended with, whatever is asked meanwhile.
#[test]
fn a_promote_of_a_halt_that_is_ending_does_nothing() {
    let mut scene = Setting::default().halted();
    scene.deleted("blue");
    scene.go();
    assert_eq!(scene.release.ending.map(|(end, _)| end), Some(Status::Successful), "{}", scene.release.message);
    for ask in [promote(), roll_back()] {
        let turn = scene.ask(ask).unwrap();
        assert!(turn.entries.is_empty(), "{:?}", turn.entries);
        assert!(turn.said.unwrap().ends_with("is ending already"));
    }
}

/// A first set-up that can't be detached stands alone.
#[test]
fn a_first_set_up_that_stays_is_beside_nothing() {
    let mut scene = Setting::alone().attach();
    scene.all_targets("green", TargetHealth::Unhealthy);
    scene.later(900);
    scene.go();
    scene.on("green", "web");
    scene.all_targets("green", TargetHealth::Unhealthy);
    scene.wrote("green", WriteAnswer::Refused);
    scene.later(120 + 900);
    let message = scene.decide().release.message;
    assert!(message.contains("can't be detached") && message.contains("nothing else serves"), "{message}");
}

/// Blue can't be detached, and green has become too small for it: how long that lasts is the stage's time, not each look's.
#[test]
fn the_deadline_of_a_detach_stays() {
    let mut scene = Setting::default().detach();
    scene.on("blue", "web");
    scene.wrote("blue", WriteAnswer::Refused);
    scene.sizes("blue", 3, 5);
    let mut deadlines = Vec::new();
    for _ in 0..3 {
        scene.later(60);
        deadlines.extend(scene.go().waiting_on.and_then(|waiting| waiting.deadline()));
    }
    // The first look only sees that the refused call changed nothing.
    assert_eq!(deadlines[1], deadlines[2]);
}

/// Late, and not known to be off: the time that is lost with it runs on from look to look, without a save.
#[test]
fn what_is_late_and_unknown_is_saved_once() {
    let mut scene = Setting::default().baked();
    scene.go();
    scene.wrote("blue", WriteAnswer::Lost);
    scene.attachments_unread("blue");
    scene.later(120 + 900);
    scene.go();
    scene.later(60);
    let before = scene.release.clone();
    assert_eq!(scene.go().release, before);
}
