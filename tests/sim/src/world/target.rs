//! Targets: registered, checked, healthy or not, draining, gone (AWS.md 3).

use super::World;
use super::balancer::Group;
use super::queue::Due;
use super::spec::{Health, Then};
use crate::api::{Millis, TargetReason, TargetState};

/// What is true of a target; what is shown of it may differ ([`World::shown`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Being registered.
    Registering,
    /// Registered, not yet checked often enough.
    Checking,
    /// Passes.
    Healthy,
    /// Fails; on an NLB its connections are being ended first.
    UnhealthyDraining,
    /// Fails.
    Unhealthy,
    /// Deregistered, until the delay is over.
    Draining,
}

/// One registered instance.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The fleet that it was launched by; `None`: somebody registered it by hand.
    pub(crate) fleet: Option<String>,
    pub(crate) zone: String,
    pub(crate) condition: Condition,
    /// The end of its draining.
    pub(crate) until: Millis,
    /// Changes with each registration and each verdict: what was planned for an earlier turn is void.
    pub(crate) turn: u64,
}

impl World {
    /// State, reason and description as DescribeTargetHealth shows them.
    pub(crate) fn shown(
        &self,
        group: &Group,
        target: &Target,
    ) -> (TargetState, Option<TargetReason>, Option<&'static str>) {
        if target.condition == Condition::Draining {
            let reason = Some(TargetReason::DeregistrationInProgress);
            return (TargetState::Draining, reason, Some("Target deregistration is in progress"));
        }
        if !self.in_use(group, &target.zone) {
            let why = if group.spec.load_balancers.is_empty() {
                "Target group is not configured to receive traffic from the load balancer"
            } else {
                "Target is in an Availability Zone that is not enabled for the load balancer"
            };
            return (TargetState::Unused, Some(TargetReason::NotInUse), Some(why));
        }
        if !group.spec.health_checks {
            let why = "Health checks are disabled for this target group";
            return (TargetState::Unavailable, Some(TargetReason::HealthCheckDisabled), Some(why));
        }
        match target.condition {
            Condition::Registering => {
                let reason = Some(TargetReason::RegistrationInProgress);
                (TargetState::Initial, reason, Some("Target registration is in progress"))
            }
            Condition::Checking => {
                let reason = Some(TargetReason::InitialHealthChecking);
                (TargetState::Initial, reason, Some("Initial health checks in progress"))
            }
            Condition::UnhealthyDraining => {
                (TargetState::UnhealthyDraining, Some(TargetReason::FailedHealthChecks), Some("Health checks failed"))
            }
            Condition::Unhealthy => {
                (TargetState::Unhealthy, Some(TargetReason::FailedHealthChecks), Some("Health checks failed"))
            }
            Condition::Healthy | Condition::Draining => (TargetState::Healthy, None, None),
        }
    }

    /// Registers an instance; one that drains is taken back, and has to pass its checks anew.
    pub(crate) fn register(&mut self, arn: &str, instance: &str, fleet: Option<&str>, zone: &str) {
        let turn = self.make();
        let Some(group) = self.groups.get_mut(arn) else { return };
        if group.targets.get(instance).is_some_and(|target| target.condition != Condition::Draining) {
            return;
        }
        let target = Target {
            fleet: fleet.map(str::to_owned),
            zone: zone.to_owned(),
            condition: Condition::Registering,
            until: 0,
            turn,
        };
        group.targets.insert(instance.to_owned(), target);
        group.flows.dirty = true;
        self.plan(arn, instance, self.settings.registration, Condition::Checking);
    }

    /// Begins draining; a target of no group is nothing to do.
    pub(crate) fn deregister(&mut self, arn: &str, instance: &str) {
        let turn = self.make();
        let now = self.now;
        let Some(group) = self.groups.get_mut(arn) else { return };
        let delay = group.spec.delay * 1000;
        let Some(target) = group.targets.get_mut(instance) else { return };
        if target.condition == Condition::Draining {
            return;
        }
        let was_serving = target.condition == Condition::Healthy;
        (target.condition, target.until, target.turn) = (Condition::Draining, now + delay, turn);
        group.flows.dirty = true;
        if was_serving {
            self.cut_off(arn, instance, delay);
        }
        self.schedule(now + delay, Due::Drained { group: arn.to_owned(), instance: instance.to_owned(), turn });
    }

    pub(crate) fn drained(&mut self, arn: &str, instance: &str, turn: u64) {
        let Some(group) = self.groups.get_mut(arn) else { return };
        if group.targets.get(instance).is_none_or(|target| target.turn != turn) {
            return;
        }
        let fleet = group.targets.remove(instance).and_then(|target| target.fleet);
        group.flows.dirty = true;
        if let Some(fleet) = fleet {
            self.settle_attachment(&fleet, arn);
            self.drained_instance(&fleet, instance);
        }
    }

    /// Plans a target's next condition, as long as nothing else happens to it.
    fn plan(&mut self, arn: &str, instance: &str, after: Millis, to: Condition) {
        let Some(turn) = self.groups.get(arn).and_then(|group| group.targets.get(instance)).map(|target| target.turn)
        else {
            return;
        };
        let due = Due::Target { group: arn.to_owned(), instance: instance.to_owned(), turn, to };
        self.schedule(self.now + after, due);
    }

    pub(crate) fn target_turns(&mut self, arn: &str, instance: &str, turn: u64, to: Condition) {
        let Some(group) = self.groups.get(arn) else { return };
        if group.targets.get(instance).is_some_and(|target| target.turn == turn) {
            self.turn_target(arn, instance, to);
        }
    }

