//! The verdict: each finding, and what several come to together.

use crate::scene::{Scene, Setting, alarm_name, unread};
use cutover::release::policy::{InAlarmAtStart, InsufficientData};
use cutover::release::*;

fn judged(scene: &Scene) -> (VerdictState, Vec<Finding>) {
    let verdict = scene.decide().verdict.unwrap();
    (verdict.state, verdict.alarms.iter().map(|evidence| evidence.finding).collect())
}

fn baked(change: impl FnOnce(&mut Scene)) -> (VerdictState, Vec<Finding>) {
    let mut scene = Setting::default().baked();
    change(&mut scene);
    judged(&scene)
}

fn quiet_before(scene: &mut Scene, quiet: bool) {
    scene.release.watched.iter_mut().for_each(|watched| watched.quiet_before = Some(quiet));
}

/// State now + history since the attach + the baseline give each finding its verdict.
#[test]
fn each_finding_has_its_verdict() {
    use AlarmState::{Alarm, InsufficientData, Ok as Fine, Unknown as Strange};
    let healthy = (VerdictState::Healthy, vec![Finding::Ok]);
    let in_alarm = (VerdictState::InAlarm, vec![Finding::InAlarm]);
    let was = (VerdictState::InAlarm, vec![Finding::WasInAlarm]);
    let unknown = (VerdictState::Unknown, vec![Finding::Unknown]);
    let nothing = (VerdictState::NoEvidence, vec![Finding::NoData]);
    assert_eq!(baked(|_| {}), healthy);
    assert_eq!(baked(|s| s.moves("errors", Alarm)), in_alarm);
    assert_eq!(baked(|s| s.flapped("errors")), was);
    assert_eq!(baked(|s| s.alarm("errors").impaired = Some("PARTIAL_DATA".into())), unknown, "it isn't judging");
    assert_eq!(baked(|s| s.alarm_unread("errors")), unknown);
    assert_eq!(baked(|s| drop(s.seen.alarms.insert(alarm_name("errors"), Ok(None)))), unknown, "absent isn't OK");
    assert_eq!(baked(|s| s.alarm("errors").transitioned_at = None), unknown, "it may have moved");
    let timeless = |s: &mut Scene| {
        s.moves("errors", Alarm);
        s.alarm("errors").transitioned_at = None;
    };
    assert_eq!(baked(timeless), in_alarm, "an ALARM, whenever it began");
    assert_eq!(baked(|s| s.moves("errors", Strange)), unknown, "a word that isn't known");
    let silent = |s: &mut Scene, quiet| {
        s.moves("errors", InsufficientData);
        quiet_before(s, quiet);
    };
    assert_eq!(baked(|s| silent(s, true)), nothing, "silent as it was before");
    assert_eq!(baked(|s| silent(s, false)), unknown, "it had data before");
    let back = |s: &mut Scene| {
        s.moves("errors", InsufficientData);
        s.moves("errors", Fine);
    };
    assert_eq!(baked(back), healthy, "it was silent for a moment, and its history tells of no ALARM");
}

/// An ALARM is one even if the alarm's reading has other faults, and even if it's impaired by now.
#[test]
fn an_alarm_outweighs_what_is_unknown() {
    let both = Setting { alarms: vec!["errors", "latency"], ..Setting::default() };
    let mut scene = both.baked();
    scene.moves("errors", AlarmState::Alarm);
    scene.alarm_unread("latency");
    assert_eq!(judged(&scene), (VerdictState::InAlarm, vec![Finding::InAlarm, Finding::Unknown]));
    assert_eq!(
        baked(|s| {
            s.flapped("errors");
            s.alarm("errors").impaired = Some("EVALUATION_ERROR".into());
        })
        .0,
        VerdictState::InAlarm
    );
}

/// `no_evidence` only when every alarm is silent as before; one that judges is evidence.
#[test]
fn one_alarm_with_data_is_evidence() {
    let both = Setting { alarms: vec!["errors", "latency"], ..Setting::default() };
    let mut scene = both.baked();
    quiet_before(&mut scene, true);
    scene.moves("errors", AlarmState::InsufficientData);
    assert_eq!(judged(&scene), (VerdictState::Healthy, vec![Finding::NoData, Finding::Ok]));
    scene.moves("latency", AlarmState::InsufficientData);
    assert_eq!(judged(&scene).0, VerdictState::NoEvidence);
}

/// That the alarm moved is known before its history tells how: until then it's unknown, not OK.
#[test]
fn a_move_that_the_history_does_not_tell_yet_is_unknown() {
    let moved = |s: &mut Scene| s.alarm("errors").transitioned_at = Some(s.seen.at - Span::seconds(5));
    assert_eq!(baked(moved).0, VerdictState::Unknown);
    let unread_history = |s: &mut Scene| {
        moved(s);
        s.seen.moves.insert(alarm_name("errors"), unread());
    };
    assert_eq!(baked(unread_history).0, VerdictState::Unknown);
    // An older move in the history doesn't stand for the newer one.
    let older = |s: &mut Scene| {
        let at = s.seen.at - Span::seconds(60);
        s.moves_at("errors", AlarmState::InsufficientData, at);
        s.moves_at("errors", AlarmState::Ok, at + Span::seconds(5));
        moved(s);
    };
    assert_eq!(baked(older).0, VerdictState::Unknown);
}

