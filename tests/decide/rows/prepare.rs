//! `prepare`: gates, floors, capacity, deadline.

use super::{pause, promote, roll_back};
use crate::scene::{Setting, fleet_name, group_arn, unread};
use crate::stage_table::{Row, asked, row};
use cutover::release::policy::{Alarms, InAlarmAtStart, InsufficientData};
use cutover::release::*;

pub fn rows() -> Vec<Row> {
    let begin = || Setting::default().begin();
    let prepare = || Setting::default().prepare();
    let fixed = || Setting::with(PolicyFields { match_capacity: Some(false), ..PolicyFields::default() });
    vec![
        row("the first look", begin(), |_| {}),
        row("the floors' writes haven't settled", begin(), |s| {
            s.go();
            s.later(10);
        }),
        row("the floors are held, the gates open, the capacity there", prepare(), |_| {}),
        row("the floor of blue was refused", begin(), |s| {
            s.go();
            s.wrote("blue", WriteAnswer::Refused);
            s.sizes("blue", 1, 3);
            s.later(31);
        }),
        row("the floor's answer was lost, not twice the settling time ago", begin(), |s| {
            s.go();
            s.wrote("blue", WriteAnswer::Lost);
            s.later(31);
        }),
        row("the floor's answer was lost, it is missing", begin(), |s| {
            s.go();
            s.wrote("blue", WriteAnswer::Lost);
            s.sizes("blue", 1, 3);
            s.later(61);
        }),
        row("the floor's answer was lost, it was applied", begin(), |s| {
            s.go();
            s.wrote("blue", WriteAnswer::Lost);
            s.later(61);
        }),
        row("the floor of blue is refused until the deadline", begin(), |s| {
            s.go();
            s.wrote("blue", WriteAnswer::Refused);
            s.sizes("blue", 1, 3);
            s.later(1800);
        }),
        row("blue has scaled out: its floor is raised", prepare(), |s| s.sizes("blue", 3, 5)),
        row("raising blue's floor again was refused", prepare(), |s| {
            s.sizes("blue", 3, 5);
            s.go();
            s.wrote("blue", WriteAnswer::Refused);
            s.sizes("blue", 3, 5);
            s.later(31);
        }),
        row("somebody else changed blue's floor", prepare(), |s| s.sizes("blue", 2, 3)),
        row("green has 2 of 3 instances", prepare(), |s| {
            s.fleet("green").instances.get_mut("i-green1").unwrap().in_service = false;
        }),
        row("green has 2 of 3 instances at the deadline", prepare(), |s| {
            s.fleet("green").instances.get_mut("i-green1").unwrap().in_service = false;
            s.later(1800);
        }),
        row("ready at the deadline", prepare(), |s| s.later(1800)),
        row("green is smaller than required: its floor is raised", begin(), |s| s.sizes("green", 1, 1)),
        row("green is smaller, match_capacity is false", fixed().begin(), |s| s.sizes("green", 1, 1)),
        row("green can't grow to the required", begin(), |s| s.fleet("green").sizes.max = 2),
        row("green was deleted", prepare(), |s| s.deleted("green")),
        row("blue was deleted", prepare(), |s| s.deleted("blue")),
        row("green isn't described yet, a moment after the start", begin(), |s| s.deleted("green")),
        row("blue was detached by somebody", prepare(), |s| s.off("blue", "web")),
        asked("promote", prepare(), promote(), |_| {}),
        asked("pause", prepare(), pause(), |_| {}),
        asked("rollback", prepare(), roll_back(), |_| {}),
    ]
}

