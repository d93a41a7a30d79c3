//! The observe stage: one immutable look at the world, for any number of releases.
//!
//! Reads through the port, side by side, each thing once however many releases need it: fleets by pages of names,
//! alarms by calls of 100, each target group once. Writes nothing, judges nothing.

mod batch;
mod needs;
mod reads;

pub use reads::{Needs, Past, Reads};

use crate::clock::Clock;
use crate::release::{
    Alarm, AlarmKind, AlarmName, AlarmState, DEEPEST_RULE, Fleet, FleetName, LoadBalancer, Observation, Reading,
    TargetGroup, Timestamp,
};
use batch::{batches, each};
use futures_util::join;
use std::collections::{BTreeMap, BTreeSet};

/// Names in one DescribeAutoScalingGroups: a page holds 100.
const FLEETS_A_CALL: usize = 100;
/// Names in one DescribeAlarms: AWS's maximum.
const ALARMS_A_CALL: usize = 100;
/// ARNs in one DescribeTargetGroups or DescribeLoadBalancers: ELB's maximum is 20 for the latter.
const ELB_A_CALL: usize = 20;

/// Looks at the world: one round of calls, a second for what only its answers name (load balancers, the past of alarms
/// that moved, composite alarms' children).
pub async fn observe(aws: &impl Reads, clock: &impl Clock, needs: &Needs) -> Observation {
    // Boxed: a look under way is by far the largest part of the turn that waits for it, and turns are moved about.
    Box::pin(look(aws, clock.now(), needs)).await
}

async fn look(aws: &impl Reads, at: Timestamp, needs: &Needs) -> Observation {
    let fleets: Vec<_> = needs.fleets.iter().cloned().collect();
    let groups: Vec<_> = needs.groups.iter().cloned().collect();
    let (
        fleets,
        families,
        everyone,
        attachments,
        classic,
        refreshing,
        targets,
        groups,
        named,
        attributes,
        alarms,
        prefixes,
    ) = join!(
        batches(&fleets, FLEETS_A_CALL, |names| aws.fleets(names), |fleet: &Fleet| fleet.name.clone()),
        each(&needs.families, |application| aws.tagged_fleets(Some(application.as_str()))),
        everyone(aws, needs),
        each(&needs.attachments, |fleet| aws.attachments(fleet)),
        each(&needs.classic, |fleet| aws.classic_attachments(fleet)),
        each(&needs.refreshing, |fleet| aws.refreshing(fleet)),
        each(&needs.targets, |group| aws.target_health(group)),
        batches(&groups, ELB_A_CALL, |arns| aws.target_groups(arns), |group: &TargetGroup| group.arn.clone()),
        each(&needs.named_groups, |name| aws.target_group_named(name)),
        each(&needs.attributes, |group| aws.group_attributes(group)),
        alarms(aws, &needs.alarms),
        each(&needs.prefixes, |prefix| aws.alarms_with_prefix(prefix)),
    );
    let mut seen =
        Observation { at, fleets, attachments, classic, refreshing, targets, groups, ..Observation::default() };
    seen.named_groups = named;
    seen.attributes = attributes;
    seen.alarms = alarms;
    seen.everyone = everyone.map(|reading| take_in(&mut seen.fleets, reading));
    seen.families = families.into_iter().map(|(name, reading)| (name, take_in(&mut seen.fleets, reading))).collect();
    seen.prefixes = prefixes.into_iter().map(|(prefix, reading)| (prefix, found(&mut seen.alarms, reading))).collect();
    follow_up(aws, needs, &mut seen).await;
    seen
}

async fn everyone(aws: &impl Reads, needs: &Needs) -> Option<Reading<Vec<Fleet>>> {
    if needs.everyone { Some(aws.tagged_fleets(None).await) } else { None }
}

async fn alarms(aws: &impl Reads, names: &BTreeSet<AlarmName>) -> BTreeMap<AlarmName, Reading<Option<Alarm>>> {
    let names: Vec<_> = names.iter().cloned().collect();
    batches(&names, ALARMS_A_CALL, |names| aws.alarms(names), |alarm: &Alarm| alarm.name.clone()).await
}

/// A family is read whole or not at all; a fleet that was also asked for by name stays as that answer has it.
fn take_in(
    fleets: &mut BTreeMap<FleetName, Reading<Option<Fleet>>>,
    family: Reading<Vec<Fleet>>,
) -> Reading<BTreeSet<FleetName>> {
    let family = family?;
    let names = family.iter().map(|fleet| fleet.name.clone()).collect();
    for fleet in family {
        fleets.entry(fleet.name.clone()).or_insert(Ok(Some(fleet)));
    }
    Ok(names)
}

fn found(
    alarms: &mut BTreeMap<AlarmName, Reading<Option<Alarm>>>,
    prefixed: Reading<Vec<Alarm>>,
) -> Reading<BTreeSet<AlarmName>> {
    let prefixed = prefixed?;
    let names = prefixed.iter().map(|alarm| alarm.name.clone()).collect();
    alarms.extend(prefixed.into_iter().map(|alarm| (alarm.name.clone(), Ok(Some(alarm)))));
    Ok(names)
}

/// What can only be asked once the first answers are there.
async fn follow_up(aws: &impl Reads, needs: &Needs, seen: &mut Observation) {
    let groups = seen.groups.values().filter_map(|reading| reading.as_ref().ok()?.as_ref());
    let balancers: BTreeSet<String> = groups.flat_map(|group| group.load_balancers.iter().cloned()).collect();
    let balancers: Vec<_> = balancers.into_iter().collect();
    let moved = moved_alarms(needs, seen);
    let names: BTreeSet<_> = moved.keys().cloned().collect();
    let (balancers, moves) = join!(
        batches(&balancers, ELB_A_CALL, |arns| aws.load_balancers(arns), |found: &LoadBalancer| found.arn.clone()),
        each(&names, |name| async {
            let from = moved.get(name).copied().unwrap_or_default();
            Ok((from, aws.alarm_moves(name, from).await?))
        }),
    );
    seen.load_balancers = balancers;
    seen.moves = moves;
    if needs.children {
        children(aws, seen).await;
    }
}

/// The alarms whose history has to be read: those that moved since it was last examined. One that hasn't moved has
/// nothing to tell, and that is known without asking.
fn moved_alarms(needs: &Needs, seen: &Observation) -> BTreeMap<AlarmName, Timestamp> {
    let mut moved = BTreeMap::new();
    for (name, past) in &needs.moves {
        let Ok(Some(alarm)) = seen.alarm(name) else { continue };
        let tells = past.even_in_alarm || alarm.state != AlarmState::Alarm;
        if tells && alarm.transitioned_at.is_none_or(|at| at > past.moved_after) {
            moved.insert(name.clone(), past.from);
        }
    }
    moved
}

/// Composite alarms' children, and theirs: a composite one is as slow as its slowest child.
async fn children(aws: &impl Reads, seen: &mut Observation) {
    for _ in 0..DEEPEST_RULE {
        let found = seen.alarms.values().filter_map(|reading| reading.as_ref().ok()?.as_ref());
        let named = found.filter_map(|alarm| match &alarm.kind {
            AlarmKind::Composite { children } => Some(children),
            AlarmKind::Metric { .. } | AlarmKind::Other => None,
        });
        let unread: BTreeSet<_> = named.flatten().filter(|name| !seen.alarms.contains_key(*name)).cloned().collect();
        if unread.is_empty() {
            return;
        }
        seen.alarms.extend(alarms(aws, &unread).await);
    }
}
