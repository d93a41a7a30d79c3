//! The report: what was seen, decided and done; what a caller, a workflow and the event bus get.

use crate::decide::{next_check_seconds, turn_of};
use crate::release::{Application, Entry, Pending, Release, Stage, Status, Timestamp, Verdict, WaitingOn};
use serde::Serialize;

/// The largest report, in bytes: Step Functions carries 256 KB, EventBridge takes 256 KB, and a person reads less.
const LARGEST: usize = 64 * 1024;

/// One release's report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The application.
    pub application: String,
    /// The release's id.
    pub release: String,
    /// The new fleet.
    pub green: String,
    /// The fleets that served before.
    pub blue: Vec<String>,
    /// Where it stands.
    pub stage: Stage,
    /// How it goes.
    pub status: Status,
    /// What it waits for; null once it has ended.
    pub waiting_on: Option<WaitingOn>,
    /// When to look again, in seconds; 0 once it has ended.
    pub next_check_seconds: u32,
    /// What the alarms say; null while they don't count yet.
    pub verdict: Option<Verdict>,
    /// What was done in this invocation.
    pub actions: Vec<String>,
    /// How it stands, as a sentence for a person.
    pub message: String,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// What happened, oldest first; for `status` and at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Line>,
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// The stage it led to.
    pub stage: Stage,
    /// The status it led to.
    pub status: Status,
    /// What happened.
    pub message: String,
    /// What was done with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
}

impl Report {
    /// A running or ended release's.
    pub fn of(release: &Release, waiting_on: Option<WaitingOn>, verdict: Option<Verdict>, now: Timestamp) -> Self {
        Self {
            application: release.id.application().to_string(),
            release: release.id.to_string(),
            green: release.green.fleet.to_string(),
            blue: release.blue.iter().map(|member| member.fleet.to_string()).collect(),
            stage: release.stage,
            status: release.status,
            next_check_seconds: next_check_seconds(release, waiting_on.as_ref(), now),
            waiting_on,
            verdict: verdict.or_else(|| release.verdict.clone()),
            actions: Vec::new(),
            message: release.message.clone(),
            warnings: release.warnings.clone(),
            timeline: Vec::new(),
        }
    }

    /// A pending release's.
    pub fn pending(application: &Application, pending: &Pending, now: Timestamp) -> Self {
        /// What is pending has nothing to hurry for.
        const PACE: u32 = 60;
        /// Once it has waited half an hour, so often.
        const SLOW_PACE: u32 = 300;
        let running = application.running.as_ref().map(|release| &release.id);
        let (waiting_on, deadline) = turn_of(pending, running);
        let pace = if now.seconds_since(pending.asked_at) < 1800 { PACE } else { SLOW_PACE };
        Self {
            application: application.name.to_string(),
            release: pending.id.to_string(),
            green: pending.green.to_string(),
            blue: Vec::new(),
            stage: Stage::Prepare,
            status: Status::Pending,
            waiting_on: Some(waiting_on),
            next_check_seconds: (deadline - now).ceil_seconds().min(pace).max(1),
            verdict: None,
            actions: Vec::new(),
            message: match running {
                Some(running) => format!("{} waits for its turn behind release {running}", pending.green),
                None => format!("{} has its turn next", pending.green),
            },
            warnings: Vec::new(),
            timeline: Vec::new(),
        }
    }

    /// The report as it was when an entry was made: that entry's stage, status and sentence, no waiting.
    pub fn at_entry(&self, entry: &Entry) -> serde_json::Value {
        let mut report = self.clone();
        report.stage = entry.stage;
        report.status = entry.status;
        report.message.clone_from(&entry.message);
        report.actions.clone_from(&entry.actions);
        let mut detail = report.to_value();
        if let Some(fields) = detail.as_object_mut() {
            fields.insert("sequence".to_owned(), entry.sequence.into());
        }
        detail
    }

    /// Adds what this invocation did, or that there was nothing to do.
    pub fn done(&mut self, actions: &[String], said: Option<&str>) {
        self.actions = actions.to_vec();
        if let Some(said) = said {
            self.message = said.to_owned();
        }
    }

    /// Adds the timeline, the newest lines if not all fit.
    pub fn with_timeline(mut self, entries: &[Entry]) -> Self {
        self.timeline = entries.iter().map(Line::of).collect();
        while self.timeline.len() > 1 && self.to_value().to_string().len() > LARGEST {
            self.timeline.remove(0);
        }
        self
    }

    /// A timeline by itself.
    pub fn timeline_of(entries: &[Entry]) -> serde_json::Value {
        let lines: Vec<Line> = entries.iter().map(Line::of).collect();
        serde_json::to_value(lines).unwrap_or_default()
    }

    /// An application's releases from its entries, newest first: how each stands or ended, when, and why.
    pub fn history_of(entries: &[Entry]) -> serde_json::Value {
        let mut releases: Vec<serde_json::Value> = Vec::new();
        let mut known = std::collections::BTreeSet::new();
        for entry in entries.iter().rev().filter(|entry| entry.announced) {
            if known.insert(&entry.release) {
                let first = entries.iter().find(|earlier| earlier.release == entry.release).unwrap_or(entry);
                releases.push(serde_json::json!({
                    "release": entry.release,
                    "green": entry.report.get("green"),
                    "status": entry.status,
                    "stage": entry.stage,
                    "started_at": first.at,
                    "changed_at": entry.at,
                    "message": entry.message,
                }));
            }
        }
        releases.into()
    }

    /// As JSON.
    pub fn to_value(&self) -> serde_json::Value {
        // Plain fields with string keys: there is nothing in a report that JSON can't say.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Line {
    fn of(entry: &Entry) -> Self {
        Self {
            at: entry.at,
            stage: entry.stage,
            status: entry.status,
            message: entry.message.clone(),
            actions: entry.actions.clone(),
        }
    }
}
