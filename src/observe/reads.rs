//! The observe stage's port: every read of AWS that Cutover makes, and no other.
//!
//! One method is one AWS operation (paged where AWS pages), each a right of the read statement in template.yaml;
//! several methods may ask the same operation otherwise. Implemented by `aws` and by the simulated AWS.

use crate::release::{
    Alarm, AlarmMove, AlarmName, Attachments, Fleet, FleetName, GroupAttributes, LoadBalancer, Reading, TargetGroup,
    TargetGroupArn, Targets, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// What can be asked of AWS. Each call reads once, changes nothing and can be repeated; an error says why it's unread,
/// as a sentence's end that names the IAM action and the resource where a permission is missing.
#[expect(async_fn_in_trait, reason = "implemented in this workspace only; callers see concrete types")]
pub trait Reads {
    /// Fleets by name (DescribeAutoScalingGroups, 100 names a page); what AWS doesn't know is absent from the answer.
    async fn fleets(&self, names: &[FleetName]) -> Reading<Vec<Fleet>>;

    /// Every fleet with the tag `cutover:application`, or those of one application (DescribeAutoScalingGroups with a
    /// tag filter, paged).
    async fn tagged_fleets(&self, application: Option<&str>) -> Reading<Vec<Fleet>>;

    /// A fleet's attachments of both styles with their states (DescribeTrafficSources, paged).
    async fn attachments(&self, fleet: &FleetName) -> Reading<Attachments>;

    /// The target groups attached by the older API pair (DescribeLoadBalancerTargetGroups, paged).
    async fn classic_attachments(&self, fleet: &FleetName) -> Reading<BTreeSet<TargetGroupArn>>;

    /// Whether an instance refresh is pending, in progress, cancelling or rolling back (DescribeInstanceRefreshes).
    async fn refreshing(&self, fleet: &FleetName) -> Reading<bool>;

    /// Target groups by ARN (DescribeTargetGroups, 20 at a time); absent if they don't exist.
    async fn target_groups(&self, arns: &[TargetGroupArn]) -> Reading<Vec<TargetGroup>>;

    /// A target group's ARN by its name (DescribeTargetGroups); `None` if there is none.
    async fn target_group_named(&self, name: &str) -> Reading<Option<TargetGroupArn>>;

    /// A target group's attributes (DescribeTargetGroupAttributes).
    async fn group_attributes(&self, group: &TargetGroupArn) -> Reading<GroupAttributes>;

    /// Load balancers by ARN (DescribeLoadBalancers, 20 at a time); absent if they don't exist.
    async fn load_balancers(&self, arns: &[String]) -> Reading<Vec<LoadBalancer>>;

    /// A group's targets (DescribeTargetHealth, unpaged); `None` if the group doesn't exist.
    async fn target_health(&self, group: &TargetGroupArn) -> Reading<Option<Targets>>;

    /// Alarms of every type by name (DescribeAlarms, 100 names a call); absent if they don't exist or can't be seen.
    async fn alarms(&self, names: &[AlarmName]) -> Reading<Vec<Alarm>>;

    /// Alarms of every type whose name begins so (DescribeAlarms, paged).
    async fn alarms_with_prefix(&self, prefix: &str) -> Reading<Vec<Alarm>>;

    /// An alarm's changes of state from `since` on, in order of time (DescribeAlarmHistory, paged).
    async fn alarm_moves(&self, alarm: &AlarmName, since: Timestamp) -> Reading<Vec<AlarmMove>>;
}

/// What one observation has to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// Fleets to describe.
    pub fleets: BTreeSet<FleetName>,
    /// Applications whose tagged fleets are asked for.
    pub families: BTreeSet<crate::release::ApplicationName>,
    /// Fleets whose attachments are asked for.
    pub attachments: BTreeSet<FleetName>,
    /// Fleets whose attachment style is asked for.
    pub classic: BTreeSet<FleetName>,
    /// Fleets whose instance refreshes are asked for.
    pub refreshing: BTreeSet<FleetName>,
    /// Groups whose targets are asked for.
    pub targets: BTreeSet<TargetGroupArn>,
    /// Groups to describe, with their load balancers.
    pub groups: BTreeSet<TargetGroupArn>,
    /// Groups to find by name.
    pub named_groups: BTreeSet<String>,
    /// Groups whose attributes are asked for.
    pub attributes: BTreeSet<TargetGroupArn>,
    /// Alarms to read.
    pub alarms: BTreeSet<AlarmName>,
    /// Also the alarms that these composite ones rest on.
    pub children: bool,
    /// Every tagged fleet of the account and Region.
    pub everyone: bool,
    /// Prefixes to resolve.
    pub prefixes: BTreeSet<String>,
    /// History to read.
    pub moves: BTreeMap<AlarmName, Past>,
}

/// Which history of an alarm is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// From when on.
    pub from: Timestamp,
    /// Only if the alarm has moved since then: what hasn't moved has nothing to tell.
    pub moved_after: Timestamp,
    /// Also if it is in ALARM now; otherwise its state says all, and the round is saved.
    pub even_in_alarm: bool,
}