pub fn gates() -> Vec<Row> {
    let prepare = || Setting::default().prepare();
    let with = |fields| Setting::with(fields).prepare();
    let policy = PolicyFields::default;
    let at_start = |choice| with(PolicyFields { in_alarm_at_start: Some(choice), ..policy() });
    let slow = |s: &mut crate::scene::Scene| {
        s.alarm("errors").kind = AlarmKind::Metric { period_seconds: 300, datapoints: 3 };
    };
    let hourly = |s: &mut crate::scene::Scene| {
        s.alarm("errors").kind = AlarmKind::Metric { period_seconds: 3600, datapoints: 1 };
    };
    vec![
        row("fleets unread: green", prepare(), |s| s.fleet_unread("green")),
        row("fleets unread: blue", prepare(), |s| s.fleet_unread("blue")),
        row("attachment style unread", prepare(), |s| drop(s.seen.classic.insert(fleet_name("blue"), unread()))),
        row("target health unread", prepare(), |s| s.targets_unread("web")),
        row("target group unread", prepare(), |s| drop(s.seen.groups.insert(group_arn("web"), unread()))),
        row("attributes unread", prepare(), |s| drop(s.seen.attributes.insert(group_arn("web"), unread()))),
        row("load balancer unread", prepare(), |s| {
            s.seen.load_balancers.values_mut().for_each(|balancer| *balancer = unread());
        }),
        row("instance refreshes unread", prepare(), |s| drop(s.seen.refreshing.insert(fleet_name("blue"), unread()))),
        row("alarms unread", prepare(), |s| s.alarm_unread("errors")),
        row("alarms unread at the deadline", prepare(), |s| {
            s.alarm_unread("errors");
            s.later(1800);
        }),
        row("alarms' habits unread", Setting::default().begin(), |s| {
            s.seen.moves.clear();
            s.alarm("errors").transitioned_at = Some(s.seen.at - Span::seconds(3600));
        }),
        row(
            "alarms' habits unread, insufficient_data is unknown",
            Setting::with(PolicyFields { insufficient_data: Some(InsufficientData::Unknown), ..policy() }).begin(),
            |s| {
                s.seen.moves.clear();
                s.alarm("errors").transitioned_at = Some(s.seen.at - Span::seconds(3600));
            },
        ),
        row("tag: blue lost it", prepare(), |s| s.fleet("blue").tags.clear()),
        row("fleet: green is being deleted", prepare(), |s| s.fleet("green").deleting = true),
        row("fleet: weighted capacity", prepare(), |s| s.fleet("blue").weighted = true),
        row("target_group: doesn't exist", prepare(), |s| drop(s.seen.groups.insert(group_arn("web"), Ok(None)))),
        row("target_group: takes no instances", prepare(), |s| {
            s.seen.groups.get_mut(&group_arn("web")).unwrap().as_mut().unwrap().as_mut().unwrap().takes_instances =
                false;
        }),
        row("listener: on no load balancer", prepare(), |s| {
            s.seen
                .groups
                .get_mut(&group_arn("web"))
                .unwrap()
                .as_mut()
                .unwrap()
                .as_mut()
                .unwrap()
                .load_balancers
                .clear();
        }),
        row("zone: green's isn't enabled", prepare(), |s| {
            s.fleet("green").zones.insert("eu-west-1b".into());
        }),
        row("zone: green's isn't enabled at the deadline", prepare(), |s| {
            s.fleet("green").zones.insert("eu-west-1b".into());
            s.later(1800);
        }),
        row("attachment: two styles on one fleet", Setting::two_groups().prepare(), |s| {
            s.seen.classic.insert(fleet_name("blue"), Ok([group_arn("web")].into()));
        }),
        row("processes: AddToLoadBalancer of blue is suspended", prepare(), |s| {
            s.fleet("blue").suspended.insert("AddToLoadBalancer".into());
        }),
        row("refresh: one runs on green", prepare(), |s| drop(s.seen.refreshing.insert(fleet_name("green"), Ok(true)))),
        row("capacity: MaxSize of green is too small", prepare(), |s| s.fleet("green").sizes.max = 2),
        row("foreign_targets: with a blue", prepare(), |s| {
            s.targets("web").insert("i-stranger".into(), TargetHealth::Healthy);
        }),
        row("foreign_targets: no blue", Setting::alone().prepare(), |s| {
            s.targets("web").insert("i-stranger".into(), TargetHealth::Healthy);
        }),
        row("overlap: another application's fleet is on the group", prepare(), |s| {
            let mut other = s.fleet("blue").clone();
            (other.name, other.arn) = (fleet_name("other"), crate::scene::fleet_arn("other"));
            s.seen.fleets.insert(fleet_name("other"), Ok(Some(other)));
        }),
        row("alarms: one doesn't exist", prepare(), |s| {
            s.seen.alarms.insert(crate::scene::alarm_name("errors"), Ok(None));
        }),
        row("alarms: one isn't judging", prepare(), |s| s.alarm("errors").impaired = Some("EVALUATION_ERROR".into())),
        row("alarms: one needs longer than the bake", prepare(), slow),
        row(
            "alarms: one needs longer, extend_bake is false",
            with(PolicyFields { extend_bake: Some(false), ..policy() }),
            slow,
        ),
        row("alarms: one needs over an hour", prepare(), hourly),
        row(
            "alarms: one needs over an hour, extend_bake is false",
            with(PolicyFields { extend_bake: Some(false), ..policy() }),
            hourly,
        ),
        row(
            "alarms: \"none\" was said outright",
            {
                let setting = Setting { alarms: Vec::new(), ..Setting::default() };
                let fields = PolicyFields { alarms: Some(Alarms::NONE), ..policy() };
                Setting { fields, ..setting }.prepare()
            },
            |_| {},
        ),
        row("alarm_state: in ALARM, hold", prepare(), |s| s.in_alarm("errors")),
        row("alarm_state: in ALARM at the deadline, hold", prepare(), |s| {
            s.in_alarm("errors");
            s.later(1800);
        }),
        row("alarm_state: in ALARM, reject", at_start(InAlarmAtStart::Reject), |s| s.in_alarm("errors")),
        row("alarm_state: in ALARM, ignore", at_start(InAlarmAtStart::Ignore), |s| s.in_alarm("errors")),
    ]
}

