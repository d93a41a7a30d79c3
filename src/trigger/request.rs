//! The trigger stage: what a payload asks for.

use crate::release::{AlarmName, ApplicationName, FleetArn, FleetName, PolicyFields, ReleaseId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What one payload asks for. It says where to look and what was wanted, never what is true: that is read from AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Look at these fleets (at least one; several if one call tagged several): start a release where one qualifies,
    /// else check the application.
    Fleets(Vec<FleetKnock>),
    /// Check every release in flight that watches this alarm.
    Alarm(AlarmKnock),
    /// Look for fleets that nobody has told of, and check every release in flight.
    Sweep,
    /// What a workflow, a pipeline or a person asks.
    Command(Command),
    /// A notice of AWS's with which there is nothing to do.
    Ignored {
        /// Why, as a sentence's part for a person.
        why: String,
    },
}

/// An event about a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetKnock {
    /// Its name; names are used again, so the reading decides which fleet that is now.
    pub fleet: FleetName,
    /// Its ARN, where the event carries it: if another fleet has the name by now, the event is about a deleted one.
    pub arn: Option<FleetArn>,
    /// What happened to it.
    pub cause: Cause,
}

/// What an event says of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An instance was launched and is InService.
    Launched,
    /// A launch failed.
    LaunchFailed,
    /// An instance waits in a launch lifecycle hook.
    Launching,
    /// The fleet was created.
    Created,
    /// A tag of Cutover's was set.
    Tagged,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Launched => "an instance was launched",
            Self::LaunchFailed => "a launch failed",
            Self::Launching => "an instance is being launched",
            Self::Created => "the fleet was created",
            Self::Tagged => "the fleet was tagged",
        })
    }
}

/// An event about an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmKnock {
    /// Its name.
    pub alarm: AlarmName,
    /// The event says that it is in ALARM: then the lease is taken at once, one round less until green goes. Whether it
    /// really is, is read again.
    pub in_alarm: bool,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Start a release, or learn how the one stands that this began.
    Attach(Box<AttachCommand>),
    /// What `attach` would judge and do, without one write.
    Plan(Box<AttachCommand>),
    /// Move the release on.
    Check {
        /// Whose.
        subject: Subject,
        /// Who says so, as claimed.
        by: Option<String>,
    },
    /// End the bake now.
    Promote {
        /// Whose.
        subject: Subject,
        /// Who says so, as claimed.
        by: Option<String>,
    },
    /// Hold the promotion for a while.
    Pause {
        /// Whose.
        subject: Subject,
        /// For how long, 1 s to a day.
        for_seconds: u32,
        /// Who says so, as claimed.
        by: Option<String>,
    },
    /// Go back.
    Rollback {
        /// Whose.
        subject: Subject,
        /// Why, for the record and the announcement.
        reason: Option<String>,
        /// Who says so, as claimed.
        by: Option<String>,
    },
    /// Read the record and the world; write nothing.
    Status {
        /// Whose.
        subject: Subject,
    },
    /// All applications on record.
    List,
    /// The finished releases of one application.
    History {
        /// Whose.
        application: ApplicationName,
    },
}

/// Which release a command is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The application.
    pub application: ApplicationName,
    /// One release of it; `None`: the running one, else the last that had its turn. Always one of `application`.
    pub release: Option<ReleaseId>,
}

/// What `attach` and `plan` take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachCommand {
    /// The new fleet.
    pub green: FleetName,
    /// Some of the fleets that would be blue, at least one and never green; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blue: Option<Vec<FleetName>>,
    /// Must agree with green's tag; `None`: what the tag says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationName>,
    /// The same token is the same release for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// The policy fields that were given.
    #[serde(default)]
    pub policy: PolicyFields,
    /// Who says so, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Command {
    /// Its name, as a payload says it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Attach(_) => "attach",
            Self::Plan(_) => "plan",
            Self::Check { .. } => "check",
            Self::Promote { .. } => "promote",
            Self::Pause { .. } => "pause",
            Self::Rollback { .. } => "rollback",
            Self::Status { .. } => "status",
            Self::List => "list",
            Self::History { .. } => "history",
        }
    }

    /// Who says so, as claimed.
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Attach(attach) | Self::Plan(attach) => attach.by.as_deref(),
            Self::Check { by, .. } | Self::Promote { by, .. } | Self::Pause { by, .. } | Self::Rollback { by, .. } => {
                by.as_deref()
            }
            Self::Status { .. } | Self::List | Self::History { .. } => None,
        }
    }
}
