//! What a wait says: the figures that matter.

use crate::scene::{Scene, Setting, fleet_name};
use cutover::release::*;

fn baked(scene: &Scene) -> (u32, u32, Timestamp) {
    match scene.decide().waiting_on {
        Some(WaitingOn::BakeTime { elapsed_seconds, bake_time_seconds, deadline }) => {
            (elapsed_seconds, bake_time_seconds, deadline)
        }
        other => panic!("not a bake: {other:?}"),
    }
}

/// How long both have served, of how long, and when it's over.
#[test]
fn a_bake_says_how_far_it_is() {
    let mut scene = Setting::default().bake();
    let begun = scene.seen.at - Span::seconds(10);
    scene.later(90);
    assert_eq!(baked(&scene), (100, 300, begun + Span::seconds(300)));
}

/// Paused, it says how long it has baked by then, and when the pause ends.
#[test]
fn a_paused_bake_says_when_the_pause_ends() {
    let mut scene = Setting::default().bake();
    let until = scene.seen.at + Span::seconds(600);
    scene.release.paused_until = Some(until);
    assert_eq!(baked(&scene), (10, 300, until));
    scene.later(400);
    scene.go();
    assert_eq!(baked(&scene), (410, 300, until));
}

/// Blue is kept warm for the whole window, and no longer.
#[test]
fn a_window_is_over_when_it_is_said_to_be() {
    let mut scene = Setting::default().watch();
    for (later, over) in [(889, false), (1, true)] {
        scene.later(later);
        assert_eq!(scene.decide().release.ending.is_some(), over, "{later} s later");
    }
}

/// Not ready in time, a release says what it still waited for, with its figures.
#[test]
fn a_release_that_was_not_ready_in_time_says_what_it_lacked() {
    let rejected = |change: fn(&mut Scene)| {
        let mut scene = Setting::default().prepare();
        change(&mut scene);
        scene.later(1800);
        scene.decide().release.message
    };
    let suspended = |s: &mut Scene| s.fleet("green").suspended.extend(["AddToLoadBalancer".to_owned()]);
    let gate = "not ready within 1800 s: gate processes: the process AddToLoadBalancer of green is suspended";
    assert_eq!(rejected(suspended), gate);
    let starting = |s: &mut Scene| s.fleet("green").instances.get_mut("i-green1").unwrap().in_service = false;
    assert_eq!(rejected(starting), "not ready within 1800 s: 2 of 3 instances are InService");
    let mut unsettled = Setting::default().prepare();
    unsettled.later(1800);
    unsettled.wrote("blue", WriteAnswer::Lost);
    assert_eq!(unsettled.decide().release.message, "not ready within 1800 s: waiting on settle");
}

/// Rolled back before its attach, a release that was born attached waits for what it says it waits for.
#[test]
fn a_rollback_of_a_fleet_born_attached_has_its_figures() {
    let mut scene = Setting { born: vec!["web"], ..Setting::default() }.begin();
    scene.go();
    scene.later(31);
    scene.in_alarm("errors");
    scene.all_targets("blue", TargetHealth::Unhealthy);
    scene.some("blue", "web", 1, TargetHealth::Healthy);
    match scene.go().waiting_on {
        Some(WaitingOn::BlueHealth { healthy, required, .. }) => assert_eq!((healthy, required), (1, 2)),
        other => panic!("not for blue: {other:?}"),
    }
}

/// And green's requests have as long to finish as its target groups leave them.
#[test]
fn a_fleet_born_attached_drains_as_long_as_its_groups_say() {
    let fields = PolicyFields { attach_timeout_seconds: Some(60), ..PolicyFields::default() };
    let mut scene = Setting { born: vec!["web"], ..Setting::with(fields) }.begin();
    scene.go();
    scene.later(31);
    scene.in_alarm("errors");
    scene.go();
    scene.later(120 + 59);
    assert!(matches!(scene.decide().waiting_on, Some(WaitingOn::Draining { .. })), "{:?}", scene.decide().waiting_on);
    scene.later(1);
    assert_eq!(scene.decide().waiting_on.map(|waiting| waiting.kind()), Some("settle"), "its floor is given back");
}

/// The target group that lacks most is named, whichever comes first; a target of unknown health may be one.
#[test]
fn a_wait_for_health_names_the_group_that_lacks_most() {
    let named = |api: &[TargetHealth], web: &[TargetHealth]| {
        let mut scene = Setting::two_groups().bake();
        for (group, healths) in [("api", api), ("web", web)] {
            let targets = scene.seen.fleets[&fleet_name("green")].clone().unwrap().unwrap().instances;
            for (id, health) in targets.keys().zip(healths) {
                scene.targets(group).insert(id.clone(), *health);
            }
        }
        match scene.decide().waiting_on {
            Some(WaitingOn::TargetHealth { target_group, healthy, required, .. }) => (target_group, healthy, required),
            other => panic!("not for health: {other:?}"),
        }
    };
    let (well, ill, unknown) = (TargetHealth::Healthy, TargetHealth::Unhealthy, TargetHealth::Unknown);
    assert_eq!(named(&[well, ill, ill], &[well, well, ill]), ("api".to_owned(), 1, 3));
    assert_eq!(named(&[well, well, ill], &[well, ill, ill]), ("web".to_owned(), 1, 3));
    assert_eq!(named(&[well, ill, ill], &[well, ill, ill]), ("api".to_owned(), 1, 3), "of two alike the first");
    assert_eq!(named(&[well, unknown, ill], &[well, ill, ill]), ("web".to_owned(), 1, 3));
    assert_eq!(named(&[well, ill, ill], &[well, unknown, ill]), ("api".to_owned(), 1, 3));
}
