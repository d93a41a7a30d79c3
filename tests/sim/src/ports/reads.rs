//! The read port over the world: one method, one AWS operation, paged where AWS pages.

use super::invocation::{Failed, Ports};
use super::{alarms, fleets, groups};
use crate::api::{
    AlarmType, Call, HistoryItemType, LoadBalancerTargetGroupState, LostHow, Reply, ScanBy, TagFilter,
    TrafficSourceState,
};
use cutover::observe::Reads;
use cutover::release::{
    APPLICATION_TAG, Alarm, AlarmMove, AlarmName, Attachments, Fleet, FleetName, GroupAttributes, LoadBalancer,
    Reading, TargetGroup, TargetGroupArn, Targets, Timestamp, Unread,
};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;

/// Names a page of DescribeAutoScalingGroups and a call of DescribeAlarms may hold.
const HUNDRED: usize = 100;
/// ARNs that a call of DescribeTargetGroups or DescribeLoadBalancers may hold.
const TWENTY: usize = 20;

/// Why a read came to nothing, as a sentence's end.
fn unread(call: &Call, failed: Failed) -> Unread {
    let operation = call.operation();
    Unread(match failed {
        Failed::Answered(error) if error.code.starts_with("AccessDenied") => {
            let resource = call.subjects().first().map_or("*", |subject| subject);
            format!("not permitted: {}:{operation} on {resource}", call.service().iam_prefix())
        }
        Failed::Answered(error) if error.code.starts_with("Throttling") => format!("throttled ({operation})"),
        Failed::Answered(error) => format!("{operation} failed: {error}"),
        Failed::Unanswered(LostHow::TimedOut) => format!("{operation} timed out"),
        Failed::Unanswered(LostHow::ConnectionCut) => format!("{operation}: the connection was cut"),
    })
}

/// A reply that belongs to another call: the world's mistake.
fn misplaced<T>(call: &Call, reply: &Reply) -> Reading<T> {
    Err(Unread(format!("{} was answered with {reply:?}", call.operation())))
}

/// Sends a call; its reply's fields, or the reason why there are none.
macro_rules! ask {
    ($ports:expr, $call:expr, $variant:ident { $($field:ident),+ }) => {{
        let call = $call;
        match $ports.call(&call).await {
            Ok(Reply::$variant { $($field),+ }) => ($($field),+),
            Ok(reply) => return misplaced(&call, &reply),
            Err(failed) => return Err(unread(&call, failed)),
        }
    }};
}

/// The pages of a list, asked for once more if there are several: what either shows is there, as the shipped ports do it.
async fn whole<T, F: Future<Output = Reading<Vec<Vec<T>>>>>(list: impl Fn() -> F) -> Reading<Vec<Vec<T>>> {
    let mut pages = list().await?;
    if pages.len() > 1 {
        pages.extend(list().await?);
    }
    Ok(pages)
}

fn strings<'a, T: ToString + 'a>(names: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    names.into_iter().map(ToString::to_string).collect()
}

