//! The rollback stage: blue back and healthy first, then green out; a halt when neither side is safe.

use super::case::{Answer, Case, Short, share};
use super::{Action, Step};
use crate::mutation::{self, Mutation};
use crate::release::{
    GroupTerms, Link, Member, Reading, Span, Stage, Status, TargetGroupArn, Verdict, WaitingOn, Wanted,
};

/// What a person can do in a halt.
pub(super) const CHOICES: &str =
    "bring blue back to its full health, detach or delete green, delete blue, or promote green";

/// The same once green is out.
const ATTACH_BLUE: &str = "attach blue again where it was, or delete it";

/// Why nothing is left to detach.
const TAKEN_OUT: &str = "nothing is left to detach of";

impl Case<'_> {
    /// Turns back. Blue is meant on where it was at the start; whatever was about to be done forward is dropped.
    pub(super) fn roll_back(&mut self, why: String, verdict: Option<Verdict>) -> Step {
        self.actions.clear();
        let now = self.now();
        for watch in [&mut self.release.bake, &mut self.release.below, &mut self.release.unknown] {
            watch.stop(now);
        }
        self.release.ending = None;
        self.release.green_out_since = None;
        self.release.rollback_reason = Some(why.clone());
        if let Some(verdict) = verdict {
            self.release.verdict = Some(verdict.brief());
        }
        for member in &mut self.release.blue {
            for link in member.links.values_mut().filter(|link| link.found) {
                link.want(Wanted::On);
                link.confirmed = false;
            }
            member.floor.iter_mut().for_each(super::floors::keep);
        }
        self.enter(Stage::Rollback, Status::RollbackInProgress, format!("rolling back: {why}"));
        self.notice();
        Step::Again
    }

    /// The rules of `rollback`.
    pub(super) fn rollback(&mut self) -> Step {
        if self.release.blue.is_empty() {
            return self.green_out(Status::Rejected);
        }
        if !self.way_back() {
            return self.blue_deleted();
        }
        if self.orphans().next().is_some() && self.blue_healthy() != Answer::Yes && self.take_green_back() {
            self.bring_blue_back();
            return self.wait_for_green();
        }
        if self.green_meant_off() {
            if !self.still_on() || self.may_detach_green(Status::RollbackSuccessful) {
                return self.green_out(Status::RollbackSuccessful);
            }
            self.keep_green();
        }
        self.bring_blue_back();
        if self.whereabouts(&self.release.green) == Ok(false) {
            return self.green_off_by_hand();
        }
        if let Some(step) = self.halt_decided_by_hand() {
            return step;
        }
        let carries = self.blue_carries();
        if carries == Answer::Yes && self.late() {
            self.drop_refused();
        }
        match carries {
            Answer::Yes if self.actions.is_empty() => self.take_green_out("blue is healthy: detaching"),
            answer => self.wait_for_blue(answer),
        }
    }

    /// What AWS refuses of blue isn't waited for any longer, if blue carries all the same.
    fn late(&self) -> bool {
        self.release.halted() || self.now() >= self.blue_deadline()
    }

    /// Until when a detach of green, or its way back, is waited for.
    pub(super) fn drain_deadline(&self) -> crate::release::Timestamp {
        self.release.green_out_since.unwrap_or(self.release.stage_since) + self.drain_time()
    }

    /// How long it is waited for.
    fn drain_time(&self) -> Span {
        self.longest_delay() + Span::seconds(self.release.policy.attach_timeout_seconds)
    }

    /// Whether a settled reading shows green attached though it was meant off: its detach never arrived.
    fn still_on(&self) -> bool {
        !self.missing(&self.release.green, Wanted::Off).is_empty()
    }

    /// Blue isn't seen to carry any more, and green hasn't left: it stays until blue does.
    fn keep_green(&mut self) {
        let groups = self.missing(&self.release.green, Wanted::Off);
        for (group, link) in &mut self.release.green.links {
            if groups.contains(group) {
                *link = Link { wanted: Wanted::On, confirmed: true, ..*link };
            }
        }
        let green = self.release.green.fleet.clone();
        let message =
            format!("{green} couldn't be detached, and blue isn't known to carry now: {green} stays until it is");
        self.enter(Stage::Rollback, Status::RollbackInProgress, message);
    }

    /// Raises blue's floor to the size it had when it was detached, and attaches it where it's missing.
    pub(super) fn bring_blue_back(&mut self) {
        let blue = self.release.blue.clone();
        for member in blue.iter().filter(|member| !member.gone) {
            if member.retired && self.unretire(member) {
                continue;
            }
            if let Some(size) = member.size_when_detached {
                self.hold(&member.fleet, size);
            }
            // One write a fleet at a time: the attach rests on a reading that counts, and so does the floor.
            self.attach_missing(member);
        }
    }

    /// Gives a retired fleet its recorded sizes, until a settled reading shows that it has some again. True while it
    /// waits for that.
    fn unretire(&mut self, member: &Member) -> bool {
        let (true, Ok(Some(fleet))) = (self.settled(member), self.fleet(member)) else { return true };
        let (min, desired) = (member.found.min, member.size_when_detached.unwrap_or(member.found.desired));
        if fleet.sizes.min == 0 && fleet.sizes.desired == 0 && desired > 0 {
            self.actions.push(Action::Resize { fleet: member.fleet.clone(), min, desired });
            return true;
        }
        if let Some(mine) = self.release.member_mut(&member.fleet) {
            mine.retired = false;
        }
        false
    }

    /// Whether blue carries its share of the required of the attach in every group that green is on, with none of it
    /// still `initial`.
    fn blue_carries(&self) -> Answer {
        match self.release.blue.iter().find(|member| !member.gone && !self.settled(member)) {
            Some(member) => Answer::Unknown(super::links::unsettled(member)),
            None => self.blue_healthy(),
        }
    }

    pub(super) fn blue_healthy(&self) -> Answer {
        let release = &self.release;
        let required = |group: &TargetGroupArn, terms: &GroupTerms| -> Reading<u32> {
            // Targets in their first checks are about to say more: until then nothing is enough.
            match self.count(&release.blue, group)?.initial {
                0 => self.required_back(group, terms),
                _ => Ok(u32::MAX),
            }
        };
        match self.healthy_everywhere(&release.blue, release.green.links.keys(), required) {
            Answer::No(_) if mutation::on(Mutation::BlueUnasked) => Answer::Yes,
            answer => answer,
        }
    }

    /// What blue must have healthy in a group before green goes: a share of the required of the attach, in a halt the
    /// whole; of a release that never came to its attach (green was born attached), of the required of now.
    fn required_back(&self, group: &TargetGroupArn, terms: &GroupTerms) -> Reading<u32> {
        let percent = if self.release.halted() { 100 } else { self.release.policy.rollback_healthy_percent };
        let required = if terms.required > 0 { terms.required } else { self.required_now(group, terms)? };
        Ok(share(percent, required))
    }

    /// Means green to be off everywhere, in the same look that shows blue carrying (or green off already); says `how`.
    fn take_green_out(&mut self, how: &str) -> Step {
        // Out of a halt it's tried anew.
        if self.release.halted_since.take().is_some() {
            self.release.green_out_since = None;
        }
        self.release.green_out_since.get_or_insert(self.seen.at);
        self.release.green.links.values_mut().for_each(|link| link.want(Wanted::Off));
        let green = self.release.green.fleet.clone();
        self.enter(Stage::Rollback, Status::RollbackInProgress, format!("{how} {green}"));
        self.notice();
        Step::Again
    }

    fn green_meant_off(&self) -> bool {
        self.release.green.links.values().all(|link| link.wanted == Wanted::Off)
    }

    /// Green is meant off everywhere: until it's drained.
    fn green_out(&mut self, end: Status) -> Step {
        let green = self.release.green.clone();
        let why = self.release.rollback_reason.clone().unwrap_or_default();
        let healthy = if end == Status::Rejected { self.anything_healthy() } else { None };
        if end == Status::Rejected && (!self.green_meant_off() || (self.still_on() && healthy == Some(true))) {
            // A first set-up that never became healthy: nothing in it serves, as just seen.
            if healthy != Some(false) {
                self.release.warn("something in it became healthy at last: it stays attached, nothing else serves");
                return self.finish(Status::Successful, format!("{} serves, with a warning: {why}", green.fleet));
            }
            self.release.green.links.values_mut().for_each(|link| link.want(Wanted::Off));
            self.notice();
        }
        let green = self.release.green.clone();
        if self.may_detach_green(end) {
            self.detach_missing(&green);
        }
        let deadline = self.drain_deadline();
        if self.now() >= deadline && self.drop_refused() && self.actions.is_empty() {
            let stays = if end == Status::Rejected { "nothing else serves" } else { "it stays beside blue" };
            let message = format!("{} can't be detached, see the warnings: {stays} ({why})", green.fleet);
            return self.finish(Status::RollbackFailed, message);
        }
        if !self.actions.is_empty() {
            return Step::Rest(self.settling(self.now()));
        }
        let waiting = self.draining(std::slice::from_ref(&green), deadline);
        if let Some(waiting) = waiting {
            // What was just sent again is waited for, however late it is.
            if self.now() < deadline || matches!(waiting, WaitingOn::Settle { .. }) {
                return Step::Rest(waiting);
            }
            let unseen = !green.gone && green.links.values().any(|link| !link.confirmed);
            if unseen && !mutation::on(Mutation::UnseenIsDone) {
                let message = format!("{} isn't known to be detached, it may still serve ({why})", green.fleet);
                return self.finish(Status::RollbackFailed, message);
            }
            let seconds = self.drain_time().ceil_seconds();
            self.release.warn(format!("{} isn't drained after {seconds} s", green.fleet));
        }
        for group in self.by_hand(&green, Wanted::Off) {
            let group = group.short();
            self.release
                .warn(format!("{} was attached to {group} again by somebody else: it stays there", green.fleet));
        }
        let orphans = self.orphans().filter(|group| self.may_exist(group)).map(TargetGroupArn::short);
        let orphans = orphans.collect::<Vec<_>>().join(", ");
        if end == Status::RollbackSuccessful && !orphans.is_empty() {
            let message =
                format!("nothing serves in {orphans}: its blue was deleted, and {} is out ({why})", green.fleet);
            return self.finish(Status::RollbackFailed, message);
        }
        let message = match end {
            Status::Rejected => format!("{} never became healthy and is detached: {why}", green.fleet),
            _ => format!("rolled back: {why}"),
        };
        self.finish(end, message)
    }

    /// A repeated detach of green, too, rests on blue carrying in this very look.
    fn may_detach_green(&self, end: Status) -> bool {
        match end {
            _ if mutation::on(Mutation::BlueUnasked) => true,
            Status::Rejected => self.anything_healthy() == Some(false),
            _ => self.blue_healthy() == Answer::Yes,
        }
    }

    /// Somebody took green out everywhere: it's over once blue is attached again. Until then nothing serves: a halt, in
    /// which it's tried again.
    fn green_off_by_hand(&mut self) -> Step {
        let settled = self.release.blue.iter().all(|member| member.gone || self.settled(member));
        let carries = self.late() && self.blue_carries() == Answer::Yes;
        if carries {
            self.drop_refused();
        }
        if self.actions.is_empty() && (carries || self.blue_attached()) {
            return self.take_green_out(TAKEN_OUT);
        }
        let trying = !settled && self.actions.is_empty() && !self.release.halted();
        if trying || self.now() < self.blue_deadline() {
            return Step::Rest(self.settling(self.now()));
        }
        self.halt("nothing serves: blue couldn't be attached again", ATTACH_BLUE)
    }

    /// In a halt a person decides: blue taken out everywhere, or green promoted.
    fn halt_decided_by_hand(&mut self) -> Option<Step> {
        if !self.release.halted() {
            return None;
        }
        if self.blue_taken_out() && self.green_attached() {
            return Some(self.green_chosen());
        }
        if self.release.promoted_by.is_some() && self.release.alarms_waived && self.unsettled().is_none() {
            let carries = self.green_healthy(|_, terms| Ok(terms.required.max(1)));
            if carries == Answer::Yes {
                self.actions.clear();
                self.release.halted_since = None;
                return Some(self.promote(None));
            }
        }
        None
    }

    /// Whether somebody took blue out everywhere after it had been attached again.
    fn blue_taken_out(&self) -> bool {
        let blue = || self.release.blue.iter().filter(|member| !member.gone);
        let was_on = blue().any(|member| member.links.values().any(|link| link.found && link.confirmed));
        was_on && blue().all(|member| self.whereabouts(member) == Ok(false))
    }

    pub(super) fn green_attached(&self) -> bool {
        let green = &self.release.green;
        !green.gone && self.attached_to(green, green.links.keys())
    }

    fn green_chosen(&mut self) -> Step {
        let when = if self.release.halted() { "in a halt" } else { "while it was waited for" };
        let green = self.release.green.fleet.clone();
        self.finish(Status::Successful, format!("blue was detached {when}: {green} serves"))
    }

    pub(super) fn blue_deadline(&self) -> crate::release::Timestamp {
        let deadline = self.release.stage_since + Span::seconds(self.release.policy.rollback_timeout_seconds);
        match self.release.green_out_since {
            // Green couldn't be taken out in time, and blue comes and goes: that isn't waited for anew each time.
            Some(_) => deadline.min(self.drain_deadline()),
            None => deadline,
        }
    }

    /// Whether blue is attached again wherever it was.
    fn blue_attached(&self) -> bool {
        let mut blue = self.release.blue.iter().filter(|member| !member.gone);
        blue.all(|member| self.attached_to(member, member.found_groups()))
    }

    /// Neither side is safe: said once, then it's a person's turn.
    pub(super) fn halt(&mut self, how: &str, choices: &str) -> Step {
        if self.release.halted_since.is_none() {
            self.release.halted_since = Some(self.now());
            self.release.promoted_by = None;
            self.release.status = Status::RollbackFailed;
            self.note(format!("halted, {how}; {choices}"));
        }
        self.wait_for_person(choices)
    }

    pub(super) fn wait_for_person(&self, choices: &str) -> Step {
        let since = self.release.halted_since.unwrap_or(self.now());
        Step::Rest(WaitingOn::Person { since, choices: choices.to_owned() })
    }

    fn wait_for_blue(&mut self, answer: Answer) -> Step {
        let now = self.now();
        if self.release.halted() {
            return self.wait_for_person(CHOICES);
        }
        let deadline = self.blue_deadline();
        if now >= deadline && self.blue_taken_out() && self.green_attached() {
            return self.green_chosen();
        }
        if now >= deadline {
            let why = match &answer {
                Answer::No(Short { group, healthy, .. }) => {
                    format!("{healthy} targets of blue healthy in {}", group.short())
                }
                Answer::Unknown(why) => why.clone(),
                Answer::Yes => "blue was never settled".to_owned(),
            };
            return self.halt(&format!("both fleets stay attached: {why}"), CHOICES);
        }
        Step::Rest(match answer {
            _ if !self.actions.is_empty() => self.settling(now),
            Answer::No(Short { group, healthy, .. }) => {
                let terms = self.release.groups.get(&group).copied().unwrap_or_default();
                let required = self.required_back(&group, &terms).unwrap_or(1);
                let target_group = group.short().to_owned();
                WaitingOn::BlueHealth { target_group, healthy, required, deadline }
            }
            Answer::Unknown(_) if self.unsettled().is_some() => self.settling(now),
            Answer::Unknown(unknown) => WaitingOn::Evidence { unknown, deadline },
            Answer::Yes => self.settling(now),
        })
    }
}
