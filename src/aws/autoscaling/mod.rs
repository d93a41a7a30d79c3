//! EC2 Auto Scaling: fleets, their attachments, and the only writes that Cutover makes.

mod parse;
mod writes;

pub(super) use writes::{attach, detach, resize};

use super::batch::{in_chunks, whole};
use super::fault::{Call, Fault};
use crate::release::{APPLICATION_TAG, Attachments, Fleet, FleetName, TargetGroupArn};
use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::Filter;
use std::collections::BTreeSet;

/// Names in one DescribeAutoScalingGroups, and the largest page it gives.
const FLEETS_PER_PAGE: i32 = 100;
/// The largest page of DescribeTrafficSources.
const SOURCES_PER_PAGE: i32 = 50;
/// The largest page of DescribeLoadBalancerTargetGroups and DescribeInstanceRefreshes.
const PER_PAGE: i32 = 100;
/// The kind of traffic source that a target group is; of the others (`elb`, `vpc-lattice`) it only matters that there is one.
const TARGET_GROUP: &str = "elbv2";

const DESCRIBE: &str = "autoscaling:DescribeAutoScalingGroups";

/// Fleets by name.
pub(super) async fn fleets(client: &Client, names: &[FleetName]) -> Result<Vec<Fleet>, Fault> {
    in_chunks(names, FLEETS_PER_PAGE.unsigned_abs() as usize, async |names| {
        let call = Call { action: DESCRIBE, on: "*" };
        let request = client
            .describe_auto_scaling_groups()
            .set_auto_scaling_group_names(Some(names.iter().map(|name| name.to_string()).collect()))
            .max_records(FLEETS_PER_PAGE);
        let groups = request.into_paginator().items().send().try_collect().await;
        let groups = groups.map_err(|error| Fault::of(call, &error))?;
        groups.iter().map(|group| parse::fleet(call, group)).collect()
    })
    .await
}

/// Fleets by their tag.
pub(super) async fn tagged_fleets(client: &Client, application: Option<&str>) -> Result<Vec<Fleet>, Fault> {
    let call = Call { action: DESCRIBE, on: "*" };
    let filter = match application {
        Some(value) => Filter::builder().name(format!("tag:{APPLICATION_TAG}")).values(value),
        None => Filter::builder().name("tag-key").values(APPLICATION_TAG),
    };
    let request = client.describe_auto_scaling_groups().filters(filter.build()).max_records(FLEETS_PER_PAGE);
    let pages = whole(|| request.clone().into_paginator().send().try_collect()).await;
    let pages = pages.map_err(|error| Fault::of(call, &error))?;
    let groups = pages.iter().flat_map(|page| page.auto_scaling_groups());
    let fleets: Vec<Fleet> = groups.map(|group| parse::fleet(call, group)).collect::<Result<_, _>>()?;
    // AWS doesn't say how it matches a filter's value; an application's name is never a pattern.
    let asked = |fleet: &Fleet| match (fleet.tags.get(APPLICATION_TAG), application) {
        (Some(value), Some(asked)) => value == asked,
        (tag, _) => tag.is_some(),
    };
    let mut seen = BTreeSet::new();
    Ok(fleets.into_iter().filter(|fleet| asked(fleet) && seen.insert(fleet.name.clone())).collect())
}

/// A fleet's attachments of both styles. A fleet that doesn't exist has none.
pub(super) async fn attachments(client: &Client, fleet: &FleetName) -> Result<Attachments, Fault> {
    let call = Call { action: "autoscaling:DescribeTrafficSources", on: fleet.as_str() };
    let request = client
        .describe_traffic_sources()
        .auto_scaling_group_name(fleet.as_str())
        .traffic_source_type(TARGET_GROUP)
        .max_records(SOURCES_PER_PAGE);
    let pages = whole(|| request.clone().into_paginator().send().try_collect()).await;
    match pages.map_err(|error| Fault::of(call, &error)) {
        Ok(pages) => parse::attachments(call, pages.iter().flat_map(|page| page.traffic_sources())),
        Err(fault) if no_such_fleet(&fault) => Ok(Attachments::new()),
        Err(fault) => Err(fault),
    }
}

/// The target groups that were attached by the older pair. A fleet that doesn't exist has none.
pub(super) async fn classic_attachments(client: &Client, fleet: &FleetName) -> Result<BTreeSet<TargetGroupArn>, Fault> {
    let call = Call { action: "autoscaling:DescribeLoadBalancerTargetGroups", on: fleet.as_str() };
    let request =
        client.describe_load_balancer_target_groups().auto_scaling_group_name(fleet.as_str()).max_records(PER_PAGE);
    let pages = whole(|| request.clone().into_paginator().send().try_collect()).await;
    match pages.map_err(|error| Fault::of(call, &error)) {
        Ok(pages) => parse::classic_attachments(call, pages.iter().flat_map(|page| page.load_balancer_target_groups())),
        Err(fault) if no_such_fleet(&fault) => Ok(BTreeSet::new()),
        Err(fault) => Err(fault),
    }
}

/// Whether an instance refresh runs. On a fleet that doesn't exist none does.
pub(super) async fn refreshing(client: &Client, fleet: &FleetName) -> Result<bool, Fault> {
    let call = Call { action: "autoscaling:DescribeInstanceRefreshes", on: fleet.as_str() };
    let request = client.describe_instance_refreshes().auto_scaling_group_name(fleet.as_str()).max_records(PER_PAGE);
    let pages: Result<Vec<_>, _> = request.into_paginator().send().try_collect().await;
    match pages.map_err(|error| Fault::of(call, &error)) {
        Ok(pages) => Ok(pages.iter().flat_map(|page| page.instance_refreshes()).any(parse::runs)),
        Err(fault) if no_such_fleet(&fault) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// `AutoScalingGroup name not found - …`: AWS has no code of its own for it.
fn no_such_fleet(fault: &Fault) -> bool {
    fault.is("ValidationError") && fault.message.starts_with("AutoScalingGroup name not found")
}
