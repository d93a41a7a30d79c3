//! CloudWatch's answers.

use super::super::World;
use super::super::alarm::Alarm;
use super::super::alarm_spec::{AlarmKind, Metric, Scope};
use super::{at_most, within};
use crate::api::{
    AlarmHistoryItem, AlarmType, ApiError, Call, CompositeAlarm, LogAlarm, MetricAlarm, MetricDataQuery, Reply, ScanBy,
};

/// Without types only metric alarms are meant (AWS.md 6).
fn asked(types: &[AlarmType]) -> Vec<AlarmType> {
    if types.is_empty() { vec![AlarmType::MetricAlarm] } else { types.to_vec() }
}

impl World {
    pub(super) fn read_cloudwatch(&self, call: &Call, composites_hidden: bool) -> Result<Reply, ApiError> {
        match call {
            Call::DescribeAlarms { names, prefix, types, state_value, next_token, max_records } => {
                at_most("alarmNames", names.len(), 100)?;
                if prefix.is_some() && !names.is_empty() {
                    let message = "AlarmNamePrefix and AlarmNames are mutually exclusive";
                    return Err(ApiError::new("InvalidParameterCombination", message, 400));
                }
                let types = asked(types);
                let wanted = |alarm: &&Alarm| {
                    let name = &alarm.spec.name;
                    (names.is_empty() || names.contains(name))
                        && prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
                        && types.contains(&alarm.kind())
                        && state_value.is_none_or(|value| alarm.value == value)
                        && !(composites_hidden && alarm.kind() == AlarmType::CompositeAlarm)
                };
                let found: Vec<&Alarm> = self.alarms.values().filter(wanted).collect();
                let (page, next_token) = self.page(found, next_token.as_deref(), *max_records, 50, 100)?;
                let of = |kind| page.iter().filter(move |alarm| alarm.kind() == kind);
                Ok(Reply::Alarms {
                    metric: of(AlarmType::MetricAlarm).map(|alarm| metric_alarm(alarm)).collect(),
                    composite: of(AlarmType::CompositeAlarm).map(|alarm| composite_alarm(alarm)).collect(),
                    log: of(AlarmType::LogAlarm).map(|alarm| log_alarm(alarm)).collect(),
                    next_token,
                })
            }
            Call::DescribeAlarmHistory { name, types, item_type, start, end, scan_by, next_token, max_records } => {
                let types = asked(types);
                let wanted = |item: &&AlarmHistoryItem| {
                    name.as_ref().is_none_or(|name| item.alarm_name == *name)
                        && types.contains(&item.alarm_type)
                        && item_type.is_none_or(|kind| item.item_type == kind)
                        && within(item.timestamp, *start, *end)
                        && !(composites_hidden && item.alarm_type == AlarmType::CompositeAlarm)
                };
                let mut found: Vec<AlarmHistoryItem> = self.alarm_history.iter().filter(wanted).cloned().collect();
                found.sort_by_key(|item| item.timestamp);
                if *scan_by != Some(ScanBy::TimestampAscending) {
                    found.reverse();
                }
                let (items, next_token) = self.page(found, next_token.as_deref(), *max_records, 100, 100)?;
                Ok(Reply::AlarmHistory { items, next_token })
            }
            _ => Err(ApiError::new("InvalidAction", "Could not find operation", 400)),
        }
    }
}

fn scope_dimensions(scope: &Scope) -> Vec<(String, String)> {
    match scope {
        Scope::Group(group) => vec![("TargetGroup".to_owned(), format!("targetgroup/{group}"))],
        Scope::Fleet(fleet) => vec![("AutoScalingGroupName".to_owned(), fleet.clone())],
    }
}

