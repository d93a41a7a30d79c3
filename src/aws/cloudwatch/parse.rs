//! What CloudWatch says of alarms, turned into the nouns, once.

use super::rule;
use crate::aws::fault::{Call, Fault};
use crate::aws::moment;
use crate::release::{Alarm, AlarmKind, AlarmName, AlarmState};
use aws_sdk_cloudwatch::types::{CompositeAlarm, EvaluationState, LogAlarm, MetricAlarm, StateValue};

/// A state's word.
pub(super) fn state(word: Option<&str>) -> AlarmState {
    match word {
        Some("OK") => AlarmState::Ok,
        Some("ALARM") => AlarmState::Alarm,
        Some("INSUFFICIENT_DATA") => AlarmState::InsufficientData,
        _ => AlarmState::Unknown,
    }
}

fn name(call: Call<'_>, name: Option<&str>) -> Result<AlarmName, Fault> {
    let parsed = name.and_then(|name| AlarmName::parse(name).ok());
    parsed.ok_or_else(|| Fault::unreadable(call, "an alarm whose name isn't one"))
}

/// Any word there means that the alarm isn't judging fully, also a word of later years.
fn impaired(state: Option<&EvaluationState>) -> Option<String> {
    state.map(|state| state.as_str().to_owned())
}

/// An alarm on a metric or on metric maths.
pub(super) fn metric_alarm(call: Call<'_>, alarm: &MetricAlarm) -> Result<Alarm, Fault> {
    Ok(Alarm {
        name: name(call, alarm.alarm_name())?,
        state: state(alarm.state_value().map(StateValue::as_str)),
        transitioned_at: alarm.state_transitioned_timestamp().and_then(moment),
        reason: alarm.state_reason().unwrap_or_default().to_owned(),
        impaired: impaired(alarm.evaluation_state()),
        kind: metric_kind(alarm),
    })
}

/// The time it takes to judge; an alarm that says neither a period nor how many datapoints (PromQL) is `Other`.
fn metric_kind(alarm: &MetricAlarm) -> AlarmKind {
    let of_maths = alarm.metrics().iter().flat_map(|metric| {
        [metric.period(), metric.metric_stat().and_then(|stat| stat.period())].into_iter().flatten()
    });
    let number = |value: i32| u32::try_from(value).ok().filter(|value| *value > 0);
    let period = alarm.period().into_iter().chain(of_maths).filter_map(number).max();
    let datapoints = alarm.datapoints_to_alarm().or(alarm.evaluation_periods()).and_then(number);
    match (period, datapoints) {
        (Some(period_seconds), Some(datapoints)) => AlarmKind::Metric { period_seconds, datapoints },
        _ => AlarmKind::Other,
    }
}

/// An alarm on other alarms.
pub(super) fn composite_alarm(call: Call<'_>, alarm: &CompositeAlarm) -> Result<Alarm, Fault> {
    Ok(Alarm {
        name: name(call, alarm.alarm_name())?,
        state: state(alarm.state_value().map(StateValue::as_str)),
        transitioned_at: alarm.state_transitioned_timestamp().and_then(moment),
        reason: alarm.state_reason().unwrap_or_default().to_owned(),
        impaired: None,
        kind: AlarmKind::Composite { children: rule::children(alarm.alarm_rule().unwrap_or_default()) },
    })
}

/// An alarm on a log query.
pub(super) fn log_alarm(call: Call<'_>, alarm: &LogAlarm) -> Result<Alarm, Fault> {
    Ok(Alarm {
        name: name(call, alarm.alarm_name())?,
        state: state(alarm.state_value().map(StateValue::as_str)),
        transitioned_at: alarm.state_transitioned_timestamp().and_then(moment),
        reason: alarm.state_reason().unwrap_or_default().to_owned(),
        impaired: impaired(alarm.evaluation_state()),
        kind: AlarmKind::Other,
    })
}
