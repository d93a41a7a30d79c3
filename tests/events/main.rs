//! Whatever knocks is understood: every file of events/ becomes the request that its table names, in every variation that
//! AWS may send; everything else is refused in one line, and no bytes make it panic.

mod anything;
mod commands;
mod refusals;
mod variations;

use cutover::error::InvalidField;
use cutover::trigger::{Command, Request, Subject, parse};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// What a row of events/README.md calls its request.
fn summary(request: &Request) -> String {
    let of = |Subject { application, release }: &Subject| match release {
        Some(release) => release.to_string(),
        None => application.to_string(),
    };
    match request {
        Request::Fleets(knocks) => {
            let cause = |knock: &cutover::trigger::FleetKnock| {
                json!(knock.cause).as_str().map_or_else(String::new, |cause| format!("{} ({cause})", knock.fleet))
            };
            format!("fleets {}", knocks.iter().map(cause).collect::<Vec<_>>().join(", "))
        }
        Request::Alarm(knock) => {
            format!("alarm {} ({})", knock.alarm, if knock.in_alarm { "ALARM" } else { "not in ALARM" })
        }
        Request::Sweep => "sweep".into(),
        Request::Ignored { .. } => "ignored".into(),
        Request::Command(command) => match command {
            Command::Attach(attach) | Command::Plan(attach) => {
                let of = attach.application.as_ref().map_or(String::new(), |name| format!(" of {name}"));
                let blue = attach.blue.iter().flatten().map(|fleet| format!(", blue {fleet}")).collect::<String>();
                format!("{} {}{of}{blue}", command.name(), attach.green)
            }
            Command::Pause { subject, for_seconds, .. } => format!("pause {} for {for_seconds} s", of(subject)),
            Command::Check { subject, .. }
            | Command::Promote { subject, .. }
            | Command::Rollback { subject, .. }
            | Command::Status { subject } => format!("{} {}", command.name(), of(subject)),
            Command::List => "list".into(),
            Command::History { application } => format!("history {application}"),
        },
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("events")
}

fn event(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn read(payload: &Value) -> Result<Request, InvalidField> {
    parse(payload.to_string().as_bytes())
}

/// The table of events/README.md: file → request.
fn table() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| [")?.split(" | ");
        let file = cells.next()?.split(']').next()?.to_owned();
        Some((file, cells.next()?.to_owned()))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn every_file_of_events_is_read_as_its_table_says() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let table = table();
    assert_eq!(files, table.keys().cloned().collect(), "events/ and the table of events/README.md differ");
    for (file, expected) in table {
        let request = read(&event(&file)).unwrap_or_else(|refused| panic!("{file}: {refused}"));
        assert_eq!(summary(&request), expected, "{file}");
    }
}

/// What tells an event's kind and what it is about; and what `aws_lambda_events` has to have. All else is optional.
const NEEDED: &[&str] = &[
    "detail-type",
    "source",
    "detail",
    "AutoScalingGroupName",
    "autoScalingGroupName",
    "alarmName",
    "AlarmName",
    "alarmData",
    "eventName",
    "errorCode",
    "requestParameters",
    "tags",
    "key",
    "resourceId",
    "state",
    "value",
    "NewStateValue",
    "Event",
    "Records",
    "EventSource",
    "EventVersion",
    "EventSubscriptionArn",
    "Sns",
    "Type",
    "MessageId",
    "TopicArn",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertUrl",
    "UnsubscribeUrl",
];

#[track_caller]
fn refused(payload: Value, sentence: &str) {
    assert_eq!(read(&payload).unwrap_err().to_string(), sentence);
}
