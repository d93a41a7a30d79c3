//! **as-found**: MinSize is held upward, given back exactly, and somebody else's word counts.

use super::{Judge, Look, Violation};
use crate::tally::Tally;
use crate::watch::{Watch, Write};
use cutover::release::{Application, Release};
use simulated_aws::api::{Call, Millis};
use simulated_aws::ports::Record;
use simulated_aws::world::{FloorChange, World};
use std::collections::{BTreeMap, BTreeSet};

/// A floor that Cutover holds in truth.
#[derive(Clone, Debug)]
struct Held {
    release: String,
    /// What MinSize was before: several values, if it changed within the time by which a reading may be stale.
    original: Vec<i32>,
    /// What it wrote, last of all its last: whoever writes the same can't be told from it.
    wrote: Vec<i32>,
}

/// Every floor, by the fleet's ARN.
#[derive(Default)]
pub(super) struct Floors {
    held: BTreeMap<String, Held>,
    /// Nobody has to give anything back to a fleet that was scaled to zero.
    retired: BTreeSet<String>,
}

/// What is true of a fleet's MinSize up to a write that rests on a reading; which of several, can't be told.
struct Past<'a> {
    changes: Vec<&'a FloorChange>,
    /// The first reading that it may rest on, less what that may be stale by.
    from: Millis,
    /// The last one.
    to: Millis,
}

impl Past<'_> {
    /// What the reading may have shown.
    fn shown(&self) -> Vec<i32> {
        let before = self.changes.iter().rfind(|change| change.at <= self.from);
        let within = self.changes.iter().filter(|change| change.at > self.from && change.at <= self.to);
        before.into_iter().chain(within).map(|change| change.min).collect()
    }

    /// Whether somebody else wrote since the first reading: that, perhaps nobody could know.
    fn unseen(&self, stale: Millis) -> bool {
        self.changes.iter().any(|change| change.by != "cutover" && change.at > self.from + stale)
    }
}

impl Judge {
    /// A MinSize that Cutover writes, or tries to.
    pub(super) fn floor(
        &mut self,
        write: &Write,
        look: &Look<'_>,
        release: &Release,
        watch: &Watch,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let Call::UpdateAutoScalingGroup { asg, min_size: Some(min), desired_capacity, .. } = &write.call else {
            return Ok(());
        };
        let Some(arn) = watch.world.fleet_arn(asg).map(str::to_owned) else { return Ok(()) };
        let id = release.id.to_string();
        self.stake(&id, "as-found");
        if desired_capacity.is_some() {
            if *desired_capacity == Some(0) {
                self.scaled_to_zero(asg, write, look, watch)?;
            }
            if write.done {
                self.floors.held.remove(&arn);
                let _new = if *min == 0 { self.floors.retired.insert(arn) } else { self.floors.retired.remove(&arn) };
            }
            return Ok(());
        }
        let before = |change: &&FloorChange| change.arn == arn && change.at < write.at;
        let past = Past {
            changes: watch.world.floors().iter().filter(before).collect(),
            from: look.first.unwrap_or(write.at) - look.stale,
            to: look.since.unwrap_or(write.at),
        };
        if let Some(left) = self.floors.held.get(&arn).filter(|held| held.release != id) {
            self.given_back(&arn, left, write.at, &watch.world, "another release holds it")?;
        }
        let held = self.floors.held.get(&arn).filter(|held| held.release == id);
        if past.unseen(look.stale) {
            tally.note("a MinSize changed between the reading and the write");
        } else if let Some(what) = wrong(*min, &past, held).filter(|_| !believed(release, asg, *min, &past)) {
            return Err(Violation::new("as-found", format!("{asg}: {what}")));
        }
        if write.done {
            // A write that was lost may have been somebody else's, who wrote the same.
            let original = if believed(release, asg, *min, &past) { vec![*min] } else { past.shown() };
            let fresh = || Held { release: id, original, wrote: Vec::new() };
            let held = held.cloned().unwrap_or_else(fresh);
            let wrote = held.wrote.iter().copied().chain([*min]).collect();
            self.floors.held.insert(arn, Held { wrote, ..held });
        }
        Ok(())
    }

