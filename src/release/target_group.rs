//! The nouns: a target group, its load balancer, its targets' health.

use super::moment::Span;
use super::names::TargetGroupArn;
use std::collections::{BTreeMap, BTreeSet};

/// A target group, as DescribeTargetGroups, its attributes and its load balancers tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: TargetGroupArn,
    /// Its targets are instances (`TargetType` is `instance`): only those can be a fleet's.
    pub takes_instances: bool,
    /// The load balancers that route to it; empty: no listener sends it anything.
    pub load_balancers: Vec<String>,
}

/// What a target group's attributes say, as far as a release needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupAttributes {
    /// How long a deregistered target is left to finish its requests (0-3,600 s, AWS's default 300 s).
    pub deregistration_delay: Span,
}

/// A load balancer's Availability Zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// The zones that it's enabled in.
    pub zones: BTreeSet<String>,
}

/// One target's condition, in ELB's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetHealth {
    /// Registration or the first checks are under way.
    Initial,
    /// It passes its checks.
    Healthy,
    /// It fails them.
    Unhealthy,
    /// It isn't in use for a reason that may pass (not registered, stopped).
    Unused,
    /// `Target.NotInUse`: no load balancer uses its group, or its zone isn't enabled. Never heals by waiting.
    NotInUse,
    /// Deregistered, finishing its requests (a Network Load Balancer's `unhealthy.draining` too).
    Draining,
    /// `unavailable`, or a word that this version doesn't know: it can't be known how it is.
    Unknown,
}

/// The targets of one group by instance id, as one DescribeTargetHealth saw them.
pub type Targets = BTreeMap<String, TargetHealth>;
