//! A rollback: what blue comes back with, what it must have before green leaves, and what green's way out ends in.

use crate::scene::{Scene, Setting};
use crate::town::roll_back;
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
