//! `attach`: green onto every target group, until it's healthy in each.

use super::{pause, promote, roll_back};
use crate::scene::{Scene, Setting};
use crate::stage_table::{Row, asked, row};
use cutover::release::*;

fn healthy(scene: &mut Scene) {
    scene.all_targets("green", TargetHealth::Healthy);
}

pub fn rows() -> Vec<Row> {
    let attach = || Setting::default().attach();
    let sent = || {
        let mut scene = Setting::default().prepare();
        scene.go();
        scene
    };
    vec![
        row("green's attach hasn't settled, though it reads healthy", sent(), |s| s.later(10)),
        row("green's targets are initial", attach(), |_| {}),
        row("2 of 3 healthy", attach(), |s| s.some("green", "web", 2, TargetHealth::Healthy)),
        row("healthy everywhere", attach(), healthy),
        row("healthy everywhere at the deadline", attach(), |s| {
            healthy(s);
            s.later(900);
        }),
        row("healthy in one group of two", Setting::two_groups().attach(), |s| {
            s.health("green", "web", TargetHealth::Healthy);
        }),
        row("2 of 3 healthy at the deadline", attach(), |s| {
            s.some("green", "web", 2, TargetHealth::Healthy);
            s.later(900);
        }),
        row("ELB says healthy, the instances aren't InService", attach(), |s| {
            healthy(s);
            s.fleet("green").instances.values_mut().for_each(|instance| instance.in_service = false);
        }),
        row("healthy, but the attachment is still Adding", attach(), |s| {
            healthy(s);
            s.attachments("green").values_mut().for_each(|state| *state = AttachmentState::Adding);
        }),
        row("healthy, but the attachment's state is an unknown word", attach(), |s| {
            healthy(s);
            s.attachments("green").values_mut().for_each(|state| *state = AttachmentState::Unknown);
        }),
        row("health unavailable", attach(), |s| s.all_targets("green", TargetHealth::Unknown)),
        row("Target.NotInUse", attach(), |s| s.some("green", "web", 1, TargetHealth::NotInUse)),
        row("the attach was refused", sent(), |s| {
            s.off("green", "web");
            s.drained("green");
            s.wrote("green", WriteAnswer::Refused);
        }),
        row("the attach's answer was lost, not twice the settling time ago", sent(), |s| {
            s.wrote("green", WriteAnswer::Lost);
            s.later(31);
        }),
        row("the attach's answer was lost, it is missing", sent(), |s| {
            s.off("green", "web");
            s.drained("green");
            s.wrote("green", WriteAnswer::Lost);
            s.later(61);
        }),
        row("the attach's answer was lost, it was applied", sent(), |s| {
            s.wrote("green", WriteAnswer::Lost);
            s.later(61);
        }),
        row("the attach is refused until the deadline", sent(), |s| {
            s.off("green", "web");
            s.drained("green");
            s.wrote("green", WriteAnswer::Refused);
            s.later(900);
        }),
        row("in ALARM", attach(), |s| s.in_alarm("errors")),
        row("in ALARM, and healthy everywhere", attach(), |s| {
            healthy(s);
            s.in_alarm("errors");
        }),
        row("was in ALARM between two looks", attach(), |s| s.flapped("errors")),
        row("in ALARM before green's attach has settled", sent(), |s| {
            s.later(10);
            s.in_alarm("errors");
        }),
        row("fleets unread", attach(), |s| s.fleet_unread("green")),
        row("attachments unread", attach(), |s| s.attachments_unread("green")),
        row("target health unread", attach(), |s| s.targets_unread("web")),
        row("target health unread at the deadline", attach(), |s| {
            s.targets_unread("web");
            s.later(900);
        }),
        row("alarms unread", attach(), |s| s.alarm_unread("errors")),
        row("alarms unread, healthy everywhere", attach(), |s| {
            healthy(s);
            s.alarm_unread("errors");
        }),
        row("green was detached by somebody", attach(), |s| {
            s.go();
            s.later(10);
            s.off("green", "web");
        }),
        row("green was deleted", attach(), |s| s.deleted("green")),
        row("blue was detached by somebody, green healthy", attach(), |s| {
            healthy(s);
            s.off("blue", "web");
        }),
        row("blue was deleted, green healthy", attach(), |s| {
            healthy(s);
            s.deleted("blue");
        }),
        row("blue was deleted, green unhealthy at the deadline", attach(), |s| {
            s.deleted("blue");
            s.later(900);
        }),
        row("blue was deleted, in ALARM", attach(), |s| {
            s.deleted("blue");
            s.in_alarm("errors");
        }),
        asked("promote", attach(), promote(), |_| {}),
        asked("pause", attach(), pause(), |_| {}),
        asked("rollback", attach(), roll_back(), |_| {}),
    ]
}

