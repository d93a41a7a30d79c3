//! One world from its beginning to its end: time, what knocks, what strikes, invocations side by side.

mod again;
mod deeds;
mod knock;
mod versions;

use crate::agenda::{Agenda, Task};
use crate::cut::Cut;
use crate::faults::Classes;
use crate::law::{Judge, PANIC, Violation};
use crate::setting::{self, App, Setting};
use crate::tally::Tally;
use crate::watch::Watch;
use cutover::error::Error;
use cutover::release::{Application, Span, Timestamp};
pub use knock::Going;
use serde_json::Value;
use simulated_aws::ports::{Executor, InProcess};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use versions::Versions;

/// The most invocations side by side.
pub const SIDE_BY_SIDE: usize = 8;
/// While invocations are under way, who knocks is looked for this often.
const SLICE: i64 = 250;
/// Trouble lasts so long at most, whatever is still to come.
const LONGEST: i64 = 12 * 3_600_000;
/// Within so much time after the trouble has ended, everything ends or halts: the longest policy of `setting.rs`, three
/// times over (a queue's next ones), with room.
const BOUND: i64 = 6 * 3_600_000;

type Answer = Result<Value, Error>;

/// One world, being played.
pub struct Play {
    pub watch: Rc<RefCell<Watch>>,
    pub sim: InProcess,
    pub tally: Tally,
    pub apps: Vec<App>,
    pub judge: Judge,
    classes: Classes,
    settle: u32,
    timeout: Span,
    rng: fastrand::Rng,
    executor: Executor<'static, Answer>,
    pub going: BTreeMap<usize, Going>,
    agenda: Agenda,
    versions: Vec<Versions>,
    invoked: u64,
    calm: bool,
    broken: Vec<String>,
    persons: u32,
    story: Option<Vec<String>>,
    /// How many pieces of trouble there were, and which of them are left out.
    trouble: u64,
    left_out: BTreeSet<u64>,
    /// How many saves had been made when the record was looked at last.
    saves: u64,
    /// The same, of the judges' look at it.
    recorded: u64,
    start: i64,
    /// How far the last clock was off, in milliseconds.
    skew: i64,
    /// The most awaits that an invocation came to.
    deepest: u32,
}

/// Plays a world; its counts, the violation if there is one, and the story if it is asked for.
pub fn play(seed: u64, cut: &Cut, tell: bool) -> (Tally, Option<Violation>, Vec<String>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let setting = setting::set_up(&mut rng, cut.classes);
    let mut play = Play::new(setting, rng, cut, tell);
    play.watch.borrow_mut().sim = Some(play.sim.clone());
    let played = catch_unwind(AssertUnwindSafe(|| play.run()));
    let violation = played.unwrap_or_else(|why| Err(Violation::new(PANIC, said(why.as_ref())))).err();
    // The two hold each other.
    play.watch.borrow_mut().sim = None;
    play.count(violation.as_ref());
    (play.tally, violation, play.story.unwrap_or_default())
}

