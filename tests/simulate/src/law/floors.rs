//! **as-found**: MinSize is held upward, given back exactly, and somebody else's word counts.

use super::{Judge, Look, Violation};
use crate::tally::Tally;
use crate::watch::{Watch, Write};
use cutover::release::{Application, Release};
use simulated_aws::api::{Call, Millis};
use simulated_aws::ports::Record;
use simulated_aws::world::{FloorChange, World};
use std::collections::BTreeMap;

/// A floor that Cutover holds in truth.
#[derive(Clone, Debug)]
struct Held {
    release: String,
    /// What MinSize was before.
    original: i32,
    /// What it wrote, last of all its last: whoever writes the same can't be told from it.
    wrote: Vec<i32>,
    /// When it wrote last.
    at: Millis,
}

/// Every floor, by the fleet's ARN.
#[derive(Default)]
pub(super) struct Floors {
    held: BTreeMap<String, Held>,
    retired: Vec<String>,
}

impl Judge {
    /// A fleet was deleted: nobody has to give anything back to it.
    pub(super) fn fleet_deleted(&mut self, arn: &str) {
        self.floors.retired.push(arn.to_owned());
    }

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
            self.floors.held.remove(&arn);
            self.floors.retired.push(arn);
            return Ok(());
        }
        let read_at = look.since.unwrap_or(write.at);
        let stale = watch.world.settings.max_stale;
        let of = |change: &&FloorChange| change.arn == arn && change.at < write.at;
        let changes: Vec<&FloorChange> = watch.world.floors().iter().filter(of).collect();
        let others = |change: &&&FloorChange| change.by != "cutover" && change.by != "created";
        // What somebody else changed behind the reading, Cutover couldn't know.
        let unseen = changes.iter().filter(others).any(|change| change.at >= read_at - stale);
        if unseen {
            tally.note("a MinSize changed between the reading and the write");
        }
        let seen = changes.iter().rfind(|change| change.at <= read_at).map_or(0, |change| change.min);
        let held = self.floors.held.get(&arn).filter(|held| held.release == id).cloned();
        if let Some(held) = &held {
            let foreign = |change: &&&FloorChange| {
                others(change)
                    && change.at > held.at
                    && !held.wrote.contains(&change.min)
                    && change.min != held.original
            };
            if let Some(change) = changes.iter().find(foreign).filter(|_| !unseen) {
                let what = format!(
                    "MinSize of {asg} was set to {} by {} after Cutover had held it, and Cutover wrote {min}",
                    change.min, change.by
                );
                return Err(Violation::new("as-found", what));
            }
        }
        match held {
            None if *min < seen && !unseen => Err(Violation::new(
                "as-found",
                format!("MinSize of {asg} was lowered from {seen} to {min}, held by nobody"),
            )),
            Some(held) if *min < seen && *min != held.original && !unseen => {
                let what =
                    format!("MinSize of {asg} was {} before it was held, and was given back as {min}", held.original);
                Err(Violation::new("as-found", what))
            }
            held => {
                if write.done {
                    let (original, mut wrote) = held.map_or((seen, Vec::new()), |held| (held.original, held.wrote));
                    wrote.push(*min);
                    self.floors.held.insert(arn, Held { release: id, original, wrote, at: write.at });
                }
                Ok(())
            }
        }
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
            let last = world.floors().iter().rfind(|change| change.arn == arn);
            let Some(last) = last.filter(|last| world.fleet_arn(&last.fleet) == Some(arn.as_str())) else { continue };
            let left = last.by == "cutover" && held.wrote.last() == Some(&last.min) && last.min != held.original;
            if left && !self.floors.retired.contains(&arn) {
                let end = item.last.as_ref().and_then(|id| record.release(id)).map(|release| release.status);
                let what = format!(
                    "{} ended ({end:?}), but MinSize of {} is left at {}, it was {}",
                    held.release, last.fleet, last.min, held.original
                );
                return Err(Violation::new("as-found", what));
            }
            self.floors.held.remove(&arn);
        }
        Ok(())
    }
}
