//! AWS.md 5, and the payloads that AWS documents.

use super::*;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alarms";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:cutover";

fn kinds(world: &mut World) -> Vec<DeliveryKind> {
    world.take_deliveries().into_iter().map(|delivery| delivery.kind).collect()
}

#[test]
fn there_is_one_launch_event_per_instance_once_it_is_in_service() {
    let mut world = web().build();
    world.hand(Hand::CreateFleet(Box::new(fleet("web-3").desired(2))));
    assert_eq!(kinds(&mut world), []);
    world.advance(20);
    let deliveries = world.take_deliveries();
    assert_eq!(deliveries.len(), 2);
    let event = &deliveries[0].payload;
    assert_eq!(event["detail-type"], "EC2 Instance Launch Successful");
    assert_eq!(event["detail"]["AutoScalingGroupName"], "web-3");
    assert_eq!(event["resources"][0].as_str(), world.fleet_arn("web-3"));
    assert_ne!(deliveries[0].payload["detail"]["ActivityId"], deliveries[1].payload["detail"]["ActivityId"]);
}

#[test]
fn the_schedule_knocks_each_minute() {
    let mut world = web().build();
    world.advance(180);
    let deliveries = world.take_deliveries();
    assert_eq!(deliveries.len(), 3);
    assert_eq!(deliveries[0].payload["detail-type"], "Scheduled Event");
    assert_eq!(deliveries[0].payload["time"], "2026-01-05T12:01:00Z");
}

#[test]
fn an_alarm_arrives_in_the_three_shapes_that_aws_sends() {
    let mut world = web().alarm(alarm("a").action(TOPIC).action(FUNCTION)).build();
    world.hand(Hand::SetAlarm("a".into(), StateValue::Alarm));
    let deliveries = world.take_deliveries();
    let [event, notification, action] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!(event.payload["detail"]["state"]["value"], "ALARM");
    assert_eq!(event.payload["detail"]["previousState"]["value"], "OK");
    assert_eq!(action.payload["alarmData"]["state"]["value"], "ALARM");
    assert_eq!(action.payload["source"], "aws.cloudwatch");
    let message = notification.payload["Records"][0]["Sns"]["Message"].as_str().unwrap_or("");
    let message: serde_json::Value = serde_json::from_str(message).expect("JSON in a string");
    assert_eq!((&message["NewStateValue"], &message["AlarmDescription"]), (&"ALARM".into(), &serde_json::Value::Null));
}

#[test]
fn disabled_actions_stop_actions_and_not_the_state_nor_its_event() {
    let mut spec = alarm("a").action(TOPIC);
    spec.actions_enabled = false;
    let mut world = web().alarm(spec).build();
    world.hand(Hand::SetAlarm("a".into(), StateValue::Alarm));
    assert_eq!(kinds(&mut world), [DeliveryKind::AlarmEvent]);
    assert_eq!(world.alarm_state("a"), Some(StateValue::Alarm));
}

#[test]
fn a_fleet_made_and_a_tag_set_are_told_by_cloudtrail() {
    let mut world = web().subscriptions(|to| to.cloudtrail = true).build();
    world.hand(Hand::CreateFleet(Box::new(fleet("web-3").of("web"))));
    world.hand(Hand::Tag("web-3".into(), "cutover:alarms".into(), Some("none".into())));
    let deliveries = world.take_deliveries();
    assert_eq!(deliveries[0].payload["detail"]["eventName"], "CreateAutoScalingGroup");
    assert_eq!(deliveries[0].payload["detail"]["requestParameters"]["tags"][0]["value"], "web");
    assert_eq!(deliveries[1].payload["detail"]["requestParameters"]["tags"][0]["resourceId"], "web-3");
}

#[test]
fn deliveries_may_be_lost_doubled_and_late_and_so_reordered() {
    let faults = DeliveryFaults { lost: 0.3, doubled: 0.3, late: 0.5, late_by: 200_000, latency: 100 };
    let mut world = web().seed(3).deliveries(faults).build();
    world.advance(60 * 200);
    world.advance(300);
    let deliveries = world.take_deliveries();
    let times: Vec<Millis> = deliveries.iter().map(|delivery| delivery.happened).collect();
    let distinct: std::collections::BTreeSet<&Millis> = times.iter().collect();
    assert!(distinct.len() < 200 && times.len() > distinct.len(), "lost and doubled");
    assert!(!times.is_sorted(), "reordered");
    assert!(deliveries.is_sorted_by_key(|delivery| delivery.due));
}
