//! The seam between the two faces and the world: every AWS call that Cutover makes, and every answer that it may get.
//!
//! A face turns what it is handed (a port's call, an HTTP request) into a [`Call`], gives it to [`crate::world::World::serve`] and turns the
//! [`Served`] back. Plain data with AWS's own names and words; times are milliseconds since 1970.

mod autoscaling;
mod cloudwatch;
mod elb;
mod error;
mod words;

pub use autoscaling::*;
pub use cloudwatch::*;
pub use elb::*;
pub use error::ApiError;
pub use words::*;

/// Milliseconds since 1970, UTC: the only form of time in the world.
pub type Millis = i64;

/// Which of AWS's services a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Amazon EC2 Auto Scaling.
    AutoScaling,
    /// Elastic Load Balancing, version 2.
    Elb,
    /// Amazon CloudWatch.
    CloudWatch,
    /// Amazon EventBridge.
    EventBridge,
}

impl Service {
    /// The prefix of the service's IAM actions.
    pub fn iam_prefix(self) -> &'static str {
        match self {
            Service::AutoScaling => "autoscaling",
            Service::Elb => "elasticloadbalancing",
            Service::CloudWatch => "cloudwatch",
            Service::EventBridge => "events",
        }
    }
}

/// One request, as AWS's API defines it, cut to what Cutover sends. An absent list is an empty one.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Fleets by name, by tag, or all.
    DescribeAutoScalingGroups {
        /// `AutoScalingGroupNames`; empty: every fleet.
        names: Vec<String>,
        /// `Filters`; a fleet has to match each.
        filters: Vec<TagFilter>,
        /// `IncludeInstances`; absent means true.
        include_instances: Option<bool>,
        /// `NextToken` of the page before.
        next_token: Option<String>,
        /// `MaxRecords`: 50 by default, 100 at most.
        max_records: Option<i32>,
    },
    /// What a fleet is attached to, in either style.
    DescribeTrafficSources {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `TrafficSourceType`: `elb`, `elbv2` or `vpc-lattice`; absent: all.
        traffic_source_type: Option<String>,
        /// `NextToken` of the page before.
        next_token: Option<String>,
        /// `MaxRecords`: 50 at most.
        max_records: Option<i32>,
    },
    /// What a fleet is attached to by `AttachLoadBalancerTargetGroups` (or at its creation), and only that.
    DescribeLoadBalancerTargetGroups {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `NextToken` of the page before.
        next_token: Option<String>,
        /// `MaxRecords`: 100 at most.
        max_records: Option<i32>,
    },
    /// The instance refreshes of the last six weeks, newest first.
    DescribeInstanceRefreshes {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `InstanceRefreshIds`; empty: all.
        refresh_ids: Vec<String>,
        /// `NextToken` of the page before.
        next_token: Option<String>,
        /// `MaxRecords`: 100 at most.
        max_records: Option<i32>,
    },
    /// Attaches by the old API pair.
    AttachLoadBalancerTargetGroups {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `TargetGroupARNs`, ten at most.
        target_group_arns: Vec<String>,
    },
    /// Detaches by the old API pair.
    DetachLoadBalancerTargetGroups {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `TargetGroupARNs`, ten at most.
        target_group_arns: Vec<String>,
    },
    /// Attaches by the new API pair.
    AttachTrafficSources {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `TrafficSources`, ten at most.
        traffic_sources: Vec<TrafficSource>,
        /// `SkipZonalShiftValidation`.
        skip_zonal_shift_validation: Option<bool>,
    },
    /// Detaches by the new API pair.
    DetachTrafficSources {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `TrafficSources`, ten at most.
        traffic_sources: Vec<TrafficSource>,
    },
    /// Writes sizes; an absent one stays.
    UpdateAutoScalingGroup {
        /// `AutoScalingGroupName`.
        asg: String,
        /// `MinSize`.
        min_size: Option<i32>,
        /// `DesiredCapacity`.
        desired_capacity: Option<i32>,
        /// `MaxSize`.
        max_size: Option<i32>,
    },
    /// Target groups by name, by ARN, by load balancer, or all.
    DescribeTargetGroups {
        /// `Names`.
        names: Vec<String>,
        /// `TargetGroupArns`.
        arns: Vec<String>,
        /// `LoadBalancerArn`.
        load_balancer_arn: Option<String>,
        /// `Marker` of the page before.
        marker: Option<String>,
        /// `PageSize`: 400 at most.
        page_size: Option<i32>,
    },
    /// A target group's attributes, the deregistration delay among them.
    DescribeTargetGroupAttributes {
        /// `TargetGroupArn`.
        target_group_arn: String,
    },
    /// The health of each registered target, or of those named.
    DescribeTargetHealth {
        /// `TargetGroupArn`.
        target_group_arn: String,
        /// `Targets`, by instance id; empty: every registered one.
        targets: Vec<String>,
    },
    /// Load balancers by ARN or by name, or all.
    DescribeLoadBalancers {
        /// `LoadBalancerArns`, twenty at most.
        arns: Vec<String>,
        /// `Names`.
        names: Vec<String>,
        /// `Marker` of the page before.
        marker: Option<String>,
        /// `PageSize`: 400 at most.
        page_size: Option<i32>,
    },
    /// Alarms by name or prefix; without types, metric alarms alone.
    DescribeAlarms {
        /// `AlarmNames`, a hundred at most.
        names: Vec<String>,
        /// `AlarmNamePrefix`; excludes names.
        prefix: Option<String>,
        /// `AlarmTypes`; empty: metric alarms only.
        types: Vec<AlarmType>,
        /// `StateValue`; absent: any.
        state_value: Option<StateValue>,
        /// `NextToken` of the page before.
        next_token: Option<String>,
        /// `MaxRecords`: 50 by default, 100 at most.
        max_records: Option<i32>,
    },
    /// What an alarm has been through; survives the alarm.
    DescribeAlarmHistory {
        /// `AlarmName`; absent: every alarm.
        name: Option<String>,
        /// `AlarmTypes`; empty: metric alarms only.
        types: Vec<AlarmType>,
        /// `HistoryItemType`; absent: any.
        item_type: Option<HistoryItemType>,
        /// `StartDate`, inclusive.
        start: Option<Millis>,
        /// `EndDate`, inclusive.
        end: Option<Millis>,
        /// `ScanBy`; absent: newest first.
        scan_by: Option<ScanBy>,
        /// `NextToken` of the page before.
        next_token: Option<String>,
        /// `MaxRecords`: 100 at most.
        max_records: Option<i32>,
    },
    /// Announcements to an event bus.
    PutEvents {
        /// `Entries`, ten at most.
        entries: Vec<PutEventsEntry>,
    },
}

