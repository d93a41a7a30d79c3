//! **mine-only**: which fleet and which target groups a write may name, and what it may change there.

use simulated_aws::api::Call;

use super::Offence;
use crate::evidence::Evidence;
use crate::stand::{BLUE, GREEN};

/// Only attach, detach and MinSize, of this release's fleets, at this application's groups.
pub fn mine_only(evidence: &Evidence) -> Result<(), Offence> {
    let mine: Vec<String> = evidence.groups.iter().filter_map(|group| evidence.world.group_arn(group)).collect();
    for write in evidence.writes() {
        let subjects = write.call.subjects();
        let (fleet, groups) = subjects.split_first().ok_or_else(|| format!("a write to nothing: {:?}", write.call))?;
        let named = [BLUE, GREEN].contains(fleet) && groups.iter().all(|group| mine.iter().any(|arn| arn == group));
        let allowed = match &write.call {
            Call::UpdateAutoScalingGroup { min_size, desired_capacity, max_size, .. } => {
                min_size.is_some() && desired_capacity.is_none() && max_size.is_none()
            }
            Call::AttachLoadBalancerTargetGroups { .. } | Call::DetachLoadBalancerTargetGroups { .. } => true,
            _ => false,
        };
        if !named || !allowed {
            return Err(Offence::by(write, format!("no write of this release: {:?}", write.call)));
        }
    }
    Ok(())
}

/// Something was written.
pub fn at_stake(evidence: &Evidence) -> bool {
    evidence.writes().next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::scene::Scene;

    #[test]
    fn no_other_fleet_no_other_group_and_no_other_size_is_written() {
        let mut scene = Scene::new();
        scene.attach(GREEN).detach(BLUE).hold(BLUE);
        assert_eq!(mine_only(&scene.evidence()), Ok(()));
        let wrong: [fn(&mut Scene) -> &mut Scene; 5] = [
            |scene| scene.attach("stranger"),
            |scene| scene.detach_from("other-blue", "other"),
            |scene| scene.attach_to(GREEN, "other"),
            |scene| scene.hold("other-blue"),
            |scene| scene.sizes(BLUE, None, Some(3)),
        ];
        for (at, wrong) in wrong.into_iter().enumerate() {
            let mut scene = Scene::new();
            wrong(&mut scene);
            assert!(mine_only(&scene.evidence()).is_err(), "{at}");
        }
    }
}
