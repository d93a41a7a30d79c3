//! What mutants are made of: what a target reads in earnest, and what once broke it.

use std::fs;
use std::path::PathBuf;

/// A file's name and its bytes.
pub type Seed = (String, Vec<u8>);

/// The seeds of a target, in the order of their names.
pub fn of(target: &str) -> Vec<Seed> {
    let mut seeds = folder(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target));
    if target == "payload" {
        let events = folder(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events"));
        seeds.extend(events.into_iter().filter(|(name, _)| name.ends_with(".json")));
    }
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

fn folder(path: PathBuf) -> Vec<Seed> {
    let Ok(entries) = fs::read_dir(&path) else { return Vec::new() };
    let files = entries.map(|entry| entry.expect("a readable folder").path()).filter(|path| path.is_file());
    let mut seeds: Vec<Seed> = files
        .map(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read(&file).expect("a readable seed"))
        })
        .collect();
    seeds.sort();
    seeds
}
