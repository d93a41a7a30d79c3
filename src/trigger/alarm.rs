//! The trigger stage: what CloudWatch tells of an alarm, by EventBridge, by the alarm's own Lambda action, or by SNS.
//!
//! Metric, metric-maths and composite alarms differ in their configuration, which nobody reads here: the name and the
//! new state are in the same place for all.

use super::Refusal;
use super::request::{AlarmKnock, Request};
use crate::release::AlarmName;
use serde::{Deserialize, Serialize};

/// The alarm in an EventBridge event's `detail`, and in the `alarmData` of a direct Lambda action.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AlarmDetail {
    alarm_name: Option<String>,
    state: Option<State>,
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    value: Option<String>,
}

/// Reads a "CloudWatch Alarm State Change".
pub(super) fn state_change(path: &str, detail: AlarmDetail) -> Result<Request, Refusal> {
    knock(&format!("{path}.alarmName"), detail.alarm_name, detail.state.and_then(|state| state.value))
}

/// What an alarm publishes to an SNS topic.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Notification {
    alarm_name: Option<String>,
    new_state_value: Option<String>,
}

/// Reads a notification.
pub(super) fn notification(message: Notification) -> Result<Request, Refusal> {
    knock("Records[0].Sns.Message.AlarmName", message.alarm_name, message.new_state_value)
}

fn knock(path: &str, name: Option<String>, state: Option<String>) -> Result<Request, Refusal> {
    let alarm = super::name(path, name, AlarmName::parse)?;
    Ok(Request::Alarm(AlarmKnock { alarm, in_alarm: state.as_deref() == Some("ALARM") }))
}
