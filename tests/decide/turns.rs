//! A turn of an application: which new fleet qualifies, what commands come to, whose turn is next.

use crate::scene::{START, Scene, Setting, application, fleet_arn, fleet_name, group_arn, unread};
use cutover::decide::{Ask, Candidate, Context, Refusal, Turn, turn, turn_of, worth_asking};
use cutover::record::Save;
use cutover::release::*;

/// An application with a world around it.
struct Town {
    app: Application,
    seen: Observation,
    pasts: Vec<(FleetArn, Past)>,
    ended: Option<Release>,
    subject: Option<ReleaseId>,
}

fn id(number: u64) -> ReleaseId {
    ReleaseId::new(application(), number)
}

impl Town {
    fn new(seen: Observation) -> Self {
        Self { app: Application::new(application()), seen, pasts: Vec::new(), ended: None, subject: None }
    }

    /// A release runs, in this scene.
    fn running(scene: Scene) -> Self {
        let mut town = Self::new(scene.seen);
        town.app.numbered = 1;
        town.app.running = Some(scene.release);
        town
    }

    fn ask(&self, ask: Ask) -> Result<Turn, Refusal> {
        let defaults = PolicyFields::default();
        let (ended, subject) = (self.ended.as_ref(), self.subject.as_ref());
        turn(&self.app, &ask, &self.seen, &Context { defaults: &defaults, pasts: &self.pasts, ended, subject })
    }

    /// An event told of green.
    fn event(&self) -> Result<Turn, Refusal> {
        self.ask(Ask::Start(told("green", false)))
    }

    /// Why an event about green starts nothing.
    fn ignored(&self) -> String {
        match self.event() {
            Err(Refusal::Ignored(why)) => why,
            other => panic!("not ignored: {other:?}"),
        }
    }

    fn edit(&mut self, name: &str, change: impl FnOnce(&mut Fleet)) {
        change(self.seen.fleets.get_mut(&fleet_name(name)).unwrap().as_mut().unwrap().as_mut().unwrap());
    }

    /// One more fleet of the application, so many seconds younger than green.
    fn another(&mut self, name: &str, younger: u32) {
        let mut scene = Setting::default().begin();
        let mut fleet = scene.fleet("green").clone();
        (fleet.name, fleet.arn) = (fleet_name(name), fleet_arn(name));
        fleet.created_at = fleet.created_at + Span::seconds(younger);
        self.seen.families.get_mut(&application()).unwrap().as_mut().unwrap().insert(fleet_name(name));
        self.seen.attachments.insert(fleet_name(name), Ok(Attachments::new()));
        self.seen.fleets.insert(fleet_name(name), Ok(Some(fleet)));
    }
}

fn told(green: &str, commanded: bool) -> Candidate {
    let origin = Origin {
        by: if commanded { "ana".into() } else { "event".into() },
        request_id: "request".into(),
        commanded,
        client_token: None,
        fields: PolicyFields::default(),
        blue: None,
    };
    Candidate { green: fleet_name(green), arn: None, origin }
}

fn promote() -> Ask {
    Ask::Promote { by: "ana".into() }
}

fn roll_back() -> Ask {
    Ask::Rollback { by: "ana".into(), reason: None }
}

/// A world in which an event about green starts a release: its tags say which alarms.
fn town() -> Town {
    let mut town = Town::new(Setting::default().world());
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town
}

