//! The decide stage: the floors (MinSize, held upward, given back by compare-and-set).

use super::Action;
use super::case::Case;
use crate::mutation::{self, Mutation};
use crate::release::{Fleet, FleetName, Floor, Member, Observation};

/// What a settled reading of MinSize says of a floor; a warning if it's somebody else's from now on.
pub(super) fn notice(member: &mut Member, min: u32) -> Option<String> {
    let floor = member.floor.as_mut()?;
    if floor.foreign {
        return None;
    }
    let Floor { original, written, confirmed, releasing, .. } = *floor;
    let never_arrived = !confirmed && min == floor.before.unwrap_or(original);
    match (releasing, min) {
        (true, min) if min == original => {
            member.floor = None;
            None
        }
        (false, min) if min == written => {
            floor.confirmed = true;
            None
        }
        // The write hasn't been applied, or not yet taken back: it will be sent (again).
        (true, min) if min == written => None,
        _ if never_arrived || mutation::on(Mutation::FloorsTakenBack) => None,
        _ => {
            floor.foreign = true;
            Some(format!(
                "somebody else set MinSize of {} to {min} while Cutover held it at {written}: it stays as it is",
                member.fleet
            ))
        }
    }
}

/// A member's fleet as it was read: not another that has its name by now.
fn itself<'o>(seen: &'o Observation, member: &Member) -> Option<&'o Fleet> {
    seen.fleet(&member.fleet).ok().flatten().filter(|fleet| member.is(fleet) && !fleet.deleting)
}

/// Holds a floor again that was about to be given back: the write that gives it back may be under way.
pub(super) fn keep(floor: &mut Floor) {
    if floor.releasing {
        *floor = Floor { releasing: false, confirmed: false, before: Some(floor.original), ..*floor };
    }
}

impl Case<'_> {
    /// Holds a fleet's floor at `min`, if that raises it; recorded first. Does nothing while its reading doesn't count,
    /// or on a floor that somebody else changed. True if something was or is being written.
    pub fn hold(&mut self, fleet: &FleetName, min: u32) -> bool {
        let settle = self.settle();
        let seen = self.seen;
        let Some(member) = self.release.member_mut(fleet) else { return false };
        if member.gone || !member.is_settled(seen.at, settle) {
            return false;
        }
        let Some(found) = itself(seen, member) else { return false };
        let sizes = found.sizes;
        let min = min.min(sizes.max);
        let floor = match member.floor {
            Some(floor) if floor.foreign => return false,
            // Higher than before, or never arrived: the first original is kept.
            Some(floor) => {
                let original = if mutation::on(Mutation::OriginalForgotten) { sizes.min } else { floor.original };
                let written = floor.written.max(min);
                Floor { original, written, before: Some(sizes.min), confirmed: false, releasing: false, ..floor }
            }
            None => Floor {
                original: sizes.min,
                written: min,
                before: None,
                confirmed: false,
                foreign: false,
                releasing: false,
            },
        };
        if sizes.min >= floor.written {
            return false;
        }
        member.floor = Some(floor);
        self.actions.push(match mutation::on(Mutation::DesiredWritten) {
            true => Action::Resize { fleet: fleet.clone(), min: floor.written, desired: floor.written },
            false => Action::SetMinSize { fleet: fleet.clone(), from: sizes.min, to: floor.written },
        });
        true
    }

    /// Gives the floors back, each only if a settled reading still shows what Cutover wrote. True once none is left.
    pub fn release_floors(&mut self) -> bool {
        if mutation::on(Mutation::FloorsForgotten) {
            return true;
        }
        let settle = self.settle();
        let seen = self.seen;
        for member in self.release.members_mut() {
            let Some(mut floor) = member.floor else { continue };
            if member.gone {
                member.floor = None;
            }
            // Somebody else's is theirs from then on: known as such also to a rollback that comes after the end.
            if member.gone || floor.foreign {
                continue;
            }
            let Some(found) = itself(seen, member) else { continue };
            if !member.is_settled(seen.at, settle) {
                continue;
            }
            if found.sizes.min == floor.original && !floor.confirmed {
                // The hold never arrived: nothing to give back.
                member.floor = None;
                continue;
            }
            floor.releasing = true;
            member.floor = Some(floor);
            self.actions.push(Action::SetMinSize {
                fleet: member.fleet.clone(),
                from: found.sizes.min,
                to: floor.original,
            });
        }
        !self.release.members().any(Member::holds)
    }
}
