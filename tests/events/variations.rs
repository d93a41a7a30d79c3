//! What AWS may change in an event without telling: fields that come, go, are null or stand elsewhere.

use crate::{NEEDED, event, read, summary, table};
use cutover::trigger::{Request, parse};
use serde_json::{Map, Value, json};

/// Every file but the commands: those are ours, and take nothing that isn't known.
fn events_of_aws() -> impl Iterator<Item = (String, String)> {
    table().into_iter().filter(|(file, _)| !file.starts_with("command-"))
}

/// Applies `change` to every object in an event, those inside an SNS message too.
fn in_every_object(value: &mut Value, change: &impl Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object.iter_mut() {
                let message =
                    inner.as_str().filter(|_| name == "Message").and_then(|text| serde_json::from_str(text).ok());
                if let Some(mut message) = message {
                    in_every_object(&mut message, change);
                    *inner = Value::String(message.to_string());
                } else {
                    in_every_object(inner, change);
                }
            }
            change(object);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| in_every_object(item, change)),
        _ => {}
    }
}

fn each_varied(change: impl Fn(&mut Map<String, Value>)) {
    for (file, expected) in events_of_aws() {
        let mut payload = event(&file);
        in_every_object(&mut payload, &change);
        let request = read(&payload).unwrap_or_else(|refused| panic!("{file}: {refused}\n{payload:#}"));
        assert_eq!(summary(&request), expected, "{file}");
    }
}

#[test]
fn extra_fields_of_aws_events_change_nothing() {
    each_varied(|object| {
        object.insert("aFieldOfNextYear".into(), json!({ "deep": [1, null, "x"] }));
        object.insert("AnotherOne".into(), Value::Null);
    });
}

#[test]
fn optional_fields_of_aws_events_may_be_null() {
    each_varied(|object| {
        for (name, value) in object.iter_mut() {
            if !NEEDED.contains(&name.as_str()) {
                *value = Value::Null;
            }
        }
    });
}

#[test]
fn optional_fields_of_aws_events_may_be_missing() {
    each_varied(|object| object.retain(|name, _| NEEDED.contains(&name.as_str())));
}

/// Writes an object's fields in the opposite order, at every depth.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let fields = object.iter().rev().map(|(name, value)| format!("{}:{}", json!(name), reversed(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[test]
fn the_order_of_fields_does_not_matter() {
    for (file, expected) in table() {
        let request = parse(reversed(&event(&file)).as_bytes()).unwrap();
        assert_eq!(summary(&request), expected, "{file}");
    }
}

#[test]
fn a_launch_event_carries_the_fleets_arn_where_aws_gives_it() {
    for (file, has_arn) in
        [("launch-successful.json", true), ("sns-launch.json", true), ("create-auto-scaling-group.json", false)]
    {
        let Ok(Request::Fleets(knocks)) = read(&event(file)) else { panic!("{file}") };
        assert_eq!(knocks[0].arn.is_some(), has_arn, "{file}");
    }
}

#[test]
fn only_the_word_alarm_takes_the_lease_at_once() {
    for (state, in_alarm) in [
        (json!({ "value": "ALARM" }), true),
        (json!({ "value": "OK" }), false),
        (json!({ "value": "INSUFFICIENT_DATA" }), false),
        (json!({ "value": "A_STATE_OF_NEXT_YEAR" }), false),
        (json!({ "value": null }), false),
        (Value::Null, false),
    ] {
        let mut payload = event("alarm-metric.json");
        payload["detail"]["state"] = state;
        let Ok(Request::Alarm(knock)) = read(&payload) else { panic!("{payload:#}") };
        assert_eq!(knock.in_alarm, in_alarm, "{payload:#}");
    }
}

#[test]
fn tags_on_what_is_no_fleet_are_nobodys_business() {
    let mut payload = event("create-or-update-tags.json");
    for tag in payload["detail"]["requestParameters"]["tags"].as_array_mut().unwrap() {
        tag["resourceType"] = json!("warm-pool");
    }
    assert_eq!(summary(&read(&payload).unwrap()), "ignored");
}

#[test]
fn a_schedule_needs_neither_detail_nor_time() {
    let mut payload = event("schedule.json");
    payload.as_object_mut().unwrap().remove("detail");
    payload["time"] = json!("<aws.scheduler.scheduled-time>");
    assert_eq!(read(&payload), Ok(Request::Sweep));
}
