//! The record's nouns, as an older or a newer version may have written them, and what is decided about them.

use cutover::decide::{Action, Ask, Candidate, Context, Turn, turn};
use cutover::observe::Needs;
use cutover::release::{Application, Entry, Observation, Origin, PolicyFields, Release, Span, Timestamp};
use cutover::report::Report;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

/// A noun that is read is written as JSON that reads as the same, with a newer version's fields too; and whatever an
/// application's item says, a turn of it is decided: to nothing that was not read.
pub fn holds(bytes: &[u8]) -> bool {
    let (entry, release, app) = (noun::<Entry>(bytes), noun::<Release>(bytes), noun::<Application>(bytes));
    let read = entry.is_some() || release.is_some() || app.is_some();
    if let Some(entry) = entry {
        let _history = Report::history_of(&[entry], 1);
    }
    if let Some(release) = release {
        reported(&release);
    }
    let Some(app) = app else { return read };
    let starts = app.running.iter().map(|release| release.stage_since);
    let moments = starts.flat_map(|since| [since, since + Span::seconds(7_300), since + Span::seconds(200_000)]);
    for now in moments.chain([Timestamp::default()]).collect::<Vec<_>>() {
        turns(&app, now);
    }
    read
}

fn noun<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(bytes).ok()?;
    let mut body = serde_json::to_value(&read).expect("a noun as JSON");
    let again = |body: &Value| T::deserialize(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    assert_eq!(again(&body), read);
    for part in ["", "/running", "/running/policy", "/running/origin", "/running/green", "/policy", "/origin", "/green"]
    {
        if let Some(Value::Object(fields)) = body.pointer_mut(part) {
            fields.insert("a_field_of_next_year".to_owned(), json!({ "deep": [null] }));
        }
    }
    assert_eq!(again(&body), read, "a newer version's fields");
    Some(read)
}

fn reported(release: &Release) {
    let report = Report::of(release, None, None, release.stage_since).to_value();
    assert!(report.is_object());
}

/// Every ask of a turn is answered, and what a look comes to can be saved and read again.
fn turns(app: &Application, now: Timestamp) {
    let blind = Observation { at: now, ..Observation::default() };
    let defaults = PolicyFields::default();
    let context = Context { defaults: &defaults, pasts: &[], ended: None, subject: None };
    let looked = turn(app, &Ask::Look, &blind, &context).expect("a look is never refused");
    assert_eq!(looked.actions, Vec::<Action>::new(), "a write that rests on nothing");
    saved(&looked);
    let by = "ana".to_owned();
    let reason = None;
    let asks =
        [Ask::Promote { by: by.clone() }, Ask::Pause { by: by.clone(), for_seconds: 60 }, Ask::Rollback { by, reason }];
    for ask in asks.into_iter().chain(starts(app)) {
        if let Ok(turned) = turn(app, &ask, &blind, &context) {
            saved(&turned);
        }
    }
    if let Some(running) = &app.running {
        Needs::default().of(running, now);
        Needs::default().promotion_of(running);
        let context = Context { ended: Some(running), subject: Some(&running.id), ..context };
        let idle = Application { running: None, ..app.clone() };
        let _answered = turn(&idle, &Ask::Rollback { by: "ana".to_owned(), reason: None }, &blind, &context);
    }
    for pending in &app.queue {
        let _report = Report::pending(app, pending, now);
    }
}

/// What a turn leaves is what the next one will read.
fn saved(turned: &Turn) {
    let body = serde_json::to_string(&turned.application).expect("an application as JSON");
    assert_eq!(serde_json::from_str::<Application>(&body).expect("an item that is read again"), turned.application);
    for entry in &turned.entries {
        let body = serde_json::to_string(entry).expect("an entry as JSON");
        assert_eq!(&serde_json::from_str::<Entry>(&body).expect("an entry that is read again"), entry);
    }
    for release in &turned.kept {
        let body = serde_json::to_string(release).expect("a release as JSON");
        assert_eq!(&serde_json::from_str::<Release>(&body).expect("a release that is read again"), release);
    }
}

/// The fleet of the running release said again, by an event and by a command.
fn starts(app: &Application) -> Vec<Ask> {
    let fleets = app.running.iter().flat_map(|release| release.members().map(|member| member.fleet.clone()));
    let origin = |commanded| Origin {
        by: "ana".to_owned(),
        request_id: "request".to_owned(),
        commanded,
        client_token: None,
        fields: PolicyFields::default(),
        blue: None,
    };
    let both = fleets.flat_map(|green| [(false, green.clone()), (true, green)]);
    both.map(|(commanded, green)| Ask::Start(Candidate { green, arn: None, origin: origin(commanded) })).collect()
}
