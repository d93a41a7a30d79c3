//! A turn of an application: which new fleet qualifies, and what commands come to.

use crate::scene::{START, Scene, Setting, application, fleet_arn, fleet_name, group_arn, unread};
use crate::town::{Town, id, promote, roll_back, told, town};
use cutover::decide::{Ask, Candidate, Refusal, worth_asking};
use cutover::record::Save;
use cutover::release::*;

fn was_rejected_with(town: &mut Town) {
    let tags = town.fleet("green").tags.clone();
    town.pasts = vec![(fleet_arn("green"), Past { release: id(1), rejected_with: Some(tags) })];
}

#[test]
fn a_new_fleet_beside_an_older_attached_one_starts_by_itself() {
    let turned = town().event().unwrap();
    let release = turned.application.running.unwrap();
    assert_eq!((release.stage, release.status), (Stage::Prepare, Status::InProgress));
    assert_eq!(release.blue.iter().map(|member| member.fleet.as_str()).collect::<Vec<_>>(), ["blue"]);
    assert!(turned.entries.iter().any(|entry| entry.announced));
}

#[test]
fn a_fleet_that_a_release_names_starts_none_again_unless_it_was_rejected_and_a_tag_changed() {
    let mut known = town();
    known.pasts = vec![(fleet_arn("green"), Past { release: id(1), rejected_with: None })];
    assert!(known.ignored().contains("was part of release web.1"));
    let mut unchanged = town();
    was_rejected_with(&mut unchanged);
    assert!(unchanged.ignored().contains("no cutover: tag of it changed"));
    let mut mended = unchanged;
    mended.edit("green", |green| drop(green.tags.insert("cutover:bake-time-seconds".into(), "60".into())));
    assert!(mended.event().unwrap().application.running.is_some());
    mended.edit("green", |green| green.created_at = START - Span::seconds(7200));
    assert!(mended.event().unwrap().application.running.is_some(), "one mended after a rejection may be older");
    let mut again = town();
    again.pasts = vec![(fleet_arn("of the same name, before"), Past { release: id(1), rejected_with: None })];
    assert!(again.event().unwrap().application.running.is_some(), "by ARN: a name used again is a new fleet");
}

#[test]
fn only_the_youngest_and_new_one_is_a_new_version() {
    let mut older = town();
    older.edit("blue", |blue| blue.created_at = START - Span::seconds(60));
    assert!(older.ignored().contains("blue is attached and no older"), "as old as blue is not younger");
    let mut old = town();
    old.edit("green", |green| green.created_at = START - Span::seconds(3600));
    assert!(old.ignored().contains("more than an hour old"));
    old.edit("green", |green| green.created_at = START - Span::seconds(3599));
    assert!(old.event().is_ok());
    let mut going = town();
    going.edit("green", |green| green.deleting = true);
    assert!(going.ignored().contains("being deleted"));
}

#[test]
fn born_attached_qualifies_next_to_an_older_fleet_and_alone_serves_already() {
    let tag =
        |town: &mut Town| town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    let mut beside = Town::new(Setting { born: vec!["web"], ..Setting::default() }.world());
    tag(&mut beside);
    assert!(beside.event().unwrap().application.running.unwrap().evidence_since.is_some());
    let mut alone = Town::new(Setting { born: vec!["web"], ..Setting::alone() }.world());
    assert!(alone.ignored().contains("attached alone"), "opting in what serves is no release");
    alone.edit("green", |green| drop(green.tags.insert("cutover:target-groups".into(), "web".into())));
    alone.seen.named_groups.insert("web".into(), Ok(Some(group_arn("web"))));
    assert!(alone.ignored().contains("attached alone"), "named or not");
}

/// What it hangs on elsewhere isn't what the application serves by, once groups are named; without any, nothing is.
#[test]
fn a_fleet_that_serves_elsewhere_alone_is_a_new_version() {
    let mut elsewhere = Town::new(Setting::alone().world());
    elsewhere.edit("green", |green| {
        green.groups.insert(group_arn("elsewhere"));
        green.tags.insert("cutover:target-groups".into(), "web".into());
    });
    elsewhere.seen.named_groups.insert("web".into(), Ok(Some(group_arn("web"))));
    assert!(elsewhere.event().unwrap().application.running.is_some());
    let nowhere = Town::new(Setting::alone().world());
    assert!(!matches!(nowhere.event(), Err(Refusal::Ignored(_))), "attached nowhere, it doesn't serve already");
}

