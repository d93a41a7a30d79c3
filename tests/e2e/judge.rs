//! The judge: how a release ended, by the world's truth, the record and the bus.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulated_aws::wire::To;
use simulated_aws::world::{Outcome, World};

use crate::stand::{BLUE, GREEN, GROUP, Stand};

/// What a good release announces.
const GOOD: [&str; 6] = ["prepare", "attach", "bake", "detach", "watch", "successful"];

/// Green serves, alone; nothing was lost, doubled or left behind.
pub async fn released(stand: &Stand) {
    stand.wire.world(|world| {
        serves_alone(world, GREEN, BLUE);
        nothing_lost_or_doubled(world);
    });
    on_record(stand, "successful").await;
    announced(stand, &GOOD);
}

/// Blue serves, alone, as before; nothing was lost, doubled or left behind.
pub async fn rolled_back(stand: &Stand, announced_stages: &[&str]) {
    stand.wire.world(|world| {
        serves_alone(world, BLUE, GREEN);
        nothing_lost_or_doubled(world);
    });
    on_record(stand, "rollback_successful").await;
    announced(stand, announced_stages);
}

fn serves_alone(world: &World, serving: &str, other: &str) {
    let healthy = world.healthy(GROUP);
    assert_eq!(healthy, BTreeMap::from([(serving.to_owned(), 2)]), "who is healthy in {GROUP}");
    assert!(world.attachments(serving).contains_key(GROUP), "{serving} is attached");
    assert!(world.attachments(other).is_empty(), "{other} is attached nowhere: {:?}", world.attachments(other));
}

fn nothing_lost_or_doubled(world: &World) {
    let tally = world.tally_all();
    assert_eq!(tally.lost() + tally.died, 0.0, "requests were lost: {tally:?}");
    for fleet in [BLUE, GREEN] {
        assert_eq!(world.sizes(fleet), Some((1, 2, 4)), "{fleet} has the sizes that it had");
    }
    let mut writes: Vec<String> = Vec::new();
    for write in world.writes().filter(|write| write.outcome != Outcome::NeverArrived) {
        let said = format!("{:?}", write.call);
        assert!(!writes.contains(&said), "sent twice: {said}");
        // A refused one may be sent again.
        if !matches!(write.outcome, Outcome::Refused(_)) {
            assert_eq!(write.outcome, Outcome::Applied, "in vain: {said}");
            writes.push(said);
        }
    }
}

async fn on_record(stand: &Stand, status: &str) {
    let history = stand.lambda.invoke(&json!({"command": "history", "application": "web"})).await.unwrap();
    let releases = history["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 1, "one release: {history:#}");
    assert_eq!((&releases[0]["green"], &releases[0]["status"]), (&json!(GREEN), &json!(status)), "{history:#}");
    let before = (stand.writes(), table_writes(stand));
    let again = stand.check().await.unwrap();
    assert_eq!(again["status"], status);
    assert_eq!((stand.writes(), table_writes(stand)), before, "a check of an ended release writes nothing");
}

fn table_writes(stand: &Stand) -> usize {
    stand.wire.seen().iter().filter(|seen| seen.to == To::DynamoDb && seen.is_write()).count()
}

/// Each change was announced at least once, in order.
fn announced(stand: &Stand, expected: &[&str]) {
    let mut changes: BTreeMap<u64, String> = BTreeMap::new();
    stand.wire.world(|world| {
        for announced in world.announced() {
            let report: Value = serde_json::from_str(&announced.entry.detail).unwrap();
            let field = if report["next_check_seconds"] == 0 { "status" } else { "stage" };
            changes.insert(report["sequence"].as_u64().unwrap(), report[field].as_str().unwrap().to_owned());
        }
    });
    assert_eq!(changes.into_values().collect::<Vec<_>>(), expected, "what was announced");
}
