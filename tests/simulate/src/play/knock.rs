//! What knocks: events as they arrive, invocations as they begin and end.

use super::{Answer, Play, SIDE_BY_SIDE, SLICE};
use crate::agenda::Task;
use crate::faults::Class;
use crate::law::Violation;
use cutover::flow::Invocation;
use cutover::handler::Handler;
use cutover::record::Owners;
use cutover::release::{PolicyFields, Span};
use serde_json::Value;
use simulated_aws::ports::{Ended, Invoke, LedgerFault, Ports};
use simulated_aws::world::DeliveryKind;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// One invocation under way.
pub struct Going {
    /// Its number.
    pub id: u64,
    /// What knocked.
    pub label: String,
    /// Its ports.
    pub ports: Ports,
    /// The application that it's about, if it's about one.
    about: Option<usize>,
    /// The application whose workflow waits for it.
    check: Option<usize>,
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

impl Play {
    /// What EventBridge delivers, with what goes wrong on the way.
    pub fn knock(&mut self) {
        let arrived = self.watch.borrow_mut().world.take_deliveries();
        for delivery in arrived {
            let name = match delivery.kind {
                DeliveryKind::Minute => "the schedule",
                DeliveryKind::AlarmEvent => "an alarm's event",
                DeliveryKind::FleetTagged => "a tag's event",
                _ => "a fleet's event",
            };
            self.deliver(name, delivery.payload);
        }
    }

    fn deliver(&mut self, name: &'static str, payload: Value) {
        let now = self.now();
        let dice = if self.classes.has(Class::Events) && !self.calm { self.rng.u8(0..20) } else { 20 };
        let (doubled, late) = (self.rng.i64(0..3_000), self.rng.i64(1_000..180_000));
        match dice {
            0..8 if !self.strikes() => self.agenda.at(now, Task::Deliver(name, payload)),
            0..3 => self.struck("event lost"),
            3..5 => {
                self.struck("event doubled");
                self.agenda.at(now + doubled, Task::Deliver(name, payload.clone()));
                self.agenda.at(now, Task::Deliver(name, payload));
            }
            5..8 => {
                self.struck("event late, behind later ones");
                self.agenda.at(now + late, Task::Deliver(name, payload));
            }
            _ => self.agenda.at(now, Task::Deliver(name, payload)),
        }
    }

    /// Invokes the function; now and then Lambda delivers the same once more, with the same request id.
    pub fn invoke(&mut self, label: String, payload: &Value, check: Option<usize>) {
        if self.executor.running() >= SIDE_BY_SIDE {
            let at = self.now() + SLICE;
            match check {
                Some(app) => self.agenda.at(at, Task::Check(app)),
                None => self.agenda.at(at, Task::Deliver("after a wait for concurrency", payload.clone())),
            }
            return;
        }
        let twice = self.classes.has(Class::Overlap) && !self.calm && self.rng.u8(0..25) == 0;
        let request_id = format!("request-{}", self.invoked + 1);
        self.begin(label, payload, check, request_id.clone());
        if twice && self.strikes() && self.executor.running() < SIDE_BY_SIDE {
            self.struck("delivered twice with one request id");
            self.begin("the same once more".to_owned(), payload, None, request_id);
        }
    }

    fn begin(&mut self, label: String, payload: &Value, check: Option<usize>, request_id: String) {
        self.invoked += 1;
        self.tally.invocations += 1;
        let id = self.invoked;
        let about = self.about(payload);
        let fate = self.fate(request_id, about);
        let ports = self.sim.invocation(fate);
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
        let name = about.map(|app| self.apps[app].name.clone());
        self.watch.borrow_mut().going.insert(id, name);
        self.going.insert(task, Going { id, label, ports, about, check });
        if self.executor.running() == SIDE_BY_SIDE {
            self.struck("eight invocations at once");
        }
    }

    /// The application that a payload is about, if it names one; an event may be about any.
    pub fn about(&self, payload: &Value) -> Option<usize> {
        let name = payload["application"].as_str().or_else(|| payload["green"].as_str()?.split('-').next())?;
        self.apps.iter().position(|app| app.name == name)
    }

