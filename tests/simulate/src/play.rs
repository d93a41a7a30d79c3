//! One world from its beginning to its end: time, what knocks, what strikes, invocations side by side.

use crate::agenda::{Agenda, Task};
use crate::faults::{Class, Classes};
use crate::law::{Judge, Violation};
use crate::setting::{self, App, Setting, choose};
use crate::tally::Tally;
use crate::trouble::Chaos;
use crate::watch::{Watch, Write};
use cutover::error::Error;
use cutover::flow::Invocation;
use cutover::handler::Handler;
use cutover::record::Owners;
use cutover::release::{Application, ApplicationName, PolicyFields, Span, Timestamp};
use serde_json::{Value, json};
use simulated_aws::api::StateValue;
use simulated_aws::ports::{Ended, Executor, InProcess, Invoke, LedgerOperation, Ports};
use simulated_aws::world::{Hand, Health, alarm};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The most invocations side by side.
pub const SIDE_BY_SIDE: usize = 8;
/// While invocations are under way, who knocks is looked for this often.
const SLICE: i64 = 250;
/// Within so much time after the trouble has ended, everything ends or halts: the longest policy of `setting.rs`, three
/// times over (a queue's next ones), with room.
const BOUND: i64 = 6 * 3_600_000;

type Answer = Result<Value, Error>;

/// One invocation under way.
pub struct Going {
    /// Its number.
    pub id: u64,
    /// What knocked.
    pub label: String,
    /// Its ports.
    pub ports: Ports,
    /// The application whose workflow waits for it.
    check: Option<usize>,
}

/// What is known of an application's fleets and its last versions.
#[derive(Default)]
struct Versions {
    /// Every fleet that it had, oldest first.
    fleets: Vec<String>,
    /// How many have been launched.
    launched: u32,
    /// The next one is planned.
    planned: bool,
    /// When the last one was launched.
    since: i64,
    /// A workflow checks it.
    workflow: bool,
}

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
    start: i64,
}

/// A flow that says whose turn it is whenever it goes on.
struct Named {
    id: u64,
    current: Rc<Cell<u64>>,
    flow: Pin<Box<dyn Future<Output = Answer>>>,
}

impl Future for Named {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        self.current.set(self.id);
        self.flow.as_mut().poll(cx)
    }
}

/// Plays a world; its counts, the violation if there is one, and the story if it is asked for.
pub fn play(seed: u64, allowed: Classes, tell: bool) -> (Tally, Option<Violation>, Vec<String>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let setting = setting::set_up(&mut rng, allowed);
    let mut play = Play::new(setting, rng, tell);
    let violation = play.run().err();
    play.count(violation.as_ref());
    (play.tally, violation, play.story.unwrap_or_default())
}

