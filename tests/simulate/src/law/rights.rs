//! **mine-only**: which fleet and which target groups a write may name, and what it may change there.

use super::{Judge, Violation};
use crate::watch::{Watch, Write};
use cutover::release::{ApplicationName, Release};
use simulated_aws::api::Call;
use simulated_aws::ports::Record;

impl Judge {
    /// Whose fleet it is, and the release that names it.
    pub(super) fn may_write(
        &self,
        write: &Write,
        watch: &Watch,
        record: &Record,
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
        let Some(release) = named(record, &self.apps[app].name, fleet) else {
            return wrong("no release names this fleet");
        };
        match &write.call {
            Call::UpdateAutoScalingGroup { max_size: Some(_), .. } => return wrong("MaxSize"),
            Call::UpdateAutoScalingGroup { desired_capacity: Some(_), .. } if !release.policy_retires() => {
                return wrong("a desired capacity without a retirement");
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

/// The release that runs, or the last one, if it names the fleet.
fn named(record: &Record, app: &str, fleet: &str) -> Option<Release> {
    let name = ApplicationName::parse(app).ok()?;
    let item = record.application(&name)?;
    let last = item.last.as_ref().and_then(|id| record.release(id));
    let found = item.running.iter().chain(last);
    found.into_iter().find(|release| release.members().any(|member| member.fleet.as_str() == fleet)).cloned()
}
