//! The nine laws, each a check with its name. They are judged by what is true in the world and what happened in it. Of
//! the product's record they take which release runs, with its fleets, groups and intents, who holds its lease, and how
//! and when it ended: what it believes of health and alarms they don't. That a window ended without knowing is believed
//! only where something couldn't be read.

mod alarms;
mod capacity;
mod ends;
mod floors;
mod intent;
mod lease;
mod look;
mod people;
mod record;
mod rights;
mod stakes;
mod version;
mod waits;

use crate::play::Going;
use crate::setting::App;
use crate::tally::Tally;
use crate::watch::{Watch, Write};
use cutover::release::{Application, Release, ReleaseId, Stage, Status};
use look::Look;
use simulated_aws::api::{Call, Millis, StateValue};
use simulated_aws::ports::Record;
use simulated_aws::world::World;
use std::collections::{BTreeMap, BTreeSet};
use version::Version;

/// The laws' names, the gravest first.
pub const LAWS: [&str; 9] = [
    "never-empty",
    "alarm-wins",
    "unknown-never-promotes",
    "one-release",
    "again-is-nothing",
    "as-found",
    "mine-only",
    "always-ends",
    "nothing-lost",
];

/// A panic of the product's, counted beside the laws.
pub const PANIC: &str = "panic";

/// Two clocks may differ so much; within it, which came first can't be said.
const CLOCKS: Millis = 2_000;
/// Between the look that a start rests on and its save there's at most so much time.
const START: Millis = 30_000;

/// A law that was broken.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which.
    pub law: &'static str,
    /// How.
    pub what: String,
}

impl Violation {
    /// By its law's name.
    pub fn new(law: &'static str, what: impl Into<String>) -> Self {
        Self { law, what: what.into() }
    }
}

/// What a judge knows of one release.
#[derive(Clone, Debug, Default)]
struct Known {
    /// When it was first seen running; 0: not yet.
    since: Millis,
    /// By group, the least of blue that was healthy about then: the product can't have seen less.
    blue: BTreeMap<String, u32>,
    /// Alarms that had no data then.
    silent: BTreeSet<String>,
    /// When green was first attached by Cutover; if somebody else did, when its release was first seen to go on from there.
    attached_at: Option<Millis>,
    /// The least that is required by group, as it was true at the reading that the attach rests on.
    required: BTreeMap<String, u32>,
    /// It is halted.
    halted: bool,
    /// It was, at any time.
    was_halted: bool,
    /// A person has promoted it in a halt.
    promoted_in_halt: bool,
    /// When Cutover first detached blue.
    promoted_at: Option<Millis>,
    /// The invocation that wrote last.
    writer: Option<u64>,
    /// It ran when the trouble ended.
    outran_trouble: bool,
}

impl Known {
    /// Whether a person's `promote` in a halt was taken: then only green's health is asked for.
    fn waived(&self, release: &Release) -> bool {
        self.promoted_in_halt && release.alarms_waived
    }
}

/// What is new of an application.
#[derive(Clone, Copy, Debug, Default)]
pub struct News {
    /// Its release has just halted.
    pub halted: bool,
}

