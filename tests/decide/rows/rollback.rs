//! `rollback`: blue back and healthy first, then green out.

use super::{pause, promote, roll_back};
use crate::scene::{Scene, Setting};
use crate::stage_table::{Row, asked, row};
use cutover::release::*;

fn healthy(scene: &mut Scene) {
    scene.all_targets("blue", TargetHealth::Healthy);
}

pub fn blue_back() -> Vec<Row> {
    let back = || Setting::default().rollback();
    let missed = || {
        let mut scene = Setting::default().watch();
        scene.in_alarm("errors");
        scene.go();
        scene.off("blue", "web");
        scene.drained("blue");
        scene
    };
    let two = || Setting { blues: vec![("blue", vec!["web"]), ("blue2", vec!["web"])], ..Setting::default() };
    vec![
        row("blue has shrunk meanwhile: its floor and its attach", Setting::default().watch(), |s| {
            s.drained("blue");
            s.release.member_mut(&crate::scene::fleet_name("blue")).unwrap().floor = None;
            s.sizes("blue", 1, 1);
            s.in_alarm("errors");
        }),
        row("blue's attach hasn't settled", Setting::default().watch(), |s| {
            s.in_alarm("errors");
            s.go();
            s.later(10);
        }),
        row("blue's attach was refused (an instance refresh)", missed(), |s| s.wrote("blue", WriteAnswer::Refused)),
        row("the attach's answer was lost, it is missing", missed(), |s| {
            s.wrote("blue", WriteAnswer::Lost);
            s.later(61);
        }),
        row("blue's attach is refused until the deadline", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.later(900);
        }),
        row("blue is initial", back(), |_| {}),
        row("2 of 3 healthy, one still initial", back(), |s| s.some("blue", "web", 2, TargetHealth::Healthy)),
        row("2 of 3 healthy, one unhealthy (50 % of 3 are 2)", back(), |s| {
            healthy(s);
            s.some("blue", "web", 1, TargetHealth::Unhealthy);
        }),
        row("1 of 3 healthy, the others unhealthy", back(), |s| {
            s.health("blue", "web", TargetHealth::Unhealthy);
            s.some("blue", "web", 1, TargetHealth::Healthy);
        }),
        row("healthy", back(), healthy),
        row("healthy at the deadline", back(), |s| {
            healthy(s);
            s.later(900);
        }),
        row("healthy in one group of two", Setting::two_groups().rollback(), |s| {
            s.health("blue", "web", TargetHealth::Healthy);
        }),
        row("several blues: one healthy, one unhealthy", two().rollback_of_six(), |s| {
            healthy(s);
            s.all_targets("blue2", TargetHealth::Unhealthy);
        }),
        row("several blues: one was deleted, the other is healthy", two().rollback_of_six(), |s| {
            healthy(s);
            s.deleted("blue2");
        }),
        row("unhealthy at the deadline", back(), |s| {
            s.all_targets("blue", TargetHealth::Unhealthy);
            s.later(900);
        }),
        row("still initial at the deadline", back(), |s| s.later(900)),
        row("fleets unread: blue", back(), |s| s.fleet_unread("blue")),
        row("attachments unread: blue", back(), |s| s.attachments_unread("blue")),
        row("target health unread", back(), |s| s.targets_unread("web")),
        row("target health unread at the deadline", back(), |s| {
            s.targets_unread("web");
            s.later(900);
        }),
        row("fleets unread: green, blue healthy", back(), |s| {
            healthy(s);
            s.fleet_unread("green");
        }),
        row("alarms unread, blue healthy", back(), |s| {
            healthy(s);
            s.alarm_unread("errors");
        }),
        row("the alarm is OK again, blue initial", back(), |s| s.moves("errors", AlarmState::Ok)),
        row("green was detached by somebody, blue attached", back(), |s| s.off("green", "web")),
        row("green was deleted, blue attached", back(), |s| s.deleted("green")),
        row("green was deleted, blue's attach is refused", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.deleted("green");
        }),
        row("green was deleted, blue's attach is refused until the deadline", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.deleted("green");
            s.later(900);
        }),
        row("green was deleted, blue's group is gone, at the deadline", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.deleted("green");
            s.seen.targets.insert(crate::scene::group_arn("web"), Ok(None));
            s.later(900);
        }),
        row("green was deleted, halted since: blue is attached at last", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.deleted("green");
            s.later(900);
            s.go();
            s.later(31);
        }),
        row("blue was detached by somebody", back(), |s| {
            s.go();
            s.later(10);
            s.off("blue", "web");
        }),
        row("blue was deleted", back(), |s| s.deleted("blue")),
        row("blue and green were deleted", back(), |s| {
            s.deleted("blue");
            s.deleted("green");
        }),
        row("somebody else changed blue's floor", back(), |s| s.sizes("blue", 2, 3)),
        asked("promote", back(), promote(), |_| {}),
        asked("pause", back(), pause(), |_| {}),
        asked("rollback", back(), roll_back(), |_| {}),
    ]
}

