//! The prepare stage: judges the gates, holds the floors, waits for green's capacity. Nothing is attached yet.

use super::case::Case;
use super::gates::Gate;
use super::{Action, Step};
use crate::mutation::{self, Mutation};
use crate::release::policy::InAlarmAtStart;
use crate::release::{
    AlarmState, CLOCKS, FleetName, Floor, Reading, Span, Stage, Status, Timestamp, VerdictState, WaitingOn, Wanted,
};

impl Case<'_> {
    /// The rules of `prepare`.
    pub(super) fn prepare(&mut self) -> Step {
        self.learn_delays();
        if self.release.evidence_since.is_some() {
            self.except_old_episodes();
            let verdict = self.judge(None);
            if verdict.state == VerdictState::InAlarm && self.way_back() {
                return self.roll_back(super::verdict::blame(&verdict), Some(verdict));
            }
        }
        self.learn_habits();
        let gates = self.gates();
        if let Some((gate, why)) = gates.iter().find_map(never) {
            return self.reject(format!("gate {gate}: {why}"));
        }
        let deadline = self.release.started_at + Span::seconds(self.release.policy.prepare_timeout_seconds);
        let late = self.now() >= deadline && !mutation::on(Mutation::PrepareForever);
        // Nothing is written before every gate was read: one that can't heal rejects without a trace on the fleets.
        if !late && !gates.iter().any(|(_, gate)| matches!(gate, Gate::Unknown(_))) {
            self.hold_floors();
        }
        let waiting = self.preparing(&gates, deadline);
        match waiting {
            None if late && self.unheld().is_some() => {
                let fleet = self.unheld().map(ToString::to_string).unwrap_or_default();
                self.reject(format!("the floor of {fleet} couldn't be held"))
            }
            None if self.actions.is_empty() => self.begin_attach(&gates),
            Some(waiting) if late => {
                let why = said(&waiting);
                self.reject(format!("not ready within {} s: {why}", self.release.policy.prepare_timeout_seconds))
            }
            Some(waiting) => Step::Rest(waiting),
            None => Step::Rest(self.settling(self.now())),
        }
    }

    /// How long a target that leaves is left to finish: asked before anything is attached, and of a fleet born attached
    /// before it may have to leave.
    fn learn_delays(&mut self) {
        let seen = self.seen;
        for (group, terms) in &mut self.release.groups {
            if let Ok(attributes) = seen.attributes(group) {
                terms.deregistration_delay = attributes.deregistration_delay;
            }
        }
    }

    /// Blue at its desired capacity, green at the required: neither may shrink under the release.
    fn hold_floors(&mut self) {
        let blue: Vec<_> = self.release.blue.iter().map(|member| member.fleet.clone()).collect();
        for name in blue {
            if let Ok(Some(fleet)) = self.seen.fleet(&name) {
                self.hold(&name, fleet.sizes.desired);
            }
        }
        if let Ok(required) = self.capacity_required() {
            let green = self.release.green.fleet.clone();
            self.hold(&green, required);
        }
    }

    /// A fleet whose floor was meant to be held, and isn't.
    fn unheld(&self) -> Option<&FleetName> {
        let unheld = |floor: Floor| !floor.confirmed && !floor.foreign;
        self.release.members().find(|member| !member.gone && member.floor.is_some_and(unheld)).map(|of| &of.fleet)
    }

    /// What the attach still waits for.
    fn preparing(&self, gates: &[(&'static str, Gate)], deadline: Timestamp) -> Option<WaitingOn> {
        let closed = gates.iter().find_map(|(gate, state)| match state {
            Gate::Closed(detail) | Gate::Unknown(detail) => Some((gate, detail)),
            Gate::Open | Gate::Never(_) | Gate::Advice(_) => None,
        });
        if let Some((gate, detail)) = closed {
            return Some(WaitingOn::Gate { gate: (*gate).to_owned(), detail: detail.clone(), deadline });
        }
        if let Some((member, from)) = self.unsettled() {
            return Some(WaitingOn::Settle { fleet: member.fleet.to_string(), deadline: from });
        }
        let ready = self.ready();
        match ready {
            Ok((in_service, required)) if in_service >= required => None,
            Ok((in_service, required)) => Some(WaitingOn::Capacity { in_service, required, deadline }),
            Err(why) => Some(WaitingOn::Gate { gate: "capacity".into(), detail: why.to_string(), deadline }),
        }
    }

    fn ready(&self) -> Reading<(u32, u32)> {
        let in_service = self.fleet(&self.release.green)?.map_or(0, crate::release::Fleet::in_service);
        Ok((in_service, self.capacity_required()?))
    }

    /// Fixes the terms of the release, and means green to be attached everywhere: from here on alarms count.
    fn begin_attach(&mut self, gates: &[(&'static str, Gate)]) -> Step {
        for (gate, state) in gates {
            if let Gate::Advice(detail) = state {
                self.release.warn(format!("{gate}: {detail}"));
            }
        }
        let _fits = self.fit_bake();
        let mut terms = self.release.groups.clone();
        for (group, terms) in &mut terms {
            let Ok(required) = self.required_now(group, terms) else {
                // The gates were open, so it was read; a rule that changes that must not attach half-informed.
                return Step::Rest(self.settling(self.now()));
            };
            terms.required = required;
        }
        self.release.groups = terms;
        if self.release.policy.in_alarm_at_start == InAlarmAtStart::Ignore {
            self.except_old_episodes();
        }
        let since = self.now() - CLOCKS;
        self.release.evidence_since.get_or_insert(since);
        self.release.green.links.values_mut().for_each(|link| link.want(Wanted::On));
        let green = self.release.green.fleet.clone();
        self.enter(Stage::Attach, Status::InProgress, format!("the gates are open: attaching {green}"));
        self.notice();
        Step::Again
    }

    /// The episodes that alarms are in now, and that began before the evidence does, are no evidence: the gate
    /// `alarm_state` judges them, a new transition counts.
    fn except_old_episodes(&mut self) {
        let seen = self.seen;
        let before = self.release.evidence_since;
        for watched in &mut self.release.watched {
            let Ok(Some(alarm)) = seen.alarm(&watched.alarm) else { continue };
            let old = |at: &Timestamp| before.is_none_or(|evidence| *at < evidence);
            if alarm.state == AlarmState::Alarm && watched.ignored_episode.is_none() {
                watched.ignored_episode = alarm.transitioned_at.filter(old);
            }
        }
    }

    /// Ends it before it served, as found.
    pub(super) fn reject(&mut self, why: String) -> Step {
        if self.release.green.found_groups().next().is_some() {
            let warning = format!("{} was born attached and stays so", self.release.green.fleet);
            self.release.warn(warning);
        }
        self.finish(Status::Rejected, why)
    }

    /// The wait after something was written, or while a reading doesn't count yet.
    pub(super) fn settling(&self, now: Timestamp) -> WaitingOn {
        let written = self.actions.first().map(|action: &Action| action.fleet());
        let fleet = written.or(self.unsettled().map(|(member, _)| &member.fleet)).unwrap_or(&self.release.green.fleet);
        let from = match self.unsettled() {
            Some((_, from)) if self.actions.is_empty() => from,
            _ => now + self.settle(),
        };
        WaitingOn::Settle { fleet: fleet.to_string(), deadline: from }
    }
}

fn never<'g>((gate, state): &'g (&'static str, Gate)) -> Option<(&'g str, &'g str)> {
    match state {
        Gate::Never(detail) => Some((gate, detail)),
        Gate::Open | Gate::Closed(_) | Gate::Unknown(_) | Gate::Advice(_) => None,
    }
}

/// A wait in a sentence's end.
fn said(waiting: &WaitingOn) -> String {
    match waiting {
        WaitingOn::Gate { gate, detail, .. } => format!("gate {gate}: {detail}"),
        WaitingOn::Capacity { in_service, required, .. } => {
            format!("{in_service} of {required} instances are InService")
        }
        other => format!("waiting on {}", other.kind()),
    }
}
