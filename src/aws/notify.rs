//! EventBridge: announcements.

use super::fault::{Call, Fault};
use crate::release::Entry;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Value, json};

/// Who announces: rules match on it, so it's part of the contract.
const SOURCE: &str = "cutover";
/// What is announced: rules match on it, so it's part of the contract.
const DETAIL_TYPE: &str = "Release State Change";
/// Entries in one PutEvents.
const PER_CALL: usize = 10;
/// Bytes of details in one PutEvents: EventBridge counts up to 256 KB over all its entries; the rest is left for
/// sources, types and times.
const BYTES_PER_CALL: usize = 250 * 1024;

/// Announces entries in their order; the sequence numbers of those that the bus accepted. What it didn't accept is
/// logged, and sent again by a later invocation.
pub(super) async fn announce(client: &Client, bus: &str, entries: &[Entry]) -> Vec<u64> {
    let mut accepted = Vec::new();
    for batch in batches(entries.iter().map(|entry| (entry, detail(entry))).collect()) {
        accepted.extend(put(client, bus, &batch).await);
    }
    accepted
}

async fn put(client: &Client, bus: &str, batch: &[(&Entry, String)]) -> Vec<u64> {
    let call = Call { action: "events:PutEvents", on: bus };
    let request = batch.iter().map(|(entry, detail)| {
        PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .time(DateTime::from_millis(entry.at.millis()))
            .detail(detail)
            .build()
    });
    match client.put_events().set_entries(Some(request.collect())).send().await {
        Ok(answer) => {
            // One result for each entry, in their order. Without an id it wasn't accepted.
            let results = batch.iter().zip(answer.entries());
            let (accepted, refused): (Vec<_>, Vec<_>) = results.partition(|(_, result)| result.event_id().is_some());
            for ((entry, _), result) in refused {
                tracing::warn!(
                    release = %entry.release,
                    sequence = entry.sequence,
                    code = result.error_code(),
                    "the event bus didn't accept an announcement: {}",
                    result.error_message().unwrap_or("it didn't say why")
                );
            }
            accepted.into_iter().map(|((entry, _), _)| entry.sequence).collect()
        }
        Err(error) => {
            tracing::warn!("an announcement isn't made yet: {}", Fault::of(call, &error).sentence);
            Vec::new()
        }
    }
}

/// What is announced: the report as it was then, with the entry's number.
fn detail(entry: &Entry) -> String {
    let mut detail = match &entry.report {
        Value::Object(report) => report.clone(),
        _ => Default::default(),
    };
    detail.insert("sequence".to_owned(), json!(entry.sequence));
    Value::Object(detail).to_string()
}

/// Cuts into calls that are neither too many nor too large.
fn batches(entries: Vec<(&Entry, String)>) -> Vec<Vec<(&Entry, String)>> {
    let mut batches: Vec<Vec<(&Entry, String)>> = Vec::new();
    let mut bytes = 0;
    for (entry, detail) in entries {
        bytes += detail.len();
        match batches.last_mut() {
            Some(batch) if batch.len() < PER_CALL && bytes <= BYTES_PER_CALL => batch.push((entry, detail)),
            _ => {
                bytes = detail.len();
                batches.push(vec![(entry, detail)]);
            }
        }
    }
    batches
}
