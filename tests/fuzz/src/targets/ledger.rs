//! DynamoDB's replies: the record's items, whoever wrote them.

use crate::aws::answering;
use crate::sentence::is_a_line;
use cutover::record::{Lease, Ledger, LedgerError};
use cutover::release::{ApplicationName, FleetArn, ReleaseId, Span, Timestamp};
use serde_json::Value;

/// Read whole, or not with a line that says why: what can't be read is never taken for nothing on record.
pub fn holds(reply: &[u8]) -> bool {
    let name = ApplicationName::parse("web").expect("a name");
    let id = ReleaseId::new(name.clone(), 1);
    let arn =
        FleetArn::parse("arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:u:autoScalingGroupName/g").expect("an ARN");
    let now = Timestamp::from_millis(1_795_000_000_000);
    let lease = Lease::new("owner".to_owned(), now, now + Span::seconds(60));
    let (application, taken, release, token, pasts, entries, in_flight, all) = answering!(
        Json,
        reply,
        async |aws| aws.application(&name).await,
        async |aws| aws.take(&name, &lease).await,
        async |aws| aws.release(&id).await,
        async |aws| aws.by_token("token").await,
        async |aws| aws.pasts(std::slice::from_ref(&arn)).await,
        async |aws| aws.entries(&name, None, 10).await,
        async |aws| aws.in_flight().await,
        async |aws| aws.applications().await,
    );
    let (release, pasts, entries) =
        (said(release).flatten(), said(pasts).unwrap_or_default(), said(entries).unwrap_or_default());
    assert!(release.iter().all(|release| release.id == id));
    assert!(pasts.len() <= 1 && entries.len() <= 10);
    let application = said(application);
    if let Some(None) = application {
        let reply: Value = serde_json::from_slice(reply).unwrap_or_default();
        assert!(!reply["Item"]["body"]["S"].is_string(), "an item with a body is no empty record: {reply}");
    }
    // A lease is taken of an item that is empty as well: read is the one that runs something.
    let taken = said(taken).is_some_and(|app| app.running.is_some());
    let lists = [said(in_flight), said(all)].into_iter().flatten().flatten().count() + pasts.len() + entries.len();
    let one = application.flatten().is_some() | release.is_some() | said(token).flatten().is_some();
    one | taken | (lists > 0)
}

fn said<T>(answer: Result<T, LedgerError>) -> Option<T> {
    answer.map_err(|error| is_a_line(&error.to_string())).ok()
}
