//! Elastic Load Balancing's answers.

use super::super::World;
use super::super::balancer::{Balancer, Group};
use super::at_most;
use crate::api::{
    ApiError, Call, LoadBalancer, Reply, TargetGroup, TargetHealthDescription, TargetReason, TargetState,
};

impl World {
    pub(super) fn read_elb(&self, call: &Call) -> Result<Reply, ApiError> {
        match call {
            Call::DescribeTargetGroups { names, arns, load_balancer_arn, marker, page_size } => {
                let chosen = self.chosen_groups(names, arns, load_balancer_arn.as_deref())?;
                let shown = chosen.into_iter().map(|group| self.show_group(group)).collect();
                let (groups, next_marker) = self.page(shown, marker.as_deref(), *page_size, 400, 400)?;
                Ok(Reply::TargetGroups { groups, next_marker })
            }
            Call::DescribeTargetGroupAttributes { target_group_arn } => {
                let group = self.groups.get(target_group_arn).ok_or_else(ApiError::target_group_not_found)?;
                Ok(Reply::TargetGroupAttributes { attributes: attributes(group) })
            }
            Call::DescribeTargetHealth { target_group_arn, targets } => {
                let group = self.groups.get(target_group_arn).ok_or_else(ApiError::target_group_not_found)?;
                Ok(Reply::TargetHealth { targets: self.show_targets(group, targets) })
            }
            Call::DescribeLoadBalancers { arns, names, marker, page_size } => {
                at_most("loadBalancerArns", arns.len(), 20)?;
                let all = || self.balancers.values();
                let known = arns.iter().all(|arn| all().any(|balancer| balancer.arn == *arn))
                    && names.iter().all(|name| self.balancers.contains_key(name));
                if !known {
                    return Err(ApiError::load_balancer_not_found());
                }
                let wanted = |balancer: &&Balancer| {
                    (arns.is_empty() && names.is_empty())
                        || arns.contains(&balancer.arn)
                        || names.contains(&balancer.name)
                };
                let shown = all().filter(wanted).map(show_balancer).collect();
                let (load_balancers, next_marker) = self.page(shown, marker.as_deref(), *page_size, 400, 400)?;
                Ok(Reply::LoadBalancers { load_balancers, next_marker })
            }
            _ => Err(ApiError::new("InvalidAction", "Could not find operation", 400)),
        }
    }

    /// One that is asked for and doesn't exist makes the whole call fail.
    fn chosen_groups(
        &self,
        names: &[String],
        arns: &[String],
        balancer: Option<&str>,
    ) -> Result<Vec<&Group>, ApiError> {
        let of_balancer = match balancer {
            Some(arn) => {
                let found = self.balancers.values().find(|balancer| balancer.arn == arn);
                Some(&found.ok_or_else(ApiError::load_balancer_not_found)?.name)
            }
            None => None,
        };
        let known = arns.iter().all(|arn| self.groups.contains_key(arn))
            && names.iter().all(|name| self.groups.values().any(|group| group.spec.name == *name));
        if !known {
            return Err(ApiError::target_group_not_found());
        }
        let wanted = |group: &&Group| {
            let asked = names.is_empty() && arns.is_empty();
            let named = asked || names.contains(&group.spec.name) || arns.contains(&group.arn);
            named && of_balancer.is_none_or(|name| group.spec.load_balancers.contains(name))
        };
        let mut chosen: Vec<&Group> = self.groups.values().filter(wanted).collect();
        chosen.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
        Ok(chosen)
    }

    fn show_group(&self, group: &Group) -> TargetGroup {
        let network =
            group.spec.load_balancers.iter().any(|name| self.balancers.get(name).is_some_and(|lb| lb.network));
        let balancers = group.spec.load_balancers.iter().filter_map(|name| self.balancers.get(name));
        TargetGroup {
            arn: group.arn.clone(),
            name: group.spec.name.clone(),
            protocol: if network { "TCP" } else { "HTTP" }.to_owned(),
            port: 80,
            vpc_id: "vpc-0a1b2c3d4e5f60718".to_owned(),
            target_type: group.spec.target_type.clone(),
            load_balancer_arns: balancers.map(|balancer| balancer.arn.clone()).collect(),
            health_check_enabled: group.spec.health_checks,
            health_check_interval_seconds: 10,
            health_check_timeout_seconds: 5,
            healthy_threshold_count: 2,
            unhealthy_threshold_count: 2,
            health_check_path: (!network).then(|| "/health".to_owned()),
        }
    }

    /// Every registered target, or those asked for: one that isn't registered is shown as `unused`.
    fn show_targets(&self, group: &Group, asked: &[String]) -> Vec<TargetHealthDescription> {
        let describe = |id: &str, state, reason, description: Option<&str>| TargetHealthDescription {
            target_id: id.to_owned(),
            port: 80,
            health_check_port: "80".to_owned(),
            state,
            reason,
            description: description.map(str::to_owned),
            administrative_override: None,
        };
        let ids: Vec<&String> = if asked.is_empty() { group.targets.keys().collect() } else { asked.iter().collect() };
        let show = |id: &String| match group.targets.get(id) {
            Some(target) => {
                let (state, reason, description) = self.shown(group, target);
                describe(id, state, reason, description)
            }
            None => {
                let why = "Target is not registered to the target group";
                describe(id, TargetState::Unused, Some(TargetReason::NotRegistered), Some(why))
            }
        };
        ids.into_iter().map(show).collect()
    }
}

fn attributes(group: &Group) -> Vec<(String, String)> {
    let pairs = [
        ("deregistration_delay.timeout_seconds", group.spec.delay.to_string()),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration".to_owned()),
        ("stickiness.enabled", "false".to_owned()),
        ("slow_start.duration_seconds", "0".to_owned()),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
            group.spec.fail_open_below.to_string(),
        ),
        ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off".to_owned()),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn show_balancer(balancer: &Balancer) -> LoadBalancer {
    let name = &balancer.name;
    LoadBalancer {
        arn: balancer.arn.clone(),
        name: name.clone(),
        kind: if balancer.network { "network" } else { "application" }.to_owned(),
        scheme: "internet-facing".to_owned(),
        dns_name: format!("{name}-1234567890.eu-west-1.elb.amazonaws.com"),
        vpc_id: "vpc-0a1b2c3d4e5f60718".to_owned(),
        state: "active".to_owned(),
        availability_zones: balancer.zones.clone(),
        created_time: balancer.created,
    }
}
