//! The gate of `make test`: fixed seeds, every fault, no violation, and the same seed the same run.

use std::process::{Command, Output};

fn simulate(seed: &str, releases: &str, cores: &str, faults: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
    command.env("SEED", seed).env("RELEASES", releases).env("CORES", cores).env("FAULTS", faults);
    command.env_remove("WORLD").env_remove("VIOLATIONS").output().unwrap()
}

fn holds(seed: &str, releases: &str, faults: &str) {
    let output = simulate(seed, releases, "2", faults);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn in_good_weather_every_release_ends_and_every_law_holds() {
    holds("1", "150", "none");
}

#[test]
fn under_every_fault_every_law_holds() {
    holds("20260105", "400", "all");
}

#[test]
fn the_same_seed_is_the_same_run_on_however_many_cores() {
    let runs = ["1", "2"].map(|cores| simulate("3", "60", cores, "all").stdout);
    assert!(runs[0] == runs[1] && !runs[0].is_empty());
}
