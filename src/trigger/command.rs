//! The trigger stage: commands, from Step Functions, a pipeline or a person.

use super::Refusal;
use super::fields::Fields;
use super::request::{AttachCommand, Command, Request, Subject};
use crate::error::{nearest, quoted, shown_text};
use crate::release::policy;
use crate::release::{ApplicationName, FleetName, ReleaseId};
use serde_json::{Map, Value};

/// An hour: as long as a look at a dashboard and a meeting take.
const PAUSE: u32 = 3_600;
/// A day: longer than that, a release should be rolled back and begun again.
const LONGEST_PAUSE: u32 = 86_400;

/// Each command with its own fields; those of the policy come on top where a command takes them.
const COMMANDS: &[(&str, &[&str])] = &[
    ("attach", ATTACH),
    ("plan", ATTACH),
    ("check", &["command", "application", "release", "by"]),
    ("promote", &["command", "application", "release", "by"]),
    ("pause", &["command", "application", "release", "for_seconds", "by"]),
    ("rollback", &["command", "application", "release", "reason", "by"]),
    ("status", &["command", "application", "release"]),
    ("list", &["command"]),
    ("history", &["command", "application"]),
];

/// What `attach` takes beside the policy.
const ATTACH: &[&str] = &["command", "green", "blue", "application", "client_token", "by"];

/// The names of all commands.
pub(super) fn names() -> Vec<&'static str> {
    COMMANDS.iter().map(|(name, _)| *name).collect()
}

/// Reads a command. `payload` is the text that `object` was read from.
pub(super) fn parse(object: &Map<String, Value>, payload: &[u8]) -> Result<Request, Refusal> {
    let (name, own) = named(object.get("command").unwrap_or(&Value::Null))?;
    let takes_policy = matches!(name, "attach" | "plan");
    let mut known = own.to_vec();
    if takes_policy {
        known.extend(policy::names());
    }
    let fields = Fields::of(name, object, payload, &known)?;
    let by = fields.text("by", short_text)?;
    let command = match name {
        "attach" => Command::Attach(attach(&fields, by)?),
        "plan" => Command::Plan(attach(&fields, by)?),
        "list" => Command::List,
        "history" => Command::History { application: fields.needed("application", ApplicationName::parse)? },
        "check" => match subject(&fields)? {
            Some(subject) => Command::Check { subject, by },
            None => return Ok(Request::Sweep),
        },
        "promote" => Command::Promote { subject: needed_subject(&fields)?, by },
        "status" => Command::Status { subject: needed_subject(&fields)? },
        "pause" => Command::Pause {
            subject: needed_subject(&fields)?,
            for_seconds: fields.seconds("for_seconds", 1, LONGEST_PAUSE)?.unwrap_or(PAUSE),
            by,
        },
        _ => Command::Rollback { subject: needed_subject(&fields)?, reason: fields.text("reason", long_text)?, by },
    };
    Ok(Request::Command(command))
}

/// The row of the command that a payload names.
fn named(command: &Value) -> Result<(&'static str, &'static [&'static str]), Refusal> {
    let said = command.as_str().unwrap_or_default();
    let row = COMMANDS.iter().find(|(name, _)| *name == said);
    row.copied().ok_or_else(|| {
        let names = names();
        let hint = nearest(said, &names).map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
        Refusal::wrong("command", command, format!("one of {}{hint}", quoted(&names)))
    })
}

fn attach(fields: &Fields<'_>, by: Option<String>) -> Result<Box<AttachCommand>, Refusal> {
    let green = fields.needed("green", FleetName::parse)?;
    let blue = fields.fleets("blue")?;
    if blue.as_ref().is_some_and(|blue| blue.contains(&green)) {
        return Err(Refusal::wrong_text("blue", green.as_str(), "fleets other than \"green\", which this one is"));
    }
    Ok(Box::new(AttachCommand {
        green,
        blue,
        application: fields.text("application", ApplicationName::parse)?,
        client_token: fields.text("client_token", short_text)?,
        policy: fields.policy()?,
        by,
    }))
}

/// Which release is meant; `None` if neither an application nor a release was said.
fn subject(fields: &Fields<'_>) -> Result<Option<Subject>, Refusal> {
    let application = fields.text("application", ApplicationName::parse)?;
    let release = fields.text("release", ReleaseId::parse)?;
    match (application, release) {
        (None, None) => Ok(None),
        (Some(application), Some(release)) if *release.application() != application => {
            let expected = format!("a release of \"application\", {}", shown_text(application.as_str()));
            Err(Refusal::wrong_text("release", &release.to_string(), expected))
        }
        // A release's id says whose it is.
        (None, Some(release)) => {
            Ok(Some(Subject { application: release.application().clone(), release: Some(release) }))
        }
        (Some(application), release) => Ok(Some(Subject { application, release })),
    }
}

fn needed_subject(fields: &Fields<'_>) -> Result<Subject, Refusal> {
    let missing = || Refusal::missing("application", "the application's name (or \"release\", a release's id)");
    subject(fields)?.ok_or_else(missing)
}

/// A name or a token: a Step Functions execution's ARN fits.
fn short_text(text: &str) -> Result<String, &'static str> {
    plain(text, 256, "a text of 1 to 256 characters, none of them a control character")
}

/// A reason: a CloudWatch alarm's own (1,023 characters) fits.
fn long_text(text: &str) -> Result<String, &'static str> {
    plain(text, 1_024, "a text of 1 to 1024 characters, none of them a control character")
}

fn plain(text: &str, most: usize, expected: &'static str) -> Result<String, &'static str> {
    let fits = !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(expected) }
}
