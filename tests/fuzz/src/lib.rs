//! What holds of every parser of foreign bytes, whatever the bytes.
//!
//! A target is one file of `targets`: a function that takes bytes, panics if a promise is broken, and says whether there was
//! anything in them that it could read: what isn't read is asked about next to nothing. Two things feed it:
//! `tests/bounded.rs`, which is part of `make test` (the seeds, and mutants of them that are the same in each run), and
//! libFuzzer (`make fuzz`), which looks for what no one thought of. What libFuzzer finds goes into `seeds/` as `found-…`,
//! and is asked about in each `make test` from then on.

pub mod mutate;
pub mod seeds;
pub mod targets;

mod aws;
mod sentence;

/// What is asked of some bytes; a panic is a no. True if something was read in them.
pub type Target = fn(&[u8]) -> bool;

/// Every target, by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("payload", targets::payload::holds),
    ("tags", targets::tags::holds),
    ("policy", targets::policy::holds),
    ("record", targets::record::holds),
    ("names", targets::names::holds),
    ("autoscaling", targets::autoscaling::holds),
    ("elbv2", targets::elbv2::holds),
    ("cloudwatch", targets::cloudwatch::holds),
    ("ledger", targets::ledger::holds),
];

#[cfg(feature = "libfuzzer")]
#[doc(hidden)]
pub use libfuzzer_sys;

/// A program of libFuzzer's for one target. Half of its mutations are libFuzzer's own, half know of JSON.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            $crate::targets::$name::holds(bytes);
        });
        $crate::libfuzzer_sys::fuzz_mutator!(|bytes: &mut [u8], size: usize, most: usize, seed: u32| {
            if seed % 2 == 0 {
                return $crate::libfuzzer_sys::fuzzer_mutate(bytes, size, most);
            }
            let mutant = $crate::mutate::mutant(&bytes[..size], &mut $crate::mutate::dice(u64::from(seed)));
            let length = mutant.len().min(most);
            bytes[..length].copy_from_slice(&mutant[..length]);
            length
        });
    };
}
