//! Ends: as found, then over; and what can be asked of a release that has ended.

use super::{pause, promote, roll_back};
use crate::scene::{Scene, Setting};
use crate::stage_table::{Row, asked, row};
use cutover::release::policy::RetireBlue;
use cutover::release::*;

pub fn rows() -> Vec<Row> {
    let ending = || {
        let mut scene = Setting::default().watch();
        scene.later(900);
        scene.go();
        scene
    };
    let rejected = || {
        let mut scene = Setting::default().prepare();
        scene.fleet("green").weighted = true;
        scene
    };
    let missed = |answer| {
        let mut scene = ending();
        scene.sizes("blue", 3, 3);
        scene.wrote("blue", answer);
        scene
    };
    vec![
        row("the floors' writes haven't settled", ending(), |s| s.later(10)),
        row("the floors read as they were found", ending(), |s| s.later(31)),
        row("giving back was refused", missed(WriteAnswer::Refused), |s| s.later(31)),
        row("giving back was lost, it is missing", missed(WriteAnswer::Lost), |s| s.later(61)),
        row("giving back is refused for a day", missed(WriteAnswer::Refused), |s| s.later(86_400)),
        row("somebody else changed a floor before it's given back", ending(), |s| {
            s.sizes("blue", 2, 3);
            s.later(31);
        }),
        row("fleets unread", ending(), |s| {
            s.later(31);
            s.fleet_unread("blue");
        }),
        row("blue was deleted", ending(), |s| {
            s.later(31);
            s.deleted("blue");
        }),
        row("in ALARM, the window is past", ending(), |s| {
            s.later(31);
            s.in_alarm("errors");
        }),
        row("rejected: the floors are given back", rejected(), |_| {}),
        row("rejected, somebody else changed a floor", rejected(), |s| s.sizes("blue", 2, 3)),
        row("rejected before its floors' writes have settled", Setting::default().begin(), |s| {
            s.go();
            s.later(5);
            s.fleet("green").weighted = true;
        }),
        row("rejected, a floor never arrived", Setting::default().begin(), |s| {
            s.go();
            s.sizes("blue", 1, 3);
            s.wrote("blue", WriteAnswer::Refused);
            s.fleet("green").weighted = true;
            s.later(31);
        }),
        row("raised twice, the second never arrived: the first original", Setting::default().prepare(), |s| {
            s.sizes("blue", 3, 5);
            s.go();
            s.sizes("blue", 3, 5);
            s.wrote("blue", WriteAnswer::Refused);
            s.fleet("green").weighted = true;
        }),
        asked("rollback while the floors are given back", ending(), roll_back(), |s| s.later(10)),
        asked("rollback while a rejection's floors are given back", rejected(), roll_back(), |s| {
            s.go();
            s.later(10);
        }),
        row("rolled back while the floors are given back, settled", ending(), |s| {
            s.later(10);
            s.release = s.ask(roll_back()).unwrap().application.running.unwrap();
            s.later(31);
        }),
        asked("promote while the floors are given back", ending(), promote(), |s| s.later(10)),
    ]
}

pub fn ended() -> Vec<Row> {
    let successful = || Setting::default().successful();
    let retired = || {
        let fields = PolicyFields { retire_blue: Some(RetireBlue::ScaleToZero), ..PolicyFields::default() };
        Setting::with(fields).successful()
    };
    let back = || {
        let mut scene = Setting::default().green_leaves();
        scene.drained("green");
        finish(scene)
    };
    let rejected = || {
        let mut scene = Setting::default().prepare();
        scene.fleet("green").weighted = true;
        finish(scene)
    };
    let gone = || {
        let mut scene = Setting::default().rollback();
        scene.deleted("blue");
        finish(scene)
    };
    vec![
        row("successful: a look", successful(), |_| {}),
        row("successful: a look, in ALARM", successful(), |s| s.in_alarm("errors")),
        asked("successful: rollback", successful(), roll_back(), |_| {}),
        asked("successful: rollback, blue was retired", retired(), roll_back(), |_| {}),
        row("successful: rolled back, blue's sizes are back", retired(), |s| {
            let turn = s.ask(roll_back()).unwrap();
            s.release = turn.application.running.unwrap();
            for action in turn.actions {
                s.wrote(action.fleet().as_str(), WriteAnswer::Accepted);
                s.done(&action);
            }
            s.later(31);
        }),
        asked("successful: rollback, blue was deleted", successful(), roll_back(), |s| s.deleted("blue")),
        asked(
            "successful, the first set-up: rollback",
            {
                let mut scene = Setting::alone().attach();
                scene.all_targets("green", TargetHealth::Healthy);
                finish(scene)
            },
            roll_back(),
            |_| {},
        ),
        asked("successful: promote", successful(), promote(), |_| {}),
        asked("successful: pause", successful(), pause(), |_| {}),
        row("rollback_successful: a look", back(), |_| {}),
        asked("rollback_successful: rollback", back(), roll_back(), |_| {}),
        asked("rollback_successful: promote", back(), promote(), |_| {}),
        asked("rollback_failed, blue deleted: rollback", gone(), roll_back(), |_| {}),
        row("rejected: a look", rejected(), |_| {}),
    ]
}

fn finish(mut scene: Scene) -> Scene {
    for _ in 0..20 {
        scene.go();
        scene.later(31);
    }
    assert!(scene.release.ended(), "{:?}", scene.decide().waiting_on);
    scene
}
