//! The schedule: EventBridge would knock every minute; here every second while a release is in flight, so that nobody has to wait.
//! Before it is, the schedule keeps still: a launch event is to begin it, as it would in a minute without a knock.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::time::Duration;

use serde_json::Value;

use crate::account::Account;

const PACE: Duration = Duration::from_secs(1);

/// The event as EventBridge sends it.
const EVENT: &str = include_str!("../../../events/schedule.json");

/// The schedule.
#[derive(Default)]
pub struct Schedule {
    paused: Cell<bool>,
    failures: RefCell<Vec<String>>,
}

impl Schedule {
    /// No more knocks.
    pub fn pause(&self) {
        self.paused.set(true);
    }

    /// Knocks that failed, each as a sentence.
    pub fn failures(&self) -> Vec<String> {
        self.failures.borrow().clone()
    }

    /// Knocks for ever.
    pub async fn knock(&self, account: &Account) -> Infallible {
        let event: Value = serde_json::from_str(EVENT).unwrap_or_default();
        loop {
            tokio::time::sleep(PACE).await;
            if self.paused.get() || !account.in_flight() {
                continue;
            }
            if let Err(error) = account.invoke(&event).await {
                self.failures.borrow_mut().push(format!("a knock of the schedule failed: {error}"));
            }
        }
    }
}
