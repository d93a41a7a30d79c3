//! An alarm's history as CloudWatch keeps it, turned into its moves.

use super::parse::state;
use crate::aws::fault::{Call, Fault};
use crate::aws::moment;
use crate::release::{AlarmMove, AlarmState};
use aws_sdk_cloudwatch::types::{AlarmHistoryItem, HistoryItemType};
use serde_json::Value;

/// The moves among a history's items, given and returned in order of time. A change that can't be understood is kept,
/// from and to `Unknown`: left out, it would pass for silence.
pub(super) fn moves(call: Call<'_>, items: &[AlarmHistoryItem]) -> Result<Vec<AlarmMove>, Fault> {
    let mut moves = Vec::new();
    let mut new = false;
    for item in items {
        let data = item.history_data().and_then(|data| serde_json::from_str::<Value>(data).ok()).unwrap_or_default();
        let summary = item.history_summary().unwrap_or_default();
        match item.history_item_type() {
            Some(HistoryItemType::ConfigurationUpdate) if created(&data, summary) => new = true,
            Some(HistoryItemType::StateUpdate) => {
                let at = item.timestamp().and_then(moment);
                let at = at.ok_or_else(|| Fault::unreadable(call, "a change of state without a time"))?;
                let (from, to) = states(&data, summary);
                let first = std::mem::take(&mut new) && from == AlarmState::InsufficientData;
                moves.push(AlarmMove { at, from, to, first, reason: reason(&data) });
            }
            _ => {}
        }
    }
    moves.sort_by_key(|change| change.at);
    Ok(moves)
}

/// Whether a ConfigurationUpdate is the alarm's creation.
fn created(data: &Value, summary: &str) -> bool {
    data["type"] == "Create" || summary.ends_with(" created")
}

/// From where to where: by the data, or by the sentence "Alarm updated from OK to ALARM".
fn states(data: &Value, summary: &str) -> (AlarmState, AlarmState) {
    let in_data = |key: &str| state(data[key]["stateValue"].as_str());
    let mut in_words = summary.strip_prefix("Alarm updated from ").unwrap_or_default().splitn(2, " to ");
    let mut said = || state(in_words.next().map(|rest| rest.split(['.', ' ']).next().unwrap_or_default()));
    let (from, to) = (said(), said());
    let or = |first, second| if first == AlarmState::Unknown { second } else { first };
    (or(in_data("oldState"), from), or(in_data("newState"), to))
}

fn reason(data: &Value) -> String {
    data["newState"]["stateReason"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::primitives::DateTime;

    const CALL: Call<'static> = Call { action: "cloudwatch:DescribeAlarmHistory", on: "errors" };

    fn item(kind: HistoryItemType, second: i64, summary: &str, data: &str) -> AlarmHistoryItem {
        AlarmHistoryItem::builder()
            .alarm_name("errors")
            .timestamp(DateTime::from_secs(second))
            .history_item_type(kind)
            .history_summary(summary)
            .history_data(data)
            .build()
    }

    fn update(second: i64, from: &str, to: &str) -> AlarmHistoryItem {
        let data = format!(
            r#"{{"version":"1.0","oldState":{{"stateValue":"{from}"}},"newState":{{"stateValue":"{to}","stateReason":"why"}}}}"#
        );
        item(HistoryItemType::StateUpdate, second, &format!("Alarm updated from {from} to {to}"), &data)
    }

    #[test]
    fn only_the_first_judgement_after_the_creation_is_first() {
        let items = [
            update(1, "OK", "INSUFFICIENT_DATA"),
            item(HistoryItemType::ConfigurationUpdate, 2, "Alarm \"errors\" created", r#"{"type":"Create"}"#),
            item(HistoryItemType::Action, 2, "Successfully executed action", "{}"),
            update(3, "INSUFFICIENT_DATA", "OK"),
            item(HistoryItemType::ConfigurationUpdate, 4, "Alarm \"errors\" updated", r#"{"type":"Update"}"#),
            update(5, "OK", "INSUFFICIENT_DATA"),
            update(6, "INSUFFICIENT_DATA", "ALARM"),
        ];
        let moves = moves(CALL, &items).unwrap();
        assert_eq!(moves.iter().map(|change| change.first).collect::<Vec<_>>(), [false, true, false, false]);
        assert_eq!((moves[3].from, moves[3].to), (AlarmState::InsufficientData, AlarmState::Alarm));
        assert_eq!((moves[3].at.millis(), moves[3].reason.as_str()), (6_000, "why"));
    }

    #[test]
    fn a_change_whose_data_can_not_be_read_is_told_by_its_sentence() {
        for data in ["", "not JSON", "[]", r#"{"newState":7}"#] {
            let items = [item(HistoryItemType::StateUpdate, 1, "Alarm updated from OK to ALARM", data)];
            let moves = moves(CALL, &items).unwrap();
            assert_eq!((moves[0].from, moves[0].to), (AlarmState::Ok, AlarmState::Alarm), "{data}");
        }
    }

    #[test]
    fn a_change_that_nobody_understands_is_not_silence() {
        let items = [item(HistoryItemType::StateUpdate, 1, "Etwas geschah", "{}")];
        assert_eq!(moves(CALL, &items).unwrap()[0].to, AlarmState::Unknown);
        let timeless = AlarmHistoryItem::builder().history_item_type(HistoryItemType::StateUpdate).build();
        assert!(moves(CALL, &[timeless]).is_err());
    }
}
