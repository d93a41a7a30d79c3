//! What operators see of Cutover itself: log lines and metrics, both as JSON lines on stdout.
//!
//! Log lines carry sentences and names, never a whole event and nothing secret. Metrics use CloudWatch's embedded
//! metric format: a log line of its own that CloudWatch turns into datapoints, so that a metric costs no call.
//! Metrics don't depend on the log level.
//!
//! Namespace `Cutover`:
//! - `Transitions` (count), one per change of stage or status and per end; dimensions `status`, and `application` + `status`. That is
//!   seven metrics for each application that ever had every status. The stage is in the line, to be searched for, and
//!   no dimension: it would multiply them by six and answer no question that an alarm asks.
//! - `InFlight`, `Halted`, `Announcing` (gauges), once per sweep, without a dimension. That they are there at all shows
//!   that the sweep runs.

use crate::error::Error;
use crate::release::{Entry, Status, Timestamp};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const NAMESPACE: &str = "Cutover";
/// Whether [`start`] was called: then stdout is the function's log.
static STARTED: AtomicBool = AtomicBool::new(false);
/// CloudWatch's limit for a dimension's value.
const LONGEST_DIMENSION: usize = 1024;

/// The gauges of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepGauges {
    /// Releases that run or wait for their turn.
    pub in_flight: usize,
    /// Those among them that wait for a person.
    pub halted: usize,
    /// Announcements that the event bus hasn't accepted yet.
    pub announcing: usize,
}

