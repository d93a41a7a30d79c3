//! The decide stage: what a look says of what Cutover wrote, and of what people did.
//!
//! Comes before every rule: confirms links and floors by settled readings, and finds fleets that are gone.

use super::case::Case;
use crate::release::{AttachmentState, Link, Wanted};

impl Case<'_> {
    /// Brings the record up to what a settled reading shows.
    pub fn notice(&mut self) {
        let mut members: Vec<_> = self.release.members().cloned().collect();
        for member in &mut members {
            if member.gone || !self.settled(member) {
                continue;
            }
            match self.fleet(member) {
                // A fleet that was just made may be missing from a stale reading.
                Ok(None) if self.now() < self.release.started_at + self.settle() => continue,
                Ok(None) => {
                    member.gone = true;
                    self.release.warn(format!("{} was deleted", member.fleet));
                    continue;
                }
                Ok(Some(fleet)) => {
                    if let Some(warning) = super::floors::notice(member, fleet.sizes.min) {
                        self.release.warn(warning);
                    }
                }
                Err(_) => {}
            }
            let Ok(attachments) = self.seen.attachments(&member.fleet) else { continue };
            for (group, link) in &mut member.links {
                link.confirmed |= shows(link, attachments.get(group).copied());
            }
        }
        for (mine, noticed) in self.release.members_mut().zip(members) {
            *mine = noticed;
        }
    }
}

/// Whether a settled reading shows a link as it is wanted; a state that nobody knows shows nothing.
pub(super) fn shows(link: &Link, state: Option<AttachmentState>) -> bool {
    match (state, link.wanted) {
        (Some(AttachmentState::Unknown), _) => false,
        (Some(state), Wanted::On) => state.attached(),
        (Some(state), Wanted::Off) => !state.attached(),
        (None, wanted) => wanted == Wanted::Off,
    }
}
