//! Hold the floor, nothing else: MinSize upward, and back by compare-and-set.

use crate::scene::{Scene, Setting};
use cutover::decide::Action;
use cutover::release::*;

/// (fleet, MinSize) of each write of floors in a decision.
fn written(scene: &Scene) -> Vec<(String, u32)> {
    let floor = |action: &Action| match action {
        Action::SetMinSize { fleet, to, .. } => Some((fleet.to_string(), *to)),
        _ => None,
    };
    scene.decide().actions.iter().filter_map(floor).collect()
}

fn of(fleet: &str, min: u32) -> Vec<(String, u32)> {
    vec![(fleet.to_owned(), min)]
}

fn blue(scene: &Scene) -> &Member {
    &scene.release.blue[0]
}

/// Rejected in `prepare`: its end gives back what it holds.
fn rejected(mut scene: Scene) -> Scene {
    scene.fleet("green").weighted = true;
    scene
}

#[test]
fn blue_is_held_at_its_desired_capacity_and_green_at_the_required() {
    let mut scene = Setting::default().begin();
    scene.sizes("blue", 2, 4);
    assert_eq!(written(&scene), [of("blue", 4), of("green", 4)].concat());
    let mut high = Setting::default().begin();
    high.sizes("blue", 3, 3);
    high.sizes("green", 5, 5);
    assert_eq!(written(&high), [], "both stand at least so high already");
}

#[test]
fn a_floor_is_recorded_as_original_and_written_before_it_is_sent() {
    let decision = Setting::default().begin().decide();
    let floor = decision.release.blue[0].floor.unwrap();
    assert_eq!((floor.original, floor.written, floor.confirmed), (1, 3, false));
}

#[test]
fn held_higher_it_keeps_the_first_original() {
    let mut scene = Setting::default().prepare();
    scene.sizes("blue", 3, 5);
    scene.go();
    scene.later(31);
    let floor = blue(&scene).floor.unwrap();
    assert_eq!((floor.original, floor.written), (1, 5));
    assert_eq!(written(&rejected(scene)), [of("green", 1), of("blue", 1)].concat());
}

/// Whether the raise arrived or not, what was there at first comes back.
#[test]
fn a_raise_that_never_arrived_is_given_back_from_what_stands() {
    for answer in [WriteAnswer::Refused, WriteAnswer::Lost] {
        let mut scene = Setting::default().prepare();
        scene.sizes("blue", 3, 5);
        scene.go();
        scene.sizes("blue", 3, 5);
        scene.wrote("blue", answer);
        scene.later(61);
        let ended = rejected(scene);
        assert!(written(&ended).contains(&("blue".to_owned(), 1)), "{answer:?}");
        assert!(ended.decide().release.warnings.is_empty(), "{answer:?}: nobody else changed it");
    }
}

#[test]
fn a_floor_never_goes_above_max_size() {
    let mut scene = Setting::default().bake();
    scene.fleet("blue").sizes.max = 9;
    scene.sizes("blue", 3, 9);
    assert_eq!(written(&scene), of("green", 6));
}

#[test]
fn what_somebody_else_set_is_theirs_neither_held_again_nor_taken_back() {
    for theirs in [0, 2, 5] {
        let mut scene = Setting::default().prepare();
        scene.sizes("blue", theirs, 5);
        scene.go();
        assert!(scene.release.warnings.iter().any(|warning| warning.contains("somebody else set MinSize of blue")));
        assert!(blue(&scene).floor.unwrap().foreign);
        scene.later(31);
        assert!(!written(&scene).iter().any(|(fleet, _)| fleet == "blue"), "not held again");
        assert!(!written(&rejected(scene)).iter().any(|(fleet, _)| fleet == "blue"), "not taken back");
    }
}

#[test]
fn a_floor_that_never_arrived_needs_no_giving_back() {
    let mut scene = Setting::default().begin();
    scene.go();
    scene.sizes("blue", 1, 3);
    scene.wrote("blue", WriteAnswer::Refused);
    scene.later(31);
    assert_eq!(written(&rejected(scene)), of("green", 1));
}

