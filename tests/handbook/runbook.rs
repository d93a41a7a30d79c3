//! infra/RUNBOOK.md is complete, and every command in it exists.

use super::source::{read, words};
use super::{cost, report};
use cutover::decide::gate_names;
use cutover::trigger::{Request, parse};
use serde_json::Value;

const PATH: &str = "infra/RUNBOOK.md";
/// What every section says, in the order in which it's needed.
const PARTS: [&str; 4] = ["**See:**", "**Why:**", "**Do:**", "**Then:**"];
/// Where the counted costs stand.
const COUNTED: (&str, &str) = ("<!-- counted -->\n", "<!-- /counted -->");

/// Every heading that has to be there.
fn needed() -> Vec<String> {
    let named = |kind: &'static str, path, name| {
        words(path, name).into_iter().map(move |part| format!("### {kind} `{}`", part.name))
    };
    let mut all: Vec<String> = named("Waiting on", "src/release/waiting.rs", "WaitingOn").collect();
    all.extend(gate_names().map(|gate| format!("### Gate `{gate}`")));
    all.extend(named("Status", "src/release/stage.rs", "Status"));
    all.extend(report::error_types().into_iter().map(|(name, _)| format!("### Error `{name}`")));
    all.extend(own_alarms().into_iter().map(|name| format!("### Alarm `{name}`")));
    all
}

/// Cutover's own alarms: the resources of template.yaml that are one.
fn own_alarms() -> Vec<String> {
    let text = read("template.yaml");
    let lines: Vec<&str> = text.lines().collect();
    let alarm = |pair: &&[&str]| pair[1].trim() == "Type: AWS::CloudWatch::Alarm";
    lines.windows(2).filter(alarm).map(|pair| pair[0].trim().trim_end_matches(':').to_owned()).collect()
}

/// The faults of a runbook.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let sections = sections(text);
    let needed = needed();
    for heading in &needed {
        match sections.iter().find(|(head, _)| head == heading) {
            None => faults.push(format!("there is no section \"{heading}\"")),
            Some((_, body)) => faults.extend(missing_parts(heading, body)),
        }
    }
    let kinds = ["### Waiting on", "### Gate", "### Status", "### Error", "### Alarm"];
    for (head, _) in &sections {
        if kinds.iter().any(|kind| head.starts_with(kind)) && !needed.contains(head) {
            faults.push(format!("\"{head}\" is about nothing that there is"));
        }
        if sections.iter().filter(|(other, _)| other == head).count() > 1 {
            faults.push(format!("\"{head}\" is there twice"));
        }
    }
    faults.extend(dead_links(text));
    faults.extend(wrong_commands(text));
    faults
}

/// Commands that don't exist, or not with these fields.
fn wrong_commands(text: &str) -> Vec<String> {
    let wrong = |command: String| match parse(command.as_bytes()) {
        Ok(Request::Command(_) | Request::Sweep) => None,
        Ok(other) => Some(format!("{command} is no command but {other:?}")),
        Err(fault) => Some(format!("{command}: {fault}")),
    };
    commands(text).into_iter().filter_map(wrong).collect()
}

/// Links within the page that lead to no heading of it.
fn dead_links(text: &str) -> Vec<String> {
    let plain = |letter: char| letter.is_alphanumeric() || ['-', '_', ' '].contains(&letter);
    let anchor = |line: &str| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        heading.chars().filter(|letter| plain(*letter)).collect::<String>().replace(' ', "-")
    };
    let anchors: Vec<String> = text.lines().filter(|line| line.starts_with('#')).map(anchor).collect();
    let links = text.split("](#").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link.to_owned());
    links.filter(|link| !anchors.contains(link)).map(|link| format!("no heading is called #{link}")).collect()
}

/// What a section doesn't say, or says in another order.
fn missing_parts(heading: &str, body: &str) -> Vec<String> {
    let places: Vec<_> = PARTS.iter().map(|part| body.find(part)).collect();
    let mut faults: Vec<String> = Vec::new();
    for (part, _) in PARTS.iter().zip(&places).filter(|(_, place)| place.is_none()) {
        faults.push(format!("\"{heading}\" has no {part}"));
    }
    if faults.is_empty() && !places.is_sorted() {
        faults.push(format!("\"{heading}\" isn't in the order {PARTS:?}"));
    }
    faults
}

