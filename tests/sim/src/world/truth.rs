//! The truth, for judges: told from the world's own state, never from what was answered to anybody.

use std::collections::BTreeMap;

use super::World;
use super::flow::Span;
use super::log::{Announced, Arrived};
use crate::api::{AttachmentState, Millis, StateValue};

/// An alarm changed its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmChange {
    /// When.
    pub at: Millis,
    /// Its name.
    pub alarm: String,
    /// From.
    pub from: StateValue,
    /// To.
    pub to: StateValue,
}

/// A fleet's MinSize changed, or began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloorChange {
    /// When.
    pub at: Millis,
    /// The fleet's name.
    pub fleet: String,
    /// Its ARN, which tells it from another of the same name.
    pub arn: String,
    /// The new MinSize.
    pub min: i32,
    /// Who: the caller, `created`, `scheduled action`, …
    pub by: String,
}

/// Requests, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// That reached a target.
    pub requests: f64,
    /// Answered by a 5xx of the target's own; those that went to an unhealthy one are among them.
    pub errors: f64,
    /// That found no healthy target.
    pub unserved: f64,
    /// Cut off by a detach, or the end of an instance, that didn't wait for them.
    pub cut_off: f64,
    /// Cut off by the death of an instance: nobody's decision.
    pub died: f64,
}

impl Tally {
    /// Lost by somebody's decision: found no healthy target, or cut off.
    pub fn lost(&self) -> f64 {
        self.unserved + self.cut_off
    }
}

impl World {
    /// Healthy targets of a group (by name or ARN) that get traffic now, by fleet; registered by hand: under the empty name.
    pub fn healthy(&self, group: &str) -> BTreeMap<String, u32> {
        self.healthy_at(group, self.now)
    }

    /// The same at an earlier moment; of several states within that millisecond the last.
    pub fn healthy_at(&self, group: &str, at: Millis) -> BTreeMap<String, u32> {
        let Some(span) = self.spans(group).iter().rev().find(|span| span.from <= at) else { return BTreeMap::new() };
        span.fleets
            .iter()
            .filter(|(_, flow)| flow.healthy > 0)
            .map(|(name, flow)| (name.clone(), flow.healthy))
            .collect()
    }

    /// All that happened in a group, from change to change.
    pub fn spans(&self, group: &str) -> &[Span] {
        self.group(group).map_or(&[], |group| group.flows.spans.as_slice())
    }

    /// The names of all target groups that exist.
    pub fn group_names(&self) -> Vec<String> {
        self.groups.values().map(|group| group.spec.name.clone()).collect()
    }

    /// The names of all fleets that exist.
    pub fn fleet_names(&self) -> Vec<String> {
        self.fleets.keys().cloned().collect()
    }

    /// A fleet's ARN.
    pub fn fleet_arn(&self, fleet: &str) -> Option<&str> {
        self.fleets.get(fleet).map(|fleet| fleet.arn.as_str())
    }

    /// The target groups, by name, that a fleet is attached to or being detached from, with the state of the link.
    pub fn attachments(&self, fleet: &str) -> BTreeMap<String, AttachmentState> {
        let Some(fleet) = self.fleets.get(fleet) else { return BTreeMap::new() };
        let name = |arn: &str| self.groups.get(arn).map_or(arn.to_owned(), |group| group.spec.name.clone());
        fleet.attachments.iter().map(|((arn, _), held)| (name(arn), held.state)).collect()
    }

    /// The Classic load balancers that a fleet is behind.
    pub fn classic(&self, fleet: &str) -> &[String] {
        self.fleets.get(fleet).map_or(&[], |fleet| fleet.classic.as_slice())
    }

    /// Whether a fleet is attached to a group (by ARN), in either style.
    pub fn attached(&self, fleet: &str, group_arn: &str) -> bool {
        let state = |held: AttachmentState| !matches!(held, AttachmentState::Removing | AttachmentState::Removed);
        let of = |fleet: &super::fleet::Fleet| {
            fleet.attachments.iter().any(|((arn, _), held)| arn == group_arn && state(held.state))
        };
        self.fleets.get(fleet).is_some_and(of)
    }

    /// Whether a fleet carries a tag.
    pub fn tagged(&self, fleet: &str, key: &str) -> bool {
        self.fleets.get(fleet).is_some_and(|fleet| fleet.tags.contains_key(key))
    }

    /// A fleet's MinSize, desired capacity and MaxSize.
    pub fn sizes(&self, fleet: &str) -> Option<(i32, i32, i32)> {
        self.fleets.get(fleet).map(|fleet| (fleet.min, fleet.desired, fleet.max))
    }

