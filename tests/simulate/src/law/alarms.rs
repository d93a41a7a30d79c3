//! **alarm-wins** and **unknown-never-promotes**: what a promotion rests on.

use super::{CLOCKS, Judge, Known, Look, START, Version, Violation};
use crate::watch::{Watch, What, Write};
use cutover::release::{Release, ReleaseId, Stage, Status};
use simulated_aws::api::{Millis, StateValue};
use simulated_aws::ports::Record;
use simulated_aws::world::{Span, World};

/// How far back the baseline of an alarm reaches.
const DAY: Millis = 86_400_000;

impl Judge {
    /// Blue was detached in favour of green.
    pub(super) fn promoted(
        &mut self,
        app: usize,
        write: &Write,
        look: &Look<'_>,
        release: &Release,
        watch: &Watch,
    ) -> Result<(), Violation> {
        let id = release.id.to_string();
        let Some(known) = self.releases.get_mut(&id) else { return Ok(()) };
        if known.waived(release) {
            return Ok(());
        }
        let first = known.promoted_at.is_none();
        known.promoted_at.get_or_insert(write.at);
        let (known, version) = (known.clone(), self.version(app, release));
        for group in self.apps[app].groups.clone() {
            let Some(arn) = watch.world.group_arn(&group) else { continue };
            if !release.groups.keys().any(|of| of.as_str() == arn) {
                continue;
            }
            let healthy = watch.world.healthy_at(&group, write.at - 1);
            if !release.blue.iter().any(|member| healthy.contains_key(member.fleet.as_str())) {
                continue;
            }
            if look.last(|what| *what == What::Targets(arn.clone())).is_none() {
                let what = format!("promoted though the targets of {group} weren't read");
                return Err(Violation::new("unknown-never-promotes", what));
            }
        }
        let mut there = release.members().filter(|member| self.there(member, &watch.world));
        let unread = there.find(|member| !look.shows(member.fleet.as_str()));
        if let Some(member) = unread.filter(|_| first) {
            let what = format!("{} was detached though {} wasn't read", fleet(write), member.fleet);
            return Err(Violation::new("unknown-never-promotes", what));
        }
        let Some(since) = watched_since(release, &known, &version) else { return Ok(()) };
        let asked_for = release.promoted_by.is_some() && self.said(app, "promote");
        if first && !asked_for {
            self.baked(app, write.at, release, &known, &version, &watch.world)?;
        }
        for alarm in self.watched(app, &known, &version) {
            let read = look.last(|what| matches!(what, What::Alarms(names) if names.contains(&alarm)));
            let Some(at) = read else {
                let what = format!("{} was detached though {alarm} wasn't read", fleet(write));
                return Err(Violation::new("unknown-never-promotes", what));
            };
            self.in_alarm(&id, &alarm, since, at, &version.policy, &watch.world)?;
            if first {
                self.unknown(&id, &alarm, at, &known, &version.policy, &watch.world)?;
            }
        }
        Ok(())
    }

    /// A bake lasts as long as its tag says, or as its alarms need to see anything, from when green first served in
    /// every group.
    fn baked(
        &self,
        app: usize,
        at: Millis,
        release: &Release,
        known: &Known,
        version: &Version,
        world: &World,
    ) -> Result<(), Violation> {
        let slowest = || {
            let alarms = self.watched(app, known, version);
            alarms.iter().filter_map(|alarm| world.alarm_sees_within(alarm)).max().unwrap_or(0)
        };
        let tagged = Millis::from(version.least("bake_time_seconds")) * 1_000;
        let least = tagged.max(if version.extends_bake() { slowest() } else { 0 });
        let green = release.green.fleet.as_str();
        let named = |group: &String| {
            let arn = world.group_arn(group);
            release.groups.keys().any(|of| Some(of.as_str()) == arn.as_deref())
        };
        // How many are enough is never-empty's to say.
        let served = known.required.keys().filter(|group| named(group)).map(|group| {
            let serves = |span: &&Span| span.fleets.get(green).is_some_and(|flow| flow.healthy > 0);
            world.spans(group).iter().find(serves).map_or(Millis::MAX, |span| span.from)
        });
        // Of a green that was born attached it's seen only by the save that its look, seconds earlier, led to.
        let began = known.attached_at.filter(|_| !born(release)).unwrap_or(known.since);
        let from = served.max().unwrap_or(began).max(began);
        // A look is dated by its beginning, and by its own clock.
        if at - from >= least - CLOCKS - 1_000 {
            return Ok(());
        }
        let (baked, least) = ((at - from) / 1_000, least / 1_000);
        let what =
            format!("{} was promoted {baked} s after green began to serve, within its bake of {least} s", release.id);
        Err(Violation::new("alarm-wins", what))
    }

