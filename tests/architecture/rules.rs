//! The rules: each looks at one file and says what is wrong with it.

use crate::source::{Source, What};
use crate::walls::{PLACES, PORTS, SDK, WALLS};

/// What is wrong, one sentence a finding.
pub type Findings = Vec<String>;

/// A file longer than this holds more than one idea.
const FILE_LINES: usize = 400;

/// A function longer than this doesn't fit on a screen.
const FUNCTION_LINES: usize = 70;

/// Is `path` this very thing, or something below it?
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Does a name fit a list, in which a trailing `*` stands for any ending?
fn listed(name: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| match entry.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *entry,
    })
}

fn at(source: &Source, line: usize, text: &str) -> String {
    format!("{}:{line}: {text}", source.path)
}

/// Only src/aws names an SDK.
pub fn sdk_in_aws_only(source: &Source) -> Findings {
    let outside = source.module() != "aws";
    let sdk = source.paths().filter(|(path, _)| path.split("::").next().is_some_and(|first| listed(first, SDK)));
    sdk.filter(|_| outside).map(|(path, line)| at(source, line, &format!("names {path}: only src/aws may"))).collect()
}

/// A module names the modules and the dependencies that its line in the table allows.
pub fn within_walls(source: &Source, dependencies: &[String]) -> Findings {
    let Some(wall) = WALLS.iter().find(|wall| wall.module == source.module()) else {
        return vec![format!(
            "{}: module `{}` has no line in WALLS (tests/architecture/walls.rs)",
            source.path,
            source.module()
        )];
    };
    let mut findings = Findings::new();
    for (path, line) in source.paths() {
        let mut names = path.split("::");
        let (first, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        let is_module = second.starts_with(|letter: char| letter.is_ascii_lowercase());
        let forbidden = if first == "crate" {
            let one_item = wall.modules.iter().any(|item| is_below(path, &format!("crate::{item}")));
            is_module && second != source.module() && !listed(second, wall.modules) && !one_item
        } else {
            dependencies.iter().any(|name| name == first) && !listed(first, wall.crates)
        };
        if forbidden {
            findings.push(at(source, line, &format!("names {path}: not allowed in `{}`", source.module())));
        }
    }
    findings
}

/// A port is named only by those who may hold its power.
pub fn ports_by_power(source: &Source) -> Findings {
    let mut findings = Findings::new();
    for (path, line) in source.paths() {
        let Some(port) = PORTS.iter().find(|port| is_below(path, port.name)) else { continue };
        if !listed(source.module(), port.holders) && !["lib", "main"].contains(&source.module()) {
            findings.push(at(source, line, &format!("names {path}: only {:?} may", port.holders)));
        }
    }
    findings
}

/// An import says what it imports, so that the other rules see it; an enum's variants aside.
pub fn no_module_by_glob(source: &Source) -> Findings {
    let is_module = |path: &str| path.split("::").last().is_some_and(|last| last.starts_with(char::is_lowercase));
    let mut findings = Findings::new();
    for fact in &source.facts {
        if let What::Glob(path) = &fact.what
            && is_module(path)
        {
            findings.push(at(source, fact.line, &format!("imports all of {path}: name what is used")));
        }
    }
    findings
}

/// Clock, environment, sleep, randomness and the like are named in their one place.
pub fn one_place_each(source: &Source) -> Findings {
    let mut findings = Findings::new();
    for place in PLACES {
        let here = place.files.iter().any(|file| match file.ends_with('/') {
            true => source.path.starts_with(file),
            false => source.path == *file,
        });
        let named = source.paths().filter(|(path, _)| !here && place.paths.iter().any(|above| is_below(path, above)));
        findings.extend(
            named.map(|(path, line)| at(source, line, &format!("{} ({path}): only {:?}", place.what, place.files))),
        );
    }
    findings
}

/// `decide` and the nouns are plain functions: nothing to wait for.
pub fn nothing_to_await(source: &Source) -> Findings {
    let pure = ["decide", "release", "trigger", "report"].contains(&source.module());
    let waits = source.facts.iter().filter(|fact| pure && fact.what == What::Async);
    waits.map(|fact| at(source, fact.line, "is async: this module is pure")).collect()
}

/// What can panic takes the invocation with it, in the middle of a release.
pub fn nothing_that_panics(source: &Source) -> Findings {
    let panics = |what: &What| match what {
        What::Method(name) => ["unwrap", "expect", "unwrap_err", "expect_err"].contains(&name.as_str()),
        What::Macro(name) => ["panic", "todo", "unimplemented", "unreachable", "dbg"].contains(&name.as_str()),
        _ => false,
    };
    let found = source.facts.iter().filter(|fact| panics(&fact.what));
    found.map(|fact| at(source, fact.line, &format!("{:?} can panic", fact.what))).collect()
}

/// One idea a file, one screen a function.
pub fn not_too_long(source: &Source) -> Findings {
    let mut findings = Findings::new();
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        findings.push(format!("{}: {lines} lines, more than {FILE_LINES}", source.path));
    }
    for fact in &source.facts {
        if let What::Function(name, lines) = &fact.what
            && *lines > FUNCTION_LINES
        {
            findings.push(at(source, fact.line, &format!("fn {name}: {lines} lines, more than {FUNCTION_LINES}")));
        }
    }
    findings
}

/// The first line says which part of the flow the file is.
pub fn begins_with_its_role(source: &Source) -> Findings {
    let first = source.text.lines().next().unwrap_or_default();
    let said = first.starts_with("//! ") || first.starts_with("#![doc = include_str!");
    if said { Findings::new() } else { vec![at(source, 1, "doesn't begin with a `//!` line that says its role")] }
}

/// src/lib.rs is the table of contents.
pub fn no_logic_in_the_contents(source: &Source) -> Findings {
    let contents = source.path == "src/lib.rs";
    let logic = source.facts.iter().filter(|fact| contents && fact.what == What::Logic);
    logic.map(|fact| at(source, fact.line, "only modules and re-exports belong here")).collect()
}
