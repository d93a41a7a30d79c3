//! The observe stage: one immutable look at the world, for any number of releases.
//!
//! Reads through the port, side by side, each thing once however many releases need it: fleets by pages of names,
//! alarms by calls of 100, each target group once. Writes nothing, judges nothing.

mod needs;
mod reads;

pub use reads::{Needs, Past, Reads};

use crate::clock::Clock;
use crate::release::{
    Alarm, AlarmKind, AlarmName, AlarmState, DEEPEST_RULE, Fleet, FleetName, Observation, Reading, TargetGroupArn,
    Timestamp, Unread,
};
use futures_util::stream::{self, StreamExt};
use futures_util::{FutureExt, future};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

/// Names in one DescribeAutoScalingGroups: a page holds 100.
const FLEETS_A_CALL: usize = 100;
/// Names in one DescribeAlarms: AWS's maximum.
const ALARMS_A_CALL: usize = 100;
/// ARNs in one DescribeTargetGroups or DescribeLoadBalancers: ELB's maximum is 20 for the latter.
const ELB_A_CALL: usize = 20;
/// Reads of one kind under way at once: AWS's rates are shared by everything in the account and Region.
const SIDE_BY_SIDE: usize = 16;

/// Looks at the world: two rounds of calls, a third for composite alarms' children and for the past of alarms that moved.
pub async fn observe(aws: &impl Reads, clock: &impl Clock, needs: &Needs) -> Observation {
    let mut seen = Observation { at: clock.now(), ..Observation::default() };
    let fleets: Vec<_> = needs.fleets.iter().cloned().collect();
    let groups: Vec<_> = needs.groups.iter().cloned().collect();
    let alarms: Vec<_> = needs.alarms.iter().cloned().collect();
    let (by_name, families, attachments, classic, refreshing, targets, groups, alarms, rest) = future::join5(
        batches(&fleets, FLEETS_A_CALL, |names| aws.fleets(names), |fleet: &Fleet| fleet.name.clone()),
        families(aws, needs),
        each(&needs.attachments, |fleet| aws.attachments(fleet)),
        each(&needs.classic, |fleet| aws.classic_attachments(fleet)),
        future::join5(
            each(&needs.refreshing, |fleet| aws.refreshing(fleet)),
            each(&needs.targets, |group| aws.target_health(group)),
            batches(&groups, ELB_A_CALL, |arns| aws.target_groups(arns), |group| group.arn.clone()),
            batches(&alarms, ALARMS_A_CALL, |names| aws.alarms(names), |alarm: &Alarm| alarm.name.clone()),
            rest(aws, needs),
        ),
    )
    .map(|(by_name, families, attachments, classic, (refreshing, targets, groups, alarms, rest))| {
        (by_name, families, attachments, classic, refreshing, targets, groups, alarms, rest)
    })
    .await;
    seen.fleets = by_name;
    seen.attachments = attachments;
    seen.classic = classic;
    seen.refreshing = refreshing;
    seen.targets = targets;
    seen.groups = groups;
    seen.alarms = alarms;
    take_in(&mut seen, families);
    (seen.attributes, seen.named_groups, seen.prefixes) = rest.0;
    for alarm in rest.1 {
        seen.alarms.insert(alarm.name.clone(), Ok(Some(alarm)));
    }
    follow_up(aws, needs, &mut seen).await;
    seen
}

type Families = (Vec<(Option<crate::release::ApplicationName>, Reading<Vec<Fleet>>)>,);

async fn families(aws: &impl Reads, needs: &Needs) -> Families {
    let everyone = needs.everyone.then_some(None);
    let wanted = needs.families.iter().map(Some).chain(everyone);
    let read = |application: Option<&crate::release::ApplicationName>| {
        let application = application.cloned();
        async move {
            let tagged = aws.tagged_fleets(application.as_ref().map(|name| name.as_str())).await;
            (application, tagged)
        }
    };
    (stream::iter(wanted).map(read).buffered(SIDE_BY_SIDE).collect().await,)
}

/// A family is read whole or not at all.
fn take_in(seen: &mut Observation, families: Families) {
    for (application, reading) in families.0 {
        let names = reading.map(|fleets| {
            let names = fleets.iter().map(|fleet| fleet.name.clone()).collect::<BTreeSet<_>>();
            for fleet in fleets {
                seen.fleets.entry(fleet.name.clone()).or_insert(Ok(Some(fleet)));
            }
            names
        });
        if let Some(application) = application {
            seen.families.insert(application, names);
        } else {
            seen.everyone = Some(names);
        }
    }
}

type Rest = (
    (
        BTreeMap<TargetGroupArn, Reading<crate::release::GroupAttributes>>,
        BTreeMap<String, Reading<Option<TargetGroupArn>>>,
        BTreeMap<String, Reading<BTreeSet<AlarmName>>>,
    ),
    Vec<Alarm>,
);

async fn rest(aws: &impl Reads, needs: &Needs) -> Rest {
    let (attributes, named, prefixed) = future::join3(
        each(&needs.attributes, |group| aws.group_attributes(group)),
        each(&needs.named_groups, |name| aws.target_group_named(name)),
        each(&needs.prefixes, |prefix| aws.alarms_with_prefix(prefix)),
    )
    .await;
    let mut found = Vec::new();
    let names = |reading: Reading<Vec<Alarm>>, found: &mut Vec<Alarm>| {
        reading.map(|alarms| {
            let names = alarms.iter().map(|alarm| alarm.name.clone()).collect();
            found.extend(alarms);
            names
        })
    };
    let prefixes = prefixed.into_iter().map(|(prefix, reading)| (prefix, names(reading, &mut found))).collect();
    ((attributes, named, prefixes), found)
}

