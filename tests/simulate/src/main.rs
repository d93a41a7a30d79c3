//! `make simulate RELEASES=n SEED=s`: the whole product in random worlds, the nine laws judged by the world.
//!
//! The same seed is the same run, byte for byte, on however many cores. `WORLD=w` plays one world alone and tells its
//! story; `FAULTS=none`, or some classes with commas between, says what may strike.

mod agenda;
mod faults;
mod law;
mod play;
mod setting;
mod tally;
mod trouble;
mod watch;

use faults::Classes;
use law::Violation;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Instant;
use tally::Tally;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is asked of a run.
#[derive(Clone, Debug)]
struct Asked {
    releases: u64,
    seed: u64,
    world: Option<u64>,
    faults: String,
    classes: Classes,
    stop_at: u64,
}

fn main() {
    let asked = match asked() {
        Ok(asked) => asked,
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(2);
        }
    };
    let violations = match asked.world {
        Some(world) => alone(&asked, world),
        None => many(&asked),
    };
    std::process::exit(i32::from(violations > 0));
}

/// The run's terms, from the environment as `make` hands them on.
fn asked() -> Result<Asked, String> {
    let text = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let number = |name: &str, default: u64| match text(name) {
        Some(text) => text.replace('_', "").parse().map_err(|_| format!("{name} is no number: {text:?}")),
        None => Ok(default),
    };
    let faults = text("FAULTS").unwrap_or_else(|| "all".to_owned());
    Ok(Asked {
        releases: number("RELEASES", 10_000)?,
        seed: number("SEED", 1)?,
        world: text("WORLD").map(|_| number("WORLD", 0)).transpose()?,
        classes: Classes::parse(&faults)?,
        faults,
        stop_at: number("VIOLATIONS", 5)?,
    })
}

/// The seed of one world of a run.
fn seed_of(seed: u64, world: u64) -> u64 {
    // SplitMix64: neighbours have nothing in common.
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(world.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Plays one world; a panic is a violation, too.
fn play(asked: &Asked, world: u64, tell: bool) -> (Tally, Option<Violation>, Vec<String>) {
    let seed = seed_of(asked.seed, world);
    let played = catch_unwind(AssertUnwindSafe(|| play::play(seed, asked.classes, tell)));
    played.unwrap_or_else(|_| {
        let mut tally = Tally { worlds: 1, ..Tally::default() };
        tally.violations.insert("always-ends", 1);
        (tally, Some(Violation::new("always-ends", "it panicked, see above")), Vec::new())
    })
}

/// One world alone, with its story.
fn alone(asked: &Asked, world: u64) -> u64 {
    let (tally, violation, story) = play(asked, world, true);
    story.iter().for_each(|line| println!("{line}"));
    println!("\n{}", tally.table(&law::LAWS));
    u64::from(violation.is_some())
}

/// As many worlds as it takes, on every core; merged in order, so that the cores don't show.
fn many(asked: &Asked) -> u64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = std::env::var("CORES").ok().and_then(|text| text.parse().ok()).unwrap_or(cores);
    let (next, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let merged = AtomicU64::new(0);
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    let total = std::thread::scope(|scope| {
        for _ in 0..cores {
            let Ok(sender) = sender.lock().map(|sender| sender.clone()) else { continue };
            let (next, over, merged) = (&next, &over, &merged);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    // Nobody runs far ahead of what has been merged: memory stays constant.
                    if next.load(Ordering::Relaxed) > merged.load(Ordering::Relaxed) + 1_000 {
                        std::thread::yield_now();
                        continue;
                    }
                    let world = next.fetch_add(1, Ordering::Relaxed);
                    let (tally, violation, _) = play(asked, world, false);
                    if sender.send((world, tally, violation)).is_err() {
                        return;
                    }
                }
            });
        }
        let total = merge(asked, &receiver, &merged);
        over.store(true, Ordering::Relaxed);
        total
    });
    println!("{}", total.table(&law::LAWS));
    total.violations.values().sum()
}

fn merge(asked: &Asked, receiver: &mpsc::Receiver<(u64, Tally, Option<Violation>)>, merged: &AtomicU64) -> Tally {
    let began = Instant::now();
    let mut told = 0;
    let mut total = Tally::default();
    let mut waiting = BTreeMap::new();
    let mut world = 0;
    while total.releases < asked.releases {
        let Some((tally, violation)) = waiting.remove(&world) else {
            let Ok((number, tally, violation)) = receiver.recv() else { break };
            waiting.insert(number, (tally, violation));
            continue;
        };
        total.add(tally);
        if let Some(violation) = violation {
            report(asked, world, &violation);
            if total.violations.values().sum::<u64>() >= asked.stop_at {
                println!("\nstopped after {} violations\n", asked.stop_at);
                break;
            }
        }
        world += 1;
        merged.store(world, Ordering::Relaxed);
        let seconds = began.elapsed().as_secs();
        if seconds >= told + 2 {
            told = seconds;
            let rate = total.releases / seconds.max(1);
            eprint!(
                "\r{} of {} releases, {rate} a second, {} violations ",
                total.releases,
                asked.releases,
                total.violations.values().sum::<u64>()
            );
        }
    }
    if told > 0 {
        eprintln!();
    }
    total
}

/// A violation: law, seed, step, the last of its story, and how to see it alone.
fn report(asked: &Asked, world: u64, violation: &Violation) {
    const LINES: usize = 40;
    let (_, _, story) = play(asked, world, true);
    println!("\nlaw {} broken, seed {}, world {world}, step {}", violation.law, asked.seed, story.len());
    println!("  {}", violation.what);
    story.iter().skip(story.len().saturating_sub(LINES)).for_each(|line| {
        println!("    {}", line.chars().take(400).collect::<String>());
    });
    println!("  alone: make simulate SEED={} WORLD={world} FAULTS={}", asked.seed, asked.faults);
}
