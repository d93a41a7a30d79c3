//! Auto Scaling's words turned into the nouns.

use crate::api;
use cutover::release::policy::is_cutover_tag;
use cutover::release::{
    AttachmentState, Attachments, Fleet, FleetArn, FleetName, Instance, Reading, Sizes, TargetGroupArn, Timestamp,
    Unread,
};
use std::collections::BTreeSet;

/// What AWS gave but no parser of ours takes.
pub(super) fn malformed(what: &str) -> impl FnOnce(&'static str) -> Unread + '_ {
    move |expected| Unread(format!("{what} isn't {expected}"))
}

fn size(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

/// A fleet as DescribeAutoScalingGroups shows it.
pub(super) fn fleet(group: api::AutoScalingGroup) -> Reading<Fleet> {
    let latest = |template: &api::LaunchTemplate| template.version == "$Latest";
    let mixed = group.mixed_instances_policy.as_ref();
    let attached = group.target_group_arns.iter().chain(group.traffic_sources.iter().map(|source| &source.identifier));
    Ok(Fleet {
        arn: FleetArn::parse(&group.arn).map_err(malformed(&group.arn))?,
        name: FleetName::parse(&group.name).map_err(malformed(&group.name))?,
        created_at: Timestamp::from_millis(group.created_time),
        sizes: Sizes { min: size(group.min_size), max: size(group.max_size), desired: size(group.desired_capacity) },
        deleting: group.status.is_some(),
        weighted: group.instances.iter().any(|instance| instance.weighted_capacity.is_some())
            || mixed.is_some_and(|mixed| mixed.overrides.iter().any(|(_, weight)| weight.is_some()))
            || group.desired_capacity_type.as_deref().is_some_and(|kind| kind != "units"),
        latest_template: group.launch_template.as_deref().is_some_and(latest)
            || mixed.is_some_and(|mixed| latest(&mixed.launch_template)),
        groups: attached.filter_map(|arn| TargetGroupArn::parse(arn).ok()).collect(),
        elsewhere: group.load_balancer_names.into_iter().collect(),
        zones: group.availability_zones.into_iter().collect(),
        suspended: group.suspended_processes.into_iter().map(|process| process.name).collect(),
        tags: group.tags.into_iter().filter(|tag| is_cutover_tag(&tag.key)).map(|tag| (tag.key, tag.value)).collect(),
        instances: group
            .instances
            .into_iter()
            .map(|instance| {
                let in_service = instance.lifecycle_state == api::LifecycleState::InService;
                (instance.id, Instance { in_service })
            })
            .collect(),
    })
}

/// An attachment's state; `None` once it's gone.
fn state(state: api::AttachmentState) -> Option<AttachmentState> {
    match state {
        api::AttachmentState::Adding => Some(AttachmentState::Adding),
        api::AttachmentState::Added => Some(AttachmentState::Added),
        api::AttachmentState::InService => Some(AttachmentState::InService),
        api::AttachmentState::Removing => Some(AttachmentState::Removing),
        api::AttachmentState::Removed => None,
    }
}

/// The target groups among a fleet's traffic sources; Classic load balancers and Lattice are not Cutover's.
pub(super) fn attachments(sources: Vec<api::TrafficSourceState>, into: &mut Attachments) {
    for source in sources {
        if let (Ok(group), Some(state)) = (TargetGroupArn::parse(&source.identifier), state(source.state)) {
            into.insert(group, state);
        }
    }
}

/// The target groups that hang on a fleet by the older pair.
pub(super) fn classic(groups: Vec<api::LoadBalancerTargetGroupState>, into: &mut BTreeSet<TargetGroupArn>) {
    let there = groups.into_iter().filter(|group| group.state != api::AttachmentState::Removed);
    into.extend(there.filter_map(|group| TargetGroupArn::parse(&group.target_group_arn).ok()));
}

/// Whether an instance refresh is under way.
pub(super) fn refreshing(refreshes: &[api::InstanceRefresh]) -> bool {
    refreshes.iter().any(|refresh| {
        matches!(
            refresh.status,
            api::RefreshStatus::Pending | api::RefreshStatus::InProgress | api::RefreshStatus::Cancelling
        )
    })
}
