//! The laws, judged after every story by the world's own truth, never by what was answered.

use super::driver::Run;
use super::step::How;
use cutover::release::{Entry, Release, Stage, Status};
use serde_json::json;
use simulated_aws::api::{Call, StateValue};
use simulated_aws::world::{Arrived, Outcome, World};
use std::collections::{BTreeMap, BTreeSet};

/// How long a look may rest on readings before it writes.
const LOOK: i64 = 3_000;

/// What was seen while the story went on.
#[derive(Default)]
pub struct Witness {
    emptied: Vec<String>,
}

impl Witness {
    /// Looks at the truth just behind some writes: **never-empty** is judged by the world of the moment.
    pub fn see(&mut self, world: &World, writes: &[Arrived]) {
        for write in writes.iter().filter(|write| write.outcome == Outcome::Applied) {
            let (fleet, groups) = match &write.call {
                Call::DetachLoadBalancerTargetGroups { asg, target_group_arns } => (asg, target_group_arns.clone()),
                Call::DetachTrafficSources { asg, traffic_sources } => {
                    (asg, traffic_sources.iter().map(|source| source.identifier.clone()).collect())
                }
                _ => continue,
            };
            for group in groups {
                let before = world.healthy_at(&group, write.at - 1);
                let had = before.get(fleet).copied().unwrap_or(0) > 0;
                let others =
                    |at: i64| world.healthy_at(&group, at).iter().any(|(name, count)| name != fleet && *count > 0);
                // What dies after the reading that the detach rests on isn't the detach's doing.
                if had && !others(write.at) && !others(write.at - LOOK) {
                    self.emptied.push(format!("{fleet} was detached from {group} with no other healthy there"));
                }
            }
        }
    }
}

type Law = fn(&mut Run) -> Result<(), String>;

const LAWS: &[(&str, Law)] = &[
    ("never-empty", |run| match run.witness.emptied.first() {
        Some(emptied) => Err(emptied.clone()),
        None => Ok(()),
    }),
    ("alarm-wins", alarm_wins),
    ("one-release", one_release),
    ("mine-only", mine_only),
    ("nothing-lost", nothing_lost),
    ("as-found", as_found),
    ("again-is-nothing", again_is_nothing),
];

/// Whether all laws hold at the end of a story.
pub fn hold(run: &mut Run, excepted: &[String]) -> Result<(), String> {
    if let Some(unknown) = excepted.iter().find(|law| LAWS.iter().all(|(name, _)| name != *law)) {
        return Err(format!("there is no law {unknown}"));
    }
    for (name, law) in LAWS.iter().filter(|(name, _)| excepted.iter().all(|law| law != name)) {
        law(run).map_err(|why| format!("law {name}: {why}"))?;
    }
    Ok(())
}

/// Every release on record with its entries.
fn recorded(run: &Run) -> Vec<(Release, Vec<Entry>)> {
    let record = run.sim.record();
    let mut found = Vec::new();
    for app in record.applications() {
        let entries: Vec<Entry> = record.entries(&app.name).cloned().collect();
        let ids: BTreeSet<_> = entries.iter().map(|entry| entry.release.to_string()).collect();
        for id in ids {
            let of: Vec<Entry> = entries.iter().filter(|entry| entry.release.to_string() == id).cloned().collect();
            if let Some(release) = of.first().and_then(|entry| record.release(&entry.release)) {
                found.push((release.clone(), of));
            }
        }
    }
    found
}

/// An ALARM between the attach and the promotion never ends in a promotion.
fn alarm_wins(run: &mut Run) -> Result<(), String> {
    let world = run.world.borrow();
    for (release, entries) in recorded(run) {
        let promoted = entries.iter().find(|entry| entry.stage == Stage::Detach).map(|entry| entry.at.millis());
        // Without a way back an ALARM is said, and the release goes on.
        if release.blue.iter().all(|member| member.gone) {
            continue;
        }
        let (Some(since), Some(promoted)) = (release.evidence_since, promoted) else { continue };
        for watched in release.watched.iter().filter(|watched| watched.ignored_episode.is_none()) {
            let during = |at: i64| at > since.millis() && at < promoted - LOOK;
            let fired = world.alarm_changes().iter().find(|change| {
                change.alarm == watched.alarm.as_str() && change.to == StateValue::Alarm && during(change.at)
            });
            if let Some(change) = fired.filter(|_| !release.alarms_waived) {
                return Err(format!(
                    "{} was promoted although {} was in ALARM since {}",
                    release.id, change.alarm, change.at
                ));
            }
        }
    }
    Ok(())
}

