//! Alarms: their state, and how it changes (AWS.md 6).

use serde_json::{Value, json};

use super::World;
use super::alarm_spec::{AlarmKind, AlarmSpec, Metric, Scope};
use super::names;
use super::queue::Due;
use super::rule::Rule;
use super::truth::AlarmChange;
use crate::api::{AlarmType, EvaluationState, Millis, StateValue};

/// An alarm. Keyed by name.
#[derive(Clone, Debug)]
pub(crate) struct Alarm {
    pub(crate) spec: AlarmSpec,
    /// Tells it from an earlier one of the same name.
    pub(crate) made: u64,
    pub(crate) arn: String,
    pub(crate) configured: Millis,
    pub(crate) value: StateValue,
    pub(crate) reason: String,
    pub(crate) reason_data: Option<Value>,
    pub(crate) updated: Millis,
    pub(crate) transitioned: Millis,
    pub(crate) evaluation: Option<EvaluationState>,
    /// Of a composite: its rule, read.
    pub(crate) rule: Option<Rule>,
    /// Evaluations go on until here; then nothing can change until the flow does.
    pub(crate) busy_until: Millis,
    pub(crate) scheduled: bool,
}

impl Alarm {
    pub(crate) fn kind(&self) -> AlarmType {
        match self.spec.kind {
            AlarmKind::Metric(_) => AlarmType::MetricAlarm,
            AlarmKind::Composite(_) => AlarmType::CompositeAlarm,
            AlarmKind::Log => AlarmType::LogAlarm,
        }
    }

    /// The metric that is evaluated by itself, if there is one.
    pub(crate) fn metric(&self) -> Option<&Metric> {
        match &self.spec.kind {
            AlarmKind::Metric(metric) if *metric != Metric::ByHand => Some(metric),
            _ => None,
        }
    }
}

impl World {
    /// Makes an alarm. One that the world begins with has the state and the past that its specification says; a later one begins as
    /// INSUFFICIENT_DATA.
    pub(crate) fn add_alarm(&mut self, spec: AlarmSpec, standing: bool) {
        let name = spec.name.clone();
        let made = self.make();
        let rule = match &spec.kind {
            AlarmKind::Composite(rule) => Some(Rule::parse(rule)),
            _ => None,
        };
        let oldest = spec.past.iter().map(|(ago, _)| *ago).max().unwrap_or(0).max(spec.state_age);
        let born = if standing { self.now - (oldest + 86_400) * 1000 } else { self.now };
        let alarm = Alarm {
            made,
            arn: names::alarm_arn(&name),
            configured: born,
            value: StateValue::InsufficientData,
            reason: "Unchecked: Initial alarm creation".into(),
            reason_data: None,
            updated: born,
            transitioned: born,
            evaluation: None,
            rule,
            busy_until: 0,
            scheduled: false,
            spec: spec.clone(),
        };
        self.alarms.insert(name.clone(), alarm);
        self.note_configuration(&name, born, "created");
        let now = self.now;
        if standing {
            for (ago, state) in spec.past.iter().chain([&(spec.state_age, spec.state)]) {
                self.set_alarm_at(&name, *state, "Set by the scenario", None, now - ago * 1000, false);
            }
        } else {
            let state = StateValue::InsufficientData;
            self.alarm_changes.push(AlarmChange { at: now, alarm: name.clone(), from: state, to: state });
        }
        if matches!(spec.kind, AlarmKind::Composite(_)) {
            self.evaluate_composite(&name, None);
        }
        self.wake_alarm(&name);
    }

    /// Deletes an alarm; its history stays (AWS.md 6).
    pub(crate) fn delete_alarm(&mut self, name: &str) {
        if self.alarms.contains_key(name) {
            self.note_configuration(name, self.now, "deleted");
            self.alarms.remove(name);
        }
    }

    /// Sets a state as SetAlarmState does: a metric alarm returns at its next evaluation, a composite perhaps never (AWS.md 6).
    pub(crate) fn force_alarm(&mut self, name: &str, value: StateValue, reason: &str) {
        self.set_alarm(name, value, reason, None);
        self.wake_alarm(name);
    }

    /// CloudWatch can't evaluate an alarm, or can again. Whether that is new.
    pub(crate) fn set_evaluation(&mut self, name: &str, evaluation: Option<EvaluationState>) -> bool {
        let now = self.now;
        let changed = self.alarms.get_mut(name).filter(|alarm| alarm.evaluation != evaluation);
        changed.map(|alarm| (alarm.evaluation, alarm.updated) = (evaluation, now)).is_some()
    }

