//! What Auto Scaling answered, turned into the nouns, once.

use super::TARGET_GROUP;
use crate::aws::fault::{Call, Fault};
use crate::aws::moment;
use crate::release::policy::is_cutover_tag;
use crate::release::{AttachmentState, Attachments, Fleet, FleetArn, FleetName, Instance, Sizes, TargetGroupArn};
use aws_sdk_autoscaling::types::{
    AutoScalingGroup, InstanceRefresh, InstanceRefreshStatus, LifecycleState, LoadBalancerTargetGroupState,
    TrafficSourceState,
};
use std::collections::{BTreeMap, BTreeSet};

/// The version of a launch template that means "whatever is newest when an instance is launched".
const LATEST: &str = "$Latest";

/// A fleet as described. What must be there and isn't makes it unread. (Of the sizes the SDK doesn't tell: it reads an
/// absent required number as 0, an absent required moment as 1970.)
pub(super) fn fleet(call: Call<'_>, group: &AutoScalingGroup) -> Result<Fleet, Fault> {
    let odd = |what: &str| {
        let name = group.auto_scaling_group_name().unwrap_or("a fleet without a name");
        Fault::unreadable(call, &format!("{what} for {name}"))
    };
    let size = |value: Option<i32>, what: &str| {
        value.and_then(|size| u32::try_from(size).ok()).ok_or_else(|| odd(&format!("no {what}")))
    };
    let created_at = group.created_time().filter(|at| at.secs() > 0).and_then(moment);
    Ok(Fleet {
        arn: group
            .auto_scaling_group_arn()
            .and_then(|arn| FleetArn::parse(arn).ok())
            .ok_or_else(|| odd("an ARN that isn't one"))?,
        name: group
            .auto_scaling_group_name()
            .and_then(|name| FleetName::parse(name).ok())
            .ok_or_else(|| odd("a name that isn't one"))?,
        created_at: created_at.ok_or_else(|| odd("no CreatedTime"))?,
        sizes: Sizes {
            min: size(group.min_size(), "MinSize")?,
            max: size(group.max_size(), "MaxSize")?,
            desired: size(group.desired_capacity(), "DesiredCapacity")?,
        },
        instances: instances(group).ok_or_else(|| odd("an instance without an id"))?,
        tags: tags(group),
        suspended: group.suspended_processes().iter().filter_map(|p| p.process_name()).map(str::to_owned).collect(),
        // AWS sets `Status` only while it deletes the group ("Delete in progress").
        deleting: group.status().is_some_and(|status| !status.is_empty()),
        weighted: weighted(group),
        latest_template: latest_template(group),
        zones: group.availability_zones().iter().cloned().collect(),
        groups: groups(group).ok_or_else(|| odd("a target group whose ARN isn't one"))?,
        elsewhere: elsewhere(group),
    })
}

fn instances(group: &AutoScalingGroup) -> Option<BTreeMap<String, Instance>> {
    let instance = |instance: &aws_sdk_autoscaling::types::Instance| {
        let in_service = instance.lifecycle_state() == Some(&LifecycleState::InService);
        Some((instance.instance_id()?.to_owned(), Instance { in_service }))
    };
    group.instances().iter().map(instance).collect()
}

fn tags(group: &AutoScalingGroup) -> BTreeMap<String, String> {
    let ours = group.tags().iter().filter_map(|tag| {
        let key = tag.key().filter(|key| is_cutover_tag(key))?;
        // A tag without a value has the empty one.
        Some((key.to_owned(), tag.value().unwrap_or_default().to_owned()))
    });
    ours.collect()
}

/// Whether capacity is counted in something else than instances: weights (all of them 1 is no weight), vCPUs, memory.
fn weighted(group: &AutoScalingGroup) -> bool {
    let weighs = |weight: Option<&str>| weight.is_some_and(|weight| weight != "1");
    let policy = group.mixed_instances_policy().and_then(|policy| policy.launch_template());
    policy.is_some_and(|template| template.overrides().iter().any(|override_| weighs(override_.weighted_capacity())))
        || group.instances().iter().any(|instance| weighs(instance.weighted_capacity()))
        || group.desired_capacity_type().is_some_and(|unit| unit != "units")
}

fn latest_template(group: &AutoScalingGroup) -> bool {
    let mixed = group.mixed_instances_policy().and_then(|policy| policy.launch_template());
    let overrides = mixed.map(|template| template.overrides()).unwrap_or_default();
    group
        .launch_template()
        .into_iter()
        .chain(mixed.and_then(|template| template.launch_template_specification()))
        .chain(overrides.iter().filter_map(|override_| override_.launch_template_specification()))
        .any(|template| template.version() == Some(LATEST))
}

/// The target groups that a fleet names, by either style.
fn groups(group: &AutoScalingGroup) -> Option<BTreeSet<TargetGroupArn>> {
    let sources = group.traffic_sources().iter().filter(|source| source.r#type() == Some(TARGET_GROUP));
    let arns = group.target_group_arns().iter().map(|arn| Some(arn.as_str()));
    arns.chain(sources.map(|source| source.identifier())).map(|arn| TargetGroupArn::parse(arn?).ok()).collect()
}

/// What a fleet names beside target groups, traffic sources of a type that nobody knows included.
fn elsewhere(group: &AutoScalingGroup) -> BTreeSet<String> {
    let others = group.traffic_sources().iter().filter(|source| source.r#type() != Some(TARGET_GROUP));
    let others = others.map(|source| source.identifier().unwrap_or_default().to_owned());
    group.load_balancer_names().iter().cloned().chain(others).collect()
}

/// The attachments that a fleet has; what is `Removed` it has no more.
pub(super) fn attachments<'a>(
    call: Call<'_>,
    sources: impl Iterator<Item = &'a TrafficSourceState>,
) -> Result<Attachments, Fault> {
    sources
        .filter_map(|source| state(source.state()).map(|state| (source, state)))
        .map(|(source, state)| Ok((group_arn(call, source.identifier())?, state)))
        .collect()
}

/// The target groups of the older pair that a fleet has.
pub(super) fn classic_attachments<'a>(
    call: Call<'_>,
    groups: impl Iterator<Item = &'a LoadBalancerTargetGroupState>,
) -> Result<BTreeSet<TargetGroupArn>, Fault> {
    groups
        .filter(|group| state(group.state()).is_some())
        .map(|group| group_arn(call, group.load_balancer_target_group_arn()))
        .collect()
}

fn state(word: Option<&str>) -> Option<AttachmentState> {
    match word {
        Some("Removed") => None,
        Some("Adding") => Some(AttachmentState::Adding),
        Some("Added") => Some(AttachmentState::Added),
        Some("InService") => Some(AttachmentState::InService),
        Some("Removing") => Some(AttachmentState::Removing),
        _ => Some(AttachmentState::Unknown),
    }
}

fn group_arn(call: Call<'_>, text: Option<&str>) -> Result<TargetGroupArn, Fault> {
    text.and_then(|text| TargetGroupArn::parse(text).ok())
        .ok_or_else(|| Fault::unreadable(call, "a target group whose ARN isn't one"))
}

/// Whether an instance refresh still runs; one in a state that nobody knows counts as running.
pub(super) fn runs(refresh: &InstanceRefresh) -> bool {
    !matches!(
        refresh.status(),
        Some(
            InstanceRefreshStatus::Cancelled
                | InstanceRefreshStatus::Failed
                | InstanceRefreshStatus::RollbackFailed
                | InstanceRefreshStatus::RollbackSuccessful
                | InstanceRefreshStatus::Successful
        )
    )
}
