//! What CloudWatch and EventBridge answer, and the parts of their requests.

use super::{AlarmType, EvaluationState, HistoryItemType, Millis, StateValue, TreatMissing};

/// One of `Metrics` of an alarm on metric maths.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDataQuery {
    /// `Id`.
    pub id: String,
    /// `Expression`; absent when it is a plain metric.
    pub expression: Option<String>,
    /// `MetricStat`: namespace, metric name, period in seconds, statistic.
    pub metric_stat: Option<(String, String, i32, String)>,
    /// `ReturnData`.
    pub return_data: bool,
    /// `Period` of an expression, seconds.
    pub period: Option<i32>,
}

/// `MetricAlarm`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAlarm {
    /// `AlarmName`.
    pub name: String,
    /// `AlarmArn`.
    pub arn: String,
    /// `AlarmDescription`.
    pub description: Option<String>,
    /// `AlarmConfigurationUpdatedTimestamp`.
    pub configuration_updated: Millis,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// `AlarmActions`.
    pub alarm_actions: Vec<String>,
    /// `OKActions`.
    pub ok_actions: Vec<String>,
    /// `InsufficientDataActions`.
    pub insufficient_data_actions: Vec<String>,
    /// `StateValue`.
    pub state_value: StateValue,
    /// `StateReason`.
    pub state_reason: String,
    /// `StateReasonData`: JSON with the datapoints.
    pub state_reason_data: Option<String>,
    /// `StateUpdatedTimestamp`: moves with `EvaluationState` too.
    pub state_updated: Millis,
    /// `StateTransitionedTimestamp`: the last change of `StateValue`.
    pub state_transitioned: Millis,
    /// `EvaluationState`; absent while it judges.
    pub evaluation_state: Option<EvaluationState>,
    /// `Namespace`; absent with metric maths.
    pub namespace: Option<String>,
    /// `MetricName`; absent with metric maths.
    pub metric_name: Option<String>,
    /// `Statistic`; absent with metric maths.
    pub statistic: Option<String>,
    /// `Dimensions`: name and value.
    pub dimensions: Vec<(String, String)>,
    /// `Period`, seconds; absent with metric maths (there each query has its own).
    pub period: Option<i32>,
    /// `EvaluationPeriods`.
    pub evaluation_periods: i32,
    /// `DatapointsToAlarm`; absent means as many as evaluation periods.
    pub datapoints_to_alarm: Option<i32>,
    /// `Threshold`.
    pub threshold: Option<f64>,
    /// `ComparisonOperator`.
    pub comparison_operator: String,
    /// `TreatMissingData`; absent means `missing`.
    pub treat_missing_data: Option<TreatMissing>,
    /// `Metrics`: the metric maths, when it is one.
    pub metrics: Vec<MetricDataQuery>,
}

/// `CompositeAlarm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompositeAlarm {
    /// `AlarmName`.
    pub name: String,
    /// `AlarmArn`.
    pub arn: String,
    /// `AlarmDescription`.
    pub description: Option<String>,
    /// `AlarmConfigurationUpdatedTimestamp`.
    pub configuration_updated: Millis,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// `AlarmActions`.
    pub alarm_actions: Vec<String>,
    /// `OKActions`.
    pub ok_actions: Vec<String>,
    /// `InsufficientDataActions`.
    pub insufficient_data_actions: Vec<String>,
    /// `AlarmRule`: the expression over its children.
    pub rule: String,
    /// `StateValue`.
    pub state_value: StateValue,
    /// `StateReason`.
    pub state_reason: String,
    /// `StateReasonData`: JSON with the alarms that set it off.
    pub state_reason_data: Option<String>,
    /// `StateUpdatedTimestamp`.
    pub state_updated: Millis,
    /// `StateTransitionedTimestamp`.
    pub state_transitioned: Millis,
    /// `ActionsSuppressedBy`: `Alarm`, `WaitPeriod` or `ExtensionPeriod`; suppresses actions, never the state.
    pub actions_suppressed_by: Option<String>,
}

/// `LogAlarm`.
#[derive(Clone, Debug, PartialEq)]
pub struct LogAlarm {
    /// `AlarmName`.
    pub name: String,
    /// `AlarmArn`.
    pub arn: String,
    /// `AlarmDescription`.
    pub description: Option<String>,
    /// `AlarmConfigurationUpdatedTimestamp`.
    pub configuration_updated: Millis,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// `AlarmActions`.
    pub alarm_actions: Vec<String>,
    /// `StateValue`.
    pub state_value: StateValue,
    /// `StateReason`.
    pub state_reason: String,
    /// `StateUpdatedTimestamp`.
    pub state_updated: Millis,
    /// `StateTransitionedTimestamp`.
    pub state_transitioned: Millis,
    /// `EvaluationState`; absent while it judges.
    pub evaluation_state: Option<EvaluationState>,
    /// `ScheduledQueryConfiguration.ScheduleConfiguration.ScheduleExpression`, such as `rate(5 minutes)`: the period.
    pub schedule_expression: String,
    /// `QueryResultsToEvaluate`.
    pub query_results_to_evaluate: i32,
    /// `QueryResultsToAlarm`.
    pub query_results_to_alarm: i32,
    /// `Threshold`.
    pub threshold: f64,
    /// `ComparisonOperator`.
    pub comparison_operator: String,
    /// `TreatMissingData`; absent means `missing`.
    pub treat_missing_data: Option<TreatMissing>,
}

/// `AlarmHistoryItem`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmHistoryItem {
    /// `AlarmName`.
    pub alarm_name: String,
    /// `AlarmType`.
    pub alarm_type: AlarmType,
    /// `Timestamp`.
    pub timestamp: Millis,
    /// `HistoryItemType`.
    pub item_type: HistoryItemType,
    /// `HistorySummary`: a sentence.
    pub summary: String,
    /// `HistoryData`: JSON, as AWS writes it.
    pub data: String,
}

/// `PutEventsRequestEntry`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutEventsEntry {
    /// `EventBusName`; absent: `default`.
    pub bus: Option<String>,
    /// `Source`.
    pub source: String,
    /// `DetailType`.
    pub detail_type: String,
    /// `Detail`: JSON in a string.
    pub detail: String,
    /// `Resources`.
    pub resources: Vec<String>,
    /// `Time`; absent: when it arrives.
    pub time: Option<Millis>,
}

/// `PutEventsResultEntry`: an id, or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutEventsResult {
    /// `EventId`, when it was accepted.
    pub event_id: Option<String>,
    /// `ErrorCode`, when it wasn't.
    pub error_code: Option<String>,
    /// `ErrorMessage`, when it wasn't.
    pub error_message: Option<String>,
}
