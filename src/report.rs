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
    /// A running or ended release's. One that hasn't ended and waits for nothing (it has just begun, or the next look would
    /// end it) waits for that look, which is due: what says nothing would be taken for over, and nobody would look again.
    pub fn of(release: &Release, waiting_on: Option<WaitingOn>, verdict: Option<Verdict>, now: Timestamp) -> Self {
        let due = || WaitingOn::Settle { fleet: release.green.fleet.to_string(), deadline: now };
        let waiting_on = waiting_on.or_else(|| (!release.ended()).then(due));
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

    /// Adds the timeline: as many of the newest lines as fit into 64 KB with all else, the newest in any case.
    pub fn with_timeline(mut self, entries: &[Entry]) -> Self {
        let mut room = LARGEST.saturating_sub(bytes(&self) + r#","timeline":[]"#.len());
        for line in entries.iter().rev().map(Line::of) {
            let needed = bytes(&line) + ",".len();
            if needed > room && !self.timeline.is_empty() {
                break;
            }
            room = room.saturating_sub(needed);
            self.timeline.push(line);
        }
        self.timeline.reverse();
        self
    }

    /// An application's releases from its newest `limit` entries, newest first: how each stands or ended, when, and why.
    /// One that began before those isn't told of, unless there is no other.
    pub fn history_of(entries: &[Entry], limit: usize) -> serde_json::Value {
        let mut releases: Vec<serde_json::Value> = Vec::new();
        let mut known = std::collections::BTreeSet::new();
        let cut = entries.first().filter(|_| entries.len() >= limit).map(|oldest| &oldest.release);
        if entries.iter().any(|entry| Some(&entry.release) != cut) {
            known.extend(cut);
        }
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

/// How long it is as JSON.
fn bytes(part: &impl Serialize) -> usize {
    serde_json::to_string(part).map_or(0, |json| json.len())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::ReleaseId;

    fn entry(sequence: u64, release: &str, message: &str) -> Entry {
        Entry {
            sequence,
            release: ReleaseId::parse(release).unwrap(),
            at: Timestamp::from_millis(i64::try_from(sequence).unwrap()),
            stage: Stage::Bake,
            status: Status::InProgress,
            message: message.to_owned(),
            actions: Vec::new(),
            verdict: None,
            announced: true,
            report: serde_json::json!({ "green": "web-2" }),
        }
    }

    fn report() -> Report {
        Report {
            application: "web".to_owned(),
            release: "web.7".to_owned(),
            green: "web-2".to_owned(),
            blue: vec!["web-1".to_owned()],
            stage: Stage::Bake,
            status: Status::InProgress,
            waiting_on: None,
            next_check_seconds: 60,
            verdict: None,
            actions: Vec::new(),
            message: String::new(),
            warnings: Vec::new(),
            timeline: Vec::new(),
        }
    }

    #[test]
    fn a_long_timeline_keeps_the_newest_lines_that_fit_into_64_kb() {
        let entries: Vec<Entry> = (0..200).map(|sequence| entry(sequence, "web.7", &"\"".repeat(500))).collect();
        let report = report().with_timeline(&entries);
        let size = report.to_value().to_string().len();
        assert!((LARGEST - 2_000..=LARGEST).contains(&size), "{size}");
        assert_eq!(report.timeline.last().unwrap().at, entries[199].at);
        assert!(report.timeline.is_sorted_by_key(|line| line.at));
    }

    #[test]
    fn the_newest_line_is_told_however_long_it_is() {
        let long = [entry(1, "web.7", "begun"), entry(2, "web.7", &"x".repeat(LARGEST))];
        let timeline = report().with_timeline(&long).timeline;
        assert_eq!(timeline.iter().map(|line| line.at).collect::<Vec<_>>(), [long[1].at]);
    }

    #[test]
    fn history_tells_of_no_release_whose_beginning_was_not_read() {
        let entries = [entry(4, "web.2", "ended"), entry(5, "web.3", "begun"), entry(6, "web.3", "ended")];
        let releases = |entries: &[Entry], limit| -> Vec<String> {
            let history = Report::history_of(entries, limit);
            history.as_array().unwrap().iter().map(|told| told["release"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(releases(&entries, 3), ["web.3"]);
        assert_eq!(releases(&entries, 4), ["web.3", "web.2"], "the record begins with them");
        assert_eq!(releases(&entries[1..], 2), ["web.3"], "there is no other");
    }
}
