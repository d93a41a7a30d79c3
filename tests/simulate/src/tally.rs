//! What is counted, and the table of it.

use crate::strikes::{SETTINGS, STRIKES};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Of so many releases more is asked than no violation.
const MILLION: u64 = 1_000_000;
/// How often each fault strikes in a million releases, at least.
const STRUCK: u64 = 1_000;
/// In how many of a million releases each law is at stake, at least.
const AT_STAKE: u64 = 10_000;
/// Where a release may stand.
const STAGES: [&str; 7] = ["prepare", "attach", "bake", "detach", "watch", "rollback", "halt"];

/// Counts of one world, or of all.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Worlds played.
    pub worlds: u64,
    /// Releases on record.
    pub releases: u64,
    /// Pieces of trouble that struck or could have.
    pub pieces: u64,
    /// Invocations.
    pub invocations: u64,
    /// How releases ended.
    pub ends: BTreeMap<String, u64>,
    /// How often each fault struck.
    pub faults: BTreeMap<&'static str, u64>,
    /// In how many releases each law was at stake.
    pub stakes: BTreeMap<&'static str, u64>,
    /// Where the fault or hand met a release: stage × situation.
    pub met: BTreeMap<(&'static str, &'static str), u64>,
    /// What is counted apart: no violation, but worth knowing.
    pub apart: BTreeMap<&'static str, u64>,
    /// Violations by law.
    pub violations: BTreeMap<&'static str, u64>,
    /// A hash of everything that was written, so that two runs can be compared.
    pub digest: u64,
}

impl Tally {
    /// Counts a fault that struck.
    pub fn struck(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Counts something that is no violation.
    pub fn note(&mut self, what: &'static str) {
        *self.apart.entry(what).or_default() += 1;
    }

    /// Mixes words into the digest (FNV-1a).
    pub fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    /// Adds another's counts, of a world that came after.
    pub fn add(&mut self, other: Tally) {
        fn sum<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
            from.into_iter().for_each(|(key, count)| *into.entry(key).or_default() += count);
        }
        self.worlds += other.worlds;
        self.releases += other.releases;
        self.pieces += other.pieces;
        self.invocations += other.invocations;
        sum(&mut self.ends, other.ends);
        sum(&mut self.faults, other.faults);
        sum(&mut self.stakes, other.stakes);
        sum(&mut self.met, other.met);
        sum(&mut self.apart, other.apart);
        sum(&mut self.violations, other.violations);
        self.mix(&other.digest.to_le_bytes());
    }

    /// How many violations there were.
    pub fn broken(&self) -> u64 {
        self.violations.values().sum()
    }

    /// The table.
    pub fn table(&self, laws: &[&'static str]) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{} releases in {} worlds, {} invocations, digest {:016x}",
            self.releases, self.worlds, self.invocations, self.digest
        );
        let _ = writeln!(text, "\nhow they ended");
        for (end, count) in &self.ends {
            let _ = writeln!(text, "  {end:44} {count:10}");
        }
        let _ = writeln!(text, "\nfault                                          struck   per million releases");
        for fault in STRIKES.iter().chain(&SETTINGS) {
            let count = self.faults.get(fault).copied().unwrap_or(0);
            let share = count * MILLION / self.releases.max(1);
            let _ = writeln!(text, "  {fault:40} {count:10} {share:14}");
        }
        self.table_of_meetings(&mut text);
        let _ = writeln!(text, "\ncounted apart");
        for (what, count) in &self.apart {
            let _ = writeln!(text, "  {what:52} {count:10}");
        }
        let _ = writeln!(text, "\nlaw                     at stake in releases   violations");
        for law in laws {
            let stakes = self.stakes.get(law).copied().unwrap_or(0);
            let violations = self.violations.get(law).copied().unwrap_or(0);
            let _ = writeln!(text, "  {law:24} {stakes:18} {violations:12}");
        }
        text
    }

    fn table_of_meetings(&self, text: &mut String) {
        let _ = write!(text, "\nwhat met a release in                   ");
        for stage in STAGES {
            let _ = write!(text, "{stage:>10}");
        }
        let _ = writeln!(text);
        for fault in STRIKES {
            let _ = write!(text, "  {fault:38}");
            for stage in STAGES {
                let _ = write!(text, "{:>10}", self.met(stage, fault));
            }
            let _ = writeln!(text);
        }
        let (cells, missed) = (STRIKES.len() * STAGES.len(), self.missed());
        let _ = writeln!(text, "  {} of {cells} cells reached{}", cells - missed.len(), list(&missed));
    }

    fn met(&self, stage: &'static str, fault: &'static str) -> u64 {
        self.met.get(&(stage, fault)).copied().unwrap_or(0)
    }

    /// The cells that nothing came to.
    fn missed(&self) -> Vec<String> {
        let cells = STRIKES.iter().flat_map(|fault| STAGES.iter().map(move |stage| (stage, fault)));
        cells
            .filter(|(stage, fault)| self.met(stage, fault) == 0)
            .map(|(stage, fault)| format!("{fault} in {stage}"))
            .collect()
    }

    /// What a run of a million releases or more didn't meet as often as is asked of it.
    pub fn falls_short(&self, laws: &[&'static str]) -> Vec<String> {
        let known = |fault: &&&str| !STRIKES.contains(fault) && !SETTINGS.contains(fault);
        let mut short: Vec<String> =
            self.faults.keys().filter(known).map(|fault| format!("{fault:?} isn't listed in strikes.rs")).collect();
        if self.releases < MILLION {
            return short;
        }
        let asked = |least: u64| least * (self.releases / MILLION);
        let struck = |fault: &&'static str| (*fault, self.faults.get(fault).copied().unwrap_or(0));
        let faults = STRIKES.iter().chain(&SETTINGS).map(struck).filter(|(_, count)| *count < asked(STRUCK));
        short.extend(faults.map(|(fault, count)| format!("{fault} struck {count} times, {} are asked", asked(STRUCK))));
        let at_stake = |law: &&'static str| (*law, self.stakes.get(law).copied().unwrap_or(0));
        let laws = laws.iter().map(at_stake).filter(|(_, count)| *count < asked(AT_STAKE));
        short.extend(
            laws.map(|(law, count)| format!("{law} was at stake {count} times, {} are asked", asked(AT_STAKE))),
        );
        short.extend(self.missed().into_iter().map(|cell| format!("never met: {cell}")));
        short
    }
}

/// What follows a count of what is missing.
fn list(missed: &[String]) -> String {
    if missed.is_empty() { String::new() } else { format!("; not: {}", missed.join(", ")) }
}