pub fn alone() -> Vec<Row> {
    let attach = || Setting::alone().attach();
    let two = || Setting { groups: vec!["web", "api"], ..Setting::alone() }.attach();
    let watched = || Setting { alarms: vec!["errors"], ..Setting::alone() }.attach();
    vec![
        row("the gates are open, no alarm is named", Setting::alone().prepare(), |_| {}),
        row("green's targets are initial", attach(), |_| {}),
        row("healthy everywhere", attach(), healthy),
        row("1 of 3 healthy at the deadline", attach(), |s| {
            s.some("green", "web", 1, TargetHealth::Healthy);
            s.later(900);
        }),
        row("nothing healthy at the deadline", attach(), |s| s.later(900)),
        row("health unavailable at the deadline", attach(), |s| {
            s.all_targets("green", TargetHealth::Unknown);
            s.later(900);
        }),
        row("healthy by ELB, the attachment still Adding at the deadline", attach(), |s| {
            s.all_targets("green", TargetHealth::Healthy);
            s.attachments("green").values_mut().for_each(|state| *state = AttachmentState::Adding);
            s.later(900);
        }),
        row("healthy by ELB, the instances not InService at the deadline", attach(), |s| {
            s.all_targets("green", TargetHealth::Healthy);
            s.fleet("green").instances.values_mut().for_each(|instance| instance.in_service = false);
            s.later(900);
        }),
        row("target health unread at the deadline", attach(), |s| {
            s.targets_unread("web");
            s.later(900);
        }),
        row("Target.NotInUse, nothing healthy", attach(), |s| s.health("green", "web", TargetHealth::NotInUse)),
        row("Target.NotInUse in one group, healthy in the other", two(), |s| {
            s.health("green", "web", TargetHealth::Healthy);
            s.health("green", "api", TargetHealth::NotInUse);
        }),
        row("green was deleted", attach(), |s| s.deleted("green")),
        row("green was detached from one group by somebody", two(), |s| {
            healthy(s);
            s.some("green", "web", 1, TargetHealth::Unhealthy);
            s.go();
            s.later(10);
            s.off("green", "api");
        }),
        row("green was detached from its only group by somebody", attach(), |s| {
            s.go();
            s.later(10);
            s.off("green", "web");
        }),
        row("an alarm is watched all the same: in ALARM", watched(), |s| s.in_alarm("errors")),
        row("an alarm is watched all the same: in ALARM, healthy", watched(), |s| {
            healthy(s);
            s.in_alarm("errors");
        }),
        row("nothing healthy, detached, drained", attach(), |s| {
            s.later(900);
            s.go();
            s.later(31);
            s.drained("green");
        }),
        row("nothing healthy, but healthy before its refused detach", attach(), |s| {
            s.later(900);
            s.go();
            s.on("green", "web");
            s.wrote("green", WriteAnswer::Refused);
            s.later(31);
        }),
        asked("promote", attach(), promote(), |_| {}),
        asked("rollback", attach(), roll_back(), |_| {}),
    ]
}
