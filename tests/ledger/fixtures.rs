//! Applications, releases and entries, small and whole.

use cutover::record::{Lease, Ledger, Save};
use cutover::release::{
    Application, ApplicationName, Entry, FleetArn, Pending, Release, ReleaseId, Span, Stage, Status, Timestamp,
};
use serde_json::json;

/// When the promises are made.
pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// So many seconds later.
pub fn at(seconds: u32) -> Timestamp {
    START + Span::seconds(seconds)
}

pub fn app(name: &str) -> ApplicationName {
    ApplicationName::parse(name).unwrap()
}

/// A lease of 25 s that is asked for so many seconds after the start.
pub fn lease(owner: &str, seconds: u32) -> Lease {
    Lease::new(owner.to_owned(), at(seconds), at(seconds + 600))
}

pub fn arn(fleet: &str) -> FleetArn {
    FleetArn::parse(&format!("arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:id:name/{fleet}")).unwrap()
}

fn member(fleet: &str) -> serde_json::Value {
    json!({
        "fleet": fleet, "arn": arn(fleet), "style": "target_groups",
        "found": { "min": 1, "max": 4, "desired": 2 }, "in_service": 2,
        "tags": { "cutover:application": fleet, "cutover:alarms": "5xx" }, "links": {},
    })
}

/// A release of two fleets.
pub fn release(id: &ReleaseId, green: &str, blue: &str) -> Release {
    serde_json::from_value(json!({
        "id": id, "origin": { "by": "event", "request_id": "r-1", "commanded": false },
        "stage": "prepare", "status": "in_progress", "started_at": START, "stage_since": START, "policy": {},
        "green": member(green), "blue": [member(blue)], "groups": {}, "watched": [], "bake_time_seconds": 300,
    }))
    .unwrap()
}

/// The same, begun by a token.
pub fn with_token(mut release: Release, token: &str) -> Release {
    release.origin.client_token = Some(token.to_owned());
    release
}

/// The same, at its end.
pub fn ended(mut release: Release, status: Status) -> Release {
    release.status = status;
    release.ended_at = Some(at(100));
    release
}

/// A release that waits.
pub fn pending(release: &Release) -> Pending {
    Pending {
        id: release.id.clone(),
        green: release.green.fleet.clone(),
        arn: release.green.arn.clone(),
        created_at: START,
        asked_at: START,
        tags: Default::default(),
        origin: release.origin.clone(),
    }
}

pub fn entry(release: &ReleaseId, sequence: u64) -> Entry {
    Entry {
        sequence,
        release: release.clone(),
        at: at(u32::try_from(sequence).unwrap()),
        stage: Stage::Prepare,
        status: Status::InProgress,
        message: format!("thing number {sequence}"),
        actions: vec!["attach \"web-2\"".to_owned()],
        verdict: None,
        announced: true,
        report: json!({ "application": release.application(), "sequence": sequence }),
    }
}

/// A save of an application and nothing else, the lease kept.
pub fn only(application: &Application) -> Save<'_> {
    Save { application, entries: &[], releases: &[], give_back: false }
}

/// Takes, changes, saves with everything else, gives back. At second `seconds`, by an owner of its own.
pub async fn change(
    ledger: &impl Ledger,
    name: &ApplicationName,
    seconds: u32,
    change: impl FnOnce(&mut Application) -> (Vec<Entry>, Vec<Release>),
) -> Application {
    let lease = lease(&format!("change-{seconds}"), seconds);
    let mut application = ledger.take(name, &lease).await.unwrap();
    let (entries, releases) = change(&mut application);
    let save = Save { application: &application, entries: &entries, releases: &releases, give_back: true };
    ledger.save(&lease, save).await.unwrap();
    application
}