    /// **never-empty**: what is scaled to zero serves nowhere, people aside who attached it behind the reading.
    fn scaled_to_zero(&self, fleet: &str, write: &Write, look: &Look<'_>, watch: &Watch) -> Result<(), Violation> {
        let since = look.first.unwrap_or(write.at) - look.stale;
        if let Some(classic) = watch.world.classic(fleet).first() {
            let what = format!("{fleet} is scaled to zero, and it is behind {classic}");
            return Err(Violation::new("never-empty", what));
        }
        for group in watch.world.attachments(fleet).keys() {
            let arn = watch.world.group_arn(group).unwrap_or_default();
            let behind = self.hand_at(fleet, group).is_some_and(|at| at >= since);
            if !behind && watch.world.attached(fleet, &arn) {
                let what = format!("{fleet} is scaled to zero, and it is attached to {group}");
                return Err(Violation::new("never-empty", what));
            }
        }
        Ok(())
    }

    /// Where nothing runs, no floor is left that Cutover made.
    pub(super) fn floors_given_back(
        &mut self,
        app: usize,
        item: &Application,
        world: &World,
        record: &Record,
    ) -> Result<(), Violation> {
        let prefix = format!("{}.", self.apps[app].name);
        let mine = self.floors.held.iter().filter(|(_, held)| held.release.starts_with(&prefix));
        for (arn, held) in mine.map(|(arn, held)| (arn.clone(), held.clone())).collect::<Vec<_>>() {
            let ended = item.last.as_ref().and_then(|id| record.release(id));
            let end = ended.map(|release| (release.status, &release.message, &release.warnings));
            self.given_back(&arn, &held, Millis::MAX, world, &format!("{end:?}"))?;
            self.floors.held.remove(&arn);
        }
        Ok(())
    }

    /// A floor of a release that isn't running any more isn't left behind, as it was before a moment.
    fn given_back(&self, arn: &str, held: &Held, before: Millis, world: &World, end: &str) -> Result<(), Violation> {
        let last = world.floors().iter().rfind(|change| change.arn == arn && change.at < before);
        let Some(last) = last.filter(|last| world.fleet_arn(&last.fleet) == Some(arn)) else { return Ok(()) };
        let left = last.by == "cutover" && held.wrote.last() == Some(&last.min) && !held.original.contains(&last.min);
        if !left || self.deleted.contains(arn) || self.floors.retired.contains(arn) {
            return Ok(());
        }
        let what = format!(
            "{} ended ({end}), but MinSize of {} is left at {}, it was {:?}",
            held.release, last.fleet, last.min, held.original
        );
        Err(Violation::new("as-found", what))
    }
}

/// Whether Cutover had meant to write what the reading shows, and may take it for its own: whoever writes the same
/// can't be told from it.
fn believed(release: &Release, fleet: &str, min: i32, past: &Past<'_>) -> bool {
    let floor = release.members().find(|member| member.fleet.as_str() == fleet).and_then(|member| member.floor);
    let is = |value: u32, min: i32| i64::from(value) == i64::from(min);
    floor.is_some_and(|floor| {
        let shown = past.shown().into_iter().any(|shown| is(floor.written, shown));
        let was = past.changes.iter().any(|change| is(floor.original, change.min));
        shown && was && floor.releasing && is(floor.original, min)
    })
}

/// What is wrong about writing a MinSize, by what the reading showed.
fn wrong(min: i32, past: &Past<'_>, held: Option<&Held>) -> Option<String> {
    let shown = past.shown();
    let lowers = shown.iter().all(|shown| min < *shown);
    let Some(held) = held else {
        return lowers.then(|| format!("MinSize was lowered from {shown:?} to {min}, held by nobody"));
    };
    let theirs = |min: &i32| !held.wrote.contains(min) && !held.original.contains(min);
    if !shown.is_empty() && shown.iter().all(theirs) {
        return Some(format!(
            "MinSize was set to {shown:?} by somebody else since it was held, and Cutover wrote {min}"
        ));
    }
    let given_back = held.original.contains(&min);
    (lowers && !given_back)
        .then(|| format!("MinSize was {:?} before it was held, and was given back as {min}", held.original))
}