/// What one API pair attached, the other can't detach: it's asked of the release's own groups, whatever else hangs there.
#[test]
fn the_style_is_that_of_the_groups_of_the_release() {
    let mut town = town();
    town.edit("green", |green| drop(green.tags.insert("cutover:target-groups".into(), "web".into())));
    town.seen.named_groups.insert("web".into(), Ok(Some(group_arn("web"))));
    for name in ["blue", "green"] {
        town.edit(name, |fleet| _ = fleet.groups.insert(group_arn("elsewhere")));
        town.seen.classic.insert(fleet_name(name), Ok([group_arn("elsewhere")].into()));
    }
    let release = town.event().unwrap().application.running.unwrap();
    assert_eq!([release.blue[0].style, release.green.style], [Style::TrafficSources; 2]);
}

#[test]
fn what_cannot_be_read_starts_nothing() {
    let mut town = town();
    town.seen.families.insert(application(), unread());
    assert!(matches!(town.event(), Err(Refusal::Unread(_))));
}

/// Nobody reads a Lambda's error log: a wrong tag is a rejected release; met by a command it's that command's error.
#[test]
fn a_wrong_tag_is_a_rejected_release_for_an_event_and_invalid_for_a_command() {
    let mut town = town();
    town.edit("green", |green| drop(green.tags.insert("cutover:bake-time-seconds".into(), "soon".into())));
    let turned = town.event().unwrap();
    assert!(turned.application.running.is_none());
    assert_eq!(turned.kept[0].status, Status::Rejected);
    assert!(turned.entries[0].announced && turned.kept[0].message.contains("bake-time-seconds"));
    assert!(matches!(town.ask(Ask::Start(told("green", true))), Err(Refusal::Invalid(_))));
    assert!(matches!(town.ask(Ask::Start(told("nobody", true))), Err(Refusal::NotFound(_))));
}

#[test]
fn with_a_blue_alarms_are_said_outright() {
    let town = Town::new(Setting::default().world());
    assert!(matches!(town.ask(Ask::Start(told("green", true))), Err(Refusal::Invalid(_))));
}

#[test]
fn the_sweep_asks_about_new_fleets_that_nobody_has_told_of() {
    let mut town = town();
    let hour = town.fleet("green").created_at + Span::seconds(3600);
    let asks = |town: &Town, name, at| worth_asking(Some(&town.app), town.fleet(name), at);
    assert!(asks(&town, "green", START) && worth_asking(None, town.fleet("green"), START));
    assert!(asks(&town, "green", hour - Span::seconds(1)));
    assert!(!asks(&town, "green", hour), "no new version any more");
    town.app = town.event().unwrap().application;
    town.another("second", 5);
    town.app = town.ask(Ask::Start(told("second", false))).unwrap().application;
    town.another("third", 7);
    let asked = ["green", "second", "third"].map(|name| asks(&town, name, START));
    assert_eq!(asked, [false, false, true], "one runs, one waits, of one nobody has told");
}

#[test]
fn attach_said_again_is_the_same_release_and_with_other_fields_a_conflict() {
    let town = Town::running(Setting::default().bake());
    let origin = town.app.running.as_ref().unwrap().origin.clone();
    let said = |origin: Origin| Ask::Start(Candidate { green: fleet_name("green"), arn: None, origin });
    let again = town.ask(said(origin.clone())).unwrap();
    assert_eq!((again.subject, again.application), (Some(id(1)), town.app.clone()));
    let fields = PolicyFields { bake_time_seconds: Some(60), ..origin.fields.clone() };
    assert!(matches!(town.ask(said(Origin { fields, ..origin.clone() })), Err(Refusal::Conflict(_))));
    let blue = Ask::Start(Candidate { green: fleet_name("blue"), arn: None, origin });
    assert!(matches!(town.ask(blue), Err(Refusal::Conflict(_))), "blue of the running release");
}

/// Nobody reads the answer to an event: what its tags leave out is a rejected release on record; a command is told.
#[test]
fn an_event_without_alarms_is_a_rejected_release_and_a_command_an_error() {
    let town = Town::new(Setting::default().world());
    let turn = town.event().unwrap();
    let [rejected] = &turn.kept[..] else { panic!("{turn:?}") };
    assert_eq!((rejected.id.clone(), rejected.status), (id(1), Status::Rejected));
    assert!(rejected.message.contains("alarms"), "{}", rejected.message);
    assert!(matches!(town.ask(Ask::Start(told("green", true))), Err(Refusal::Invalid(_))));
}

