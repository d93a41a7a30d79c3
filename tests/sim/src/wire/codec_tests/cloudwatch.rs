//! CloudWatch, as CBOR: alarms of every type and their history.

use super::super::script::{AT, ODD, asked, client, wire};
use super::at;
use crate::api::*;
use aws_sdk_cloudwatch as cloudwatch;
use aws_smithy_types::DateTime;

/// The SDK cuts a CBOR moment down to its millisecond: what has no exact double (…,123 has none) arrives one early.
fn about(moment: Option<&DateTime>) -> bool {
    let millis = moment.and_then(|moment| moment.to_millis().ok());
    millis.is_some_and(|millis| millis == AT || millis == AT - 1)
}

fn some_alarm() -> MetricAlarm {
    MetricAlarm {
        name: ODD.into(),
        arn: "arn:alarm".into(),
        description: None,
        configuration_updated: AT,
        actions_enabled: true,
        alarm_actions: vec!["arn:action".into()],
        ok_actions: vec![],
        insufficient_data_actions: vec![],
        state_value: StateValue::Alarm,
        state_reason: ODD.into(),
        state_reason_data: Some("{}".into()),
        state_updated: AT + 1,
        state_transitioned: AT,
        evaluation_state: Some(EvaluationState::PartialData),
        namespace: None,
        metric_name: None,
        statistic: None,
        dimensions: vec![("LoadBalancer".into(), "app/x".into())],
        period: None,
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        threshold: Some(0.05),
        comparison_operator: "GreaterThanThreshold".into(),
        treat_missing_data: Some(TreatMissing::NotBreaching),
        metrics: vec![MetricDataQuery {
            id: "m1".into(),
            expression: None,
            metric_stat: Some(("AWS/ApplicationELB".into(), "HTTPCode".into(), 60, "Sum".into())),
            return_data: false,
            period: None,
        }],
    }
}

#[tokio::test]
async fn cloudwatch_alarms_travel_as_cbor() {
    let composite = CompositeAlarm {
        name: "any".into(),
        arn: "arn:any".into(),
        description: Some("d".into()),
        configuration_updated: AT,
        actions_enabled: false,
        alarm_actions: vec![],
        ok_actions: vec![],
        insufficient_data_actions: vec!["arn:n".into()],
        rule: "ALARM(\"x\")".into(),
        state_value: StateValue::Ok,
        state_reason: "r".into(),
        state_reason_data: None,
        state_updated: AT,
        state_transitioned: AT,
        actions_suppressed_by: None,
    };
    let log = LogAlarm {
        name: "lines".into(),
        arn: "arn:log".into(),
        description: None,
        configuration_updated: AT,
        actions_enabled: true,
        alarm_actions: vec![],
        state_value: StateValue::InsufficientData,
        state_reason: "r".into(),
        state_updated: AT,
        state_transitioned: AT,
        evaluation_state: None,
        schedule_expression: "rate(5 minutes)".into(),
        query_results_to_evaluate: 3,
        query_results_to_alarm: 2,
        threshold: 5.0,
        comparison_operator: "GreaterThanThreshold".into(),
        treat_missing_data: None,
    };
    let item = AlarmHistoryItem {
        alarm_name: ODD.into(),
        alarm_type: AlarmType::CompositeAlarm,
        timestamp: AT,
        item_type: HistoryItemType::StateUpdate,
        summary: "Alarm updated from OK to ALARM".into(),
        data: "{\"newState\":{}}".into(),
    };
    let wire = wire([
        Served::Ok(Reply::Alarms {
            metric: vec![some_alarm()],
            composite: vec![composite],
            log: vec![log],
            next_token: Some("t".into()),
        }),
        Served::Ok(Reply::AlarmHistory { items: vec![item], next_token: None }),
    ])
    .await;
    let client = client!(cloudwatch, wire);
    let out = client
        .describe_alarms()
        .alarm_names(ODD)
        .alarm_types(cloudwatch::types::AlarmType::MetricAlarm)
        .alarm_types(cloudwatch::types::AlarmType::LogAlarm)
        .max_records(100)
        .send()
        .await
        .unwrap();
    let alarm = &out.metric_alarms()[0];
    assert_eq!((alarm.alarm_name(), alarm.state_reason()), (Some(ODD), Some(ODD)));
    assert_eq!(alarm.state_value().map(|s| s.as_str()), Some("ALARM"));
    assert_eq!(alarm.evaluation_state().map(|s| s.as_str()), Some("PARTIAL_DATA"));
    assert!(about(alarm.state_transitioned_timestamp()));
    assert_eq!((alarm.threshold(), alarm.datapoints_to_alarm(), alarm.period()), (Some(0.05), Some(2), None));
    let stat = alarm.metrics()[0].metric_stat().unwrap();
    assert_eq!((stat.period(), stat.stat()), (Some(60), Some("Sum")));
    assert_eq!(out.composite_alarms()[0].alarm_rule(), Some("ALARM(\"x\")"));
    let log = &out.log_alarms()[0];
    assert_eq!(log.query_results_to_evaluate(), Some(3));
    let schedule = log.scheduled_query_configuration().and_then(|c| c.schedule_configuration());
    assert_eq!(schedule.and_then(|s| s.schedule_expression()), Some("rate(5 minutes)"));
    assert_eq!(out.next_token(), Some("t"));
    let history = client
        .describe_alarm_history()
        .alarm_name(ODD)
        .history_item_type(cloudwatch::types::HistoryItemType::StateUpdate)
        .start_date(at())
        .end_date(DateTime::from_millis(AT + 877))
        .send()
        .await
        .unwrap();
    assert!(about(history.alarm_history_items()[0].timestamp()));
    assert_eq!(
        asked(&wire),
        [
            Call::DescribeAlarms {
                names: vec![ODD.into()],
                prefix: None,
                types: vec![AlarmType::MetricAlarm, AlarmType::LogAlarm],
                state_value: None,
                next_token: None,
                max_records: Some(100),
            },
            Call::DescribeAlarmHistory {
                name: Some(ODD.into()),
                types: vec![],
                item_type: Some(HistoryItemType::StateUpdate),
                start: Some(AT),
                end: Some(AT + 877),
                scan_by: None,
                next_token: None,
                max_records: None,
            },
        ]
    );
}
