//! The announcement port over the world's event bus.

use super::invocation::Ports;
use crate::api::{Call, PutEventsEntry, Reply};
use cutover::announce::Notify;
use cutover::release::Entry;
use serde_json::Value;

/// Entries that a call of PutEvents may hold.
const TEN: usize = 10;

fn detail(entry: &Entry) -> String {
    let mut detail = entry.report.clone();
    if let Value::Object(fields) = &mut detail {
        fields.insert("sequence".to_owned(), entry.sequence.into());
    }
    detail.to_string()
}

impl Notify for Ports {
    async fn announce(&self, entries: &[Entry]) -> Vec<u64> {
        let Some(bus) = &self.sim.shared.settings.event_bus else {
            return entries.iter().map(|entry| entry.sequence).collect();
        };
        let mut accepted = Vec::new();
        for some in entries.chunks(TEN) {
            let events = some.iter().map(|entry| PutEventsEntry {
                bus: Some(bus.clone()),
                source: "cutover".to_owned(),
                detail_type: "Release State Change".to_owned(),
                detail: detail(entry),
                resources: Vec::new(),
                time: Some(entry.at.millis()),
            });
            if let Ok(Reply::PutEvents { entries: results }) =
                self.call(&Call::PutEvents { entries: events.collect() }).await
            {
                let pairs = some.iter().zip(results);
                accepted.extend(pairs.filter(|(_, result)| result.event_id.is_some()).map(|(entry, _)| entry.sequence));
            }
        }
        accepted
    }
}
