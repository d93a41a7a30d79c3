//! AWS.md 6.

use super::*;

const MINUTE: Millis = 60_000;

fn watched(spec: AlarmSpec) -> World {
    let mut world = web().alarm(spec).build();
    world.hand(Hand::Requests("web".into(), 60.0));
    world
}

fn alarms(world: &mut World, names: &[&str], types: &[AlarmType]) -> (Vec<MetricAlarm>, Vec<CompositeAlarm>) {
    let call = Call::DescribeAlarms {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        prefix: None,
        types: types.to_vec(),
        state_value: None,
        next_token: None,
        max_records: None,
    };
    let Reply::Alarms { metric, composite, .. } = ok(world.serve(&call)) else { panic!("alarms") };
    (metric, composite)
}

fn history(world: &mut World, name: &str, types: &[AlarmType]) -> Vec<AlarmHistoryItem> {
    let call = Call::DescribeAlarmHistory {
        name: Some(name.into()),
        types: types.to_vec(),
        item_type: Some(HistoryItemType::StateUpdate),
        start: None,
        end: None,
        scan_by: None,
        next_token: None,
        max_records: None,
    };
    let Reply::AlarmHistory { items, .. } = ok(world.serve(&call)) else { panic!("history") };
    items
}

#[test]
fn errors_above_the_threshold_bring_an_alarm_after_its_period_and_it_recovers() {
    let mut world = watched(alarm("web-5xx").errors_of_group("web", 10.0));
    world.advance(90);
    world.hand(Hand::Errors("web-1".into(), 0.1));
    world.advance(60);
    assert_eq!(world.alarm_state("web-5xx"), Some(StateValue::Alarm));
    world.hand(Hand::Errors("web-1".into(), 0.0));
    world.advance(180);
    assert_eq!(world.alarm_state("web-5xx"), Some(StateValue::Ok));
}

#[test]
fn two_of_three_datapoints_take_two_periods() {
    let mut world = watched(alarm("web-5xx").errors_of_fleet("web-1", 10.0).judging(60, 2, 3));
    world.hand(Hand::Errors("web-1".into(), 0.1));
    world.advance(70);
    assert_eq!(world.alarm_state("web-5xx"), Some(StateValue::Ok));
    world.advance(60);
    assert_eq!(world.alarm_state("web-5xx"), Some(StateValue::Alarm));
}

#[test]
fn a_metric_that_is_not_reported_is_missing_data_by_default() {
    let errors = |missing| alarm("web-5xx").errors_of_group("web", 10.0).missing(missing);
    for (missing, state) in [
        (TreatMissing::Missing, StateValue::InsufficientData),
        (TreatMissing::NotBreaching, StateValue::Ok),
        (TreatMissing::Breaching, StateValue::Alarm),
        (TreatMissing::Ignore, StateValue::Ok),
    ] {
        let mut world = watched(errors(missing));
        world.advance(200);
        assert_eq!(world.alarm_state("web-5xx"), Some(state), "{missing}");
    }
}

#[test]
fn ignore_keeps_an_old_ok_that_means_nothing_and_an_old_alarm_too() {
    let spec = alarm("web-5xx").errors_of_group("web", 10.0).missing(TreatMissing::Ignore);
    let mut world = watched(spec.state(StateValue::Alarm, 3_600));
    world.advance(600);
    assert_eq!(world.alarm_state("web-5xx"), Some(StateValue::Alarm));
}

#[test]
fn an_alarm_on_metric_maths_has_no_period_of_its_own() {
    let mut world = watched(alarm("rate").watches(Metric::ErrorPercent(Scope::Group("web".into())), 5.0));
    world.hand(Hand::Errors("web-1".into(), 0.06));
    world.advance(130);
    let (metric, _) = alarms(&mut world, &["rate"], &[]);
    assert_eq!((metric[0].state_value, metric[0].period, metric[0].metrics.len()), (StateValue::Alarm, None, 3));
}

#[test]
fn unhealthy_hosts_bring_an_alarm() {
    let mut world = watched(alarm("hosts").watches(Metric::UnhealthyHosts(Scope::Group("web".into())), 1.0));
    world.hand(Hand::Health("web-1".into(), None, Health::never()));
    world.advance(70);
    assert_eq!(world.alarm_state("hosts"), Some(StateValue::Alarm));
}

#[test]
fn without_types_only_metric_alarms_are_returned() {
    let mut world = web().alarm(alarm("a")).alarm(alarm("b").composite("ALARM(a)")).alarm(alarm("c").log()).build();
    let (metric, composite) = alarms(&mut world, &[], &[]);
    assert_eq!((metric.len(), composite.len()), (1, 0));
    let (metric, composite) = alarms(&mut world, &[], AlarmType::ALL);
    assert_eq!((metric.len(), composite.len()), (1, 1));
    assert!(history(&mut world, "b", &[]).is_empty(), "the history's default is the same");
    assert_eq!(history(&mut world, "b", AlarmType::ALL).len(), 1);
}

#[test]
fn a_name_that_does_not_exist_is_simply_absent() {
    let mut world = web().alarm(alarm("a")).build();
    assert_eq!(alarms(&mut world, &["a", "gone"], AlarmType::ALL).0.len(), 1);
}

#[test]
fn a_hundred_names_and_never_a_prefix_beside_them() {
    let mut world = web().build();
    let call = |names: Vec<String>, prefix: Option<&str>| Call::DescribeAlarms {
        names,
        prefix: prefix.map(str::to_owned),
        types: vec![],
        state_value: None,
        next_token: None,
        max_records: None,
    };
    refused(world.serve(&call((0..101).map(|n| format!("a{n}")).collect(), None)));
    refused(world.serve(&call(vec!["a".into()], Some("b"))));
}

