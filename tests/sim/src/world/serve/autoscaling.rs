//! Auto Scaling's answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::World;
use super::super::attachment::Attachment;
use super::super::capacity::no_fleet;
use super::super::fleet::{Fleet, Member};
use super::super::spec::Style;
use super::at_most;
use crate::api::{
    ApiError, AttachmentState, AutoScalingGroup, Call, Instance, LaunchTemplate, LoadBalancerTargetGroupState, Millis,
    MixedInstancesPolicy, Reply, SuspendedProcess, Tag, TagFilter, TrafficSource, TrafficSourceState,
};

/// A fleet's sizes and attachments at some moment.
struct View<'a> {
    min: i32,
    max: i32,
    desired: i32,
    attachments: &'a BTreeMap<(String, Style), Attachment>,
}

/// As it was then; `None`: the fleet didn't exist.
fn view(fleet: &Fleet, at: Millis) -> Option<View<'_>> {
    if fleet.created > at {
        return None;
    }
    Some(match fleet.past.iter().find(|past| past.until > at) {
        Some(past) => View { min: past.min, max: past.max, desired: past.desired, attachments: &past.attachments },
        None => View { min: fleet.min, max: fleet.max, desired: fleet.desired, attachments: &fleet.attachments },
    })
}

impl World {
    pub(super) fn read_autoscaling(&self, call: &Call, at: Millis) -> Result<Reply, ApiError> {
        match call {
            Call::DescribeAutoScalingGroups { names, filters, include_instances, next_token, max_records } => {
                at_most("autoScalingGroupNames", names.len(), max_records.map_or(50, |max| max.max(0) as usize))?;
                let chosen = self.fleets.values().filter(|fleet| names.is_empty() || names.contains(&fleet.name));
                let chosen = chosen.filter(|fleet| tagged(fleet, filters));
                let all = chosen.filter_map(|fleet| Some((fleet, view(fleet, at)?))).collect();
                let (page, next_token) = self.page(all, next_token.as_deref(), *max_records, 50, 100)?;
                let shown = |(fleet, view): &(&Fleet, View<'_>)| show(fleet, view, include_instances.unwrap_or(true));
                Ok(Reply::AutoScalingGroups { groups: page.iter().map(shown).collect(), next_token })
            }
            Call::DescribeTrafficSources { asg, traffic_source_type, next_token, max_records } => {
                let view = self.seen(asg, at)?;
                let wanted = traffic_source_type.as_deref().is_none_or(|kind| kind == "elbv2");
                let mut all: Vec<TrafficSourceState> = Vec::new();
                for ((arn, _), held) in view.attachments.iter().filter(|_| wanted) {
                    // Attached in both styles it is still one traffic source; the further link speaks for it.
                    match all.last_mut().filter(|last| last.identifier == *arn) {
                        Some(last) if last.state == AttachmentState::Removing => last.state = held.state,
                        Some(_) => {}
                        None => {
                            let (identifier, kind) = (arn.clone(), "elbv2".to_owned());
                            all.push(TrafficSourceState { identifier, kind, state: held.state });
                        }
                    }
                }
                let (sources, next_token) = self.page(all, next_token.as_deref(), *max_records, 50, 50)?;
                Ok(Reply::TrafficSources { sources, next_token })
            }
            Call::DescribeLoadBalancerTargetGroups { asg, next_token, max_records } => {
                let view = self.seen(asg, at)?;
                let own = view.attachments.iter().filter(|((_, style), _)| *style == Style::TargetGroups);
                let show = |((arn, _), held): (&(String, Style), &Attachment)| LoadBalancerTargetGroupState {
                    target_group_arn: arn.clone(),
                    state: held.state,
                };
                let (groups, next_token) =
                    self.page(own.map(show).collect(), next_token.as_deref(), *max_records, 100, 100)?;
                Ok(Reply::LoadBalancerTargetGroups { groups, next_token })
            }
            Call::DescribeInstanceRefreshes { asg, refresh_ids, next_token, max_records } => {
                let fleet = self.fleets.get(asg).ok_or_else(|| no_fleet(asg))?;
                let wanted = fleet.refreshes.iter().rev().map(|refresh| refresh.shown.clone());
                let wanted = wanted.filter(|refresh| refresh_ids.is_empty() || refresh_ids.contains(&refresh.id));
                let (refreshes, next_token) =
                    self.page(wanted.collect(), next_token.as_deref(), *max_records, 50, 100)?;
                Ok(Reply::InstanceRefreshes { refreshes, next_token })
            }
            _ => Err(ApiError::new("InvalidAction", "Could not find operation", 400)),
        }
    }

    fn seen(&self, asg: &str, at: Millis) -> Result<View<'_>, ApiError> {
        self.fleets.get(asg).and_then(|fleet| view(fleet, at)).ok_or_else(|| no_fleet(asg))
    }

