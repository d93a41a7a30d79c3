//! In which releases each law was really at stake: not where it was asked, but where something might have broken it.

use super::Judge;
use crate::watch::Write;
use serde_json::Value;
use std::collections::BTreeMap;

/// What may lose an entry, an announcement or an end.
const LOSES: [&str; 8] = [
    "invocation died",
    "invocation timed out",
    "table unreachable",
    "table throttled",
    "table in conflict",
    "table timed out, applied",
    "table timed out, not applied",
    "an announcement isn't accepted",
];

impl Judge {
    /// In how many releases each law was at stake.
    pub fn stakes(&self) -> BTreeMap<&'static str, u64> {
        let mut stakes = BTreeMap::new();
        for (_, law) in &self.at_stake {
            *stakes.entry(*law).or_default() += 1;
        }
        stakes
    }

    pub(super) fn stake(&mut self, release: &str, law: &'static str) {
        if !self.at_stake.contains(&(release.to_owned(), law)) {
            self.at_stake.insert((release.to_owned(), law));
        }
    }

    /// Something struck while a release ran.
    pub fn met(&mut self, release: &str, fault: &'static str) {
        if LOSES.contains(&fault) {
            self.stake(release, "nothing-lost");
        }
    }

    /// A write for a release: others might have written beside it, or it might have hit what isn't the release's.
    pub(super) fn written(&mut self, app: usize, release: &str, write: &Write) {
        let name = &self.apps[app].name;
        let anew = self.made_anew.iter().any(|(fleet, _)| fleet.split('-').next() == Some(name));
        if self.apps.len() > 1 || self.apps[app].elsewhere || anew {
            self.stake(release, "mine-only");
        }
        if write.beside > 0 {
            self.stake(release, "one-release");
        }
        if let Some(known) = self.releases.get_mut(release).filter(|_| write.done) {
            known.writer = Some(write.by);
        }
    }

    /// An invocation answered: of what another had written before, it might have written something again.
    pub fn looked(&mut self, answer: &Value, by: u64) {
        let one = std::slice::from_ref(answer);
        for report in answer["releases"].as_array().map_or(one, Vec::as_slice) {
            let Some(id) = report["release"].as_str() else { continue };
            let before = self.releases.get(id).and_then(|known| known.writer).is_some_and(|writer| writer != by);
            let reads = !report["actions"].is_null() && report["timeline"].is_null();
            if before && reads {
                self.stake(id, "again-is-nothing");
            }
        }
    }

    /// The trouble ends: whatever runs has to come to its end.
    pub fn calms_down(&mut self, release: &str) {
        if let Some(known) = self.releases.get_mut(release) {
            known.outran_trouble = true;
        }
    }

    /// How a release ended: what didn't go straight to its end might have come to none.
    pub(super) fn ended_as(&mut self, release: &str, status: &str) {
        let wayward = |known: &&super::Known| status != "successful" || known.was_halted || known.outran_trouble;
        // What was refused at its very start, or had no turn, never ran.
        let ran = self.releases.get(release).filter(|known| known.since != 0);
        if ran.is_some_and(|known| wayward(&known)) {
            self.stake(release, "always-ends");
        }
    }
}
