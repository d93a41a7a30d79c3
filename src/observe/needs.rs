//! The observe stage: what a release needs to see, by the stage it's in. Pure.
//!
//! As little as the decision can use: a steady look at a bake costs one describe of the fleets, one of each fleet's
//! attachments, one of each target group's health, one of the alarms.

use super::{Needs, Past};
use crate::release::policy::InsufficientData;
use crate::release::{AlarmName, HABITS, Release, Span, Stage, Timestamp};

impl Needs {
    /// Adds what another asks for.
    pub fn merge(&mut self, other: Needs) {
        self.fleets.extend(other.fleets);
        self.families.extend(other.families);
        self.attachments.extend(other.attachments);
        self.classic.extend(other.classic);
        self.refreshing.extend(other.refreshing);
        self.targets.extend(other.targets);
        self.groups.extend(other.groups);
        self.named_groups.extend(other.named_groups);
        self.attributes.extend(other.attributes);
        self.alarms.extend(other.alarms);
        self.children |= other.children;
        self.everyone |= other.everyone;
        self.prefixes.extend(other.prefixes);
        for (alarm, past) in other.moves {
            self.past_of(alarm, past);
        }
    }

    /// An alarm that several releases share is read once, as far back as any of them needs.
    fn past_of(&mut self, alarm: AlarmName, past: Past) {
        let merged = self.moves.entry(alarm).or_insert(past);
        merged.from = merged.from.min(past.from);
        merged.moved_after = merged.moved_after.min(past.moved_after);
        merged.even_in_alarm |= past.even_in_alarm;
    }

    /// Adds what a running release needs to see at `now`.
    pub fn of(&mut self, release: &Release, now: Timestamp) {
        let members = || release.members().filter(|member| !member.gone);
        self.fleets.extend(members().map(|member| member.fleet.clone()));
        self.attachments.extend(members().map(|member| member.fleet.clone()));
        if release.ending.is_some() {
            return;
        }
        self.targets.extend(release.groups.keys().cloned());
        if !release.alarms_waived && release.stage != Stage::Rollback {
            self.alarms_of(release, now);
        }
        if release.stage == Stage::Prepare {
            self.gates_of(release);
        } else if release.stage == Stage::Bake && promotion_is_near(release, now) {
            self.refreshing.extend(members().map(|member| member.fleet.clone()));
        }
    }

    /// Adds what a promotion that is asked for now rests on besides: whether the way back works.
    pub fn promotion_of(&mut self, release: &Release) {
        let members = release.members().filter(|member| !member.gone);
        self.refreshing.extend(members.map(|member| member.fleet.clone()));
    }

    fn alarms_of(&mut self, release: &Release, now: Timestamp) {
        let habits = release.started_at - HABITS;
        let baseline = release.policy.insufficient_data == InsufficientData::Baseline;
        let window_over = release.stage == Stage::Watch && now >= release.window_ends();
        for watched in &release.watched {
            self.alarms.insert(watched.alarm.clone());
            let unlearnt = baseline && watched.quiet_before.is_none() && release.stage == Stage::Prepare;
            let evidence = release.evidence_since;
            let past = match (unlearnt, evidence) {
                (true, since) => {
                    let from = since.map_or(habits, |since| since.min(habits));
                    Past { from, moved_after: from, even_in_alarm: true }
                }
                (false, Some(since)) => {
                    let moved_after = watched.cleared.unwrap_or(since);
                    Past { from: since, moved_after, even_in_alarm: window_over }
                }
                (false, None) => continue,
            };
            self.past_of(watched.alarm.clone(), past);
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
