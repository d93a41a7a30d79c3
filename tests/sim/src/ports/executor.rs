//! The executor: several invocations on one thread, who goes on chosen from the seed, each mortal.

use super::{Flow, InProcess, Ports};
use cutover::release::Timestamp;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Which of an executor's invocations, in the order in which they were given.
pub type TaskId = usize;

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<T> {
    /// It came to its end.
    Returned(T),
    /// It died at the await that it was told to die at.
    Died,
    /// Its time was over: Lambda ended it.
    TimedOut,
}

impl<T> Ended<T> {
    /// What it returned; `None` if it was ended before.
    pub fn returned(self) -> Option<T> {
        match self {
            Ended::Returned(value) => Some(value),
            Ended::Died | Ended::TimedOut => None,
        }
    }
}

struct Task<'a, T> {
    id: TaskId,
    ports: Ports,
    flow: Flow<'a, T>,
    ready: Arc<Ready>,
    waker: Waker,
}

/// Whether a task has something to do. Atomic only because a `Waker` has to be: all of it is one thread.
struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs invocations side by side in virtual time. Dropping an invocation's flow is its death: nothing of it runs on.
pub struct Executor<'a, T> {
    sim: InProcess,
    running: Vec<Task<'a, T>>,
    ended: Vec<(TaskId, Ended<T>)>,
    given: TaskId,
}

impl<'a, T> Executor<'a, T> {
    pub(super) fn new(sim: InProcess) -> Self {
        Self { sim, running: Vec::new(), ended: Vec::new(), given: 0 }
    }

    /// Adds an invocation; it begins when its `starts_after` has passed.
    pub fn spawn(&mut self, ports: &Ports, flow: impl Future<Output = T> + 'a) -> TaskId {
        let ready = Arc::new(Ready(AtomicBool::new(false)));
        let waker = Waker::from(ready.clone());
        let id = self.given;
        self.given += 1;
        self.sim.sync();
        let timeline = &self.sim.shared.timeline;
        timeline.wake_in(ports.starts_at() - timeline.now(), waker.clone());
        self.running.push(Task { id, ports: ports.clone(), flow: Box::pin(flow), ready, waker });
        id
    }

    /// How many have not ended yet.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Runs all to their ends; how each ended, in the order in which they were given.
    pub fn run(&mut self) -> Vec<(TaskId, Ended<T>)> {
        while !self.running.is_empty() {
            self.step(None);
        }
        self.finish()
    }

    /// Runs up to a moment; those that have ended since the last call. The others go on with the next call, and what falls
    /// due at that very moment with it: behind whatever the caller lets happen then.
    pub fn run_until(&mut self, moment: Timestamp) -> Vec<(TaskId, Ended<T>)> {
        while !self.running.is_empty() && self.step(Some(moment.millis())) {}
        self.sim.shared.timeline.catch_up(moment.millis());
        self.finish()
    }

    fn finish(&mut self) -> Vec<(TaskId, Ended<T>)> {
        if self.running.is_empty() {
            self.sim.shared.timeline.clear();
        }
        self.sim.sync();
        let mut ended = std::mem::take(&mut self.ended);
        ended.sort_by_key(|(id, _)| *id);
        ended
    }

    /// One turn: somebody who is ready goes on, or time does. False if nothing more happens before `limit`.
    fn step(&mut self, limit: Option<i64>) -> bool {
        if let Some(index) = self.choose() {
            self.poll(index);
            return true;
        }
        let timeline = &self.sim.shared.timeline;
        let next = timeline.next();
        let doomed = self.running.iter().enumerate().min_by_key(|(_, task)| task.ports.ends_at());
        if let Some((index, ends_at)) = doomed.map(|(index, task)| (index, task.ports.ends_at()))
            && next.is_none_or(|next| ends_at < next)
        {
            if limit.is_some_and(|limit| ends_at >= limit) {
                return false;
            }
            timeline.catch_up(ends_at);
            self.end(index, Ended::TimedOut);
            return true;
        }
        match next {
            Some(next) if limit.is_some_and(|limit| next >= limit) => false,
            _ => timeline.step(),
        }
    }

    /// One of those that are ready.
    fn choose(&self) -> Option<usize> {
        let ready = |task: &&Task<'a, T>| task.ready.0.load(Ordering::Relaxed);
        let count = self.running.iter().filter(ready).count();
        let pick = usize::try_from(self.sim.shared.timeline.below(count as u64)).unwrap_or(0);
        self.running.iter().enumerate().filter(|(_, task)| ready(task)).nth(pick).map(|(index, _)| index)
    }

    fn poll(&mut self, index: usize) {
        let task = &mut self.running[index];
        task.ready.0.store(false, Ordering::Relaxed);
        let polled = task.flow.as_mut().poll(&mut Context::from_waker(&task.waker));
        if task.ports.is_dead() {
            self.end(index, Ended::Died);
        } else if let Poll::Ready(value) = polled {
            self.end(index, Ended::Returned(value));
        }
    }

    fn end(&mut self, index: usize, how: Ended<T>) {
        let task = self.running.remove(index);
        task.ports.bury();
        self.ended.push((task.id, how));
    }
}
