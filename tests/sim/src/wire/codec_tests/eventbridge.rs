//! EventBridge, as JSON: what is put, and what of it failed.

use super::super::script::{AT, asked, client, wire};
use super::at;
use crate::api::*;
use aws_sdk_eventbridge as eventbridge;

#[tokio::test]
async fn eventbridge_takes_entries_and_says_which_failed() {
    let entries = vec![
        PutEventsResult { event_id: Some("e-1".into()), error_code: None, error_message: None },
        PutEventsResult { event_id: None, error_code: Some("InternalFailure".into()), error_message: Some("m".into()) },
    ];
    let wire = wire([Served::Ok(Reply::PutEvents { entries })]).await;
    let client = client!(eventbridge, wire);
    let entry = eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name("bus")
        .source("cutover")
        .detail_type("Release State Change")
        .detail("{\"a\": \"<&>\"}")
        .time(at())
        .build();
    let out = client.put_events().entries(entry).send().await.unwrap();
    assert_eq!(out.failed_entry_count(), 1);
    assert_eq!(out.entries()[0].event_id(), Some("e-1"));
    assert_eq!(out.entries()[1].error_code(), Some("InternalFailure"));
    let Call::PutEvents { entries } = &asked(&wire)[0] else { panic!("PutEvents") };
    assert_eq!((entries[0].detail.as_str(), entries[0].time), ("{\"a\": \"<&>\"}", Some(AT)));
}
