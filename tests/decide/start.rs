//! What a release begins with: what has to be read, which fleets and groups are part of it, what is refused and warned of.

use crate::scene::{Setting, alarm_name, fleet_name, group_arn};
use crate::town::{Town, told, town};
use cutover::decide::{Ask, Refusal, start_needs};
use cutover::release::policy::TargetGroupRef;
use cutover::release::*;

/// By which API pair something was attached, and what a policy leaves open: a name, a prefix.
#[test]
fn a_start_asks_for_what_it_rests_on() {
    let mut town = town();
    town.edit("green", |green| {
        green.tags.insert("cutover:target-groups".into(), "web".into());
        green.tags.insert("cutover:alarm-prefix".into(), "web-".into());
    });
    let family = [town.fleet("blue"), town.fleet("green")];
    let needs = start_needs(&told("green", false), &family, &PolicyFields::default());
    assert_eq!(needs.classic, [fleet_name("blue")].into(), "green is attached to nothing");
    assert_eq!((needs.named_groups, needs.prefixes), (["web".to_owned()].into(), ["web-".to_owned()].into()));
}

/// The groups that a release begun so is about, and its blue.
fn part(town: &Town, named: Option<&str>, blue: Option<&str>) -> (Vec<String>, Vec<String>) {
    let mut candidate = told("green", true);
    candidate.origin.fields.target_groups = named.map(|group| vec![TargetGroupRef::Arn(group_arn(group))]);
    candidate.origin.blue = blue.map(|name| vec![fleet_name(name)]);
    let release = town.ask(Ask::Start(candidate)).unwrap().application.running.unwrap();
    let groups = release.groups.keys().map(|group| group.short().to_owned());
    (groups.collect(), release.blue.iter().map(|member| member.fleet.to_string()).collect())
}

/// Of the application's fleets: the attached others, those that a command names, on the groups that it names.
#[test]
fn blue_is_what_is_attached_beside_green() {
    let blues = vec![("blue", vec!["web"]), ("going", vec!["old"]), ("other", vec!["api"])];
    let groups = vec!["web", "old", "api", "own"];
    let mut town = Town::new(Setting { blues, born: vec!["own"], groups, ..Setting::default() }.world());
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town.edit("going", |fleet| fleet.deleting = true);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(part(&town, None, None), (names(&["api", "web"]), names(&["blue", "other"])));
    assert_eq!(part(&town, None, Some("other")), (names(&["api"]), names(&["other"])));
    assert_eq!(part(&town, Some("web"), None), (names(&["web"]), names(&["blue"])));
}

/// As many alarms as a policy may name, a prefix may find.
#[test]
fn a_prefix_finds_at_least_one_alarm_and_at_most_a_hundred() {
    let begun = |many: u32, letters: &str| {
        let mut town = Town::new(Setting::default().world());
        town.edit("green", |green| drop(green.tags.insert("cutover:alarm-prefix".into(), "a".into())));
        let found = (0..many).map(|number| alarm_name(&format!("a{number}{letters}"))).collect();
        town.seen.prefixes.insert("a".into(), Ok(found));
        town.ask(Ask::Start(told("green", true)))
    };
    assert!(matches!(begun(0, ""), Err(Refusal::Invalid(_))));
    assert!(begun(100, "").is_ok());
    assert!(matches!(begun(101, ""), Err(Refusal::Invalid(_))));
    match begun(100, &"x".repeat(200)) {
        Err(Refusal::Conflict(why)) => assert!(why.contains("watch a composite alarm in place of many"), "{why}"),
        other => panic!("no room on the record, and not refused: {other:?}"),
    }
}

#[test]
fn a_start_warns_of_what_may_fail_under_it() {
    let warned = |settle, latest| {
        let mut town = town();
        town.edit("green", |green| {
            green.latest_template = latest;
            green.tags.insert("cutover:settle-seconds".into(), settle);
        });
        let release = town.event().unwrap().application.running.unwrap();
        release.warnings.iter().map(|warning| warning.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(warned("10".to_owned(), false), Vec::<String>::new());
    assert_eq!(warned("9".to_owned(), false), ["settle_seconds is 9"]);
    assert_eq!(warned("10".to_owned(), true), ["green launches from $Latest"]);
}

/// Who reads only of the beginning knows what began.
#[test]
fn a_start_says_who_is_new() {
    let turned = town().event().unwrap();
    assert_eq!(turned.entries[0].message, "green is the new fleet");
}

/// What was never begun has its beginning and its end on record all the same, and what its fleet carried.
#[test]
fn a_rejection_is_a_whole_release() {
    let mut town = town();
    town.edit("green", |green| drop(green.tags.insert("cutover:bake-time-seconds".into(), "soon".into())));
    let at = town.seen.at;
    let whole = |release: &Release| (release.status, release.started_at, release.ended_at);
    assert_eq!(whole(&town.event().unwrap().kept[0]), (Status::Rejected, at, Some(at)));
    let mut town = Town::running(Setting::default().bake());
    town.another("second", 5);
    let asked_at = town.seen.at;
    town.app = town.ask(Ask::Start(told("second", false))).unwrap().application;
    let tags = town.fleet("second").tags.clone();
    town.seen.at = asked_at + Span::seconds(86_400);
    let turned = town.ask(Ask::Look).unwrap();
    let release = turned.kept.iter().find(|release| release.green.fleet.as_str() == "second").unwrap();
    assert_eq!(whole(release), (Status::Rejected, asked_at, Some(town.seen.at)));
    assert_eq!(release.green.tags, tags);
}
