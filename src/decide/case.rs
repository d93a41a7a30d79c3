//! The decide stage: one release beside one look at the world, and what both say together.
//!
//! Everything that is *judged* from an observation is judged here, so that the stages read as rules.

use super::{Action, Note};
use crate::mutation::{self, Mutation};
use crate::release::{
    AttachmentState, Fleet, GroupTerms, Member, Observation, Reading, Release, Span, Stage, Status, TargetGroupArn,
    TargetHealth, Timestamp, Unread, Verdict,
};

/// A release being decided: a copy to change, and the look that it's decided from.
pub(super) struct Case<'a> {
    pub release: Release,
    pub seen: &'a Observation,
    pub actions: Vec<Action>,
    pub notes: Vec<Note>,
    /// The verdict of this look, if the stage asks for one.
    pub verdict: Option<Verdict>,
}

/// How many targets of one fleet, or of several together, are in which condition, in one target group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count {
    /// Healthy by ELB, InService in the fleet, the attachment Added or InService.
    pub healthy: u32,
    /// In a condition that can't be known.
    pub unclear: u32,
    /// Healthy by ELB, and not by the fleet, its attachment or a settled reading: no proof of health, and none that
    /// there's none.
    pub doubtful: u32,
    /// InService in the fleet, and healthy or unknown by ELB, whatever its attachment is said to be.
    pub may_serve: u32,
    /// Registering or in their first checks.
    pub initial: u32,
    /// In whatever condition that still belongs to the group.
    pub registered: u32,
    /// `Target.NotInUse`.
    pub not_in_use: u32,
}

/// Three-valued: what was not read is neither yes nor no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    /// The target group with the fewest healthy, how many, and how many were needed.
    No(Short),
    Unknown(String),
}

/// Too few healthy targets in one target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Short {
    pub group: TargetGroupArn,
    pub healthy: u32,
    /// Of which it can't be known.
    pub unclear: u32,
    pub required: u32,
}

impl<'a> Case<'a> {
    pub fn new(release: Release, seen: &'a Observation) -> Self {
        Self { release, seen, actions: Vec::new(), notes: Vec::new(), verdict: None }
    }

    pub fn now(&self) -> Timestamp {
        self.seen.at
    }

    pub fn settle(&self) -> Span {
        Span::seconds(self.release.policy.settle_seconds)
    }

    pub fn settled(&self, member: &Member) -> bool {
        member.is_settled(self.seen.at, self.settle())
    }

    /// The first fleet whose reading doesn't count yet, and from when on it will.
    pub fn unsettled(&self) -> Option<(&Member, Timestamp)> {
        let settle = self.settle();
        self.release
            .members()
            .filter(|member| !member.gone && !self.settled(member))
            .find_map(|member| member.settled_from(settle).map(|from| (member, from)))
    }

    /// Moves the release on.
    pub fn enter(&mut self, stage: Stage, status: Status, message: impl Into<String>) {
        self.release.stage = stage;
        self.release.status = status;
        self.release.stage_since = self.now();
        self.note(message);
    }

    /// Puts a sentence on the record.
    pub fn note(&mut self, message: impl Into<String>) {
        let message = message.into();
        self.release.message.clone_from(&message);
        self.notes.push(Note { stage: self.release.stage, status: self.release.status, message });
    }

