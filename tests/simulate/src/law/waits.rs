//! **always-ends**: every wait says what for and until when, no longer than its release's policy has it, and isn't over
//! for long.

use super::{CLOCKS, Judge, Version, Violation};
use crate::setting::{LONGEST_DELAY, LONGEST_TIMEOUT};
use crate::trouble::LONGEST_PAUSE;
use cutover::decide::DISAGREE;
use cutover::release::{Entry, ReleaseId, Stage, Status, Timestamp};
use serde_json::Value;
use simulated_aws::api::Millis;
use simulated_aws::ports::Record;

/// A wait that was over so long ago should have ended.
const OVERDUE: Millis = 90_000;
/// The longest wait of all: for a turn, and for floors that can't be given back.
const DAY: u32 = 86_400;

impl Judge {
    /// What an invocation answered: of one release, or of all.
    pub fn waits(&self, answer: &Value, record: &Record, now: Millis) -> Result<(), Violation> {
        let one = std::slice::from_ref(answer);
        let reports = answer["releases"].as_array().map_or(one, Vec::as_slice);
        let reports = reports.iter().filter(|report| !report["next_check_seconds"].is_null());
        reports.into_iter().try_for_each(|report| match report["next_check_seconds"].as_i64() {
            Some(0) => over(report),
            _ => self.wait(report, record, now),
        })
    }

    fn wait(&self, report: &Value, record: &Record, now: Millis) -> Result<(), Violation> {
        let wrong = |what: &str| Err(Violation::new("always-ends", format!("at {now} a wait {what}: {report}")));
        let waiting = &report["waiting_on"];
        let Some(kind) = waiting["kind"].as_str() else { return wrong("without a reason") };
        if waiting["unknown"] == DISAGREE {
            return wrong("of rules that go round in a ring");
        }
        let deadline = waiting["deadline"].as_str().and_then(|text| Timestamp::parse(text).ok());
        let deadline = match deadline {
            // A halt, and nothing else, waits for a person.
            None if kind == "person" && report["status"] == "rollback_failed" => return Ok(()),
            None => return wrong("without a deadline"),
            Some(deadline) => deadline.millis(),
        };
        if deadline - now < -OVERDUE {
            return wrong("that is long over");
        }
        let app = self.apps.iter().position(|app| report["application"] == app.name.as_str());
        let (green, id) =
            (report["green"].as_str().unwrap_or_default(), report["release"].as_str().unwrap_or_default());
        let Some((app, version)) = app.and_then(|app| Some((app, self.version_of(app, green, id)?))) else {
            // Nothing is known of a green without a version.
            return Ok(());
        };
        let longest = self.longest(kind, report, app, &version);
        if deadline - now > i64::from(longest) * 1_000 + CLOCKS {
            return wrong(&format!("of {} s, where {longest} s are the most", (deadline - now) / 1_000));
        }
        let (Some(longest), Some(since)) = (in_stage(kind, report, &version), entered(report, record)) else {
            return Ok(());
        };
        if deadline - since > i64::from(longest) * 1_000 + CLOCKS {
            let all = (deadline - since) / 1_000;
            return wrong(&format!("of {all} s since its stage began, where {longest} s are the most: it slides"));
        }
        Ok(())
    }

    /// The longest that a wait may be from now on by the tags of its green, in seconds. A write whose answer was lost may
    /// arrive as long as its invocation lasts, and counts as unsettled for twice the time.
    fn longest(&self, kind: &str, report: &Value, app: usize, version: &Version) -> u32 {
        let seconds = |field| version.most(field);
        match kind {
            "gate" | "capacity" if report["stage"] == "prepare" => seconds("prepare_timeout_seconds"),
            "gate" | "target_health" => seconds("attach_timeout_seconds"),
            "settle" => LONGEST_TIMEOUT + 2 * seconds("settle_seconds"),
            "bake_time" if self.said(app, "pause") => version.longest_bake().max(LONGEST_PAUSE),
            "bake_time" => version.longest_bake(),
            "draining" => seconds("attach_timeout_seconds") + LONGEST_DELAY,
            "rollback_window" => seconds("rollback_window_seconds"),
            "blue_health" => seconds("rollback_timeout_seconds"),
            "evidence" if report["stage"] == "bake" => seconds("unknown_timeout_seconds"),
            _ => DAY,
        }
    }
}

/// The longest that a stage may have lasted when such a wait in it is over, in seconds; `None`: it isn't counted from there.
fn in_stage(kind: &str, report: &Value, version: &Version) -> Option<u32> {
    let seconds = |field| version.most(field);
    Some(match (report["stage"].as_str()?, kind) {
        ("prepare", "gate" | "capacity") => seconds("prepare_timeout_seconds"),
        ("attach", "target_health" | "gate") => seconds("attach_timeout_seconds"),
        ("detach", "draining") => seconds("attach_timeout_seconds") + LONGEST_DELAY,
        ("watch", "rollback_window") => seconds("rollback_window_seconds"),
        // Green that couldn't be detached is tried to, and kept again, until its drain's time is over.
        ("rollback", "blue_health") if kept(report) => seconds("attach_timeout_seconds") + LONGEST_DELAY,
        ("rollback", "blue_health") => seconds("rollback_timeout_seconds"),
        _ => return None,
    })
}

fn kept(report: &Value) -> bool {
    report["message"].as_str().is_some_and(|message| message.ends_with("stays until it is"))
}

/// When a release came into the stage that it's reported in, if that is on record; in a rollback, when it came to say what
/// it says: green that couldn't be detached has to wait for blue anew, and out of a halt all is tried anew.
fn entered(report: &Value, record: &Record) -> Option<Millis> {
    let id = ReleaseId::parse(report["release"].as_str()?).ok()?;
    let runs = |entry: &&Entry| entry.release == id && entry.status != Status::Pending;
    let mut entries = record.entries(id.application()).rev().filter(runs);
    let stands = |entry: &&Entry| report["stage"] == entry.stage.as_str() && report["status"] == entry.status.as_str();
    let there = entries.by_ref().take_while(stands);
    let says = |entry: &&Entry| entry.stage != Stage::Rollback || report["message"] == entry.message.as_str();
    there.filter(says).last().map(|entry| entry.at.millis())
}

/// A workflow looks again at nothing that says 0.
fn over(report: &Value) -> Result<(), Violation> {
    let runs = ["pending", "in_progress", "rollback_in_progress"];
    match report["status"].as_str().filter(|status| runs.contains(status)) {
        Some(_) => Err(Violation::new("always-ends", format!("nobody looks again at what isn't over: {report}"))),
        None => Ok(()),
    }
}