impl Call {
    /// The operation's name, as in `X-Amz-Target`, `Action=` and IAM.
    pub fn operation(&self) -> &'static str {
        match self {
            Call::DescribeAutoScalingGroups { .. } => "DescribeAutoScalingGroups",
            Call::DescribeTrafficSources { .. } => "DescribeTrafficSources",
            Call::DescribeLoadBalancerTargetGroups { .. } => "DescribeLoadBalancerTargetGroups",
            Call::DescribeInstanceRefreshes { .. } => "DescribeInstanceRefreshes",
            Call::AttachLoadBalancerTargetGroups { .. } => "AttachLoadBalancerTargetGroups",
            Call::DetachLoadBalancerTargetGroups { .. } => "DetachLoadBalancerTargetGroups",
            Call::AttachTrafficSources { .. } => "AttachTrafficSources",
            Call::DetachTrafficSources { .. } => "DetachTrafficSources",
            Call::UpdateAutoScalingGroup { .. } => "UpdateAutoScalingGroup",
            Call::DescribeTargetGroups { .. } => "DescribeTargetGroups",
            Call::DescribeTargetGroupAttributes { .. } => "DescribeTargetGroupAttributes",
            Call::DescribeTargetHealth { .. } => "DescribeTargetHealth",
            Call::DescribeLoadBalancers { .. } => "DescribeLoadBalancers",
            Call::DescribeAlarms { .. } => "DescribeAlarms",
            Call::DescribeAlarmHistory { .. } => "DescribeAlarmHistory",
            Call::PutEvents { .. } => "PutEvents",
        }
    }

    /// The service that answers it.
    pub fn service(&self) -> Service {
        match self {
            Call::DescribeTargetGroups { .. }
            | Call::DescribeTargetGroupAttributes { .. }
            | Call::DescribeTargetHealth { .. }
            | Call::DescribeLoadBalancers { .. } => Service::Elb,
            Call::DescribeAlarms { .. } | Call::DescribeAlarmHistory { .. } => Service::CloudWatch,
            Call::PutEvents { .. } => Service::EventBridge,
            _ => Service::AutoScaling,
        }
    }

    /// Whether it changes anything (an announcement does).
    pub fn is_write(&self) -> bool {
        !self.operation().starts_with("Describe")
    }

    /// Names of the things that it is about: fleets, target groups' ARNs, alarms. What a fault rule's filter is held against.
    pub fn subjects(&self) -> Vec<&str> {
        fn strs(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        match self {
            Call::DescribeAutoScalingGroups { names, .. } => strs(names),
            Call::DescribeTrafficSources { asg, .. }
            | Call::DescribeLoadBalancerTargetGroups { asg, .. }
            | Call::DescribeInstanceRefreshes { asg, .. }
            | Call::UpdateAutoScalingGroup { asg, .. } => vec![asg],
            Call::AttachLoadBalancerTargetGroups { asg, target_group_arns }
            | Call::DetachLoadBalancerTargetGroups { asg, target_group_arns } => {
                std::iter::once(asg.as_str()).chain(strs(target_group_arns)).collect()
            }
            Call::AttachTrafficSources { asg, traffic_sources, .. }
            | Call::DetachTrafficSources { asg, traffic_sources } => std::iter::once(asg.as_str())
                .chain(traffic_sources.iter().map(|source| source.identifier.as_str()))
                .collect(),
            Call::DescribeTargetGroups { names, arns, .. } => [strs(names), strs(arns)].concat(),
            Call::DescribeTargetGroupAttributes { target_group_arn }
            | Call::DescribeTargetHealth { target_group_arn, .. } => {
                vec![target_group_arn]
            }
            Call::DescribeLoadBalancers { arns, names, .. } => [strs(names), strs(arns)].concat(),
            Call::DescribeAlarms { names, prefix, .. } => {
                [strs(names), prefix.iter().map(String::as_str).collect()].concat()
            }
            Call::DescribeAlarmHistory { name, .. } => name.iter().map(String::as_str).collect(),
            Call::PutEvents { .. } => Vec::new(),
        }
    }
}