/// A history that has been examined isn't asked for again; a later move is.
#[test]
fn a_cleared_move_needs_no_history_again() {
    let mut scene = Setting::default().bake();
    scene.moves("errors", AlarmState::InsufficientData);
    scene.moves("errors", AlarmState::Ok);
    scene.go();
    scene.seen.moves.insert(alarm_name("errors"), unread());
    assert_eq!(judged(&scene).0, VerdictState::Healthy, "nothing moved since");
    scene.later(10);
    scene.alarm("errors").transitioned_at = Some(scene.seen.at - Span::seconds(5));
    assert_eq!(judged(&scene).0, VerdictState::Unknown);
}

/// What was so before the evidence began is no evidence; from the attach on it is, to the moment.
#[test]
fn only_what_happened_since_the_evidence_began_counts() {
    let around = |offset: i64| {
        baked(|s| {
            let since = s.release.evidence_since.unwrap();
            let at = since + Span::from_millis(offset);
            s.moves_at("errors", AlarmState::Alarm, at);
            s.moves_at("errors", AlarmState::Ok, at + Span::from_millis(1));
        })
        .0
    };
    assert_eq!(around(-10), VerdictState::Healthy);
    assert_eq!(around(0), VerdictState::InAlarm);
    assert_eq!(around(10_000), VerdictState::InAlarm);
}

/// It begins a little before the attach, as another's clock may be behind; of a fleet born attached with its creation.
#[test]
fn the_evidence_begins_before_the_attach_by_what_clocks_differ() {
    let mut scene = Setting::default().prepare();
    scene.go();
    assert_eq!(scene.release.evidence_since, Some(scene.seen.at - CLOCKS));
}

/// Of a fleet born attached an ALARM counts from the moment on at which the evidence begins; one that is older is left
/// to the gate, and what isn't in ALARM has no episode.
#[test]
fn an_old_episode_began_before_the_evidence() {
    let born = |offset: i64| {
        let mut scene = Setting { born: vec!["web"], ..Setting::default() }.begin();
        let at = scene.release.evidence_since.unwrap() + Span::from_millis(offset);
        scene.moves_at("errors", AlarmState::Alarm, at);
        let decided = scene.decide().release;
        (decided.stage, decided.watched[0].ignored_episode == Some(at))
    };
    assert_eq!(born(-1), (Stage::Prepare, true));
    assert_eq!(born(0), (Stage::Rollback, false));
    let calm = Setting { born: vec!["web"], ..Setting::default() }.begin().decide().release;
    assert_eq!(calm.watched[0].ignored_episode, None);
}

/// What happens in the rollback window is judged, its last moment included; what comes after it isn't. That an alarm is in
/// ALARM says so before its history does.
#[test]
fn an_alarm_counts_up_to_the_very_end_of_the_window() {
    let at = |offset: i64, told: bool| {
        let mut scene = Setting::default().watch();
        let moment = scene.release.window_ends() + Span::from_millis(offset);
        scene.seen.at = moment + Span::seconds(1);
        scene.moves_at("errors", AlarmState::Alarm, moment);
        if !told {
            scene.seen.moves.insert(alarm_name("errors"), unread());
        }
        scene.decide().release.stage
    };
    for told in [true, false] {
        assert_eq!(
            [-1, 0, 1].map(|offset| at(offset, told)),
            [Stage::Rollback, Stage::Rollback, Stage::Watch],
            "{told}"
        );
    }
}

/// An episode that began within what clocks differ by would count by the evidence's beginning: the attach waits it out.
#[test]
fn an_episode_that_is_to_be_ignored_is_older_than_the_evidence() {
    let fields = PolicyFields { in_alarm_at_start: Some(InAlarmAtStart::Ignore), ..PolicyFields::default() };
    let mut scene = Setting::with(fields).prepare();
    scene.moves_at("errors", AlarmState::Alarm, scene.seen.at - Span::seconds(1));
    assert_eq!(scene.go().release.stage, Stage::Prepare);
    scene.later(3);
    scene.go();
    assert_eq!(scene.release.stage, Stage::Attach);
    scene.later(31);
    scene.moves("errors", AlarmState::Ok);
    assert_ne!(scene.decide().release.stage, Stage::Rollback);
}

