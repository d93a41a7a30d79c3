//! CloudWatch's words turned into the nouns.

use super::fleets::malformed;
use crate::api;
use cutover::release::{Alarm, AlarmKind, AlarmMove, AlarmName, AlarmState, Reading, Timestamp, Unread};
use serde_json::Value;

fn state(state: api::StateValue) -> AlarmState {
    match state {
        api::StateValue::Ok => AlarmState::Ok,
        api::StateValue::Alarm => AlarmState::Alarm,
        api::StateValue::InsufficientData => AlarmState::InsufficientData,
    }
}

fn name(name: &str) -> Reading<AlarmName> {
    AlarmName::parse(name).map_err(malformed(name))
}

/// An alarm on a metric or on metric maths; of several periods the longest counts.
pub(super) fn metric(alarm: api::MetricAlarm) -> Reading<Alarm> {
    let periods = alarm
        .metrics
        .iter()
        .filter_map(|query| query.period.max(query.metric_stat.as_ref().map(|(_, _, period, _)| *period)));
    let period = periods.chain(alarm.period).max().unwrap_or(60);
    let datapoints = alarm.datapoints_to_alarm.unwrap_or(alarm.evaluation_periods);
    Ok(Alarm {
        name: name(&alarm.name)?,
        state: state(alarm.state_value),
        transitioned_at: Some(Timestamp::from_millis(alarm.state_transitioned)),
        reason: alarm.state_reason,
        impaired: alarm.evaluation_state.map(|state| state.as_str().to_owned()),
        kind: AlarmKind::Metric {
            period_seconds: u32::try_from(period).unwrap_or(0),
            datapoints: u32::try_from(datapoints).unwrap_or(0),
        },
    })
}

/// An alarm over other alarms.
pub(super) fn composite(alarm: api::CompositeAlarm) -> Reading<Alarm> {
    Ok(Alarm {
        name: name(&alarm.name)?,
        state: state(alarm.state_value),
        transitioned_at: Some(Timestamp::from_millis(alarm.state_transitioned)),
        reason: alarm.state_reason,
        impaired: None,
        kind: AlarmKind::Composite { children: children(&alarm.rule) },
    })
}

/// An alarm over a log query.
pub(super) fn log(alarm: api::LogAlarm) -> Reading<Alarm> {
    Ok(Alarm {
        name: name(&alarm.name)?,
        state: state(alarm.state_value),
        transitioned_at: Some(Timestamp::from_millis(alarm.state_transitioned)),
        reason: alarm.state_reason,
        impaired: alarm.evaluation_state.map(|state| state.as_str().to_owned()),
        kind: AlarmKind::Other,
    })
}

/// The alarms that a rule names, such as `ALARM("a") OR (OK(b) AND NOT INSUFFICIENT_DATA("c \" d"))`: by name or by ARN.
pub(super) fn children(rule: &str) -> Vec<AlarmName> {
    let mut names = Vec::new();
    let mut rest = rule;
    while let Some(start) = ["ALARM(", "OK(", "INSUFFICIENT_DATA("]
        .iter()
        .filter_map(|word| rest.find(word).map(|at| at + word.len()))
        .min()
    {
        let inside = rest[start..].trim_start();
        let (text, after) = match inside.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let end = inside.find(')').unwrap_or(inside.len());
                (inside[..end].trim().to_owned(), &inside[end..])
            }
        };
        let text = text.split_once(":alarm:").map_or(text.as_str(), |(_, name)| name);
        if let Ok(name) = AlarmName::parse(text)
            && !names.contains(&name)
        {
            names.push(name);
        }
        rest = after;
    }
    names
}

/// The text up to the closing quote, and what follows it; a backslash makes the next character plain.
fn unquote(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (text, &quoted[at + 1..]),
            '\\' => text.extend(chars.next().map(|(_, plain)| plain)),
            _ => text.push(char),
        }
    }
    (text, "")
}

/// A change of state out of a history item; `None` for items of another type.
pub(super) fn moved(item: &api::AlarmHistoryItem) -> Reading<Option<AlarmMove>> {
    if item.item_type != api::HistoryItemType::StateUpdate {
        return Ok(None);
    }
    let unreadable = || Unread(format!("the history of {} holds what can't be read", item.alarm_name));
    let data: Value = serde_json::from_str(&item.data).map_err(|_| unreadable())?;
    let text = |side: &str, field: &str| data[side][field].as_str().unwrap_or_default().to_owned();
    let word = |side: &str| api::StateValue::parse(&text(side, "stateValue")).map_or(AlarmState::Unknown, state);
    Ok(Some(AlarmMove {
        at: Timestamp::from_millis(item.timestamp),
        from: word("oldState"),
        to: word("newState"),
        first: text("oldState", "stateReason").starts_with("Unchecked"),
        reason: text("newState", "stateReason"),
    }))
}
