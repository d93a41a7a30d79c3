//! A run: as many worlds as it takes, on every core, merged in order; what is reported of a violation.

use crate::asked::Asked;
use crate::cut::{Cut, shorten};
use crate::law::{LAWS, PANIC, Violation};
use crate::play;
use crate::tally::Tally;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Nobody runs further ahead of what has been merged: memory stays constant.
const AHEAD: u64 = 1_000;
/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(2);

/// Runs each seed; whether no law was broken, and as much was met as is asked of so long a run.
pub fn run(all: &[Asked]) -> bool {
    let mut total = Tally::default();
    for asked in all {
        let of_seed = match asked.world {
            Some(world) => alone(asked, world),
            None => many(asked, |world, violation| report(asked, world, violation)),
        };
        if all.len() > 1 {
            let Tally { releases, digest, .. } = of_seed;
            println!("seed {}: {releases} releases, {} violations, digest {digest:016x}", asked.seed, of_seed.broken());
        }
        total.add(of_seed);
    }
    println!("{}", total.table(&LAWS));
    if let Some(panics) = total.violations.get(PANIC) {
        println!("{panics} panics");
    }
    let short = total.falls_short(&LAWS);
    short.iter().for_each(|line| println!("FALLS SHORT: {line}"));
    total.violations.is_empty() && short.is_empty()
}

/// The seed of one world of a run (SplitMix64: neighbours have nothing in common).
fn seed_of(seed: u64, world: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(world.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Plays one world.
fn play(asked: &Asked, world: u64, cut: &Cut, tell: bool) -> (Tally, Option<Violation>, Vec<String>) {
    play::play(seed_of(asked.seed, world), cut, tell)
}

/// One world alone, with its story.
fn alone(asked: &Asked, world: u64) -> Tally {
    let (tally, _, story) = play(asked, world, &asked.cut, true);
    story.iter().for_each(|line| println!("{line}"));
    println!();
    tally
}

/// As many worlds as it takes; `found` hears of each violation.
pub fn many(asked: &Asked, found: impl FnMut(u64, &Violation)) -> Tally {
    let (next, over, merged) = (AtomicU64::new(0), AtomicBool::new(false), AtomicU64::new(0));
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..asked.cores {
            let sender = sender.clone();
            let (next, over, merged) = (&next, &over, &merged);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    if next.load(Ordering::Relaxed) > merged.load(Ordering::Relaxed) + AHEAD {
                        std::thread::yield_now();
                        continue;
                    }
                    let world = next.fetch_add(1, Ordering::Relaxed);
                    let (tally, violation, _) = play(asked, world, &asked.cut, false);
                    if sender.send((world, tally, violation)).is_err() {
                        return;
                    }
                }
            });
        }
        let total = merge(asked, &receiver, &merged, found);
        over.store(true, Ordering::Relaxed);
        total
    })
}

fn merge(
    asked: &Asked,
    receiver: &mpsc::Receiver<(u64, Tally, Option<Violation>)>,
    merged: &AtomicU64,
    mut found: impl FnMut(u64, &Violation),
) -> Tally {
    let mut progress = Progress::new(asked.releases);
    let mut total = Tally::default();
    let mut waiting = BTreeMap::new();
    let mut world = 0;
    while total.releases < asked.releases && total.broken() < asked.stop_at {
        let Some((tally, violation)) = waiting.remove(&world) else {
            let Ok((number, tally, violation)) = receiver.recv() else { break };
            waiting.insert(number, (tally, violation));
            continue;
        };
        total.add(tally);
        violation.iter().for_each(|violation| found(world, violation));
        world += 1;
        merged.store(world, Ordering::Relaxed);
        progress.tell(&total);
    }
    progress.end();
    total
}

/// The line that tells how far a run is.
struct Progress {
    releases: u64,
    began: Instant,
    told: Option<Instant>,
}

impl Progress {
    fn new(releases: u64) -> Self {
        Self { releases, began: Instant::now(), told: None }
    }

    fn tell(&mut self, total: &Tally) {
        if self.told.unwrap_or(self.began).elapsed() < PROGRESS {
            return;
        }
        self.told = Some(Instant::now());
        let rate = total.releases / self.began.elapsed().as_secs().max(1);
        let (done, of, broken) = (total.releases, self.releases, total.broken());
        eprint!("\r{done} of {of} releases, {rate} a second, {broken} violations ");
    }

    fn end(&self) {
        if self.told.is_some() {
            eprintln!();
        }
    }
}

/// A violation: law, seed, step, its story without what it doesn't need, and how to see it alone.
fn report(asked: &Asked, world: u64, violation: &Violation) {
    const LINES: usize = 60;
    let cut = shorten(seed_of(asked.seed, world), violation.law, &asked.cut);
    let (_, again, story) = play(asked, world, &cut, true);
    println!("\nlaw {} broken, seed {}, world {world}, step {}", violation.law, asked.seed, story.len());
    println!("  {}", again.as_ref().unwrap_or(violation).what);
    let news = news(&story);
    for line in news.iter().skip(news.len().saturating_sub(LINES)) {
        println!("    {}", line.chars().take(300).collect::<String>());
    }
    println!("  alone: make simulate SEED={} WORLD={world} {}", asked.seed, cut.words());
}

/// A story without what begins, and without answers that say what the last one said.
fn news(story: &[String]) -> Vec<&String> {
    let mut said = std::collections::BTreeSet::new();
    let gist = |line: &str| line.split_once("): ").map(|(_, gist)| gist.to_owned());
    let new = |line: &&String| match gist(line) {
        _ if line.contains("begins: ") => false,
        Some(gist) if line.contains("request-") => said.insert(gist),
        _ => true,
    };
    story.iter().filter(new).collect()
}
