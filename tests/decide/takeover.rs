//! A command takes over what an event began: other terms, the same release, and nothing of it forgotten.

use crate::scene::{START, Scene, Setting, fleet_name, group_arn};
use crate::town::{Town, told, town};
use cutover::decide::{Ask, Refusal};
use cutover::release::*;

/// An event's release of green beside these.
fn begun(setting: &Setting) -> Town {
    let mut town = Town::new(setting.world());
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town.app = town.event().unwrap().application;
    town
}

/// Its running release is looked at, as it is and as things stand.
fn scene(town: &Town) -> Scene {
    Scene { release: town.app.running.clone().unwrap(), seen: town.seen.clone() }
}

/// What the command makes of it.
fn taken(town: &Town) -> Release {
    let taken = town.ask(Ask::Start(told("green", true))).unwrap().application.running.unwrap();
    assert!(taken.origin.commanded);
    taken
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

/// Green has to carry what blue carried when the release started: that blue has shrunk by the takeover makes it no less.
#[test]
fn a_takeover_asks_no_less_of_green_than_the_start_did() {
    let mut town = town();
    town.app = town.event().unwrap().application;
    let in_service = |release: &Release| release.groups.values().map(|terms| terms.blue_in_service).collect::<Vec<_>>();
    let started = town.app.running.clone().unwrap();
    town.edit("blue", |blue| {
        let gone = blue.instances.keys().next().cloned().unwrap();
        blue.instances.remove(&gone);
    });
    let taken = town.ask(Ask::Start(told("green", true))).unwrap().application.running.unwrap();
    assert_eq!((taken.origin.commanded, in_service(&taken)), (true, in_service(&started)));
}

/// The same of one of blue that somebody has detached since.
#[test]
fn a_takeover_forgets_no_blue_that_was_detached_since_the_start() {
    let blues = vec![("blue", vec!["web", "api"]), ("blue2", vec!["web", "api"])];
    let mut town = Town::new(Setting { blues, groups: vec!["web", "api"], ..Setting::default() }.world());
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town.app = town.event().unwrap().application;
    town.edit("blue2", |blue| assert!(blue.groups.remove(&group_arn("web"))));
    let taken = town.ask(Ask::Start(told("green", true))).unwrap().application.running.unwrap();
    let in_service: Vec<_> = taken.groups.values().map(|terms| terms.blue_in_service).collect();
    assert_eq!((taken.origin.commanded, in_service), (true, vec![6, 6]));
}

/// An event's release after its first look: the floors of green and of two blues are meant to be held.
fn held() -> Town {
    let mut town =
        Town::new(Setting { blues: vec![("blue", vec!["web"]), ("blue2", vec!["web"])], ..Setting::default() }.world());
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town.app = town.event().unwrap().application;
    let mut scene = Scene { release: town.app.running.clone().unwrap(), seen: town.seen.clone() };
    scene.go();
    assert!(scene.release.members().all(|member| member.floor.is_some()), "{:?}", scene.release);
    Town { seen: scene.seen, app: Application { running: Some(scene.release), ..town.app }, ..Town::new(town.seen) }
}

/// What was found and written before stays known of each fleet.
#[test]
fn a_takeover_keeps_what_is_known_of_each_fleet() {
    let mut town = held();
    let known = |release: &Release| -> Vec<_> {
        let of =
            |member: &Member| (member.fleet.clone(), member.floor, member.last_write, member.found, member.in_service);
        release.members().map(of).collect()
    };
    let started = town.app.running.clone().unwrap();
    town.edit("blue2", |blue| blue.instances.retain(|_, _| false));
    let taken = town.ask(Ask::Start(told("green", true))).unwrap().application.running.unwrap();
    assert_eq!(known(&taken), known(&started));
}

/// A floor that is held is given back at the end; by whom, if its fleet were no part of the release any more?
#[test]
fn a_takeover_that_leaves_out_a_fleet_whose_floor_is_held_is_refused() {
    let mut candidate = told("green", true);
    candidate.origin.blue = Some(vec![fleet_name("blue")]);
    match held().ask(Ask::Start(candidate)) {
        Err(Refusal::Conflict(why)) => assert!(why.contains("holds the floor of blue2: name it as blue"), "{why}"),
        other => panic!("not refused: {other:?}"),
    }
}

/// Where blue was at the start, green is to replace it and a rollback to bring it back, wherever it hangs by now.
#[test]
fn a_takeover_keeps_where_blue_was() {
    let mut town = begun(&Setting::two_groups());
    let started = town.app.running.clone().unwrap();
    let mut changed = scene(&town);
    changed.off("blue", "api");
    town.seen = changed.seen;
    let taken = taken(&town);
    assert_eq!(taken.groups, started.groups);
    assert_eq!((&taken.blue[0].links, &taken.green.links), (&started.blue[0].links, &started.green.links));
}

/// A fleet of blue that nothing was written to is one all the same.
#[test]
fn a_takeover_keeps_a_blue_without_a_floor() {
    let blues = vec![("blue", vec!["web"]), ("blue2", vec!["web"])];
    let mut town = Town::new(Setting { blues, ..Setting::default() }.world());
    town.edit("blue2", |blue| blue.sizes.min = 3);
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town.app = town.event().unwrap().application;
    let mut changed = scene(&town);
    changed.off("blue2", "web");
    town.seen = changed.seen;
    let blue: Vec<_> = taken(&town).blue.iter().map(|member| member.fleet.to_string()).collect();
    assert_eq!(blue, ["blue", "blue2"]);
    let mut named = told("green", true);
    named.origin.blue = Some(vec![fleet_name("blue")]);
    let named = town.ask(Ask::Start(named)).unwrap().application.running.unwrap();
    assert_eq!(named.blue.len(), 1, "a command that names its blue says which");
}

/// A command that names its target groups gets these, and blue is what hangs on them.
#[test]
fn a_takeover_that_names_its_groups_gets_these() {
    let town = begun(&Setting::two_groups());
    let mut candidate = told("green", true);
    candidate.origin.fields.target_groups = Some(vec![policy::TargetGroupRef::Arn(group_arn("api"))]);
    let taken = town.ask(Ask::Start(candidate)).unwrap().application.running.unwrap();
    let api: Vec<_> = [group_arn("api")].into();
    assert_eq!(taken.groups.keys().cloned().collect::<Vec<_>>(), api);
    for member in taken.members() {
        assert_eq!(member.links.keys().cloned().collect::<Vec<_>>(), api, "{}", member.fleet);
    }
}

/// An episode from before green's creation that the gate was to judge is no evidence afterwards, whoever asks.
#[test]
fn a_takeover_knows_which_episode_was_old() {
    for takes in [false, true] {
        let mut town = Town::new(Setting { born: vec!["web"], ..Setting::default() }.world());
        town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
        let mut before = Scene { release: Setting::default().begin().release, seen: town.seen.clone() };
        before.moves_at("errors", AlarmState::Alarm, START - Span::seconds(600));
        town.seen = before.seen;
        town.app = town.event().unwrap().application;
        let mut held = scene(&town);
        held.go();
        assert_eq!(held.release.stage, Stage::Prepare);
        held.later(40);
        held.moves("errors", AlarmState::Ok);
        held.later(5);
        town.app.running = Some(held.release);
        town.seen = held.seen;
        let ask = if takes { Ask::Start(told("green", true)) } else { Ask::Look };
        let after = town.ask(ask).unwrap().application.running.unwrap();
        assert_ne!(after.stage, Stage::Rollback, "taken over: {takes}");
    }
}

/// What a person should know stays said.
#[test]
fn a_takeover_keeps_the_warnings() {
    let mut town = begun(&Setting::default());
    let mut held = scene(&town);
    held.go();
    held.later(31);
    held.sizes("blue", 2, 3);
    held.in_alarm("errors");
    held.go();
    assert_eq!(held.release.warnings.len(), 1, "{:?}", held.release.warnings);
    town.app.running = Some(held.release.clone());
    town.seen = held.seen;
    assert_eq!(taken(&town).warnings, held.release.warnings);
}
