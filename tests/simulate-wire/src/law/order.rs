//! **one-release** and **again-is-nothing**: who writes after whom, and what is written twice.

use simulated_aws::api::Call;
use simulated_aws::wire::Seen;
use simulated_aws::world::Outcome;

use super::Offence;
use crate::evidence::Evidence;

/// No write rests on a look that is older than another invocation's write.
pub fn one_release(evidence: &Evidence) -> Result<(), Offence> {
    for write in evidence.writes() {
        let of_its_fleet = |call: &Call| match call {
            Call::DescribeAutoScalingGroups { names, .. } => {
                names.is_empty()
                    || write.call.subjects().first().is_some_and(|fleet| names.iter().any(|name| name == fleet))
            }
            _ => false,
        };
        let Some(look) = evidence.reading(write, of_its_fleet) else {
            let what = format!("{:?} wrote at {} without a look under its lease", write.by, write.at);
            return Err(Offence::by(write, what));
        };
        let between = evidence.writes().find(|other| {
            other.by != write.by && other.outcome == Outcome::Applied && other.at > look.at && other.at < write.at
        });
        if let Some(other) = between {
            let what = format!(
                "{:?} wrote at {} by a look of {}, but {:?} wrote at {}",
                write.by, write.at, look.at, other.by, other.at
            );
            return Err(Offence::by(write, what));
        }
    }
    Ok(())
}

/// Several knocked at once, or one died, perhaps with the lease.
pub fn one_at_stake(evidence: &Evidence) -> bool {
    evidence.crowd || evidence.struck(Seen::killed)
}

/// A second look at an ended release writes nothing, and no write is sent that was done already.
pub fn again_is_nothing(evidence: &Evidence) -> Result<(), Offence> {
    if evidence.again > 0 {
        return Err(format!("a second look at the ended release sent {} writes", evidence.again).into());
    }
    match evidence.writes().find(|write| write.outcome == Outcome::Nothing) {
        Some(write) => {
            let what = format!("sent though it was so already, at {}: {:?}", write.at, write.call);
            Err(Offence::by(write, what))
        }
        None => Ok(()),
    }
}

/// A write, of the record too, whose sender couldn't know whether it was done.
pub fn again_at_stake(evidence: &Evidence) -> bool {
    evidence.struck(|seen| seen.is_write() && !seen.received())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::scene::Scene;
    use crate::stand::{BLUE, GREEN};

    #[test]
    fn no_write_rests_on_a_look_older_than_anothers_write() {
        let mut scene = Scene::new();
        scene.look().pass(1).attach(GREEN);
        assert_eq!(one_release(&scene.evidence()), Ok(()));
        let mut scene = Scene::new();
        scene.look().pass(1).next_invocation().look().pass(1).hold(BLUE).pass(1).former_invocation().attach(GREEN);
        assert!(one_release(&scene.evidence()).unwrap_err().what.contains("by a look of"));
        let mut scene = Scene::new();
        scene.attach(GREEN);
        assert!(one_release(&scene.evidence()).unwrap_err().what.contains("without a look"));
    }

    #[test]
    fn nothing_is_sent_that_was_done_already() {
        let mut scene = Scene::new();
        scene.look().attach(GREEN);
        assert_eq!(again_is_nothing(&scene.evidence()), Ok(()));
        scene.attach(GREEN);
        assert!(again_is_nothing(&scene.evidence()).unwrap_err().what.contains("already"));
        let again = Evidence { again: 1, ..Scene::new().evidence() };
        assert!(again_is_nothing(&again).is_err());
    }
}