pub fn green_leaves() -> Vec<Row> {
    let leaves = || Setting::default().green_leaves();
    let missed = || {
        let mut scene = Setting::default().bake();
        scene.in_alarm("errors");
        scene.go();
        scene.on("green", "web");
        scene
    };
    vec![
        row("green's detach hasn't settled", Setting::default().bake(), |s| {
            s.in_alarm("errors");
            s.go();
            s.later(10);
        }),
        row("green drains", leaves(), |_| {}),
        row("green is drained", leaves(), |s| s.drained("green")),
        row("green isn't drained at the deadline", leaves(), |s| s.later(120 + 900)),
        row("green's detach was refused", missed(), |s| s.wrote("green", WriteAnswer::Refused)),
        row("the detach's answer was lost, it is missing", missed(), |s| {
            s.wrote("green", WriteAnswer::Lost);
            s.later(61);
        }),
        row("green's detach was refused, blue has become unhealthy", missed(), |s| {
            s.wrote("green", WriteAnswer::Refused);
            s.all_targets("blue", TargetHealth::Unhealthy);
        }),
        row("green's detach was refused, target health unread", missed(), |s| {
            s.wrote("green", WriteAnswer::Refused);
            s.targets_unread("web");
        }),
        row("the same at the deadline: blue unhealthy", missed(), |s| {
            s.wrote("green", WriteAnswer::Refused);
            s.all_targets("blue", TargetHealth::Unhealthy);
            s.later(120 + 900);
        }),
        row("green's detach is refused until the deadline", missed(), |s| {
            s.wrote("green", WriteAnswer::Refused);
            s.later(120 + 900);
        }),
        row("blue has become unhealthy after green's detach", leaves(), |s| {
            s.all_targets("blue", TargetHealth::Unhealthy);
        }),
        row("attachments unread: green", leaves(), |s| s.attachments_unread("green")),
        row("target health unread", leaves(), |s| s.targets_unread("web")),
        row("green was deleted", leaves(), |s| s.deleted("green")),
        row("green was attached again by somebody", leaves(), |s| {
            s.go();
            s.later(10);
            s.on("green", "web");
        }),
        row("blue was deleted while green drains", leaves(), |s| s.deleted("blue")),
        row("blue was deleted just behind green's detach", Setting::default().bake(), |s| {
            s.in_alarm("errors");
            s.go();
            s.later(10);
            s.deleted("blue");
        }),
        row("blue was deleted, green is attached again", leaves(), |s| {
            s.deleted("blue");
            s.go();
            s.later(31);
        }),
        row("blue was deleted, green's attach is refused", leaves(), |s| {
            s.deleted("blue");
            s.go();
            s.off("green", "web");
            s.wrote("green", WriteAnswer::Refused);
            s.later(31);
        }),
        row("the same until the deadline", leaves(), |s| {
            s.deleted("blue");
            s.go();
            s.off("green", "web");
            s.wrote("green", WriteAnswer::Refused);
            s.later(120 + 900);
        }),
        row("blue was deleted after somebody took green out", Setting::default().rollback(), |s| {
            healthy(s);
            s.off("green", "web");
            s.go();
            s.deleted("blue");
        }),
        row("two groups", Setting::two_groups().bake(), |s| s.in_alarm("errors")),
        asked("promote", leaves(), promote(), |_| {}),
        asked("rollback", leaves(), roll_back(), |_| {}),
    ]
}
