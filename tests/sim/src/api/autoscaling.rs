//! What EC2 Auto Scaling answers, and the parts of its requests.

use super::{AttachmentState, LifecycleState, Millis, RefreshStatus};
use std::sync::Arc;

/// One of `Filters` of `DescribeAutoScalingGroups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    /// The tag's key.
    pub key: String,
    /// Name `tag:KEY` with this value (any one of several filters with the same key does); `None`: name `tag-key`, any value.
    pub value: Option<String>,
}

/// `TrafficSourceIdentifier`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrafficSource {
    /// A target group's ARN, or a Classic Load Balancer's name.
    pub identifier: String,
    /// `elbv2`, `elb` or `vpc-lattice`; AWS fills it in when it was left out.
    pub kind: Option<String>,
}

/// `TrafficSourceState` of `DescribeTrafficSources`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficSourceState {
    /// `Identifier` (and the older `TrafficSource`, with the same value).
    pub identifier: String,
    /// `Type`.
    pub kind: String,
    /// `State`.
    pub state: AttachmentState,
}

/// `LoadBalancerTargetGroupState` of `DescribeLoadBalancerTargetGroups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancerTargetGroupState {
    /// `LoadBalancerTargetGroupARN`.
    pub target_group_arn: String,
    /// `State`.
    pub state: AttachmentState,
}

/// `LaunchTemplateSpecification`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchTemplate {
    /// `LaunchTemplateId`.
    pub id: String,
    /// `LaunchTemplateName`.
    pub name: String,
    /// `Version`: a number, `$Latest` or `$Default`.
    pub version: String,
}

/// `MixedInstancesPolicy`, cut to what tells whether capacity is weighted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixedInstancesPolicy {
    /// `LaunchTemplate.LaunchTemplateSpecification`.
    pub launch_template: Arc<LaunchTemplate>,
    /// `LaunchTemplate.Overrides`: instance type and `WeightedCapacity`.
    pub overrides: Vec<(String, Option<String>)>,
}

/// `Instance` of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `InstanceId`.
    pub id: String,
    /// `InstanceType`.
    pub instance_type: &'static str,
    /// `AvailabilityZone`.
    pub availability_zone: String,
    /// `LifecycleState`.
    pub lifecycle_state: LifecycleState,
    /// `HealthStatus`: `Healthy` or `Unhealthy`, of the fleet's own health check.
    pub health_status: &'static str,
    /// `LaunchTemplate`, with the version that this instance was launched from.
    pub launch_template: Option<Arc<LaunchTemplate>>,
    /// `ProtectedFromScaleIn`.
    pub protected_from_scale_in: bool,
    /// `WeightedCapacity`, in fleets that weigh.
    pub weighted_capacity: Option<String>,
}

/// `SuspendedProcess`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspendedProcess {
    /// `ProcessName`: `AddToLoadBalancer`, `ReplaceUnhealthy`, …
    pub name: String,
    /// `SuspensionReason`.
    pub reason: String,
}

/// `TagDescription`, without the resource, which is the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// `Key`.
    pub key: String,
    /// `Value`.
    pub value: String,
    /// `PropagateAtLaunch`.
    pub propagate_at_launch: bool,
}

/// `AutoScalingGroup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoScalingGroup {
    /// `AutoScalingGroupName`.
    pub name: String,
    /// `AutoScalingGroupARN`; new when a name is used again.
    pub arn: String,
    /// `MinSize`.
    pub min_size: i32,
    /// `MaxSize`.
    pub max_size: i32,
    /// `DesiredCapacity`.
    pub desired_capacity: i32,
    /// `AvailabilityZones`.
    pub availability_zones: Vec<String>,
    /// `VPCZoneIdentifier`: subnets, by commas.
    pub vpc_zone_identifier: String,
    /// `LaunchTemplate`; absent with a mixed instances policy.
    pub launch_template: Option<Arc<LaunchTemplate>>,
    /// `MixedInstancesPolicy`.
    pub mixed_instances_policy: Option<MixedInstancesPolicy>,
    /// `LoadBalancerNames`: Classic load balancers.
    pub load_balancer_names: Vec<String>,
    /// `TargetGroupARNs`: attached by the old pair.
    pub target_group_arns: Vec<String>,
    /// `TrafficSources`: every target group that is attached, in either style.
    pub traffic_sources: Vec<TrafficSource>,
    /// `HealthCheckType`: `EC2`, `ELB` or a list by commas.
    pub health_check_type: String,
    /// `HealthCheckGracePeriod`, seconds.
    pub health_check_grace_period: i32,
    /// `DefaultCooldown`, seconds.
    pub default_cooldown: i32,
    /// `Instances`, in order of id.
    pub instances: Vec<Instance>,
    /// `CreatedTime`.
    pub created_time: Millis,
    /// `SuspendedProcesses`.
    pub suspended_processes: Vec<SuspendedProcess>,
    /// `Status`: `Delete in progress`, or absent.
    pub status: Option<String>,
    /// `Tags`, in order of key.
    pub tags: Vec<Tag>,
    /// `WarmPoolSize`, when there is a warm pool.
    pub warm_pool_size: Option<i32>,
    /// `DesiredCapacityType`: `units`, `vcpu` or `memory-mib`; absent: units.
    pub desired_capacity_type: Option<String>,
}

/// `InstanceRefresh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceRefresh {
    /// `InstanceRefreshId`.
    pub id: String,
    /// `AutoScalingGroupName`.
    pub asg: String,
    /// `Status`.
    pub status: RefreshStatus,
    /// `StartTime`.
    pub start_time: Option<Millis>,
    /// `EndTime`.
    pub end_time: Option<Millis>,
    /// `PercentageComplete`.
    pub percentage_complete: Option<i32>,
    /// `InstancesToUpdate`.
    pub instances_to_update: Option<i32>,
}
