//! Announcements: what is sent, and which were accepted.

use super::server::Reply;
use super::{Aws, aws};
use crate::announce::Notify;
use crate::release::{ApplicationName, Entry, ReleaseId, Stage, Status, Timestamp};
use serde_json::{Value, json};

fn entry(sequence: u64, report: Value) -> Entry {
    Entry {
        sequence,
        release: ReleaseId::new(ApplicationName::parse("web").unwrap(), 1),
        at: Timestamp::from_millis(1_700_000_000_000),
        stage: Stage::Bake,
        status: Status::InProgress,
        message: String::new(),
        actions: Vec::new(),
        verdict: None,
        announced: true,
        report,
    }
}

fn accepted(count: usize) -> Reply {
    let results: Vec<Value> = (0..count).map(|id| json!({"EventId": id.to_string()})).collect();
    Reply::json(200, &json!({"FailedEntryCount": 0, "Entries": results}))
}

#[tokio::test]
async fn an_announcement_is_the_report_with_its_sequence() {
    let (aws, server) = aws(|_| accepted(1)).await;
    assert_eq!(aws.announce(&[entry(7, json!({"application": "web", "stage": "bake"}))]).await, [7]);
    let sent: Value = serde_json::from_str(&server.requests()[0].body).unwrap();
    let event = &sent["Entries"][0];
    assert_eq!((&event["Source"], &event["DetailType"]), (&json!("cutover"), &json!("Release State Change")));
    assert_eq!((&event["EventBusName"], event["Time"].as_f64()), (&json!("deployments"), Some(1_700_000_000.0)));
    let detail: Value = serde_json::from_str(event["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail, json!({"application": "web", "stage": "bake", "sequence": 7}));
}

#[tokio::test]
async fn only_what_the_bus_accepted_counts_as_announced() {
    let (aws_, _server) = aws(|_| {
        let results = json!([{"EventId": "1"}, {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}]);
        Reply::json(200, &json!({"FailedEntryCount": 1, "Entries": results}))
    })
    .await;
    let three = [1, 2, 3].map(|sequence| entry(sequence, json!({})));
    assert_eq!(aws_.announce(&three).await, [1], "the third has no result at all");
    let (aws_, _server) = aws(|_| Reply::json(400, &json!({"__type": "AccessDeniedException"}))).await;
    assert!(aws_.announce(&three).await.is_empty());
}

#[tokio::test]
async fn no_call_is_larger_than_the_bus_takes() {
    let (aws, server) = aws(|request| accepted(request.body.matches("Release State Change").count())).await;
    let small: Vec<Entry> = (0..12).map(|sequence| entry(sequence, json!({}))).collect();
    assert_eq!(aws.announce(&small).await.len(), 12);
    assert_eq!(server.requests().len(), 2, "ten entries a call");
    let large: Vec<Entry> = (0..9).map(|sequence| entry(sequence, json!({"timeline": "x".repeat(60_000)}))).collect();
    assert_eq!(aws.announce(&large).await.len(), 9);
    assert!(server.requests().iter().all(|request| request.body.len() < 256 * 1024));
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn without_a_bus_nothing_is_sent_and_nothing_is_left_to_send() {
    let (with_bus, server) = aws(|_| accepted(1)).await;
    let without = Aws { bus: None, ..with_bus };
    assert_eq!(without.announce(&[entry(4, json!({}))]).await, [4]);
    assert!(server.requests().is_empty());
}
