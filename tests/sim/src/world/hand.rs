//! What people, tools and AWS itself do to the world meanwhile: now, or planned for a later moment.

use super::World;
use super::alarm_spec::AlarmSpec;
use super::balancer::Group;
use super::fault::FaultRule;
use super::queue::Due;
use super::spec::{FleetSpec, GroupSpec, Health, Style};
use crate::api::{EvaluationState, LifecycleState, Millis, StateValue};

/// One deed. Target groups are given by name or ARN; whatever doesn't exist is left alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Hand {
    /// A new fleet; it launches from now on.
    CreateFleet(Box<FleetSpec>),
    /// A fleet is deleted by force.
    DeleteFleet(String),
    /// A tag is set, or removed.
    Tag(String, String, Option<String>),
    /// So many of a fleet's InService instances die, the oldest first.
    Kill(String, usize),
    /// A person writes sizes: MinSize, desired capacity, MaxSize.
    Resize(String, Option<i32>, Option<i32>, Option<i32>),
    /// A scheduled action writes sizes, unless ScheduledActions is suspended.
    ScheduledAction(String, Option<i32>, Option<i32>, Option<i32>),
    /// A scaling policy sets the desired capacity, within the sizes.
    Scale(String, i32),
    /// A process is suspended.
    Suspend(String, String),
    /// A process goes on.
    Resume(String, String),
    /// An instance refresh of so many seconds starts.
    StartRefresh(String, i64),
    /// It is cancelled.
    CancelRefresh(String),
    /// A person attaches a fleet to a target group.
    Attach(String, String, Style),
    /// A person detaches it.
    Detach(String, String, Style),
    /// A fleet's instances do otherwise in health checks from now on: everywhere, or in one group.
    Health(String, Option<String>, Health),
    /// A fleet answers this share of its requests with a 5xx from now on.
    Errors(String, f64),
    /// So many requests a second arrive for a target group.
    Requests(String, f64),
    /// A new target group.
    CreateGroup(GroupSpec),
    /// A target group is deleted, attached or not.
    DeleteGroup(String),
    /// A load balancer's listener forwards to a group.
    Listen(String, String),
    /// No listener forwards to it any more.
    Unlisten(String),
    /// A zone of a load balancer is enabled (true) or disabled.
    Zone(String, String, bool),
    /// A group's health checks are on or off.
    HealthChecks(String, bool),
    /// An instance of no fleet is registered by hand.
    RegisterForeign(String, String),
    /// A new alarm.
    CreateAlarm(Box<AlarmSpec>),
    /// An alarm is deleted.
    DeleteAlarm(String),
    /// SetAlarmState.
    SetAlarm(String, StateValue),
    /// CloudWatch can't evaluate an alarm as it should, or can again.
    Evaluation(String, Option<EvaluationState>),
    /// Calls begin to fail.
    Fault(FaultRule),
    /// They no longer do.
    ClearFaults,
}

impl World {
    /// Does it now.
    pub fn hand(&mut self, hand: Hand) {
        self.apply(hand);
        self.reflow();
    }

    /// Plans it for a moment.
    pub fn at(&mut self, at: Millis, hand: Hand) {
        self.schedule(at, Due::Hand(Box::new(hand)));
    }

    /// Plans it for so many seconds from now.
    pub fn after(&mut self, seconds: i64, hand: Hand) {
        self.at(self.now + seconds * 1000, hand);
    }

    pub(crate) fn apply(&mut self, hand: Hand) {
        match hand {
            Hand::CreateFleet(spec) if !self.fleets.contains_key(&spec.name) => self.add_fleet(*spec, false),
            Hand::CreateFleet(_) => {}
            Hand::DeleteFleet(fleet) => self.delete_fleet(&fleet),
            Hand::Tag(fleet, key, value) => self.tag(&fleet, key, value),
            Hand::Kill(fleet, count) => {
                for id in self.in_service(&fleet).into_iter().take(count) {
                    self.kill(&fleet, &id);
                }
            }
            Hand::Resize(fleet, min, desired, max) => drop(self.resize(&fleet, min, desired, max, "person")),
            Hand::ScheduledAction(fleet, min, desired, max) => {
                if self.fleets.get(&fleet).is_some_and(|fleet| !fleet.is_suspended("ScheduledActions")) {
                    drop(self.resize(&fleet, min, desired, max, "scheduled action"));
                }
            }
            Hand::Scale(fleet, desired) => {
                if let Some((min, _, max)) = self.sizes(&fleet) {
                    drop(self.resize(&fleet, None, Some(desired.clamp(min, max)), None, "scaling policy"));
                }
            }
            Hand::Suspend(fleet, process) => {
                if let Some(fleet) = self.fleets.get_mut(&fleet) {
                    fleet.suspended.insert(process);
                }
            }
            Hand::Resume(fleet, process) => self.resume(&fleet, &process),
            Hand::StartRefresh(fleet, seconds) => self.start_refresh(&fleet, seconds * 1000),
            Hand::CancelRefresh(fleet) => self.cancel_refresh(&fleet),
            Hand::Attach(fleet, group, style) => {
                let arn = self.group_arn(&group).unwrap_or(group);
                drop(self.attach(&fleet, &[arn], style));
            }
            Hand::Detach(fleet, group, style) => {
                let arn = self.group_arn(&group).unwrap_or(group);
                drop(self.detach(&fleet, &[arn], style));
            }
            other => self.apply_elsewhere(other),
        }
    }