    /// The fleet of a member as described in this look; `None`: it's gone.
    pub fn fleet(&self, member: &Member) -> Reading<Option<&'a Fleet>> {
        if member.gone {
            return Ok(None);
        }
        Ok(self.seen.fleet(&member.fleet)?.filter(|fleet| member.is(fleet) && !fleet.deleting))
    }

    /// What an attachment's state reads as; `None`: AWS doesn't list it, so it's detached.
    pub fn attachment(&self, member: &Member, group: &TargetGroupArn) -> Reading<Option<AttachmentState>> {
        Ok(self.seen.attachments(&member.fleet)?.get(group).copied())
    }

    /// The targets of `members` in a group, together.
    pub fn count<'m>(&self, members: impl IntoIterator<Item = &'m Member>, group: &TargetGroupArn) -> Reading<Count> {
        let mut count = Count::default();
        members.into_iter().try_for_each(|member| self.add_to(&mut count, member, group))?;
        Ok(count)
    }

    /// Adds a member's targets in a group. Only what a settled reading shows counts as healthy.
    fn add_to(&self, count: &mut Count, member: &Member, group: &TargetGroupArn) -> Reading<()> {
        let Some(fleet) = self.fleet(member)? else { return Ok(()) };
        let Some(targets) = self.seen.targets(group)? else { return Ok(()) };
        let attachment = self.attachment(member, group)?;
        let settled = self.settled(member);
        for (id, instance) in &fleet.instances {
            let Some(health) = targets.get(id) else { continue };
            if *health != TargetHealth::Unused {
                count.registered += 1;
            }
            if instance.in_service && matches!(health, TargetHealth::Healthy | TargetHealth::Unknown) {
                count.may_serve += 1;
            }
            match health {
                TargetHealth::Healthy if settled && instance.in_service => match attachment {
                    Some(state) if state.serves() => count.healthy += 1,
                    Some(AttachmentState::Unknown) => count.unclear += 1,
                    _ => count.doubtful += 1,
                },
                TargetHealth::Healthy => count.doubtful += 1,
                TargetHealth::Unknown => count.unclear += 1,
                TargetHealth::Initial => count.initial += 1,
                TargetHealth::NotInUse => count.not_in_use += 1,
                TargetHealth::Unhealthy | TargetHealth::Draining | TargetHealth::Unused => {}
            }
        }
        Ok(())
    }

    /// Whether green has what `required` says in every target group.
    pub fn green_healthy(&self, required: impl Fn(&TargetGroupArn, &GroupTerms) -> Reading<u32>) -> Answer {
        let green = std::slice::from_ref(&self.release.green);
        match self.healthy_everywhere(green, self.release.groups.keys(), required) {
            Answer::No(_) if mutation::on(Mutation::GreenUnasked) => Answer::Yes,
            answer => answer,
        }
    }

    /// Whether `members` together have what `required` says in each of `groups`.
    pub fn healthy_everywhere<'g>(
        &self,
        members: &[Member],
        groups: impl IntoIterator<Item = &'g TargetGroupArn>,
        required: impl Fn(&TargetGroupArn, &GroupTerms) -> Reading<u32>,
    ) -> Answer {
        let mut worst: Option<Short> = None;
        let mut unknown: Option<String> = None;
        for group in groups {
            let terms = self.release.groups.get(group).copied().unwrap_or_default();
            let judged = self.count(members, group).and_then(|count| Ok((count, required(group, &terms)?)));
            match judged {
                Ok((count, required)) if count.healthy >= required => {}
                Ok((count, required)) if count.healthy + count.unclear >= required => {
                    let detail = format!("{} targets in {} say neither", count.unclear, group.short());
                    unknown.get_or_insert(detail);
                }
                Ok((count, required)) => {
                    let Count { healthy, unclear, .. } = count;
                    if worst.as_ref().is_none_or(|short| healthy + unclear < short.healthy + short.unclear) {
                        worst = Some(Short { group: group.clone(), healthy, unclear, required });
                    }
                }
                Err(Unread(why)) => {
                    unknown.get_or_insert(why);
                }
            }
        }
        match (worst, unknown) {
            (Some(short), _) => Answer::No(short),
            (None, Some(why)) => Answer::Unknown(why),
            (None, None) => Answer::Yes,
        }
    }

    /// The required of now in a group: the healthy percent, rounded up, at least 1, of the larger of blue's InService
    /// instances at the start and its healthy targets now; without blue, of green's desired capacity. What can't be
    /// known of blue asks for more of green, never for less: a target that may serve is one.
    pub fn required_now(&self, group: &TargetGroupArn, terms: &GroupTerms) -> Reading<u32> {
        let base = if self.release.blue.is_empty() {
            self.fleet(&self.release.green)?.map_or(0, |green| green.sizes.desired)
        } else {
            let first_only = mutation::on(Mutation::FirstBlueOnly);
            let counted = if first_only { 1 } else { self.release.blue.len() };
            let now = self.count(&self.release.blue[..counted], group)?.may_serve;
            let at_start = if first_only || mutation::on(Mutation::BlueOfNow) { 0 } else { terms.blue_in_service };
            at_start.max(now)
        };
        Ok(share(self.release.policy.healthy_percent, base))
    }

    /// The largest required of now over all groups: what green must have InService.
    pub fn capacity_required(&self) -> Reading<u32> {
        self.release
            .groups
            .iter()
            .map(|(group, terms)| self.required_now(group, terms))
            .try_fold(1, |most, required| Ok(most.max(required?)))
    }

    /// Whether a way back exists: some of blue hasn't been deleted.
    pub fn way_back(&self) -> bool {
        self.release.blue.iter().any(|member| !member.gone)
    }

    /// The longest deregistration delay of the release's groups.
    pub fn longest_delay(&self) -> Span {
        self.release.groups.values().map(|terms| terms.deregistration_delay).max().unwrap_or(Span::ZERO)
    }
}

/// A percentage of a number of targets, rounded up, at least 1: a required that rounds to nothing would let an empty
/// fleet pass.
pub(super) fn share(percent: u32, of: u32) -> u32 {
    let share = (u64::from(of) * u64::from(percent)).div_ceil(100);
    u32::try_from(share).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_rounded_up_and_never_nothing() {
        assert_eq!([share(100, 3), share(50, 3), share(1, 3), share(100, 0)], [3, 2, 1, 1]);
    }
}
