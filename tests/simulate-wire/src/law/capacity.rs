//! **never-empty**: a fleet is detached only if the others carry what is required of them, by the truth at the moment of the
//! reading that the detach rests on. And nobody's request is lost: nothing dies in these worlds but processes of the function.

use simulated_aws::api::Call;

use super::Offence;
use crate::evidence::{Deed, Evidence};
use crate::stand::{BLUE, SIZE};

/// Each detach left enough, and no request was lost.
pub fn never_empty(evidence: &Evidence) -> Result<(), Offence> {
    for (deed, fleet, groups) in evidence.detaches() {
        for group in groups.into_iter().filter(|group| serves(evidence, deed, fleet, group)) {
            let Some(read) = evidence.reading(deed, of_targets(group)) else { continue };
            let healthy = evidence.world.healthy_at(group, read.at);
            let left: u32 = healthy.iter().filter(|(name, _)| *name != fleet).map(|(_, count)| count).sum();
            // The policy's own defaults: all of it when blue goes, half when green does.
            let required = if fleet == BLUE { SIZE } else { SIZE.div_ceil(2) };
            if left < required {
                let what = format!("{left} healthy left of {required} required, at the reading of {}", read.at);
                return Err(Offence::by(deed, format!("{fleet} was detached from {group}: {what}")));
            }
        }
    }
    let tally = evidence.world.tally_all();
    if tally.lost() + tally.died > 0.0 {
        return Err(format!("requests were lost: {tally:?}").into());
    }
    Ok(())
}

/// Some fleet was detached that served.
pub fn at_stake(evidence: &Evidence) -> bool {
    let mut detaches = evidence.detaches();
    detaches.any(|(deed, fleet, groups)| groups.iter().any(|group| serves(evidence, deed, fleet, group)))
}

/// Whether a fleet had healthy targets just before it was detached.
pub fn serves(evidence: &Evidence, deed: &Deed, fleet: &str, group: &str) -> bool {
    evidence.world.healthy_at(group, deed.at - 1).contains_key(fleet)
}

/// Reads of a group's targets.
pub fn of_targets(group: &str) -> impl Fn(&Call) -> bool {
    move |call| matches!(call, Call::DescribeTargetHealth { target_group_arn, .. } if target_group_arn == group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::scene::Scene;
    use crate::stand::GREEN;

    #[test]
    fn blue_goes_only_when_green_carries_what_is_required() {
        for (seconds, holds) in [(10, true), (0, false)] {
            let mut scene = Scene::new();
            scene.attach(GREEN).pass(seconds).look().detach(BLUE);
            assert_eq!(never_empty(&scene.evidence()).is_ok(), holds, "after {seconds} s");
            assert!(at_stake(&scene.evidence()));
        }
    }

    #[test]
    fn what_the_reading_didnt_show_yet_doesnt_count() {
        let mut scene = Scene::new();
        scene.attach(GREEN).look().pass(10).detach(BLUE);
        assert!(never_empty(&scene.evidence()).unwrap_err().what.contains("0 healthy left of 2 required"));
    }

    #[test]
    fn no_request_is_lost() {
        let mut scene = Scene::new();
        scene.detach(BLUE).pass(5);
        assert!(never_empty(&scene.evidence()).unwrap_err().what.contains("requests were lost"));
    }
}
