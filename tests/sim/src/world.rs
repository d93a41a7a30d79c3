//! The world: one deterministic model of the AWS that Cutover sees, true to AWS.md, in virtual time.
//!
//! It moves only when it is told to ([`World::advance_to`], or a call at a later moment) and from change to change, not from tick to
//! tick: while nothing changes, a day costs as much as a second. Everything random comes from the seed. It knows nothing of Cutover.
//!
//! - What a scenario sets up: [`World::builder`], [`fleet`], [`target_group`], [`alarm`].
//! - What a face asks: [`World::serve`]; real requests go through [`World::route`] and [`World::finish`].
//! - What people and AWS do meanwhile: [`World::hand`] now, [`World::at`] later.
//! - What knocks at Cutover: [`World::take_deliveries`].
//! - What a judge asks: `truth`, which tells from the world's own state, never from what was answered.

mod alarm;
mod alarm_spec;
mod attachment;
mod balancer;
mod builder;
mod capacity;
mod delivery;
mod evaluate;
mod fault;
mod fleet;
mod flow;
mod hand;
mod history;
mod log;
mod names;
mod payload;
mod queue;
mod refresh;
mod requests;
mod rule;
mod serve;
mod spec;
mod target;
mod truth;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use alarm_spec::{AlarmKind, AlarmSpec, Metric, Scope, alarm};
pub use builder::WorldBuilder;
pub use delivery::{Delivery, DeliveryFaults, DeliveryKind, Subscriptions};
pub use fault::{FaultKind, FaultRule, When, fault};
pub use flow::{Flow, Span};
pub use hand::Hand;
pub use log::{Announced, Arrived, Outcome};
pub use names::{ACCOUNT, REGION, millis_offset, millis_z, seconds_z};
pub use requests::{Finish, Route};
pub use spec::{Behaviour, FleetSpec, GroupSpec, Health, Style, Then, fleet, target_group};
pub use truth::{AlarmChange, FloorChange, Tally};

use crate::api::{AlarmHistoryItem, Millis};

/// How the world behaves where AWS leaves it open, or where a test wants it harsher.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// From a target's registration to its first health check. ALB: seconds; NLB: up to minutes.
    pub registration: Millis,
    /// From a death or an unhealthy verdict to its replacement.
    pub replacement: Millis,
    /// From the end of draining to the instance's end.
    pub termination: Millis,
    /// From a failed launch to the next try. AWS backs off; a minute is about its first step.
    pub launch_retry: Millis,
    /// From a period's end to the evaluation of an alarm: metrics arrive late.
    pub metric_delay: Millis,
    /// After a write to a fleet, so long another write is refused with ResourceContention. 0: never.
    pub contention: Millis,
    /// Most items on any page, below AWS's own maxima; `None`: AWS's.
    pub page_size: Option<usize>,
    /// How far back a stale read may reach; nothing is remembered for longer.
    pub max_stale: Millis,
    /// Whether DetachTrafficSources takes off what the old API pair attached; AWS doesn't say (AWS.md 1).
    pub detach_sources_takes_all: bool,
    /// Whether reads are kept in the log of calls too.
    pub log_reads: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            registration: 2_000,
            replacement: 30_000,
            termination: 10_000,
            launch_retry: 60_000,
            metric_delay: 5_000,
            contention: 0,
            page_size: None,
            max_stale: 0,
            detach_sources_takes_all: false,
            log_reads: true,
        }
    }
}

/// The simulated AWS. A clone is a second, independent one at the same moment.
#[derive(Clone, Debug)]
pub struct World {
    /// May be changed at any time.
    pub settings: Settings,
    /// Which events reach Cutover.
    pub subscriptions: Subscriptions,
    /// What goes wrong on their way.
    pub delivery_faults: DeliveryFaults,
    now: Millis,
    queue: queue::Queue,
    rng: fastrand::Rng,
    made: u64,
    balancers: BTreeMap<String, balancer::Balancer>,
    groups: BTreeMap<String, balancer::Group>,
    fleets: BTreeMap<String, fleet::Fleet>,
    alarms: BTreeMap<String, alarm::Alarm>,
    alarm_history: Vec<AlarmHistoryItem>,
    alarm_changes: Vec<AlarmChange>,
    floors: Vec<FloorChange>,
    requests: requests::Requests,
    outbox: delivery::Outbox,
    faults: fault::Faults,
    log: log::Log,
}

impl World {
    /// The moment that the world has reached.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Lets time pass up to `to`: everything that falls due happens in order. Going back is impossible and changes nothing.
    pub fn advance_to(&mut self, to: Millis) {
        while let Some((at, due)) = self.queue.pop_until(to) {
            self.now = self.now.max(at);
            self.happen(due);
            self.reflow();
        }
        self.now = self.now.max(to);
    }

    /// Lets so many seconds pass.
    pub fn advance(&mut self, seconds: i64) {
        self.advance_to(self.now + seconds * 1000);
    }

    /// When the next thing falls due, deliveries among it; `None` when nothing ever will.
    pub fn next_due(&self) -> Option<Millis> {
        [self.queue.next(), self.outbox.next()].into_iter().flatten().min()
    }

    fn happen(&mut self, due: queue::Due) {
        use queue::Due;
        match due {
            Due::Launched { fleet, instance } => self.launched(&fleet, &instance),
            Due::LaunchFailed { fleet } => self.launch_failed(&fleet),
            Due::Reconcile { fleet } => self.retry_launches(&fleet),
            Due::Replace { fleet, instance } => self.replace_unhealthy(&fleet, &instance),
            Due::Ended { fleet, instance } => self.instance_ended(&fleet, &instance),
            Due::Target { group, instance, turn, to } => self.target_turns(&group, &instance, turn, to),
            Due::Drained { group, instance, turn } => self.drained(&group, &instance, turn),
            Due::Attachment { fleet, group } => self.settle_attachment(&fleet, &group),
            Due::RefreshStep { fleet, id } => self.refresh_step(&fleet, &id),
            Due::Evaluate { alarm, made } => self.evaluate_due(&alarm, made),
            Due::Reflow => self.dirty_all(),
            Due::Minute => self.minute(),
            Due::Hand(hand) => drop(self.apply(*hand)),
        }
    }

    fn schedule(&mut self, at: Millis, due: queue::Due) {
        self.queue.push(at.max(self.now), due);
    }

    /// The next number for an id.
    fn make(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}
