//! How long the watched alarms need to detect, and the bake that follows from it.

use crate::scene::{Scene, Setting, alarm_name};
use cutover::release::*;

/// A watched alarm is of this kind.
fn kind(scene: &mut Scene, name: &'static str, kind: AlarmKind) {
    scene.alarm(name).kind = kind;
}

fn metric(period_seconds: u32, datapoints: u32) -> AlarmKind {
    AlarmKind::Metric { period_seconds, datapoints }
}

fn composite(children: &[&'static str]) -> AlarmKind {
    AlarmKind::Composite { children: children.iter().map(|name| alarm_name(name)).collect() }
}

/// An alarm that no release watches by itself.
fn child(scene: &mut Scene, name: &'static str, kind: AlarmKind) {
    let mut alarm = scene.alarm("errors").clone();
    (alarm.name, alarm.kind) = (alarm_name(name), kind);
    scene.seen.alarms.insert(alarm_name(name), Ok(Some(alarm)));
}

/// How long the release bakes once it has come to the attach; `None`: it was rejected.
fn bake(mut scene: Scene) -> Option<u32> {
    scene.go();
    scene.later(31);
    scene.go();
    (scene.release.stage == Stage::Attach).then_some(scene.release.bake_time_seconds)
}

/// (datapoints + 1) × period + 120 s of the slowest, wherever it stands.
#[test]
fn the_slowest_alarm_sets_the_bake() {
    for order in [["fast", "slow"], ["slow", "fast"]] {
        let mut scene = Setting { alarms: order.to_vec(), ..Setting::default() }.begin();
        kind(&mut scene, "slow", metric(300, 2));
        kind(&mut scene, "fast", metric(60, 3));
        assert_eq!(bake(scene), Some(3 * 300 + 120), "{order:?}");
    }
}

/// Of two that are equally slow, the first is named.
#[test]
fn the_warning_names_the_first_of_the_slowest() {
    let mut scene = Setting { alarms: vec!["errors", "latency"], ..Setting::default() }.begin();
    kind(&mut scene, "errors", metric(300, 2));
    kind(&mut scene, "latency", metric(300, 2));
    scene.go();
    scene.later(31);
    let warnings = scene.go().release.warnings;
    assert_eq!(warnings, ["the bake time is 1020 s instead of 300 s: alarm errors needs that to detect"]);
}

/// An hour is the most.
#[test]
fn an_alarm_that_needs_over_an_hour_is_refused() {
    let needs = |seconds: u32| {
        let mut scene = Setting::default().begin();
        kind(&mut scene, "errors", metric((seconds - 120) / 2, 1));
        bake(scene)
    };
    assert_eq!([3600, 3602].map(needs), [Some(3600), None]);
}

/// Of a composite alarm its slowest child counts, and of that one the same.
#[test]
fn a_composite_is_as_slow_as_its_slowest_child() {
    for children in [["quick", "inner"], ["inner", "quick"]] {
        let mut scene = Setting::default().begin();
        kind(&mut scene, "errors", composite(&children));
        child(&mut scene, "quick", metric(60, 1));
        child(&mut scene, "inner", composite(&["deep"]));
        child(&mut scene, "deep", metric(300, 2));
        assert_eq!(bake(scene), Some(1020), "{children:?}");
    }
}

/// Rules are followed so deep and no deeper: a rule that names itself has an end.
#[test]
fn a_composite_that_names_itself_has_an_end() {
    let mut scene = Setting::default().begin();
    kind(&mut scene, "errors", composite(&["errors", "child"]));
    child(&mut scene, "child", metric(300, 2));
    assert_eq!(bake(scene), Some(1020));
}
