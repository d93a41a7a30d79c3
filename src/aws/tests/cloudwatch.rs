//! What CloudWatch answers, and what becomes of it.

use super::server::Reply;
use super::{aws, name};
use crate::observe::Reads;
use crate::release::{Alarm, AlarmKind, AlarmName, AlarmState, Timestamp};
use serde_json::{Value, json};

/// The alarms that come of one answer.
async fn alarms(answer: Value) -> Vec<Alarm> {
    let (aws, _server) = aws(move |_| Reply::cbor(200, &answer)).await;
    aws.alarms(&[name("errors")]).await.unwrap()
}

async fn metric_kind(fields: Value) -> AlarmKind {
    let mut alarm = json!({"AlarmName": "errors", "StateValue": "OK"});
    alarm.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
    alarms(json!({ "MetricAlarms": [alarm] })).await.remove(0).kind
}

#[tokio::test]
async fn alarms_of_every_type_are_asked_for_and_read() {
    let (aws, server) = aws(|_| {
        Reply::cbor(
            200,
            &json!({
                "MetricAlarms": [{
                    "AlarmName": "errors", "StateValue": "ALARM", "StateReason": "Threshold Crossed",
                    "StateTransitionedTimestamp": {"$seconds": 1_700_000_000.5}, "StateUpdatedTimestamp": {"$seconds": 1_700_000_999},
                    "EvaluationState": "PARTIAL_DATA", "Period": 60, "EvaluationPeriods": 5, "DatapointsToAlarm": 3,
                    "SomethingOfLaterYears": {"a": [null]}
                }],
                "CompositeAlarms": [{"AlarmName": "any", "StateValue": "OK", "AlarmRule": "ALARM(errors) OR ALARM(\"p99\")"}],
                "LogAlarms": [{"AlarmName": "log", "StateValue": "INSUFFICIENT_DATA", "EvaluationState": "NEWFANGLED"}],
            }),
        )
    })
    .await;
    let alarms = aws.alarms(&[name("errors"), name("any"), name("log"), name("missing")]).await.unwrap();
    let by_name = |name: &str| alarms.iter().find(|alarm| alarm.name.as_str() == name).unwrap();
    let errors = by_name("errors");
    assert_eq!((errors.state, errors.reason.as_str()), (AlarmState::Alarm, "Threshold Crossed"));
    assert_eq!(errors.transitioned_at, Some(Timestamp::from_millis(1_700_000_000_500)));
    assert_eq!(errors.impaired.as_deref(), Some("PARTIAL_DATA"));
    assert_eq!(errors.kind, AlarmKind::Metric { period_seconds: 60, datapoints: 3 });
    assert_eq!(by_name("any").kind, AlarmKind::Composite { children: vec![name("errors"), name("p99")] });
    assert_eq!((by_name("any").impaired.clone(), by_name("any").transitioned_at), (None, None));
    let log = by_name("log");
    assert_eq!(
        (log.state, log.impaired.as_deref(), &log.kind),
        (AlarmState::InsufficientData, Some("NEWFANGLED"), &AlarmKind::Other)
    );
    assert_eq!(alarms.len(), 3, "what doesn't exist is absent");
    let body = &server.requests()[0].body;
    for asked in ["MetricAlarm", "CompositeAlarm", "LogAlarm", "missing"] {
        assert!(body.contains(asked), "{asked} isn't asked for");
    }
}

#[tokio::test]
async fn the_period_of_metric_maths_is_its_longest() {
    let maths = json!({"EvaluationPeriods": 2, "Metrics": [
        {"Id": "e", "Expression": "a/b", "Period": 30},
        {"Id": "a", "MetricStat": {"Metric": {}, "Period": 300, "Stat": "Sum"}},
        {"Id": "b", "MetricStat": {"Metric": {}, "Period": 60, "Stat": "Sum"}},
    ]});
    assert_eq!(metric_kind(maths).await, AlarmKind::Metric { period_seconds: 300, datapoints: 2 });
    for without in [
        json!({}),
        json!({"Period": 60}),
        json!({"EvaluationPeriods": 1}),
        json!({"Period": 0, "EvaluationPeriods": 1}),
    ] {
        assert_eq!(metric_kind(without).await, AlarmKind::Other, "not enough to tell how long it needs");
    }
}

