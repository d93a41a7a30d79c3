//! Traffic: requests flow to healthy targets at a constant rate from one change of the world to the next, so only changes cost.

use std::collections::BTreeMap;

use super::World;
use super::alarm_spec::Scope;
use super::balancer::Group;
use super::queue::Due;
use super::requests::Counts;
use super::target::Condition;
use crate::api::Millis;

/// What one fleet gets of a group's traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// Its healthy targets that get traffic.
    pub healthy: u32,
    /// Its registered targets, those that drain aside.
    pub registered: u32,
    /// Its draining targets.
    pub draining: u32,
    /// Requests a second that it gets.
    pub requests: f64,
    /// Of these, a second, those that it answers with a 5xx.
    pub errors: f64,
}

/// A stretch of time in which nothing changed in a target group.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Its first moment.
    pub from: Millis,
    /// Its end, exclusive; the last span of all is open and ends now.
    pub to: Millis,
    /// By fleet; targets registered by hand are under the empty name.
    pub fleets: BTreeMap<String, Flow>,
    /// Requests a second that found no healthy target.
    pub lost: f64,
    /// Registered targets that fail their checks.
    pub unhealthy: u32,
}

/// A group's spans, and what they add up to.
#[derive(Clone, Debug)]
pub(crate) struct Flows {
    pub(crate) spans: Vec<Span>,
    pub(crate) dirty: bool,
}

impl Flows {
    pub(crate) fn new(now: Millis) -> Self {
        Flows { spans: vec![Span::empty(now)], dirty: true }
    }

    /// What flowed in a window, by fleet, up to now.
    pub(crate) fn between(&self, from: Millis, to: Millis) -> BTreeMap<String, Counts> {
        let mut sum: BTreeMap<String, Counts> = BTreeMap::new();
        for span in self.spans.iter().rev().skip_while(|span| span.from >= to) {
            if span.to <= from {
                break;
            }
            let seconds = (span.to.min(to) - span.from.max(from)) as f64 / 1000.0;
            for (fleet, flow) in span.fleets.iter().filter(|(_, flow)| flow.requests > 0.0) {
                let counts = sum.entry(fleet.clone()).or_default();
                counts.requests += flow.requests * seconds;
                counts.errors += flow.errors * seconds;
            }
        }
        sum
    }

    /// The most unhealthy targets at any moment of a window.
    pub(crate) fn most_unhealthy(&self, from: Millis, to: Millis) -> u32 {
        let within = self.spans.iter().rev().skip_while(|span| span.from >= to).take_while(|span| span.to > from);
        within.map(|span| span.unhealthy).max().unwrap_or(0)
    }
}

impl Span {
    fn empty(from: Millis) -> Self {
        Span { from, to: Millis::MAX, fleets: BTreeMap::new(), lost: 0.0, unhealthy: 0 }
    }

    fn same(&self, other: &Span) -> bool {
        (&self.fleets, self.lost, self.unhealthy) == (&other.fleets, other.lost, other.unhealthy)
    }
}

impl World {
    /// Marks every group as changed.
    pub(crate) fn dirty_all(&mut self) {
        self.groups.values_mut().for_each(|group| group.flows.dirty = true);
    }

    /// Opens a new span in each group whose flow has changed. First requests may change health, so it goes round until nothing does.
    pub(crate) fn reflow(&mut self) {
        loop {
            let dirty: Vec<String> =
                self.groups.iter().filter(|(_, group)| group.flows.dirty).map(|(arn, _)| arn.clone()).collect();
            if dirty.is_empty() {
                return;
            }
            for arn in dirty {
                self.reflow_group(&arn);
            }
        }
    }

    fn reflow_group(&mut self, arn: &str) {
        let now = self.now;
        let Some(group) = self.groups.get(arn) else { return };
        let span = self.span_now(group);
        let new: Vec<String> = span
            .fleets
            .iter()
            .filter(|(name, flow)| {
                flow.requests > 0.0 && self.fleets.get(*name).is_some_and(|fleet| fleet.first_request.is_none())
            })
            .map(|(name, _)| name.clone())
            .collect();
        let Some(group) = self.groups.get_mut(arn) else { return };
        group.flows.dirty = false;
        let changed = match group.flows.spans.last_mut() {
            Some(last) if last.same(&span) => false,
            Some(last) if last.from == now => {
                *last = span;
                true
            }
            last => {
                if let Some(last) = last {
                    last.to = now;
                }
                group.flows.spans.push(span);
                true
            }
        };
        for name in new {
            self.note_first_request(&name);
        }
        if changed {
            self.wake_alarms(arn);
        }
    }

