//! The nouns: a fleet as Auto Scaling describes it, and how it hangs on its target groups.

use super::moment::Timestamp;
use super::names::{ApplicationName, FleetArn, FleetName, TargetGroupArn};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The tag by which a fleet opts in; its value is the application's name.
pub const APPLICATION_TAG: &str = "cutover:application";

/// An Auto Scaling group, as one DescribeAutoScalingGroups saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// Its ARN: tells it from an earlier fleet of the same name.
    pub arn: FleetArn,
    /// Its name: what every call takes.
    pub name: FleetName,
    /// When it was created.
    pub created_at: Timestamp,
    /// MinSize, MaxSize and desired capacity.
    pub sizes: Sizes,
    /// Its instances by id.
    pub instances: BTreeMap<String, Instance>,
    /// Its tags that are meant for Cutover, typing errors included ([`is_cutover_tag`](super::policy::is_cutover_tag)).
    pub tags: BTreeMap<String, String>,
    /// Suspended processes, by AWS's names (`AddToLoadBalancer`, …).
    pub suspended: BTreeSet<String>,
    /// It's being deleted: its `Status` says so.
    pub deleting: bool,
    /// Its instances count with different weights, so "capacity" isn't a number of instances.
    pub weighted: bool,
    /// Its launch template is named by `$Latest`: what it launches may change under a release.
    pub latest_template: bool,
    /// The Availability Zones that it launches into.
    pub zones: BTreeSet<String>,
    /// The target groups that it names as attached, by either style; without their states.
    pub groups: BTreeSet<TargetGroupArn>,
    /// What else sends it requests: Classic load balancers by name, VPC Lattice and the like by its identifier. Cutover
    /// attaches and detaches none of them; a fleet that has one serves, whatever becomes of its target groups.
    pub elsewhere: BTreeSet<String>,
}

impl Fleet {
    /// Whose fleet it is; `None` if it carries no (valid) `cutover:application` tag.
    pub fn application(&self) -> Option<ApplicationName> {
        self.tags.get(APPLICATION_TAG).and_then(|value| ApplicationName::parse(value).ok())
    }

    /// How many of its instances are InService.
    pub fn in_service(&self) -> u32 {
        let count = self.instances.values().filter(|instance| instance.in_service).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Everything that sends it requests, as people call it; empty: it's attached nowhere.
    pub fn attached_to(&self) -> Vec<&str> {
        self.groups.iter().map(TargetGroupArn::short).chain(self.elsewhere.iter().map(String::as_str)).collect()
    }
}

/// A fleet's three sizes, in instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// MinSize: the floor.
    pub min: u32,
    /// MaxSize. Never written by Cutover.
    pub max: u32,
    /// Desired capacity.
    pub desired: u32,
}

/// One instance of a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its lifecycle state is `InService` (not Pending, Standby, Terminating, Warmed…).
    pub in_service: bool,
}

/// By which pair of APIs a target group was attached; the pairs are disjoint, so it's detached by the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// AttachLoadBalancerTargetGroups and DetachLoadBalancerTargetGroups.
    TargetGroups,
    /// AttachTrafficSources and DetachTrafficSources.
    TrafficSources,
}

/// An attachment's state, in AWS's words; `InService` means that *one* instance passed a check, not that all did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    /// Instances are being registered.
    Adding,
    /// All instances are registered.
    Added,
    /// At least one instance passed an ELB health check.
    InService,
    /// Instances are being deregistered and drained.
    Removing,
    /// A state that this version doesn't know: neither attached nor detached can be concluded from it.
    Unknown,
}

impl AttachmentState {
    /// Whether a target there may count as healthy.
    pub fn serves(self) -> bool {
        matches!(self, Self::Added | Self::InService)
    }

    /// Whether the fleet is, or is about to be, on the target group: registered targets, or targets to come.
    pub fn attached(self) -> bool {
        !matches!(self, Self::Removing)
    }
}

/// Every target group on a fleet, as DescribeTrafficSources lists them (it lists both styles); absent means detached:
/// AWS drops what is `Removed`.
pub type Attachments = BTreeMap<TargetGroupArn, AttachmentState>;
