//! The reference: what comes out of an invocation: reports, lists, errors.

use super::source::{Part, fields, function, json_keys, variants, words};
use super::words::{code, codes, table};
use cutover::decide::gate_names;
use cutover::error::{Error, InvalidField};
use serde_json::json;

fn rows(parts: Vec<Part>) -> Vec<Vec<String>> {
    parts.into_iter().map(|part| vec![code(&part.name), part.doc]).collect()
}

/// Chapter: the report.
pub fn report() -> String {
    let keys = |path, function| codes(json_keys(path, function));
    let listed = json_keys("src/answer.rs", "list").into_iter().filter(|key| key != "applications");
    format!(
        "## Report\n\n\
         The answer to every command about one release, and the output of a workflow.\n\n{}\
         `timeline` has lines of:\n\n{}\
         `verdict` has:\n\n{}\
         States of a verdict:\n\n{}\
         Each of its `alarms` has:\n\n{}\
         Findings:\n\n{}\
         Other answers:\n\n{}",
        table(&["field", "meaning"], rows(fields("src/report.rs", "Report"))),
        table(&["field", "meaning"], rows(fields("src/report.rs", "Line"))),
        table(&["field", "meaning"], rows(fields("src/release/verdict.rs", "Verdict"))),
        table(&["`state`", "meaning"], rows(words("src/release/verdict.rs", "VerdictState"))),
        table(&["field", "meaning"], rows(fields("src/release/verdict.rs", "AlarmEvidence"))),
        table(&["`finding`", "meaning"], rows(words("src/release/verdict.rs", "Finding"))),
        table(
            &["to", "fields"],
            [
                vec!["`plan`".into(), keys("src/answer.rs", "plan")],
                vec!["its `gates`".into(), codes(names(fields("src/decide/gates.rs", "GateReport")))],
                vec!["its `plan`".into(), codes(names(fields("src/decide/plan.rs", "PlanLine")))],
                vec!["`list`".into(), code("applications")],
                vec!["its `applications`".into(), codes(listed)],
                vec!["`history`".into(), keys("src/answer.rs", "history")],
                vec!["its `releases`".into(), keys("src/report.rs", "history_of")],
                vec!["the sweep".into(), keys("src/sweep.rs", "sweep")],
                vec!["what failed in a sweep".into(), keys("src/sweep.rs", "one_turn")],
                vec!["an event that is none of Cutover's".into(), keys("src/handler.rs", "ignored")],
            ]
        ),
    )
}

fn names(parts: Vec<Part>) -> Vec<String> {
    parts.into_iter().map(|part| part.name).collect()
}

/// Chapter: where a release stands.
pub fn standing() -> String {
    let waits = words("src/release/waiting.rs", "WaitingOn").into_iter().map(|part| {
        let figures = part.fields.iter().map(|figure| format!("`{}`: {}", figure.name, figure.doc));
        vec![code(&part.name), part.doc.clone(), figures.collect::<Vec<_>>().join(" ")]
    });
    let gates = gate_names().map(|gate| vec![code(gate), function("src/decide/gates.rs", gate)]);
    format!(
        "## Stages\n\n{}## Statuses\n\n{}## What a release waits on\n\n\
         `waiting_on.kind`, with its figures. What to do about each: RUNBOOK.md.\n\n{}## Gates\n\n\
         What must hold before anything is attached.\n\n{}",
        table(&["`stage`", "meaning"], rows(words("src/release/stage.rs", "Stage"))),
        table(&["`status`", "meaning"], rows(words("src/release/stage.rs", "Status"))),
        table(&["`kind`", "meaning", "figures"], waits),
        table(&["gate", "judges"], gates),
    )
}

/// Every error type, with whether the same request may succeed later. A new category doesn't compile here until it's said.
pub fn error_types() -> Vec<(&'static str, bool)> {
    let text = || "a sentence".to_owned();
    let after = |error: &Error| match error {
        Error::InvalidRequest(_) => Some(Error::NotFound(text())),
        Error::NotFound(_) => Some(Error::Conflict(text())),
        Error::Conflict(_) => Some(Error::Busy { application: text() }),
        Error::Busy { .. } => Some(Error::Throttled { why: text() }),
        Error::Throttled { .. } => Some(Error::Unavailable(text())),
        Error::Unavailable(_) => None,
    };
    let first = Error::InvalidRequest(InvalidField::wrong("command", &json!(0), "a command"));
    std::iter::successors(Some(first), after).map(|error| (error.error_type(), error.retryable())).collect()
}

/// Chapter: errors.
pub fn errors() -> String {
    let documented = variants("src/error.rs", "Error");
    let rows = error_types().into_iter().map(|(name, retryable)| {
        let about = documented.iter().find(|part| part.name == name).unwrap_or_else(|| panic!("{name}"));
        vec![code(name), if retryable { "yes" } else { "no" }.to_owned(), about.doc.clone()]
    });
    format!(
        "## Errors\n\n\
         `errorType` of an invocation that ends without a report; Step Functions matches it in `Retry` and `Catch`. \
         `errorMessage` is a sentence.\n\n{}",
        table(&["error", "retry", "when"], rows.collect::<Vec<_>>())
    )
}