/// Entries are numbered without a gap, stages only go on, and no two releases of an application run at a time.
fn one_release(run: &mut Run) -> Result<(), String> {
    for app in run.applications() {
        let record = run.sim.record();
        let entries: Vec<&Entry> = record.entries(&app.name).collect();
        let mut acting: Option<String> = None;
        let mut stages: BTreeMap<String, Stage> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            if entry.sequence != index as u64 + 1 {
                return Err(format!("entry {} of {} has number {}", index + 1, app.name, entry.sequence));
            }
            let id = entry.release.to_string();
            let before = stages.insert(id.clone(), entry.stage);
            let halt_promoted = before == Some(Stage::Rollback) && entry.stage == Stage::Detach;
            if before.is_some_and(|before| before > entry.stage) && !halt_promoted {
                return Err(format!("{id} went from {before:?} back to {}", entry.stage));
            }
            let runs = matches!(entry.status, Status::InProgress | Status::RollbackInProgress);
            match (&acting, runs) {
                (Some(other), true) if *other != id => {
                    return Err(format!("{id} acts at entry {} while {other} runs", entry.sequence));
                }
                (_, true) => acting = Some(id),
                (Some(mine), false) if *mine == id && ended(entry) => acting = None,
                _ => {}
            }
        }
    }
    Ok(())
}

fn ended(entry: &Entry) -> bool {
    entry.report["next_check_seconds"] == 0
        || matches!(entry.status, Status::Successful | Status::Rejected | Status::RollbackSuccessful)
}

/// Writes name the release's own fleets and target groups, and are attach, detach, MinSize or a retirement.
fn mine_only(run: &mut Run) -> Result<(), String> {
    let releases = recorded(run);
    let world = run.world.borrow();
    for write in world.writes() {
        let subjects = write.call.subjects();
        let Some((fleet, groups)) = subjects.split_first() else { continue };
        let mine = releases.iter().find(|(release, _)| {
            release.members().any(|member| member.fleet.as_str() == *fleet)
                && groups.iter().all(|group| release.groups.keys().any(|mine| mine.as_str() == *group))
        });
        let Some((release, _)) = mine else { return Err(format!("{:?} is named by no release", write.call)) };
        if let Call::UpdateAutoScalingGroup { desired_capacity, max_size, .. } = &write.call {
            let retires = release.policy.retire_blue != cutover::release::policy::RetireBlue::Keep;
            if max_size.is_some() || (desired_capacity.is_some() && !retires) {
                return Err(format!("{:?} writes more than MinSize", write.call));
            }
        }
    }
    Ok(())
}

/// Every announced entry reached the bus, or is still to be announced.
fn nothing_lost(run: &mut Run) -> Result<(), String> {
    let world = run.world.borrow();
    let mut told: BTreeSet<(String, u64)> = BTreeSet::new();
    for announced in world.announced() {
        let detail: serde_json::Value =
            serde_json::from_str(&announced.entry.detail).map_err(|error| error.to_string())?;
        let application = detail["application"].as_str().unwrap_or_default().to_owned();
        told.insert((application, detail["sequence"].as_u64().unwrap_or(0)));
    }
    let record = run.sim.record();
    for app in record.applications() {
        for entry in record.entries(&app.name).filter(|entry| entry.announced) {
            let told = told.contains(&(app.name.to_string(), entry.sequence));
            if !told && !app.announcing.contains(&entry.sequence) {
                return Err(format!("entry {} of {} was never announced: {}", entry.sequence, app.name, entry.message));
            }
        }
    }
    Ok(())
}

/// Where nothing runs any more, no floor is left that Cutover made.
fn as_found(run: &mut Run) -> Result<(), String> {
    let busy: BTreeSet<String> = run
        .applications()
        .iter()
        .filter_map(|app| app.running.as_ref())
        .flat_map(|release| release.members().map(|member| member.arn.to_string()).collect::<Vec<_>>())
        .collect();
    let retired: BTreeSet<String> = recorded(run)
        .iter()
        .flat_map(|(release, _)| {
            release.members().filter(|member| member.retired).map(|member| member.arn.to_string()).collect::<Vec<_>>()
        })
        .collect();
    let world = run.world.borrow();
    let mut floors: BTreeMap<&str, (i32, i32, bool)> = BTreeMap::new();
    for change in world.floors() {
        let held = floors.entry(&change.arn).or_insert((change.min, change.min, false));
        held.1 = change.min;
        held.2 = change.by == "cutover";
        if !held.2 {
            held.0 = change.min;
        }
    }
    for fleet in world.fleet_names() {
        let Some(arn) = world.fleet_arn(&fleet) else { continue };
        let Some((found, now, ours)) = floors.get(arn) else { continue };
        if *ours && found != now && !busy.contains(arn) && !retired.contains(arn) {
            return Err(format!("MinSize of {fleet} was {found} and is left at {now}"));
        }
    }
    Ok(())
}

/// Two more looks: the second writes nothing at all.
fn again_is_nothing(run: &mut Run) -> Result<(), String> {
    let check = json!({"command": "check"});
    run.transcript.hush(true);
    run.invoke("again", &check, false, How::ONCE);
    run.invoke("again", &check, false, How::ONCE);
    run.transcript.hush(false);
    let announcing = run.applications().iter().any(|app| !app.announcing.is_empty());
    let writes = run.last.as_ref().map_or(0, |last| last.calls.iter().filter(|call| call.write).count());
    match writes {
        0 => Ok(()),
        _ if announcing => Ok(()),
        _ => Err(format!("a second look in a row made {writes} writes")),
    }
}
