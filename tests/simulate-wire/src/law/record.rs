//! **nothing-lost**: the record and the event bus against what the world saw.

use serde_json::json;

use super::Offence;
use crate::case::Story;
use crate::evidence::Evidence;
use crate::stand::GREEN;

/// One release is on record, with the end that it had, and each of its changes was announced.
pub fn nothing_lost(evidence: &Evidence) -> Result<(), Offence> {
    if !evidence.ended {
        return Ok(());
    }
    let end = evidence.story.end();
    let on_record = match evidence.history["releases"].as_array().map(Vec::as_slice) {
        Some([only]) => only["green"] == json!(GREEN) && only["status"] == json!(end),
        _ => false,
    };
    if !on_record {
        return Err(format!("the record should have one release, {end}: {}", evidence.history).into());
    }
    // Whether blue had drained when the alarm was seen is nobody's promise.
    let passed_over = if evidence.story == Story::AlarmWhileDraining { "watch" } else { "" };
    let announced: Vec<String> = evidence.announced().into_values().filter(|stage| stage != passed_over).collect();
    let changes = changes(evidence.story);
    if announced != changes {
        return Err(format!("what was announced: {announced:?}; what had to be: {changes:?}").into());
    }
    Ok(())
}

/// The changes of a release of this story.
fn changes(story: Story) -> &'static [&'static str] {
    match story {
        Story::Good => &["prepare", "attach", "bake", "detach", "watch", "successful"],
        Story::NeverHealthy => &["prepare", "attach", "rollback", "rollback_successful"],
        Story::AlarmInBake | Story::AlarmPasses | Story::RolledBackByHand => {
            &["prepare", "attach", "bake", "rollback", "rollback_successful"]
        }
        Story::AlarmWhileDraining => &["prepare", "attach", "bake", "detach", "rollback", "rollback_successful"],
        Story::AlarmInWatch => &["prepare", "attach", "bake", "detach", "watch", "rollback", "rollback_successful"],
    }
}

/// The record's or the bus's own calls failed, or a process died.
pub fn at_stake(evidence: &Evidence) -> bool {
    let remembers = ["UpdateItem", "TransactWriteItems", "PutEvents"];
    evidence.struck(|seen| remembers.contains(&seen.operation.as_str()) || seen.killed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::scene::Scene;

    fn told(stages: &[&str], status: &str) -> Evidence {
        let mut scene = Scene::new();
        for (stage, sequence) in stages.iter().zip(1..) {
            scene.announce(stage, sequence);
        }
        let history = json!({"releases": [{"green": GREEN, "status": status}]});
        Evidence { ended: true, history, ..scene.evidence() }
    }

    #[test]
    fn each_change_is_announced_and_the_end_is_on_record() {
        let good = changes(Story::Good);
        assert_eq!(nothing_lost(&told(good, "successful")), Ok(()));
        assert!(nothing_lost(&told(good, "in_progress")).unwrap_err().what.contains("the record"));
        for missing in 0..good.len() {
            let others: Vec<&str> = [&good[..missing], &good[missing + 1..]].concat();
            assert!(nothing_lost(&told(&others, "successful")).is_err(), "without {}", good[missing]);
        }
        assert!(nothing_lost(&Evidence { history: json!(null), ..told(good, "successful") }).is_err());
    }
}