    /// What a release watches: by a prefix, what was there when it started.
    fn watched(&self, app: usize, known: &Known, version: &Version) -> Vec<String> {
        let by_prefix = version.policy.contains_key("alarm_prefix");
        let absent = |alarm: &String| {
            let then = |(name, from, to): &(String, Millis, Millis)| {
                name == alarm && *from <= known.since && *to >= known.since - START
            };
            by_prefix && self.broken.iter().any(then)
        };
        self.apps[app].alarms.iter().filter(|alarm| !absent(alarm)).cloned().collect()
    }

    fn in_alarm(
        &mut self,
        id: &str,
        alarm: &str,
        since: Millis,
        at: Millis,
        policy: &std::collections::BTreeMap<&'static str, String>,
        world: &World,
    ) -> Result<(), Violation> {
        let changes = || world.alarm_changes().iter().filter(|change| change.alarm == alarm && change.at <= at);
        if let Some(change) = changes().find(|change| change.to == StateValue::Alarm && change.at > since + CLOCKS) {
            let what = format!("{id} was promoted at {at} though {alarm} went to ALARM at {}", change.at);
            return Err(Violation::new("alarm-wins", what));
        }
        let ignores = policy.get("in_alarm_at_start").is_some_and(|word| word == "ignore");
        let last = changes().next_back().filter(|change| change.to == StateValue::Alarm);
        match last {
            Some(change) if !ignores => {
                let what = format!("{id} was promoted at {at} though {alarm} is in ALARM since {}", change.at);
                Err(Violation::new("alarm-wins", what))
            }
            _ => Ok(()),
        }
    }

    fn unknown(
        &mut self,
        id: &str,
        alarm: &str,
        at: Millis,
        known: &Known,
        policy: &std::collections::BTreeMap<&'static str, String>,
        world: &World,
    ) -> Result<(), Violation> {
        let began = known.since;
        let wrong = |what: String| Err(Violation::new("unknown-never-promotes", what));
        if let Some((_, from, to)) = self.broken.iter().find(|(name, from, to)| name == alarm && *from < at && at < *to)
        {
            return wrong(format!(
                "{id} was promoted at {at} though {alarm} was missing or impaired from {from} to {to}"
            ));
        }
        let changes = || world.alarm_changes().iter().filter(|change| change.alarm == alarm && change.at <= at);
        let Some(last) = changes().next_back().filter(|change| change.to == StateValue::InsufficientData) else {
            return Ok(());
        };
        let strict = policy.get("insufficient_data").is_some_and(|word| word == "unknown");
        let quiet = |change: &simulated_aws::world::AlarmChange| {
            let moved = [change.from, change.to].contains(&StateValue::InsufficientData);
            moved && change.at <= began && change.at > began - DAY
        };
        if strict
            || (last.at > began
                && !known.silent.contains(alarm)
                && !changes().any(quiet)
                && self.apps.iter().any(|app| app.by_hand.contains(&alarm.to_owned())))
        {
            return wrong(format!("{id} was promoted at {at} though {alarm} is INSUFFICIENT_DATA since {}", last.at));
        }
        Ok(())
    }

