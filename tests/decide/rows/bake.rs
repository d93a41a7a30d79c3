//! `bake`: both serve; then the promotion, or what holds it.

use super::{pause, promote, roll_back};
use crate::scene::{Scene, Setting, alarm_name, fleet_name, unread};
use crate::stage_table::{Row, asked, row};
use cutover::release::policy::{InAlarmAtStart, InsufficientData};
use cutover::release::*;

fn blue_grown(scene: &mut Scene) {
    scene.sizes("blue", 3, 5);
}

/// Without data since a minute before the attach: before the release began to rest on it.
fn quiet_from_before() -> Scene {
    let setting = Setting::default();
    let mut scene = setting.begin();
    scene.moves("errors", AlarmState::InsufficientData);
    scene.go();
    scene.later(31);
    scene.go();
    scene.later(31);
    scene.go();
    scene.later(310);
    scene
}

/// An alarm was in ALARM at the start, and the policy ignores that.
fn ignoring() -> Scene {
    let fields = PolicyFields { in_alarm_at_start: Some(InAlarmAtStart::Ignore), ..PolicyFields::default() };
    let mut scene = Setting::with(fields).prepare();
    scene.in_alarm("errors");
    scene.go();
    scene.later(31);
    scene.go();
    scene.later(10);
    scene
}

pub fn rows() -> Vec<Row> {
    let bake = || Setting::default().bake();
    vec![
        row("both serve", bake(), |_| {}),
        row("in ALARM", bake(), |s| s.in_alarm("errors")),
        row("was in ALARM between two looks", bake(), |s| s.flapped("errors")),
        row("the alarm moved, its history doesn't tell yet", bake(), |s| {
            s.alarm("errors").transitioned_at = Some(s.seen.at - Span::seconds(5));
        }),
        row("an ALARM from before the attach goes on, ignore", ignoring(), |_| {}),
        row("an ALARM from before the attach is over, ignore", ignoring(), |s| s.moves("errors", AlarmState::Ok)),
        row("an ALARM from before the attach came back, ignore", ignoring(), |s| {
            let at = s.seen.at - Span::seconds(20);
            s.moves_at("errors", AlarmState::Ok, at);
            s.in_alarm("errors");
        }),
        row("an ALARM from before came back between two looks, ignore", ignoring(), |s| {
            let at = s.seen.at - Span::seconds(20);
            s.moves_at("errors", AlarmState::Ok, at);
            s.flapped("errors");
        }),
        row("2 of 3 healthy", bake(), |s| s.some("green", "web", 1, TargetHealth::Unhealthy)),
        row("2 of 3 healthy for 900 s in all", bake(), |s| {
            s.some("green", "web", 1, TargetHealth::Unhealthy);
            s.go();
            s.later(900);
        }),
        row("no healthy green target in one group of two", Setting::two_groups().bake(), |s| {
            s.health("green", "api", TargetHealth::Unhealthy);
        }),
        row("none known healthy, one unavailable", bake(), |s| {
            s.health("green", "web", TargetHealth::Unhealthy);
            s.some("green", "web", 1, TargetHealth::Unknown);
        }),
        row("all unavailable", bake(), |s| s.health("green", "web", TargetHealth::Unknown)),
        row("fleets unread: green", bake(), |s| s.fleet_unread("green")),
        row("attachments unread: green", bake(), |s| s.attachments_unread("green")),
        row("target health unread", bake(), |s| s.targets_unread("web")),
        row("target health unread for 900 s in all", bake(), |s| {
            s.targets_unread("web");
            s.go();
            s.later(900);
        }),
        row("alarms unread", bake(), |s| s.alarm_unread("errors")),
        row("blue has grown: green's floor follows", bake(), blue_grown),
        row("blue has grown beyond green's MaxSize", bake(), |s| {
            s.fleet("blue").sizes.max = 9;
            s.sizes("blue", 3, 9);
        }),
        row(
            "blue has grown, match_capacity is false",
            Setting::with(PolicyFields { match_capacity: Some(false), ..PolicyFields::default() }).bake(),
            blue_grown,
        ),
        row("somebody else changed green's floor", bake(), |s| s.sizes("green", 2, 3)),
        row("in ALARM in the look that raises green's floor again", bake(), |s| {
            blue_grown(s);
            s.in_alarm("errors");
        }),
        row("raising green's floor again was refused", bake(), |s| {
            blue_grown(s);
            s.go();
            s.wrote("green", WriteAnswer::Refused);
            s.sizes("green", 3, 3);
        }),
        asked("promote", bake(), promote(), |_| {}),
        asked("promote again, 2 of 3 healthy", bake(), promote(), |s| {
            s.some("green", "web", 1, TargetHealth::Unhealthy);
            s.release.promoted_by = Some("ana".to_owned());
        }),
        asked("promote, in ALARM", bake(), promote(), |s| s.in_alarm("errors")),
        asked("promote, alarms unread", bake(), promote(), |s| s.alarm_unread("errors")),
        asked("promote, 2 of 3 healthy", bake(), promote(), |s| {
            s.some("green", "web", 1, TargetHealth::Unhealthy);
        }),
        asked("promote, paused", bake(), promote(), |s| s.release.paused_until = Some(s.seen.at + Span::seconds(600))),
        asked("pause", bake(), pause(), |_| {}),
        asked("pause again", bake(), pause(), |s| s.release.paused_until = Some(s.seen.at + Span::seconds(600))),
        asked("rollback", bake(), roll_back(), |_| {}),
    ]
}

