//! The nouns: one immutable look at the world, and what couldn't be seen.

use super::alarm::{Alarm, AlarmMove};
use super::fleet::{Attachments, Fleet};
use super::moment::Timestamp;
use super::names::{AlarmName, ApplicationName, FleetName, TargetGroupArn};
use super::target_group::{GroupAttributes, LoadBalancer, TargetGroup, Targets};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What was read, or why it wasn't. Never a default: unknown is not healthy, and not unhealthy either.
pub type Reading<T> = Result<T, Unread>;

/// Why something wasn't read, as a sentence's end: throttled, denied (with action and resource), timed out, not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread(pub String);

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One look at the world, for any number of releases: each thing read once however many look at it.
///
/// Every accessor answers "not read" for what nobody asked for, so a forgotten read holds a release; it can't pass
/// for good news. `Ok(None)` says that AWS knows no such thing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// When the first of its reads began: the clock of everything that is decided from it.
    pub at: Timestamp,
    /// Fleets by name.
    pub fleets: BTreeMap<FleetName, Reading<Option<Fleet>>>,
    /// Which fleets carry an application's tag.
    pub families: BTreeMap<ApplicationName, Reading<BTreeSet<FleetName>>>,
    /// Every fleet that carries any application's tag; `None`: nobody asked.
    pub everyone: Option<Reading<BTreeSet<FleetName>>>,
    /// Attachments of each fleet, with their states.
    pub attachments: BTreeMap<FleetName, Reading<Attachments>>,
    /// The target groups that hang on each fleet by the older API pair (`Style::TargetGroups`).
    pub classic: BTreeMap<FleetName, Reading<BTreeSet<TargetGroupArn>>>,
    /// Whether an instance refresh runs on a fleet.
    pub refreshing: BTreeMap<FleetName, Reading<bool>>,
    /// Targets of each group.
    pub targets: BTreeMap<TargetGroupArn, Reading<Option<Targets>>>,
    /// Target groups by ARN.
    pub groups: BTreeMap<TargetGroupArn, Reading<Option<TargetGroup>>>,
    /// Target groups by name, where a policy named them so.
    pub named_groups: BTreeMap<String, Reading<Option<TargetGroupArn>>>,
    /// Their attributes.
    pub attributes: BTreeMap<TargetGroupArn, Reading<GroupAttributes>>,
    /// Load balancers by ARN.
    pub load_balancers: BTreeMap<String, Reading<Option<LoadBalancer>>>,
    /// Alarms by name.
    pub alarms: BTreeMap<AlarmName, Reading<Option<Alarm>>>,
    /// The names behind an alarm prefix.
    pub prefixes: BTreeMap<String, Reading<BTreeSet<AlarmName>>>,
    /// What an alarm did, from a moment on: (that moment, its moves since then in order of time).
    pub moves: BTreeMap<AlarmName, Reading<(Timestamp, Vec<AlarmMove>)>>,
}

/// Looks a reading up; what nobody asked for is unread.
fn look<'a, K: Ord + fmt::Display, T>(map: &'a BTreeMap<K, Reading<T>>, key: &K, what: &str) -> Reading<&'a T> {
    match map.get(key) {
        Some(Ok(value)) => Ok(value),
        Some(Err(unread)) => Err(unread.clone()),
        None => Err(Unread(format!("{what} of {key} not read in this look"))),
    }
}

impl Observation {
    /// A fleet; `None`: it doesn't exist.
    ///
    /// # Errors
    /// Why it wasn't read.
    pub fn fleet(&self, name: &FleetName) -> Reading<Option<&Fleet>> {
        look(&self.fleets, name, "description").map(Option::as_ref)
    }

    /// The fleets that carry an application's tag.
    ///
    /// # Errors
    /// Why they weren't read; one unreadable fleet makes the whole family unread.
    pub fn family(&self, application: &ApplicationName) -> Reading<Vec<&Fleet>> {
        let names = look(&self.families, application, "fleets")?;
        names.iter().filter_map(|name| self.fleet(name).transpose()).collect()
    }

    /// A fleet's attachments; what isn't in it is detached.
    ///
    /// # Errors
    /// Why they weren't read.
    pub fn attachments(&self, fleet: &FleetName) -> Reading<&Attachments> {
        look(&self.attachments, fleet, "attachments")
    }

    /// The target groups that hang on a fleet by the older API pair.
    ///
    /// # Errors
    /// Why they weren't read.
    pub fn classic(&self, fleet: &FleetName) -> Reading<&BTreeSet<TargetGroupArn>> {
        look(&self.classic, fleet, "attachment style")
    }

    /// Whether an instance refresh runs on a fleet.
    ///
    /// # Errors
    /// Why it wasn't read.
    pub fn refreshing(&self, fleet: &FleetName) -> Reading<bool> {
        look(&self.refreshing, fleet, "instance refreshes").copied()
    }

    /// A group's targets; `None`: the group doesn't exist.
    ///
    /// # Errors
    /// Why they weren't read.
    pub fn targets(&self, group: &TargetGroupArn) -> Reading<Option<&Targets>> {
        look(&self.targets, group, "target health").map(Option::as_ref)
    }

    /// A target group; `None`: it doesn't exist.
    ///
    /// # Errors
    /// Why it wasn't read.
    pub fn group(&self, group: &TargetGroupArn) -> Reading<Option<&TargetGroup>> {
        look(&self.groups, group, "description").map(Option::as_ref)
    }

    /// A target group's attributes.
    ///
    /// # Errors
    /// Why they weren't read.
    pub fn attributes(&self, group: &TargetGroupArn) -> Reading<&GroupAttributes> {
        look(&self.attributes, group, "attributes")
    }

    /// A load balancer; `None`: it doesn't exist.
    ///
    /// # Errors
    /// Why it wasn't read.
    pub fn load_balancer(&self, arn: &String) -> Reading<Option<&LoadBalancer>> {
        look(&self.load_balancers, arn, "description").map(Option::as_ref)
    }

    /// An alarm; `None`: it doesn't exist, or the permission to read it is too narrow (CloudWatch doesn't tell which).
    ///
    /// # Errors
    /// Why it wasn't read.
    pub fn alarm(&self, name: &AlarmName) -> Reading<Option<&Alarm>> {
        look(&self.alarms, name, "state").map(Option::as_ref)
    }

    /// An alarm's moves since `since` at the latest.
    ///
    /// # Errors
    /// Why they weren't read, also if what was read begins later than `since`.
    pub fn moves(&self, name: &AlarmName, since: Timestamp) -> Reading<impl Iterator<Item = &AlarmMove>> {
        let (from, moves) = look(&self.moves, name, "history")?;
        if *from > since {
            return Err(Unread(format!("history of {name} before {from} not read in this look")));
        }
        Ok(moves.iter().filter(move |change| change.at >= since))
    }

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
