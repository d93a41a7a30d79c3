//! The customers: real HTTP requests to the load balancer's front door, all the time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use simulated_aws::api::Millis;
use simulated_aws::wire::{Hit, hit, now};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::account::{Account, GROUP};

/// Forty requests a second: enough for a picture, and little enough for any machine.
const PACE: Duration = Duration::from_millis(25);

/// What the customers see. They come once the doors are open.
#[derive(Default)]
pub struct Customers {
    open: Cell<bool>,
    since: Cell<Millis>,
    sent: Cell<u64>,
    seen: RefCell<BTreeMap<Seen, u64>>,
}

/// What becomes of a request, as its sender sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A fleet answered well.
    Served(String),
    /// A fleet answered with an error.
    Failed(String),
    /// The load balancer had nobody to ask.
    Nobody,
    /// The connection ended without an answer.
    Cut,
}

impl Customers {
    /// Opens the doors: from now on requests flow.
    pub fn open(&self) {
        self.since.set(now());
        self.open.set(true);
    }

    /// Closes them, and waits until everybody has an answer.
    pub async fn close(&self) {
        self.open.set(false);
        while self.answered() < self.sent() {
            tokio::time::sleep(PACE).await;
        }
    }

    /// Since when requests flow.
    pub fn since(&self) -> Millis {
        self.since.get()
    }

    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// How many have ended, in whichever way.
    pub fn answered(&self) -> u64 {
        self.seen.borrow().values().sum()
    }

    /// What became of those that have ended.
    pub fn seen(&self) -> BTreeMap<Seen, u64> {
        self.seen.borrow().clone()
    }

    /// Sends requests for ever, without waiting for the answer of the one before.
    pub async fn come(&self, account: &Account) -> Infallible {
        let address = account.front.address();
        let mut under_way = JoinSet::new();
        let mut pace = tokio::time::interval(PACE);
        // While the doors are closed nobody queues.
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                _ = pace.tick(), if self.open.get() => {
                    self.sent.set(self.sent.get() + 1);
                    under_way.spawn(async move { hit(address, GROUP).await.unwrap_or(Hit::Cut) });
                }
                Some(Ok(hit)) = under_way.join_next() => {
                    *self.seen.borrow_mut().entry(Seen::of(hit)).or_default() += 1;
                }
                else => tokio::time::sleep(PACE).await,
            }
        }
    }
}

impl Seen {
    fn of(hit: Hit) -> Self {
        match hit {
            Hit::Answered(200, fleet) => Seen::Served(fleet),
            Hit::Answered(503, _) => Seen::Nobody,
            Hit::Answered(_, fleet) => Seen::Failed(fleet),
            Hit::Cut => Seen::Cut,
        }
    }
}