pub fn over() -> Vec<Row> {
    let baked = || Setting::default().baked();
    let held = |late| {
        let mut scene = Setting::default().baked();
        blue_grown(&mut scene);
        scene.fleet("green").sizes.max = 3;
        scene.go();
        scene.later(late);
        scene
    };
    let closed = |s: &mut Scene| s.fleet("blue").suspended.extend(["AddToLoadBalancer".to_owned()]);
    let strict = PolicyFields { insufficient_data: Some(InsufficientData::Unknown), ..PolicyFields::default() };
    vec![
        row("healthy", baked(), |_| {}),
        row("in ALARM", baked(), |s| s.in_alarm("errors")),
        row("was in ALARM between two looks", baked(), |s| s.flapped("errors")),
        row("in ALARM in the last second of a bake, OK now", baked(), |s| {
            let at = s.seen.at - Span::seconds(20);
            s.moves_at("errors", AlarmState::Alarm, at);
            s.moves_at("errors", AlarmState::Ok, at + Span::seconds(1));
        }),
        row("the alarm moved, its history tells of no ALARM", baked(), |s| {
            let at = s.seen.at - Span::seconds(60);
            s.moves_at("errors", AlarmState::InsufficientData, at);
            s.moves("errors", AlarmState::Ok);
        }),
        row("the alarm moved, its history doesn't tell yet", baked(), |s| {
            s.alarm("errors").transitioned_at = Some(s.seen.at - Span::seconds(5));
        }),
        row("the alarm moved, its history is unread", baked(), |s| {
            s.alarm("errors").transitioned_at = Some(s.seen.at - Span::seconds(5));
            s.seen.moves.insert(alarm_name("errors"), unread());
        }),
        row("an alarm was deleted", baked(), |s| drop(s.seen.alarms.insert(alarm_name("errors"), Ok(None)))),
        row("an alarm isn't judging", baked(), |s| s.alarm("errors").impaired = Some("PARTIAL_DATA".into())),
        row("alarms unread", baked(), |s| s.alarm_unread("errors")),
        row("alarms unread for 900 s in all", baked(), |s| {
            s.alarm_unread("errors");
            s.go();
            s.later(900);
        }),
        row("no data, as before the release", quiet_from_before(), |_| {}),
        row("no data, and it had data before", baked(), |s| s.moves("errors", AlarmState::InsufficientData)),
        row("no data, insufficient_data is unknown", Setting::with(strict).baked(), |s| {
            s.moves("errors", AlarmState::InsufficientData);
        }),
        row(
            "one alarm without data as before, the other OK",
            Setting { alarms: vec!["errors", "latency"], ..Setting::default() }.baked(),
            |s| {
                s.release.watched[0].quiet_before = Some(true);
                s.moves("errors", AlarmState::InsufficientData);
            },
        ),
        row("fleets unread: green", baked(), |s| s.fleet_unread("green")),
        row("fleets unread: blue", baked(), |s| s.fleet_unread("blue")),
        row("attachments unread: blue", baked(), |s| s.attachments_unread("blue")),
        row("target health unread", baked(), |s| s.targets_unread("web")),
        row("target health of one group of two unread", Setting::two_groups().baked(), |s| s.targets_unread("api")),
        row("2 of 3 healthy", baked(), |s| s.some("green", "web", 1, TargetHealth::Unhealthy)),
        row(
            "2 of 3 healthy, healthy_percent is 60",
            Setting::with(PolicyFields { healthy_percent: Some(60), ..PolicyFields::default() }).baked(),
            |s| s.some("green", "web", 1, TargetHealth::Unhealthy),
        ),
        row("blue has grown", baked(), blue_grown),
        row("blue has grown, and was attached once more: Adding", baked(), |s| {
            blue_grown(s);
            s.attachments("blue").values_mut().for_each(|state| *state = AttachmentState::Adding);
        }),
        row("blue has grown, what is new is leaving it", baked(), |s| {
            blue_grown(s);
            s.fleet("blue").instances.values_mut().skip(3).for_each(|instance| instance.in_service = false);
        }),
        row("blue has grown, its health is unknown", baked(), |s| {
            blue_grown(s);
            s.all_targets("blue", TargetHealth::Unknown);
        }),
        row("blue has grown, green can't follow", held(0), |_| {}),
        row("blue has grown, green can't follow, 900 s past the bake", held(900), |_| {}),
        row("raising green's floor is refused, 900 s past the bake", baked(), |s| {
            blue_grown(s);
            s.go();
            s.wrote("green", WriteAnswer::Refused);
            s.sizes("green", 3, 3);
            s.later(900);
        }),
        row("way back: AddToLoadBalancer of blue is suspended", baked(), closed),
        row("way back: the same, 900 s past the bake", baked(), move |s| {
            closed(s);
            s.go();
            s.later(900);
        }),
        row("way back: an instance refresh of blue runs", baked(), |s| {
            s.seen.refreshing.insert(fleet_name("blue"), Ok(true));
        }),
        row("way back: instance refreshes of blue unread", baked(), |s| {
            s.seen.refreshing.insert(fleet_name("blue"), unread());
        }),
        row("a refresh of green is nobody's business now", baked(), |s| {
            s.seen.refreshing.insert(fleet_name("green"), Ok(true));
        }),
        row("paused", baked(), |s| s.release.paused_until = Some(s.seen.at + Span::seconds(600))),
        row("paused, in ALARM", baked(), |s| {
            s.release.paused_until = Some(s.seen.at + Span::seconds(600));
            s.in_alarm("errors");
        }),
        row("the pause is over", baked(), |s| s.release.paused_until = Some(s.seen.at)),
        row(
            "several blues",
            Setting { blues: vec![("blue", vec!["web"]), ("blue2", vec!["web"])], ..Setting::default() }.attach(),
            |s| {
                s.sizes("green", 6, 6);
                s.all_targets("green", TargetHealth::Healthy);
                s.go();
                s.later(31);
                s.go();
                s.later(310);
            },
        ),
        row("two groups", Setting::two_groups().baked(), |_| {}),
        row("two groups, one below the required", Setting::two_groups().baked(), |s| {
            s.some("green", "api", 1, TargetHealth::Unhealthy);
        }),
        asked("promote", baked(), promote(), |_| {}),
        asked("pause", baked(), pause(), |_| {}),
        asked("rollback", baked(), roll_back(), |_| {}),
    ]
}