impl Play {
    fn new(setting: Setting, mut rng: fastrand::Rng, tell: bool) -> Self {
        let start = setting.world.now();
        let watch = Rc::new(RefCell::new(Watch::new(setting.world, rng.fork())));
        let sim = InProcess::new(watch.clone(), setting.ports);
        let executor = sim.executor();
        let versions = setting.apps.iter().map(|app| Versions { fleets: app.first.clone(), ..Versions::default() });
        Self {
            versions: versions.collect(),
            judge: Judge::new(&setting.apps),
            apps: setting.apps,
            classes: setting.classes,
            settle: setting.settle,
            timeout: setting.timeout,
            tally: Tally { worlds: 1, digest: 0xcbf2_9ce4_8422_2325, ..Tally::default() },
            agenda: Agenda::default(),
            going: BTreeMap::new(),
            invoked: 0,
            calm: false,
            broken: Vec::new(),
            persons: 0,
            story: tell.then(Vec::new),
            watch,
            sim,
            executor,
            rng,
            start,
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

    /// An application's item.
    pub fn item(&self, app: usize) -> Option<Application> {
        let name = ApplicationName::parse(&self.apps[app].name).ok()?;
        self.sim.record().application(&name).cloned()
    }

    fn run(&mut self) -> Result<(), Violation> {
        self.plan();
        let mut ends_by = None;
        loop {
            self.knock();
            while let Some(task) = self.agenda.take(self.now()) {
                self.perform(task);
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

    /// What is known from the beginning: the first versions, and when trouble comes.
    fn plan(&mut self) {
        let now = self.now();
        for app in 0..self.apps.len() {
            let at = now + self.rng.i64(1_000..120_000);
            self.versions[app].planned = true;
            self.agenda.at(at, Task::Launch(app));
        }
        if self.classes.has(Class::Calls) {
            self.agenda.at(now + self.rng.i64(0..600_000), Task::Calls);
        }
        if self.classes.has(Class::Table) {
            self.agenda.at(now + self.rng.i64(0..600_000), Task::Table);
        }
        if self.classes.has(Class::Stale) {
            // Two clocks may differ by 2 s, so a reading that counts may be that much closer to the write.
            let most = (i64::from(self.settle) * 1000 - 2_500).max(0);
            self.watch.borrow_mut().stale = (self.rng.u32(20..300), most);
        }
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

    /// What EventBridge delivers, with what goes wrong on the way.
    fn knock(&mut self) {
        let arrived = self.watch.borrow_mut().world.take_deliveries();
        for delivery in arrived {
            let name = match delivery.kind {
                simulated_aws::world::DeliveryKind::Minute => "the schedule",
                simulated_aws::world::DeliveryKind::AlarmEvent => "an alarm's event",
                simulated_aws::world::DeliveryKind::FleetTagged => "a tag's event",
                _ => "a fleet's event",
            };
            let now = self.now();
            if self.classes.has(Class::Events) && !self.calm {
                match self.rng.u8(0..20) {
                    0..3 => {
                        self.tally.struck("event lost");
                        continue;
                    }
                    3..5 => {
                        self.tally.struck("event doubled");
                        let at = now + self.rng.i64(0..3_000);
                        self.agenda.at(at, Task::Deliver(name, delivery.payload.clone()));
                    }
                    5..8 => {
                        self.tally.struck("event late, behind later ones");
                        let at = now + self.rng.i64(1_000..180_000);
                        self.agenda.at(at, Task::Deliver(name, delivery.payload));
                        continue;
                    }
                    _ => {}
                }
            }
            self.agenda.at(now, Task::Deliver(name, delivery.payload));
        }
    }

    fn perform(&mut self, task: Task) {
        let now = self.now();
        match task {
            Task::Launch(app) => self.launch(app),
            Task::Deliver(name, payload) => self.invoke(name.to_owned(), &payload, None),
            Task::Command(name, payload) => {
                self.tally.struck(match name {
                    "promote" => "a person promotes",
                    "pause" => "a person pauses",
                    "rollback" => "a person rolls back",
                    _ => "a person asks",
                });
                self.meet(name, payload["application"].as_str());
                if name == "promote" {
                    self.judge.promoted_by_hand(payload["application"].as_str().unwrap_or_default());
                }
                self.invoke(format!("a person: {name}"), &payload, None);
            }
            Task::Check(app) => {
                let payload = json!({"command": "check", "application": self.apps[app].name});
                self.invoke("the workflow: check".to_owned(), &payload, Some(app));
            }
            Task::Burst(app) => {
                self.tally.struck("invocations at once");
                for _ in 0..self.rng.usize(2..=SIDE_BY_SIDE) {
                    let check = json!({"command": "check", "application": self.apps[app].name});
                    let payload = if self.rng.bool() { check } else { json!({"command": "check"}) };
                    self.invoke("one of several".to_owned(), &payload, None);
                }
            }
            Task::Hand(name, hand) => self.hand(name, *hand),
            Task::Mend(name) => self.mend(&name),
            Task::Calls => {
                let span = self.rng.i64(1_000..400_000);
                let mut rng = self.rng.fork();
                self.watch.borrow_mut().trouble(&mut rng, span);
                self.tell(|| format!("calls begin to fail, for {} s", span / 1000));
                self.agenda.at(now + self.rng.i64(10_000..900_000), Task::Calls);
            }
            Task::Table => self.table_fails(),
            Task::TableHeals => self.sim.record().faults.heal(),
            Task::Chaos(app) => self.chaos(app),
            Task::Person(app) => self.person(app),
        }
    }

    fn table_fails(&mut self) {
        let now = self.now();
        let span = self.rng.i64(1_000..200_000);
        let share = *choose(&mut self.rng, &[20, 100, 300]);
        let (kind, operation) =
            (self.rng.u8(0..6), *choose(&mut self.rng, &[LedgerOperation::Save, LedgerOperation::Take]));
        let mut record = self.sim.record();
        match kind {
            0 => record.faults.away_until(Timestamp::from_millis(now + span.min(90_000))),
            1 => record.faults.throttled = share,
            2 => record.faults.lost = share,
            3 => record.faults.conflict = share,
            4 => record.faults.unavailable = share,
            _ => {
                let applied = self.rng.bool();
                record.faults.next(operation, simulated_aws::ports::LedgerFault::Lost { applied });
            }
        }
        drop(record);
        self.tell(|| format!("the table fails, in way {kind}"));
        self.agenda.at(now + span, Task::TableHeals);
        self.agenda.at(now + span + self.rng.i64(10_000..900_000), Task::Table);
    }

    /// A hand moves; where a release of its application stands then, is counted.
    fn hand(&mut self, name: &'static str, hand: Hand) {
        self.tally.struck(name);
        let app = self.apps.iter().find(|app| format!("{hand:?}").contains(&app.name)).map(|app| app.name.clone());
        self.meet(name, app.as_deref());
        self.tell(|| format!("{name}: {hand:?}"));
        let now = self.now();
        match &hand {
            Hand::DeleteAlarm(alarm) | Hand::Evaluation(alarm, Some(_)) => {
                self.broken.push(alarm.clone());
                self.judge.alarm_breaks(alarm, now);
            }
            Hand::CreateAlarm(spec) => self.judge.alarm_mended(&spec.name, now),
            Hand::DeleteFleet(_) | Hand::Attach(..) | Hand::Detach(..) | Hand::Resize(..) => {
                self.judge.hand(&hand, now, &self.watch.borrow().world);
            }
            _ => {}
        }
        if let Hand::CreateAlarm(spec) = &hand {
            self.broken.retain(|broken| *broken != spec.name);
        }
        self.watch.borrow_mut().world.hand(hand);
    }

    fn meet(&mut self, situation: &'static str, app: Option<&str>) {
        let Some(app) = app.and_then(|name| self.apps.iter().position(|app| app.name == name)) else { return };
        let stage = self.item(app).and_then(|item| item.running).map(|release| match release.halted() {
            true => "halt",
            false => release.stage.as_str(),
        });
        if let Some(stage) = stage {
            *self.tally.met.entry((stage, situation)).or_default() += 1;
        }
    }

    /// An alarm exists again, or is judged again.
    fn mend(&mut self, name: &str) {
        self.tell(|| format!("alarm {name} is mended"));
        let mut watch = self.watch.borrow_mut();
        match watch.world.alarm_state(name) {
            Some(_) => watch.world.hand(Hand::Evaluation(name.to_owned(), None)),
            None => {
                watch.world.hand(Hand::CreateAlarm(Box::new(alarm(name))));
                watch.world.hand(Hand::SetAlarm(name.to_owned(), StateValue::Ok));
            }
        }
        drop(watch);
        self.broken.retain(|broken| broken != name);
        let now = self.now();
        self.judge.alarm_mended(name, now);
    }

    fn chaos(&mut self, app: usize) {
        let number = app;
        let now = self.now();
        let acts = {
            let watch = self.watch.borrow();
            let names = watch.world.fleet_names();
            let fleets = self.versions[app].fleets.iter().filter(|name| names.contains(name)).cloned().collect();
            let chaos = Chaos {
                classes: self.classes,
                app: &self.apps[app],
                world: &watch.world,
                fleets,
                broken: &self.broken,
            };
            chaos.strike(&mut self.rng, number)
        };
        for (after, task) in acts {
            match after {
                0 => self.perform(task),
                _ => self.agenda.at(now + after, task),
            }
        }
    }

    /// A new version appears, as a tool or a person makes it.
    fn launch(&mut self, app: usize) {
        let now = self.now();
        let versions = &mut self.versions[app];
        versions.launched += 1;
        versions.planned = false;
        versions.since = now;
        let name = format!("{}-{}", self.apps[app].name, versions.launched);
        versions.fleets.push(name.clone());
        let setup = self.apps[app].first.is_empty() && versions.launched == 1;
        let mut spec = setting::fleet_of(&mut self.rng, &name, &self.apps[app]);
        let policy = setting::policy(&mut self.rng, &self.apps[app], self.settle);
        for (field, value) in &policy {
            spec = spec.tag(&format!("cutover:{}", field.replace('_', "-")), value);
        }
        let trouble = self.rng.u8(0..100);
        if self.classes.has(Class::Instances) && !self.calm {
            spec = match trouble {
                0..4 => spec.health(Health::never()),
                4..7 => spec.launch_fails("We currently do not have sufficient capacity"),
                7..10 => spec.health(Health::until_traffic(self.rng.i64(5..200))),
                10..13 => spec.health(Health::flapping(50, 20)),
                _ => spec,
            };
            self.tally.struck(match trouble {
                0..4 => "a version that is never healthy",
                4..7 => "a version that can't be launched",
                7..13 => "a version whose health fails later",
                _ => "a version that is well",
            });
        }
        if self.classes.has(Class::Alarms) && !self.calm && (13..25).contains(&trouble) {
            self.tally.struck("a version that answers with errors");
            spec = spec.errors_after(self.rng.i64(0..400), 0.4);
        }
        let born = !setup && self.rng.u8(0..6) == 0;
        if born {
            spec = setting::attached(&mut self.rng, spec, &self.apps[app]);
        }
        self.judge.launched(app, &name, now, &policy);
        self.tell(|| format!("{name} appears{}: {policy:?}", if born { ", born attached" } else { "" }));
        self.watch.borrow_mut().world.hand(Hand::CreateFleet(Box::new(spec)));
        if self.rng.u8(0..3) == 0 {
            let command = json!({"command": "attach", "green": name, "client_token": format!("token-{name}")});
            let at = now + self.rng.i64(100..60_000);
            self.agenda.at(at, Task::Deliver("the workflow: attach", command));
            self.agenda.at(at + 5_000, Task::Check(app));
            self.versions[app].workflow = true;
        }
        self.plan_chaos(app, now);
        let more = self.versions[app].launched < self.apps[app].versions;
        if more && self.classes.has(Class::Versions) && !self.calm && self.rng.u8(0..3) == 0 {
            self.tally.struck("a version during a release");
            self.versions[app].planned = true;
            self.agenda.at(now + self.rng.i64(1_000..900_000), Task::Launch(app));
        }
    }

    fn plan_chaos(&mut self, app: usize, now: i64) {
        for _ in 0..self.rng.u8(0..6) {
            let at = now + self.rng.i64(0..1_200_000);
            self.agenda.at(at, Task::Chaos(app));
        }
    }

    /// Invokes the function.
    fn invoke(&mut self, label: String, payload: &Value, check: Option<usize>) {
        if self.executor.running() >= SIDE_BY_SIDE {
            let at = self.now() + SLICE;
            match check {
                Some(app) => self.agenda.at(at, Task::Check(app)),
                None => self.agenda.at(at, Task::Deliver("after a wait for concurrency", payload.clone())),
            }
            return;
        }
        self.invoked += 1;
        self.tally.invocations += 1;
        let id = self.invoked;
        let mut invoke = Invoke { timeout: self.timeout, ..Invoke::named(format!("request-{id}")) };
        if self.classes.has(Class::Clocks) && !self.calm {
            self.tally.struck("clock up to 2 s apart");
            invoke.skew = Span::from_millis(self.rng.i64(-1_000..=1_000));
        }
        if self.classes.has(Class::Deaths) && !self.calm && self.rng.u8(0..100) < 12 {
            invoke.dies_at_await = Some(self.rng.u32(1..60));
        }
        if self.classes.has(Class::Overlap) {
            invoke.starts_after = Span::from_millis(self.rng.i64(0..400));
        }
        let ports = self.sim.invocation(invoke);
        let bytes = payload.to_string().into_bytes();
        self.tell(|| format!("request-{id} begins: {label}"));
        let mine = ports.clone();
        let flow = Box::pin(async move {
            let invocation = Invocation { request_id: mine.request_id().to_owned(), deadline: mine.deadline() };
            let owners = Owners::new(mine.process());
            Handler::new(mine, PolicyFields::default(), owners).handle(&bytes, &invocation).await
        });
        let current = self.watch.borrow().current.clone();
        let task = self.executor.spawn(&ports, Named { id, current, flow });
        self.watch.borrow_mut().going = self.executor.running();
        self.going.insert(task, Going { id, label, ports, check });
    }

    fn ended(&mut self, task: usize, ended: Ended<Answer>) -> Result<(), Violation> {
        self.judge_writes()?;
        let Some(going) = self.going.remove(&task) else { return Ok(()) };
        self.watch.borrow_mut().reads.remove(&going.id);
        self.watch.borrow_mut().going = self.executor.running();
        self.tell(|| format!("request-{} ({}): {}", going.id, going.label, said(&ended)));
        match &ended {
            Ended::Died => self.tally.struck("invocation died"),
            Ended::TimedOut => self.tally.struck("invocation timed out"),
            Ended::Returned(Ok(answer)) => Judge::waits(answer, self.now())?,
            Ended::Returned(Err(_)) => {}
        }
        if let Some(app) = going.check {
            let answer = ended.returned().and_then(Result::ok);
            let next = answer.map_or(10, |answer| answer["next_check_seconds"].as_i64().unwrap_or(0));
            if next > 0 {
                let at = self.now() + next * 1000;
                self.agenda.at(at, Task::Check(app));
            } else {
                self.versions[app].workflow = false;
            }
        }
        Ok(())
    }

    /// Judges what was written since; sometimes trouble follows at once.
    fn judge_writes(&mut self) -> Result<(), Violation> {
        let (writes, struck) = {
            let mut watch = self.watch.borrow_mut();
            (std::mem::take(&mut watch.writes), std::mem::take(&mut watch.struck))
        };
        struck.into_iter().for_each(|fault| self.tally.struck(fault));
        for write in writes {
            self.tally.mix(format!("{}{:?}{}", write.at, write.call, write.done).as_bytes());
            self.tell(|| {
                let done = if write.done { "" } else { " (not done)" };
                format!("request-{} wrote at {}: {:?}{done}", write.by, write.at, write.call)
            });
            self.follow(&write);
            let judged = {
                let watch = self.watch.borrow();
                let record = self.sim.record();
                let going = self.going.values().find(|going| going.id == write.by);
                self.judge.write(&write, &watch, &record, going, &mut self.tally)
            };
            judged?;
        }
        Ok(())
    }

    /// The worst moment is just behind a write.
    fn follow(&mut self, write: &Write) {
        let fleet = write.call.subjects().first().map(|name| (*name).to_owned()).unwrap_or_default();
        let app = self.apps.iter().position(|app| fleet.starts_with(&app.name));
        if let Some(app) = app.filter(|_| !self.calm && self.rng.u8(0..100) < 12) {
            let at = self.now() + self.rng.i64(0..i64::from(self.settle) * 2_000);
            self.agenda.at(at, Task::Chaos(app));
        }
    }

    /// What the record shows now: starts, ends, halts; plans what follows from them.
    fn observe(&mut self) -> Result<(), Violation> {
        for app in 0..self.apps.len() {
            let Some(item) = self.item(app) else {
                self.next_version(app);
                continue;
            };
            let watch = self.watch.clone();
            let news = {
                let watch = watch.borrow();
                self.judge.look(app, &item, &watch.world, &self.sim.record(), &mut self.tally)?
            };
            if news.halted {
                let at = self.now() + self.rng.i64(30_000..900_000);
                self.agenda.at(at, Task::Person(app));
            }
            self.next_version(app);
        }
        Ok(())
    }

    fn next_version(&mut self, app: usize) {
        let idle = self.item(app).is_none_or(|item| item.running.is_none() && item.queue.is_empty());
        let now = self.now();
        let versions = &mut self.versions[app];
        let waited = now - versions.since > 900_000 || self.judge.took_up(app);
        if idle && waited && !versions.planned && versions.launched < self.apps[app].versions {
            versions.planned = true;
            self.agenda.at(now + self.rng.i64(5_000..300_000), Task::Launch(app));
        }
    }

    /// A person leads out of a halt.
    fn person(&mut self, app: usize) {
        let Some(release) = self.item(app).and_then(|item| item.running).filter(|release| release.halted()) else {
            return;
        };
        self.persons += 1;
        let name = self.apps[app].name.clone();
        let green = release.green.fleet.to_string();
        let group = choose(&mut self.rng, &self.apps[app].groups).clone();
        // After a few gentle attempts the person does what surely ends it.
        let dice = if self.persons > 4 { 3 } else { self.rng.u8(0..5) };
        match dice {
            0 => {
                self.perform(Task::Command("promote", json!({"command": "promote", "application": name, "by": "ann"})))
            }
            1 => {
                for style in [simulated_aws::world::Style::TargetGroups, simulated_aws::world::Style::TrafficSources] {
                    self.hand("a person detaches", Hand::Detach(green.clone(), group.clone(), style));
                }
            }
            2 => {
                for member in &release.blue {
                    self.hand(
                        "health checks pass again",
                        Hand::Health(member.fleet.to_string(), None, Health::after(5)),
                    );
                }
            }
            3 => self.hand("a person deletes a fleet", Hand::DeleteFleet(green)),
            _ => {
                for member in &release.blue {
                    self.hand("a person deletes a fleet", Hand::DeleteFleet(member.fleet.to_string()));
                }
            }
        }
        let at = self.now() + 1_200_000;
        self.agenda.at(at, Task::Person(app));
    }

    /// Once every version has been there for a while, trouble ends. True when it has just ended.
    fn calm_down(&mut self) -> bool {
        let now = self.now();
        let all =
            |(app, versions): (&App, &Versions)| versions.launched >= app.versions && now - versions.since > 1_200_000;
        if self.calm || !self.apps.iter().zip(&self.versions).all(all) {
            return false;
        }
        self.calm = true;
        self.tell(|| "the trouble ends".to_owned());
        self.agenda.calm();
        let mut watch = self.watch.borrow_mut();
        watch.windows.clear();
        watch.stale = (0, 0);
        drop(watch);
        self.sim.record().faults.heal();
        for name in self.broken.clone() {
            self.mend(&name);
        }
        let mut watch = self.watch.borrow_mut();
        for zone in ["eu-west-1a", "eu-west-1b"] {
            watch.world.hand(Hand::Zone("alb".to_owned(), zone.to_owned(), true));
            watch.world.hand(Hand::Zone("nlb".to_owned(), zone.to_owned(), true));
        }
        for fleet in watch.world.fleet_names() {
            for process in ["AddToLoadBalancer", "Launch", "ReplaceUnhealthy"] {
                watch.world.hand(Hand::Resume(fleet.clone(), process.to_owned()));
            }
        }
        true
    }

    /// Whether nothing is left to do.
    fn over(&self) -> bool {
        let launched = |(app, versions): (&App, &Versions)| versions.launched >= app.versions;
        let all = self.apps.iter().zip(&self.versions).all(launched);
        let ended = (0..self.apps.len()).all(|app| self.item(app).is_none_or(|item| !item.in_flight()));
        let waited =
            |(app, versions): (usize, &Versions)| self.judge.took_up(app) || self.now() - versions.since > 900_000;
        let told = self.versions.iter().enumerate().all(waited);
        all && ended && told && self.executor.running() == 0 && self.agenda.idle()
    }

    fn stuck(&self) -> Violation {
        let left: Vec<String> = (0..self.apps.len())
            .filter_map(|app| self.item(app))
            .filter(Application::in_flight)
            .map(|item| match item.running {
                Some(release) => format!("{} stands in {}: {}", release.id, release.stage, release.message),
                None => format!("{} waits: {:?}, to be announced {:?}", item.name, item.queue.len(), item.announcing),
            })
            .collect();
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
            self.judge.end(&watch.world, &self.sim.record(), &mut self.tally)?;
        }
        self.again()
    }

    /// Looks again and again at a world in which nothing is left to do: only the first look may still write.
    fn again(&mut self) -> Result<(), Violation> {
        let mut last = 0;
        for _ in 0..4 {
            let saves = self.sim.record().saves();
            self.invoke("again".to_owned(), &json!({"command": "check"}), None);
            while self.executor.running() > 0 {
                let until = self.now() + SLICE;
                for (task, ended) in self.executor.run_until(Timestamp::from_millis(until)) {
                    self.ended(task, ended)?;
                }
            }
            last = self.sim.record().saves() - saves;
            if last == 0 {
                return Ok(());
            }
        }
        Err(Violation::new("again-is-nothing", format!("the fourth look at an ended world made {last} saves")))
    }

    /// The counts of this world.
    fn count(&mut self, violation: Option<&Violation>) {
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

/// How an invocation ended, in a line.
fn said(ended: &Ended<Answer>) -> String {
    match ended {
        Ended::Died => "died".to_owned(),
        Ended::TimedOut => "timed out".to_owned(),
        Ended::Returned(Err(fault)) => format!("{}: {fault}", fault.error_type()),
        Ended::Returned(Ok(answer)) => gist(answer),
    }
}

fn gist(answer: &Value) -> String {
    if let Some(releases) = answer["releases"].as_array() {
        return format!("several: {}", releases.iter().map(gist).collect::<Vec<_>>().join(" | "));
    }
    match answer["stage"].as_str() {
        Some(stage) => format!(
            "{} {stage} {} waits {} : {} did {} warns {}",
            answer["release"],
            answer["status"],
            answer["waiting_on"],
            answer["message"],
            answer["actions"],
            answer["warnings"]
        ),
        None => answer.to_string().chars().take(300).collect(),
    }
}