    /// Applies a write; says whether it changed anything.
    pub(super) fn write_autoscaling(&mut self, caller: &str, call: &Call) -> Result<bool, ApiError> {
        let identifiers = |sources: &[TrafficSource]| {
            let elbv2 = sources.iter().all(|source| source.kind.as_deref().is_none_or(|kind| kind == "elbv2"));
            let arns: Vec<String> = sources.iter().map(|source| source.identifier.clone()).collect();
            if elbv2 { Ok(arns) } else { Err(ApiError::validation("Provided Traffic Sources may not be valid.")) }
        };
        match call {
            Call::AttachLoadBalancerTargetGroups { asg, target_group_arns } => {
                self.attach(asg, target_group_arns, Style::TargetGroups)
            }
            Call::DetachLoadBalancerTargetGroups { asg, target_group_arns } => {
                self.detach(asg, target_group_arns, Style::TargetGroups)
            }
            Call::AttachTrafficSources { asg, traffic_sources, .. } => {
                self.attach(asg, &identifiers(traffic_sources)?, Style::TrafficSources)
            }
            Call::DetachTrafficSources { asg, traffic_sources } => {
                self.detach(asg, &identifiers(traffic_sources)?, Style::TrafficSources)
            }
            Call::UpdateAutoScalingGroup { asg, min_size, desired_capacity, max_size } => {
                self.resize(asg, *min_size, *desired_capacity, *max_size, caller)
            }
            _ => Err(ApiError::new("InvalidAction", "Could not find operation", 400)),
        }
    }
}

/// Filters of one key are alternatives, those of several keys must all match.
fn tagged(fleet: &Fleet, filters: &[TagFilter]) -> bool {
    filters.iter().all(|filter| {
        let held = fleet.tags.get(&filter.key);
        let alternatives = filters.iter().filter(|other| other.key == filter.key);
        held.is_some_and(|held| {
            alternatives.clone().any(|other| other.value.as_ref() == Some(held))
                || alternatives.clone().any(|other| other.value.is_none())
        })
    })
}

fn show(fleet: &Fleet, view: &View<'_>, instances: bool) -> AutoScalingGroup {
    let held = |style: Style| {
        let alive = view.attachments.iter().filter(|(_, held)| held.state != AttachmentState::Removing);
        alive.filter(move |((_, of), _)| *of == style).map(|((arn, _), _)| arn.clone())
    };
    let mut sources: Vec<String> = held(Style::TargetGroups).chain(held(Style::TrafficSources)).collect();
    sources.sort();
    sources.dedup();
    let source = |identifier| TrafficSource { identifier, kind: Some("elbv2".to_owned()) };
    let weight = fleet.weight.map(|weight| weight.to_string());
    let mixed = weight.clone().map(|weight| MixedInstancesPolicy {
        launch_template: fleet.template.clone(),
        overrides: vec![("m7g.large".to_owned(), Some(weight))],
    });
    let members = fleet.instances.iter().filter(|_| instances);
    AutoScalingGroup {
        name: fleet.name.clone(),
        arn: fleet.arn.clone(),
        min_size: view.min,
        max_size: view.max,
        desired_capacity: view.desired,
        availability_zones: fleet.zones.clone(),
        vpc_zone_identifier: fleet.zones.iter().map(|zone| subnet(zone)).collect::<Vec<_>>().join(","),
        launch_template: mixed.is_none().then(|| fleet.template.clone()),
        mixed_instances_policy: mixed,
        load_balancer_names: fleet.classic.clone(),
        target_group_arns: held(Style::TargetGroups).collect(),
        traffic_sources: sources.into_iter().map(source).collect(),
        health_check_type: fleet.health_check_type.clone(),
        health_check_grace_period: (fleet.grace / 1000) as i32,
        default_cooldown: 300,
        instances: members.map(|(id, member)| show_member(id, member, weight.clone(), &fleet.template)).collect(),
        created_time: fleet.created,
        suspended_processes: fleet.suspended.iter().map(|name| suspended(name)).collect(),
        status: fleet.deleting.then(|| "Delete in progress".to_owned()),
        tags: fleet.tags.iter().map(|(key, value)| tag(key, value)).collect(),
        warm_pool_size: None,
        desired_capacity_type: None,
    }
}

fn show_member(
    id: &str,
    member: &Member,
    weighted_capacity: Option<String>,
    template: &Arc<LaunchTemplate>,
) -> Instance {
    Instance {
        id: id.to_owned(),
        instance_type: "m7g.large",
        availability_zone: member.zone.clone(),
        lifecycle_state: member.state,
        health_status: if member.unhealthy { "Unhealthy" } else { "Healthy" },
        launch_template: Some(template.clone()),
        protected_from_scale_in: false,
        weighted_capacity,
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned(), propagate_at_launch: true }
}

fn suspended(name: &str) -> SuspendedProcess {
    SuspendedProcess { name: name.to_owned(), reason: "User suspended at 2026-01-05T11:00:00Z".to_owned() }
}

fn subnet(zone: &str) -> String {
    format!("subnet-0a1b2c3d4e5f6071{}", zone.chars().last().unwrap_or('a'))
}
