//! **always-ends**: every wait says what for and until when, no longer than its release's policy has it, and isn't over
//! for long.

use super::{CLOCKS, Judge, Violation};
use crate::setting::{LONGEST_DELAY, LONGEST_TIMEOUT};
use crate::trouble::LONGEST_PAUSE;
use cutover::release::Timestamp;
use serde_json::Value;
use simulated_aws::api::Millis;

/// A wait that was over so long ago should have ended.
const OVERDUE: Millis = 90_000;
/// The longest wait of all: for a turn, and for floors that can't be given back.
const DAY: u32 = 86_400;

impl Judge {
    /// What an invocation answered: of one release, or of all.
    pub fn waits(&self, answer: &Value, now: Millis) -> Result<(), Violation> {
        let one = std::slice::from_ref(answer);
        let reports = answer["releases"].as_array().map_or(one, Vec::as_slice);
        let reports = reports.iter().filter(|report| !report["next_check_seconds"].is_null());
        reports.into_iter().try_for_each(|report| match report["next_check_seconds"].as_i64() {
            Some(0) => over(report),
            _ => self.wait(report, now),
        })
    }

    fn wait(&self, report: &Value, now: Millis) -> Result<(), Violation> {
        let wrong = |what: &str| Err(Violation::new("always-ends", format!("at {now} a wait {what}: {report}")));
        let waiting = &report["waiting_on"];
        let Some(kind) = waiting["kind"].as_str() else { return wrong("without a reason") };
        let deadline = waiting["deadline"].as_str().and_then(|text| Timestamp::parse(text).ok());
        let left = match deadline {
            // A halt, and nothing else, waits for a person; `status` may tell of one that the next look will save.
            None if kind == "person" && report["stage"] == "rollback" => return Ok(()),
            None => return wrong("without a deadline"),
            Some(deadline) => deadline.millis() - now,
        };
        if left < -OVERDUE {
            return wrong("that is long over");
        }
        match self.longest(kind, report) {
            Some(longest) if left > i64::from(longest) * 1_000 + CLOCKS => {
                wrong(&format!("of {} s, where {longest} s are the most", left / 1_000))
            }
            _ => Ok(()),
        }
    }

    /// The longest that a wait may be by the tags of its green, in seconds; nothing is known of a green without. A write
    /// whose answer was lost may arrive as long as its invocation lasts, and counts as unsettled for twice the time.
    fn longest(&self, kind: &str, report: &Value) -> Option<u32> {
        let app = self.apps.iter().position(|app| report["application"] == app.name.as_str())?;
        let version = self.versions[app].iter().rfind(|version| report["green"] == version.green.as_str())?;
        let seconds = |field| version.number(field);
        Some(match kind {
            "gate" | "capacity" if report["stage"] == "prepare" => seconds("prepare_timeout_seconds"),
            "gate" | "target_health" => seconds("attach_timeout_seconds"),
            "settle" => LONGEST_TIMEOUT + 2 * seconds("settle_seconds"),
            "bake_time" if self.said(app, "pause") => version.longest_bake().max(LONGEST_PAUSE),
            "bake_time" => version.longest_bake(),
            "draining" => seconds("attach_timeout_seconds") + LONGEST_DELAY,
            "rollback_window" => seconds("rollback_window_seconds"),
            "blue_health" => seconds("rollback_timeout_seconds"),
            _ => DAY,
        })
    }
}

/// A workflow looks again at nothing that says 0.
fn over(report: &Value) -> Result<(), Violation> {
    let runs = ["pending", "in_progress", "rollback_in_progress"];
    match report["status"].as_str().filter(|status| runs.contains(status)) {
        Some(_) => Err(Violation::new("always-ends", format!("nobody looks again at what isn't over: {report}"))),
        None => Ok(()),
    }
}
