//! **always-ends**: once the faults have passed the release comes to the end that its story has; one fleet serves, alone. And
//! every wait says what for, and until when.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Offence;
use crate::evidence::Evidence;
use crate::stand::{BLUE, GREEN, SIZE};

/// How an invocation may fail in bad weather: the product's own errors that say "again", and Lambda's of one that died or was
/// cut off. Before an event has begun the release there is nothing to check.
const TOLD: [&str; 6] = ["Busy", "Throttled", "Unavailable", "NotFound", "Runtime.ExitError", "Sandbox.Timedout"];

/// It ended as it had to.
pub fn always_ends(evidence: &Evidence) -> Result<(), Offence> {
    if let Some(error) = evidence.errors.iter().find(|error| !TOLD.contains(&error.kind.as_str())) {
        return Err(format!("an invocation failed with {error}").into());
    }
    evidence.reports.iter().try_for_each(waits)?;
    if !evidence.ended {
        return Err(
            format!("it didn't end; the last report: {}", evidence.reports.last().unwrap_or(&Value::Null)).into()
        );
    }
    let (stays, goes) = if evidence.story.end() == "successful" { (GREEN, BLUE) } else { (BLUE, GREEN) };
    for group in &evidence.groups {
        let healthy = evidence.world.healthy(group);
        if healthy != BTreeMap::from([(stays.to_owned(), SIZE)]) {
            return Err(format!("in {group} {stays} had to serve alone at the end: {healthy:?}").into());
        }
    }
    let (held, left) = (evidence.world.attachments(stays), evidence.world.attachments(goes));
    if held.len() != evidence.groups.len() || !left.is_empty() {
        return Err(format!("at the end {stays} is attached to {held:?}, {goes} to {left:?}").into());
    }
    Ok(())
}

fn waits(answer: &Value) -> Result<(), String> {
    let reports = answer["releases"].as_array().map_or_else(|| std::slice::from_ref(answer), Vec::as_slice);
    for report in reports.iter().filter(|report| report["next_check_seconds"].as_u64().unwrap_or(0) > 0) {
        if report["waiting_on"]["kind"].is_null() || report["waiting_on"]["deadline"].is_null() {
            return Err(format!("a wait without a reason or a deadline: {report}"));
        }
    }
    Ok(())
}

/// Something went wrong on the wire.
pub fn at_stake(evidence: &Evidence) -> bool {
    evidence.struck(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::scene::Scene;
    use serde_json::json;
    use simulated_aws::wire::LambdaError;

    fn ended(scene: &Scene) -> Evidence {
        Evidence { ended: true, ..scene.evidence() }
    }

    #[test]
    fn a_good_release_ends_with_green_serving_alone() {
        let mut scene = Scene::new();
        scene.attach(GREEN).pass(10);
        assert!(always_ends(&ended(&scene)).unwrap_err().what.contains("had to serve alone"), "both serve");
        scene.detach(BLUE).pass(5);
        assert_eq!(always_ends(&ended(&scene)), Ok(()));
        assert!(always_ends(&scene.evidence()).unwrap_err().what.contains("didn't end"));
        scene.attach(BLUE).detach(GREEN).pass(10);
        assert!(always_ends(&ended(&scene)).is_err(), "blue serves, though nothing was wrong with green");
    }

    #[test]
    fn a_wait_says_what_for_and_until_when_and_no_invocation_fails_in_another_way() {
        let report =
            |deadline: Value| json!({"next_check_seconds": 1, "waiting_on": {"kind": "turn", "deadline": deadline}});
        assert_eq!(waits(&report(json!("2026-01-05T12:00:00Z"))), Ok(()));
        assert!(waits(&report(Value::Null)).is_err());
        assert!(waits(&json!({"releases": [report(Value::Null)]})).is_err());
        let mut scene = Scene::new();
        scene.attach(GREEN).pass(10).detach(BLUE).pass(5);
        let conflict = LambdaError { kind: "Conflict".to_owned(), message: String::new() };
        let failed = Evidence { errors: vec![conflict], ..ended(&scene) };
        assert!(always_ends(&failed).unwrap_err().what.contains("Conflict"));
    }
}
