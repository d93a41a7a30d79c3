//! The detach stage: blue off every target group, its requests finished.

use super::Step;
use super::case::{Answer, Case};
use super::links::Drained;
use crate::release::{Member, Span, Stage, Status, VerdictState, WaitingOn, Wanted};

impl Case<'_> {
    /// The rules of `detach`.
    pub(super) fn detach(&mut self) -> Step {
        if let Some(why) = self.green_taken_out() {
            return self.back_or_go_on(why);
        }
        if let Some(step) = self.alarm_wins(None) {
            return step;
        }
        let health = self.follow_health(|_, terms| Ok(terms.required));
        if let Some(step) = self.too_sick(&health) {
            return step;
        }
        let blue = self.release.blue.clone();
        // Also a repeated detach rests on green carrying what is required, and on the alarms, in this very look.
        let carries = match health {
            Some(Answer::Yes) => Some(self.may_go_on()),
            other => other,
        };
        let still_on = blue.iter().any(|member| !self.missing(member, Wanted::Off).is_empty());
        let seconds = self.longest_delay() + Span::seconds(self.release.policy.attach_timeout_seconds);
        let deadline = self.release.stage_since + seconds;
        match &carries {
            // Blue hasn't gone yet: that is a promotion, and unknown holds it.
            Some(Answer::Unknown(unknown)) if still_on => return self.held_by_unknown(unknown.clone()),
            // Nor may it be unknown for long whether it has gone.
            _ if !still_on && self.now() >= deadline => {}
            _ => self.release.unknown.stop(self.now()),
        }
        if carries == Some(Answer::Yes) {
            blue.iter().for_each(|member| {
                self.detach_missing(member);
            });
        }
        if self.now() >= deadline {
            self.drop_refused();
        }
        if !self.actions.is_empty() {
            return Step::Rest(self.settling(self.now()));
        }
        let Some(waiting) = self.draining(&blue, deadline) else {
            return self.begin_watch("blue is drained");
        };
        if self.now() >= deadline && self.unsettled().is_some() {
            // What was just sent to any of them is waited for, however late it is.
            return Step::Rest(self.settling(self.now()));
        }
        if self.now() >= deadline {
            return self.detach_is_late(carries, still_on, waiting, seconds);
        }
        match carries {
            Some(Answer::No(short)) if still_on => Step::Rest(self.below(short, Some(deadline))),
            _ => Step::Rest(waiting),
        }
    }

    /// Blue isn't drained in time. That is all that may be passed over: not that it still serves, nor that nobody knows.
    fn detach_is_late(&mut self, carries: Option<Answer>, still_on: bool, waiting: WaitingOn, waited: Span) -> Step {
        match carries {
            // Blue still serves, and green alone would be too few: it can't go on, and the way back is short.
            Some(Answer::No(short)) if still_on => {
                let (healthy, required, group) = (short.healthy, short.required, short.group.short());
                let why = format!("blue couldn't be detached, and green has {healthy} of {required} in {group}");
                return self.roll_back(why, None);
            }
            _ if !still_on && self.release.blue.iter().any(not_known_off) => {
                let unknown = match waiting {
                    WaitingOn::Evidence { unknown, .. } => unknown,
                    _ => "whether blue is detached".to_owned(),
                };
                return self.held_by_unknown(unknown);
            }
            _ => {}
        }
        self.release.warn(format!("blue isn't drained after {} s: going on", waited.ceil_seconds()));
        self.begin_watch(if still_on { "blue couldn't be detached everywhere" } else { "blue is detached" })
    }

    /// Whether green carries what is required now, and nothing about the alarms is unknown.
    fn may_go_on(&self) -> Answer {
        let judged = self.verdict.as_ref().filter(|_| !self.release.alarms_waived);
        let unclear = judged.filter(|verdict| verdict.state == VerdictState::Unknown);
        match unclear {
            Some(verdict) => Answer::Unknown(super::verdict::blame(verdict)),
            None => self.green_healthy(|group, terms| Ok(self.required_now(group, terms)?.max(terms.required))),
        }
    }

    fn begin_watch(&mut self, how: &str) -> Step {
        self.release.unknown.stop(self.now());
        let window = self.release.policy.rollback_window_seconds;
        let message = match self.way_back() {
            true => format!("{how}: it stays warm for {window} s"),
            false => format!("blue is gone: the alarms stay watched for {window} s"),
        };
        self.enter(Stage::Watch, Status::InProgress, message);
        Step::Again
    }

    /// Green is gone by somebody's hand: back if there is a way, else said.
    pub(super) fn back_or_go_on(&mut self, why: String) -> Step {
        if self.way_back() {
            return self.roll_back(why, None);
        }
        self.finish(Status::RollbackFailed, format!("{why}, and there is no blue to go back to"))
    }

    /// The first of `members` that is still draining.
    pub(super) fn draining(&self, members: &[Member], deadline: crate::release::Timestamp) -> Option<WaitingOn> {
        members.iter().find_map(|member| match self.drained(member) {
            Drained::Yes => None,
            Drained::No(fleet, draining) => Some(WaitingOn::Draining { fleet: fleet.to_string(), draining, deadline }),
            Drained::Settling(fleet, from) => Some(WaitingOn::Settle { fleet: fleet.to_string(), deadline: from }),
            Drained::Unknown(unknown) => Some(WaitingOn::Evidence { unknown, deadline }),
        })
    }
}

/// Whether a member was asked to be off somewhere, and no settled reading has shown it.
fn not_known_off(member: &Member) -> bool {
    !member.gone && member.links.values().any(|link| link.wanted == Wanted::Off && !link.confirmed)
}