    /// What an invocation meets on its way: its clock, its delay, its death.
    fn fate(&mut self, request_id: String, about: Option<usize>) -> Invoke {
        let mut invoke = Invoke { timeout: self.timeout, ..Invoke::named(request_id) };
        if self.classes.has(Class::Clocks) && !self.calm {
            let skew = self.rng.i64(-1_000..=1_000);
            if (skew - self.skew).abs() >= 500 {
                self.strikes_at("two clocks half a second apart, or more", about);
            }
            self.skew = skew;
            invoke.skew = Span::from_millis(skew);
        }
        if self.classes.has(Class::Deaths) && !self.calm && self.rng.u8(0..100) < 12 {
            // Anywhere on the longest way that was gone here, and more often on the part that all go.
            let last = if self.rng.bool() { 60 } else { self.deepest.max(60) };
            let at = self.rng.u32(1..=last);
            invoke.dies_at_await = self.strikes().then_some(at);
        }
        let short = self.rng.u8(0..100) == 0;
        if short && self.classes.has(Class::Deaths) && !self.calm && self.strikes() {
            invoke.timeout = Span::from_millis(self.rng.i64(300..6_000));
        }
        if self.classes.has(Class::Overlap) {
            invoke.starts_after = Span::from_millis(self.rng.i64(0..400));
        }
        invoke
    }

    pub fn ended(&mut self, task: usize, ended: Ended<Answer>) -> Result<(), Violation> {
        self.judge_writes()?;
        let Some(going) = self.going.remove(&task) else { return Ok(()) };
        self.watch.borrow_mut().reads.remove(&going.id);
        self.watch.borrow_mut().going.remove(&going.id);
        self.deepest = self.deepest.max(going.ports.awaits());
        self.tell(|| format!("request-{} ({}): {}", going.id, going.label, said(&ended)));
        match &ended {
            Ended::Died => self.strikes_at("invocation died", going.about),
            Ended::TimedOut => self.strikes_at("invocation timed out", going.about),
            Ended::Returned(Ok(answer)) => {
                self.judge.looked(answer, going.id);
                self.judge.waits(answer, &self.sim.record(), self.sim.now().millis())?;
            }
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
    pub fn judge_writes(&mut self) -> Result<(), Violation> {
        let (writes, struck) = {
            let mut watch = self.watch.borrow_mut();
            (std::mem::take(&mut watch.writes), std::mem::take(&mut watch.struck))
        };
        for (fault, by) in struck {
            let about = self.going.values().find(|going| going.id == by).and_then(|going| going.about);
            self.strikes_at(fault, about);
        }
        let table = std::mem::take(&mut self.sim.record().faults.struck);
        table.into_iter().for_each(|fault| self.struck(of_the_table(fault)));
        let saves = self.sim.record().saves();
        if saves != self.recorded {
            self.recorded = saves;
            self.judge.record(&self.sim.record())?;
        }
        for write in writes {
            self.tally.mix(format!("{}{:?}{}", write.at, write.call, write.done).as_bytes());
            self.tell(|| {
                let done = if write.done { "" } else { " (not done)" };
                format!("request-{} wrote at {}: {:?}{done}", write.by, write.at, write.call)
            });
            self.follow(&write);
            let judged = {
                let watch = self.watch.borrow();
                let going = self.going.values().find(|going| going.id == write.by);
                self.judge.write(&write, &watch, going, &mut self.tally)
            };
            judged?;
        }
        Ok(())
    }
}

/// The line in the table of what the table did.
fn of_the_table(fault: LedgerFault) -> &'static str {
    match fault {
        LedgerFault::Unavailable => "table unreachable",
        LedgerFault::Throttled => "table throttled",
        LedgerFault::Lost { applied: true } => "table timed out, applied",
        LedgerFault::Lost { applied: false } => "table timed out, not applied",
        LedgerFault::Conflict => "table in conflict",
        LedgerFault::Slow => "table slow",
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
        Some(stage) => {
            let waits = answer["waiting_on"]["kind"].as_str().unwrap_or("nothing");
            let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
            let (release, status, message) = (text("release"), text("status"), text("message"));
            format!("{release} {stage}, {status}, waits on {waits}: {message}; warnings {}", answer["warnings"])
        }
        None => answer.to_string().chars().take(300).collect(),
    }
}
