//! The decide stage: attachments: what is missing, what somebody else changed, what is still draining.

use super::Action;
use super::case::Case;
use super::notice::shows;
use crate::mutation::{self, Mutation};
use crate::release::{
    AttachmentState, FleetName, Link, Member, Reading, Release, TargetGroupArn, Unread, Wanted, WriteAnswer,
};

/// Target groups in one attach or detach: AWS's most. An action is one call, so that each asks the lease whether there is
/// time left for it.
const GROUPS_A_CALL: usize = 10;

impl Case<'_> {
    /// The groups on which the wanted state is to be written: never asked for yet, or a settled reading shows that it's
    /// missing all the same. Empty while nothing can be read.
    pub fn missing(&self, member: &Member, wanted: Wanted) -> Vec<TargetGroupArn> {
        let settled = self.settled(member);
        // The first word of an intent rests on no reading of this fleet, so it needn't settle: an alarm just behind an
        // attach takes green out at once. Only behind a write without an answer: that one may still arrive, and win.
        let sure = member.last_write.is_none_or(|write| write.answer != WriteAnswer::Lost);
        // Nor is anything written to a fleet that isn't seen to be there: another may have its name by now.
        let there = matches!(self.fleet(member), Ok(Some(_)));
        if !there || !(settled || sure) {
            return Vec::new();
        }
        let Ok(attachments) = self.seen.attachments(&member.fleet) else { return Vec::new() };
        let differs = |state: Option<AttachmentState>| match state {
            Some(AttachmentState::Unknown) => false,
            // A detach that is under way needs no second one; a fleet that drains may be attached again.
            Some(AttachmentState::Removing) => wanted == Wanted::On,
            Some(_) => wanted == Wanted::Off,
            None => wanted == Wanted::On,
        };
        let missing = |(group, link): &(&TargetGroupArn, &Link)| {
            let again = mutation::on(Mutation::WrittenAgain) && settled && link.asked && link.confirmed;
            let meant = link.wanted == wanted && !link.confirmed;
            let shown = settled && differs(attachments.get(*group).copied());
            // A group that doesn't exist can't be attached, and AWS would refuse the call for the others too.
            let can = wanted == Wanted::Off || !matches!(self.seen.targets(group), Ok(None));
            (meant && can && (shown || (!settled && !link.asked))) || again
        };
        member.links.iter().filter(missing).map(|(group, _)| group.clone()).collect()
    }

    /// Writes what is missing of one member.
    pub fn attach_missing(&mut self, member: &Member) -> bool {
        let groups = self.missing(member, Wanted::On);
        if groups.is_empty() {
            return false;
        }
        self.asked(member, &groups);
        let (fleet, style) = (&member.fleet, member.style);
        let call = |groups: &[_]| Action::Attach { fleet: fleet.clone(), style, groups: groups.to_vec() };
        self.actions.extend(groups.chunks(GROUPS_A_CALL).map(call));
        true
    }

    /// Detaches one member from where it's meant to be off.
    pub fn detach_missing(&mut self, member: &Member) -> bool {
        let groups = self.missing(member, Wanted::Off);
        if groups.is_empty() {
            return false;
        }
        self.asked(member, &groups);
        let (fleet, style) = (&member.fleet, member.style);
        let call = |groups: &[_]| Action::Detach { fleet: fleet.clone(), style, groups: groups.to_vec() };
        self.actions.extend(groups.chunks(GROUPS_A_CALL).map(call));
        true
    }

    fn asked(&mut self, member: &Member, groups: &[TargetGroupArn]) {
        let Some(mine) = self.release.member_mut(&member.fleet) else { return };
        for (group, link) in &mut mine.links {
            link.asked |= groups.contains(group);
        }
    }

    /// Drops what AWS refused last time, once its deadline is over: another try each minute would never end. It refuses
    /// to detach what hangs on a group by the other API pair, which only a person can have done. True if it dropped any.
    pub fn drop_refused(&mut self) -> bool {
        let refused = |fleet: &FleetName| {
            let member = self.release.members().find(|member| member.fleet == *fleet);
            member.and_then(|member| member.last_write).is_some_and(|write| write.answer == WriteAnswer::Refused)
        };
        let before = self.actions.len();
        let kept: Vec<Action> = self.actions.iter().filter(|action| !refused(action.fleet())).cloned().collect();
        self.actions = kept;
        self.actions.len() < before
    }

    /// The groups that somebody else took a member off, or put it back on: a settled reading had shown it as wanted.
    pub fn by_hand(&self, member: &Member, wanted: Wanted) -> Vec<TargetGroupArn> {
        if member.gone || !self.settled(member) {
            return Vec::new();
        }
        let Ok(attachments) = self.seen.attachments(&member.fleet) else { return Vec::new() };
        let changed = |(group, link): &(&TargetGroupArn, &Link)| {
            let state = attachments.get(*group).copied();
            let known = state != Some(AttachmentState::Unknown);
            link.wanted == wanted && link.confirmed && known && !shows(link, state)
        };
        member.links.iter().filter(changed).map(|(group, _)| group.clone()).collect()
    }

    /// Why green is out by somebody else's hand, if it is.
    pub fn green_taken_out(&self) -> Option<String> {
        let green = &self.release.green;
        if green.gone {
            return Some(format!("{} was deleted by somebody else", green.fleet));
        }
        let groups = self.by_hand(green, Wanted::On);
        let first = groups.first()?;
        Some(format!("{} was detached from {} by somebody else", green.fleet, first.short()))
    }

    /// Whether a settled reading shows a member attached to any of the release's groups.
    pub fn whereabouts(&self, member: &Member) -> Reading<bool> {
        if member.gone {
            return Ok(false);
        }
        if !self.settled(member) {
            return Err(Unread(unsettled(member)));
        }
        let mut unknown = None;
        for group in member.links.keys() {
            match self.attachment(member, group) {
                Ok(Some(AttachmentState::Unknown)) => {
                    let why =
                        format!("the state of {} on {} is a word that isn't known here", member.fleet, group.short());
                    unknown = Some(Unread(why));
                }
                Ok(Some(state)) if state.attached() => return Ok(true),
                Ok(_) => {}
                Err(unread) => unknown = Some(unread),
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// Whether a settled reading of this look shows a member attached to each of `groups` that exists.
    pub fn attached_to<'g>(&self, member: &Member, mut groups: impl Iterator<Item = &'g TargetGroupArn>) -> bool {
        let on = |group| matches!(self.attachment(member, group), Ok(Some(state)) if state.attached());
        self.settled(member) && groups.all(|group| on(group) || !self.may_exist(group))
    }

    /// Whether a target group isn't known to be gone: to one that is, nobody can attach anything.
    pub fn may_exist(&self, group: &TargetGroupArn) -> bool {
        !matches!(self.seen.targets(group), Ok(None))
    }

    /// Whether a member is off everywhere it's meant to be, with its targets drained.
    pub fn drained(&self, member: &Member) -> Drained {
        if member.gone {
            return Drained::Yes;
        }
        if let Some(from) = member.settled_from(self.settle()).filter(|from| self.now() < *from) {
            return Drained::Settling(member.fleet.clone(), from);
        }
        let mut draining = 0;
        for (group, link) in member.links.iter().filter(|(_, link)| link.wanted == Wanted::Off) {
            match self.still_there(member, group) {
                Ok(count) => draining += count.max(u32::from(!link.confirmed)),
                Err(Unread(why)) => return Drained::Unknown(why),
            }
        }
        if draining == 0 { Drained::Yes } else { Drained::No(member.fleet.clone(), draining) }
    }

    fn still_there(&self, member: &Member, group: &TargetGroupArn) -> Reading<u32> {
        let (Some(AttachmentState::Removing) | None) = self.attachment(member, group)? else {
            // Attached again by somebody else after it was off: theirs, nothing to wait for.
            return Ok(0);
        };
        Ok(self.count([member], group)?.registered)
    }
}

/// How far a detach is.
pub(super) enum Drained {
    Yes,
    No(FleetName, u32),
    Settling(FleetName, crate::release::Timestamp),
    Unknown(String),
}

/// Means every fleet of blue to be off every target group, remembering the size that it has: of each its own, and what was
/// known before where it can't be read.
pub(super) fn want_blue_off(release: &mut Release, sizes: &[Option<u32>]) {
    for (member, size) in release.blue.iter_mut().zip(sizes).filter(|(member, _)| !member.gone) {
        member.size_when_detached = size.or(member.size_when_detached).or(Some(member.found.desired));
        member.links.values_mut().for_each(|link| link.want(Wanted::Off));
    }
}

/// Why a reading of a member says nothing yet.
pub(super) fn unsettled(member: &Member) -> String {
    format!("the last write to {} hasn't settled", member.fleet)
}
