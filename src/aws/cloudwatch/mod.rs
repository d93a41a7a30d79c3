//! CloudWatch: alarms of every type, and their past. Reads only.

mod history;
mod parse;
mod rule;

use super::batch::{in_chunks, whole};
use super::fault::{Call, Fault};
use crate::release::{Alarm, AlarmMove, AlarmName, Timestamp};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::describe_alarms::builders::DescribeAlarmsFluentBuilder;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{AlarmType, ScanBy};

/// Names in one DescribeAlarms, and the largest page of it and of DescribeAlarmHistory.
const PER_CALL: i32 = 100;

/// Every type of alarm: if none is named, CloudWatch leaves out all but the metric ones.
fn every_type() -> Option<Vec<AlarmType>> {
    Some(vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm, AlarmType::LogAlarm])
}

/// Alarms by name; what doesn't exist, or can't be seen with too narrow a permission, is absent.
pub(super) async fn alarms(client: &Client, names: &[AlarmName]) -> Result<Vec<Alarm>, Fault> {
    in_chunks(names, PER_CALL.unsigned_abs() as usize, async |names| {
        let names = names.iter().map(|name| name.to_string()).collect();
        Ok(pages(client.describe_alarms().set_alarm_names(Some(names))).await?.concat())
    })
    .await
}

/// Alarms by the beginning of their names.
pub(super) async fn alarms_with_prefix(client: &Client, prefix: &str) -> Result<Vec<Alarm>, Fault> {
    let alarms = whole(|| pages(client.describe_alarms().alarm_name_prefix(prefix))).await?.concat();
    Ok(alarms.into_iter().filter(|alarm| alarm.name.as_str().starts_with(prefix)).collect())
}

/// Every page of an answer.
async fn pages(request: DescribeAlarmsFluentBuilder) -> Result<Vec<Vec<Alarm>>, Fault> {
    // Resource "*": with a narrower permission CloudWatch leaves out composite alarms without a word.
    let call = Call { action: "cloudwatch:DescribeAlarms", on: "*" };
    let mut answers = request.set_alarm_types(every_type()).max_records(PER_CALL).into_paginator().send();
    let mut pages = Vec::new();
    while let Some(answer) = answers.next().await {
        let answer = answer.map_err(|error| Fault::of(call, &error))?;
        let metric = answer.metric_alarms().iter().map(|alarm| parse::metric_alarm(call, alarm));
        let composite = answer.composite_alarms().iter().map(|alarm| parse::composite_alarm(call, alarm));
        let log = answer.log_alarms().iter().map(|alarm| parse::log_alarm(call, alarm));
        pages.push(metric.chain(composite).chain(log).collect::<Result<_, _>>()?);
    }
    Ok(pages)
}

/// An alarm's changes of state since a moment. The history is read whole, not by its type `StateUpdate`: an alarm's
/// creation stands in it as a `ConfigurationUpdate`.
pub(super) async fn alarm_moves(client: &Client, alarm: &AlarmName, since: Timestamp) -> Result<Vec<AlarmMove>, Fault> {
    let call = Call { action: "cloudwatch:DescribeAlarmHistory", on: alarm.as_str() };
    let request = client
        .describe_alarm_history()
        .alarm_name(alarm.as_str())
        .set_alarm_types(every_type())
        .start_date(DateTime::from_millis(since.millis()))
        .scan_by(ScanBy::TimestampAscending)
        .max_records(PER_CALL);
    let items: Result<Vec<_>, _> = request.into_paginator().items().send().try_collect().await;
    history::moves(call, &items.map_err(|error| Fault::of(call, &error))?)
}
