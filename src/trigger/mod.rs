//! The trigger stage: any payload becomes a [`Request`], or a refusal that says why.
//!
//! Touches nothing: no client, no clock, no environment, and no bytes make it fail otherwise. Of AWS's events only what
//! says where to look is read, so extra fields, nulls and missing optional ones don't matter; of a command every field
//! must be known.
//!
//! **To add a trigger:** a branch in [`parse`] or in `event_bridge`, a file that reads it, its JSON in `events/`.

mod alarm;
mod auto_scaling;
mod cloudtrail;
mod command;
mod fields;
mod request;
mod sns;

pub use request::{AlarmKnock, AttachCommand, Cause, Command, FleetKnock, Request, Subject};

use crate::error::{quoted, shorten, shown_text};
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a payload is no request; permanent.
pub type Refusal = crate::error::InvalidField;

/// The largest payload that is read: far above any real one (those that knock here have a few KB), and small enough to be
/// read within milliseconds by the smallest function.
pub const MOST_BYTES: usize = 200 * 1024;

/// Reads a payload.
///
/// # Errors
/// It is no request of any kind that Cutover knows, or a command with a field that isn't accepted: `InvalidRequest`,
/// permanent. The sentence shows at most 80 characters of a value, and never the whole payload.
pub fn parse(payload: &[u8]) -> Result<Request, Refusal> {
    if payload.len() > MOST_BYTES {
        let size = format!("{} bytes long", payload.len());
        return Err(Refusal::said("payload", size, format!("at most {MOST_BYTES} bytes")));
    }
    let json: Value = serde_json::from_slice(payload).map_err(|error| {
        let place = format!("not JSON (line {}, column {})", error.line(), error.column());
        Refusal::said("payload", place, "a JSON object")
    })?;
    let Value::Object(object) = &json else {
        return Err(Refusal::wrong("payload", &json, "a JSON object"));
    };
    let has = |name| object.contains_key(name);
    if has("command") {
        command::parse(object, payload)
    } else if has("Records") {
        sns::parse(json)
    } else if has("detail-type") {
        event_bridge(json)
    } else if has("alarmData") {
        alarm_action(json)
    } else {
        let commands = quoted(&command::names());
        let expected = format!("one of {commands}; or else an event of EventBridge, SNS or a CloudWatch alarm");
        Err(Refusal::missing("command", expected))
    }
}

/// An event of EventBridge's, by its source and its type.
fn event_bridge(mut payload: Value) -> Result<Request, Refusal> {
    // A schedule has nothing to add, and some who imitate it leave it out.
    if let Some(object) = payload.as_object_mut() {
        object.entry("detail").or_insert(Value::Null);
        // Nobody reads it, so whatever form it has is no reason to refuse.
        object.remove("time");
    }
    let event: EventBridgeEvent<Value> = read("payload", "an event of EventBridge", payload)?;
    let (source, kind) = (event.source.as_str(), event.detail_type.as_str());
    match (source, kind) {
        ("aws.autoscaling", "AWS API Call via CloudTrail") => {
            cloudtrail::event(read("detail", "a CloudTrail record", event.detail)?)
        }
        ("aws.autoscaling", _) => {
            let detail = read("detail", "an event of Auto Scaling", event.detail)?;
            auto_scaling::event(kind, event.resources.as_deref().unwrap_or_default(), detail)
        }
        ("aws.cloudwatch", "CloudWatch Alarm State Change") => {
            alarm::state_change("detail", read("detail", "an alarm's state change", event.detail)?)
        }
        // Its configuration, or one of the many series behind it; if the alarm itself changes, that is an event too.
        ("aws.cloudwatch", _) => Ok(ignored(format!("{} is no alarm's change of state", shown_text(kind)))),
        // EventBridge's rules and EventBridge Scheduler.
        ("aws.events" | "aws.scheduler", "Scheduled Event") => Ok(Request::Sweep),
        ("aws.events" | "aws.scheduler", _) => {
            Err(Refusal::wrong_text("detail-type", kind, "\"Scheduled Event\" from this source"))
        }
        _ => {
            let sources = quoted(&["aws.autoscaling", "aws.cloudwatch", "aws.events", "aws.scheduler"]);
            Err(Refusal::wrong_text("source", source, format!("one of {sources}")))
        }
    }
}

/// An alarm that invokes the function itself: neither EventBridge nor SNS in between.
fn alarm_action(payload: Value) -> Result<Request, Refusal> {
    let source = payload.get("source").unwrap_or(&Value::Null);
    if source != "aws.cloudwatch" {
        return Err(Refusal::wrong("source", source, "\"aws.cloudwatch\" beside \"alarmData\""));
    }
    let data = payload.get("alarmData").cloned().unwrap_or_default();
    alarm::state_change("alarmData", read("alarmData", "an alarm's data", data)?)
}

/// Reads a part of an event into the few fields that matter.
fn read<T: DeserializeOwned>(path: &str, what: &str, value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| {
        Refusal::said(path, "malformed".to_owned(), format!("{what} ({})", shorten(&error.to_string())))
    })
}

/// A name at a place in an event where it has to be.
fn name<T>(path: &str, text: Option<String>, parse: impl Fn(&str) -> Result<T, &'static str>) -> Result<T, Refusal> {
    match text {
        Some(text) => parse(&text).map_err(|expected| Refusal::wrong_text(path, &text, expected)),
        None => Err(Refusal::missing(path, fields::expected_by(parse))),
    }
}

/// Nothing to do, and why.
fn ignored(why: impl Into<String>) -> Request {
    Request::Ignored { why: why.into() }
}
