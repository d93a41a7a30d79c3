//! The driver: time, whatever knocks meanwhile, and invocations of the function.

use super::laws::Witness;
use super::setting::Setting;
use super::step::How;
use super::transcript::Transcript;
use cutover::error::Error;
use cutover::flow::Invocation;
use cutover::handler::Handler;
use cutover::record::Owners;
use cutover::release::{Application, PolicyFields, Release, Span, Stage, Status};
use serde_json::{Value, json};
use simulated_aws::ports::{Called, Ended, InProcess, Invoke, Ports};
use simulated_aws::world::{Announced, Arrived, Delivery, DeliveryKind, World};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What a story waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Until {
    /// A release of some application runs in this stage.
    Stage(Stage),
    /// Some release has this status.
    Status(Status),
    /// Nothing runs and nothing waits for its turn.
    Ended,
    /// Some release is halted.
    Halted,
    /// The last report waits on this.
    WaitsOn(String),
    /// An alarm is in a state.
    Alarm(String, String),
    /// A fleet has so many InService instances.
    InService(String, usize),
    /// Until the clock shows this many seconds since the start.
    Clock(i64),
}

impl Until {
    /// Reads the words behind `until`.
    pub fn read(text: &str) -> Result<Self, String> {
        use super::words::{number, parts, span};
        if let Some(stage) = Stage::ALL.into_iter().find(|stage| stage.as_str() == text) {
            return Ok(Until::Stage(stage));
        }
        if let Ok(status) = serde_json::from_value::<Status>(text.into()) {
            return Ok(Until::Status(status));
        }
        if let Some(part) = parts("waiting on {}", text) {
            return Ok(Until::WaitsOn(part[0].to_owned()));
        }
        if let Some(part) = parts("alarm {} is in {}", text) {
            return Ok(Until::Alarm(part[0].to_owned(), part[1].to_owned()));
        }
        if let Some(part) = parts("{} has {} in service", text) {
            return Ok(Until::InService(part[0].to_owned(), number(part[1])?));
        }
        if let Some(part) = parts("+{}", text) {
            return Ok(Until::Clock(span(part[0])?));
        }
        match text {
            "ended" => Ok(Until::Ended),
            "halted" => Ok(Until::Halted),
            _ => Err(format!("nothing is waited for as {text:?}")),
        }
    }
}

/// One invocation, as it went.
pub struct Invoked {
    /// What knocked.
    pub label: String,
    /// It is a command of the story's, and so always told of.
    pub commanded: bool,
    /// When it began.
    pub at: i64,
    /// How it ended.
    pub ended: Ended<Result<Value, Error>>,
    /// Its calls.
    pub calls: Vec<Called>,
    /// What it (or what ran beside it) wrote to AWS.
    pub writes: Vec<Arrived>,
    /// What the event bus accepted meanwhile.
    pub announced: Vec<Announced>,
}

/// A run of a story.
pub struct Run {
    /// The simulated AWS.
    pub world: Rc<RefCell<World>>,
    /// Its in-process face.
    pub sim: InProcess,
    /// What is told.
    pub transcript: Transcript,
    /// The invocation that went last.
    pub last: Option<Invoked>,
    /// What the laws are judged by.
    pub witness: Witness,
    /// How many awaits each invocation came to, in order, and whether it sent any write.
    pub awaits: Vec<(u32, bool)>,
    /// AWS's names of all that was called.
    pub operations: BTreeSet<&'static str>,
    /// Which invocation dies (counted from 0), and at which await.
    pub death: Option<(usize, u32)>,
    /// The next invocation dies at this await.
    pub next_dies: Option<u32>,
    /// The moment at which the story began.
    pub start: i64,
    defaults: PolicyFields,
    timeout: Span,
}

