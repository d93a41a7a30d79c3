//! Auto Scaling's replies: fleets, attachments, instance refreshes.

use crate::aws::answering;
use crate::sentence::is_a_line;
use cutover::observe::Reads;
use cutover::release::{FleetName, Reading};

/// Read whole, or unread with a line that says why.
pub fn holds(reply: &[u8]) -> bool {
    let fleet = FleetName::parse("web-2").expect("a name");
    let (fleets, tagged, attachments, classic, refreshing) = answering!(
        Xml,
        reply,
        async |aws| aws.fleets(std::slice::from_ref(&fleet)).await,
        async |aws| aws.tagged_fleets(Some("web")).await,
        async |aws| aws.attachments(&fleet).await,
        async |aws| aws.classic_attachments(&fleet).await,
        async |aws| aws.refreshing(&fleet).await,
    );
    let fleets: Vec<_> = [said(fleets), said(tagged)].into_iter().flatten().flatten().collect();
    for fleet in &fleets {
        assert!(fleet.tags.keys().all(|key| key.starts_with("cutover:")), "{:?}", fleet.tags);
        assert!(fleet.in_service() as usize <= fleet.instances.len());
        assert!(fleet.created_at.millis() > 0, "a moment that was read as 1970");
    }
    let attached = !said(attachments).unwrap_or_default().is_empty() | !said(classic).unwrap_or_default().is_empty();
    attached | said(refreshing).unwrap_or_default() | !fleets.is_empty()
}

/// What was read, if it was; else the reason is a line.
pub fn said<T>(reading: Reading<T>) -> Option<T> {
    reading.map_err(|unread| is_a_line(&unread.0)).ok()
}