fn was_rejected_with(town: &mut Town) {
    let mut tags = None;
    town.edit("green", |green| tags = Some(green.tags.clone()));
    town.pasts = vec![(fleet_arn("green"), Past { release: id(1), rejected_with: tags })];
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
    let mut green = None;
    town.edit("green", |fleet| green = Some(fleet.clone()));
    let green = green.unwrap();
    assert!(worth_asking(None, &green, START) && worth_asking(Some(&town.app), &green, START));
    assert!(!worth_asking(None, &green, START + Span::seconds(3600)), "older than an hour");
    let running = town.event().unwrap().application;
    assert!(!worth_asking(Some(&running), &green, START), "its release runs");
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

#[test]
fn a_command_takes_over_what_an_event_began_while_it_is_in_prepare() {
    let begun = town().event().unwrap().application;
    let mut town = town();
    town.app = begun;
    let fields = PolicyFields { bake_time_seconds: Some(60), ..PolicyFields::default() };
    let mut candidate = told("green", true);
    candidate.origin.fields = fields;
    let paused = town.ask(Ask::Pause { by: "ana".into(), for_seconds: 3600 }).unwrap();
    town.app = paused.application;
    let taken = town.ask(Ask::Start(candidate.clone())).unwrap().application.running.unwrap();
    assert_eq!((taken.id.number(), taken.policy.bake_time_seconds, taken.origin.commanded), (1, 60, true));
    assert!(taken.blue[0].floor.is_some(), "what an event's release holds stays known");
    assert!(taken.paused_until.is_some(), "what a person holds stays held");
    town.app.running.as_mut().unwrap().stage = Stage::Attach;
    assert!(matches!(town.ask(Ask::Start(candidate)), Err(Refusal::Conflict(_))));
}

/// A prefix is resolved when the release starts: a takeover that looks while an alarm is gone watches it all the same.
#[test]
fn a_takeover_by_the_same_prefix_drops_no_alarm() {
    let mut town = town();
    town.edit("green", |green| {
        green.tags.remove("cutover:alarms");
        green.tags.insert("cutover:alarm-prefix".into(), "err".into());
    });
    let seen = |town: &mut Town, names: &[&str]| {
        let found = names.iter().map(|name| AlarmName::parse(name).unwrap()).collect();
        town.seen.prefixes.insert("err".into(), Ok(found));
    };
    seen(&mut town, &["err-1", "err-2"]);
    town.app = town.event().unwrap().application;
    seen(&mut town, &["err-2", "err-3"]);
    let taken = town.ask(Ask::Start(told("green", true))).unwrap().application.running.unwrap();
    let watched: Vec<_> = taken.watched.iter().map(|watched| watched.alarm.as_str()).collect();
    assert_eq!((taken.origin.commanded, watched), (true, vec!["err-1", "err-2", "err-3"]));
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

/// green runs; `more` were created so many seconds after it, and wait.
fn queued(more: &[(&str, u32)]) -> Town {
    let mut town = Town::running(Setting::default().bake());
    for (name, younger) in more {
        town.another(name, *younger);
        town.edit(name, |fleet| drop(fleet.tags.insert("cutover:alarms".into(), "errors".into())));
        town.app = town.ask(Ask::Start(told(name, false))).unwrap().application;
    }
    town
}

#[test]
fn a_second_new_fleet_is_pending_behind_the_first() {
    let town = queued(&[("second", 5)]);
    assert_eq!(town.app.running.as_ref().unwrap().id, id(1));
    let pending = &town.app.queue[0];
    assert_eq!((pending.id.clone(), pending.green.as_str()), (id(2), "second"));
    let (waits, deadline) = turn_of(pending, Some(&id(1)));
    assert_eq!((waits.kind(), deadline), ("turn", pending.asked_at + Span::seconds(86_400)));
    let again = town.ask(Ask::Start(told("second", false))).unwrap();
    assert_eq!((again.subject, again.application.queue.len()), (Some(id(2)), 1), "told of again: the same");
}

#[test]
fn a_name_used_again_while_it_waits_is_another_fleet_that_waits() {
    let mut town = queued(&[("second", 5)]);
    town.edit("second", |fleet| {
        fleet.arn = fleet_arn("second, made again");
        fleet.created_at = fleet.created_at + Span::seconds(60);
    });
    let told = |arn| Ask::Start(Candidate { arn: Some(fleet_arn(arn)), ..told("second", false) });
    town.app = town.ask(told("second, made again")).unwrap().application;
    assert_eq!(town.app.queue.iter().map(|pending| pending.id.number()).collect::<Vec<_>>(), [2, 3]);
    let again = town.ask(told("second, made again")).unwrap();
    assert_eq!((again.subject, again.application.queue.len()), (Some(id(3)), 2), "told of again: the same");
    let turned = freed(town).ask(Ask::Look).unwrap();
    let running = turned.application.running.unwrap();
    assert_eq!((running.id, running.green.arn), (id(3), fleet_arn("second, made again")));
}

#[test]
fn another_token_for_what_waits_is_a_conflict_since_it_would_begin_a_second_release_later() {
    let mut town = queued(&[]);
    town.another("second", 5);
    let said = |token: Option<&str>| {
        let mut candidate = told("second", true);
        candidate.origin.client_token = token.map(str::to_owned);
        Ask::Start(candidate)
    };
    town.app = town.ask(said(Some("one"))).unwrap().application;
    assert_eq!(town.ask(said(Some("one"))).unwrap().subject, Some(id(2)));
    assert_eq!(town.ask(said(None)).unwrap().subject, Some(id(2)));
    assert!(matches!(town.ask(said(Some("other"))), Err(Refusal::Conflict(_))));
}

/// The running one is gone: its end frees the turn.
fn freed(mut town: Town) -> Town {
    town.app.running = None;
    town
}

#[test]
fn the_youngest_has_its_turn_and_the_others_are_rejected_saying_so() {
    let town = freed(queued(&[("second", 5), ("youngest", 9), ("third", 7)]));
    let turned = town.ask(Ask::Look).unwrap();
    assert_eq!(turned.application.running.as_ref().unwrap().green.fleet.as_str(), "youngest");
    assert!(turned.application.queue.is_empty());
    let rejected: Vec<_> = turned.kept.iter().filter(|release| release.ended()).collect();
    assert_eq!(rejected.iter().map(|release| release.green.fleet.as_str()).collect::<Vec<_>>(), ["second", "third"]);
    for release in rejected {
        assert_eq!(release.status, Status::Rejected);
        assert!(release.message.contains("youngest is younger"), "{}", release.message);
    }
}

/// What one save of a turn comes to in DynamoDB, which takes 100 items: the head, the list, and what is kept.
fn items(turned: &Turn) -> usize {
    let save =
        Save { application: &turned.application, entries: &turned.entries, releases: &turned.kept, give_back: false };
    2 + turned.entries.len() + turned.kept.len() + save.pasts().len() + save.tokens().len()
}

/// Forty wait, each with a token of its own.
fn crowd() -> Town {
    let names: Vec<String> = (0..40).map(|number| format!("v{number}")).collect();
    let more: Vec<(&str, u32)> = names.iter().map(String::as_str).zip(1..).collect();
    let mut town = queued(&more);
    for (number, pending) in town.app.queue.iter_mut().enumerate() {
        pending.origin.client_token = Some(format!("token-{number}"));
    }
    town
}

#[test]
fn a_crowd_that_waits_is_rejected_in_saves_that_the_table_takes() {
    let mut town = freed(crowd());
    let mut rejected = 0;
    for looks in 1.. {
        let turned = town.ask(Ask::Look).unwrap();
        assert!(items(&turned) <= 100, "{} items in one save", items(&turned));
        rejected += turned.kept.iter().filter(|release| release.ended()).count();
        town.app = turned.application;
        if let Some(running) = &town.app.running {
            assert_eq!((running.green.fleet.as_str(), rejected), ("v39", 39));
            return;
        }
        assert!(turned.again && looks < 4, "the next look goes on at once");
    }
}

#[test]
fn a_crowd_that_waited_a_day_is_rejected_in_saves_that_the_table_takes() {
    let mut town = crowd();
    town.seen.at = town.app.queue[39].asked_at + Span::seconds(86_400);
    for _ in 0..3 {
        let turned = town.ask(Ask::Look).unwrap();
        assert!(items(&turned) <= 100, "{} items in one save", items(&turned));
        assert_eq!(turned.again, !turned.application.queue.is_empty());
        town.app = turned.application;
    }
    assert!(town.app.queue.is_empty());
}

#[test]
fn its_age_is_not_asked_again_but_what_else_qualifies_is() {
    let mut town = freed(queued(&[("second", 5)]));
    town.seen.at = town.seen.at + Span::seconds(7200);
    assert!(town.ask(Ask::Look).unwrap().application.running.is_some(), "two hours old by now");
    town.edit("second", |fleet| fleet.deleting = true);
    let turned = town.ask(Ask::Look).unwrap();
    assert!(turned.application.running.is_none() && turned.application.queue.is_empty());
    assert!(turned.kept[0].message.contains("no longer qualifies"), "{}", turned.kept[0].message);
}

#[test]
fn who_waited_a_day_is_rejected_saying_so() {
    let mut town = queued(&[("second", 5)]);
    town.seen.at = town.app.queue[0].asked_at + Span::seconds(86_399);
    assert_eq!(town.ask(Ask::Look).unwrap().application.queue.len(), 1);
    town.seen.at = town.seen.at + Span::seconds(1);
    let turned = town.ask(Ask::Look).unwrap();
    assert!(turned.application.queue.is_empty());
    let rejected = turned.kept.iter().find(|release| release.id == id(2)).unwrap();
    assert!(rejected.status == Status::Rejected && rejected.message.contains("24 hours"));
}

#[test]
fn a_pending_release_can_be_rolled_back_and_no_more() {
    let mut town = queued(&[("second", 5)]);
    town.subject = Some(id(2));
    let turned = town.ask(roll_back()).unwrap();
    assert!(turned.application.queue.is_empty() && turned.application.running.is_some());
    assert_eq!(turned.kept[0].status, Status::Rejected);
    assert!(matches!(town.ask(promote()), Err(Refusal::Conflict(_))));
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

/// What can't be read postpones the turn, and takes it from nobody.
#[test]
fn a_turn_waits_for_what_cannot_be_read() {
    let mut town = freed(queued(&[("second", 5)]));
    town.seen.families.insert(application(), unread());
    let turned = town.ask(Ask::Look).unwrap();
    assert_eq!((turned.application.queue.len(), turned.again), (1, true));
}