impl Run {
    /// The beginning of a story.
    pub fn new(setting: &Setting, death: Option<(usize, u32)>) -> Self {
        let world = Rc::new(RefCell::new(setting.world.clone()));
        let sim = InProcess::new(world.clone(), setting.ports.clone());
        let start = world.borrow().now();
        Self {
            world,
            sim,
            transcript: Transcript::new(start),
            last: None,
            witness: Witness::default(),
            awaits: Vec::new(),
            operations: BTreeSet::new(),
            death,
            next_dies: None,
            start,
            defaults: setting.defaults.clone(),
            timeout: setting.timeout,
        }
    }

    /// The present moment.
    pub fn now(&self) -> i64 {
        self.sim.now().millis()
    }

    /// Every application on record.
    pub fn applications(&self) -> Vec<Application> {
        self.sim.record().applications().cloned().collect()
    }

    /// The release that runs, else the one that ended last, of each application.
    pub fn releases(&self) -> Vec<Release> {
        let record = self.sim.record();
        let of = |app: &Application| app.running.clone().or_else(|| record.release(app.last.as_ref()?).cloned());
        record.applications().filter_map(of).collect()
    }

    /// Lets so long pass, with whatever knocks.
    pub fn wait(&mut self, span: i64) {
        let end = self.now() + span;
        while self.knocked(end) {}
    }

    /// Lets time pass until something is so.
    pub fn wait_until(&mut self, until: &Until, at_most: i64) -> Result<(), String> {
        let end = self.now() + at_most;
        loop {
            if self.is(until) {
                return Ok(());
            }
            if let Until::Clock(since) = until {
                self.wait(self.start + since - self.now());
                return Ok(());
            }
            if self.now() >= end {
                return Err(format!("waited {} s, but never came to {until:?}", at_most / 1000));
            }
            self.knocked(end);
        }
    }

    /// Whether it is so.
    pub fn is(&self, until: &Until) -> bool {
        let applications = self.applications();
        let mut running = applications.iter().filter_map(|app| app.running.as_ref());
        match until {
            Until::Stage(stage) => running.any(|release| release.stage == *stage),
            Until::Status(Status::Pending) => applications.iter().any(|app| !app.queue.is_empty()),
            Until::Status(status) => self.releases().iter().any(|release| release.status == *status),
            Until::Ended => {
                !applications.is_empty()
                    && applications.iter().all(|app| app.numbered > 0 && app.running.is_none() && app.queue.is_empty())
            }
            Until::Halted => running.any(Release::halted),
            Until::WaitsOn(kind) => self.transcript.waits_on.as_deref() == Some(kind),
            Until::Alarm(alarm, state) => {
                self.world.borrow().alarm_state(alarm).is_some_and(|held| held.as_str() == state)
            }
            Until::InService(fleet, count) => self.world.borrow().in_service(fleet).len() == *count,
            Until::Clock(since) => self.now() >= self.start + since,
        }
    }

    /// Whatever happens next, at the latest at `end`: false once it's over.
    fn knocked(&mut self, end: i64) -> bool {
        let now = self.now();
        let delivery = self.world.borrow_mut().take_deliveries();
        if !delivery.is_empty() {
            for delivery in delivery {
                self.deliver(&delivery);
            }
            return true;
        }
        if now >= end {
            return false;
        }
        let due = self.world.borrow().next_due();
        let to = due.filter(|due| *due > now).unwrap_or(now + 1).min(end);
        self.world.borrow_mut().advance_to(to);
        true
    }

    fn deliver(&mut self, delivery: &Delivery) {
        let subject = &delivery.subject;
        let label = match delivery.kind {
            DeliveryKind::LaunchSuccessful => format!("event: an instance of {subject} was launched"),
            DeliveryKind::LaunchUnsuccessful => format!("event: a launch of {subject} failed"),
            DeliveryKind::LaunchNotification => format!("SNS: an instance of {subject} was launched"),
            DeliveryKind::FleetCreated => format!("event: {subject} was created"),
            DeliveryKind::FleetTagged => format!("event: {subject} was tagged"),
            DeliveryKind::AlarmEvent => {
                let state = delivery.payload["detail"]["state"]["value"].as_str().unwrap_or("?");
                format!("event: alarm {subject} went to {state}")
            }
            DeliveryKind::AlarmAction => format!("alarm action: {subject} changed its state"),
            DeliveryKind::AlarmNotification => format!("SNS: alarm {subject} changed its state"),
            DeliveryKind::Minute => "the schedule".to_owned(),
        };
        self.invoke(&label, &delivery.payload, false, How::ONCE);
    }

