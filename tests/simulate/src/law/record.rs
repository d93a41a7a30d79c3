//! **one-release** and **nothing-lost**, as the record and the event bus show them.

use super::Violation;
use cutover::release::{ApplicationName, Entry, ReleaseId, Stage, Status, Timestamp, VerdictState};
use simulated_aws::ports::Record;
use simulated_aws::world::World;
use std::collections::BTreeMap;

/// Entries are numbered without a gap, stages only go on, and no two releases of an application run at a time.
pub(super) fn in_order(record: &Record, name: &ApplicationName) -> Result<(), Violation> {
    let wrong = |what: String| Err(Violation::new("one-release", what));
    let mut acting: Option<String> = None;
    let mut stages: BTreeMap<String, Stage> = BTreeMap::new();
    for (index, entry) in record.entries(name).enumerate() {
        if entry.sequence != index as u64 + 1 {
            return Err(Violation::new("nothing-lost", format!("entry {} of {name} is missing", index + 1)));
        }
        let id = entry.release.to_string();
        let before = stages.insert(id.clone(), entry.stage);
        let halt_promoted = before == Some(Stage::Rollback) && entry.stage == Stage::Detach;
        if before.is_some_and(|before| before > entry.stage) && !halt_promoted {
            return wrong(format!("{id} went from {before:?} back to {} at entry {}", entry.stage, entry.sequence));
        }
        let runs = matches!(entry.status, Status::InProgress | Status::RollbackInProgress);
        match (&acting, runs) {
            (Some(other), true) if *other != id => {
                return wrong(format!("{id} acts at entry {} while {other} runs", entry.sequence));
            }
            (_, true) => acting = Some(id),
            (Some(mine), false) if *mine == id && ended(entry) => acting = None,
            _ => {}
        }
    }
    Ok(())
}

fn ended(entry: &Entry) -> bool {
    entry.report["next_check_seconds"] == 0
        || matches!(entry.status, Status::Successful | Status::Rejected | Status::RollbackSuccessful)
}

/// Every transition is to be announced, and reached the bus, if there is one.
pub(super) fn announced(record: &Record, name: &ApplicationName, world: &World, bus: bool) -> Result<(), Violation> {
    let mut standing = BTreeMap::new();
    for entry in record.entries(name) {
        let before = standing.insert(entry.release.clone(), (entry.stage, entry.status));
        if before != Some((entry.stage, entry.status)) && !entry.announced {
            let what = format!("entry {} of {name} isn't to be announced: {}", entry.sequence, entry.message);
            return Err(Violation::new("nothing-lost", what));
        }
    }
    if !bus {
        return Ok(());
    }
    let mut told = BTreeMap::new();
    for announced in world.announced() {
        let detail: serde_json::Value = serde_json::from_str(&announced.entry.detail).unwrap_or_default();
        if detail["application"] == name.as_str() {
            told.insert(detail["sequence"].as_u64().unwrap_or(0), detail);
        }
    }
    for entry in record.entries(name).filter(|entry| entry.announced) {
        let wrong = |how: String| {
            let what = format!("entry {} of {name} {how}: {}", entry.sequence, entry.message);
            Err(Violation::new("nothing-lost", what))
        };
        let Some(detail) = told.get(&entry.sequence) else { return wrong("was never announced".to_owned()) };
        let (release, stage, status) = (entry.release.to_string(), entry.stage.as_str(), entry.status.as_str());
        if detail["release"] != release || detail["stage"] != stage || detail["status"] != status {
            return wrong(format!("was announced as something else, {detail}"));
        }
    }
    Ok(())
}

/// The last entry that was seen of an application, which nothing may change any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(Option<(u64, Timestamp, String)>);

impl Seen {
    /// The record only grows: whoever saves by an older one would put the past back.
    pub fn only_grows(&mut self, record: &Record, name: &ApplicationName) -> Result<(), Violation> {
        if let Some((last, at, message)) = &self.0 {
            let now = record.entry(name, *last).map(|entry| (entry.at, &entry.message));
            let sequence = record.application(name).map_or(0, |item| item.sequence);
            if now != Some((*at, message)) || sequence < *last {
                let what = format!("entry {last} of {name} was put back: {message:?} is now {now:?}");
                return Err(Violation::new("one-release", what));
            }
        }
        let last = record.entries(name).next_back();
        self.0 = last.map(|entry| (entry.sequence, entry.at, entry.message.clone()));
        Ok(())
    }
}

/// Wherever a release was seen to stand, an entry tells of it.
pub(super) fn told<'s>(
    record: &Record,
    stood: impl Iterator<Item = &'s (ReleaseId, Stage, Status)>,
) -> Result<(), Violation> {
    for (id, stage, status) in stood {
        let mut entries = record.entries(id.application());
        if !entries.any(|entry| entry.release == *id && entry.stage == *stage && entry.status == *status) {
            let what = format!("{id} was in {stage}, {status}, and no entry tells of it");
            return Err(Violation::new("nothing-lost", what));
        }
    }
    Ok(())
}

/// How an entry tells of an action: what its sentence begins and ends with.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sentence {
    pub begins: String,
    pub ends: String,
}

/// What was carried out for a release stands in its entries, with the same fleet, groups and sizes, as often as it was.
pub(super) fn acted(
    record: &Record,
    name: &ApplicationName,
    acted: &BTreeMap<(String, Sentence), usize>,
) -> Result<(), Violation> {
    for ((id, Sentence { begins, ends }), times) in acted {
        let Some(id) = ReleaseId::parse(id).ok().filter(|id| id.application() == name) else { continue };
        let mine = record.entries(name).filter(|entry| entry.release == id).flat_map(|entry| &entry.actions);
        let told = mine.filter(|said| said.starts_with(begins) && said.ends_with(ends)).count();
        if told < *times {
            let what = format!("{id} did this {times} times, its entries tell of {told}: {begins}…{ends}");
            return Err(Violation::new("nothing-lost", what));
        }
    }
    Ok(())
}

/// An entry that promotes or goes back by the alarms' word has the verdict that it rests on.
pub(super) fn reasoned(record: &Record, name: &ApplicationName) -> Result<(), Violation> {
    for entry in record.entries(name) {
        let state = entry.verdict.as_ref().map(|verdict| verdict.state);
        let good = [Some(VerdictState::Healthy), Some(VerdictState::NoEvidence)];
        let wrong = match entry.message.as_str() {
            says if says.contains("the verdict is good") => !good.contains(&state),
            says if says.starts_with("rolling back: alarm ") => state != Some(VerdictState::InAlarm),
            _ => false,
        };
        if wrong {
            let what = format!("entry {} of {name} rests on {state:?}: {}", entry.sequence, entry.message);
            return Err(Violation::new("nothing-lost", what));
        }
    }
    Ok(())
}

/// How a release ended; once nothing runs, each has.
pub(super) fn end_of(record: &Record, id: &str) -> Result<String, Violation> {
    let release = ReleaseId::parse(id).ok().and_then(|id| record.release(&id).cloned());
    match release {
        Some(release) if release.ended() => Ok(release.status.to_string()),
        Some(release) => Err(Violation::new("nothing-lost", format!("{id} is left in {}", release.stage))),
        None => Err(Violation::new("nothing-lost", format!("{id} was on record and isn't any more"))),
    }
}

/// When a release ended.
pub(super) fn ended_at(record: &Record, id: &str) -> Option<i64> {
    let release = ReleaseId::parse(id).ok().and_then(|id| record.release(&id).cloned());
    release.and_then(|release| release.ended_at).map(|at| at.millis())
}