    /// A fleet's InService instances, oldest first.
    pub fn in_service(&self, fleet: &str) -> Vec<String> {
        let Some(fleet) = self.fleets.get(fleet) else { return Vec::new() };
        let serving = |member: &super::fleet::Member| member.state == crate::api::LifecycleState::InService;
        fleet.instances.iter().filter(|(_, member)| serving(member)).map(|(id, _)| id.clone()).collect()
    }

    /// An alarm's state.
    pub fn alarm_state(&self, alarm: &str) -> Option<StateValue> {
        self.alarms.get(alarm).map(|alarm| alarm.value)
    }

    /// How long a metric alarm needs to see what breaks: its datapoints, the one that is half over, and two minutes until
    /// it's judged. `None`: there is none of that name, or one of another kind.
    pub fn alarm_sees_within(&self, alarm: &str) -> Option<Millis> {
        let spec = &self.alarms.get(alarm)?.spec;
        let metric = matches!(spec.kind, super::alarm_spec::AlarmKind::Metric(_));
        metric.then(|| Millis::from(spec.datapoints_to_alarm + 1) * Millis::from(spec.period) * 1_000 + 120_000)
    }

    /// Every change of every alarm, in the order in which it came about.
    pub fn alarm_changes(&self) -> &[AlarmChange] {
        &self.alarm_changes
    }

    /// Every MinSize that a fleet had.
    pub fn floors(&self) -> &[FloorChange] {
        &self.floors
    }

    /// Every call that arrived (or should have), in order.
    pub fn calls(&self) -> &[Arrived] {
        &self.log.calls
    }

    /// The writes among them, announcements aside.
    pub fn writes(&self) -> impl Iterator<Item = &Arrived> {
        let announcement = |arrived: &&Arrived| matches!(arrived.call, crate::api::Call::PutEvents { .. });
        self.log.calls.iter().filter(move |arrived| arrived.call.is_write() && !announcement(arrived))
    }

    /// Every announcement that was accepted, in order.
    pub fn announced(&self) -> &[Announced] {
        &self.log.announced
    }

    /// Requests of a group in a window, fluid and real together: all of them, or one fleet's (then without those unserved by any).
    pub fn tally(&self, group: &str, fleet: Option<&str>, from: Millis, to: Millis) -> Tally {
        let mut tally = Tally::default();
        let (Some(arn), Some(group)) = (self.group_arn(group), self.group(group)) else { return tally };
        let to = to.min(self.now);
        let wanted = |name: &str| fleet.is_none_or(|fleet| fleet == name);
        for counts in [group.flows.between(from, to), self.requests.between(&arn, from, to + 1000)] {
            for (_, counts) in counts.iter().filter(|(name, _)| wanted(name)) {
                tally.requests += counts.requests;
                tally.errors += counts.errors;
            }
        }
        if fleet.is_none() {
            for span in group.flows.spans.iter().filter(|span| span.lost > 0.0) {
                tally.unserved += span.lost * (span.to.min(to) - span.from.max(from)).max(0) as f64 / 1000.0;
            }
        }
        let within = |at: Millis| (from..=to).contains(&at);
        for (_, _, name) in self.requests.lost.iter().filter(|(at, of, _)| within(*at) && *of == arn) {
            match name.is_empty() {
                true if fleet.is_none() => tally.unserved += 1.0,
                false if wanted(name) => tally.cut_off += 1.0,
                _ => {}
            }
        }
        let sum = |list: &[(Millis, String, String, f64)]| -> f64 {
            let counted = list.iter().filter(|(at, of, name, _)| within(*at) && *of == arn && wanted(name));
            counted.map(|(_, _, _, requests)| requests).sum()
        };
        tally.cut_off += sum(&self.requests.cut);
        tally.died += sum(&self.requests.died);
        tally
    }

    /// The same over every group and the whole of the time.
    pub fn tally_all(&self) -> Tally {
        let mut sum = Tally::default();
        for group in self.groups.keys() {
            let tally = self.tally(group, None, Millis::MIN, self.now);
            sum.requests += tally.requests;
            sum.errors += tally.errors;
            sum.unserved += tally.unserved;
            sum.cut_off += tally.cut_off;
            sum.died += tally.died;
        }
        sum
    }

    pub(crate) fn note_floor(&mut self, name: &str, by: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let change = FloorChange {
            at: self.now,
            fleet: name.to_owned(),
            arn: fleet.arn.clone(),
            min: fleet.min,
            by: by.to_owned(),
        };
        self.floors.push(change);
    }
}