    /// Sets a target's condition and plans what follows from its fleet's health.
    pub(crate) fn turn_target(&mut self, arn: &str, instance: &str, to: Condition) {
        let turn = self.make();
        let Some(group) = self.groups.get_mut(arn) else { return };
        let nlb_drain = group.spec.unhealthy_draining * 1000;
        let Some(target) = group.targets.get_mut(instance) else { return };
        if target.condition == Condition::Draining {
            return;
        }
        let to = if to == Condition::Unhealthy && target.condition == Condition::Healthy && nlb_drain > 0 {
            Condition::UnhealthyDraining
        } else {
            to
        };
        (target.condition, target.turn) = (to, turn);
        let (fleet, zone) = (target.fleet.clone(), target.zone.clone());
        group.flows.dirty = true;
        let health = self.health_of(fleet.as_deref(), arn, instance);
        match to {
            Condition::Checking => self.check(arn, instance, &zone, health),
            Condition::Healthy => self.after_healthy(arn, instance, fleet.as_deref(), health),
            Condition::UnhealthyDraining => self.plan(arn, instance, nlb_drain, Condition::Unhealthy),
            Condition::Unhealthy => {
                if let Then::Flap { down, .. } = health.then {
                    self.plan(arn, instance, down, Condition::Healthy);
                }
            }
            Condition::Registering | Condition::Draining => {}
        }
        if let Some(fleet) = fleet {
            self.settle_attachment(&fleet, arn);
            if matches!(to, Condition::Unhealthy | Condition::UnhealthyDraining) {
                self.notice_unhealthy(&fleet, arn, instance);
            }
        }
    }

    /// Begins the checks of a registered target: only where a listener uses the group and the zone is enabled.
    fn check(&mut self, arn: &str, instance: &str, zone: &str, health: Health) {
        if !self.groups.get(arn).is_some_and(|group| self.in_use(group, zone)) {
            return;
        }
        match health.healthy_after {
            Some(after) => self.plan(arn, instance, after, Condition::Healthy),
            None => self.plan(arn, instance, health.unhealthy_after, Condition::Unhealthy),
        }
    }

    fn after_healthy(&mut self, arn: &str, instance: &str, fleet: Option<&str>, health: Health) {
        match health.then {
            Then::Stay => {}
            Then::Flap { up, .. } => self.plan(arn, instance, up, Condition::Unhealthy),
            Then::UnhealthyAfterTraffic(after) => {
                if let Some(first) = fleet.and_then(|name| self.fleets.get(name)).and_then(|fleet| fleet.first_request)
                {
                    self.plan(arn, instance, (first + after - self.now).max(0), Condition::Unhealthy);
                }
            }
        }
    }

    /// A fleet got its first request: those of its targets that can't stand any begin to fail.
    pub(crate) fn first_request(&mut self, fleet: &str) {
        for (arn, instance) in self.targets_of(fleet) {
            let healthy = self.groups[&arn].targets[&instance].condition == Condition::Healthy;
            let health = self.health_of(Some(fleet), &arn, &instance);
            if healthy && matches!(health.then, Then::UnhealthyAfterTraffic(_)) {
                self.after_healthy(&arn, &instance, Some(fleet), health);
            }
        }
    }

    /// Lets the checks of every waiting target of a group begin: its listener or its zones have changed.
    pub(crate) fn recheck(&mut self, arn: &str) {
        let Some(group) = self.groups.get_mut(arn) else { return };
        group.flows.dirty = true;
        let waiting: Vec<String> = group
            .targets
            .iter()
            .filter(|(_, target)| target.condition == Condition::Checking)
            .map(|(instance, _)| instance.clone())
            .collect();
        for instance in waiting {
            self.turn_target(arn, &instance, Condition::Checking);
        }
    }

    /// A fleet's health has changed: its targets begin to go where it leads.
    pub(crate) fn health_changed(&mut self, fleet: &str) {
        for (arn, instance) in self.targets_of(fleet) {
            let condition = self.groups[&arn].targets[&instance].condition;
            let health = self.health_of(Some(fleet), &arn, &instance);
            match (condition, health.healthy_after) {
                (Condition::Healthy, None) => self.turn_target(&arn, &instance, Condition::Unhealthy),
                (Condition::Healthy, Some(_)) => self.turn_target(&arn, &instance, Condition::Healthy),
                (Condition::Unhealthy | Condition::UnhealthyDraining, Some(after)) => {
                    self.plan(&arn, &instance, after, Condition::Healthy);
                }
                (Condition::Checking, _) => self.turn_target(&arn, &instance, Condition::Checking),
                _ => {}
            }
        }
    }

    pub(crate) fn targets_of(&self, fleet: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (arn, group) in &self.groups {
            let own = group.targets.iter().filter(|(_, target)| target.fleet.as_deref() == Some(fleet));
            found.extend(own.map(|(instance, _)| (arn.clone(), instance.clone())));
        }
        found
    }

    pub(crate) fn health_of(&self, fleet: Option<&str>, arn: &str, instance: &str) -> Health {
        let name = self.groups.get(arn).map_or("", |group| group.spec.name.as_str());
        let Some(fleet) = fleet.and_then(|name| self.fleets.get(name)) else { return Health::after(10) };
        if fleet.instances.get(instance).is_some_and(|instance| instance.dead) {
            return Health::never();
        }
        let own = fleet.behaviour.health_in.iter().rev().find(|(group, _)| group == name);
        own.map_or(fleet.behaviour.health, |(_, health)| *health)
    }
}
