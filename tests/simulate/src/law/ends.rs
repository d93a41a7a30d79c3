//! How the world stands where a release has ended: **always-ends** in what its status says, by the world's truth. What
//! people attached or detached since it began is theirs.

use super::{Judge, Violation};
use crate::watch::{Watch, Write};
use cutover::release::{Member, Release, Stage, Status, TargetGroupArn};
use simulated_aws::api::Millis;

/// What was done to a fleet's link to a group, by whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handled {
    /// When a person last attached or detached it.
    by_hand: Option<Millis>,
    /// Cutover's last try to detach it wasn't carried out.
    in_vain: bool,
    /// When Cutover last detached it.
    left_at: Millis,
}

impl Judge {
    /// A person attached or detached a fleet.
    pub(super) fn handled(&mut self, fleet: &str, group: &str, at: Millis) {
        let known = Handled { by_hand: Some(at), in_vain: false, left_at: Millis::MIN };
        self.handled.insert((fleet.to_owned(), group.to_owned()), known);
    }

    /// Cutover detaches a fleet, or tries to.
    pub(super) fn leaves(&mut self, app: usize, fleet: &str, groups: &[&str], write: &Write, watch: &Watch) {
        for group in groups {
            let key = (fleet.to_owned(), self.name_of(app, group, watch));
            let known =
                self.handled.entry(key).or_insert(Handled { by_hand: None, in_vain: false, left_at: Millis::MIN });
            known.in_vain = !write.done;
            if write.done {
                known.left_at = write.at;
            }
        }
    }

    /// When a person last had to do with a fleet's link to a group.
    pub(super) fn hand_at(&self, fleet: &str, group: &str) -> Option<Millis> {
        self.handled.get(&(fleet.to_owned(), group.to_owned()))?.by_hand
    }

    /// A release that has ended since the last look.
    pub(super) fn ended(&mut self, app: usize, release: &Release, watch: &Watch) -> Result<(), Violation> {
        if !release.ended() || !self.ended.insert(release.id.to_string()) {
            return Ok(());
        }
        let id = release.id.to_string();
        let wrong =
            |what: String| Err(Violation::new("always-ends", format!("{id} ended as {}, and {what}", release.status)));
        let green = &release.green;
        let served = release.blue.iter().any(|member| !member.gone);
        match release.status {
            Status::RollbackSuccessful | Status::Rejected => {
                for (group, link) in &green.links {
                    let as_found = release.status == Status::Rejected && link.found;
                    if !as_found && self.stays(app, release, green, group, watch) {
                        return wrong(format!("{} is still attached to {}", green.fleet, group.short()));
                    }
                }
                for member in release.blue.iter().filter(|_| release.status == Status::RollbackSuccessful) {
                    if let Some(group) =
                        member.found_groups().find(|group| self.lacks(app, release, member, group, watch))
                    {
                        return wrong(format!("{} isn't attached to {}", member.fleet, group.short()));
                    }
                }
            }
            Status::Successful if served && release.stage != Stage::Rollback => {
                if release.stage != Stage::Watch {
                    return wrong(format!("in {}, with a way back", release.stage));
                }
                for member in &release.blue {
                    // A detach that AWS refuses until its deadline is passed over with a warning: blue stays beside green.
                    let stays = |group: &&TargetGroupArn| {
                        self.stays(app, release, member, group, watch) && !self.in_vain(app, member, group, watch)
                    };
                    if let Some(group) = member.links.keys().find(stays) {
                        return wrong(format!("{} is still attached to {}", member.fleet, group.short()));
                    }
                }
                if let Some(group) = green.links.keys().find(|group| self.lacks(app, release, green, group, watch)) {
                    return wrong(format!("{} isn't attached to {}", green.fleet, group.short()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a fleet hangs on a group, and nobody but Cutover has to do with it.
    fn stays(&self, app: usize, release: &Release, member: &Member, group: &TargetGroupArn, watch: &Watch) -> bool {
        let fleet = member.fleet.as_str();
        let known = self.handled.get(&(fleet.to_owned(), self.name_of(app, group.as_str(), watch)));
        let excused = known.is_some_and(|known| self.since_began(release, known));
        self.there(member, &watch.world) && watch.world.attached(fleet, group.as_str()) && !excused
    }

    /// Whether a fleet doesn't hang on a group that is there, and nobody but Cutover has to do with it.
    fn lacks(&self, app: usize, release: &Release, member: &Member, group: &TargetGroupArn, watch: &Watch) -> bool {
        let fleet = member.fleet.as_str();
        let name = self.name_of(app, group.as_str(), watch);
        let known = self.handled.get(&(fleet.to_owned(), name));
        // The next release may have begun at once, and have detached it as its blue.
        let ended_at = release.ended_at.map_or(Millis::MAX, |at| at.millis() - super::CLOCKS);
        let next = |known: &Handled| known.left_at > ended_at;
        let excused = known.is_some_and(|known| self.since_began(release, known) || next(known));
        self.there(member, &watch.world) && !watch.world.attached(fleet, group.as_str()) && !excused
    }

    fn in_vain(&self, app: usize, member: &Member, group: &TargetGroupArn, watch: &Watch) -> bool {
        let key = (member.fleet.to_string(), self.name_of(app, group.as_str(), watch));
        self.handled.get(&key).is_some_and(|known| known.in_vain)
    }

    fn since_began(&self, release: &Release, known: &Handled) -> bool {
        let began = release.started_at.millis() - super::START;
        known.by_hand.is_some_and(|at| at >= began)
    }
}