pub fn hands() -> Vec<Row> {
    let bake = || Setting::default().bake();
    let baked = || Setting::default().baked();
    let detached = || {
        let mut scene = baked();
        scene.off("blue", "web");
        scene.drained("blue");
        scene
    };
    let gone = || {
        let mut scene = baked();
        scene.deleted("blue");
        scene
    };
    vec![
        row("green was detached", bake(), |s| s.off("green", "web")),
        row("green was detached from one group of two", Setting::two_groups().bake(), |s| s.off("green", "api")),
        row("green was deleted", bake(), |s| s.deleted("green")),
        row("green was deleted, and one of its name made", bake(), |s| {
            s.fleet("green").arn = crate::scene::fleet_arn("green-again");
        }),
        row("blue was detached", bake(), |s| s.off("blue", "web")),
        row("blue was detached, the bake is over", detached(), |_| {}),
        row("blue was detached, in ALARM", detached(), |s| s.in_alarm("errors")),
        row("blue was deleted", bake(), |s| s.deleted("blue")),
        row("blue was deleted, the bake is over", gone(), |_| {}),
        row("blue was deleted, in ALARM", gone(), |s| s.in_alarm("errors")),
        row("blue was deleted, no healthy green", gone(), |s| s.all_targets("green", TargetHealth::Unhealthy)),
        row("blue and green were deleted", gone(), |s| s.deleted("green")),
        asked("blue was deleted, rollback", gone(), roll_back(), |_| {}),
        row(
            "one of two blues was deleted, in ALARM",
            {
                Setting { blues: vec![("blue", vec!["web"]), ("blue2", vec!["web"])], ..Setting::default() }
                    .bake_of_six()
            },
            |s| {
                s.deleted("blue2");
                s.in_alarm("errors");
            },
        ),
    ]
}