    /// Invokes the function, several times at once if need be.
    pub fn invoke(&mut self, label: &str, payload: &Value, commanded: bool, how: How) {
        let payload = payload.to_string();
        let (calls, announced) = {
            let world = self.world.borrow();
            (world.calls().len(), world.announced().len())
        };
        let at = self.now();
        let How { count, one_event, dies } = how;
        let mut dies = dies.or(self.next_dies.take());
        let mut flows = Vec::new();
        let mut ports = Vec::new();
        for _ in 0..count {
            let number = self.awaits.len() + ports.len();
            let told = self.death.filter(|(which, _)| *which == number).map(|(_, at)| at);
            let dies_at_await = dies.take().or(told);
            let request_id = format!("request-{}", if one_event { self.awaits.len() } else { number } + 1);
            let invoke = Invoke { timeout: self.timeout, dies_at_await, ..Invoke::named(request_id) };
            let mine = self.sim.invocation(invoke);
            ports.push(mine.clone());
            flows.push((mine.clone(), handle(mine, self.defaults.clone(), payload.clone())));
        }
        let ended = self.sim.run(flows);
        let (writes, announced) = {
            let world = self.world.borrow();
            let write = |arrived: &&Arrived| {
                arrived.call.is_write() && !matches!(arrived.call, simulated_aws::api::Call::PutEvents { .. })
            };
            let writes: Vec<Arrived> = world.calls()[calls..].iter().filter(write).cloned().collect();
            (writes, world.announced()[announced..].to_vec())
        };
        self.awaits.extend(ports.iter().map(|ports| (ports.awaits(), ports.writes() > 0)));
        self.operations.extend(ports.iter().flat_map(Ports::calls).map(|called| called.operation));
        self.witness.see(&self.world.borrow(), &writes);
        let mut both = Some((writes, announced));
        for (index, (ended, ports)) in ended.into_iter().zip(&ports).enumerate() {
            let (writes, announced) = both.take().unwrap_or_default();
            let label =
                if count == 1 { label.to_owned() } else { format!("{label} ({} of {count} at once)", index + 1) };
            let calls = ports.calls();
            let invoked = Invoked { label, commanded, at, ended, calls, writes, announced };
            self.transcript.tell(&invoked);
            self.last = Some(invoked);
        }
    }

    /// Checks an application as a workflow does (or several that overlap), until something is so.
    pub fn workflow(&mut self, count: usize, application: &str, until: &Until) -> Result<(), String> {
        for _ in 0..5000 {
            if self.is(until) {
                return Ok(());
            }
            let answer = self.last.as_ref().and_then(|last| match &last.ended {
                Ended::Returned(Ok(answer)) => answer["next_check_seconds"].as_i64(),
                _ => None,
            });
            self.wait(answer.unwrap_or(15).max(1) * 1000);
            self.invoke(
                "workflow: check",
                &json!({"command": "check", "application": application}),
                false,
                How { count, ..How::ONCE },
            );
        }
        Err(format!("the workflow never came to {until:?}"))
    }
}

type Handled = std::pin::Pin<Box<dyn Future<Output = Result<Value, Error>>>>;

fn handle(ports: Ports, defaults: PolicyFields, payload: String) -> Handled {
    Box::pin(async move {
        let invocation = Invocation { request_id: ports.request_id().to_owned(), deadline: ports.deadline() };
        let owners = Owners::new(ports.process());
        Handler::new(ports, defaults, owners).handle(payload.as_bytes(), &invocation).await
    })
}
