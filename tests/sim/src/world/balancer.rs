//! Load balancers and target groups: what exists, and which of it takes traffic.

use std::collections::BTreeMap;

use super::World;
use super::flow::Flows;
use super::spec::GroupSpec;
use super::target::Target;
use crate::api::Millis;

/// A load balancer.
#[derive(Clone, Debug)]
pub(crate) struct Balancer {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) network: bool,
    pub(crate) zones: Vec<String>,
    pub(crate) created: Millis,
}

/// A target group. Keyed by ARN.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) spec: GroupSpec,
    pub(crate) arn: String,
    pub(crate) targets: BTreeMap<String, Target>,
    pub(crate) flows: Flows,
}

impl World {
    /// The ARN of a target group given by name or ARN; `None` when there is no such group.
    pub fn group_arn(&self, name_or_arn: &str) -> Option<String> {
        if self.groups.contains_key(name_or_arn) {
            return Some(name_or_arn.to_owned());
        }
        self.groups.values().find(|group| group.spec.name == name_or_arn).map(|group| group.arn.clone())
    }

    pub(crate) fn group(&self, name_or_arn: &str) -> Option<&Group> {
        match self.groups.get(name_or_arn) {
            Some(group) => Some(group),
            None => self.groups.values().find(|group| group.spec.name == name_or_arn),
        }
    }

    /// Whether a target in this zone gets traffic and health checks: a listener uses the group, and the zone is enabled (AWS.md 3).
    pub(crate) fn in_use(&self, group: &Group, zone: &str) -> bool {
        let mut balancers = group.spec.load_balancers.iter().filter_map(|name| self.balancers.get(name));
        balancers.any(|balancer| balancer.zones.iter().any(|enabled| enabled == zone))
    }

    pub(crate) fn add_group(&mut self, spec: GroupSpec) -> String {
        let arn = super::names::group_arn(&spec.name, self.make());
        let group = Group { spec, arn: arn.clone(), targets: BTreeMap::new(), flows: Flows::new(self.now) };
        self.groups.insert(arn.clone(), group);
        arn
    }

    pub(crate) fn add_balancer(&mut self, name: &str, network: bool, zones: &[&str]) {
        let arn = super::names::balancer_arn(name, network, self.make());
        let zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
        let created = self.now - 30 * 86_400_000;
        self.balancers.insert(name.to_owned(), Balancer { name: name.to_owned(), arn, network, zones, created });
    }
}