/// What a panic says.
fn said(why: &(dyn std::any::Any + Send)) -> String {
    let text = why.downcast_ref::<String>().map(String::as_str).or(why.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked").to_owned()
}

impl Play {
    fn new(setting: Setting, mut rng: fastrand::Rng, cut: &Cut, tell: bool) -> Self {
        let start = setting.world.now();
        let watch = Rc::new(RefCell::new(Watch::new(setting.world, rng.fork())));
        let bus = setting.ports.event_bus.is_some();
        let sim = InProcess::new(watch.clone(), setting.ports);
        let executor = sim.executor();
        let versions = setting.apps.iter().map(|app| Versions { fleets: app.first.clone(), ..Versions::default() });
        Self {
            versions: versions.collect(),
            judge: Judge::new(&setting.apps, bus),
            apps: setting.apps,
            classes: setting.classes,
            settle: setting.settle,
            timeout: setting.timeout,
            tally: Tally { worlds: 1, digest: 0xcbf2_9ce4_8422_2325, ..Tally::default() },
            agenda: Agenda::default(),
            going: BTreeMap::new(),
            invoked: 0,
            saves: 0,
            recorded: 0,
            trouble: 0,
            left_out: cut.left_out.clone(),
            calm: false,
            broken: Vec::new(),
            persons: 0,
            story: tell.then(Vec::new),
            watch,
            sim,
            executor,
            rng,
            start,
            skew: 0,
            deepest: 0,
        }
    }

    /// The present moment.
    pub fn now(&self) -> i64 {
        self.sim.now().millis()
    }

    /// Puts a sentence into the story, if one is told.
    pub fn tell(&mut self, sentence: impl FnOnce() -> String) {
        let since = self.now() - self.start;
        if let Some(story) = &mut self.story {
            story.push(format!("+{:02}:{:02}.{:03} {}", since / 60_000, since / 1000 % 60, since % 1000, sentence()));
        }
    }

    /// Asks an application's item, if there is one.
    pub fn item<T>(&self, app: usize, ask: impl FnOnce(&Application) -> T) -> Option<T> {
        self.sim.record().application(&self.apps[app].id).map(ask)
    }

    fn run(&mut self) -> Result<(), Violation> {
        self.count_setting();
        self.plan();
        let mut ends_by = None;
        loop {
            self.knock();
            while let Some(task) = self.agenda.take(self.now()) {
                self.perform(task)?;
            }
            self.observe()?;
            if self.over() {
                break;
            }
            self.pass()?;
            if ends_by.is_none() && self.calm_down() {
                ends_by = Some(self.now() + BOUND);
            }
            if ends_by.is_some_and(|by| self.now() > by) && self.executor.running() == 0 {
                return Err(self.stuck());
            }
        }
        self.finale()
    }

    /// Lets time pass until the next thing happens.
    fn pass(&mut self) -> Result<(), Violation> {
        let now = self.now();
        let due = self.watch.borrow().world.next_due();
        let next = [due, self.agenda.next()].into_iter().flatten().filter(|at| *at > now).min().unwrap_or(now + 60_000);
        if self.executor.running() > 0 {
            let until = next.min(now + SLICE);
            let ended = self.executor.run_until(Timestamp::from_millis(until));
            for (task, ended) in ended {
                self.ended(task, ended)?;
            }
            self.judge_writes()
        } else {
            self.watch.borrow_mut().world.advance_to(next);
            Ok(())
        }
    }

    /// What the record shows now: starts, ends, halts; plans what follows from them.
    fn observe(&mut self) -> Result<(), Violation> {
        let saves = self.sim.record().saves();
        if saves != self.saves {
            self.saves = saves;
            for app in 0..self.apps.len() {
                self.look(app)?;
            }
        }
        (0..self.apps.len()).for_each(|app| self.next_version(app));
        Ok(())
    }

    fn look(&mut self, app: usize) -> Result<(), Violation> {
        let news = {
            let (watch, record) = (self.watch.borrow(), self.sim.record());
            let Some(item) = record.application(&self.apps[app].id) else { return Ok(()) };
            self.judge.look(app, item, &watch, &record, &mut self.tally)?
        };
        if news.halted {
            let now = self.now();
            self.agenda.at(now + self.rng.i64(30_000..900_000), Task::Person(app));
            // A halt is rare and may be short; whatever meets other stages has to meet it, too.
            for _ in 0..2 {
                self.agenda.at(now + self.rng.i64(0..60_000), Task::Chaos(app));
            }
        }
        Ok(())
    }

    /// Whether nothing is left to do.
    fn over(&self) -> bool {
        let launched = |(app, versions): (&App, &Versions)| versions.launched >= app.versions;
        let all = self.apps.iter().zip(&self.versions).all(launched);
        let ended = (0..self.apps.len()).all(|app| !self.item(app, Application::in_flight).unwrap_or(false));
        let waited =
            |(app, versions): (usize, &Versions)| self.judge.took_up(app) || self.now() - versions.since > 900_000;
        let told = self.versions.iter().enumerate().all(waited);
        all && ended && told && self.executor.running() == 0 && self.agenda.idle()
    }

    fn stuck(&self) -> Violation {
        let left = |item: &Application| match &item.running {
            _ if !item.in_flight() => None,
            Some(release) => Some(format!("{} stands in {}: {}", release.id, release.stage, release.message)),
            None => Some(format!("{} waits: {:?}, to be announced {:?}", item.name, item.queue.len(), item.announcing)),
        };
        let left: Vec<String> = (0..self.apps.len()).filter_map(|app| self.item(app, left).flatten()).collect();
        Violation::new("always-ends", format!("{} h after the trouble: {}", BOUND / 3_600_000, left.join("; ")))
    }

    /// At the very end: what only then can be judged.
    fn finale(&mut self) -> Result<(), Violation> {
        self.watch.borrow_mut().windows.clear();
        self.watch.borrow_mut().stale = (0, 0);
        self.sim.record().faults.heal();
        self.calm = true;
        {
            let watch = self.watch.borrow();
            self.judge.end(&watch, &self.sim.record(), &mut self.tally)?;
        }
        self.again()
    }

    /// What is hard in this world from its beginning.
    fn count_setting(&mut self) {
        if self.watch.borrow().world.settings.page_size.is_some() {
            self.tally.struck("a world that answers in small pages");
        }
        for app in &self.apps {
            if app.alarms.iter().any(|alarm| alarm.ends_with("-all")) {
                self.tally.struck("an application with a composite alarm");
            }
            if app.groups.len() > 1 {
                self.tally.struck("an application with two groups");
            }
            if app.classic && !app.first.is_empty() {
                self.tally.struck("an application behind a Classic load balancer");
            }
            if app.first.len() > 1 {
                self.tally.struck("an application with several blues");
            }
        }
        let sharing = self.apps.iter().filter(|app| app.alarms.iter().any(|alarm| alarm == setting::SHARED)).count();
        if sharing > 1 {
            self.tally.struck("applications that share an alarm");
        }
    }

    /// The counts of this world.
    fn count(&mut self, violation: Option<&Violation>) {
        self.tally.pieces = self.trouble;
        if let Some(violation) = violation {
            *self.tally.violations.entry(violation.law).or_default() += 1;
            self.tell(|| format!("VIOLATION of {}: {}", violation.law, violation.what));
        }
        let record = self.sim.record();
        for item in record.applications() {
            self.tally.releases += item.numbered;
            for entry in record.entries(&item.name) {
                self.tally.mix(format!("{} {} {}", entry.sequence, entry.at, entry.message).as_bytes());
            }
        }
        for (law, count) in self.judge.stakes() {
            *self.tally.stakes.entry(law).or_default() += count;
        }
    }
}
