//! `detach`: blue off every group, its requests finished.

use super::{pause, promote, roll_back};
use crate::scene::Setting;
use crate::stage_table::{Row, asked, row};
use cutover::release::*;

pub fn rows() -> Vec<Row> {
    let detach = || Setting::default().detach();
    let two = || Setting { blues: vec![("blue", vec!["web"]), ("blue2", vec!["web"])], ..Setting::default() };
    let missed = || {
        let mut scene = Setting::default().baked();
        scene.go();
        scene.on("blue", "web");
        scene
    };
    vec![
        row("blue's detach hasn't settled", Setting::default().baked(), |s| {
            s.go();
            s.later(10);
        }),
        row("blue drains", detach(), |_| {}),
        row("blue is Removing", detach(), |s| {
            s.attachments("blue").insert(crate::scene::group_arn("web"), AttachmentState::Removing);
        }),
        row("blue is drained", detach(), |s| s.drained("blue")),
        row("one of two blues is drained", two().detach_of_six(), |s| s.drained("blue")),
        row("blue isn't drained at the deadline", detach(), |s| s.later(120 + 900)),
        row("blue's detach was refused", missed(), |s| s.wrote("blue", WriteAnswer::Refused)),
        row("blue's detach was refused, green below the required", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.some("green", "web", 1, TargetHealth::Unhealthy);
        }),
        row("blue's detach was refused, target health unread", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.targets_unread("web");
        }),
        row("blue's detach was refused, alarms unread", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.alarm_unread("errors");
        }),
        row("the detach's answer was lost, it is missing", missed(), |s| {
            s.wrote("blue", WriteAnswer::Lost);
            s.later(61);
        }),
        row("the detach's answer was lost, it was applied", detach(), |s| {
            s.wrote("blue", WriteAnswer::Lost);
            s.later(61);
        }),
        row("blue's detach is refused until the deadline", missed(), |s| {
            s.wrote("blue", WriteAnswer::Refused);
            s.later(120 + 900);
        }),
        row("in ALARM", detach(), |s| s.in_alarm("errors")),
        row("two blues: one refused till the deadline, one just written to", two().detach_of_six(), |s| {
            s.on("blue", "web");
            s.wrote("blue", WriteAnswer::Refused);
            s.later(120 + 900);
            s.wrote("blue2", WriteAnswer::Accepted);
        }),
        row("was in ALARM between two looks", detach(), |s| s.flapped("errors")),
        row("in ALARM before blue's detach has settled", Setting::default().baked(), |s| {
            s.go();
            s.later(10);
            s.in_alarm("errors");
        }),
        row("alarms unread", detach(), |s| s.alarm_unread("errors")),
        row("fleets unread: blue", detach(), |s| s.fleet_unread("blue")),
        row("attachments unread: blue", detach(), |s| s.attachments_unread("blue")),
        row("target health unread", detach(), |s| s.targets_unread("web")),
        row("target health unread at the deadline", detach(), |s| {
            s.targets_unread("web");
            s.later(120 + 900);
        }),
        row("no healthy green target", detach(), |s| s.all_targets("green", TargetHealth::Unhealthy)),
        row("2 of 3 healthy", detach(), |s| s.some("green", "web", 1, TargetHealth::Unhealthy)),
        row("2 of 3 healthy for 900 s in all", detach(), |s| {
            s.some("green", "web", 1, TargetHealth::Unhealthy);
            s.go();
            s.later(900);
        }),
        row("green was detached by somebody", detach(), |s| s.off("green", "web")),
        row("green was deleted", detach(), |s| s.deleted("green")),
        row("blue deleted and made again, unsettled; no healthy green", Setting::default().baked(), |s| {
            s.go();
            s.later(10);
            s.all_targets("green", TargetHealth::Unhealthy);
            s.fleet("blue").arn = crate::scene::fleet_arn("another");
        }),
        row("blue was attached again by somebody", detach(), |s| {
            s.go();
            s.later(10);
            s.on("blue", "web");
        }),
        row("blue was deleted", detach(), |s| s.deleted("blue")),
        row("blue was deleted, no healthy green target", detach(), |s| {
            s.deleted("blue");
            s.all_targets("green", TargetHealth::Unhealthy);
        }),
        row("blue and green were deleted", detach(), |s| {
            s.deleted("blue");
            s.deleted("green");
        }),
        asked("promote", detach(), promote(), |_| {}),
        asked("pause", detach(), pause(), |_| {}),
        asked("rollback", detach(), roll_back(), |_| {}),
    ]
}
