//! The reference: what others see of Cutover: announcements, metrics, its environment.

use super::source::{body, constant, fields, front};
use super::words::{code, quoted, table};
use cutover::config::Config;
use std::cell::RefCell;

/// Chapter: announcements.
pub fn announcements() -> String {
    let notify = "src/aws/notify.rs";
    let (source, kind) = (constant(notify, "SOURCE"), constant(notify, "DETAIL_TYPE"));
    format!(
        "## Events out\n\n\
         One on `CUTOVER_EVENT_BUS` for each change of stage or status and each end, sent until the bus accepts it (24 hours), so \
         at least once: drop doubles by `detail.release` and `detail.sequence`.\n\n\
         ```json\n\
         {{\"source\": [\"{source}\"], \"detail-type\": [\"{kind}\"], \"detail\": {{\"status\": [\"rollback_failed\"]}}}}\n\
         ```\n\n\
         is a rule's pattern for halts. `detail` is the report as it was then, with `sequence`: the number of the entry \
         in the application's record.\n\n"
    )
}

/// The metrics that a function of the telemetry writes: their dimensions, and their names.
fn metrics_of(function: &str) -> (String, Vec<String>) {
    let body = body("src/telemetry.rs", function);
    let call = body.split_once("about(").map(|(_, rest)| rest).unwrap_or_else(|| panic!("{function}: {body}"));
    let (dimensions, names) = call.split_once("&[").unwrap_or_else(|| panic!("{function}: {call}"));
    let (names, _) = names.split_once(']').unwrap_or_else(|| panic!("{function}: {names}"));
    let sets = dimensions.split('[').map(|set| quoted(set).join(" + ")).filter(|set| !set.is_empty());
    (sets.collect::<Vec<_>>().join("; "), quoted(names))
}

/// Chapter: metrics.
pub fn metrics() -> String {
    let front = front("src/telemetry.rs").join("\n");
    let (_, about) = front.split_once("Namespace").expect("the namespace");
    let mut rows = Vec::new();
    for function in ["transition_metric", "gauges_metric"] {
        let (dimensions, names) = metrics_of(function);
        for name in names {
            assert!(about.contains(&code(&name)), "{name} isn't documented in src/telemetry.rs");
            rows.push(vec![code(&name), if dimensions.is_empty() { "–".to_owned() } else { dimensions.clone() }]);
        }
    }
    format!(
        "## Metrics\n\n{}Namespace{about}\n\n\
         Log lines are JSON: `level`, `message`, and where it applies `release`, `stage`, `status`, `sequence`, `error`.\n\n",
        table(&["metric", "dimensions"], rows)
    )
}

/// Every variable that the configuration asks for.
fn variables() -> Vec<String> {
    let asked = RefCell::new(Vec::new());
    let read = Config::read(|name| {
        asked.borrow_mut().push(name.to_owned());
        Some(if name.ends_with("TABLE") { "releases".to_owned() } else { String::new() })
    });
    read.expect("only the table is needed");
    asked.into_inner()
}

/// Chapter: the environment.
pub fn environment() -> String {
    let documented = fields("src/config.rs", "Config");
    let rows = variables().into_iter().map(|name| {
        let mine = documented.iter().find(|part| part.doc.starts_with(&format!("`{name}`: ")));
        let about = mine.unwrap_or_else(|| panic!("{name} isn't documented in src/config.rs"));
        vec![code(&name), about.doc[name.len() + 4..].to_owned()]
    });
    format!(
        "## Environment\n\n\
         Read once, at the function's start; a wrong value ends the start with a sentence in the log that names the \
         variable.\n\n{}",
        table(&["variable", "meaning"], rows.collect::<Vec<_>>())
    )
}
