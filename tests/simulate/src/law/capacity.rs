//! **never-empty**: no detach of Cutover's leaves a target group without the capacity that is required of the others.
//! Judged by the truth at the moment of the reading that the detach rests on; what dies after it is counted apart.

use super::{Judge, Look, Violation, goes_back, share};
use crate::tally::Tally;
use crate::watch::{Watch, What, Write};
use cutover::release::Release;

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
        let healthy_percent = release.policy.healthy_percent;
        let groups = self.apps[app].groups.clone();
        let Some(known) = self.releases.get_mut(&release.id.to_string()) else { return };
        known.attached_at.get_or_insert(write.at);
        for group in groups {
            let arn = watch.world.group_arn(&group).unwrap_or_default();
            let at = look.last(|what| *what == What::Targets(arn.clone())).unwrap_or(write.at);
            let healthy = watch.world.healthy_at(&group, at);
            let blue = release.blue.iter().filter_map(|member| healthy.get(member.fleet.as_str())).sum::<u32>();
            let least = blue.min(known.blue.get(&group).copied().unwrap_or(0));
            known.required.entry(group).or_insert(share(healthy_percent, least));
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
            if lost == 0 {
                continue;
            }
            self.stake(&id, "never-empty");
            let stay = |name: &&String| match blue_goes {
                true => release.blue.iter().all(|member| member.fleet.as_str() != name.as_str()),
                false => name.as_str() != fleet,
            };
            let left: u32 = healthy.iter().filter(|(name, _)| stay(name)).map(|(_, count)| count).sum();
            let required = self.required(&id, &name, release, blue_goes, lost);
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

    /// The least that the others must have: a lower bound of what the policy says, by the truth.
    fn required(&self, id: &str, group: &str, release: &Release, blue_goes: bool, lost: u32) -> u32 {
        let Some(known) = self.releases.get(id) else { return 1 };
        let policy = &release.policy;
        match blue_goes {
            true if known.promoted_in_halt => 1,
            true => share(policy.healthy_percent, lost.min(known.blue.get(group).copied().unwrap_or(0))),
            false => share(policy.rollback_healthy_percent, known.required.get(group).copied().unwrap_or(1)),
        }
    }

    pub(super) fn name_of(&self, app: usize, arn: &str, watch: &Watch) -> String {
        let found = self.apps[app].groups.iter().find(|group| watch.world.group_arn(group).as_deref() == Some(arn));
        found.cloned().unwrap_or_else(|| arn.to_owned())
    }
}
