//! `make simulate-wire RELEASES=n SEED=s`: the shipped binary on the simulated AWS's wire, the nine laws judged by the world.
//!
//! First the process is killed (kill -9) at every call of a good release and of one that an alarm rolls back, once before and
//! once after the call took effect (`EVERY=k`: at every kth). Then come n releases in bad weather. The same seed is the same
//! schedule of faults; what becomes of it isn't the same byte for byte, for time and processes are real. `CASE=name` plays
//! one case alone and shows its calls.
#![warn(missing_docs)]

mod case;
mod crew;
mod evidence;
mod law;
mod play;
mod stand;
mod tally;
mod weather;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use case::{Case, Nth, Side, Story};
use crew::Played;
use simulated_aws::wire::Seen;
use tally::Tally;

/// The releases whose every call meets a kill.
const KILLED: [Story; 2] = [Story::Good, Story::AlarmInBake];
/// So many of a case's last calls are shown when it broke a law.
const LINES: usize = 40;

/// What is asked of a run.
struct Asked {
    releases: u64,
    seed: u64,
    every: usize,
    case: Option<Case>,
    binary: PathBuf,
}

fn main() -> ExitCode {
    match asked().and_then(|asked| run(&asked)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

/// The run's terms, from the environment as `make` hands them on.
fn asked() -> Result<Asked, String> {
    let text = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let number = |name: &str, default: u64| match text(name) {
        Some(text) => text.parse().map_err(|_| format!("{name} is no number: {text:?}")),
        None => Ok(default),
    };
    Ok(Asked {
        releases: number("RELEASES", 300)?,
        seed: number("SEED", 1)?,
        every: usize::try_from(number("EVERY", 1)?.max(1)).map_err(|error| error.to_string())?,
        case: text("CASE").map(|name| Case::parse(&name)).transpose()?,
        binary: stand::binary()?,
    })
}

/// Plays what is asked; how many laws were broken.
fn run(asked: &Asked) -> Result<u64, String> {
    let mut total = Tally::default();
    match &asked.case {
        Some(case) => crew::all(std::slice::from_ref(case), asked.seed, &asked.binary, |played| {
            played.log.iter().for_each(|seen| println!("{}", line(seen)));
            tell(&played, asked.seed, 0);
            total.add(played.tally);
        })?,
        None => many(asked, &mut total)?,
    }
    println!("{}", total.table());
    Ok(total.violations())
}

/// The releases that are killed, undisturbed first to count their calls; then those in bad weather.
fn many(asked: &Asked, total: &mut Tally) -> Result<(), String> {
    let began = Instant::now();
    let mut cases = Vec::new();
    crew::all(&KILLED.map(Case::Calm), asked.seed, &asked.binary, |played| {
        if let Case::Calm(story) = played.case {
            println!("{story}: {} calls", played.calls);
            let at = calls_of(&played).into_iter().step_by(asked.every);
            cases.extend(
                at.flat_map(|call| [Side::Before, Side::After].map(|side| Case::Kill(story, side, call.clone()))),
            );
        }
        tell(&played, asked.seed, LINES);
        total.add(played.tally);
    })?;
    // Sorted: which of the two ended first isn't the seed's.
    cases.sort_unstable();
    cases.extend((0..asked.releases).map(Case::Weather));
    let (all, mut done) = (cases.len(), 0);
    crew::all(&cases, asked.seed, &asked.binary, |played| {
        done += 1;
        tell(&played, asked.seed, LINES);
        total.add(played.tally);
        eprint!("\r{done} of {all} releases, {} s, {} violations ", began.elapsed().as_secs(), total.violations());
    })?;
    eprintln!();
    Ok(())
}

/// Every call of a release, by its place among those of its operation.
fn calls_of(played: &Played) -> Vec<Nth> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let calls = played.log.iter().take(played.calls).map(|seen| {
        let nth = counts.entry(&seen.operation).or_default();
        *nth += 1;
        Nth { operation: seen.operation.clone(), nth: *nth }
    });
    calls.collect()
}

/// Each law that was broken: seed, what happened, the last of the log until then, and how to play it again.
fn tell(played: &Played, seed: u64, lines: usize) {
    for (law, offence) in &played.broken {
        println!("\nlaw {law} broken, seed {seed}, case {}\n  {}", played.case, offence.what);
        let until = offence.call.unwrap_or(played.log.len());
        let last = &played.log[until.saturating_sub(lines)..until];
        last.iter().for_each(|seen| println!("    {}", line(seen)));
        println!("  alone: make simulate-wire SEED={seed} CASE={}\n", played.case);
    }
}

/// A call, in a line.
fn line(seen: &Seen) -> String {
    let process = seen.caller.trim_start_matches("ASIASIMULATED").trim_start_matches('0');
    let answer = match (&seen.error, seen.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let fault = seen.fault.as_ref().map_or(String::new(), |fault| format!("  <- {}", weather::name(fault)));
    let params: String = seen.params.to_string().chars().take(160).collect();
    let (at, who) = (seen.at % 1_000_000, format!("{process}.{}", seen.invocation));
    format!("{:4} {at:06} process {who:6} {} {answer}{fault}  {params}", seen.number, seen.operation)
}
