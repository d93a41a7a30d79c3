//! `make simulate RELEASES=n SEED=s`: the whole product in random worlds, the nine laws judged by the world.
//!
//! The same seed is the same run, byte for byte, on however many cores; `SEED=201-205` is five runs, which share the
//! releases, with one table. `WORLD=w` plays one world alone and tells its
//! story; `FAULTS=none`, or some classes with commas between, says what may strike; `LEAVE_OUT=3,5-9` leaves single
//! pieces of trouble out.

mod agenda;
mod asked;
mod cut;
mod faults;
mod law;
#[cfg(feature = "mutations")]
mod mutations;
mod play;
mod run;
mod setting;
mod strikes;
mod tally;
mod trouble;
mod watch;

use asked::Asked;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let asked = Asked::from_env().unwrap_or_else(|why| {
        eprintln!("{why}");
        std::process::exit(2);
    });
    std::process::exit(i32::from(!holds(&asked)));
}

/// Whether everything is as it should be.
#[cfg(not(feature = "mutations"))]
fn holds(asked: &[Asked]) -> bool {
    run::run(asked)
}

/// The same; of a product with defects each must be found.
#[cfg(feature = "mutations")]
fn holds(asked: &[Asked]) -> bool {
    let plain = asked.iter().all(|asked| asked.mutations == "none");
    if plain { run::run(asked) } else { asked.iter().all(mutations::hunt) }
}
