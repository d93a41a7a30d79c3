//! Capacity: how a fleet comes to its desired size, and what it replaces (AWS.md 2 and 4).

use super::World;
use super::queue::Due;
use super::target::Condition;
use crate::api::{ApiError, AttachmentState, LifecycleState, Millis};

impl World {
    /// Sets sizes as UpdateAutoScalingGroup does. A MinSize above the current desired capacity lifts that; a MaxSize below it lowers it.
    pub(crate) fn resize(
        &mut self,
        name: &str,
        min: Option<i32>,
        desired: Option<i32>,
        max: Option<i32>,
        by: &str,
    ) -> Result<bool, ApiError> {
        let Some(fleet) = self.fleets.get(name) else { return Err(no_fleet(name)) };
        let before = (fleet.min, fleet.desired, fleet.max);
        let (min, max) = (min.unwrap_or(fleet.min), max.unwrap_or(fleet.max));
        if min < 0 || max < 0 || desired.is_some_and(|desired| desired < 0) {
            return Err(ApiError::validation(
                "1 validation error detected: sizes must have value greater than or equal to 0",
            ));
        }
        if min > max {
            return Err(ApiError::validation(format!(
                "Max bound, {max}, must be greater than or equal to min bound, {min}"
            )));
        }
        let desired = desired.unwrap_or_else(|| fleet.desired.clamp(min, max));
        if desired < min || desired > max {
            return Err(ApiError::validation(format!(
                "Desired capacity:{desired} must be between the specified min size:{min} and max size:{max}"
            )));
        }
        if before == (min, desired, max) {
            return Ok(false);
        }
        self.remember(name);
        if let Some(fleet) = self.fleets.get_mut(name) {
            (fleet.min, fleet.desired, fleet.max) = (min, desired, max);
        }
        if before.0 != min {
            self.note_floor(name, by);
        }
        self.reconcile(name);
        Ok(true)
    }

    /// Launches what is missing and ends what is too much.
    pub(crate) fn reconcile(&mut self, name: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let unit = fleet.weight.unwrap_or(1).max(1);
        let (missing, surplus) = (fleet.desired - fleet.capacity(), fleet.capacity() - fleet.desired);
        if missing > 0 && !fleet.is_suspended("Launch") && !fleet.deleting {
            if self.launch_fails(name).is_some() {
                self.begin_failure(name);
            } else {
                for _ in 0..(missing + unit - 1) / unit {
                    self.launch(name);
                }
            }
        } else if surplus >= unit && !fleet.is_suspended("Terminate") {
            for _ in 0..surplus / unit {
                self.scale_in(name);
            }
        }
    }

    /// Ends one instance: of the fullest zone the oldest.
    fn scale_in(&mut self, name: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let live = fleet
            .instances
            .iter()
            .filter(|(_, member)| matches!(member.state, LifecycleState::Pending | LifecycleState::InService));
        let held = |zone: &str| live.clone().filter(|(_, member)| member.zone == zone).count();
        let chosen = live.clone().max_by_key(|(id, member)| (held(&member.zone), std::cmp::Reverse((*id).clone())));
        if let Some(id) = chosen.map(|(id, _)| id.clone()) {
            self.terminate(name, &id);
        }
    }

    /// Why a launch would come to nothing: a deleted target group still attached makes every one fail (AWS.md 1).
    fn launch_fails(&self, name: &str) -> Option<String> {
        let fleet = self.fleets.get(name)?;
        if fleet.attachments.keys().any(|(arn, _)| !self.groups.contains_key(arn)) {
            return Some("One or more target groups not found. Validating load balancer configuration failed.".into());
        }
        if fleet.behaviour.launch_failures_first > 0 {
            let message =
                "We currently do not have sufficient m7g.large capacity in the Availability Zone you requested.";
            return Some(fleet.behaviour.launch_failure.clone().unwrap_or_else(|| message.into()));
        }
        fleet.behaviour.launch_failure.clone()
    }

    fn begin_failure(&mut self, name: &str) {
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        if !fleet.failing {
            fleet.failing = true;
            let at = self.now + fleet.behaviour.launch;
            self.schedule(at, Due::LaunchFailed { fleet: name.to_owned() });
        }
    }

    pub(crate) fn launch_failed(&mut self, name: &str) {
        let message = self.launch_fails(name);
        let retry = self.now + self.settings.launch_retry;
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        if let Some(message) = message {
            fleet.behaviour.launch_failures_first = fleet.behaviour.launch_failures_first.saturating_sub(1);
            self.announce_launch_failure(name, &message);
        }
        self.schedule(retry, Due::Reconcile { fleet: name.to_owned() });
    }

