//! When to look again.

use crate::scene::{Scene, Setting};
use cutover::decide::next_check_seconds;
use cutover::release::TargetHealth;
use cutover::report::Report;

fn next(scene: &Scene) -> u32 {
    let decision = scene.decide();
    next_check_seconds(&decision.release, decision.waiting_on.as_ref(), scene.seen.at)
}

/// While something is awaited: when it can be over, at most `check_interval_seconds`.
#[test]
fn what_is_awaited_sets_the_pace_up_to_the_policys_interval() {
    let mut scene = Setting::default().begin();
    assert_eq!(next(&scene), 15);
    scene.go();
    scene.later(25);
    assert_eq!(next(&scene), 5, "the floors settle in five seconds");
    let mut slow = Setting::default().attach();
    slow.release.policy.check_interval_seconds = 60;
    assert_eq!(next(&slow), 60);
}

/// In bake and watch: a minute, five once it has lasted half an hour; never later than the end of the wait.
#[test]
fn bake_and_watch_are_looked_at_each_minute_and_later_each_five() {
    let mut bake = Setting::default().bake();
    assert_eq!(next(&bake), 60);
    bake.later(260);
    assert_eq!(next(&bake), 30, "the bake is over then");
    let mut watch = Setting::default().watch();
    watch.release.policy.rollback_window_seconds = 7200;
    assert_eq!(next(&watch), 60);
    watch.later(1800);
    assert_eq!(next(&watch), 300);
}

/// A halt is looked at like a bake; what has ended, never.
#[test]
fn a_halt_goes_on_being_looked_at_and_an_end_does_not() {
    assert!((60..=300).contains(&next(&Setting::default().halted())));
    assert_eq!(next(&Setting::default().successful()), 0);
}

/// A long wait slows down, so that a workflow's events last: at fifteen minutes to thirty seconds.
#[test]
fn a_wait_slows_down_with_its_length() {
    // It has lasted 31 s.
    let mut attach = Setting::default().attach();
    attach.release.policy.attach_timeout_seconds = 7200;
    attach.all_targets("green", TargetHealth::Unhealthy);
    let paces = [419, 450, 900].map(|seconds| {
        attach.later(seconds);
        next(&attach)
    });
    assert_eq!(paces, [15, 30, 60]);
}

/// Whoever reads 0 looks no more: only what has ended says it. What has just begun, or what the next look would end, waits
/// for that look.
#[test]
fn what_has_not_ended_is_looked_at_again() {
    let mut scene = Setting::default().watch();
    scene.later(900);
    scene.go();
    scene.later(31);
    let decision = scene.decide();
    assert!(decision.release.ended() && decision.waiting_on.is_none());
    let told = |release| {
        let report = Report::of(release, None, None, scene.seen.at);
        (report.next_check_seconds, report.waiting_on.is_some())
    };
    assert_eq!([told(&scene.release), told(&decision.release)], [(1, true), (0, false)]);
}
