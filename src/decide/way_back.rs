//! A rollback whose way back was deleted, everywhere or from some target group: green is taken back.

use super::Step;
use super::case::Case;
use super::rollback::CHOICES;
use crate::release::{Link, Member, Status, TargetGroupArn, Unread, WaitingOn, Wanted};

/// What a person can do once green isn't attached again in time.
const ATTACH_GREEN: &str = "attach green again where it was, or delete it";

impl Case<'_> {
    /// The way back was deleted: green stays if it's there, and comes back from where Cutover took it out.
    pub(super) fn blue_deleted(&mut self) -> Step {
        if self.take_green_back() {
            return self.wait_for_green();
        }
        let green = self.release.green.fleet.clone();
        let reason = self.release.rollback_reason.clone().unwrap_or_default();
        // Deleting blue is a choice in a halt; what was halted because green had left already leaves none.
        let chosen = self.release.halted() && self.release.green_out_since.is_none();
        let deadline = self.blue_deadline();
        match self.whereabouts(&self.release.green) {
            Ok(true) if chosen && self.green_attached() => {
                self.finish(Status::Successful, format!("blue was deleted in a halt: {green} serves"))
            }
            Ok(true) => self.finish(Status::RollbackFailed, format!("blue was deleted: {green} stays ({reason})")),
            Ok(false) => {
                self.finish(Status::RollbackFailed, format!("blue was deleted, and {green} is out ({reason})"))
            }
            Err(_) if self.release.halted() => self.wait_for_person(CHOICES),
            Err(Unread(unknown)) if self.now() < deadline => Step::Rest(WaitingOn::Evidence { unknown, deadline }),
            Err(Unread(why)) => {
                let message = format!("blue was deleted, and whether {green} serves isn't known: {why} ({reason})");
                self.finish(Status::RollbackFailed, message)
            }
        }
    }

    /// The target groups of which all of blue that was on them is gone by now: of those there's no way back.
    pub(super) fn orphans(&self) -> impl Iterator<Item = &TargetGroupArn> {
        self.release.groups.keys().filter(|group| {
            let was_on = |member: &&Member| member.links.get(*group).is_some_and(|link| link.found);
            let mut blue = self.release.blue.iter().filter(was_on).peekable();
            blue.peek().is_some() && blue.all(|member| member.gone)
        })
    }

    /// Means green on again wherever Cutover asked to detach it: nothing else is left to serve there, and a fleet that
    /// drains may be attached again. True until a settled reading shows it.
    pub(super) fn take_green_back(&mut self) -> bool {
        if self.release.green.gone {
            return false;
        }
        let terms = &self.release.groups;
        let mut turned = false;
        for (group, link) in &mut self.release.green.links {
            // Where somebody else took it out, or where it never was, it stays out.
            let ours = link.asked || !link.confirmed;
            let was_on = link.found || terms.get(group).is_some_and(|terms| terms.required > 0);
            if link.wanted == Wanted::Off && ours && was_on {
                link.want(Wanted::On);
                turned = true;
            }
        }
        if turned {
            self.release.green_out_since = Some(self.seen.at);
        }
        self.notice();
        let green = self.release.green.clone();
        self.attach_missing(&green);
        let waits = |(group, link): (&TargetGroupArn, &Link)| {
            link.wanted == Wanted::On && !link.confirmed && self.may_exist(group)
        };
        green.links.iter().any(waits)
    }

    /// Nothing serves for certain until green is attached again: a halt once that takes too long, in which it's tried
    /// again.
    pub(super) fn wait_for_green(&mut self) -> Step {
        if self.now() < self.drain_deadline() && !self.release.halted() {
            return Step::Rest(self.settling(self.now()));
        }
        self.halt("green isn't known to be attached again where blue was deleted", ATTACH_GREEN)
    }
}
