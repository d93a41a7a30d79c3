//! Many cases side by side: a release mostly waits, so that two cores carry dozens of them.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use futures_util::future::join_all;
use simulated_aws::wire::Seen;

use crate::case::Case;
use crate::law::{self, Offence};
use crate::play::play;
use crate::stand::Setting;
use crate::tally::Tally;

/// Cases side by side on each core: with more, processes wait for the core, and time out for no reason of their own.
const SIDE_BY_SIDE: usize = 20;

/// A case that was played.
pub struct Played {
    /// Which.
    pub case: Case,
    /// Its counts.
    pub tally: Tally,
    /// The laws that were broken, with how.
    pub broken: Vec<(&'static str, Offence)>,
    /// Its calls until the release had ended.
    pub calls: usize,
    /// The wire's log.
    pub log: Vec<Seen>,
}

/// Plays all cases of a seed, and hands each on as it ends.
///
/// # Errors
/// A case couldn't be set up.
pub fn all(cases: &[Case], seed: u64, binary: &Path, each: impl FnMut(Played)) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let sender = sender.lock().map_err(|error| error.to_string())?.clone();
            let next = &next;
            scope.spawn(move || core(cases, seed, binary, next, &sender));
        }
        drop(sender);
        receiver.iter().try_for_each({
            let mut each = each;
            move |played: Result<Played, String>| played.map(&mut each)
        })
    })
}

/// What one core does: as long as there are cases, so many at a time.
fn core(cases: &[Case], seed: u64, binary: &Path, next: &AtomicUsize, sender: &Sender<Result<Played, String>>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let lane = || async {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            if sender.send(one(case, seed, binary).await).is_err() {
                return;
            }
        }
    };
    runtime.block_on(join_all((0..SIDE_BY_SIDE).map(|_| lane())));
}

async fn one(case: &Case, seed: u64, binary: &Path) -> Result<Played, String> {
    let evidence = play(&Setting::of(case, seed_of(seed, case)), binary).await?;
    let broken = law::judge(&evidence);
    let tally = Tally::of(case, &evidence, &broken);
    Ok(Played { case: case.clone(), tally, broken, calls: evidence.calls, log: evidence.seen })
}

/// The seed of one case of a run.
fn seed_of(seed: u64, case: &Case) -> u64 {
    match case {
        // Neighbours have nothing in common.
        Case::Weather(nth) => fastrand::Rng::with_seed(seed ^ nth.wrapping_mul(0x9e37_79b9_7f4a_7c15)).u64(..),
        _ => seed,
    }
}
