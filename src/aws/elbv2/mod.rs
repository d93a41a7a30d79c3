//! Elastic Load Balancing: target groups, their targets' health, their load balancers. Reads only.

mod parse;

use super::batch::in_chunks;
use super::fault::{Call, Fault};
use crate::release::{GroupAttributes, LoadBalancer, TargetGroup, TargetGroupArn, Targets};
use aws_sdk_elasticloadbalancingv2::Client;

/// ARNs in one DescribeTargetGroups or DescribeLoadBalancers.
const PER_CALL: usize = 20;

const GROUP_NOT_FOUND: &str = "TargetGroupNotFound";

/// Target groups by ARN; what doesn't exist is absent.
pub(super) async fn target_groups(client: &Client, arns: &[TargetGroupArn]) -> Result<Vec<TargetGroup>, Fault> {
    in_chunks(arns, PER_CALL, async |chunk| match describe_groups(client, chunk).await {
        Err(fault) if unknown(&fault) => {
            in_chunks(chunk, 1, async |one| absent_is_none(describe_groups(client, one).await)).await
        }
        answer => answer,
    })
    .await
}

async fn describe_groups(client: &Client, arns: &[TargetGroupArn]) -> Result<Vec<TargetGroup>, Fault> {
    let call = Call { action: "elasticloadbalancing:DescribeTargetGroups", on: "*" };
    let arns = arns.iter().map(|arn| arn.to_string()).collect();
    let request = client.describe_target_groups().set_target_group_arns(Some(arns));
    let groups: Result<Vec<_>, _> = request.into_paginator().items().send().try_collect().await;
    let groups = groups.map_err(|error| Fault::of(call, &error))?;
    groups.iter().map(|group| parse::target_group(call, group)).collect()
}

/// A target group's ARN by its name; `None` too for what can't be a name.
pub(super) async fn target_group_named(client: &Client, name: &str) -> Result<Option<TargetGroupArn>, Fault> {
    let call = Call { action: "elasticloadbalancing:DescribeTargetGroups", on: "*" };
    let answer = client.describe_target_groups().names(name).send().await;
    match answer.map_err(|error| Fault::of(call, &error)) {
        Ok(answer) => {
            // AWS answers with the group of exactly this name; that is checked, for traffic will follow.
            let mut named = answer.target_groups().iter().filter(|group| group.target_group_name() == Some(name));
            named.next().map(|group| parse::target_group(call, group).map(|group| group.arn)).transpose()
        }
        Err(fault) if unknown(&fault) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A target group's attributes.
pub(super) async fn group_attributes(client: &Client, group: &TargetGroupArn) -> Result<GroupAttributes, Fault> {
    let call = Call { action: "elasticloadbalancing:DescribeTargetGroupAttributes", on: group.as_str() };
    let answer = client.describe_target_group_attributes().target_group_arn(group.as_str()).send().await;
    parse::attributes(call, answer.map_err(|error| Fault::of(call, &error))?.attributes())
}

/// Load balancers by ARN; what doesn't exist is absent.
pub(super) async fn load_balancers(client: &Client, arns: &[String]) -> Result<Vec<LoadBalancer>, Fault> {
    in_chunks(arns, PER_CALL, async |chunk| match describe_balancers(client, chunk).await {
        Err(fault) if unknown(&fault) => {
            in_chunks(chunk, 1, async |one| absent_is_none(describe_balancers(client, one).await)).await
        }
        answer => answer,
    })
    .await
}

async fn describe_balancers(client: &Client, arns: &[String]) -> Result<Vec<LoadBalancer>, Fault> {
    let call = Call { action: "elasticloadbalancing:DescribeLoadBalancers", on: "*" };
    let request = client.describe_load_balancers().set_load_balancer_arns(Some(arns.to_vec()));
    let balancers: Result<Vec<_>, _> = request.into_paginator().items().send().try_collect().await;
    let balancers = balancers.map_err(|error| Fault::of(call, &error))?;
    balancers.iter().map(|balancer| parse::load_balancer(call, balancer)).collect()
}

/// A group's targets; `None` if the group doesn't exist.
pub(super) async fn target_health(client: &Client, group: &TargetGroupArn) -> Result<Option<Targets>, Fault> {
    let call = Call { action: "elasticloadbalancing:DescribeTargetHealth", on: group.as_str() };
    let answer = client.describe_target_health().target_group_arn(group.as_str()).send().await;
    match answer.map_err(|error| Fault::of(call, &error)) {
        Ok(answer) => parse::targets(call, answer.target_health_descriptions()).map(Some),
        Err(fault) if fault.is(GROUP_NOT_FOUND) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// ELB knows no such thing, or says that what was named can't be one (`ValidationError`). Asked for several, it
/// refuses the whole call for a single one, and doesn't say which.
fn unknown(fault: &Fault) -> bool {
    [GROUP_NOT_FOUND, "LoadBalancerNotFound", "ValidationError"].iter().any(|code| fault.is(code))
}

fn absent_is_none<T>(answer: Result<Vec<T>, Fault>) -> Result<Vec<T>, Fault> {
    match answer {
        Err(fault) if unknown(&fault) => Ok(Vec::new()),
        answer => answer,
    }
}
