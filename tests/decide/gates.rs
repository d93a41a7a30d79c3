//! The gates: each closed by what it's for and by nothing else; unknown is closed until it's read.

use crate::scene::{Scene, Setting, alarm_name, fleet_name, group_arn, unread};
use cutover::decide::{gate_names, gate_reports};
use cutover::release::policy::InAlarmAtStart;
use cutover::release::*;

/// What becomes of a closed gate.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    Rejects,
    Waits,
}

fn closed(scene: &Scene) -> Vec<&'static str> {
    let reports = gate_reports(&scene.release, &scene.seen);
    reports.into_iter().filter(|report| !report.open).map(|report| report.gate).collect()
}

fn then(scene: &Scene) -> Then {
    let after = scene.decide().release;
    let rejected = after.status == Status::Rejected || matches!(after.ending, Some((Status::Rejected, _)));
    if rejected { Then::Rejects } else { Then::Waits }
}

fn target_group(scene: &mut Scene) -> &mut TargetGroup {
    scene.seen.groups.get_mut(&group_arn("web")).unwrap().as_mut().unwrap().as_mut().unwrap()
}

type Unread = (&'static str, fn(&mut Scene));
type Case = (&'static str, Then, fn(&mut Scene));

/// What closes each gate, and whether that can heal.
const CASES: [Case; 16] = [
    ("tag", Then::Rejects, |s| s.fleet("blue").tags.clear()),
    ("tag", Then::Rejects, |s| drop(s.fleet("green").tags.insert(APPLICATION_TAG.into(), "other".into()))),
    ("fleet", Then::Rejects, |s| s.fleet("green").weighted = true),
    ("target_group", Then::Rejects, |s| target_group(s).takes_instances = false),
    ("listener", Then::Rejects, |s| target_group(s).load_balancers.clear()),
    ("zone", Then::Waits, |s| s.fleet("green").zones.extend(["eu-west-1c".to_owned()])),
    ("processes", Then::Waits, |s| s.fleet("green").suspended.extend(["AddToLoadBalancer".to_owned()])),
    ("processes", Then::Waits, |s| s.fleet("blue").suspended.extend(["AddToLoadBalancer".to_owned()])),
    ("refresh", Then::Waits, |s| drop(s.seen.refreshing.insert(fleet_name("green"), Ok(true)))),
    ("refresh", Then::Waits, |s| drop(s.seen.refreshing.insert(fleet_name("blue"), Ok(true)))),
    ("capacity", Then::Rejects, |s| s.fleet("green").sizes.max = 2),
    ("alarms", Then::Waits, |s| drop(s.seen.alarms.insert(alarm_name("errors"), Ok(None)))),
    ("alarms", Then::Waits, |s| s.alarm("errors").impaired = Some("EVALUATION_FAILURE".into())),
    ("alarms", Then::Rejects, |s| {
        s.alarm("errors").kind = AlarmKind::Metric { period_seconds: 3600, datapoints: 2 };
    }),
    ("alarm_state", Then::Waits, |s| s.in_alarm("errors")),
    ("alarm_state", Then::Waits, |s| {
        let just_now = s.seen.at - Span::seconds(1);
        s.moves_at("errors", AlarmState::InsufficientData, just_now);
        s.moves_at("errors", AlarmState::Ok, just_now);
    }),
];

#[test]
fn each_gate_is_closed_by_what_it_is_for_alone() {
    assert!(closed(&Setting::default().prepare()).is_empty(), "a good world opens every gate");
    for (gate, what_then, change) in CASES {
        let mut scene = Setting::default().prepare();
        change(&mut scene);
        assert_eq!(closed(&scene), [gate]);
        assert_eq!(then(&scene), what_then, "gate {gate}");
    }
}

/// Every gate that there is has a case here, or is named with the reason why it can't be closed by itself.
#[test]
fn no_gate_is_left_out() {
    let named: Vec<_> = gate_names().collect();
    assert!(CASES.iter().all(|(name, ..)| named.contains(name)), "{named:?}");
    let elsewhere = [
        "attachment",      // two groups: below
        "foreign_targets", // closes only without blue: below
        "overlap",         // advisory: below
    ];
    for gate in gate_names() {
        assert!(CASES.iter().any(|(name, ..)| *name == gate) || elsewhere.contains(&gate), "gate {gate}");
    }
}

#[test]
fn two_attachment_styles_on_one_fleet_close_the_gate_until_mended() {
    let mut scene = Setting::two_groups().prepare();
    scene.seen.classic.insert(fleet_name("blue"), Ok([group_arn("api")].into()));
    assert_eq!((closed(&scene), then(&scene)), (vec!["attachment"], Then::Waits));
    scene.seen.classic.insert(fleet_name("blue"), Ok(Default::default()));
    assert!(closed(&scene).is_empty(), "all as traffic sources");
}

#[test]
fn foreign_targets_close_the_gate_only_without_a_blue() {
    let stranger = |scene: &mut Scene, health| scene.targets("web").extend([("i-stranger".to_owned(), health)]);
    let mut alone = Setting::alone().prepare();
    stranger(&mut alone, TargetHealth::Unhealthy);
    assert_eq!((closed(&alone), then(&alone)), (vec!["foreign_targets"], Then::Waits));
    stranger(&mut alone, TargetHealth::Draining);
    assert!(closed(&alone).is_empty(), "what drains goes by itself");
    let mut beside = Setting::default().prepare();
    stranger(&mut beside, TargetHealth::Healthy);
    assert!(closed(&beside).is_empty());
    assert!(beside.decide().release.warnings.iter().any(|warning| warning.contains("foreign_targets")));
}

/// A fleet that was made a moment ago may be missing from a reading: that heals until readings settle, and not later.
#[test]
fn a_missing_fleet_rejects_from_the_settling_time_on() {
    for (later, what_then) in [(29, Then::Waits), (30, Then::Rejects)] {
        let mut scene = Setting::default().begin();
        scene.deleted("green");
        scene.later(later);
        assert_eq!((closed(&scene).contains(&"fleet"), then(&scene)), (true, what_then), "{later} s after the start");
    }
}

#[test]
fn overlap_is_advice() {
    let mut scene = Setting::default().prepare();
    let mut other = scene.fleet("blue").clone();
    (other.name, other.arn) = (fleet_name("other"), crate::scene::fleet_arn("other"));
    scene.seen.fleets.insert(fleet_name("other"), Ok(Some(other)));
    assert!(closed(&scene).is_empty());
    assert!(scene.decide().release.warnings.iter().any(|warning| warning.contains("overlap")));
}

/// `hold` waits, `reject` rejects, `ignore` goes on and says so.
#[test]
fn in_alarm_at_start_is_the_policys_choice() {
    let with = |choice| {
        let fields = PolicyFields { in_alarm_at_start: Some(choice), ..PolicyFields::default() };
        let mut scene = Setting::with(fields).prepare();
        scene.in_alarm("errors");
        scene
    };
    assert_eq!(then(&with(InAlarmAtStart::Hold)), Then::Waits);
    assert_eq!(then(&with(InAlarmAtStart::Reject)), Then::Rejects);
    let ignored = with(InAlarmAtStart::Ignore).decide();
    assert_eq!(ignored.release.stage, Stage::Attach);
    assert!(ignored.release.warnings.iter().any(|warning| warning.contains("alarm_state")));
}

/// What can't be read keeps its gate closed, rejects nothing, and attaches nothing.
#[test]
fn unknown_is_closed_until_it_is_read() {
    let unknowns: [Unread; 9] = [
        ("fleet", |s| s.fleet_unread("green")),
        ("fleet", |s| s.fleet_unread("blue")),
        ("target_group", |s| drop(s.seen.groups.insert(group_arn("web"), unread()))),
        ("target_group", |s| drop(s.seen.attributes.insert(group_arn("web"), unread()))),
        ("zone", |s| s.seen.load_balancers.values_mut().for_each(|balancer| *balancer = unread())),
        ("attachment", |s| drop(s.seen.classic.insert(fleet_name("blue"), unread()))),
        ("refresh", |s| drop(s.seen.refreshing.insert(fleet_name("green"), unread()))),
        ("capacity", |s| s.targets_unread("web")),
        ("alarms", |s| s.alarm_unread("errors")),
    ];
    for (gate, change) in unknowns {
        let mut scene = Setting::default().prepare();
        change(&mut scene);
        assert!(closed(&scene).contains(&gate), "gate {gate}: {:?}", closed(&scene));
        let decision = scene.decide();
        assert_eq!((then(&scene), decision.release.stage), (Then::Waits, Stage::Prepare), "gate {gate}");
        assert!(decision.actions.is_empty(), "gate {gate}");
    }
}
