//! **mine-only**: which fleet and which target groups a write may name, and what it may change there.

use super::{Judge, Look, Violation};
use crate::watch::{Watch, Write};
use cutover::release::{Release, Stage};
use simulated_aws::api::Call;

impl Judge {
    /// Whose fleet it is, and the release that names it.
    pub(super) fn may_write(
        &self,
        write: &Write,
        look: &Look<'_>,
        watch: &Watch,
    ) -> Result<(usize, Release), Violation> {
        let wrong = |why: &str| Err(Violation::new("mine-only", format!("{why}: {:?}", write.call)));
        let subjects = write.call.subjects();
        let Some((fleet, groups)) = subjects.split_first() else { return wrong("a write to nothing") };
        let Some(app) = self.apps.iter().position(|app| fleet.split('-').next() == Some(app.name.as_str())) else {
            return wrong("a fleet of nobody's");
        };
        let mine: Vec<_> = self.apps[app].groups.iter().filter_map(|group| watch.world.group_arn(group)).collect();
        if groups.iter().any(|group| !mine.iter().any(|arn| arn == group)) {
            return wrong("a target group of another application");
        }
        let Some(release) = write.release.clone() else { return wrong("no release names this fleet") };
        let named = release.members().find(|member| member.fleet.as_str() == *fleet);
        let same = write.arn.is_none() || named.map(|member| member.arn.as_str()) == write.arn.as_deref();
        if !same && !self.made_anew_behind(fleet, look) {
            return wrong("another fleet has that name by now");
        }
        match &write.call {
            Call::UpdateAutoScalingGroup { max_size: Some(_), .. } => return wrong("MaxSize"),
            Call::UpdateAutoScalingGroup { min_size, desired_capacity: Some(desired), .. } => {
                let retired = (*min_size, *desired) == (Some(0), 0);
                let brought_back = *min_size == named.and_then(|member| i32::try_from(member.found.min).ok());
                if !release.policy_retires() || !(retired || (brought_back && release.stage == Stage::Rollback)) {
                    return wrong("a desired capacity without a retirement");
                }
            }
            Call::AttachLoadBalancerTargetGroups { .. }
            | Call::AttachTrafficSources { .. }
            | Call::DetachLoadBalancerTargetGroups { .. }
            | Call::DetachTrafficSources { .. }
            | Call::UpdateAutoScalingGroup { .. } => {}
            _ => return wrong("no write of Cutover's"),
        }
        Ok((app, release))
    }
}

/// Whether a release may write a desired capacity.
trait Retires {
    fn policy_retires(&self) -> bool;
}

impl Retires for Release {
    fn policy_retires(&self) -> bool {
        self.policy.retire_blue != cutover::release::policy::RetireBlue::Keep
    }
}
