//! What Elastic Load Balancing answered, turned into the nouns, once.

use crate::aws::fault::{Call, Fault};
use crate::release::{GroupAttributes, LoadBalancer, Span, TargetGroup, TargetGroupArn, TargetHealth, Targets};
use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancer as SdkLoadBalancer, TargetGroup as SdkTargetGroup, TargetGroupAttribute, TargetHealth as SdkHealth,
    TargetHealthDescription, TargetHealthReasonEnum as Reason, TargetHealthStateEnum as State, TargetTypeEnum,
};

/// The attribute that says how long draining takes.
const DELAY: &str = "deregistration_delay.timeout_seconds";
/// AWS's default for it, for a group whose attributes don't name it.
const DEFAULT_DELAY: Span = Span::seconds(300);

/// A target group as described.
pub(super) fn target_group(call: Call<'_>, group: &SdkTargetGroup) -> Result<TargetGroup, Fault> {
    let arn = group.target_group_arn().and_then(|arn| TargetGroupArn::parse(arn).ok());
    Ok(TargetGroup {
        arn: arn.ok_or_else(|| Fault::unreadable(call, "a target group whose ARN isn't one"))?,
        takes_instances: group.target_type() == Some(&TargetTypeEnum::Instance),
        load_balancers: group.load_balancer_arns().to_vec(),
    })
}

/// What the attributes say.
pub(super) fn attributes(call: Call<'_>, attributes: &[TargetGroupAttribute]) -> Result<GroupAttributes, Fault> {
    let value = attributes.iter().find(|attribute| attribute.key() == Some(DELAY)).and_then(|delay| delay.value());
    let deregistration_delay = match value {
        None => DEFAULT_DELAY,
        Some(text) => match text.parse() {
            Ok(seconds) => Span::seconds(seconds),
            Err(_) => return Err(Fault::unreadable(call, &format!("{DELAY} \"{text}\", which is no number"))),
        },
    };
    Ok(GroupAttributes { deregistration_delay })
}

/// A load balancer as described.
pub(super) fn load_balancer(call: Call<'_>, balancer: &SdkLoadBalancer) -> Result<LoadBalancer, Fault> {
    let arn = balancer.load_balancer_arn().ok_or_else(|| Fault::unreadable(call, "a load balancer without an ARN"))?;
    let zones = balancer.availability_zones().iter().filter_map(|zone| zone.zone_name());
    Ok(LoadBalancer { arn: arn.to_owned(), zones: zones.map(str::to_owned).collect() })
}

/// The targets of a group by instance. One that is registered with several ports is as healthy as its worst port.
pub(super) fn targets(call: Call<'_>, descriptions: &[TargetHealthDescription]) -> Result<Targets, Fault> {
    let mut targets = Targets::new();
    for description in descriptions {
        let id = description.target().and_then(|target| target.id());
        let id = id.ok_or_else(|| Fault::unreadable(call, "a target without an id"))?;
        let health = health(description.target_health());
        let known = targets.entry(id.to_owned()).or_insert(health);
        if *known == TargetHealth::Healthy {
            *known = health;
        }
    }
    Ok(targets)
}

fn health(health: Option<&SdkHealth>) -> TargetHealth {
    let reason = health.and_then(|health| health.reason());
    match health.and_then(|health| health.state()) {
        Some(State::Initial) => TargetHealth::Initial,
        Some(State::Healthy) => TargetHealth::Healthy,
        Some(State::Unhealthy) => TargetHealth::Unhealthy,
        Some(State::Unused) if reason == Some(&Reason::NotInUse) => TargetHealth::NotInUse,
        Some(State::Unused) => TargetHealth::Unused,
        Some(State::Draining | State::UnhealthyDraining) => TargetHealth::Draining,
        // `unavailable` too: its health check is off, or ELB has trouble of its own.
        _ => TargetHealth::Unknown,
    }
}