    /// A fleet gets its very first request: its error rates begin to count from here.
    pub(crate) fn note_first_request(&mut self, name: &str) {
        let now = self.now;
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        if fleet.first_request.is_some() {
            return;
        }
        fleet.first_request = Some(now);
        let steps: Vec<Millis> = fleet.behaviour.errors.iter().map(|(after, _)| *after).collect();
        for after in steps {
            self.schedule(now + after, Due::Reflow);
        }
        self.first_request(name);
        self.dirty_all();
    }

    /// How a group's traffic flows at this moment.
    fn span_now(&self, group: &Group) -> Span {
        let mut span = Span::empty(self.now);
        let mut receiving: Vec<(String, bool)> = Vec::new();
        for target in group.targets.values() {
            let name = target.fleet.clone().unwrap_or_default();
            let flow = span.fleets.entry(name.clone()).or_default();
            if target.condition == Condition::Draining {
                flow.draining += 1;
                continue;
            }
            flow.registered += 1;
            let failing = matches!(target.condition, Condition::Unhealthy | Condition::UnhealthyDraining);
            if self.in_use(group, &target.zone) {
                let healthy = target.condition == Condition::Healthy;
                flow.healthy += u32::from(healthy);
                span.unhealthy += u32::from(failing);
                receiving.push((name, healthy));
            }
        }
        let healthy = receiving.iter().filter(|(_, healthy)| *healthy).count();
        // Fail-open: with too few healthy targets every registered one gets traffic (AWS.md 3).
        if healthy as u32 >= group.spec.fail_open_below.max(1) {
            receiving.retain(|(_, healthy)| *healthy);
        }
        let rate = group.spec.requests_per_second;
        if receiving.is_empty() {
            span.lost = rate;
            return span;
        }
        let each = rate / receiving.len() as f64;
        for (name, healthy) in receiving {
            let share = if healthy { self.error_share(&name) } else { 1.0 };
            let Some(flow) = span.fleets.get_mut(&name) else { continue };
            flow.requests += each;
            flow.errors += each * share;
            if !healthy {
                span.lost += each;
            }
        }
        span
    }

    /// The share of its requests that a fleet answers with a 5xx now.
    pub(crate) fn error_share(&self, name: &str) -> f64 {
        let Some(fleet) = self.fleets.get(name) else { return 0.0 };
        let Some(first) = fleet.first_request else { return 0.0 };
        let past = fleet.behaviour.errors.iter().filter(|(after, _)| first + after <= self.now);
        past.max_by_key(|(after, _)| *after).map_or(0.0, |(_, share)| *share)
    }

    /// Requests a second that a target gets now, and how long its fleet takes for one.
    pub(crate) fn load_of(&self, arn: &str, instance: &str) -> (f64, Millis) {
        let Some(group) = self.groups.get(arn) else { return (0.0, 0) };
        let Some(target) = group.targets.get(instance) else { return (0.0, 0) };
        let name = target.fleet.clone().unwrap_or_default();
        let request = self.fleets.get(&name).map_or(100, |fleet| fleet.behaviour.request);
        let flow = group.flows.spans.last().and_then(|span| span.fleets.get(&name)).copied().unwrap_or_default();
        if flow.healthy == 0 { (0.0, request) } else { (flow.requests / f64::from(flow.healthy), request) }
    }

    /// What flowed to a scope in a window: fluid and real requests together.
    pub(crate) fn counted(&self, scope: &Scope, from: Millis, to: Millis) -> Counts {
        let mut sum = Counts::default();
        for (arn, group) in &self.groups {
            if matches!(scope, Scope::Group(name) if group.spec.name != *name) {
                continue;
            }
            let both = [group.flows.between(from, to), self.requests.between(arn, from, to)];
            for (fleet, counts) in both.iter().flatten() {
                if matches!(scope, Scope::Group(_)) || matches!(scope, Scope::Fleet(name) if name == fleet) {
                    sum.add(counts);
                }
            }
        }
        sum
    }

    /// The most unhealthy targets of a group in a window; of a fleet: of all the groups that it is in.
    pub(crate) fn unhealthy(&self, scope: &Scope, from: Millis, to: Millis) -> u32 {
        let of = |group: &&Group| match scope {
            Scope::Group(name) => group.spec.name == *name,
            Scope::Fleet(fleet) => group.targets.values().any(|target| target.fleet.as_ref() == Some(fleet)),
        };
        self.groups.values().filter(of).map(|group| group.flows.most_unhealthy(from, to)).max().unwrap_or(0)
    }
}
