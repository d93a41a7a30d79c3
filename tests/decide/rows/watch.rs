//! `watch`: blue stays warm until the window is over.

use super::{pause, promote, roll_back};
use crate::scene::Setting;
use crate::stage_table::{Row, asked, row};
use cutover::release::policy::RetireBlue;
use cutover::release::*;

pub fn rows() -> Vec<Row> {
    let watch = || Setting::default().watch();
    vec![
        row("the window runs", watch(), |_| {}),
        row("in ALARM", watch(), |s| s.in_alarm("errors")),
        row("was in ALARM between two looks", watch(), |s| s.flapped("errors")),
        row("in ALARM, alarms waived by a promote out of a halt", watch(), |s| {
            s.release.alarms_waived = true;
            s.in_alarm("errors");
        }),
        row("alarms unread", watch(), |s| s.alarm_unread("errors")),
        row("target health unread", watch(), |s| s.targets_unread("web")),
        row("fleets unread: green", watch(), |s| s.fleet_unread("green")),
        row("no healthy green target", watch(), |s| s.all_targets("green", TargetHealth::Unhealthy)),
        row("none known healthy, one unavailable", watch(), |s| {
            s.all_targets("green", TargetHealth::Unhealthy);
            s.some("green", "web", 1, TargetHealth::Unknown);
        }),
        row("2 of 3 healthy", watch(), |s| s.some("green", "web", 1, TargetHealth::Unhealthy)),
        row("2 of 3 healthy for 900 s in all", watch(), |s| {
            s.release.policy.rollback_window_seconds = 3600;
            s.some("green", "web", 1, TargetHealth::Unhealthy);
            s.go();
            s.later(900);
        }),
        row("green was made smaller by somebody, all of it healthy", watch(), |s| {
            s.drained("green");
            s.sizes("green", 2, 2);
            s.all_targets("green", TargetHealth::Healthy);
        }),
        row("green was detached by somebody", watch(), |s| s.off("green", "web")),
        row("green was deleted", watch(), |s| s.deleted("green")),
        row("blue was attached again by somebody", watch(), |s| s.on("blue", "web")),
        row("blue was deleted", watch(), |s| s.deleted("blue")),
        row("blue was deleted, in ALARM", watch(), |s| {
            s.deleted("blue");
            s.in_alarm("errors");
        }),
        row("blue was deleted, no healthy green target", watch(), |s| {
            s.deleted("blue");
            s.all_targets("green", TargetHealth::Unhealthy);
        }),
        row("blue and green were deleted", watch(), |s| {
            s.deleted("blue");
            s.deleted("green");
        }),
        asked("promote", watch(), promote(), |_| {}),
        asked("pause", watch(), pause(), |_| {}),
        asked("rollback", watch(), roll_back(), |_| {}),
    ]
}

pub fn over() -> Vec<Row> {
    let over = || {
        let mut scene = Setting::default().watch();
        scene.later(900);
        scene
    };
    let retiring = || {
        let fields = PolicyFields { retire_blue: Some(RetireBlue::ScaleToZero), ..PolicyFields::default() };
        let mut scene = Setting::with(fields).watch();
        scene.later(900);
        scene.go();
        scene.later(31);
        scene
    };
    vec![
        row("healthy", over(), |_| {}),
        row("in ALARM since within the window", over(), |s| {
            let at = s.seen.at - Span::seconds(100);
            s.moves_at("errors", AlarmState::Alarm, at);
        }),
        row("was in ALARM within the window", over(), |s| {
            let at = s.seen.at - Span::seconds(100);
            s.moves_at("errors", AlarmState::Alarm, at);
            s.moves("errors", AlarmState::Ok);
        }),
        row("in ALARM since after the window", over(), |s| s.in_alarm("errors")),
        row("alarms unread", over(), |s| s.alarm_unread("errors")),
        row("alarms unread for 900 s in all", over(), |s| {
            s.alarm_unread("errors");
            s.go();
            s.later(900);
        }),
        row("alarms unread, alarms waived", over(), |s| {
            s.release.alarms_waived = true;
            s.alarm_unread("errors");
        }),
        row("target health unread", over(), |s| s.targets_unread("web")),
        row("target health unread for 900 s in all", over(), |s| {
            s.targets_unread("web");
            s.go();
            s.later(900);
        }),
        row("2 of 3 healthy", over(), |s| s.some("green", "web", 1, TargetHealth::Unhealthy)),
        row("blue was deleted, 2 of 3 healthy", over(), |s| {
            s.deleted("blue");
            s.some("green", "web", 1, TargetHealth::Unhealthy);
        }),
        row("retire_blue: the floors are given back", retiring(), |_| {}),
        row("retire_blue: blue is attached somewhere again", retiring(), |s| s.on("blue", "web")),
        row("retire_blue: blue has a Classic load balancer besides", retiring(), |s| {
            s.fleet("blue").elsewhere.insert("old-front".to_owned());
        }),
        row("retire_blue: blue was scaled to zero", retiring(), |s| {
            s.go();
            s.later(31);
        }),
        row("retire_blue: the write was refused", retiring(), |s| {
            s.go();
            s.wrote("blue", WriteAnswer::Refused);
            s.sizes("blue", 1, 3);
        }),
        row("retire_blue: it hasn't settled, blue reads as it was", retiring(), |s| {
            s.go();
            s.sizes("blue", 1, 3);
            s.later(10);
        }),
        row("retire_blue: the write's answer was lost, it is missing", retiring(), |s| {
            s.go();
            s.sizes("blue", 1, 3);
            s.wrote("blue", WriteAnswer::Lost);
            s.later(61);
        }),
        row("retire_blue: somebody scaled it out again", retiring(), |s| {
            s.go();
            s.later(31);
            s.sizes("blue", 0, 2);
        }),
        row("retire_blue: MinSize is 0 already", retiring(), |s| s.sizes("blue", 0, 3)),
        row("retire_blue: fleets unread", retiring(), |s| s.fleet_unread("blue")),
        row("retire_blue: blue was deleted", retiring(), |s| s.deleted("blue")),
        asked("rollback", over(), roll_back(), |_| {}),
    ]
}