    /// What is done to anything but a fleet's own settings.
    fn apply_elsewhere(&mut self, hand: Hand) {
        match hand {
            Hand::Health(name, group, health) => {
                let Some(fleet) = self.fleets.get_mut(&name) else { return };
                match group {
                    Some(group) => fleet.behaviour.health_in.push((group, health)),
                    None => {
                        fleet.behaviour.health = health;
                        fleet.behaviour.health_in.clear();
                    }
                }
                self.health_changed(&name);
            }
            Hand::Errors(name, share) => {
                if let Some(fleet) = self.fleets.get_mut(&name) {
                    fleet.behaviour.errors = vec![(0, share)];
                    self.dirty_all();
                }
            }
            Hand::Requests(group, rate) => self.change_group(&group, |group| group.spec.requests_per_second = rate),
            Hand::CreateGroup(spec) => drop(self.add_group(spec)),
            Hand::DeleteGroup(group) => {
                if let Some(arn) = self.group_arn(&group) {
                    self.groups.remove(&arn);
                }
            }
            Hand::Listen(group, balancer) => {
                self.change_group(&group, |group| group.spec.load_balancers.push(balancer));
                self.recheck_group(&group);
            }
            Hand::Unlisten(group) => self.change_group(&group, |group| group.spec.load_balancers.clear()),
            Hand::Zone(balancer, zone, enabled) => self.set_zone(&balancer, zone, enabled),
            Hand::HealthChecks(group, on) => self.change_group(&group, |group| group.spec.health_checks = on),
            Hand::RegisterForeign(group, instance) => {
                if let Some(arn) = self.group_arn(&group) {
                    self.register(&arn, &instance, None, "eu-west-1a");
                }
            }
            Hand::CreateAlarm(spec) => self.add_alarm(*spec, false),
            Hand::DeleteAlarm(alarm) => self.delete_alarm(&alarm),
            Hand::SetAlarm(alarm, state) => self.force_alarm(&alarm, state, "Set by a person"),
            Hand::Evaluation(alarm, state) => self.set_evaluation(&alarm, state),
            Hand::Fault(rule) => self.add_fault(rule),
            Hand::ClearFaults => self.clear_faults(),
            _ => {}
        }
    }

    fn tag(&mut self, name: &str, key: String, value: Option<String>) {
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        match value {
            Some(value) => {
                fleet.tags.insert(key.clone(), value.clone());
                self.announce_tagged(name, &key, &value);
            }
            None => drop(fleet.tags.remove(&key)),
        }
    }

    fn change_group(&mut self, group: &str, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.group_arn(group).and_then(|arn| self.groups.get_mut(&arn)) {
            change(group);
            group.flows.dirty = true;
        }
    }

    fn recheck_group(&mut self, group: &str) {
        if let Some(arn) = self.group_arn(group) {
            self.recheck(&arn);
        }
    }

    fn set_zone(&mut self, balancer: &str, zone: String, enabled: bool) {
        let Some(balancer) = self.balancers.get_mut(balancer) else { return };
        balancer.zones.retain(|held| *held != zone);
        if enabled {
            balancer.zones.push(zone);
        }
        for arn in self.groups.keys().cloned().collect::<Vec<_>>() {
            self.recheck(&arn);
        }
    }

    /// Whether a fleet has what it desires, all of it in service and alive.
    pub fn is_steady(&self, fleet: &str) -> bool {
        self.fleets.get(fleet).is_some_and(|fleet| {
            let serving = |member: &super::fleet::Member| member.state == LifecycleState::InService && !member.dead;
            fleet.instances.values().all(serving) && fleet.capacity() == fleet.desired
        })
    }
}
