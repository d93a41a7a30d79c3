//! The writes: attach, detach, sizes. Each is sent exactly once.

use super::TARGET_GROUP;
use crate::act::WriteError;
use crate::aws::fault::{Call, Fault};
use crate::release::{FleetName, Style, TargetGroupArn};
use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::TrafficSourceIdentifier;

/// Attaches a fleet.
pub(in crate::aws) async fn attach(
    client: &Client,
    fleet: &FleetName,
    style: Style,
    groups: &[TargetGroupArn],
) -> Result<(), WriteError> {
    let name = fleet.as_str();
    match style {
        Style::TargetGroups => {
            let call = Call { action: "autoscaling:AttachLoadBalancerTargetGroups", on: name };
            let request = client.attach_load_balancer_target_groups().auto_scaling_group_name(name);
            let sent = request.set_target_group_arns(Some(arns(groups))).send().await;
            sent.map(drop).map_err(|error| Fault::of(call, &error).into())
        }
        Style::TrafficSources => {
            let call = Call { action: "autoscaling:AttachTrafficSources", on: name };
            let request = client.attach_traffic_sources().auto_scaling_group_name(name);
            let sent = request.set_traffic_sources(Some(sources(groups))).send().await;
            sent.map(drop).map_err(|error| Fault::of(call, &error).into())
        }
    }
}

/// Detaches a fleet.
pub(in crate::aws) async fn detach(
    client: &Client,
    fleet: &FleetName,
    style: Style,
    groups: &[TargetGroupArn],
) -> Result<(), WriteError> {
    let name = fleet.as_str();
    match style {
        Style::TargetGroups => {
            let call = Call { action: "autoscaling:DetachLoadBalancerTargetGroups", on: name };
            let request = client.detach_load_balancer_target_groups().auto_scaling_group_name(name);
            let sent = request.set_target_group_arns(Some(arns(groups))).send().await;
            sent.map(drop).map_err(|error| Fault::of(call, &error).into())
        }
        Style::TrafficSources => {
            let call = Call { action: "autoscaling:DetachTrafficSources", on: name };
            let request = client.detach_traffic_sources().auto_scaling_group_name(name);
            let sent = request.set_traffic_sources(Some(sources(groups))).send().await;
            sent.map(drop).map_err(|error| Fault::of(call, &error).into())
        }
    }
}

/// Writes MinSize, and desired capacity where it's given. Never MaxSize.
pub(in crate::aws) async fn resize(
    client: &Client,
    fleet: &FleetName,
    min: u32,
    desired: Option<u32>,
) -> Result<(), WriteError> {
    let call = Call { action: "autoscaling:UpdateAutoScalingGroup", on: fleet.as_str() };
    let size = |size: u32| {
        i32::try_from(size).map_err(|_| WriteError::Refused(format!("{size} is more instances than AWS can count")))
    };
    let request = client
        .update_auto_scaling_group()
        .auto_scaling_group_name(fleet.as_str())
        .min_size(size(min)?)
        .set_desired_capacity(desired.map(size).transpose()?);
    request.send().await.map(drop).map_err(|error| Fault::of(call, &error).into())
}

fn arns(groups: &[TargetGroupArn]) -> Vec<String> {
    groups.iter().map(|arn| arn.to_string()).collect()
}

fn sources(groups: &[TargetGroupArn]) -> Vec<TrafficSourceIdentifier> {
    let source =
        |arn: &TargetGroupArn| TrafficSourceIdentifier::builder().identifier(arn.as_str()).r#type(TARGET_GROUP).build();
    groups.iter().map(source).collect()
}