#[tokio::test]
async fn a_state_that_nobody_knows_is_unknown_and_not_ok() {
    for alarm in [json!({"AlarmName": "errors", "StateValue": "FINE"}), json!({"AlarmName": "errors"})] {
        assert_eq!(alarms(json!({ "MetricAlarms": [alarm] })).await[0].state, AlarmState::Unknown);
    }
}

#[tokio::test]
async fn names_are_asked_for_by_the_hundred_and_every_page_is_read() {
    let (aws, server) = aws(|request| {
        let alarm = json!([{"AlarmName": "errors", "StateValue": "OK"}]);
        match request.body.contains("more") {
            true => Reply::cbor(200, &json!({ "MetricAlarms": alarm })),
            false => Reply::cbor(200, &json!({ "MetricAlarms": alarm, "NextToken": "more" })),
        }
    })
    .await;
    let names: Vec<AlarmName> = (0..101).map(|number| name(&format!("alarm-{number}"))).collect();
    assert_eq!(aws.alarms(&names).await.unwrap().len(), 4);
    assert_eq!(server.requests().len(), 4);
    assert_eq!(aws.alarms(&[]).await, Ok(Vec::new()));
    assert_eq!(server.requests().len(), 4, "no names ask nothing");
}

#[tokio::test]
async fn an_alarm_found_by_its_prefix_is_as_one_found_by_its_name() {
    let (aws, server) = aws(|_| {
        Reply::cbor(
            200,
            &json!({"CompositeAlarms": [{"AlarmName": "web-any", "StateValue": "OK", "AlarmRule": "ALARM(x)"}]}),
        )
    })
    .await;
    let by_prefix = aws.alarms_with_prefix("web-").await.unwrap();
    assert_eq!(by_prefix, aws.alarms(&[name("web-any")]).await.unwrap());
    assert!(server.requests()[0].body.contains("AlarmNamePrefix") && server.requests()[0].body.contains("LogAlarm"));
}

#[tokio::test]
async fn a_history_is_read_from_its_moment_on_oldest_first_to_the_last_page() {
    let (aws, server) = aws(|request| {
        let update = |second: f64, to: &str| {
            json!({
                "AlarmName": "errors", "AlarmType": "MetricAlarm", "HistoryItemType": "StateUpdate", "Timestamp": {"$seconds": second},
                "HistorySummary": format!("Alarm updated from OK to {to}"), "HistoryData": "{\"version\":\"1.0\"}",
            })
        };
        match request.body.contains("more") {
            true => Reply::cbor(200, &json!({ "AlarmHistoryItems": [update(7.25, "INSUFFICIENT_DATA")] })),
            false => Reply::cbor(200, &json!({ "AlarmHistoryItems": [update(5.5, "ALARM")], "NextToken": "more" })),
        }
    })
    .await;
    let moves = aws.alarm_moves(&name("errors"), Timestamp::from_millis(5_000)).await.unwrap();
    let seen: Vec<_> = moves.iter().map(|change| (change.at.millis(), change.to)).collect();
    assert_eq!(seen, [(5_500, AlarmState::Alarm), (7_250, AlarmState::InsufficientData)]);
    let body = &server.requests()[0].body;
    for asked in ["CompositeAlarm", "LogAlarm", "StartDate", "TimestampAscending"] {
        assert!(body.contains(asked), "{asked} isn't asked for");
    }
    assert!(!body.contains("HistoryItemType"), "the creation of an alarm is no StateUpdate");
}

#[tokio::test]
async fn a_denied_or_throttled_read_says_so() {
    for (status, code) in [(403, "AccessDenied"), (400, "Throttling")] {
        let (aws, _server) = aws(move |_| Reply::cbor(status, &json!({"__type": code, "message": "no"}))).await;
        let unread = aws.alarms(&[name("errors")]).await.unwrap_err();
        assert!(unread.0.contains("cloudwatch:DescribeAlarms on *") && unread.0.contains(code), "{unread}");
    }
}
