//! Elastic Load Balancing's words turned into the nouns.

use super::fleets::malformed;
use crate::api;
use cutover::release::{
    GroupAttributes, LoadBalancer, Reading, Span, TargetGroup, TargetGroupArn, TargetHealth, Targets, Unread,
};

/// A target group as DescribeTargetGroups shows it.
pub(super) fn group(group: api::TargetGroup) -> Reading<TargetGroup> {
    Ok(TargetGroup {
        arn: TargetGroupArn::parse(&group.arn).map_err(malformed(&group.arn))?,
        takes_instances: group.target_type == "instance",
        load_balancers: group.load_balancer_arns,
    })
}

/// A group's attributes.
pub(super) fn attributes(attributes: &[(String, String)]) -> Reading<GroupAttributes> {
    let delay = attributes.iter().find(|(key, _)| key == "deregistration_delay.timeout_seconds");
    let seconds = delay.and_then(|(_, value)| value.parse().ok());
    let seconds =
        seconds.ok_or_else(|| Unread("the deregistration delay is missing among the attributes".to_owned()))?;
    Ok(GroupAttributes { deregistration_delay: Span::seconds(seconds) })
}

/// A load balancer's zones.
pub(super) fn load_balancer(load_balancer: api::LoadBalancer) -> LoadBalancer {
    LoadBalancer { arn: load_balancer.arn, zones: load_balancer.availability_zones.into_iter().collect() }
}

fn health(target: &api::TargetHealthDescription) -> TargetHealth {
    match (target.state, target.reason) {
        (api::TargetState::Initial, _) => TargetHealth::Initial,
        (api::TargetState::Healthy, _) => TargetHealth::Healthy,
        (api::TargetState::Unhealthy, _) => TargetHealth::Unhealthy,
        (api::TargetState::Unused, Some(api::TargetReason::NotInUse)) => TargetHealth::NotInUse,
        (api::TargetState::Unused, _) => TargetHealth::Unused,
        (api::TargetState::Draining | api::TargetState::UnhealthyDraining, _) => TargetHealth::Draining,
        (api::TargetState::Unavailable, _) => TargetHealth::Unknown,
    }
}

/// A group's targets; an instance that is registered at several ports is as healthy as its worst.
pub(super) fn targets(descriptions: Vec<api::TargetHealthDescription>) -> Targets {
    let mut targets = Targets::new();
    for description in descriptions {
        let found = health(&description);
        let kept = targets.entry(description.target_id).or_insert(found);
        if *kept == TargetHealth::Healthy {
            *kept = found;
        }
    }
    targets
}
