//! From the world's [`Reply`] to AWS's field names.

use super::node::{Fields, Node};
use crate::api::{
    AlarmHistoryItem, AutoScalingGroup, CompositeAlarm, Instance, InstanceRefresh, LaunchTemplate, LoadBalancer,
    LoadBalancerTargetGroupState, LogAlarm, MetricAlarm, MetricDataQuery, MixedInstancesPolicy, PutEventsResult, Reply,
    TargetGroup, TargetHealthDescription, TrafficSource, TrafficSourceState,
};

/// The result structure of a reply.
pub fn reply(reply: &Reply) -> Node {
    match reply {
        Reply::AutoScalingGroups { groups, next_token } => {
            paged("AutoScalingGroups", groups.iter().map(fleet), "NextToken", next_token.as_ref())
        }
        Reply::TrafficSources { sources, next_token } => {
            paged("TrafficSources", sources.iter().map(traffic_source_state), "NextToken", next_token.as_ref())
        }
        Reply::LoadBalancerTargetGroups { groups, next_token } => {
            paged("LoadBalancerTargetGroups", groups.iter().map(attachment), "NextToken", next_token.as_ref())
        }
        Reply::InstanceRefreshes { refreshes, next_token } => {
            paged("InstanceRefreshes", refreshes.iter().map(refresh), "NextToken", next_token.as_ref())
        }
        Reply::Done => Fields::new().into(),
        Reply::TargetGroups { groups, next_marker } => {
            paged("TargetGroups", groups.iter().map(target_group), "NextMarker", next_marker.as_ref())
        }
        Reply::TargetGroupAttributes { attributes } => {
            let pair = |(key, value): &(String, String)| Fields::new().put("Key", key).put("Value", value);
            Fields::new().list("Attributes", attributes.iter().map(pair)).into()
        }
        Reply::TargetHealth { targets } => {
            Fields::new().list("TargetHealthDescriptions", targets.iter().map(target)).into()
        }
        Reply::LoadBalancers { load_balancers, next_marker } => {
            paged("LoadBalancers", load_balancers.iter().map(load_balancer), "NextMarker", next_marker.as_ref())
        }
        Reply::Alarms { metric, composite, log, next_token } => Fields::new()
            .list("CompositeAlarms", composite.iter().map(composite_alarm))
            .list("MetricAlarms", metric.iter().map(metric_alarm))
            .list("LogAlarms", log.iter().map(log_alarm))
            .maybe("NextToken", next_token.as_ref())
            .into(),
        Reply::AlarmHistory { items, next_token } => {
            paged("AlarmHistoryItems", items.iter().map(history), "NextToken", next_token.as_ref())
        }
        Reply::PutEvents { entries } => {
            let failed = entries.iter().filter(|entry| entry.error_code.is_some()).count();
            let failed = Node::Int(i64::try_from(failed).unwrap_or(i64::MAX));
            Fields::new().put("FailedEntryCount", failed).list("Entries", entries.iter().map(put_event)).into()
        }
    }
}

fn paged(name: &'static str, all: impl Iterator<Item = Fields>, next: &'static str, token: Option<&String>) -> Node {
    Fields::new().list(name, all).maybe(next, token).into()
}

fn launch_template(template: &LaunchTemplate) -> Fields {
    Fields::new()
        .put("LaunchTemplateId", &template.id)
        .put("LaunchTemplateName", &template.name)
        .put("Version", &template.version)
}

fn mixed(policy: &MixedInstancesPolicy) -> Fields {
    let one = |(kind, weight): &(String, Option<String>)| {
        Fields::new().put("InstanceType", kind).maybe("WeightedCapacity", weight.as_ref())
    };
    let template = Fields::new()
        .put("LaunchTemplateSpecification", launch_template(&policy.launch_template))
        .list("Overrides", policy.overrides.iter().map(one));
    Fields::new().put("LaunchTemplate", template)
}

fn instance(instance: &Instance) -> Fields {
    Fields::new()
        .put("InstanceId", &instance.id)
        .put("InstanceType", &instance.instance_type)
        .put("AvailabilityZone", &instance.availability_zone)
        .put("LifecycleState", instance.lifecycle_state.as_str())
        .put("HealthStatus", &instance.health_status)
        .maybe("LaunchTemplate", instance.launch_template.as_ref().map(launch_template))
        .put("ProtectedFromScaleIn", instance.protected_from_scale_in)
        .maybe("WeightedCapacity", instance.weighted_capacity.as_ref())
}