fn metric_alarm(alarm: &Alarm) -> MetricAlarm {
    let spec = &alarm.spec;
    let (name, statistic, dimensions) = match &spec.kind {
        AlarmKind::Metric(Metric::Errors(scope)) => ("HTTPCode_Target_5XX_Count", "Sum", scope_dimensions(scope)),
        AlarmKind::Metric(Metric::UnhealthyHosts(scope)) => ("UnHealthyHostCount", "Maximum", scope_dimensions(scope)),
        _ => ("Failures", "Sum", Vec::new()),
    };
    let namespace = if name == "Failures" { "Web" } else { "AWS/ApplicationELB" };
    let maths = matches!(spec.kind, AlarmKind::Metric(Metric::ErrorPercent(_)));
    let plain = |text: &str| (!maths).then(|| text.to_owned());
    MetricAlarm {
        name: spec.name.clone(),
        arn: alarm.arn.clone(),
        description: None,
        configuration_updated: alarm.configured,
        actions_enabled: spec.actions_enabled,
        alarm_actions: spec.actions.clone(),
        ok_actions: spec.actions.clone(),
        insufficient_data_actions: spec.actions.clone(),
        state_value: alarm.value,
        state_reason: alarm.reason.clone(),
        state_reason_data: alarm.reason_data.as_ref().map(ToString::to_string),
        state_updated: alarm.updated,
        state_transitioned: alarm.transitioned,
        evaluation_state: alarm.evaluation,
        namespace: plain(namespace),
        metric_name: plain(name),
        statistic: plain(statistic),
        dimensions: if maths { Vec::new() } else { dimensions },
        period: (!maths).then_some(spec.period),
        evaluation_periods: spec.evaluation_periods,
        datapoints_to_alarm: Some(spec.datapoints_to_alarm),
        threshold: Some(spec.threshold),
        comparison_operator: "GreaterThanOrEqualToThreshold".to_owned(),
        treat_missing_data: Some(spec.treat_missing),
        metrics: if maths { maths_of(spec.period) } else { Vec::new() },
    }
}

fn maths_of(period: i32) -> Vec<MetricDataQuery> {
    let stat = |id: &str, name: &str| MetricDataQuery {
        id: id.to_owned(),
        expression: None,
        metric_stat: Some(("AWS/ApplicationELB".to_owned(), name.to_owned(), period, "Sum".to_owned())),
        return_data: false,
        period: None,
    };
    let maths = MetricDataQuery {
        id: "e1".to_owned(),
        expression: Some("100*m2/m1".to_owned()),
        metric_stat: None,
        return_data: true,
        period: None,
    };
    vec![maths, stat("m1", "RequestCount"), stat("m2", "HTTPCode_Target_5XX_Count")]
}

fn composite_alarm(alarm: &Alarm) -> CompositeAlarm {
    let spec = &alarm.spec;
    CompositeAlarm {
        name: spec.name.clone(),
        arn: alarm.arn.clone(),
        description: None,
        configuration_updated: alarm.configured,
        actions_enabled: spec.actions_enabled,
        alarm_actions: spec.actions.clone(),
        ok_actions: spec.actions.clone(),
        insufficient_data_actions: spec.actions.clone(),
        rule: if let AlarmKind::Composite(rule) = &spec.kind { rule.clone() } else { String::new() },
        state_value: alarm.value,
        state_reason: alarm.reason.clone(),
        state_reason_data: alarm.reason_data.as_ref().map(ToString::to_string),
        state_updated: alarm.updated,
        state_transitioned: alarm.transitioned,
        actions_suppressed_by: None,
    }
}

fn log_alarm(alarm: &Alarm) -> LogAlarm {
    let spec = &alarm.spec;
    let minutes = (spec.period / 60).max(1);
    LogAlarm {
        name: spec.name.clone(),
        arn: alarm.arn.clone(),
        description: None,
        configuration_updated: alarm.configured,
        actions_enabled: spec.actions_enabled,
        alarm_actions: spec.actions.clone(),
        state_value: alarm.value,
        state_reason: alarm.reason.clone(),
        state_updated: alarm.updated,
        state_transitioned: alarm.transitioned,
        evaluation_state: alarm.evaluation,
        schedule_expression: format!("rate({minutes} minute{})", if minutes == 1 { "" } else { "s" }),
        query_results_to_evaluate: spec.evaluation_periods,
        query_results_to_alarm: spec.datapoints_to_alarm,
        threshold: spec.threshold,
        comparison_operator: "GreaterThanOrEqualToThreshold".to_owned(),
        treat_missing_data: Some(spec.treat_missing),
    }
}
