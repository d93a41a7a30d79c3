//! What Elastic Load Balancing v2 answers.

use super::{Millis, TargetReason, TargetState};

/// `TargetGroup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// `TargetGroupArn`.
    pub arn: String,
    /// `TargetGroupName`.
    pub name: String,
    /// `Protocol`: `HTTP`, `TCP`, …
    pub protocol: String,
    /// `Port`.
    pub port: i32,
    /// `VpcId`.
    pub vpc_id: String,
    /// `TargetType`: `instance`, `ip`, `lambda` or `alb`.
    pub target_type: String,
    /// `LoadBalancerArns`: those with a listener or rule that forwards to it.
    pub load_balancer_arns: Vec<String>,
    /// `HealthCheckEnabled`.
    pub health_check_enabled: bool,
    /// `HealthCheckIntervalSeconds`.
    pub health_check_interval_seconds: i32,
    /// `HealthCheckTimeoutSeconds`.
    pub health_check_timeout_seconds: i32,
    /// `HealthyThresholdCount`.
    pub healthy_threshold_count: i32,
    /// `UnhealthyThresholdCount`.
    pub unhealthy_threshold_count: i32,
    /// `HealthCheckPath`; absent for TCP checks.
    pub health_check_path: Option<String>,
}

/// `TargetHealthDescription`, with its `Target` and `TargetHealth` laid flat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealthDescription {
    /// `Target.Id`.
    pub target_id: String,
    /// `Target.Port`.
    pub port: i32,
    /// `HealthCheckPort`.
    pub health_check_port: String,
    /// `TargetHealth.State`.
    pub state: TargetState,
    /// `TargetHealth.Reason`; none when healthy.
    pub reason: Option<TargetReason>,
    /// `TargetHealth.Description`; none when healthy.
    pub description: Option<String>,
    /// `AdministrativeOverride.State`, such as `zonal_shift_active`.
    pub administrative_override: Option<String>,
}

/// `LoadBalancer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// `LoadBalancerArn`.
    pub arn: String,
    /// `LoadBalancerName`.
    pub name: String,
    /// `Type`: `application` or `network`.
    pub kind: String,
    /// `Scheme`.
    pub scheme: String,
    /// `DNSName`.
    pub dns_name: String,
    /// `VpcId`.
    pub vpc_id: String,
    /// `State.Code`: `active`, `provisioning`, …
    pub state: String,
    /// `AvailabilityZones[].ZoneName` (each with a `SubnetId` of `subnet-` + the zone's last two letters).
    pub availability_zones: Vec<String>,
    /// `CreatedTime`.
    pub created_time: Millis,
}
