//! From the world's [`Reply`] to AWS's field names.

use super::encode_alarms;
use super::node::{Fields, Node};
use crate::api::{
    AutoScalingGroup, Instance, InstanceRefresh, LaunchTemplate, LoadBalancer, LoadBalancerTargetGroupState,
    MixedInstancesPolicy, PutEventsResult, Reply, TargetGroup, TargetHealthDescription, TrafficSource,
    TrafficSourceState,
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
            .list("CompositeAlarms", composite.iter().map(encode_alarms::composite))
            .list("MetricAlarms", metric.iter().map(encode_alarms::metric))
            .list("LogAlarms", log.iter().map(encode_alarms::log))
            .maybe("NextToken", next_token.as_ref())
            .into(),
        Reply::AlarmHistory { items, next_token } => {
            paged("AlarmHistoryItems", items.iter().map(encode_alarms::history), "NextToken", next_token.as_ref())
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
        .put("InstanceType", instance.instance_type)
        .put("AvailabilityZone", &instance.availability_zone)
        .put("LifecycleState", instance.lifecycle_state.as_str())
        .put("HealthStatus", instance.health_status)
        .maybe("LaunchTemplate", instance.launch_template.as_deref().map(launch_template))
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
        .maybe("LaunchTemplate", fleet.launch_template.as_deref().map(launch_template))
        .maybe("MixedInstancesPolicy", fleet.mixed_instances_policy.as_ref().map(mixed))
        .put("MinSize", fleet.min_size)
        .put("MaxSize", fleet.max_size)
        .put("DesiredCapacity", fleet.desired_capacity)
        .put("DefaultCooldown", fleet.default_cooldown)
        .list("AvailabilityZones", &fleet.availability_zones)
        .list("LoadBalancerNames", &fleet.load_balancer_names)
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

fn put_event(entry: &PutEventsResult) -> Fields {
    Fields::new()
        .maybe("EventId", entry.event_id.as_ref())
        .maybe("ErrorCode", entry.error_code.as_ref())
        .maybe("ErrorMessage", entry.error_message.as_ref())
}
