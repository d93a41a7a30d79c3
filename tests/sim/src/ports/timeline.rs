//! Virtual time: a heap of wake-ups, and nothing that ever really waits.

use crate::api::Millis;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The clock and what is due on it.
pub(super) struct Timeline {
    now: Cell<Millis>,
    /// The last wake-up that was reached: whatever is due no later than it, is over.
    reached: Cell<Due>,
    heap: RefCell<BinaryHeap<Reverse<Entry>>>,
    rng: RefCell<fastrand::Rng>,
}

/// A place on the timeline. Among equal moments the seed decides, but nothing new is ever due before what was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    at: Millis,
    tie: u64,
}

struct Entry {
    due: Due,
    waker: Waker,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}

impl Timeline {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            now: Cell::new(0),
            reached: Cell::new(Due { at: Millis::MIN, tie: 0 }),
            heap: RefCell::new(BinaryHeap::new()),
            rng: RefCell::new(fastrand::Rng::with_seed(seed)),
        }
    }

    pub(super) fn now(&self) -> Millis {
        self.now.get()
    }

    /// Time never runs backwards.
    pub(super) fn catch_up(&self, moment: Millis) {
        self.now.set(self.now.get().max(moment));
    }

    /// A number below `limit`, from the seed.
    pub(super) fn below(&self, limit: u64) -> u64 {
        if limit <= 1 { 0 } else { self.rng.borrow_mut().u64(0..limit) }
    }

    /// Has `waker` woken in `after` milliseconds.
    pub(super) fn wake_in(&self, after: Millis, waker: Waker) -> Due {
        let at = self.now.get() + after.max(0);
        let reached = self.reached.get();
        let chance = self.below(1 << 32);
        let tie = if at == reached.at { reached.tie + 1 + chance } else { chance };
        let due = Due { at, tie };
        self.heap.borrow_mut().push(Reverse(Entry { due, waker }));
        due
    }

    /// When the next wake-up is due.
    pub(super) fn next(&self) -> Option<Millis> {
        self.heap.borrow().peek().map(|Reverse(entry)| entry.due.at)
    }

    /// Goes to the next wake-up; false if there is none.
    pub(super) fn step(&self) -> bool {
        let Some(Reverse(entry)) = self.heap.borrow_mut().pop() else { return false };
        self.catch_up(entry.due.at);
        self.reached.set(self.reached.get().max(entry.due));
        entry.waker.wake();
        true
    }

    /// Forgets what is due: whoever waited is gone.
    pub(super) fn clear(&self) {
        self.heap.borrow_mut().clear();
    }

    /// Waits for `span` milliseconds, at least for one turn of the executor.
    pub(super) fn wait(&self, span: Millis) -> Wait<'_> {
        Wait { timeline: self, span, due: None }
    }
}

/// A wait on the timeline.
pub(super) struct Wait<'a> {
    timeline: &'a Timeline,
    span: Millis,
    due: Option<Due>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.due {
            None => {
                self.due = Some(self.timeline.wake_in(self.span, cx.waker().clone()));
                Poll::Pending
            }
            Some(due) if due <= self.timeline.reached.get() => Poll::Ready(()),
            Some(_) => Poll::Pending,
        }
    }
}
