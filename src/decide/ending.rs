//! Every end: the floors given back, blue retired, then over.

use super::case::Case;
use super::{Action, Step};
use crate::release::policy::RetireBlue;
use crate::release::{Member, Span, Stage, Status, WaitingOn, WriteAnswer};

/// How long an end waits for its floors to be given back. A permission that is missing is mended within a day; until
/// then the next release, which would need it too, waits as well.
const GIVE_BACK_TIMEOUT: Span = Span::seconds(86_400);

impl Case<'_> {
    /// Heads for an end: as found, then over.
    pub(super) fn finish(&mut self, end: Status, message: String) -> Step {
        self.actions.clear();
        self.release.ending = Some((end, self.now()));
        self.release.message = message;
        Step::Again
    }

    /// The rules of an end.
    pub(super) fn ending(&mut self) -> Step {
        let Some((end, since)) = self.release.ending else { return Step::Again };
        let deadline = since + GIVE_BACK_TIMEOUT;
        let given_back = self.release_floors();
        let done = given_back && self.retire(end);
        if done && self.actions.is_empty() {
            return self.over(end);
        }
        if self.now() >= deadline {
            self.actions.clear();
            let held = self.release.members().filter(|member| member.holds());
            let held = held.filter_map(|member| Some((member, member.floor?)));
            let left: Vec<_> = held
                .map(|(member, floor)| {
                    format!("MinSize of {} stays {} (was {})", member.fleet, floor.written, floor.original)
                })
                .collect();
            left.into_iter().for_each(|warning| self.release.warn(warning));
            return self.over(end);
        }
        if self.actions.is_empty() && self.unsettled().is_none() {
            let unknown = "a fleet couldn't be read while its floor is given back".to_owned();
            return Step::Rest(WaitingOn::Evidence { unknown, deadline });
        }
        Step::Rest(self.settling(self.now()))
    }

    /// Scales blue to zero if the policy says so and it's attached nowhere. True once nothing is left to do.
    fn retire(&mut self, end: Status) -> bool {
        let by_policy = self.release.policy.retire_blue == RetireBlue::ScaleToZero;
        // Out of a halt a person chose green: what becomes of blue is theirs, too.
        if end != Status::Successful || !by_policy || self.release.stage != Stage::Watch {
            return true;
        }
        let blue: Vec<Member> = self.release.blue.iter().filter(|member| !member.gone).cloned().collect();
        let mut done = true;
        for member in blue {
            match self.fleet(&member) {
                Ok(None) => {}
                Err(_) => done = false,
                Ok(Some(_)) if !self.settled(&member) => done = false,
                Ok(Some(fleet)) if fleet.sizes.min == 0 && fleet.sizes.desired == 0 => {}
                Ok(Some(_)) if member.retired && accepted(&member) => {
                    // Accepted, settled and yet not zero: somebody wants it larger. Theirs to see.
                    self.release.warn(format!("{} was to be scaled to zero and isn't", member.fleet));
                }
                Ok(Some(fleet)) if !fleet.attached_to().is_empty() => {
                    let serves = fleet.attached_to().join(", ");
                    let warning = format!("{} isn't scaled to zero: it's still attached to {serves}", member.fleet);
                    self.release.warn(warning);
                }
                Ok(Some(_)) => {
                    done = false;
                    self.actions.push(Action::Resize { fleet: member.fleet.clone(), min: 0, desired: 0 });
                    if let Some(mine) = self.release.member_mut(&member.fleet) {
                        mine.retired = true;
                    }
                }
            }
        }
        done
    }

    fn over(&mut self, end: Status) -> Step {
        self.release.status = end;
        self.release.ending = None;
        self.release.halted_since = None;
        self.release.ended_at = Some(self.now());
        let message = self.release.message.clone();
        self.note(message);
        Step::Over
    }
}

/// Whether AWS accepted the last write to a fleet.
fn accepted(member: &Member) -> bool {
    member.last_write.is_some_and(|write| write.answer == WriteAnswer::Accepted)
}