/// By name alone nothing is written: the fleet may have been deleted and made anew, or be on its way out.
#[test]
fn another_fleet_of_the_same_name_is_not_held() {
    let changes: [fn(&mut Scene); 2] =
        [|s| s.fleet("blue").arn = crate::scene::fleet_arn("another"), |s| s.fleet("blue").deleting = true];
    for change in changes {
        let mut scene = Setting::default().begin();
        change(&mut scene);
        assert!(!written(&scene).iter().any(|(fleet, _)| fleet == "blue"), "{:?}", written(&scene));
    }
}

/// Nothing is concluded about a floor from a reading that doesn't count yet.
#[test]
fn an_unsettled_reading_says_nothing_of_a_floor() {
    let mut scene = Setting::default().begin();
    scene.go();
    scene.sizes("blue", 1, 3);
    scene.later(29);
    let decision = scene.decide();
    assert!(decision.actions.is_empty() && decision.release.warnings.is_empty());
    assert_eq!(decision.release, scene.release);
}

/// A rollback holds again what an end was about to give back, whether that write arrived or not.
#[test]
fn a_rollback_out_of_an_end_holds_the_floor_again() {
    for arrived in [true, false] {
        let mut scene = Setting::default().watch();
        scene.later(900);
        scene.go();
        if !arrived {
            scene.sizes("blue", 3, 3);
            scene.wrote("blue", WriteAnswer::Lost);
        }
        scene.later(5);
        let ask = cutover::decide::Ask::Rollback { by: "ana".into(), reason: None };
        scene.release = scene.ask(ask).unwrap().application.running.unwrap();
        scene.later(61);
        assert_eq!(written(&scene).contains(&("blue".to_owned(), 3)), arrived);
        let after = scene.go().release;
        assert!(!after.blue[0].floor.unwrap().foreign, "arrived: {arrived}");
    }
}

/// The same of a floor that was raised twice: what was given back is known as the first original, not as a stranger's.
#[test]
fn a_floor_raised_twice_and_given_back_is_held_again() {
    let mut scene = Setting::default().prepare();
    scene.sizes("blue", 3, 5);
    scene.sizes("green", 1, 5);
    scene.go();
    scene.later(31);
    scene.go();
    scene.later(31);
    for later in [10, 300, 31, 900] {
        scene.all_targets("green", TargetHealth::Healthy);
        scene.go();
        scene.drained("blue");
        scene.later(later);
    }
    scene.go();
    assert!(scene.release.ending.is_some(), "{} {:?}", scene.release.stage, scene.decide().waiting_on);
    scene.later(5);
    let ask = cutover::decide::Ask::Rollback { by: "ana".into(), reason: None };
    scene.release = scene.ask(ask).unwrap().application.running.unwrap();
    let kept = blue(&scene).floor.unwrap();
    assert_eq!((kept.original, kept.written, kept.releasing, kept.confirmed), (1, 5, false, false));
    scene.later(31);
    assert!(written(&scene).contains(&("blue".to_owned(), 5)), "{:?}", written(&scene));
    assert_eq!(scene.go().release.warnings, Vec::<String>::new());
}

/// Every end gives the floors back exactly as they were found.
#[test]
fn every_end_gives_the_floors_back() {
    let mut rolled_back = Setting::default().green_leaves();
    rolled_back.drained("green");
    let mut successful = Setting::default().watch();
    successful.later(900);
    for mut scene in [rolled_back, successful, rejected(Setting::default().prepare())] {
        while !scene.release.ended() {
            scene.go();
            scene.later(31);
        }
        for fleet in ["blue", "green"] {
            let status = scene.release.status;
            assert_eq!(scene.fleet(fleet).sizes.min, 1, "{fleet} after {status}");
        }
        assert!(scene.release.members().all(|member| member.floor.is_none()));
    }
}
