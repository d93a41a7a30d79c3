//! The reference: the parameters and outputs of template.yaml, read line by line: each is two blanks in, its properties four.

use super::source::read;
use super::words::{code, table};

struct Entry {
    name: String,
    properties: Vec<(String, String)>,
}

impl Entry {
    fn get(&self, property: &str) -> Option<&str> {
        self.properties.iter().find(|(name, _)| name == property).map(|(_, value)| value.as_str())
    }
}

/// The entries of one section.
fn section(name: &str) -> Vec<Entry> {
    let text = read("template.yaml");
    let head = format!("{name}:");
    let lines = text.lines().skip_while(|line| *line != head).skip(1);
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#'])) {
        let indent = line.len() - line.trim_start().len();
        let said = line.trim();
        if said.is_empty() || said.starts_with('#') {
            continue;
        }
        match (indent, said.split_once(':')) {
            (2, Some((name, _))) => entries.push(Entry { name: name.to_owned(), properties: Vec::new() }),
            (4, Some((name, value))) => {
                let entry = entries.last_mut().expect("a property belongs to an entry");
                entry.properties.push((name.to_owned(), plain(value)));
            }
            // A value that goes on, or a list's item.
            _ => {
                let last = entries.last_mut().and_then(|entry| entry.properties.last_mut());
                let (_, value) = last.expect("a line goes on after a property");
                let item = said.strip_prefix("- ").map_or_else(|| said.to_owned(), |item| format!("{}, ", plain(item)));
                *value = format!("{value} {item}").trim().to_owned();
            }
        }
    }
    assert!(!entries.is_empty(), "template.yaml has no {name}");
    entries
}

/// A scalar without its quotes; a folded one's mark is no part of it.
fn plain(value: &str) -> String {
    let value = value.trim();
    let folded = [">", ">-", "|", "|-"].contains(&value);
    let bare = value.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']));
    if folded { String::new() } else { bare.unwrap_or(value).replace("\\\"", "\"") }
}

/// Chapter: parameters and outputs.
pub fn parameters() -> String {
    let rows = section("Parameters").into_iter().map(|entry| {
        let takes = entry.get("AllowedValues").or(entry.get("AllowedPattern")).map_or_else(String::new, code_or_none);
        let default = entry.get("Default").filter(|value| !value.is_empty()).map_or("–".to_owned(), code);
        vec![code(&entry.name), default, takes, entry.get("Description").unwrap_or_default().to_owned()]
    });
    let outputs = section("Outputs").into_iter().map(|entry| {
        let about = entry.get("Description").unwrap_or_default().to_owned();
        vec![code(&entry.name), about]
    });
    format!(
        "## Parameters\n\nOf template.yaml.\n\n{}Outputs:\n\n{}",
        table(&["parameter", "default", "takes", "meaning"], rows.collect::<Vec<_>>()),
        table(&["output", "meaning"], outputs.collect::<Vec<_>>()),
    )
}

fn code_or_none(value: &str) -> String {
    code(value.trim_matches([',', ' ']))
}