/// The judge of one world.
pub struct Judge {
    apps: Vec<App>,
    versions: Vec<Vec<Version>>,
    releases: BTreeMap<String, Known>,
    /// The last writes, with who did them and to which application.
    writes: Vec<(Millis, u64, usize)>,
    /// Alarms that were missing or impaired: from when, until when.
    broken: Vec<(String, Millis, Millis)>,
    /// Which fleet Cutover attached to which group (or detached: false) when, unless somebody else did anything there
    /// since.
    linked: BTreeMap<(String, String), (bool, Millis)>,
    /// What people did to links, and what Cutover couldn't.
    handled: BTreeMap<(String, String), ends::Handled>,
    /// The releases whose end was judged.
    ended: BTreeSet<String>,
    /// The ARNs of fleets that somebody deleted, however long they take to be gone.
    deleted: BTreeSet<String>,
    /// Whether there is a bus that is to be told.
    bus: bool,
    /// The stage and status that releases were seen in, each once.
    stood: BTreeSet<(ReleaseId, Stage, Status)>,
    /// What people said, by application.
    said: BTreeSet<(usize, &'static str)>,
    /// Fleets that were made anew under an old name, and when.
    made_anew: Vec<(String, Millis)>,
    floors: floors::Floors,
    /// By application.
    seen: Vec<record::Seen>,
    /// How often what was carried out, by release, in the words that an entry has for it.
    acted: BTreeMap<(String, record::Sentence), usize>,
    at_stake: BTreeSet<(String, &'static str)>,
}

impl Judge {
    /// A judge of a world with these applications; `bus`: there is one to announce on.
    pub fn new(apps: &[App], bus: bool) -> Self {
        Self {
            apps: apps.to_vec(),
            deleted: BTreeSet::new(),
            bus,
            stood: BTreeSet::new(),
            said: BTreeSet::new(),
            versions: vec![Vec::new(); apps.len()],
            releases: BTreeMap::new(),
            writes: Vec::new(),
            broken: Vec::new(),
            linked: BTreeMap::new(),
            handled: BTreeMap::new(),
            ended: BTreeSet::new(),
            made_anew: Vec::new(),
            floors: floors::Floors::default(),
            seen: vec![record::Seen::default(); apps.len()],
            acted: BTreeMap::new(),
            at_stake: BTreeSet::new(),
        }
    }

    /// A version was launched.
    pub fn launched(&mut self, app: usize, green: &str, at: Millis, policy: &[(&'static str, String)]) {
        let policy = policy.iter().cloned().collect();
        // A fleet that is made anew has the tags that it was first made with; what a release took of the one before stays.
        let before = self.versions[app].iter().rfind(|version| version.green == green);
        let retagged = before.map(|version| version.retagged.clone()).unwrap_or_default();
        self.versions[app].push(Version { green: green.to_owned(), at, policy, retagged });
    }

    /// An alarm is missing or impaired from now on.
    pub fn alarm_breaks(&mut self, alarm: &str, at: Millis) {
        self.broken.push((alarm.to_owned(), at, Millis::MAX));
    }

    /// It's well again.
    pub fn alarm_mended(&mut self, alarm: &str, at: Millis) {
        for broken in self.broken.iter_mut().filter(|broken| broken.0 == alarm && broken.2 == Millis::MAX) {
            broken.2 = at;
        }
    }

    /// Whether the last version that was launched is on record.
    pub fn took_up(&self, app: usize) -> bool {
        let count =
            self.releases.keys().filter(|id| id.rsplit_once('.').is_some_and(|(name, _)| name == self.apps[app].name));
        count.count() >= self.versions[app].len()
    }

    /// What the record shows of an application after some time.
    pub fn look(
        &mut self,
        app: usize,
        item: &Application,
        watch: &Watch,
        record: &Record,
        tally: &mut Tally,
    ) -> Result<News, Violation> {
        let world = &watch.world;
        let mut news = News::default();
        if let Some(running) = &item.running {
            let id = running.id.to_string();
            if self.releases.get(&id).is_none_or(|known| known.since == 0) {
                self.begins(app, running, world);
            }
            self.stood.insert((running.id.clone(), running.stage, running.status));
            let known = self.releases.entry(id.clone()).or_default();
            news.halted = running.halted() && !known.halted;
            known.halted = running.halted();
            known.was_halted |= known.halted;
            if running.stage > Stage::Prepare {
                known.attached_at.get_or_insert(world.now());
            }
            if news.halted {
                tally.note("halts");
            }
        }
        for pending in &item.queue {
            self.releases.entry(pending.id.to_string()).or_default();
        }
        if let Some(last) = &item.last {
            self.releases.entry(last.to_string()).or_default();
        }
        let mut kept = item.last.iter().chain(&item.last_served).filter_map(|id| record.release(id));
        kept.try_for_each(|release| self.ended(app, release, watch))?;
        if item.running.is_none() {
            self.floors_given_back(app, item, world, record)?;
        }
        Ok(news)
    }

    fn begins(&mut self, app: usize, release: &Release, world: &World) {
        let silent = |alarm: &&String| world.alarm_state(alarm) == Some(StateValue::InsufficientData);
        let silent = self.apps[app].alarms.iter().filter(silent).cloned().collect();
        let mut known = Known { since: world.now(), silent, ..Known::default() };
        let about = world.now() - START - world.settings.max_stale;
        for group in &self.apps[app].groups {
            known.blue.insert(group.clone(), capacity::least(world, group, release, about, world.now()));
        }
        self.releases.insert(release.id.to_string(), known);
    }

    /// What is on record stays there.
    pub fn record(&mut self, record: &Record) -> Result<(), Violation> {
        self.apps.iter().zip(&mut self.seen).try_for_each(|(app, seen)| seen.only_grows(record, &app.id))
    }

    /// One write of Cutover's, by every law that it may break.
    pub fn write(
        &mut self,
        write: &Write,
        watch: &Watch,
        by: Option<&Going>,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let look = Look::of(write, watch, by);
        let (app, release) = self.may_write(write, &look, watch)?;
        let id = release.id.to_string();
        if self.releases.get(&id).is_none_or(|known| known.since == 0) {
            self.begins(app, &release, &watch.world);
        }
        if release.ended() {
            let what =
                format!("{id} has ended as {}, and something is written for it: {:?}", release.status, write.call);
            return Err(Violation::new("again-is-nothing", what));
        }
        self.written(app, &id, write);
        lease::held(write, by)?;
        self.one_at_a_time(app, write, &look)?;
        self.intended(write, &release)?;
        self.needed(app, write, &look, watch)?;
        self.floor(write, &look, &release, watch, tally)?;
        if let Some((fleet, groups, false)) = link(&write.call) {
            self.leaves(app, fleet, &groups, write, watch);
        }
        if !write.done {
            return Ok(());
        }
        self.writes.push((write.at, write.by, app));
        let sentence = self.sentence(app, &write.call, watch);
        *self.acted.entry((id.clone(), sentence)).or_default() += 1;
        let Some((fleet, groups, attach)) = link(&write.call) else { return Ok(()) };
        if attach {
            self.attached(app, fleet, write, &look, &release, watch);
            return Ok(());
        }
        self.detached(app, fleet, &groups, write, &look, &release, watch, tally)
    }

    /// At the end of a world: what only then can be judged.
    pub fn end(&mut self, watch: &Watch, record: &Record, tally: &mut Tally) -> Result<(), Violation> {
        let world = &watch.world;
        let ids: Vec<String> = self.releases.keys().cloned().collect();
        for app in 0..self.apps.len() {
            let name = self.apps[app].id.clone();
            record::in_order(record, &name)?;
            record::announced(record, &name, world, self.bus)?;
            record::told(record, self.stood.iter().filter(|(id, ..)| *id.application() == name))?;
            record::acted(record, &name, &self.acted)?;
            record::reasoned(record, &name)?;
            for id in ids.iter().filter(|id| id.rsplit_once('.').is_some_and(|(of, _)| of == name.as_str())) {
                self.outlived_alarm(app, id, record, watch)?;
                let status = record::end_of(record, id)?;
                self.ended_as(id, &status);
                *tally.ends.entry(status).or_default() += 1;
                let until = self.releases.get(id).and_then(|known| known.promoted_at).or(record::ended_at(record, id));
                let alarms = self.apps[app].alarms.clone();
                self.evidence_at_stake(id, &alarms, until.unwrap_or(Millis::MAX), world);
            }
        }
        Ok(())
    }

    /// The policy that a fleet was tagged with.
    pub fn policy_of(&self, app: usize, fleet: &str) -> Option<Vec<(&'static str, String)>> {
        let version = self.versions[app].iter().rfind(|version| version.green == fleet)?;
        Some(version.policy.iter().map(|(field, value)| (*field, value.clone())).collect())
    }

    /// The version that a release is of, tagged as it was until it went on from `prepare`: up to then a command may take
    /// over, with the tags of its moment.
    fn version(&self, app: usize, release: &Release) -> Version {
        self.version_of(app, release.green.fleet.as_str(), &release.id.to_string()).unwrap_or_default()
    }

    fn version_of(&self, app: usize, green: &str, release: &str) -> Option<Version> {
        let version = self.versions[app].iter().rfind(|version| version.green == green).cloned()?;
        let attached_at = self.releases.get(release).and_then(|known| known.attached_at);
        Some(version.until(attached_at.unwrap_or(Millis::MAX)))
    }
}

/// Which fleet a call links to which groups; true: attaches.
fn link(call: &Call) -> Option<(&str, Vec<&str>, bool)> {
    let subjects = call.subjects();
    let (fleet, groups) = subjects.split_first()?;
    let attach = match call {
        Call::AttachLoadBalancerTargetGroups { .. } | Call::AttachTrafficSources { .. } => true,
        Call::DetachLoadBalancerTargetGroups { .. } | Call::DetachTrafficSources { .. } => false,
        _ => return None,
    };
    Some((fleet, groups.to_vec(), attach))
}
