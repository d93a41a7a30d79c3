//! CloudWatch's replies: alarms of every type, the rules of composite ones, the moves of a history.

use super::autoscaling::said;
use crate::aws::answering;
use ciborium::Value as Cbor;
use cutover::observe::Reads;
use cutover::release::{Alarm, AlarmKind, AlarmName, Timestamp};
use serde_json::Value;

/// Read whole, or unread with a line that says why. What is JSON is sent as the CBOR of the same meaning.
pub fn holds(bytes: &[u8]) -> bool {
    let mut reply = Vec::new();
    match serde_json::from_slice(bytes) {
        Ok(json) => ciborium::into_writer(&cbor(&json), &mut reply).expect("CBOR in memory"),
        Err(_) => reply.extend(bytes),
    }
    let name = AlarmName::parse("errors").expect("a name");
    let (alarms, prefixed, moves) = answering!(
        Cbor,
        &reply,
        async |aws| aws.alarms(std::slice::from_ref(&name)).await,
        async |aws| aws.alarms_with_prefix("web").await,
        async |aws| aws.alarm_moves(&name, Timestamp::default()).await,
    );
    let (alarms, prefixed) = (said(alarms).unwrap_or_default(), said(prefixed).unwrap_or_default());
    assert!(prefixed.iter().all(|alarm| alarm.name.as_str().starts_with("web")));
    alarms.iter().chain(&prefixed).for_each(judges);
    let moves = said(moves).unwrap_or_default();
    assert!(moves.is_sorted_by_key(|change| change.at), "moves in order of time");
    !(alarms.is_empty() && prefixed.is_empty() && moves.is_empty())
}

/// How an alarm judges is known whole, or not at all.
fn judges(alarm: &Alarm) {
    match &alarm.kind {
        AlarmKind::Metric { period_seconds, datapoints } => assert!(*period_seconds > 0 && *datapoints > 0),
        AlarmKind::Composite { children } => {
            let distinct: std::collections::BTreeSet<_> = children.iter().collect();
            assert_eq!(distinct.len(), children.len(), "a child named twice");
        }
        AlarmKind::Other => {}
    }
}

/// `{"$seconds": 1.5}` is a moment as CloudWatch writes it: tag 1, a double.
fn cbor(json: &Value) -> Cbor {
    match json {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Cbor::Integer(number.into()),
            (None, Some(number)) => Cbor::Integer(number.into()),
            _ => Cbor::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(cbor).collect()),
        Value::Object(fields) => match fields.get("$seconds").and_then(Value::as_f64) {
            Some(seconds) => Cbor::Tag(1, Box::new(Cbor::Float(seconds))),
            None => Cbor::Map(fields.iter().map(|(key, value)| (Cbor::Text(key.clone()), cbor(value))).collect()),
        },
    }
}