impl Ports {
    async fn paged_fleets(&self, names: Vec<String>, filters: Vec<TagFilter>) -> Reading<Vec<Vec<Fleet>>> {
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let call = Call::DescribeAutoScalingGroups {
                names: names.clone(),
                filters: filters.clone(),
                include_instances: None,
                next_token: token,
                max_records: Some(100),
            };
            let (page, next_token) = ask!(self, call, AutoScalingGroups { groups, next_token });
            found.push(page.into_iter().map(fleets::fleet).collect::<Reading<Vec<_>>>()?);
            token = next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    async fn traffic_sources(&self, fleet: &FleetName) -> Reading<Vec<Vec<TrafficSourceState>>> {
        let mut pages = Vec::new();
        let mut token = None;
        loop {
            let (asg, traffic_source_type, max_records) = (fleet.to_string(), None, None);
            let call = Call::DescribeTrafficSources { asg, traffic_source_type, next_token: token, max_records };
            let (sources, next_token) = ask!(self, call, TrafficSources { sources, next_token });
            pages.push(sources);
            token = next_token;
            if token.is_none() {
                return Ok(pages);
            }
        }
    }

    async fn load_balancer_target_groups(&self, fleet: &FleetName) -> Reading<Vec<Vec<LoadBalancerTargetGroupState>>> {
        let mut pages = Vec::new();
        let mut token = None;
        loop {
            let call =
                Call::DescribeLoadBalancerTargetGroups { asg: fleet.to_string(), next_token: token, max_records: None };
            let (groups, next_token) = ask!(self, call, LoadBalancerTargetGroups { groups, next_token });
            pages.push(groups);
            token = next_token;
            if token.is_none() {
                return Ok(pages);
            }
        }
    }

    async fn paged_alarms(&self, names: Vec<String>, prefix: Option<&str>) -> Reading<Vec<Vec<Alarm>>> {
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let call = Call::DescribeAlarms {
                names: names.clone(),
                prefix: prefix.map(str::to_owned),
                types: AlarmType::ALL.to_vec(),
                state_value: None,
                next_token: token,
                max_records: Some(100),
            };
            let (metric, composite, log, next_token) = ask!(self, call, Alarms { metric, composite, log, next_token });
            let metric = metric.into_iter().map(alarms::metric);
            let composite = composite.into_iter().map(alarms::composite);
            let log = log.into_iter().map(alarms::log);
            found.push(metric.chain(composite).chain(log).collect::<Reading<Vec<_>>>()?);
            token = next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// Target groups by ARN or name; AWS answers that one is missing with an error for all, so then each is asked for
    /// alone.
    async fn groups_by(&self, names: Vec<String>, arns: Vec<String>) -> Reading<Vec<TargetGroup>> {
        let call = Call::DescribeTargetGroups { names, arns, load_balancer_arn: None, marker: None, page_size: None };
        match self.call(&call).await {
            Ok(Reply::TargetGroups { groups, .. }) => groups.into_iter().map(groups::group).collect(),
            Ok(reply) => misplaced(&call, &reply),
            Err(Failed::Answered(error)) if error.code == "TargetGroupNotFound" => {
                let Call::DescribeTargetGroups { arns, .. } = call else { return Ok(Vec::new()) };
                if arns.len() < 2 {
                    return Ok(Vec::new());
                }
                let each = arns.into_iter().map(|arn| Box::pin(self.groups_by(Vec::new(), vec![arn])));
                Ok(try_join_all(each).await?.concat())
            }
            Err(failed) => Err(unread(&call, failed)),
        }
    }

    async fn load_balancers_by(&self, arns: Vec<String>) -> Reading<Vec<LoadBalancer>> {
        let call = Call::DescribeLoadBalancers { arns, names: Vec::new(), marker: None, page_size: None };
        match self.call(&call).await {
            Ok(Reply::LoadBalancers { load_balancers, .. }) => {
                Ok(load_balancers.into_iter().map(groups::load_balancer).collect())
            }
            Ok(reply) => misplaced(&call, &reply),
            Err(Failed::Answered(error)) if error.code == "LoadBalancerNotFound" => {
                let Call::DescribeLoadBalancers { arns, .. } = call else { return Ok(Vec::new()) };
                if arns.len() < 2 {
                    return Ok(Vec::new());
                }
                let each = arns.into_iter().map(|arn| Box::pin(self.load_balancers_by(vec![arn])));
                Ok(try_join_all(each).await?.concat())
            }
            Err(failed) => Err(unread(&call, failed)),
        }
    }
}

impl Reads for Ports {
    async fn fleets(&self, names: &[FleetName]) -> Reading<Vec<Fleet>> {
        let pages = names.chunks(HUNDRED).map(|names| self.paged_fleets(strings(names), Vec::new()));
        Ok(try_join_all(pages).await?.into_iter().flatten().flatten().collect())
    }

    async fn tagged_fleets(&self, application: Option<&str>) -> Reading<Vec<Fleet>> {
        let filter = TagFilter { key: APPLICATION_TAG.to_owned(), value: application.map(str::to_owned) };
        let list = || self.paged_fleets(Vec::new(), vec![filter.clone()]);
        let (mut seen, mut fleets) = (BTreeSet::new(), whole(list).await?.concat());
        fleets.retain(|fleet| seen.insert(fleet.name.clone()));
        Ok(fleets)
    }

    async fn attachments(&self, fleet: &FleetName) -> Reading<Attachments> {
        let mut found = Attachments::new();
        let pages = whole(|| self.traffic_sources(fleet)).await?;
        pages.into_iter().for_each(|sources| fleets::attachments(sources, &mut found));
        Ok(found)
    }

    async fn classic_attachments(&self, fleet: &FleetName) -> Reading<BTreeSet<TargetGroupArn>> {
        let mut found = BTreeSet::new();
        let pages = whole(|| self.load_balancer_target_groups(fleet)).await?;
        pages.into_iter().for_each(|groups| fleets::classic(groups, &mut found));
        Ok(found)
    }

    async fn refreshing(&self, fleet: &FleetName) -> Reading<bool> {
        // Newest first, and only one can be under way: the first page is enough.
        let call = Call::DescribeInstanceRefreshes {
            asg: fleet.to_string(),
            refresh_ids: Vec::new(),
            next_token: None,
            max_records: None,
        };
        let (refreshes, _) = ask!(self, call, InstanceRefreshes { refreshes, next_token });
        Ok(fleets::refreshing(&refreshes))
    }

    async fn target_groups(&self, arns: &[TargetGroupArn]) -> Reading<Vec<TargetGroup>> {
        let calls = arns.chunks(TWENTY).map(|arns| self.groups_by(Vec::new(), strings(arns)));
        Ok(try_join_all(calls).await?.concat())
    }

    async fn target_group_named(&self, name: &str) -> Reading<Option<TargetGroupArn>> {
        Ok(self.groups_by(vec![name.to_owned()], Vec::new()).await?.pop().map(|group| group.arn))
    }

    async fn group_attributes(&self, group: &TargetGroupArn) -> Reading<GroupAttributes> {
        let call = Call::DescribeTargetGroupAttributes { target_group_arn: group.to_string() };
        let attributes = ask!(self, call, TargetGroupAttributes { attributes });
        groups::attributes(&attributes)
    }

    async fn load_balancers(&self, arns: &[String]) -> Reading<Vec<LoadBalancer>> {
        let calls = arns.chunks(TWENTY).map(|arns| self.load_balancers_by(arns.to_vec()));
        Ok(try_join_all(calls).await?.concat())
    }

    async fn target_health(&self, group: &TargetGroupArn) -> Reading<Option<Targets>> {
        let call = Call::DescribeTargetHealth { target_group_arn: group.to_string(), targets: Vec::new() };
        match self.call(&call).await {
            Ok(Reply::TargetHealth { targets }) => Ok(Some(groups::targets(targets))),
            Ok(reply) => misplaced(&call, &reply),
            Err(Failed::Answered(error)) if error.code == "TargetGroupNotFound" => Ok(None),
            Err(failed) => Err(unread(&call, failed)),
        }
    }

    async fn alarms(&self, names: &[AlarmName]) -> Reading<Vec<Alarm>> {
        let calls = names.chunks(HUNDRED).map(|names| self.paged_alarms(strings(names), None));
        Ok(try_join_all(calls).await?.into_iter().flatten().flatten().collect())
    }

    async fn alarms_with_prefix(&self, prefix: &str) -> Reading<Vec<Alarm>> {
        Ok(whole(|| self.paged_alarms(Vec::new(), Some(prefix))).await?.concat())
    }

    async fn alarm_moves(&self, alarm: &AlarmName, since: Timestamp) -> Reading<Vec<AlarmMove>> {
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let call = Call::DescribeAlarmHistory {
                name: Some(alarm.to_string()),
                types: AlarmType::ALL.to_vec(),
                item_type: Some(HistoryItemType::StateUpdate),
                start: Some(since.millis()),
                end: None,
                scan_by: Some(ScanBy::TimestampAscending),
                next_token: token,
                max_records: Some(100),
            };
            let (items, next_token) = ask!(self, call, AlarmHistory { items, next_token });
            for item in &items {
                found.extend(alarms::moved(item)?);
            }
            token = next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }
}