    pub(crate) fn retry_launches(&mut self, name: &str) {
        if let Some(fleet) = self.fleets.get_mut(name) {
            fleet.failing = false;
            self.reconcile(name);
        }
    }

    /// An instance stops working, from one moment to the next.
    pub(crate) fn kill(&mut self, name: &str, id: &str) {
        let now = self.now;
        let Some(member) = self.fleets.get_mut(name).and_then(|fleet| fleet.instances.get_mut(id)) else { return };
        member.dead = true;
        let registered: Vec<(String, bool)> = self
            .groups
            .iter()
            .filter_map(|(arn, group)| {
                group.targets.get(id).map(|target| (arn.clone(), target.condition == Condition::Healthy))
            })
            .collect();
        for (arn, serving) in registered {
            if serving {
                self.died(&arn, id);
            }
            self.turn_target(&arn, id, Condition::Unhealthy);
        }
        let at = now + self.settings.replacement;
        self.schedule(at, Due::Replace { fleet: name.to_owned(), instance: id.to_owned() });
    }

    /// A target has turned unhealthy. With ELB health checks its fleet acts on it once the attachment is InService, after the grace
    /// of a new instance; if none ever passes, nothing is replaced (AWS.md 2).
    pub(crate) fn notice_unhealthy(&mut self, name: &str, arn: &str, id: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let in_service = fleet
            .attachments
            .iter()
            .any(|((group, _), attachment)| group == arn && attachment.state == AttachmentState::InService);
        let Some(member) = fleet.instances.get(id) else { return };
        if fleet.checks_elb() && in_service && member.state == LifecycleState::InService {
            let grace_over: Millis = member.launched + fleet.grace;
            let at = (self.now + self.settings.replacement).max(grace_over);
            self.schedule(at, Due::Replace { fleet: name.to_owned(), instance: id.to_owned() });
        }
    }

    /// Replaces an instance that is dead, or still unhealthy by the load balancer's word.
    pub(crate) fn replace_unhealthy(&mut self, name: &str, id: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let Some(member) = fleet.instances.get(id) else { return };
        let failing = self.groups.values().any(|group| {
            group
                .targets
                .get(id)
                .is_some_and(|target| matches!(target.condition, Condition::Unhealthy | Condition::UnhealthyDraining))
        });
        if !(member.dead || failing && fleet.checks_elb()) || fleet.is_suspended("HealthCheck") {
            return;
        }
        let postponed = fleet.is_suspended("ReplaceUnhealthy") || fleet.is_suspended("Terminate");
        if let Some(member) = self.fleets.get_mut(name).and_then(|fleet| fleet.instances.get_mut(id)) {
            member.unhealthy = true;
        }
        if !postponed {
            self.terminate(name, id);
            self.reconcile(name);
        }
    }

    /// A process goes on: what was marked meanwhile goes at once (AWS.md 4). Whether it had been suspended.
    pub(crate) fn resume(&mut self, name: &str, process: &str) -> bool {
        let Some(fleet) = self.fleets.get_mut(name) else { return false };
        let was = fleet.suspended.remove(process);
        let marked: Vec<String> =
            fleet.instances.iter().filter(|(_, member)| member.unhealthy).map(|(id, _)| id.clone()).collect();
        for id in marked {
            self.replace_unhealthy(name, &id);
        }
        self.reconcile(name);
        was
    }

    /// Deletes a fleet by force: its instances end, then it is gone. Whether nobody had begun to yet.
    pub(crate) fn delete_fleet(&mut self, name: &str) -> bool {
        self.remember(name);
        let Some(fleet) = self.fleets.get_mut(name) else { return false };
        let first = !std::mem::replace(&mut fleet.deleting, true);
        (fleet.min, fleet.desired, fleet.max) = (0, 0, 0);
        let members: Vec<String> = fleet.instances.keys().cloned().collect();
        if members.is_empty() {
            self.fleets.remove(name);
            return first;
        }
        for id in members {
            self.terminate(name, &id);
        }
        first
    }
}

/// AWS's answer about a fleet that doesn't exist.
pub(crate) fn no_fleet(name: &str) -> ApiError {
    ApiError::validation(format!("AutoScalingGroup name not found - AutoScalingGroup {name} not found"))
}
