//! The project's files.

use crate::source::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// What nobody wrote: made by a build, an installation, a test, or git.
const MADE: &[&str] = &["target", ".git", ".venv", "node_modules", "__pycache__", ".aws-sam", "dist"];

/// The top level; dot-files of tools may stand beside them.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "template.yaml",
    "src",
    "infra",
    "events",
    "tests",
    "Makefile",
    "LICENSE",
    "CHANGELOG.md",
    "samconfig.toml",
];

/// Addresses of registries, and folders of one person's or one machine's. Put together here, so that this file passes too.
const FOREIGN: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/tmp/", "w/"),
    concat!("registry.", "npmjs"),
    concat!("pypi", ".org"),
    concat!("files.python", "hosted"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("extra-", "index-url"),
    concat!("find-", "links"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_symlink() || MADE.contains(&name.as_ref()) {
            continue;
        } else if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn named(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Every text file of the project with its path.
pub fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(root(), &mut found);
    found.iter().filter_map(|path| Some((named(path), fs::read_to_string(path).ok()?))).collect()
}

/// Every file of src that is shipped: those of test modules aside.
pub fn shipped() -> Vec<Source> {
    let mut found = Vec::new();
    files(&root().join("src"), &mut found);
    let rust = found.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let sources: Vec<Source> = rust
        .map(|path| {
            Source::parse(
                &named(path),
                &fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            )
        })
        .collect();
    assert!(sources.len() > 5, "src wasn't found");
    let tests: Vec<String> = sources.iter().flat_map(test_files).collect();
    sources.into_iter().filter(|source| !tests.iter().any(|test| source.path.starts_with(test.as_str()))).collect()
}

/// Where the files of a source's test modules lie: `src/decide/tests.rs` and `src/decide/tests/`.
fn test_files(source: &Source) -> Vec<String> {
    let folder = match source.path.strip_suffix("/mod.rs").or_else(|| source.path.strip_suffix("/lib.rs")) {
        Some(folder) => folder,
        None => source.path.trim_end_matches(".rs"),
    };
    source.test_modules.iter().flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/")]).collect()
}

/// The dependencies of the crate that is shipped, as Rust names them.
pub fn dependencies() -> Vec<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let section =
        manifest.split("\n[").find_map(|part| part.strip_prefix("dependencies]")).expect("a section [dependencies]");
    let lines = section.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.split_once('=')?.0.trim().replace('-', "_"))).collect()
}

/// The first address or folder in a text that belongs to one machine or one registry.
pub fn foreign(text: &str) -> Option<&'static str> {
    FOREIGN.iter().copied().find(|foreign| {
        text.match_indices(foreign).any(|(at, _)| {
            // A folder begins a path: `arn:aws:iam::1:root/x` or `a/home/` is none.
            !foreign.starts_with('/')
                || !text[..at].ends_with(|before: char| before.is_ascii_alphanumeric() || "._-*}".contains(before))
        })
    })
}

/// Entries at the top level that were not agreed on. Dot-files and what tools make aside.
pub fn strangers_at_the_top() -> Vec<String> {
    let entries = fs::read_dir(root()).expect("the project's folder");
    let names = entries.map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned());
    names
        .filter(|name| !name.starts_with('.') && !MADE.contains(&name.as_str()) && !TOP.contains(&name.as_str()))
        .collect()
}