/// `ignore` excepts that alarm's old episode, its end included; a new transition into ALARM counts.
#[test]
fn an_ignored_episode_is_one_episode() {
    let fields = PolicyFields { in_alarm_at_start: Some(InAlarmAtStart::Ignore), ..PolicyFields::default() };
    let mut scene = Setting::with(fields).prepare();
    scene.moves("errors", AlarmState::Alarm);
    scene.go();
    scene.later(31);
    assert_eq!(judged(&scene), (VerdictState::Healthy, vec![Finding::Ignored]));
    scene.moves("errors", AlarmState::Ok);
    assert_eq!(judged(&scene), (VerdictState::Healthy, vec![Finding::Ok]));
    scene.later(31);
    scene.moves("errors", AlarmState::Alarm);
    assert_eq!(judged(&scene), (VerdictState::InAlarm, vec![Finding::InAlarm]));
}

/// The habits of the day before: silent at the start, or in and out of silence; an alarm's first state aside.
#[test]
fn the_habits_of_the_day_before_make_silence_usual() {
    let learnt = |change: fn(&mut Scene)| {
        let mut scene = Setting::default().begin();
        change(&mut scene);
        scene.go();
        scene.release.watched[0].quiet_before
    };
    let hours = |n: u32| Span::seconds(n * 3600);
    assert_eq!(learnt(|_| {}), Some(false));
    assert_eq!(learnt(|s| s.moves("errors", AlarmState::InsufficientData)), Some(true), "silent now");
    let came_and_went = move |s: &mut Scene| {
        let at = s.seen.at - hours(3);
        s.moves_at("errors", AlarmState::InsufficientData, at);
        s.moves_at("errors", AlarmState::Ok, at + hours(1));
    };
    let mut scene = Setting::default().begin();
    came_and_went(&mut scene);
    scene.go();
    assert_eq!(scene.release.watched[0].quiet_before, Some(true), "silent within the day");
    let mut scene = Setting::default().begin();
    scene.alarm("errors").state = AlarmState::InsufficientData;
    let at = scene.seen.at - hours(3);
    scene.moves_at("errors", AlarmState::Ok, at);
    let (_, moves) = scene.seen.moves.get_mut(&alarm_name("errors")).unwrap().as_mut().unwrap();
    moves[0].first = true;
    scene.go();
    assert_eq!(scene.release.watched[0].quiet_before, Some(false), "its first state after its creation");
}

/// Habits may be learnt late (nothing could be read before): what happened since the start is none.
#[test]
fn silence_that_began_after_the_start_is_no_habit() {
    let learnt = |moves: &[(AlarmState, u32)]| {
        let mut scene = Setting::default().begin();
        let started = scene.release.started_at;
        for (to, after) in moves {
            scene.moves_at("errors", *to, started + Span::seconds(*after));
        }
        scene.later(120);
        scene.go();
        scene.release.watched[0].quiet_before
    };
    let (silent, ok) = (AlarmState::InsufficientData, AlarmState::Ok);
    assert_eq!(learnt(&[(silent, 60)]), Some(false), "silent now");
    assert_eq!(learnt(&[(silent, 30), (ok, 60)]), Some(false), "silent for a while");
    let mut scene = Setting::default().begin();
    scene.moves("errors", silent);
    let started = scene.release.started_at;
    scene.moves_at("errors", ok, started + Span::seconds(60));
    scene.later(120);
    scene.go();
    assert_eq!(scene.release.watched[0].quiet_before, Some(true), "silent when it started");
    let mut scene = Setting::default().begin();
    scene.alarm("errors").state = silent;
    scene.moves_at("errors", ok, started + Span::seconds(60));
    scene.later(120);
    scene.go();
    assert_eq!(scene.release.watched[0].quiet_before, Some(true), "silent for days when it started");
    let mut scene = Setting::default().begin();
    scene.alarm("errors").transitioned_at = Some(started + Span::seconds(60));
    scene.later(120);
    scene.go();
    assert_eq!(scene.release.watched[0].quiet_before, None, "its history doesn't tell yet of what it left");
}

/// An old episode that is ignored goes on, but nobody judges any more: a new transition couldn't be seen.
#[test]
fn an_ignored_episode_of_an_alarm_that_is_not_judging_is_unknown() {
    let mut scene = Setting::default().baked();
    scene.moves("errors", AlarmState::Alarm);
    let episode = scene.alarm("errors").transitioned_at;
    scene.release.watched[0].ignored_episode = episode;
    assert_eq!(judged(&scene).1, [Finding::Ignored]);
    scene.alarm("errors").impaired = Some("EVALUATION_ERROR".to_owned());
    assert_eq!(judged(&scene), (VerdictState::Unknown, vec![Finding::Unknown]));
}

/// Under `unknown` silence is never usual, and habits aren't asked for.
#[test]
fn insufficient_data_unknown_makes_silence_unknown() {
    let fields = PolicyFields { insufficient_data: Some(InsufficientData::Unknown), ..PolicyFields::default() };
    let mut scene = Setting::with(fields).baked();
    assert_eq!(scene.release.watched[0].quiet_before, None);
    scene.moves("errors", AlarmState::InsufficientData);
    assert_eq!(judged(&scene), (VerdictState::Unknown, vec![Finding::Unknown]));
}
