//! **as-found**: every size is at the end what it was before; nobody else writes one in these worlds.

use simulated_aws::api::Call;
use simulated_aws::world::Outcome;

use super::Offence;
use crate::evidence::{Deed, Evidence};

/// Each fleet has the MinSize that it was created with, and never had a lower one.
pub fn as_found(evidence: &Evidence) -> Result<(), Offence> {
    let world = &evidence.world;
    for found in world.floors().iter().filter(|change| change.by == "created") {
        let lowered = world.floors().iter().find(|change| change.arn == found.arn && change.min < found.min);
        if let Some(change) = lowered {
            return Err(
                format!("MinSize of {} was {}, and was lowered to {}", found.fleet, found.min, change.min).into()
            );
        }
        let left = world.sizes(&found.fleet).map(|(min, ..)| min);
        if evidence.ended && left != Some(found.min) {
            return Err(format!("MinSize of {} was {}, and is left at {left:?}", found.fleet, found.min).into());
        }
    }
    Ok(())
}

/// A floor was held.
pub fn at_stake(evidence: &Evidence) -> bool {
    let holds =
        |deed: &Deed| matches!(deed.call, Call::UpdateAutoScalingGroup { .. }) && deed.outcome == Outcome::Applied;
    evidence.writes().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::scene::Scene;
    use crate::stand::BLUE;

    #[test]
    fn a_floor_that_was_held_is_given_back() {
        let mut scene = Scene::new();
        scene.look().hold(BLUE);
        assert!(at_stake(&scene.evidence()));
        assert_eq!(as_found(&scene.evidence()), Ok(()), "while it goes on");
        let ended = Evidence { ended: true, ..scene.evidence() };
        assert!(as_found(&ended).unwrap_err().what.contains("is left at Some(2)"));
    }

    #[test]
    fn a_floor_is_never_lowered() {
        let mut scene = Scene::new();
        scene.look().min_size(BLUE, 0);
        assert!(as_found(&scene.evidence()).unwrap_err().what.contains("lowered to 0"));
    }
}
