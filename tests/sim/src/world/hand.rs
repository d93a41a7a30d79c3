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
    /// Does it now; whether anything is otherwise than before.
    pub fn hand(&mut self, hand: Hand) -> bool {
        let changed = self.apply(hand);
        self.reflow();
        changed
    }

    /// Plans it for a moment.
    pub fn at(&mut self, at: Millis, hand: Hand) {
        self.schedule(at, Due::Hand(Box::new(hand)));
    }

    /// Plans it for so many seconds from now.
    pub fn after(&mut self, seconds: i64, hand: Hand) {
        self.at(self.now + seconds * 1000, hand);
    }

    pub(crate) fn apply(&mut self, hand: Hand) -> bool {
        match hand {
            Hand::CreateFleet(spec) => {
                let new = !self.fleets.contains_key(&spec.name);
                if new {
                    self.add_fleet(*spec, false);
                }
                new
            }
            Hand::DeleteFleet(fleet) => self.delete_fleet(&fleet),
            Hand::Tag(fleet, key, value) => self.tag(&fleet, key, value),
            Hand::Kill(fleet, count) => {
                let doomed: Vec<String> = self.in_service(&fleet).into_iter().take(count).collect();
                doomed.iter().for_each(|id| self.kill(&fleet, id));
                !doomed.is_empty()
            }
            Hand::Resize(fleet, min, desired, max) => self.sizes_by(&fleet, min, desired, max, "person"),
            Hand::ScheduledAction(fleet, min, desired, max) => {
                let heeded = self.fleets.get(&fleet).is_some_and(|fleet| !fleet.is_suspended("ScheduledActions"));
                heeded && self.sizes_by(&fleet, min, desired, max, "scheduled action")
            }
            Hand::Scale(fleet, desired) => match self.sizes(&fleet) {
                Some((min, _, max)) => {
                    self.sizes_by(&fleet, None, Some(desired.clamp(min, max)), None, "scaling policy")
                }
                None => false,
            },
            Hand::Suspend(fleet, process) => {
                self.fleets.get_mut(&fleet).is_some_and(|fleet| fleet.suspended.insert(process))
            }
            Hand::Resume(fleet, process) => self.resume(&fleet, &process),
            Hand::StartRefresh(fleet, seconds) => {
                self.start_refresh(&fleet, seconds * 1000);
                self.refreshing(&fleet)
            }
            Hand::CancelRefresh(fleet) => {
                let ran = self.refreshing(&fleet);
                self.cancel_refresh(&fleet);
                ran
            }
            Hand::Attach(fleet, group, style) => {
                let arn = self.group_arn(&group).unwrap_or(group);
                self.attach(&fleet, &[arn], style).unwrap_or(false)
            }
            Hand::Detach(fleet, group, style) => {
                let arn = self.group_arn(&group).unwrap_or(group);
                self.detach(&fleet, &[arn], style).unwrap_or(false)
            }
            other => self.apply_elsewhere(other),
        }
    }

    fn sizes_by(&mut self, fleet: &str, min: Option<i32>, desired: Option<i32>, max: Option<i32>, by: &str) -> bool {
        let before = self.sizes(fleet);
        // What AWS refuses of it changes nothing.
        drop(self.resize(fleet, min, desired, max, by));
        before != self.sizes(fleet)
    }

    /// What is done to anything but a fleet's own settings.
    fn apply_elsewhere(&mut self, hand: Hand) -> bool {
        match hand {
            Hand::Health(name, group, health) => {
                let Some(fleet) = self.fleets.get_mut(&name) else { return false };
                let before = (fleet.behaviour.health, fleet.behaviour.health_in.clone());
                match group {
                    Some(group) => fleet.behaviour.health_in.push((group, health)),
                    None => {
                        fleet.behaviour.health = health;
                        fleet.behaviour.health_in.clear();
                    }
                }
                let changed = before != (fleet.behaviour.health, fleet.behaviour.health_in.clone());
                self.health_changed(&name);
                changed
            }
            Hand::Errors(name, share) => {
                let Some(fleet) = self.fleets.get_mut(&name) else { return false };
                let before = std::mem::replace(&mut fleet.behaviour.errors, vec![(0, share)]);
                let changed = before != fleet.behaviour.errors;
                self.dirty_all();
                changed
            }
            Hand::Requests(group, rate) => self.change_group(&group, |group| group.spec.requests_per_second = rate),
            Hand::CreateGroup(spec) => {
                self.add_group(spec);
                true
            }
            Hand::DeleteGroup(group) => self.group_arn(&group).is_some_and(|arn| self.groups.remove(&arn).is_some()),
            Hand::Listen(group, balancer) => {
                let changed = self.change_group(&group, |group| group.spec.load_balancers.push(balancer));
                self.recheck_group(&group);
                changed
            }
            Hand::Unlisten(group) => self.change_group(&group, |group| group.spec.load_balancers.clear()),
            Hand::Zone(balancer, zone, enabled) => self.set_zone(&balancer, zone, enabled),
            Hand::HealthChecks(group, on) => self.change_group(&group, |group| group.spec.health_checks = on),
            Hand::RegisterForeign(group, instance) => {
                let arn = self.group_arn(&group);
                arn.iter().for_each(|arn| self.register(arn, &instance, None, "eu-west-1a"));
                arn.is_some()
            }
            other => self.apply_to_alarms(other),
        }
    }

    fn apply_to_alarms(&mut self, hand: Hand) -> bool {
        match hand {
            Hand::CreateAlarm(spec) => {
                self.add_alarm(*spec, false);
                true
            }
            Hand::DeleteAlarm(alarm) => {
                let was = self.alarm_state(&alarm).is_some();
                self.delete_alarm(&alarm);
                was
            }
            Hand::SetAlarm(alarm, state) => {
                let before = self.alarm_state(&alarm);
                self.force_alarm(&alarm, state, "Set by a person");
                before != self.alarm_state(&alarm)
            }
            Hand::Evaluation(alarm, state) => self.set_evaluation(&alarm, state),
            Hand::Fault(rule) => {
                self.add_fault(rule);
                true
            }
            Hand::ClearFaults => {
                self.clear_faults();
                true
            }
            _ => false,
        }
    }

    fn tag(&mut self, name: &str, key: String, value: Option<String>) -> bool {
        let Some(fleet) = self.fleets.get_mut(name) else { return false };
        let before = fleet.tags.get(&key).cloned();
        match &value {
            Some(value) => {
                fleet.tags.insert(key.clone(), value.clone());
                self.announce_tagged(name, &key, value);
            }
            None => drop(fleet.tags.remove(&key)),
        }
        before != value
    }

    fn change_group(&mut self, group: &str, change: impl FnOnce(&mut Group)) -> bool {
        let Some(group) = self.group_arn(group).and_then(|arn| self.groups.get_mut(&arn)) else { return false };
        change(group);
        group.flows.dirty = true;
        true
    }

    fn recheck_group(&mut self, group: &str) {
        if let Some(arn) = self.group_arn(group) {
            self.recheck(&arn);
        }
    }

    fn set_zone(&mut self, balancer: &str, zone: String, enabled: bool) -> bool {
        let Some(balancer) = self.balancers.get_mut(balancer) else { return false };
        let was = balancer.zones.contains(&zone);
        balancer.zones.retain(|held| *held != zone);
        if enabled {
            balancer.zones.push(zone);
        }
        for arn in self.groups.keys().cloned().collect::<Vec<_>>() {
            self.recheck(&arn);
        }
        was != enabled
    }

    /// Whether a fleet has what it desires, all of it in service and alive.
    pub fn is_steady(&self, fleet: &str) -> bool {
        self.fleets.get(fleet).is_some_and(|fleet| {
            let serving = |member: &super::fleet::Member| member.state == LifecycleState::InService && !member.dead;
            fleet.instances.values().all(serving) && fleet.capacity() == fleet.desired
        })
    }
}
