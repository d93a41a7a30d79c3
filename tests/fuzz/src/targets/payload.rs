//! Any payload becomes a request, or a refusal that says why.

use crate::sentence::{is_a_line, is_a_refusal};
use cutover::trigger::{AttachCommand, Command, Request, parse};
use serde_json::{Map, Value, json};

/// Understood or refused in a line; a command said again in our own words is the same command; what AWS adds to an event
/// changes nothing, what a person adds to a command is refused.
pub fn holds(payload: &[u8]) -> bool {
    let request = match parse(payload) {
        Err(refused) => {
            is_a_refusal(&refused);
            return false;
        }
        Ok(request) => request,
    };
    match &request {
        Request::Ignored { why } => is_a_line(why),
        Request::Fleets(knocks) => assert!(!knocks.is_empty(), "a request about no fleet"),
        Request::Command(command) => {
            let said = said(command);
            assert_eq!(parse(said.to_string().as_bytes()).as_ref(), Ok(&request), "{said}");
        }
        Request::Alarm(_) | Request::Sweep => {}
    }
    let Ok(Value::Object(mut object)) = serde_json::from_slice(payload) else { panic!("a request that is no object") };
    object.insert("aFieldOfNextYear".to_owned(), json!({ "deep": [null] }));
    let more = parse(Value::Object(object.clone()).to_string().as_bytes());
    match object.contains_key("command") {
        true => assert!(more.is_err(), "a field that nobody knows"),
        false => assert_eq!(more, Ok(request)),
    }
    true
}

/// A command as a payload says it.
fn said(command: &Command) -> Value {
    let mut said = Map::from_iter([("command".to_owned(), command.name().into())]);
    let mut say = |name: &str, value: Value| drop(said.insert(name.to_owned(), value));
    say("by", json!(command.by()));
    match command {
        Command::Attach(attach) | Command::Plan(attach) => {
            let AttachCommand { green, blue, application, client_token, policy, by: _ } = &**attach;
            let own =
                [("blue", json!(blue)), ("application", json!(application)), ("client_token", json!(client_token))];
            say("green", json!(green));
            own.into_iter().for_each(|(name, value)| say(name, value));
            let Value::Object(fields) = json!(policy) else { panic!("fields that are no object") };
            fields.into_iter().for_each(|(name, value)| say(&name, value));
        }
        Command::Check { subject, .. } | Command::Promote { subject, .. } | Command::Status { subject } => {
            say("application", json!(subject.application));
            say("release", json!(subject.release));
        }
        Command::Pause { subject, for_seconds, .. } => {
            say("application", json!(subject.application));
            say("release", json!(subject.release));
            say("for_seconds", json!(for_seconds));
        }
        Command::Rollback { subject, reason, .. } => {
            say("application", json!(subject.application));
            say("release", json!(subject.release));
            say("reason", json!(reason));
        }
        Command::History { application } => say("application", json!(application)),
        Command::List => {}
    }
    if command.by().is_none() {
        said.remove("by");
    }
    Value::Object(said)
}
