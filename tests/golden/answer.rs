//! Answers in sentences: a report, several, a plan, a list, a refusal.

use serde_json::Value;

/// A report's gist: if it's the same as last time, there is no news in it.
pub fn gist(report: &Value) -> String {
    let field = |name: &str| report[name].to_string();
    let alarms = report["verdict"]["alarms"].as_array().into_iter().flatten();
    let findings: Vec<String> = alarms.map(|alarm| alarm["finding"].to_string()).collect();
    [
        field("stage"),
        field("status"),
        report["waiting_on"]["kind"].to_string(),
        field("message"),
        field("warnings"),
        findings.join(","),
    ]
    .join("|")
}

/// A report in lines.
pub fn report(report: &Value) -> Vec<String> {
    let mut lines = vec![head(report)];
    if let Some(waiting) = report["waiting_on"].as_object() {
        let figures = waiting.iter().filter(|(name, _)| *name != "kind");
        let figures: Vec<String> = figures.map(|(name, value)| format!("{name} {}", plain(value))).collect();
        lines.push(format!(
            "  waits on {}: {}; look again in {} s",
            plain(&report["waiting_on"]["kind"]),
            figures.join(", "),
            plain(&report["next_check_seconds"])
        ));
    }
    lines.extend(verdict(report).map(|verdict| format!("  {verdict}")));
    lines.push(format!("  says: {}", plain(&report["message"])));
    let texts = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    lines.extend(texts("actions").iter().map(|action| format!("  did: {}", plain(action))));
    lines.extend(warnings(report).iter().map(|warning| format!("  {warning}")));
    lines
}

/// What the alarms say.
pub fn verdict(report: &Value) -> Option<String> {
    let verdict = report["verdict"].as_object()?;
    let alarms = verdict["alarms"].as_array().into_iter().flatten();
    let said: Vec<String> = std::iter::once(plain(&verdict["state"])).chain(alarms.map(evidence)).collect();
    Some(format!("verdict {}", said.join("; ")))
}

/// What a person should know.
pub fn warnings(report: &Value) -> Vec<String> {
    let warnings = report["warnings"].as_array().into_iter().flatten();
    warnings.map(|warning| format!("warns: {}", plain(warning))).collect()
}

fn head(report: &Value) -> String {
    let blue: Vec<String> = report["blue"].as_array().into_iter().flatten().map(plain).collect();
    let blue = if blue.is_empty() { "no blue".to_owned() } else { format!("blue {}", blue.join(", ")) };
    format!(
        "{}: {}, {} (green {}, {blue})",
        plain(&report["release"]),
        plain(&report["stage"]),
        plain(&report["status"]),
        plain(&report["green"])
    )
}

fn evidence(alarm: &Value) -> String {
    let mut said = format!("{} {}", plain(&alarm["alarm"]), plain(&alarm["finding"]));
    for (name, word) in [("at", " since "), ("reason", ": ")] {
        if let Some(text) = alarm[name].as_str().filter(|text| !text.is_empty()) {
            said.push_str(&format!("{word}{text}"));
        }
    }
    said
}

/// Anything that is no report.
pub fn other(answer: &Value) -> Vec<String> {
    if let Some(why) = answer["ignored"].as_str() {
        return vec![format!("ignored: {why}")];
    }
    let mut lines = Vec::new();
    for gate in answer["gates"].as_array().into_iter().flatten() {
        let word = match gate["open"].as_bool() {
            Some(true) => "open",
            Some(false) => "closed",
            None => "not known",
        };
        let detail = gate["detail"].as_str().filter(|detail| !detail.is_empty()).map(|detail| format!(": {detail}"));
        lines.push(format!("gate {} {word}{}", plain(&gate["gate"]), detail.unwrap_or_default()));
    }
    for line in answer["plan"].as_array().into_iter().flatten() {
        lines.push(format!("plan: {}", fields(line)));
    }
    for name in ["releases", "applications"] {
        lines.extend(answer[name].as_array().into_iter().flatten().map(fields));
    }
    lines.extend(answer["warnings"].as_array().into_iter().flatten().map(|text| format!("warns: {}", plain(text))));
    if lines.is_empty() { vec![answer.to_string()] } else { lines }
}

fn fields(value: &Value) -> String {
    let Some(fields) = value.as_object() else { return plain(value) };
    let said = fields.iter().filter(|(_, value)| !value.is_null());
    said.map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(", ")
}

/// A value as a person would write it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