fn fleet(fleet: &AutoScalingGroup) -> Fields {
    let suspended = fleet
        .suspended_processes
        .iter()
        .map(|process| Fields::new().put("ProcessName", &process.name).put("SuspensionReason", &process.reason));
    let tags = fleet.tags.iter().map(|tag| {
        Fields::new()
            .put("ResourceId", &fleet.name)
            .put("ResourceType", "auto-scaling-group")
            .put("Key", &tag.key)
            .put("Value", &tag.value)
            .put("PropagateAtLaunch", tag.propagate_at_launch)
    });
    Fields::new()
        .put("AutoScalingGroupName", &fleet.name)
        .put("AutoScalingGroupARN", &fleet.arn)
        .maybe("LaunchTemplate", fleet.launch_template.as_ref().map(launch_template))
        .maybe("MixedInstancesPolicy", fleet.mixed_instances_policy.as_ref().map(mixed))
        .put("MinSize", fleet.min_size)
        .put("MaxSize", fleet.max_size)
        .put("DesiredCapacity", fleet.desired_capacity)
        .put("DefaultCooldown", fleet.default_cooldown)
        .list("AvailabilityZones", &fleet.availability_zones)
        .list("LoadBalancerNames", Vec::<Node>::new())
        .list("TargetGroupARNs", &fleet.target_group_arns)
        .put("HealthCheckType", &fleet.health_check_type)
        .put("HealthCheckGracePeriod", fleet.health_check_grace_period)
        .list("Instances", fleet.instances.iter().map(instance))
        .time("CreatedTime", fleet.created_time)
        .list("SuspendedProcesses", suspended)
        .put("VPCZoneIdentifier", &fleet.vpc_zone_identifier)
        .list("EnabledMetrics", Vec::<Node>::new())
        .maybe("Status", fleet.status.as_ref())
        .list("Tags", tags)
        .list("TerminationPolicies", ["Default"])
        .put("NewInstancesProtectedFromScaleIn", false)
        .maybe("WarmPoolSize", fleet.warm_pool_size)
        .maybe("DesiredCapacityType", fleet.desired_capacity_type.as_ref())
        .list("TrafficSources", fleet.traffic_sources.iter().map(traffic_source))
}

fn traffic_source(source: &TrafficSource) -> Fields {
    Fields::new().put("Identifier", &source.identifier).maybe("Type", source.kind.as_ref())
}

fn traffic_source_state(source: &TrafficSourceState) -> Fields {
    Fields::new()
        .put("TrafficSource", &source.identifier)
        .put("State", source.state.as_str())
        .put("Identifier", &source.identifier)
        .put("Type", &source.kind)
}

fn attachment(group: &LoadBalancerTargetGroupState) -> Fields {
    Fields::new().put("LoadBalancerTargetGroupARN", &group.target_group_arn).put("State", group.state.as_str())
}

fn refresh(refresh: &InstanceRefresh) -> Fields {
    Fields::new()
        .put("InstanceRefreshId", &refresh.id)
        .put("AutoScalingGroupName", &refresh.asg)
        .put("Status", refresh.status.as_str())
        .maybe_time("StartTime", refresh.start_time)
        .maybe_time("EndTime", refresh.end_time)
        .maybe("PercentageComplete", refresh.percentage_complete)
        .maybe("InstancesToUpdate", refresh.instances_to_update)
}

fn target_group(group: &TargetGroup) -> Fields {
    Fields::new()
        .put("TargetGroupArn", &group.arn)
        .put("TargetGroupName", &group.name)
        .put("Protocol", &group.protocol)
        .put("Port", group.port)
        .put("VpcId", &group.vpc_id)
        .put("HealthCheckEnabled", group.health_check_enabled)
        .put("HealthCheckIntervalSeconds", group.health_check_interval_seconds)
        .put("HealthCheckTimeoutSeconds", group.health_check_timeout_seconds)
        .put("HealthyThresholdCount", group.healthy_threshold_count)
        .put("UnhealthyThresholdCount", group.unhealthy_threshold_count)
        .maybe("HealthCheckPath", group.health_check_path.as_ref())
        .list("LoadBalancerArns", &group.load_balancer_arns)
        .put("TargetType", &group.target_type)
}

fn target(target: &TargetHealthDescription) -> Fields {
    let health = Fields::new()
        .put("State", target.state.as_str())
        .maybe("Reason", target.reason.map(|reason| reason.as_str()))
        .maybe("Description", target.description.as_ref());
    Fields::new()
        .put("Target", Fields::new().put("Id", &target.target_id).put("Port", target.port))
        .put("HealthCheckPort", &target.health_check_port)
        .put("TargetHealth", health)
        .maybe(
            "AdministrativeOverride",
            target.administrative_override.as_ref().map(|state| Fields::new().put("State", state)),
        )
}

fn load_balancer(balancer: &LoadBalancer) -> Fields {
    let zones = balancer.availability_zones.iter().map(|zone| {
        let letters = zone.get(zone.len().saturating_sub(2)..).unwrap_or(zone);
        Fields::new().put("ZoneName", zone).put("SubnetId", format!("subnet-{letters}").as_str())
    });
    Fields::new()
        .put("LoadBalancerArn", &balancer.arn)
        .put("DNSName", &balancer.dns_name)
        .time("CreatedTime", balancer.created_time)
        .put("LoadBalancerName", &balancer.name)
        .put("Scheme", &balancer.scheme)
        .put("VpcId", &balancer.vpc_id)
        .put("State", Fields::new().put("Code", &balancer.state))
        .put("Type", &balancer.kind)
        .list("AvailabilityZones", zones)
}

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

fn metric_alarm(alarm: &MetricAlarm) -> Fields {
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

fn composite_alarm(alarm: &CompositeAlarm) -> Fields {
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

fn log_alarm(alarm: &LogAlarm) -> Fields {
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

fn history(item: &AlarmHistoryItem) -> Fields {
    Fields::new()
        .put("AlarmName", &item.alarm_name)
        .put("AlarmType", item.alarm_type.as_str())
        .time("Timestamp", item.timestamp)
        .put("HistoryItemType", item.item_type.as_str())
        .put("HistorySummary", &item.summary)
        .put("HistoryData", &item.data)
}

fn put_event(entry: &PutEventsResult) -> Fields {
    Fields::new()
        .maybe("EventId", entry.event_id.as_ref())
        .maybe("ErrorCode", entry.error_code.as_ref())
        .maybe("ErrorMessage", entry.error_message.as_ref())
}