    /// A release with a way back doesn't end `successful` over an ALARM of its window, and not before the window's end.
    pub(super) fn outlived_alarm(&self, app: usize, id: &str, record: &Record, watch: &Watch) -> Result<(), Violation> {
        let world = &watch.world;
        let ended = ReleaseId::parse(id).ok().and_then(|id| record.release(&id));
        let ended = ended.filter(|release| release.stage == Stage::Watch && release.status == Status::Successful);
        let Some((release, ended_at)) = ended.and_then(|release| Some((release, release.ended_at?.millis()))) else {
            return Ok(());
        };
        let Some(known) = self.releases.get(id).filter(|known| !known.was_halted) else { return Ok(()) };
        let version = self.version(app, release);
        let Some(since) = watched_since(release, known, &version) else { return Ok(()) };
        // A blue that is there at the end of all was there all along.
        if release.blue.is_empty() || !release.blue.iter().all(|member| self.there(member, world) || !member.gone) {
            return Ok(());
        }
        let alarms = self.watched(app, known, &version);
        let missing =
            self.broken.iter().any(|(name, from, to)| alarms.contains(name) && *from < ended_at && *to > since);
        let unread = watch.alarms_unread.iter().any(|at| *at > since && *at < ended_at);
        if (missing || unread) && release.warnings.iter().any(|warning| warning.contains("without knowing")) {
            return Ok(());
        }
        let mut entries = record.entries(release.id.application()).filter(|entry| entry.release == release.id);
        let began = entries.find(|entry| entry.stage == Stage::Watch).map_or(ended_at, |entry| entry.at.millis());
        let until = began + i64::from(version.least("rollback_window_seconds")) * 1_000;
        if ended_at < until {
            let what = format!("{id} ended successful at {ended_at}, before its window's end at {until}");
            return Err(Violation::new("alarm-wins", what));
        }
        let within = |at: Millis| at > since + CLOCKS && at < until - CLOCKS;
        let fired = world
            .alarm_changes()
            .iter()
            .find(|change| change.to == StateValue::Alarm && within(change.at) && alarms.contains(&change.alarm));
        fired.map_or(Ok(()), |change| {
            let what = format!("{id} ended successful though {} went to ALARM at {}", change.alarm, change.at);
            Err(Violation::new("alarm-wins", what))
        })
    }

    /// Which releases met an ALARM, or something unreadable, while they were to be promoted.
    pub(super) fn evidence_at_stake(&mut self, id: &str, alarms: &[String], to: Millis, world: &World) {
        let Some(since) = self.releases.get(id).and_then(|known| known.attached_at) else { return };
        let within = |at: Millis| at > since && at <= to;
        let fired = world
            .alarm_changes()
            .iter()
            .any(|change| within(change.at) && change.to == StateValue::Alarm && alarms.contains(&change.alarm));
        let unclear =
            self.broken.iter().any(|(name, from, until)| alarms.contains(name) && *from <= to && *until >= since)
                || world.alarm_changes().iter().any(|change| {
                    within(change.at) && change.to == StateValue::InsufficientData && alarms.contains(&change.alarm)
                });
        if fired {
            self.stake(id, "alarm-wins");
        }
        if unclear {
            self.stake(id, "unknown-never-promotes");
        }
    }
}

/// From when on the alarms of a release count: its attach; of a green that was born attached, its beginning.
fn watched_since(release: &Release, known: &Known, version: &Version) -> Option<Millis> {
    if born(release) { Some(version.at) } else { known.attached_at }
}

/// Whether green was attached somewhere before its release began.
fn born(release: &Release) -> bool {
    release.green.found_groups().next().is_some()
}

fn fleet(write: &Write) -> String {
    write.call.subjects().first().map(|name| (*name).to_owned()).unwrap_or_default()
}
