//! What the releases went through, as `history` and `status` tell from the record, and what was announced of it.

use cutover::release::Timestamp;
use serde_json::{Value, json};
use simulated_aws::api::Millis;

use super::EXPECTED;
use crate::account::{APPLICATION, Account};
use crate::screen::Ink;
use crate::show::Show;

/// Every release with its timeline, oldest first.
///
/// # Errors
/// A command failed.
pub async fn on_record(account: &Account) -> Result<Vec<Value>, String> {
    let ask = async |command: Value| {
        account.lambda.invoke(&command).await.map_err(|fault| format!("{} failed: {fault}", command["command"]))
    };
    let history = ask(json!({"command": "history", "application": APPLICATION})).await?;
    let mut releases = Vec::new();
    for release in history["releases"].as_array().into_iter().flatten().rev() {
        let status = json!({"command": "status", "application": APPLICATION, "release": release["release"]});
        releases.push(ask(status).await?);
    }
    Ok(releases)
}

/// Prints each release's timeline.
pub fn timelines(show: &Show<'_>, releases: &[Value]) {
    for release in releases {
        let title = format!("{} {}: {}", text(release, "release"), text(release, "green"), text(release, "status"));
        let mut lines = vec![show.paint(Ink::Bold, &title)];
        let timeline = release["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        let first = timeline.first().and_then(moment).unwrap_or_default();
        for entry in timeline {
            let after = (moment(entry).unwrap_or(first) - first) as f64 / 1000.0;
            lines.push(format!("  +{after:4.1} s  {:<9} {}", text(entry, "stage"), text(entry, "message")));
        }
        lines.push(String::new());
        show.print(&lines);
    }
}

/// Prints what arrived on the event bus.
pub fn announcements(account: &Account, show: &Show<'_>, releases: &[Value]) {
    let mut lines = vec![show.paint(Ink::Bold, "Announced on the event bus")];
    for release in releases {
        let word = |report: &Value| {
            let field = if report["next_check_seconds"] == 0 { "status" } else { "stage" };
            text(report, field).to_owned()
        };
        let words: Vec<String> = announced(account, release).iter().map(word).collect();
        lines.push(format!("  {:<8} {}", text(release, "release"), words.join(" → ")));
    }
    lines.push(String::new());
    show.print(&lines);
}

/// Releases that didn't end as they should, or whose end was not announced. In a story that broke off, some didn't begin.
pub fn faults(account: &Account, releases: &[Value], whole: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (green, expected) in EXPECTED {
        let own = releases.iter().filter(|release| release["green"] == green);
        let found: Vec<&str> = own.map(|release| text(release, "status")).collect();
        if found != [expected] && (whole || !found.is_empty()) {
            faults.push(format!("{green} should have had one release, {expected}; on record: {found:?}"));
        }
    }
    for release in releases {
        let last = announced(account, release).pop().unwrap_or_default();
        if last["status"] != release["status"] {
            faults.push(format!("how {} ended was not announced", text(release, "release")));
        }
    }
    faults
}

fn announced(account: &Account, release: &Value) -> Vec<Value> {
    let mut all = account.announcements();
    all.retain(|report| report["release"] == release["release"]);
    all
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn moment(entry: &Value) -> Option<Millis> {
    Timestamp::parse(text(entry, "at")).ok().map(Timestamp::millis)
}