/// A rejection is about green: the fleets that serve are no new versions when a tag of theirs changes later.
#[test]
fn blue_of_a_rejected_release_is_no_new_version() {
    let blues = vec![("blue", vec!["web"]), ("blue2", vec!["web"])];
    let mut town = Town::new(Setting { blues, ..Setting::default() }.world());
    town.edit("blue2", |blue| blue.created_at = blue.created_at + Span::seconds(3600));
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town.app = town.event().unwrap().application;
    let mut kept = Vec::new();
    let mut turned = town.ask(roll_back()).unwrap();
    loop {
        kept.extend(turned.kept);
        town.app = turned.application;
        if town.app.running.is_none() {
            break;
        }
        town.seen.at = town.seen.at + Span::seconds(61);
        turned = town.ask(Ask::Look).unwrap();
    }
    let save = Save { application: &town.app, entries: &[], releases: &kept, give_back: true };
    town.pasts = save.pasts().into_iter().map(|(arn, past)| (arn.clone(), past)).collect();
    for fleet in ["blue", "blue2"] {
        town.edit(fleet, |fleet| drop(fleet.tags.insert("cutover:alarms".into(), "errors".into())));
    }
    match town.ask(Ask::Start(told("blue2", false))) {
        Err(Refusal::Ignored(why)) => assert!(why.contains("was part of release"), "{why}"),
        other => panic!("not ignored: {other:?}"),
    }
}

/// What is ending is held by nobody, and its end says why it ended.
#[test]
fn a_release_that_is_ending_is_not_paused() {
    let mut scene = Setting::default().prepare();
    scene.release = scene.ask(roll_back()).unwrap().application.running.unwrap();
    assert!(scene.release.ending.is_some());
    match scene.ask(Ask::Pause { by: "ana".into(), for_seconds: 60 }) {
        Err(Refusal::Conflict(why)) => assert!(why.contains("ending as rejected"), "{why}"),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn commands_about_another_release_that_has_ended_are_conflicts() {
    let mut town = Town::running(Setting::default().bake());
    let mut ended = Setting::default().successful().release;
    ended.id = id(7);
    town.subject = Some(id(7));
    town.ended = Some(ended);
    assert!(matches!(town.ask(promote()), Err(Refusal::Conflict(_))));
    assert!(matches!(town.ask(roll_back()), Err(Refusal::Conflict(_))));
    town.app.last_served = Some(id(7));
    assert!(matches!(town.ask(roll_back()), Err(Refusal::Conflict(_))), "another one runs now");
    let nothing = Town::new(Setting::default().world());
    assert!(matches!(nothing.ask(promote()), Err(Refusal::NotFound(_))));
}

/// A halt that is over looks like the halt before, and is told all the same.
#[test]
fn every_end_is_announced() {
    let mut scene = Setting::default().halted();
    scene.deleted("blue");
    scene.deleted("green");
    let mut town = Town::running(scene);
    let mut told = Vec::new();
    for _ in 0..3 {
        let turned = town.ask(Ask::Look).unwrap();
        told.extend(turned.entries.iter().map(|entry| (entry.status, entry.announced)));
        town.app = turned.application;
    }
    assert!(town.app.running.is_none());
    assert_eq!(told.last(), Some(&(Status::RollbackFailed, true)), "{told:?}");
}

/// A change of stage is announced; what is only done or said is on record. What is done stands with the last that was said.
#[test]
fn what_a_turn_does_is_on_record_and_a_change_of_stage_is_announced() {
    let entries = |scene: Scene, ask: Ask| {
        let entries = Town::running(scene).ask(ask).unwrap().entries;
        entries.into_iter().map(|entry| (entry.stage, entry.announced, entry.actions.join(", "))).collect::<Vec<_>>()
    };
    let mut alarm = Setting::default().bake();
    alarm.in_alarm("errors");
    let back = (Stage::Rollback, false, "detach green from web".to_owned());
    assert_eq!(entries(alarm, Ask::Look), [(Stage::Rollback, true, String::new()), back]);
    let floors = "set MinSize of blue from 1 to 3, set MinSize of green from 1 to 3".to_owned();
    assert_eq!(entries(Setting::default().begin(), Ask::Look), [(Stage::Prepare, false, floors)]);
    let pause = Ask::Pause { by: "ana".into(), for_seconds: 60 };
    assert_eq!(entries(Setting::default().bake(), pause), [(Stage::Bake, false, String::new())]);
    assert_eq!(entries(Setting::default().bake(), Ask::Look), [], "a steady look");
}

/// A rollback after the end is of the newest that had green attached: a rejection is none.
#[test]
fn a_rejected_release_is_not_the_last_that_served() {
    let ended = |scene: Scene| {
        let turned = Town::running(scene).ask(Ask::Look).unwrap();
        assert!(turned.application.running.is_none() && !turned.again, "nobody waits: no look more");
        (turned.application.last, turned.application.last_served)
    };
    let mut rejected = Setting::default().begin();
    rejected.fleet("green").weighted = true;
    assert_eq!(ended(rejected), (Some(id(1)), None));
    let mut gone = Setting::default().halted();
    gone.deleted("blue");
    gone.deleted("green");
    assert_eq!(ended(gone), (Some(id(1)), Some(id(1))));
}
