//! **never-empty**: no detach of Cutover's leaves a target group without the capacity that is required of the others.
//! Judged by the truth at the moment of the reading that the detach rests on; what dies after it is counted apart.

use super::{Judge, Look, Violation};
use crate::tally::Tally;
use crate::watch::{Watch, What, Write};
use cutover::release::{Member, Release, Stage, Status};
use simulated_aws::api::Millis;
use simulated_aws::world::World;

impl Judge {
    /// Green was attached: from here on alarms count, and the terms are known.
    pub(super) fn attached(
        &mut self,
        app: usize,
        fleet: &str,
        write: &Write,
        look: &Look<'_>,
        release: &Release,
        watch: &Watch,
    ) {
        if fleet != release.green.fleet.as_str() {
            return;
        }
        let version = self.version(app, release);
        let groups = self.apps[app].groups.clone();
        let Some(known) = self.releases.get_mut(&release.id.to_string()) else { return };
        known.attached_at.get_or_insert(write.at);
        for group in groups {
            let arn = watch.world.group_arn(&group).unwrap_or_default();
            let at = look.last(|what| *what == What::Targets(arn.clone())).unwrap_or(write.at);
            let now = least(&watch.world, &group, release, at - look.stale, at);
            let blue = now.max(known.blue.get(&group).copied().unwrap_or(0));
            known.required.entry(group).or_insert(share(version.least("healthy_percent"), blue));
        }
    }

    /// A fleet was detached.
    #[expect(clippy::too_many_arguments, reason = "all that a detach is judged by, each used once")]
    pub(super) fn detached(
        &mut self,
        app: usize,
        fleet: &str,
        groups: &[&str],
        write: &Write,
        look: &Look<'_>,
        release: &Release,
        watch: &Watch,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let id = release.id.to_string();
        let blue_goes = release.blue.iter().any(|member| member.fleet.as_str() == fleet);
        for group in groups {
            let name = self.name_of(app, group, watch);
            let read = look.last(|what| matches!(what, What::Targets(arn) if arn == group));
            let Some(at) = read else {
                if watch.world.healthy_at(group, write.at - 1).contains_key(fleet) {
                    let what = format!("{fleet} was detached from {name} though its targets weren't read");
                    return Err(Violation::new("unknown-never-promotes", what));
                }
                continue;
            };
            let healthy = watch.world.healthy_at(group, at);
            let lost = healthy.get(fleet).copied().unwrap_or(0);
            let low = self.releases.get(&id).and_then(|known| known.blue.get(&name)).copied().unwrap_or(0);
            // A blue that serves nothing at the moment was there for something.
            let forward = blue_goes && !goes_back(release) && release.stage != Stage::Watch;
            if lost == 0 && !(forward && low > 0) {
                continue;
            }
            self.stake(&id, "never-empty");
            let stay = |name: &&String| match blue_goes {
                true => blue(release, &watch.world).all(|fleet| fleet != name.as_str()),
                false => name.as_str() != fleet,
            };
            let left: u32 = healthy.iter().filter(|(name, _)| stay(name)).map(|(_, count)| count).sum();
            let served = match forward {
                true => least(&watch.world, &name, release, at - look.stale, at).max(low),
                false => lost,
            };
            let required = self.required(app, release, &name, blue_goes, served);
            if left < required {
                let what = format!(
                    "{fleet} with {lost} healthy was detached from {name}: {left} left of {required} required, at the reading of {at}"
                );
                return Err(Violation::new("never-empty", what));
            }
            let now = watch.world.healthy_at(group, write.at);
            if now.iter().filter(|(name, _)| stay(name)).map(|(_, count)| count).sum::<u32>() == 0 {
                tally.note("died between the reading and the detach");
            }
        }
        if blue_goes && !goes_back(release) {
            self.promoted(app, write, look, release, watch)?;
        }
        Ok(())
    }

    /// The least that the others must have, by the truth: the product may have seen more, not less.
    fn required(&self, app: usize, release: &Release, group: &str, blue_goes: bool, blue: u32) -> u32 {
        let Some(known) = self.releases.get(&release.id.to_string()) else { return 1 };
        let version = self.version(app, release);
        if blue_goes {
            return if known.waived(release) { 1 } else { share(version.least("healthy_percent"), blue) };
        }
        let attached = known.required.get(group).copied();
        let low = known.blue.get(group).copied().unwrap_or(0);
        let required = attached.unwrap_or_else(|| share(version.least("healthy_percent"), low));
        share(version.least("rollback_healthy_percent"), required)
    }

    pub(super) fn name_of(&self, app: usize, arn: &str, watch: &Watch) -> String {
        let found = self.apps[app].groups.iter().find(|group| watch.world.group_arn(group).as_deref() == Some(arn));
        found.cloned().unwrap_or_else(|| arn.to_owned())
    }
}

/// The least of blue that can have been seen healthy in a group by whoever read its instances and their health at any two
/// moments between these: those that died since are gone, and those that came since may be unknown.
pub(super) fn least(world: &World, group: &str, release: &Release, from: Millis, to: Millis) -> u32 {
    let spans = world.spans(group);
    let Some(first) = spans.iter().rposition(|span| span.from <= from) else { return 0 };
    let within = || spans[first..].iter().take_while(|span| span.from <= to);
    let of = |fleet: &str| {
        let counts: Vec<u32> = within().map(|span| span.fleets.get(fleet).map_or(0, |flow| flow.healthy)).collect();
        let mut died = 0;
        let mut least = counts.last().copied().unwrap_or(0);
        for pair in counts.windows(2).rev() {
            died += pair[0].saturating_sub(pair[1]);
            least = least.min(pair[0].saturating_sub(died));
        }
        least
    };
    blue(release, world).map(of).sum()
}

/// The fleets of blue by name; one that was made anew under it is another, and stays.
fn blue<'r>(release: &'r Release, world: &'r World) -> impl Iterator<Item = &'r str> {
    let same = |member: &&Member| world.fleet_arn(member.fleet.as_str()).is_none_or(|arn| arn == member.arn.as_str());
    release.blue.iter().filter(same).map(|member| member.fleet.as_str())
}

/// `percent` of so many, rounded up, at least 1.
fn share(percent: u32, of: u32) -> u32 {
    (of * percent).div_ceil(100).max(1)
}

/// Whether a release goes back.
fn goes_back(release: &Release) -> bool {
    release.stage == Stage::Rollback || matches!(release.status, Status::RollbackInProgress | Status::RollbackFailed)
}
