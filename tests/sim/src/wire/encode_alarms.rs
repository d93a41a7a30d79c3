//! CloudWatch's part of the replies, in AWS's field names.

use super::node::{Fields, Node};
use crate::api::{AlarmHistoryItem, CompositeAlarm, LogAlarm, MetricAlarm, MetricDataQuery};

fn metric_query(query: &MetricDataQuery) -> Fields {
    let stat = query.metric_stat.as_ref().map(|(namespace, name, period, stat)| {
        let metric = Fields::new().put("Namespace", namespace).put("MetricName", name);
        Fields::new().put("Metric", metric).put("Period", *period).put("Stat", stat)
    });
    Fields::new()
        .put("Id", &query.id)
        .maybe("MetricStat", stat)
        .maybe("Expression", query.expression.as_ref())
        .put("ReturnData", query.return_data)
        .maybe("Period", query.period)
}

/// `MetricAlarm`.
pub fn metric(alarm: &MetricAlarm) -> Fields {
    let dimensions = alarm.dimensions.iter().map(|(name, value)| Fields::new().put("Name", name).put("Value", value));
    let fields = Fields::new()
        .put("AlarmName", &alarm.name)
        .put("AlarmArn", &alarm.arn)
        .maybe("AlarmDescription", alarm.description.as_ref())
        .time("AlarmConfigurationUpdatedTimestamp", alarm.configuration_updated)
        .put("ActionsEnabled", alarm.actions_enabled)
        .list("OKActions", &alarm.ok_actions)
        .list("AlarmActions", &alarm.alarm_actions)
        .list("InsufficientDataActions", &alarm.insufficient_data_actions)
        .put("StateValue", alarm.state_value.as_str())
        .put("StateReason", &alarm.state_reason)
        .maybe("StateReasonData", alarm.state_reason_data.as_ref())
        .time("StateUpdatedTimestamp", alarm.state_updated)
        .maybe("MetricName", alarm.metric_name.as_ref())
        .maybe("Namespace", alarm.namespace.as_ref())
        .maybe("Statistic", alarm.statistic.as_ref())
        .list("Dimensions", dimensions)
        .maybe("Period", alarm.period)
        .put("EvaluationPeriods", alarm.evaluation_periods)
        .maybe("DatapointsToAlarm", alarm.datapoints_to_alarm)
        .maybe("Threshold", alarm.threshold)
        .put("ComparisonOperator", &alarm.comparison_operator)
        .maybe("TreatMissingData", alarm.treat_missing_data.map(|word| word.as_str()))
        .maybe("EvaluationState", alarm.evaluation_state.map(|word| word.as_str()))
        .time("StateTransitionedTimestamp", alarm.state_transitioned);
    // An alarm on a plain metric has no `Metrics` at all, not an empty list.
    if alarm.metrics.is_empty() { fields } else { fields.list("Metrics", alarm.metrics.iter().map(metric_query)) }
}

/// `CompositeAlarm`.
pub fn composite(alarm: &CompositeAlarm) -> Fields {
    Fields::new()
        .put("ActionsEnabled", alarm.actions_enabled)
        .list("AlarmActions", &alarm.alarm_actions)
        .put("AlarmArn", &alarm.arn)
        .time("AlarmConfigurationUpdatedTimestamp", alarm.configuration_updated)
        .maybe("AlarmDescription", alarm.description.as_ref())
        .put("AlarmName", &alarm.name)
        .put("AlarmRule", &alarm.rule)
        .list("InsufficientDataActions", &alarm.insufficient_data_actions)
        .list("OKActions", &alarm.ok_actions)
        .put("StateReason", &alarm.state_reason)
        .maybe("StateReasonData", alarm.state_reason_data.as_ref())
        .time("StateUpdatedTimestamp", alarm.state_updated)
        .put("StateValue", alarm.state_value.as_str())
        .time("StateTransitionedTimestamp", alarm.state_transitioned)
        .maybe("ActionsSuppressedBy", alarm.actions_suppressed_by.as_ref())
}

/// `LogAlarm`.
pub fn log(alarm: &LogAlarm) -> Fields {
    let schedule = Fields::new().put("ScheduleExpression", &alarm.schedule_expression);
    Fields::new()
        .put("AlarmName", &alarm.name)
        .put("AlarmArn", &alarm.arn)
        .maybe("AlarmDescription", alarm.description.as_ref())
        .time("AlarmConfigurationUpdatedTimestamp", alarm.configuration_updated)
        .put("ActionsEnabled", alarm.actions_enabled)
        .list("OKActions", Vec::<Node>::new())
        .list("AlarmActions", &alarm.alarm_actions)
        .list("InsufficientDataActions", Vec::<Node>::new())
        .put("StateValue", alarm.state_value.as_str())
        .put("StateReason", &alarm.state_reason)
        .time("StateUpdatedTimestamp", alarm.state_updated)
        .put("ScheduledQueryConfiguration", Fields::new().put("ScheduleConfiguration", schedule))
        .put("QueryResultsToEvaluate", alarm.query_results_to_evaluate)
        .put("QueryResultsToAlarm", alarm.query_results_to_alarm)
        .put("Threshold", alarm.threshold)
        .put("ComparisonOperator", &alarm.comparison_operator)
        .maybe("TreatMissingData", alarm.treat_missing_data.map(|word| word.as_str()))
        .time("StateTransitionedTimestamp", alarm.state_transitioned)
        .maybe("EvaluationState", alarm.evaluation_state.map(|word| word.as_str()))
}

/// `AlarmHistoryItem`.
pub fn history(item: &AlarmHistoryItem) -> Fields {
    Fields::new()
        .put("AlarmName", &item.alarm_name)
        .put("AlarmType", item.alarm_type.as_str())
        .time("Timestamp", item.timestamp)
        .put("HistoryItemType", item.item_type.as_str())
        .put("HistorySummary", &item.summary)
        .put("HistoryData", &item.data)
}
