//! The attach stage: green onto every target group, until it's healthy in each.

use super::Step;
use super::case::{Answer, Case};
use crate::mutation::{self, Mutation};
use crate::release::{Span, Stage, Status, TargetGroupArn, VerdictState, WaitingOn};

impl Case<'_> {
    /// The rules of `attach`: ALARM, then success, then deadline.
    pub(super) fn attach(&mut self) -> Step {
        if let Some(why) = self.green_taken_out() {
            return self.back_or_reject(why);
        }
        if let Some(step) = self.alarm_wins(None) {
            return step;
        }
        let green = self.release.green.clone();
        let writing = self.attach_missing(&green);
        if !writing && let Some(why) = self.never_used() {
            return self.back_or_reject(why);
        }
        let settled = self.settled(&self.release.green);
        let health = if settled && !writing { Some(self.green_healthy(|_, terms| Ok(terms.required))) } else { None };
        if health == Some(Answer::Yes) {
            return self.healthy_at_last();
        }
        let since = if mutation::on(Mutation::DeadlineSlides) { self.now() } else { self.release.stage_since };
        let deadline = since + Span::seconds(self.release.policy.attach_timeout_seconds);
        if self.now() >= deadline {
            self.actions.clear();
            return self.attached_too_late(health);
        }
        Step::Rest(match health {
            None => self.settling(self.now()),
            Some(Answer::No(short)) => WaitingOn::TargetHealth {
                target_group: short.group.short().to_owned(),
                healthy: short.healthy,
                required: short.required,
                deadline,
            },
            Some(Answer::Unknown(unknown)) => WaitingOn::Evidence { unknown, deadline },
            Some(Answer::Yes) => self.settling(self.now()),
        })
    }

    fn healthy_at_last(&mut self) -> Step {
        let green = self.release.green.fleet.clone();
        if self.release.blue.is_empty() {
            return self.finish(Status::Successful, format!("{green} serves: it is healthy in every target group"));
        }
        self.enter(Stage::Bake, Status::InProgress, format!("{green} is healthy everywhere: both fleets serve"));
        Step::Again
    }

    fn attached_too_late(&mut self, health: Option<Answer>) -> Step {
        let seconds = self.release.policy.attach_timeout_seconds;
        let why = match health {
            Some(Answer::No(short)) => format!(
                "{} of {} targets healthy in {} after {seconds} s",
                short.healthy,
                short.required,
                short.group.short()
            ),
            Some(Answer::Unknown(why)) => format!("not known to be healthy after {seconds} s: {why}"),
            Some(Answer::Yes) | None => format!("not attached within {seconds} s"),
        };
        self.back_or_reject(why)
    }

    /// Whether green has a healthy target anywhere; `None`: it can't be known.
    pub(super) fn anything_healthy(&self) -> Option<bool> {
        let mut unknown = !self.settled(&self.release.green);
        for group in self.release.groups.keys() {
            match self.count([&self.release.green], group) {
                Ok(count) if count.healthy > 0 => return Some(true),
                Ok(count) => unknown |= count.unclear + count.doubtful > 0,
                Err(_) => unknown = true,
            }
        }
        (!unknown).then_some(false)
    }

    /// `Target.NotInUse` never heals by waiting.
    fn never_used(&self) -> Option<String> {
        let green = &self.release.green;
        if !self.settled(green) {
            return None;
        }
        let unused = |group: &&TargetGroupArn| self.count([green], group).is_ok_and(|count| count.not_in_use > 0);
        let group = self.release.groups.keys().find(unused)?;
        Some(format!(
            "Target.NotInUse: {} isn't used by a load balancer for the zones of {}",
            group.short(),
            green.fleet
        ))
    }

    /// Goes back; without blue only what nothing healthy is in.
    fn back_or_reject(&mut self, why: String) -> Step {
        if !self.release.blue.is_empty() {
            return self.roll_back(why, None);
        }
        if self.release.green.gone {
            return self.finish(Status::Rejected, why);
        }
        // Nothing healthy is ever detached without blue, and nothing that isn't known to be unhealthy.
        match self.anything_healthy() {
            Some(false) => self.roll_back(why, None),
            Some(true) | None => {
                self.release.warn(format!("not healthy everywhere, but nothing else serves: {why}"));
                self.finish(Status::Successful, format!("{} serves, with a warning: {why}", self.release.green.fleet))
            }
        }
    }

    /// An ALARM leads back, wherever there is a way back; without, it's said.
    pub(super) fn alarm_wins(&mut self, until: Option<crate::release::Timestamp>) -> Option<Step> {
        if self.release.alarms_waived || mutation::on(Mutation::VerdictUnasked) {
            return None;
        }
        let verdict = self.judge(until);
        if verdict.state != VerdictState::InAlarm {
            return None;
        }
        let why = super::verdict::blame(&verdict);
        if self.way_back() {
            return Some(self.roll_back(why, Some(verdict)));
        }
        self.release.warn(format!("{why}; there is no blue to go back to"));
        None
    }
}
