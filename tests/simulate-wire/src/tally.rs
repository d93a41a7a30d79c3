//! What is counted, and the table of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use simulated_aws::wire::{Seen, WireFault};

use crate::case::Case;
use crate::evidence::Evidence;
use crate::law::{LAWS, Offence};
use crate::weather;

/// Kills at one operation: at which calls of a case, before the call took effect and after it.
#[derive(Default)]
struct Kills {
    before: BTreeSet<usize>,
    after: BTreeSet<usize>,
    times: u64,
}

/// Counts over all cases.
#[derive(Default)]
pub struct Tally {
    releases: u64,
    calls: usize,
    ends: BTreeMap<String, u64>,
    kills: BTreeMap<(String, String), Kills>,
    /// Cases whose release had ended before the call came at which its process was to be killed.
    unreached: u64,
    faults: BTreeMap<&'static str, u64>,
    errors: BTreeMap<String, u64>,
    stakes: BTreeMap<&'static str, u64>,
    violations: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Of one case.
    pub fn of(case: Case, evidence: &Evidence, broken: &[(&'static str, Offence)]) -> Self {
        let mut tally = Self { releases: 1, calls: evidence.calls, ..Self::default() };
        let status = evidence.history["releases"][0]["status"].as_str().unwrap_or("no end");
        *tally.ends.entry(format!("{}, {status}", evidence.story)).or_default() += 1;
        for (seen, fault) in evidence.seen.iter().filter_map(|seen| Some((seen, seen.fault.as_ref()?))) {
            match case {
                Case::Kill(story, ..) => tally.killed(story.to_string(), seen, fault),
                _ => *tally.faults.entry(weather::name(fault)).or_default() += 1,
            }
        }
        if matches!(case, Case::Kill(..)) && !evidence.struck(|_| true) {
            tally.unreached += 1;
        }
        for error in &evidence.errors {
            *tally.errors.entry(error.kind.clone()).or_default() += 1;
        }
        for law in LAWS.iter().filter(|law| (law.at_stake)(evidence)) {
            *tally.stakes.entry(law.name).or_default() += 1;
        }
        for (law, _) in broken {
            *tally.violations.entry(law).or_default() += 1;
        }
        tally
    }

    fn killed(&mut self, story: String, seen: &Seen, fault: &WireFault) {
        let kills = self.kills.entry((story, seen.operation.clone())).or_default();
        let side = if *fault == WireFault::KillBefore { &mut kills.before } else { &mut kills.after };
        side.insert(seen.number);
        kills.times += 1;
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: Tally) {
        fn sum<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
            from.into_iter().for_each(|(key, count)| *into.entry(key).or_default() += count);
        }
        self.releases += other.releases;
        self.calls += other.calls;
        self.unreached += other.unreached;
        for (at, kills) in other.kills {
            let into = self.kills.entry(at).or_default();
            into.before.extend(kills.before);
            into.after.extend(kills.after);
            into.times += kills.times;
        }
        sum(&mut self.ends, other.ends);
        sum(&mut self.faults, other.faults);
        sum(&mut self.errors, other.errors);
        sum(&mut self.stakes, other.stakes);
        sum(&mut self.violations, other.violations);
    }

    /// How many laws were broken.
    pub fn violations(&self) -> u64 {
        self.violations.values().sum()
    }

    /// The table.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{} releases, {} calls", self.releases, self.calls);
        counts(&mut text, "story, and how its release ended", self.ends.iter());
        self.table_of_kills(&mut text);
        let struck = weather::names().map(|name| (name, self.faults.get(name).unwrap_or(&0)));
        counts(&mut text, "bad weather: fault, and how often it struck", struck);
        counts(&mut text, "invocations that failed, by the type of their error", self.errors.iter());
        let _ = writeln!(text, "\n{:26} at stake in releases   violations", "law");
        for law in LAWS {
            let of = |counts: &BTreeMap<&str, u64>| counts.get(law.name).copied().unwrap_or(0);
            let _ = writeln!(text, "  {:24} {:20} {:12}", law.name, of(&self.stakes), of(&self.violations));
        }
        text
    }

    fn table_of_kills(&self, text: &mut String) {
        let times: u64 = self.kills.values().map(|kills| kills.times).sum();
        let _ = writeln!(text, "\nkill -9 as a call arrives: {times}; not reached: {}", self.unreached);
        let mut told = "";
        for ((story, operation), kills) in &self.kills {
            if told != story {
                let _ = writeln!(text, "  {story:40} before  after   at calls");
                told = story;
            }
            let at = kills.before.union(&kills.after).copied().collect();
            let (before, after) = (kills.before.len(), kills.after.len());
            let _ = writeln!(text, "    {operation:38} {before:6} {after:6}   {}", ranges(&at));
        }
    }
}

fn counts<K: std::fmt::Display>(
    text: &mut String,
    title: &str,
    lines: impl Iterator<Item = (K, impl std::fmt::Display)>,
) {
    let _ = writeln!(text, "\n{title}");
    for (name, count) in lines {
        let _ = writeln!(text, "  {:52} {count:>8}", name.to_string());
    }
}

/// `1-3, 7`.
fn ranges(numbers: &BTreeSet<usize>) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let said = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_said_as_ranges() {
        assert_eq!(ranges(&BTreeSet::from([1, 2, 3, 7, 9, 10])), "1-3, 7, 9-10");
        assert_eq!(ranges(&BTreeSet::new()), "");
    }
}
