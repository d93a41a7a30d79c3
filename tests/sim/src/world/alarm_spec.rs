//! What a scenario says about an alarm before it exists.

use crate::api::{Millis, StateValue, TreatMissing};

/// What a metric alarm watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Metric {
    /// Nothing: its state is set by hand alone.
    ByHand,
    /// `HTTPCode_Target_5XX_Count`, summed; like AWS's it has no datapoint where it would be zero.
    Errors(Scope),
    /// Metric maths: 5xx answers in a hundred requests; no datapoint without requests.
    ErrorPercent(Scope),
    /// `UnHealthyHostCount`, maximum.
    UnhealthyHosts(Scope),
}

/// Of what a metric is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A target group, by name.
    Group(String),
    /// A fleet, in all its target groups.
    Fleet(String),
}

/// What kind of alarm.
#[derive(Clone, Debug, PartialEq)]
pub enum AlarmKind {
    /// On a metric.
    Metric(Metric),
    /// On other alarms, by an `AlarmRule`.
    Composite(String),
    /// On a log query; its state is set by hand.
    Log,
}

/// An alarm to be.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmSpec {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: AlarmKind,
    /// `Period`, seconds.
    pub period: i32,
    /// `EvaluationPeriods`.
    pub evaluation_periods: i32,
    /// `DatapointsToAlarm`.
    pub datapoints_to_alarm: i32,
    /// `Threshold`: at or above it a datapoint is breaching.
    pub threshold: f64,
    /// `TreatMissingData`.
    pub treat_missing: TreatMissing,
    /// The state that it has when the world begins; made later, an alarm begins as INSUFFICIENT_DATA.
    pub state: StateValue,
    /// How many seconds before the start it took that state.
    pub state_age: i64,
    /// Older changes: (seconds before the start, the state that it took then), oldest first.
    pub past: Vec<(i64, StateValue)>,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// `AlarmActions`, OK and INSUFFICIENT_DATA alike: an SNS topic's or a function's ARN.
    pub actions: Vec<String>,
}

/// An alarm by name whose state is set by hand: OK for a week, 1 of 1 datapoints of 60 s.
pub fn alarm(name: &str) -> AlarmSpec {
    AlarmSpec {
        name: name.to_owned(),
        kind: AlarmKind::Metric(Metric::ByHand),
        period: 60,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        threshold: 1.0,
        treat_missing: TreatMissing::NotBreaching,
        state: StateValue::Ok,
        state_age: 7 * 86_400,
        past: Vec::new(),
        actions_enabled: true,
        actions: Vec::new(),
    }
}

impl AlarmSpec {
    /// Watching this metric, breaching at `threshold` or above.
    pub fn watches(self, metric: Metric, threshold: f64) -> Self {
        AlarmSpec { kind: AlarmKind::Metric(metric), threshold, ..self }
    }

    /// Watching the 5xx answers of a target group, so many in a period.
    pub fn errors_of_group(self, group: &str, threshold: f64) -> Self {
        self.watches(Metric::Errors(Scope::Group(group.to_owned())), threshold)
    }

    /// Watching the 5xx answers of a fleet, so many in a period.
    pub fn errors_of_fleet(self, fleet: &str, threshold: f64) -> Self {
        self.watches(Metric::Errors(Scope::Fleet(fleet.to_owned())), threshold)
    }

    /// Watching other alarms.
    pub fn composite(self, rule: &str) -> Self {
        AlarmSpec { kind: AlarmKind::Composite(rule.to_owned()), ..self }
    }

    /// Watching a log query.
    pub fn log(self) -> Self {
        AlarmSpec { kind: AlarmKind::Log, ..self }
    }

    /// Period in seconds, datapoints to alarm, of so many evaluation periods.
    pub fn judging(self, period: i32, datapoints_to_alarm: i32, evaluation_periods: i32) -> Self {
        AlarmSpec { period, datapoints_to_alarm, evaluation_periods, ..self }
    }

    /// Treating missing data so.
    pub fn missing(self, treat_missing: TreatMissing) -> Self {
        AlarmSpec { treat_missing, ..self }
    }

    /// In this state, since so many seconds before the start.
    pub fn state(self, state: StateValue, seconds_ago: i64) -> Self {
        AlarmSpec { state, state_age: seconds_ago, ..self }
    }

    /// With an older change of state, so many seconds before the start; said oldest first.
    pub fn was(mut self, state: StateValue, seconds_ago: i64) -> Self {
        self.past.push((seconds_ago, state));
        self
    }

    /// With an action: an SNS topic's or a function's ARN.
    pub fn action(mut self, arn: &str) -> Self {
        self.actions.push(arn.to_owned());
        self
    }

    pub(crate) fn period_ms(&self) -> Millis {
        Millis::from(self.period.max(1)) * 1000
    }
}