/// What can only be asked once the first answers are there.
async fn follow_up(aws: &impl Reads, needs: &Needs, seen: &mut Observation) {
    let balancers: BTreeSet<String> = seen
        .groups
        .values()
        .filter_map(|reading| reading.as_ref().ok()?.as_ref())
        .flat_map(|group| group.load_balancers.iter().cloned())
        .collect();
    let balancers: Vec<_> = balancers.into_iter().collect();
    let moved = moved_alarms(needs, seen);
    let (balancers, moves, ()) = future::join3(
        batches(&balancers, ELB_A_CALL, |arns| aws.load_balancers(arns), |balancer| balancer.arn.clone()),
        past(aws, &moved),
        future::ready(()),
    )
    .await;
    seen.load_balancers = balancers;
    seen.moves = moves;
    if needs.children {
        children(aws, seen).await;
    }
}

/// The alarms whose history has to be read: those that moved since it was last examined. One that hasn't moved has
/// nothing to tell, and that is known without asking.
fn moved_alarms(needs: &Needs, seen: &mut Observation) -> BTreeMap<AlarmName, Timestamp> {
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

async fn past(
    aws: &impl Reads,
    moved: &BTreeMap<AlarmName, Timestamp>,
) -> BTreeMap<AlarmName, Reading<(Timestamp, Vec<crate::release::AlarmMove>)>> {
    let read = |(name, from): (&AlarmName, &Timestamp)| {
        let (name, from) = (name.clone(), *from);
        async move {
            let moves = aws.alarm_moves(&name, from).await;
            (name, moves.map(|moves| (from, moves)))
        }
    };
    stream::iter(moved).map(read).buffered(SIDE_BY_SIDE).collect().await
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
        let unread: Vec<_> = unread.into_iter().collect();
        let read = batches(&unread, ALARMS_A_CALL, |names| aws.alarms(names), |alarm: &Alarm| alarm.name.clone());
        seen.alarms.extend(read.await);
    }
}

/// Reads each of `keys` on its own, a bounded number side by side.
async fn each<'k, K, T, F>(keys: &'k BTreeSet<K>, read: impl Fn(&'k K) -> F) -> BTreeMap<K, Reading<T>>
where
    K: Ord + Clone + 'k,
    F: Future<Output = Reading<T>>,
{
    let read = |key: &'k K| read(key).map(move |reading| (key.clone(), reading));
    stream::iter(keys).map(read).buffered(SIDE_BY_SIDE).collect().await
}

/// Reads `keys` in batches; what AWS leaves out of an answer doesn't exist, and a failed batch says so for each of its
/// keys.
async fn batches<'k, K, T, F>(
    keys: &'k [K],
    size: usize,
    read: impl Fn(&'k [K]) -> F,
    key_of: impl Fn(&T) -> K,
) -> BTreeMap<K, Reading<Option<T>>>
where
    K: Ord + Clone + Hash + 'k,
    F: Future<Output = Reading<Vec<T>>>,
{
    let read = |batch: &'k [K]| read(batch).map(move |reading| (batch, reading));
    let answers: Vec<(&[K], Reading<Vec<T>>)> =
        stream::iter(keys.chunks(size)).map(read).buffered(SIDE_BY_SIDE).collect().await;
    let mut found = BTreeMap::new();
    for (batch, reading) in answers {
        match reading {
            Ok(things) => {
                found.extend(batch.iter().map(|key| (key.clone(), Ok(None))));
                found.extend(things.into_iter().map(|thing| (key_of(&thing), Ok(Some(thing)))));
            }
            Err(Unread(why)) => found.extend(batch.iter().map(|key| (key.clone(), Err(Unread(why.clone()))))),
        }
    }
    found
}

impl Observation {
    /// Adds a later look to this one; what both have read is the later's, when it began is the earlier's.
    pub fn merge(&mut self, later: Observation) {
        self.fleets.extend(later.fleets);
        self.families.extend(later.families);
        self.everyone = later.everyone.or(self.everyone.take());
        self.attachments.extend(later.attachments);
        self.classic.extend(later.classic);
        self.refreshing.extend(later.refreshing);
        self.targets.extend(later.targets);
        self.groups.extend(later.groups);
        self.named_groups.extend(later.named_groups);
        self.attributes.extend(later.attributes);
        self.load_balancers.extend(later.load_balancers);
        self.alarms.extend(later.alarms);
        self.prefixes.extend(later.prefixes);
        self.moves.extend(later.moves);
    }

    /// Every fleet that carries an application's tag, if they were asked for.
    ///
    /// # Errors
    /// Why they weren't read.
    pub fn everyone(&self) -> Reading<Vec<&Fleet>> {
        match &self.everyone {
            None => Err(Unread("the tagged fleets were not read in this look".into())),
            Some(Err(unread)) => Err(unread.clone()),
            Some(Ok(names)) => names.iter().filter_map(|name: &FleetName| self.fleet(name).transpose()).collect(),
        }
    }
}
