//! Real time: the world keeps up with the clock, and what it would deliver is delivered, as invocations of the function.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::task::{JoinHandle, JoinSet};

use super::{Lambda, LambdaError, Shared, Wire, now};
use crate::api::Millis;
use crate::world::{Delivery, World};

/// How often the world catches up when nobody asks it: well below what a person sees, or a policy of seconds notices.
const STEP: Duration = Duration::from_millis(20);

/// An event that arrived, and what the function made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// The event.
    pub delivery: Delivery,
    /// When the function had ended.
    pub ended: Millis,
    /// Its answer. Lambda would try a failed one again after a minute and after two more; here the schedule's next event is as
    /// good, and a test sees every failure.
    pub answer: Result<Value, LambdaError>,
}

/// What keeps the world going. Dropping it stops the events; invocations under way are given up.
pub struct Driver {
    begun: Arc<Mutex<Vec<Delivery>>>,
    delivered: Arc<Mutex<Vec<Delivered>>>,
    task: JoinHandle<()>,
}

impl Wire<World> {
    /// From now on every event that falls due becomes an invocation of its own.
    pub fn drive(&self, lambda: &Lambda) -> Driver {
        let (begun, delivered) = (Arc::default(), Arc::default());
        let shared = Arc::clone(&self.shared);
        let task = tokio::spawn(drive(shared, lambda.clone(), Arc::clone(&begun), Arc::clone(&delivered)));
        Driver { begun, delivered, task }
    }
}

async fn drive(
    shared: Arc<Shared<World>>,
    lambda: Lambda,
    begun: Arc<Mutex<Vec<Delivery>>>,
    delivered: Arc<Mutex<Vec<Delivered>>>,
) {
    let mut running = JoinSet::new();
    loop {
        let due = {
            let mut state = shared.lock();
            state.catch_up();
            state.world.take_deliveries()
        };
        begun.lock().unwrap_or_else(PoisonError::into_inner).extend(due.iter().cloned());
        for delivery in due {
            let (lambda, delivered) = (lambda.clone(), Arc::clone(&delivered));
            running.spawn(async move {
                let answer = lambda.invoke(&delivery.payload).await;
                let done = Delivered { delivery, ended: now(), answer };
                delivered.lock().unwrap_or_else(PoisonError::into_inner).push(done);
            });
        }
        while running.try_join_next().is_some() {}
        tokio::time::sleep(STEP).await;
    }
}

impl Driver {
    /// What has been delivered so far, answered or not.
    pub fn begun(&self) -> Vec<Delivery> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What has been delivered and answered so far, in the order of the answers.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.task.abort();
    }
}