/// Starts logging, once per process; said again it does nothing. Without a level: `info`. Libraries only get a word in
/// to warn: at lower levels they log requests and replies.
pub fn start(level: Option<LevelFilter>) {
    STARTED.store(true, Ordering::Relaxed);
    let level = level.unwrap_or(LevelFilter::INFO);
    let ours = Targets::new()
        .with_default(LevelFilter::WARN.min(level))
        .with_target("cutover", level)
        // The span of an invocation: its request id is on each line.
        .with_target("lambda_runtime::layers", level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    // An error says that logging was started before.
    let _ = tracing_subscriber::registry().with(ours).with(lines).try_init();
}

/// Why the function can't start, as the log's last line; returns it for the exit.
pub fn init_fault(sentence: &str) -> String {
    tracing::error!("{sentence}");
    sentence.to_owned()
}

/// A change of stage or status: a log line and a metric.
pub fn transition(entry: &Entry) {
    macro_rules! say {
        ($level:ident) => {
            tracing::$level!(
                release = %entry.release,
                stage = %entry.stage,
                status = %entry.status,
                sequence = entry.sequence,
                "{}",
                entry.message
            )
        };
    }
    match entry.status {
        Status::RollbackFailed => say!(error),
        Status::Rejected | Status::RollbackInProgress => say!(warn),
        _ => say!(info),
    }
    emit(&transition_metric(entry));
}

/// Something on the record: a change of stage or status with its metric, anything else as a log line only.
pub fn entry(entry: &Entry) {
    if entry.announced {
        return transition(entry);
    }
    tracing::info!(release = %entry.release, sequence = entry.sequence, "{}", entry.message);
}

/// An invocation that ends without a report.
pub fn refused(error: &Error) {
    if error.retryable() {
        tracing::warn!(error = error.error_type(), "{error}");
    } else {
        tracing::info!(error = error.error_type(), "{error}");
    }
}

/// An announcement that the event bus didn't accept for a day.
pub fn announcement_given_up(entry: &Entry) {
    tracing::error!(
        release = %entry.release,
        sequence = entry.sequence,
        "the event bus didn't accept this announcement for 24 hours: given up"
    );
}

/// The gauges of a sweep that began at `at`.
pub fn sweep_gauges(at: Timestamp, gauges: SweepGauges) {
    emit(&gauges_metric(at, gauges));
}

fn transition_metric(entry: &Entry) -> Value {
    json!({
        "_aws": about(entry.at, json!([["status"], ["application", "status"]]), &["Transitions"]),
        "application": dimension(entry.release.application().as_str()),
        "status": entry.status.as_str(),
        "stage": entry.stage.as_str(),
        "release": entry.release.to_string(),
        "sequence": entry.sequence,
        "Transitions": 1,
    })
}

fn gauges_metric(at: Timestamp, gauges: SweepGauges) -> Value {
    json!({
        "_aws": about(at, json!([[]]), &["InFlight", "Halted", "Announcing"]),
        "InFlight": gauges.in_flight,
        "Halted": gauges.halted,
        "Announcing": gauges.announcing,
    })
}

/// The head of a line in embedded metric format.
fn about(at: Timestamp, dimensions: Value, metrics: &[&str]) -> Value {
    let metrics: Vec<Value> = metrics.iter().map(|name| json!({"Name": name, "Unit": "Count"})).collect();
    json!({
        "Timestamp": at.millis(),
        "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics}],
    })
}

/// A name as a dimension's value: CloudWatch drops a datapoint whose dimension isn't plain ASCII, is blank, or begins
/// with a colon. What isn't allowed is written as in a URL (and `%` too, so that two names never become one).
fn dimension(name: &str) -> String {
    let mut value = String::new();
    for (at, character) in name.char_indices() {
        let plain = (character.is_ascii_graphic() && character != '%' && (at > 0 || character != ':'))
            || (character == ' ' && at > 0);
        let mut bytes = [0; 4];
        let piece = match character.encode_utf8(&mut bytes) {
            text if plain => text.to_owned(),
            text => text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        };
        if value.len() + piece.len() > LONGEST_DIMENSION {
            break;
        }
        value.push_str(&piece);
    }
    value
}

/// Writes a line. If stdout is gone there is nobody left to tell.
fn emit(line: &Value) {
    // A library's caller that hasn't started telemetry gets no lines on its stdout.
    if !STARTED.load(Ordering::Relaxed) {
        return;
    }
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::{ApplicationName, ReleaseId, Stage};

    fn entry(application: &str) -> Entry {
        Entry {
            sequence: 7,
            release: ReleaseId::new(ApplicationName::parse(application).unwrap(), 3),
            at: Timestamp::from_millis(1_700_000_000_000),
            stage: Stage::Rollback,
            status: Status::RollbackFailed,
            message: "blue isn't healthy".to_owned(),
            actions: Vec::new(),
            verdict: None,
            announced: true,
            report: json!({"secret": "never in a metric"}),
        }
    }

    /// Every dimension and metric that the head names stands in the line: else CloudWatch drops it without a word.
    fn check(line: &Value) {
        let about = &line["_aws"]["CloudWatchMetrics"][0];
        assert!(line["_aws"]["Timestamp"].is_i64() && about["Namespace"] == NAMESPACE);
        let sets = about["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap());
        for name in sets {
            assert!(line[name.as_str().unwrap()].is_string(), "{name} in {line}");
        }
        for metric in about["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric} in {line}");
        }
    }

    #[test]
    fn every_metric_is_one_that_cloudwatch_takes() {
        let transition = transition_metric(&entry("web"));
        check(&transition);
        assert_eq!((&transition["status"], &transition["application"]), (&json!("rollback_failed"), &json!("web")));
        assert!(!transition.to_string().contains("never in a metric"));
        let gauges = gauges_metric(Timestamp::from_millis(1), SweepGauges { in_flight: 3, halted: 1, announcing: 2 });
        check(&gauges);
        assert_eq!((&gauges["InFlight"], &gauges["Halted"], &gauges["Announcing"]), (&json!(3), &json!(1), &json!(2)));
    }

    #[test]
    fn every_application_name_is_a_dimension_that_cloudwatch_takes() {
        for (name, value) in [
            ("web shop", "web shop"),
            (" ", "%20"),
            (":web", "%3Aweb"),
            ("50%", "50%25"),
            ("ü", "%C3%BC"),
            ("{\"a\":\"*\"}", "{\"a\":\"*\"}"),
        ] {
            assert_eq!(dimension(name), value);
        }
        let longest = dimension(&"🦀".repeat(256));
        assert!(longest.is_ascii() && longest.len() <= LONGEST_DIMENSION && !longest.is_empty());
    }
}
