//! The observe stage: what a release needs to see, by the stage it's in. Pure.
//!
//! As little as the decision can use: a steady look at a bake costs one describe of the fleets, one of each fleet's
//! attachments, one of each target group's health, one of the alarms.

use super::Needs;
use crate::release::policy::InsufficientData;
use crate::release::{HABITS, Release, Span, Stage, Timestamp};

impl Needs {
    /// Adds what a running release needs to see at `now`.
    pub fn of(&mut self, release: &Release, now: Timestamp) {
        let members = || release.members().filter(|member| !member.gone);
        self.fleets.extend(members().map(|member| member.fleet.clone()));
        self.attachments.extend(members().map(|member| member.fleet.clone()));
        if release.ending.is_some() {
            return;
        }
        self.targets.extend(release.groups.keys().cloned());
        if !release.alarms_waived {
            self.alarms_of(release);
        }
        if release.stage == Stage::Prepare {
            self.gates_of(release);
        } else if release.stage == Stage::Bake && promotion_is_near(release, now) {
            self.refreshing.extend(members().map(|member| member.fleet.clone()));
        }
    }

    fn alarms_of(&mut self, release: &Release) {
        let habits = release.started_at - HABITS;
        let baseline = release.policy.insufficient_data == InsufficientData::Baseline;
        for watched in &release.watched {
            self.alarms.insert(watched.alarm.clone());
            let unlearnt = baseline && watched.quiet_before.is_none() && release.stage == Stage::Prepare;
            let evidence = release.evidence_since.map(|since| (since, watched.cleared.unwrap_or(since)));
            let wanted = match (unlearnt, evidence) {
                (true, Some((since, _))) => Some((habits.min(since), habits.min(since))),
                (true, None) => Some((habits, habits)),
                (false, evidence) => evidence,
            };
            if let Some((from, moved_after)) = wanted {
                let entry = self.moves.entry(watched.alarm.clone()).or_insert((from, moved_after));
                // An alarm that several releases share is read once, as far back as any of them needs.
                *entry = (entry.0.min(from), entry.1.min(moved_after));
            }
        }
    }

    fn gates_of(&mut self, release: &Release) {
        let members = || release.members().filter(|member| !member.gone);
        self.classic.extend(members().map(|member| member.fleet.clone()));
        self.refreshing.extend(members().map(|member| member.fleet.clone()));
        self.groups.extend(release.groups.keys().cloned());
        self.attributes.extend(release.groups.keys().cloned());
        self.children = true;
        self.everyone = true;
    }
}

fn promotion_is_near(release: &Release, now: Timestamp) -> bool {
    let length = Span::seconds(release.bake_time_seconds);
    release.baked_at.is_some() || release.promoted_by.is_some() || release.bake.read(now) >= length
}
