//! Real requests, of the wire face: each is routed to a target and told when it is done. They feed the same metrics as the fluid flow.

use std::collections::BTreeMap;

use super::World;
use super::target::Condition;
use crate::api::Millis;

/// Requests counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) requests: f64,
    pub(crate) errors: f64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Counts) {
        self.requests += other.requests;
        self.errors += other.errors;
    }
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// To be handed back to [`World::finish`].
    pub ticket: u64,
    /// The fleet; empty for a target that somebody registered by hand.
    pub fleet: String,
    /// The instance.
    pub instance: String,
    /// Whether the instance answers with a 5xx of its own.
    pub fails: bool,
    /// How long the instance takes for it.
    pub takes: Millis,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Answered well.
    Served,
    /// Answered by the fleet's own 5xx.
    Failed,
    /// Cut off: its target was gone, or had no health to begin with.
    Lost,
}

/// Requests under way and done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    open: BTreeMap<u64, (String, Route, bool)>,
    turn: BTreeMap<String, usize>,
    /// By group and second, by fleet.
    seconds: BTreeMap<(String, Millis), BTreeMap<String, Counts>>,
    /// Real requests that were lost: when, in which group, and cut off from which fleet (empty: they found no healthy target).
    pub(crate) lost: Vec<(Millis, String, String)>,
    /// Fluid requests that were cut off: when, in which group, from which fleet, how many.
    pub(crate) cut: Vec<(Millis, String, String, f64)>,
    /// The same, fluid and real, by the death of an instance: nobody's detach.
    pub(crate) died: Vec<(Millis, String, String, f64)>,
}

impl Requests {
    pub(crate) fn between(&self, arn: &str, from: Millis, to: Millis) -> BTreeMap<String, Counts> {
        let mut sum: BTreeMap<String, Counts> = BTreeMap::new();
        let (first, last) = (from.div_euclid(1000), to.div_euclid(1000));
        if first >= last {
            return sum;
        }
        for (_, fleets) in self.seconds.range((arn.to_owned(), first)..(arn.to_owned(), last)) {
            for (fleet, counts) in fleets {
                sum.entry(fleet.clone()).or_default().add(counts);
            }
        }
        sum
    }

    fn count(&mut self, now: Millis, arn: &str, fleet: &str, failed: bool) {
        let second = self.seconds.entry((arn.to_owned(), now.div_euclid(1000))).or_default();
        let counts = Counts { requests: 1.0, errors: f64::from(u8::from(failed)) };
        second.entry(fleet.to_owned()).or_default().add(&counts);
    }
}

impl World {
    /// Sends one request to a target group, by name or ARN, round robin over its healthy targets, or over all when it fails open.
    /// `None`: it has no target at all, and the request is lost.
    pub fn route(&mut self, group: &str) -> Option<Route> {
        let arn = self.group_arn(group)?;
        let group = self.groups.get(&arn)?;
        let mut open: Vec<(String, String, bool)> = Vec::new();
        for (instance, target) in &group.targets {
            if target.condition != Condition::Draining && self.in_use(group, &target.zone) {
                let fleet = target.fleet.clone().unwrap_or_default();
                open.push((instance.clone(), fleet, target.condition == Condition::Healthy));
            }
        }
        let healthy = open.iter().filter(|(_, _, healthy)| *healthy).count();
        if healthy as u32 >= group.spec.fail_open_below.max(1) {
            open.retain(|(_, _, healthy)| *healthy);
        }
        if open.is_empty() {
            self.requests.lost.push((self.now, arn, String::new()));
            return None;
        }
        let turn = self.requests.turn.entry(arn.clone()).or_default();
        *turn = turn.wrapping_add(1);
        let (instance, fleet, healthy) = open.swap_remove(*turn % open.len());
        self.note_first_request(&fleet);
        self.reflow();
        let share = self.error_share(&fleet);
        let fails = !healthy || (share > 0.0 && self.rng.f64() < share);
        let takes = self.fleets.get(&fleet).map_or(100, |fleet| fleet.behaviour.request);
        let route = Route { ticket: self.make(), fleet, instance, fails, takes };
        self.requests.open.insert(route.ticket, (arn, route.clone(), healthy));
        Some(route)
    }

    /// Ends a request that [`World::route`] began. Its answer counts only if its target is still there, draining or not.
    pub fn finish(&mut self, ticket: u64) -> Finish {
        let Some((arn, route, healthy)) = self.requests.open.remove(&ticket) else { return Finish::Lost };
        let there = self.groups.get(&arn).is_some_and(|group| group.targets.contains_key(&route.instance));
        let member = self.fleets.get(&route.fleet).and_then(|fleet| fleet.instances.get(&route.instance));
        let alive = route.fleet.is_empty() || member.is_some_and(|member| !member.dead);
        if !there || !alive || !healthy {
            if !healthy {
                self.requests.lost.push((self.now, arn.clone(), String::new()));
            } else if there {
                self.requests.died.push((self.now, arn.clone(), route.fleet.clone(), 1.0));
            } else {
                self.requests.lost.push((self.now, arn.clone(), route.fleet.clone()));
            }
            self.requests.count(self.now, &arn, &route.fleet, true);
            self.wake_alarms(&arn);
            return Finish::Lost;
        }
        self.requests.count(self.now, &arn, &route.fleet, route.fails);
        self.wake_alarms(&arn);
        if route.fails { Finish::Failed } else { Finish::Served }
    }

    /// A healthy target begins to drain: what is under way and takes longer than the delay will be cut off.
    pub(crate) fn cut_off(&mut self, arn: &str, instance: &str, delay: Millis) {
        let (load, request) = self.load_of(arn, instance);
        if load > 0.0 && request > delay {
            let cut = load * (request - delay) as f64 / 1000.0;
            let fleet = self.fleet_of(arn, instance);
            self.requests.cut.push((self.now + delay, arn.to_owned(), fleet, cut));
        }
    }

    /// An instance dies with requests under way.
    pub(crate) fn died(&mut self, arn: &str, instance: &str) {
        let (load, request) = self.load_of(arn, instance);
        if load > 0.0 {
            let fleet = self.fleet_of(arn, instance);
            self.requests.died.push((self.now, arn.to_owned(), fleet, load * request as f64 / 1000.0));
        }
    }

    fn fleet_of(&self, arn: &str, instance: &str) -> String {
        let target = self.groups.get(arn).and_then(|group| group.targets.get(instance));
        target.and_then(|target| target.fleet.clone()).unwrap_or_default()
    }
}
