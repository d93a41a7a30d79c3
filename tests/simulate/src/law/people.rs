//! What people did to fleets and said of releases, as far as a judge has to know of it.

use super::{Judge, Look, Version};
use cutover::release::Member;
use simulated_aws::api::Millis;
use simulated_aws::world::{Hand, World};

impl Judge {
    /// Somebody deletes a fleet, however long it takes to be gone.
    pub fn deleted(&mut self, arn: String) {
        self.deleted.insert(arn);
    }

    /// A person changed something about a fleet.
    pub fn hand(&mut self, hand: &Hand, at: Millis) {
        match hand {
            Hand::Attach(fleet, group, _) | Hand::Detach(fleet, group, _) => {
                self.linked.remove(&(fleet.clone(), group.clone()));
                self.handled(fleet, group, at);
            }
            Hand::CreateFleet(spec) => self.made_anew.push((spec.name.clone(), at)),
            Hand::Tag(fleet, tag, Some(value)) => {
                let field = tag.trim_start_matches("cutover:").replace('-', "_");
                let of_it = |version: &&mut Version| version.green == *fleet;
                let versions = self.versions.iter_mut().flatten().filter(of_it);
                let later = value.parse::<u32>().map(|value| (at, field, value));
                versions.for_each(|version| version.retagged.extend(later.clone()));
            }
            _ => {}
        }
    }

    /// Whether a fleet was made anew since the reading that a look rests on, or within what that may be stale by.
    pub(super) fn made_anew_behind(&self, fleet: &str, look: &Look<'_>) -> bool {
        let since = look.since.unwrap_or(Millis::MIN) - look.stale;
        self.made_anew.iter().any(|(name, at)| name == fleet && *at >= since)
    }

    /// Whether a fleet of a release is there, and nobody is deleting it.
    pub(super) fn there(&self, member: &Member, world: &World) -> bool {
        let arn = member.arn.as_str();
        world.fleet_arn(member.fleet.as_str()) == Some(arn) && !self.deleted.contains(arn)
    }

    /// A person said something of an application.
    pub fn says(&mut self, app: usize, word: &'static str) {
        self.said.insert((app, word));
        if word != "promote" {
            return;
        }
        let app = &self.apps[app].name;
        let of = |id: &String| id.rsplit_once('.').is_some_and(|(name, _)| name == app);
        for (_, known) in self.releases.iter_mut().filter(|(id, known)| of(id) && known.halted) {
            known.promoted_in_halt = true;
        }
    }

    /// Whether a person ever said this of an application.
    pub(super) fn said(&self, app: usize, word: &'static str) -> bool {
        self.said.contains(&(app, word))
    }
}
