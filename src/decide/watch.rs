//! The watch stage: blue is kept warm, the alarms are still watched.

use super::Step;
use super::case::{Answer, Case};
use crate::mutation::{self, Mutation};
use crate::release::{Span, Status, VerdictState, WaitingOn, Wanted};

impl Case<'_> {
    /// The rules of `watch`.
    pub(super) fn watch(&mut self) -> Step {
        if let Some(why) = self.green_taken_out() {
            return self.back_or_go_on(why);
        }
        let deadline = self.release.window_ends();
        if !mutation::on(Mutation::WindowUnwatched)
            && let Some(step) = self.alarm_wins(Some(deadline))
        {
            return step;
        }
        self.say_hands();
        let now = self.now();
        // Green may shrink by itself once blue is gone: its own desired capacity is enough.
        let desired = self.fleet(&self.release.green).ok().flatten().map(|fleet| fleet.sizes.desired);
        let health =
            self.follow_health(|_, terms| Ok(desired.map_or(terms.required, |own| own.min(terms.required).max(1))));
        if self.way_back()
            && let Some(step) = self.too_sick(&health)
        {
            return step;
        }
        if now < deadline && !mutation::on(Mutation::WindowSkipped) {
            return Step::Rest(WaitingOn::RollbackWindow { deadline });
        }
        self.window_over(deadline, health)
    }

    fn window_over(&mut self, deadline: crate::release::Timestamp, health: Option<Answer>) -> Step {
        let now = self.now();
        let green = self.release.green.fleet.clone();
        let unknown = match health {
            Some(Answer::No(short)) if self.way_back() => return Step::Rest(self.below(short, None)),
            Some(Answer::Unknown(why)) => Some(why),
            None => return Step::Rest(self.settling(now)),
            Some(Answer::No(short)) => {
                let (healthy, required, group) = (short.healthy, short.required, short.group.short());
                self.release
                    .warn(format!("{healthy} of {required} targets healthy in {group}, and nothing else serves"));
                None
            }
            Some(Answer::Yes) => None,
        };
        // Once they are waived, alarms are neither read nor judged.
        let verdict = if self.release.alarms_waived { None } else { Some(self.judge(Some(deadline))) };
        let unclear = verdict.as_ref().filter(|verdict| verdict.state == VerdictState::Unknown);
        let unknown = unknown.or_else(|| unclear.map(super::verdict::blame));
        self.release.unknown.run_if(unknown.is_some(), now);
        let limit = Span::seconds(self.release.policy.unknown_timeout_seconds);
        match unknown {
            Some(unknown) if self.release.unknown.read(now) < limit => {
                Step::Rest(WaitingOn::Evidence { unknown, deadline: self.release.unknown.reaches(limit, now) })
            }
            Some(unknown) => {
                self.release.warn(format!("the window ended without knowing how green does: {unknown}"));
                self.finish(Status::Successful, format!("{green} serves, with a warning: {unknown}"))
            }
            None => {
                if let Some(verdict) = verdict {
                    self.release.verdict = Some(verdict.brief());
                }
                self.finish(Status::Successful, format!("{green} serves"))
            }
        }
    }

    fn say_hands(&mut self) {
        if !self.way_back() {
            self.release.warn("blue is gone: this release goes on without a way back");
        }
        let blue = self.release.blue.clone();
        for member in &blue {
            for group in self.by_hand(member, Wanted::Off) {
                let warning = format!("{} was attached to {} again by somebody else", member.fleet, group.short());
                self.release.warn(warning);
            }
        }
    }
}
