//! The in-process face: Cutover's ports over the world, in virtual time.
//!
//! One [`InProcess`] is one account: a world, a record, an event bus, a clock. Each [`Ports`] is one invocation of the
//! function: its request id, its deadline, its own clock, its calls counted. An [`Executor`] runs several side by side,
//! chooses from a seed who goes on, and lets them die where it was told to.
//!
//! ```text
//! let sim = InProcess::new(world, Settings::default());
//! let ports = sim.invocation(Invoke::named("request-1"));
//! let ended = sim.run_one(&ports, handle(&ports, request));
//! ```
//!
//! Every method of a port waits twice: once before it takes effect (the request travels), once after (the answer
//! does). An invocation can die at each of the two, so a write may have happened without its caller knowing.

mod alarms;
mod executor;
mod faults;
mod fleets;
mod groups;
mod invocation;
mod ledger;
mod notify;
#[cfg(test)]
mod over_the_world;
mod reads;
mod record;
mod timeline;
mod writes;

#[cfg(test)]
mod tests;

pub use executor::{Ended, Executor, TaskId};
pub use faults::{LedgerFault, LedgerFaults, LedgerOperation};
pub use invocation::{Called, Ports};
pub use record::Record;

use crate::api::{Call, Millis, Served};
use cutover::release::{Span, Timestamp};
use std::cell::{Cell, RefCell, RefMut};
use std::future::Future;
use std::rc::Rc;
use timeline::Timeline;

/// What answers the calls: the world, or a test's script. Decides faults in one place, for both faces.
pub trait Aws {
    /// The present moment.
    fn now(&self) -> Millis;
    /// Lets time pass up to a moment, with all that happens until then.
    fn advance_to(&mut self, moment: Millis);
    /// Answers one call, at the present moment.
    fn serve(&mut self, call: &Call) -> Served;
}

/// How the face behaves; the defaults are those of a good day.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Decides who goes on first, and the latencies. The same seed is the same run.
    pub seed: u64,
    /// A call's way there and back together: 20 ms is what a warm connection inside a Region takes.
    pub latency: Span,
    /// At most this much more, evenly spread, on each way.
    pub jitter: Span,
    /// When the caller gives up a call without an answer: the product's own timeout of a write.
    pub call_timeout: Span,
    /// The event bus that announcements go to; `None`: none, and all are accepted.
    pub event_bus: Option<String>,
    /// How long the in-flight index lags behind the record, at most; each change its own, from the seed.
    pub index_lag: Span,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            latency: Span::from_millis(20),
            jitter: Span::ZERO,
            call_timeout: cutover::record::Lease::WRITE_TIMEOUT,
            event_bus: Some("cutover".to_owned()),
            index_lag: Span::ZERO,
        }
    }
}

/// One invocation to be.
#[derive(Debug, Clone)]
pub struct Invoke {
    /// Its request id: unique, but for an event that Lambda delivers twice.
    pub request_id: String,
    /// The function's timeout: then Lambda ends it, wherever it is.
    pub timeout: Span,
    /// How much its clock is ahead of the world's (behind, if negative). Clocks may differ by 2 s.
    pub skew: Span,
    /// It dies when it arrives at its n-th await, counted from 1. Of calls one after the other, awaits `2n - 1` and `2n`
    /// are those before and after the n-th one's effect.
    pub dies_at_await: Option<u32>,
    /// It begins this much later.
    pub starts_after: Span,
}

impl Invoke {
    /// One that goes well: template.yaml's 30 s of time, a right clock, no death.
    pub fn named(request_id: impl Into<String>) -> Self {
        Self {
            request_id: request_id.into(),
            timeout: Span::seconds(30),
            skew: Span::ZERO,
            dies_at_await: None,
            starts_after: Span::ZERO,
        }
    }
}

/// What one invocation does.
pub type Flow<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;

/// One account as its invocations see it. Cheap to clone: all clones are the same.
#[derive(Clone)]
pub struct InProcess {
    shared: Rc<Shared>,
}

struct Shared {
    aws: Rc<RefCell<dyn Aws>>,
    timeline: Timeline,
    record: RefCell<Record>,
    settings: Settings,
    invocations: Cell<u64>,
}

impl InProcess {
    /// A face on `aws`, which the caller keeps a hold on to look at and to act in; an empty record.
    pub fn new(aws: Rc<RefCell<dyn Aws>>, settings: Settings) -> Self {
        let timeline = Timeline::new(settings.seed);
        timeline.catch_up(aws.borrow().now());
        let record = RefCell::new(Record::new(settings.seed, settings.index_lag.millis()));
        Self { shared: Rc::new(Shared { aws, timeline, record, settings, invocations: Cell::new(0) }) }
    }

    /// The record, to look at, and to set faults on.
    pub fn record(&self) -> RefMut<'_, Record> {
        self.shared.record.borrow_mut()
    }

    /// The present moment, by the world's clock.
    pub fn now(&self) -> Timestamp {
        self.sync();
        Timestamp::from_millis(self.shared.timeline.now())
    }

    /// Lets time pass, with nobody invoked.
    pub fn pass(&self, span: Span) {
        let moment = self.now() + span;
        self.shared.timeline.catch_up(moment.millis());
        self.sync();
    }

    /// An invocation's ports, for one flow. Its time runs from now (and `starts_after`) on; once the flow has ended,
    /// nothing moves through them any more.
    pub fn invocation(&self, invoke: Invoke) -> Ports {
        self.sync();
        self.shared.invocations.set(self.shared.invocations.get() + 1);
        Ports::new(self.clone(), invoke)
    }

    /// An executor of invocations.
    pub fn executor<'a, T>(&self) -> Executor<'a, T> {
        Executor::new(self.clone())
    }

    /// Runs invocations side by side to their ends; how each ended, in the given order.
    pub fn run<'a, T>(&self, flows: Vec<(Ports, Flow<'a, T>)>) -> Vec<Ended<T>> {
        let mut executor = self.executor();
        for (ports, flow) in flows {
            executor.spawn(&ports, flow);
        }
        executor.run().into_iter().map(|(_, ended)| ended).collect()
    }

    /// Runs one invocation to its end.
    pub fn run_one<'a, T>(&self, ports: &Ports, flow: impl Future<Output = T> + 'a) -> Ended<T> {
        let mut executor = self.executor();
        executor.spawn(ports, flow);
        executor.run().pop().map_or(Ended::Died, |(_, ended)| ended)
    }

    /// How many invocations there have been.
    pub fn invocations(&self) -> u64 {
        self.shared.invocations.get()
    }

    /// Brings world and timeline to the same moment: the later of the two, for each may have been advanced alone.
    fn sync(&self) {
        let mut aws = self.shared.aws.borrow_mut();
        let now = aws.now();
        self.shared.timeline.catch_up(now);
        if self.shared.timeline.now() > now {
            aws.advance_to(self.shared.timeline.now());
        }
    }

    /// Hands the world a call, at this moment.
    fn serve(&self, call: &Call) -> Served {
        self.sync();
        self.shared.aws.borrow_mut().serve(call)
    }
}

impl Aws for crate::world::World {
    fn now(&self) -> Millis {
        crate::world::World::now(self)
    }

    fn advance_to(&mut self, moment: Millis) {
        crate::world::World::advance_to(self, moment);
    }

    fn serve(&mut self, call: &Call) -> Served {
        crate::world::World::serve(self, call)
    }
}