    /// A state by evaluation or by hand; one that is the same changes nothing but the reason.
    pub(crate) fn set_alarm(&mut self, name: &str, value: StateValue, reason: &str, data: Option<Value>) {
        self.set_alarm_at(name, value, reason, data, self.now, true);
    }

    fn set_alarm_at(
        &mut self,
        name: &str,
        value: StateValue,
        reason: &str,
        data: Option<Value>,
        at: Millis,
        announced: bool,
    ) {
        let Some(alarm) = self.alarms.get_mut(name) else { return };
        let before = alarm.clone();
        if before.value == value {
            return;
        }
        alarm.value = value;
        alarm.reason = reason.to_owned();
        alarm.reason_data = data;
        alarm.updated = at;
        alarm.transitioned = at;
        let after = alarm.clone();
        self.alarm_changes.push(AlarmChange { at, alarm: name.to_owned(), from: before.value, to: value });
        self.note_state(&before, &after);
        if announced {
            self.announce_alarm(&before, &after);
            self.evaluate_parents(name);
        }
    }

    fn evaluate_parents(&mut self, child: &str) {
        let names_child = |alarm: &&Alarm| alarm.rule.as_ref().is_some_and(|rule| rule.names(child));
        let parents: Vec<String> =
            self.alarms.values().filter(names_child).map(|alarm| alarm.spec.name.clone()).collect();
        for parent in parents {
            self.evaluate_composite(&parent, Some(child));
        }
    }

    fn evaluate_composite(&mut self, name: &str, cause: Option<&str>) {
        let Some(rule) = self.alarms.get(name).and_then(|alarm| alarm.rule.as_ref()) else { return };
        let value = if rule.holds(&|child| self.alarms.get(child).map(|alarm| alarm.value)) {
            StateValue::Alarm
        } else {
            StateValue::Ok
        };
        let arn = names::alarm_arn(name);
        let (reason, data) = match cause.and_then(|child| self.alarms.get(child)) {
            Some(child) => {
                let reason =
                    format!("{} transitioned to {} at {}", child.arn, child.value, names::in_words(child.transitioned));
                let state =
                    json!({"value": child.value.as_str(), "timestamp": names::millis_offset(child.transitioned)});
                (reason, Some(json!({"triggeringAlarms": [{"arn": child.arn, "state": state}]})))
            }
            None => (format!("{arn} was created and its alarm rule evaluates to {value}"), None),
        };
        if cause.is_some() || self.alarms.get(name).is_some_and(|alarm| alarm.value == StateValue::InsufficientData) {
            self.set_alarm(name, value, &reason, data);
        }
    }

    /// The flow of a group has changed: the alarms on it, and on fleets in it, have something to evaluate.
    pub(crate) fn wake_alarms(&mut self, arn: &str) {
        let Some(group) = self.groups.get(arn) else { return };
        let spans = group.flows.spans.iter().rev().take(2);
        let fleets: std::collections::BTreeSet<&String> = spans.flat_map(|span| span.fleets.keys()).collect();
        let watches = |alarm: &&Alarm| match alarm.metric() {
            Some(Metric::Errors(scope) | Metric::ErrorPercent(scope) | Metric::UnhealthyHosts(scope)) => match scope {
                Scope::Group(name) => *name == group.spec.name,
                Scope::Fleet(name) => fleets.contains(name),
            },
            _ => false,
        };
        let woken: Vec<String> = self.alarms.values().filter(watches).map(|alarm| alarm.spec.name.clone()).collect();
        for name in woken {
            self.wake_alarm(&name);
        }
    }

    /// Evaluates an alarm from its next period on, until a steady flow has filled all its periods.
    pub(crate) fn wake_alarm(&mut self, name: &str) {
        let (now, delay) = (self.now, self.settings.metric_delay);
        let Some(alarm) = self.alarms.get_mut(name).filter(|alarm| alarm.metric().is_some()) else { return };
        let period = alarm.spec.period_ms();
        alarm.busy_until = now + (Millis::from(alarm.spec.evaluation_periods) + 2) * period + delay;
        if !alarm.scheduled {
            alarm.scheduled = true;
            let made = alarm.made;
            let next = (now.div_euclid(period) + 1) * period;
            // A period that has ended, but whose evaluation is still to come, is evaluated first.
            let last = next - period + delay;
            let at = if last > now { last } else { next + delay };
            self.schedule(at, Due::Evaluate { alarm: name.to_owned(), made });
        }
    }
}
