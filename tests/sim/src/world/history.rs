//! What DescribeAlarmHistory will tell, in AWS's own JSON; it outlives the alarm (AWS.md 6).

use serde_json::{Value, json};

use super::World;
use super::alarm::Alarm;
use crate::api::{AlarmHistoryItem, HistoryItemType, Millis};

fn state(alarm: &Alarm) -> Value {
    let mut state = json!({"stateValue": alarm.value.as_str(), "stateReason": alarm.reason});
    if let Some(data) = &alarm.reason_data {
        state["stateReasonData"] = data.clone();
    }
    state
}

impl World {
    pub(crate) fn note_state(&mut self, before: &Alarm, after: &Alarm) {
        let data = json!({"version": "1.0", "oldState": state(before), "newState": state(after)});
        self.alarm_history.push(AlarmHistoryItem {
            alarm_name: after.spec.name.clone(),
            alarm_type: after.kind(),
            timestamp: after.transitioned,
            item_type: HistoryItemType::StateUpdate,
            summary: format!("Alarm updated from {} to {}", before.value, after.value),
            data: data.to_string(),
        });
    }

    pub(crate) fn note_configuration(&mut self, name: &str, at: Millis, what: &str) {
        let Some(alarm) = self.alarms.get(name) else { return };
        let kind = if what == "created" { "Create" } else { "Delete" };
        let item = AlarmHistoryItem {
            alarm_name: name.to_owned(),
            alarm_type: alarm.kind(),
            timestamp: at,
            item_type: HistoryItemType::ConfigurationUpdate,
            summary: format!("Alarm \"{name}\" {what}"),
            data: json!({"version": "1.0", "type": kind}).to_string(),
        };
        self.alarm_history.push(item);
    }
}