pub fn born() -> Vec<Row> {
    let born = |choice| {
        let fields = PolicyFields { in_alarm_at_start: Some(choice), ..PolicyFields::default() };
        Setting { born: vec!["web"], ..Setting::with(fields) }
    };
    let hold = || born(InAlarmAtStart::Hold);
    let before = START_OF_GREEN - Span::seconds(600);
    let after = START_OF_GREEN + Span::seconds(10);
    let old = move |s: &mut crate::scene::Scene| s.moves_at("errors", AlarmState::Alarm, before);
    let over = move |s: &mut crate::scene::Scene| {
        s.moves_at("errors", AlarmState::Alarm, before);
        s.moves_at("errors", AlarmState::Ok, after);
    };
    vec![
        row("the gates are open", hold().prepare(), |_| {}),
        row("attached to one group of two", Setting { born: vec!["web"], ..Setting::two_groups() }.prepare(), |_| {}),
        row("an ALARM since its creation", hold().prepare(), |s| s.in_alarm("errors")),
        row("an ALARM since its creation that recovered", hold().prepare(), |s| s.flapped("errors")),
        row("an ALARM since its creation, ignore", born(InAlarmAtStart::Ignore).prepare(), |s| s.in_alarm("errors")),
        row("in ALARM since before its creation, hold", hold().begin(), old),
        row("in ALARM since before its creation, reject", born(InAlarmAtStart::Reject).begin(), old),
        row("in ALARM since before its creation, ignore", born(InAlarmAtStart::Ignore).begin(), old),
        row("the old ALARM is over, hold", hold().begin(), move |s| {
            old(s);
            s.go();
            s.later(31);
            s.moves("errors", AlarmState::Ok);
        }),
        row("the old ALARM was over before the first look", hold().begin(), over),
        row("the same, ignore", born(InAlarmAtStart::Ignore).begin(), over),
        row("not ready at the deadline", hold().prepare(), |s| {
            s.fleet("green").zones.insert("eu-west-1b".into());
            s.later(1800);
        }),
        row("detached by somebody", hold().prepare(), |s| s.off("green", "web")),
        asked("rollback", hold().prepare(), roll_back(), |_| {}),
    ]
}

const START_OF_GREEN: Timestamp = Timestamp::from_millis(crate::scene::START.millis() - 60_000);
