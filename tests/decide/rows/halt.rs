//! A halt, and each way out of it.

use super::{pause, promote, roll_back};
use crate::scene::{Scene, Setting};
use crate::stage_table::{Row, asked, row};
use cutover::decide::Ask;
use cutover::release::*;

/// A person has said `promote`; the look after that.
fn promoted() -> Scene {
    let mut scene = Setting::default().halted();
    scene.all_targets("green", TargetHealth::Unhealthy);
    let turn = scene.ask(Ask::Promote { by: "ana".into() }).unwrap();
    scene.release = turn.application.running.unwrap();
    scene.all_targets("green", TargetHealth::Healthy);
    scene.later(10);
    scene
}

pub fn rows() -> Vec<Row> {
    let halted = || Setting::default().halted();
    vec![
        row("blue is still unhealthy", halted(), |_| {}),
        row("the same a day later", halted(), |s| s.later(86_400)),
        row("blue carries half", halted(), |s| s.some("blue", "web", 2, TargetHealth::Healthy)),
        row("blue carries the whole required", halted(), |s| s.all_targets("blue", TargetHealth::Healthy)),
        row("target health unread", halted(), |s| s.targets_unread("web")),
        row("green was detached by somebody", halted(), |s| s.off("green", "web")),
        row("green was deleted", halted(), |s| s.deleted("green")),
        row("blue was detached by somebody", halted(), |s| s.off("blue", "web")),
        row("blue was deleted", halted(), |s| s.deleted("blue")),
        row("blue and green were deleted", halted(), |s| {
            s.deleted("blue");
            s.deleted("green");
        }),
        row("blue couldn't be attached: tried again", Setting::default().watch(), |s| {
            s.in_alarm("errors");
            s.go();
            s.off("blue", "web");
            s.drained("blue");
            s.wrote("blue", WriteAnswer::Refused);
            s.later(900);
            s.go();
            s.off("blue", "web");
            s.drained("blue");
            s.wrote("blue", WriteAnswer::Refused);
            s.later(10);
        }),
        asked("promote, green healthy, still in ALARM", halted(), promote(), |_| {}),
        asked("promote, green unhealthy", halted(), promote(), |s| s.all_targets("green", TargetHealth::Unhealthy)),
        asked("promote, target health unread", halted(), promote(), |s| s.targets_unread("web")),
        row("promoted before, green healthy now", promoted(), |_| {}),
        row("promoted before, green healthy, target health unread", promoted(), |s| s.targets_unread("web")),
        asked("promoted before, said again", promoted(), promote(), |s| {
            s.all_targets("green", TargetHealth::Unhealthy);
        }),
        asked("pause", halted(), pause(), |_| {}),
        asked("rollback", halted(), roll_back(), |_| {}),
    ]
}