/// A good answer: one variant per shape of reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Of `DescribeAutoScalingGroups`.
    AutoScalingGroups {
        /// `AutoScalingGroups`, in order of name.
        groups: Vec<AutoScalingGroup>,
        /// `NextToken`, when there is more.
        next_token: Option<String>,
    },
    /// Of `DescribeTrafficSources`.
    TrafficSources {
        /// `TrafficSources`.
        sources: Vec<TrafficSourceState>,
        /// `NextToken`, when there is more.
        next_token: Option<String>,
    },
    /// Of `DescribeLoadBalancerTargetGroups`.
    LoadBalancerTargetGroups {
        /// `LoadBalancerTargetGroups`.
        groups: Vec<LoadBalancerTargetGroupState>,
        /// `NextToken`, when there is more.
        next_token: Option<String>,
    },
    /// Of `DescribeInstanceRefreshes`.
    InstanceRefreshes {
        /// `InstanceRefreshes`, newest first.
        refreshes: Vec<InstanceRefresh>,
        /// `NextToken`, when there is more.
        next_token: Option<String>,
    },
    /// Of `AttachLoadBalancerTargetGroups`, `DetachLoadBalancerTargetGroups`, `AttachTrafficSources`, `DetachTrafficSources`
    /// (an empty `…Result` element) and `UpdateAutoScalingGroup` (no result element at all).
    Done,
    /// Of `DescribeTargetGroups`.
    TargetGroups {
        /// `TargetGroups`, in order of name.
        groups: Vec<TargetGroup>,
        /// `NextMarker`, when there is more.
        next_marker: Option<String>,
    },
    /// Of `DescribeTargetGroupAttributes`.
    TargetGroupAttributes {
        /// `Attributes`: key and value, both strings.
        attributes: Vec<(String, String)>,
    },
    /// Of `DescribeTargetHealth`.
    TargetHealth {
        /// `TargetHealthDescriptions`.
        targets: Vec<TargetHealthDescription>,
    },
    /// Of `DescribeLoadBalancers`.
    LoadBalancers {
        /// `LoadBalancers`, in order of name.
        load_balancers: Vec<LoadBalancer>,
        /// `NextMarker`, when there is more.
        next_marker: Option<String>,
    },
    /// Of `DescribeAlarms`.
    Alarms {
        /// `MetricAlarms`.
        metric: Vec<MetricAlarm>,
        /// `CompositeAlarms`.
        composite: Vec<CompositeAlarm>,
        /// `LogAlarms`.
        log: Vec<LogAlarm>,
        /// `NextToken`, when there is more.
        next_token: Option<String>,
    },
    /// Of `DescribeAlarmHistory`.
    AlarmHistory {
        /// `AlarmHistoryItems`.
        items: Vec<AlarmHistoryItem>,
        /// `NextToken`, when there is more.
        next_token: Option<String>,
    },
    /// Of `PutEvents`.
    PutEvents {
        /// `Entries`, one per entry sent, in order.
        entries: Vec<PutEventsResult>,
    },
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Served {
    /// AWS answered.
    Ok(Reply),
    /// AWS answered with an error.
    Err(ApiError),
    /// No answer ever arrives.
    Lost {
        /// Whether the write took effect all the same (a read: whether it reached AWS).
        applied: bool,
        /// How the caller learns of it.
        how: LostHow,
    },
}

/// How an answer fails to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostHow {
    /// Nothing comes until the caller's own timeout ends it.
    TimedOut,
    /// The connection is closed at once, without a byte of answer.
    ConnectionCut,
}