/// The headings of the second and third level, with what stands under each.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.starts_with("## ") || line.starts_with("### ") {
            found.push((line.to_owned(), String::new()));
        } else if let Some((_, body)) = found.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    found
}

/// Every command that the page gives, wherever it stands.
fn commands(text: &str) -> Vec<String> {
    let begins = text.match_indices("{\"command\"").map(|(at, _)| &text[at..]);
    let whole = |from: &str| {
        let mut stream = serde_json::Deserializer::from_str(from).into_iter::<Value>();
        match stream.next() {
            Some(Ok(_)) => from[..stream.byte_offset()].to_owned(),
            _ => from.lines().next().unwrap_or_default().to_owned(),
        }
    };
    begins.map(whole).collect()
}

/// The page, with the counted costs put in anew if that was asked for.
fn page() -> String {
    let text = read(PATH);
    if std::env::var_os("UPDATE").is_none() {
        return text;
    }
    let (before, rest) = text.split_once(COUNTED.0).expect("the place of the counted costs");
    let (_, after) = rest.split_once(COUNTED.1).expect("the end of the counted costs");
    let text = format!("{before}{}{}{}{after}", COUNTED.0, cost::counted(), COUNTED.1);
    std::fs::write(std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(PATH), &text).expect("written");
    text
}

/// Promise: for everything that a release can wait on, and every way it can stand or fail, the runbook says what one
/// sees, why, what to do and what happens then; and no command in it is one that doesn't exist.
#[test]
fn the_runbook_is_complete_and_its_commands_exist() {
    let faults = faults(&read(PATH));
    assert!(faults.is_empty(), "{PATH}:\n{}", faults.join("\n"));
}

/// Promise: neither the front page nor a page of infra/ gives a command that doesn't exist.
#[test]
fn every_command_of_every_page_exists() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/infra")).expect("infra can be read");
    let names = folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut pages: Vec<String> =
        names.filter(|name| name.ends_with(".md")).map(|name| format!("infra/{name}")).collect();
    assert!(pages.len() >= 3, "{pages:?}");
    pages.push("README.md".to_owned());
    for page in pages {
        let faults = wrong_commands(&read(&page));
        assert!(faults.is_empty(), "{page}:\n{}", faults.join("\n"));
    }
}

/// Promise: what the runbook says of costs was counted.
#[test]
fn the_costs_are_counted() {
    let counted = cost::counted();
    assert!(
        page().contains(&counted),
        "{PATH} counts otherwise; UPDATE=1 cargo test --test handbook writes:\n{counted}"
    );
}

#[test]
fn a_runbook_with_a_gap_or_a_wrong_command_is_seen() {
    let good = read(PATH);
    let none = commands(&good).len();
    assert!(none > 10, "only {none} commands were found");
    for (right, wrong, seen) in [
        ("### Waiting on `person`", "### Waiting for a person", "no section \"### Waiting on `person`\""),
        ("### Gate `listener`", "### Gate `listeners`", "about nothing that there is"),
        ("### Status `rejected`", "### Status `pending`", "is there twice"),
        ("### Error `Busy`", "### Busy", "no section \"### Error `Busy`\""),
        ("**Then:**", "Then:", "has no **Then:**"),
        ("](#gates)", "](#gate)", "no heading is called #gate"),
        ("{\"command\": \"promote\", \"application\"", "{\"command\": \"promot\", \"application\"", "did you mean"),
        ("{\"command\": \"pause\", \"application\"", "{\"command\": \"pause\", \"app\"", "unknown"),
        (
            "{\"command\": \"status\", \"application\": \"web\"}",
            "{\"command\": \"status\" \"application\": \"web\"}",
            "not JSON",
        ),
    ] {
        assert!(good.contains(right), "the runbook has no {right}");
        let faults = faults(&good.replacen(right, wrong, 1)).join("\n");
        assert!(faults.contains(seen), "{wrong} isn't seen: {faults}");
    }
}
