//! Instance refreshes: a fleet replaces its instances one by one, and can't be attached to anything meanwhile (AWS.md 1).

use super::World;
use super::names;
use super::queue::Due;
use crate::api::{InstanceRefresh, LifecycleState, Millis, RefreshStatus};

/// An instance refresh.
#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) shown: InstanceRefresh,
    /// Instances still to replace.
    left: Vec<String>,
    step: Millis,
}

impl World {
    /// Whether a refresh of this fleet runs.
    pub(crate) fn refreshing(&self, name: &str) -> bool {
        let runs =
            |refresh: &Refresh| matches!(refresh.shown.status, RefreshStatus::Pending | RefreshStatus::InProgress);
        self.fleets.get(name).is_some_and(|fleet| fleet.refreshes.iter().any(runs))
    }

    /// Starts a refresh that takes so long in all.
    pub(crate) fn start_refresh(&mut self, name: &str, length: Millis) {
        let id = names::uuid(self.make());
        let now = self.now;
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        let left: Vec<String> = fleet.instances.keys().cloned().collect();
        let step = length / (left.len() as i64 + 1);
        let shown = InstanceRefresh {
            id: id.clone(),
            asg: name.to_owned(),
            status: RefreshStatus::InProgress,
            start_time: Some(now),
            end_time: None,
            percentage_complete: Some(0),
            instances_to_update: Some(left.len() as i32),
        };
        fleet.refreshes.push(Refresh { shown, left, step });
        self.schedule(now + step, Due::RefreshStep { fleet: name.to_owned(), id });
    }

    pub(crate) fn refresh_step(&mut self, name: &str, id: &str) {
        let now = self.now;
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        let Some(refresh) = fleet.refreshes.iter_mut().find(|refresh| refresh.shown.id == id) else { return };
        if refresh.shown.status != RefreshStatus::InProgress {
            return;
        }
        if refresh.left.is_empty() {
            refresh.shown.status = RefreshStatus::Successful;
            refresh.shown.end_time = Some(now);
            refresh.shown.percentage_complete = Some(100);
            return;
        }
        let instance = refresh.left.remove(0);
        refresh.shown.instances_to_update = Some(refresh.left.len() as i32);
        let step = refresh.step;
        let alive = fleet.instances.get(&instance).is_some_and(|member| member.state == LifecycleState::InService);
        if alive {
            self.terminate(name, &instance);
            self.reconcile(name);
        }
        self.schedule(now + step, Due::RefreshStep { fleet: name.to_owned(), id: id.to_owned() });
    }

    pub(crate) fn cancel_refresh(&mut self, name: &str) {
        let now = self.now;
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        for refresh in fleet.refreshes.iter_mut().filter(|refresh| refresh.shown.status == RefreshStatus::InProgress) {
            refresh.shown.status = RefreshStatus::Cancelled;
            refresh.shown.end_time = Some(now);
        }
    }
}
