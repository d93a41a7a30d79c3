//! What is counted, and the table of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use simulated_aws::wire::Seen;

use crate::case::{Case, Side, Story};
use crate::evidence::Evidence;
use crate::law::{LAWS, Offence};
use crate::weather;

/// Kills at calls of one operation, by their places among its calls: before the call took effect, and after it.
#[derive(Default)]
struct Kills {
    before: BTreeSet<usize>,
    after: BTreeSet<usize>,
    /// The release had ended before: it took fewer looks than the undisturbed one, in which the calls were counted.
    unreached: BTreeSet<usize>,
}

/// Counts over all cases.
#[derive(Default)]
pub struct Tally {
    releases: u64,
    calls: usize,
    ends: BTreeMap<String, u64>,
    kills: BTreeMap<(Story, String), Kills>,
    faults: BTreeMap<&'static str, u64>,
    errors: BTreeMap<String, u64>,
    stakes: BTreeMap<&'static str, u64>,
    violations: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Of one case.
    pub fn of(case: &Case, evidence: &Evidence, broken: &[(&'static str, Offence)]) -> Self {
        let mut tally = Self { releases: 1, calls: evidence.calls, ..Self::default() };
        let status = evidence.history["releases"][0]["status"].as_str().unwrap_or("no end");
        *tally.ends.entry(format!("{}, {status}", evidence.story)).or_default() += 1;
        match case {
            Case::Kill(story, side, call) => {
                let kills = tally.kills.entry((*story, call.operation.clone())).or_default();
                let places = match side {
                    _ if !evidence.struck(Seen::killed) => &mut kills.unreached,
                    Side::Before => &mut kills.before,
                    Side::After => &mut kills.after,
                };
                places.insert(call.nth);
            }
            _ => {
                for fault in evidence.seen.iter().filter_map(|seen| seen.fault.as_ref()) {
                    *tally.faults.entry(weather::name(fault)).or_default() += 1;
                }
            }
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

    /// Adds another's counts.
    pub fn add(&mut self, other: Tally) {
        fn sum<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
            from.into_iter().for_each(|(key, count)| *into.entry(key).or_default() += count);
        }
        self.releases += other.releases;
        self.calls += other.calls;
        for (at, kills) in other.kills {
            let into = self.kills.entry(at).or_default();
            into.before.extend(kills.before);
            into.after.extend(kills.after);
            into.unreached.extend(kills.unreached);
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
        let all: usize = self.kills.values().map(|kills| kills.before.len() + kills.after.len()).sum();
        let _ = writeln!(text, "\nkill -9 as a call arrives: {all}");
        let mut told = None;
        for ((story, operation), kills) in &self.kills {
            if told != Some(story) {
                let name = story.to_string();
                let _ = writeln!(text, "  {name:36} before it took effect   after it                not reached");
                told = Some(story);
            }
            let [before, after, unreached] = [&kills.before, &kills.after, &kills.unreached].map(ranges);
            let _ = writeln!(text, "    {operation:34} {before:23} {after:23} {unreached}");
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
