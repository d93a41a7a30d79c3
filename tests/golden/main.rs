//! The golden scenarios: every story in `tests/scenarios` is played on the simulated AWS, and what happened is held
//! against the transcript at its end. One file, one story, one test; adding a case needs no Rust.
//!
//! `cargo test --test scenarios -- NAME` plays one; with `UPDATE=1` the transcript is written anew, to be read before
//! it's committed. The laws, and what a story says under `expect`, hold in either case.

mod act;
mod answer;
mod crash;
mod driver;
mod expect;
mod hand;
mod laws;
mod readme;
mod rights;
mod setting;
mod step;
mod story;
mod transcript;
mod words;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};

/// Where the stories are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");

fn main() {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials()).exit();
}

/// A test for every file: what is no story fails, so that nothing in the folder goes unasserted.
fn trials() -> Vec<Trial> {
    let Ok(folder) = std::fs::read_dir(FOLDER) else {
        return vec![Trial::test("folder", || Err(Failed::from(format!("{FOLDER} can't be read"))))];
    };
    let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let stories = paths.clone();
    let mut trials: Vec<Trial> =
        paths.into_iter().map(|path| Trial::test(name_of(&path), move || play(&path))).collect();
    trials.push(Trial::test("no right is too much", move || rights::are_all_used(&stories)));
    trials.push(Trial::test("a wrong right is seen", rights::are_read_well));
    trials
}

fn name_of(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn play(path: &Path) -> Result<(), Failed> {
    if path.ends_with("README.md") {
        return Ok(readme::read(&std::fs::read_to_string(path)?)?);
    }
    if path.extension().is_none_or(|extension| extension != "txt") {
        return Err(format!("{} is no story: a story is a .txt file", path.display()).into());
    }
    let text = std::fs::read_to_string(path)?;
    let story = story::Story::read(&text)?;
    let played = act::play(&story)?;
    let told = story.with_transcript(&played);
    if told == text {
        return Ok(());
    }
    if std::env::var_os("UPDATE").is_some() {
        return Ok(std::fs::write(path, told)?);
    }
    let diff = similar::TextDiff::from_lines(text.as_str(), &told);
    let diff = diff.unified_diff().header("expected", "happened").context_radius(4).to_string();
    let name = name_of(path);
    Err(format!(
        "{diff}\nalone:  cargo test --test scenarios -- {name}\nif that is how it should be:  UPDATE=1 cargo test --test scenarios -- {name}"
    )
    .into())
}