#[test]
fn under_a_narrow_policy_composite_alarms_silently_look_missing() {
    let rule = fault("DescribeAlarms", FaultKind::CompositesHidden);
    let mut world = web().alarm(alarm("a")).alarm(alarm("b").composite("ALARM(a)")).fault(rule).build();
    let (metric, composite) = alarms(&mut world, &["a", "b"], AlarmType::ALL);
    assert_eq!((metric.len(), composite.len()), (1, 0));
}

#[test]
fn an_evaluation_state_moves_the_updated_timestamp_but_not_the_transition() {
    let mut world = web().alarm(alarm("a")).build();
    let start = world.now();
    world.advance(60);
    world.hand(Hand::Evaluation("a".into(), Some(EvaluationState::PartialData)));
    let (metric, _) = alarms(&mut world, &["a"], &[]);
    assert_eq!(metric[0].evaluation_state, Some(EvaluationState::PartialData));
    assert_eq!(metric[0].state_updated, start + MINUTE);
    assert_eq!(metric[0].state_transitioned, start - 7 * 86_400_000);
}

#[test]
fn an_alarm_that_is_not_judging_keeps_its_state() {
    let mut world = watched(alarm("web-5xx").errors_of_group("web", 10.0));
    world.hand(Hand::Evaluation("web-5xx".into(), Some(EvaluationState::EvaluationError)));
    world.hand(Hand::Errors("web-1".into(), 1.0));
    world.advance(300);
    assert_eq!(world.alarm_state("web-5xx"), Some(StateValue::Ok));
}

#[test]
fn the_history_proves_that_an_alarm_passed_through_alarm() {
    let mut world = web().alarm(alarm("a")).build();
    world.hand(Hand::SetAlarm("a".into(), StateValue::Alarm));
    world.advance(5);
    world.hand(Hand::SetAlarm("a".into(), StateValue::Ok));
    let items = history(&mut world, "a", AlarmType::ALL);
    assert_eq!(items[0].summary, "Alarm updated from ALARM to OK");
    assert_eq!(items[1].summary, "Alarm updated from OK to ALARM");
    let data: serde_json::Value = serde_json::from_str(&items[1].data).expect("JSON");
    assert_eq!((&data["oldState"]["stateValue"], &data["newState"]["stateValue"]), (&"OK".into(), &"ALARM".into()));
    assert_eq!(data["version"], "1.0");
    let (metric, _) = alarms(&mut world, &["a"], &[]);
    assert_eq!(metric[0].state_transitioned, world.now());
}

#[test]
fn the_history_survives_the_alarm_and_one_made_again_begins_without_data() {
    let mut world = web().alarm(alarm("a")).build();
    world.hand(Hand::SetAlarm("a".into(), StateValue::Alarm));
    world.hand(Hand::DeleteAlarm("a".into()));
    assert!(alarms(&mut world, &["a"], AlarmType::ALL).0.is_empty());
    assert_eq!(history(&mut world, "a", AlarmType::ALL).len(), 2);
    world.hand(Hand::CreateAlarm(Box::new(alarm("a"))));
    assert_eq!(world.alarm_state("a"), Some(StateValue::InsufficientData));
}

#[test]
fn a_past_of_alarms_is_on_the_history() {
    let spec = alarm("a").was(StateValue::Alarm, 7_200).state(StateValue::Ok, 3_600);
    let mut world = web().alarm(spec).build();
    let items = history(&mut world, "a", AlarmType::ALL);
    assert_eq!(items.len(), 2);
    assert_eq!(world.now() - items[0].timestamp, 3_600_000);
}

#[test]
fn a_metric_alarm_set_by_hand_returns_at_its_next_evaluation() {
    let mut world = watched(alarm("web-5xx").errors_of_group("web", 10.0));
    world.advance(600);
    world.hand(Hand::SetAlarm("web-5xx".into(), StateValue::Alarm));
    world.advance(66);
    assert_eq!(world.alarm_state("web-5xx"), Some(StateValue::Ok));
}

#[test]
fn a_composite_set_by_hand_does_not_return_by_itself() {
    let mut world = web().alarm(alarm("a")).alarm(alarm("b").composite("ALARM(a)")).build();
    world.hand(Hand::SetAlarm("b".into(), StateValue::Alarm));
    world.advance(86_400);
    assert_eq!(world.alarm_state("b"), Some(StateValue::Alarm));
}

#[test]
fn a_composite_follows_its_children_and_composites_of_composites_too() {
    let mut world = web()
        .alarm(alarm("a b"))
        .alarm(alarm("c"))
        .alarm(alarm("both").composite("ALARM(\"a b\") AND NOT OK(c)"))
        .alarm(alarm("top").composite("(ALARM(both) OR INSUFFICIENT_DATA(\"c\")) AND TRUE"))
        .build();
    world.hand(Hand::SetAlarm("a b".into(), StateValue::Alarm));
    assert_eq!(world.alarm_state("both"), Some(StateValue::Ok));
    world.hand(Hand::SetAlarm("c".into(), StateValue::Alarm));
    assert_eq!(world.alarm_state("top"), Some(StateValue::Alarm));
    let (_, composite) = alarms(&mut world, &["both"], AlarmType::ALL);
    assert!(
        composite[0].state_reason.starts_with(&format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:c transitioned"))
    );
    world.hand(Hand::SetAlarm("a b".into(), StateValue::Ok));
    assert_eq!(world.alarm_state("top"), Some(StateValue::Ok));
}
