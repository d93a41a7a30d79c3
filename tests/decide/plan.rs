//! The dry run: what it says would be done, and of what it warns.

use crate::scene::{Setting, fleet_name, group_arn};
use crate::town::{Town, told};
use cutover::decide::{Ask, Plan, plan};
use cutover::release::policy::RetireBlue;
use cutover::release::*;

/// The plan of a release that green begins in this world, as a command that says these fields.
fn planned(setting: &Setting, change: impl FnOnce(&mut Town)) -> Plan {
    let mut town = Town::new(setting.world());
    change(&mut town);
    let mut candidate = told("green", true);
    candidate.origin.fields = setting.begin().release.origin.fields;
    let begun = town.ask(Ask::Start(candidate)).unwrap();
    plan(&begun.application.running.unwrap(), &town.seen)
}

fn lines(plan: &Plan) -> Vec<String> {
    let said = |line: &cutover::decide::PlanLine| {
        let words = [line.stage.as_str(), line.action, &line.fleet, &line.detail];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    plan.lines.iter().map(said).collect()
}

const ATTACHED: &str = "attach wait until green is healthy in every target group, at most 900 s";

#[test]
fn each_step_is_told_in_its_order_with_its_figures() {
    let expected = [
        "prepare hold blue MinSize from 1 to 3, given back at the end",
        "prepare hold green MinSize from 1 to 3, given back at the end",
        "attach attach green to web",
        ATTACHED,
        "bake wait 300 s with both fleets serving, 1 alarms watched",
        "detach detach blue from web",
        "watch wait 900 s with blue kept warm",
    ];
    assert_eq!(lines(&planned(&Setting::default(), |_| {})), expected);
}

/// A floor that stands as high as it's needed isn't raised, and what green is born on isn't attached.
#[test]
fn what_is_so_already_is_no_step() {
    let high = planned(&Setting::default(), |town| {
        town.edit("blue", |blue| blue.sizes.min = 3);
        town.edit("green", |green| green.sizes.min = 3);
    });
    assert!(!lines(&high).iter().any(|line| line.contains(" hold ")), "{:?}", lines(&high));
    let half = planned(&Setting { born: vec!["web"], ..Setting::two_groups() }, |_| {});
    assert!(lines(&half).contains(&"attach attach green to api".to_owned()), "{:?}", lines(&half));
    let whole = planned(&Setting { born: vec!["web"], ..Setting::default() }, |_| {});
    assert!(!lines(&whole).iter().any(|line| line.starts_with("attach attach")), "{:?}", lines(&whole));
}

#[test]
fn the_first_set_up_ends_with_its_attach() {
    let expected =
        ["prepare hold green MinSize from 1 to 3, given back at the end", "attach attach green to web", ATTACHED];
    assert_eq!(lines(&planned(&Setting::alone(), |_| {})), expected);
}

#[test]
fn each_blue_is_detached_from_its_own_groups_and_retired_last() {
    let fields = PolicyFields { retire_blue: Some(RetireBlue::ScaleToZero), ..PolicyFields::default() };
    let blues = vec![("blue", vec!["web", "api"]), ("blue2", vec!["api"])];
    let setting = Setting { blues, groups: vec!["web", "api"], fields, ..Setting::default() };
    let said = lines(&planned(&setting, |_| {}));
    let expected = [
        "detach detach blue from api, web",
        "detach detach blue2 from api",
        "watch wait 900 s with blue kept warm",
        "watch retire blue to zero instances",
        "watch retire blue2 to zero instances",
    ];
    assert_eq!(said[said.len() - 5..], expected);
}

/// What serves elsewhere isn't retired at the end, so that isn't planned either.
#[test]
fn a_blue_that_serves_elsewhere_too_is_not_planned_to_be_retired() {
    let fields = || PolicyFields { retire_blue: Some(RetireBlue::ScaleToZero), ..PolicyFields::default() };
    let elsewhere = planned(&Setting::with(fields()), |town| {
        town.edit("blue", |blue| {
            blue.elsewhere.insert("old-front".into());
        });
    });
    assert!(!lines(&elsewhere).iter().any(|line| line.contains("retire")), "{:?}", lines(&elsewhere));
    // A Classic load balancer may have a target group's name: what is being replaced often has.
    let namesake = planned(&Setting::with(fields()), |town| {
        town.edit("blue", |blue| {
            blue.elsewhere.insert("web".into());
        });
    });
    assert!(!lines(&namesake).iter().any(|line| line.contains("retire")), "{:?}", lines(&namesake));
    let warning = "blue won't be scaled to zero: it's attached to old-front, too";
    assert!(elsewhere.warnings.iter().any(|said| said == warning), "{:?}", elsewhere.warnings);
}

#[test]
fn a_bake_that_the_alarms_lengthen_is_told_as_long_as_it_will_be() {
    let slow = planned(&Setting::default(), |town| {
        let alarm = town.seen.alarms.values_mut().next().unwrap().as_mut().unwrap().as_mut().unwrap();
        alarm.kind = AlarmKind::Metric { period_seconds: 300, datapoints: 3 };
    });
    let bake = lines(&slow).into_iter().find(|line| line.starts_with("bake")).unwrap();
    assert!(!bake.contains(" 300 s "), "{bake}");
    assert!(slow.warnings.iter().any(|warning| warning.contains("instead of 300 s")), "{:?}", slow.warnings);
}

/// Nothing is said against a good world; what is said otherwise names fleet, figures and group.
#[test]
fn what_a_person_should_know_is_a_warning() {
    assert_eq!(planned(&Setting::default(), |_| {}).warnings, Vec::<String>::new());
    let ill = planned(&Setting::default(), |town| {
        let targets = town.seen.targets.get_mut(&group_arn("web")).unwrap().as_mut().unwrap().as_mut().unwrap();
        targets.insert("i-blue1".into(), TargetHealth::Unhealthy);
    });
    assert_eq!(ill.warnings, ["2 of 3 instances of blue are healthy in web"]);
    let quiet = planned(&Setting::default(), |town| {
        let alarm = town.seen.alarms.values_mut().next().unwrap().as_mut().unwrap().as_mut().unwrap();
        alarm.state = AlarmState::InsufficientData;
    });
    assert_eq!(quiet.warnings, ["alarm errors is at times without data"]);
}

/// A group that only green will be on has nothing to go back to.
#[test]
fn a_group_without_blue_is_warned_of() {
    let refs = ["web", "api"].map(|group| policy::TargetGroupRef::Arn(group_arn(group)));
    let fields = PolicyFields { target_groups: Some(refs.into()), ..PolicyFields::default() };
    let setting = Setting { groups: vec!["web", "api"], fields, ..Setting::default() };
    assert_eq!(planned(&setting, |_| {}).warnings, ["no blue serves api: a rollback would halt there"]);
    let alone = Setting { groups: vec!["web", "api"], ..Setting::alone() };
    assert_eq!(planned(&alone, |_| {}).warnings, Vec::<String>::new(), "of no blue there's no rollback");
}

#[test]
fn the_gates_are_told_as_they_stand() {
    let suspended = planned(&Setting::default(), |town| {
        town.edit("green", |green| green.suspended.extend(["AddToLoadBalancer".to_owned()]));
        town.seen.refreshing.insert(fleet_name("blue"), Ok(true));
    });
    let closed: Vec<_> = suspended.gates.iter().filter(|gate| !gate.open).map(|gate| gate.gate).collect();
    assert_eq!(closed, ["processes", "refresh"]);
}
