//! One invocation: its ports, its clock, its calls counted, its death.

use super::{InProcess, Invoke};
use crate::api::{Call, LostHow, Millis, Reply, Served};
use cutover::clock::Clock;
use cutover::release::{Span, Timestamp};
use futures_util::FutureExt;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What one invocation sees of AWS: implements every port. Cheap to clone: all clones are the same invocation.
#[derive(Clone)]
pub struct Ports {
    pub(super) sim: InProcess,
    inner: Rc<Inner>,
}

struct Inner {
    invoke: Invoke,
    number: u64,
    starts_at: Millis,
    awaits: Cell<u32>,
    dead: Cell<bool>,
    answered_round: Cell<u32>,
    calls: RefCell<Vec<Called>>,
}

/// One call that an invocation made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// AWS's name of the operation; of the record, that of the port's method in DynamoDB's words.
    pub operation: &'static str,
    /// In which round: one more than that of the last call that was answered before this one was sent.
    pub round: u32,
    /// When it was sent, by the world's clock.
    pub sent_at: Timestamp,
    /// It changes something.
    pub write: bool,
}

/// A call that has no good answer.
pub(super) enum Failed {
    /// AWS answered with an error.
    Answered(crate::api::ApiError),
    /// No answer came.
    Unanswered(LostHow),
}

impl Ports {
    pub(super) fn new(sim: InProcess, invoke: Invoke) -> Self {
        let starts_at = sim.shared.timeline.now() + invoke.starts_after.millis();
        let inner = Inner {
            invoke,
            number: sim.shared.invocations.get(),
            starts_at,
            awaits: Cell::new(0),
            dead: Cell::new(false),
            answered_round: Cell::new(0),
            calls: RefCell::new(Vec::with_capacity(16)),
        };
        Self { sim, inner: Rc::new(inner) }
    }

    /// The invocation's request id.
    pub fn request_id(&self) -> &str {
        &self.inner.invoke.request_id
    }

    /// The process that it runs in: one of its own.
    pub fn process(&self) -> String {
        format!("process-{}", self.inner.number)
    }

    /// When Lambda ends it, by its own clock.
    pub fn deadline(&self) -> Timestamp {
        Timestamp::from_millis(self.ends_at()) + self.inner.invoke.skew
    }

    /// Each call so far, the record's and the announcements' included, in the order in which they were sent.
    pub fn calls(&self) -> Vec<Called> {
        self.inner.calls.borrow().clone()
    }

    /// How many rounds its calls took: calls under way side by side are one.
    pub fn rounds(&self) -> u32 {
        self.inner.calls.borrow().iter().map(|called| called.round).max().unwrap_or(0)
    }

    /// How many writes it sent to AWS or to the record.
    pub fn writes(&self) -> usize {
        self.inner.calls.borrow().iter().filter(|called| called.write).count()
    }

    /// How many awaits it has arrived at: the numbers at which it could have died.
    pub fn awaits(&self) -> u32 {
        self.inner.awaits.get()
    }

    pub(super) fn starts_at(&self) -> Millis {
        self.inner.starts_at
    }

    pub(super) fn ends_at(&self) -> Millis {
        self.inner.starts_at + self.inner.invoke.timeout.millis()
    }

    pub(super) fn is_dead(&self) -> bool {
        self.inner.dead.get()
    }

    /// It has ended: whatever still holds a clone of it can do nothing more.
    pub(super) fn bury(&self) {
        self.inner.dead.set(true);
    }

    /// One await: `span` passes, or the invocation dies here.
    async fn pause(&self, span: Millis) {
        let arrived = self.inner.awaits.get() + 1;
        self.inner.awaits.set(arrived);
        if self.inner.invoke.dies_at_await == Some(arrived) {
            self.inner.dead.set(true);
        }
        self.sim.shared.timeline.wait(span).await;
        if self.inner.dead.get() {
            std::future::pending::<()>().await;
        }
    }

    /// Half of a call's way.
    async fn travel(&self) {
        let settings = &self.sim.shared.settings;
        let jitter = self.sim.shared.timeline.below(u64::try_from(settings.jitter.millis() + 1).unwrap_or(1));
        self.pause(settings.latency.millis() / 2 + i64::try_from(jitter).unwrap_or(0)).await;
    }

    /// Counts a call, lets it travel, has it take effect, and lets its answer travel back.
    pub(super) async fn exchange<T>(&self, operation: &'static str, write: bool, effect: impl FnOnce() -> T) -> T {
        let round = self.inner.answered_round.get() + 1;
        let sent_at = Timestamp::from_millis(self.sim.shared.timeline.now());
        self.inner.calls.borrow_mut().push(Called { operation, round, sent_at, write });
        // Boxed: a flow that waits is moved about a few times, and would carry each of its calls' answers along.
        let way = async {
            self.travel().await;
            let answer = effect();
            self.travel().await;
            answer
        };
        let answer = way.boxed_local().await;
        self.inner.answered_round.set(self.inner.answered_round.get().max(round));
        answer
    }

    /// The caller's own timeout passes: what has no answer is noticed only then.
    pub(super) async fn time_out(&self) {
        self.pause(self.sim.shared.settings.call_timeout.millis()).await;
    }

    /// Sends a call to the world.
    pub(super) async fn call(&self, call: &Call) -> Result<Reply, Failed> {
        let served = self.exchange(call.operation(), call.is_write(), || self.sim.serve(call)).await;
        match served {
            Served::Ok(reply) => Ok(reply),
            Served::Err(error) => Err(Failed::Answered(error)),
            Served::Lost { how, .. } => {
                if how == LostHow::TimedOut {
                    self.time_out().await;
                }
                Err(Failed::Unanswered(how))
            }
        }
    }
}

impl Clock for Ports {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.sim.shared.timeline.now()) + self.inner.invoke.skew
    }

    async fn sleep(&self, span: Span) {
        self.pause(span.millis()).await;
    }
}
