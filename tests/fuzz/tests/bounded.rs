//! Of every seed, and of as many mutants as seconds allow, each target's promises hold. The same mutants in each run; the
//! search that goes on is `make fuzz`. More of them, where there is no C++: MUTANTS=100000 cargo test -p fuzz

use fuzz::{TARGETS, mutate, seeds};
use std::panic;

/// Enough to meet each branch of a parser many times over, few enough for a few seconds unoptimised.
const MUTANTS: u64 = 2_000;
/// The same, of a parser behind the SDK's: a millisecond each.
const REPLIES: u64 = 200;

fn hold(target: &str, mutants: u64) {
    let (_, holds) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let seeds = seeds::of(target);
    let check = |what: &str, bytes: &[u8]| {
        if panic::catch_unwind(|| holds(bytes)).is_err() {
            panic!("{target}: {what} breaks a promise: {:?}", String::from_utf8_lossy(bytes));
        }
    };
    seeds.iter().for_each(|(name, bytes)| check(name, bytes));
    let asked = std::env::var("MUTANTS").ok().and_then(|number| number.parse().ok());
    for seed in 0..asked.unwrap_or(mutants) {
        let mut dice = mutate::dice(seed);
        let (name, bytes) = &seeds[dice.usize(..seeds.len())];
        check(&format!("mutant {seed} of {name}"), &mutate::mutant(bytes, &mut dice));
    }
}

/// What isn't read is asked about nothing: a seed that has grown old would pass for ever. What libFuzzer found may be anything.
#[test]
fn every_seed_is_read() {
    for (target, holds) in TARGETS {
        for (name, bytes) in seeds::of(target).iter().filter(|(name, _)| !name.starts_with("found-")) {
            assert!(holds(bytes), "{target}: nothing in {name} is read any more");
        }
    }
}

macro_rules! targets {
    ($($name:ident: $mutants:ident),+ $(,)?) => {
        $(#[test] fn $name() { hold(stringify!($name), $mutants); })+

        #[test]
        fn every_target_is_here_and_is_a_program_of_libfuzzers() {
            let programs = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/libfuzzer")).unwrap();
            let mut programs: Vec<_> = programs.map(|file| file.unwrap().path().file_stem().unwrap().to_owned()).collect();
            programs.sort();
            let mut all: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
            all.sort();
            let mut here = vec![$(stringify!($name)),+];
            here.sort();
            assert_eq!(all, here);
            assert_eq!(all, programs.iter().map(|name| name.to_str().unwrap()).collect::<Vec<_>>());
        }
    };
}

targets!(
    payload: MUTANTS,
    tags: MUTANTS,
    policy: MUTANTS,
    record: MUTANTS,
    names: MUTANTS,
    autoscaling: REPLIES,
    elbv2: REPLIES,
    cloudwatch: REPLIES,
    ledger: REPLIES,
);
