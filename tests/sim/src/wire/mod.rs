//! The face on the wire: the world behind loopback HTTP, speaking what the AWS SDKs speak.
//!
//! One port serves every service (the signature's scope tells which); the function's own Runtime API has one port for each of its
//! processes. Time is the real clock's: a shipped binary can't be told another.

#[cfg(test)]
mod codec_tests;
mod decode;
mod driver;
mod encode;
mod encode_alarms;
mod fault;
mod front;
mod function;
mod lambda;
#[cfg(test)]
mod lambda_tests;
#[cfg(test)]
mod live_tests;
mod log;
mod node;
mod params;
mod process;
mod protocol;
mod runtime_api;
#[cfg(test)]
mod script;
mod server;
mod template;
#[cfg(test)]
mod trouble_tests;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

pub use driver::{Delivered, Driver};
pub use fault::{Calls, Moment, WireFault, calls};
pub use front::{Front, Hit, hit};
pub use function::{Function, LambdaError};
pub use lambda::Lambda;
pub use log::Seen;
pub use protocol::To;
pub use template::table_properties;

use crate::api::Millis;
use crate::dynamodb::Dynamo;
use crate::ports::Aws;

/// A world that can be put on the wire: it moves to another thread, perhaps.
pub trait Model: Aws + Send + 'static {}

impl<W: Aws + Send + 'static> Model for W {}

/// Asks a process to die, and learns when it has.
type Killer = mpsc::UnboundedSender<oneshot::Sender<()>>;

/// Everything that the wire keeps. Locked for moments, never across an await.
struct State<W> {
    world: W,
    dynamo: Dynamo,
    log: log::Log,
    rules: fault::Rules<W>,
    latency: Duration,
    killers: BTreeMap<String, Killer>,
    /// How many access keys were given out.
    keys: u64,
}

impl<W: Aws> State<W> {
    /// Lets the world catch up with the real clock.
    fn catch_up(&mut self) -> Millis {
        let now = now();
        self.world.advance_to(now);
        now
    }
}

/// The real clock, in the world's unit.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

struct Shared<W>(Mutex<State<W>>);

impl<W> Shared<W> {
    fn lock(&self) -> MutexGuard<'_, State<W>> {
        // A test that failed while it held the world must not hide its message behind a second panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills the process that signs with this key, and waits until it is dead. Callers without a process go on.
    async fn kill(&self, caller: &str) {
        let killer = self.lock().killers.get(caller).cloned();
        let (done, dead) = oneshot::channel();
        if killer.is_some_and(|killer| killer.send(done).is_ok()) {
            let _ = dead.await;
        }
    }
}

/// A world on the wire. Everything that it started ends when it is dropped.
pub struct Wire<W: Model> {
    shared: Arc<Shared<W>>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl<W: Model> Wire<W> {
    /// Puts a world on the wire, with an empty account for the table beside it.
    ///
    /// # Errors
    /// When no loopback port is free.
    pub async fn start(world: W) -> io::Result<Self> {
        let (listener, address) = server::listen().await?;
        let state = State {
            world,
            dynamo: Dynamo::new(),
            log: log::Log::default(),
            rules: fault::Rules::default(),
            latency: Duration::ZERO,
            killers: BTreeMap::new(),
            keys: 0,
        };
        let shared = Arc::new(Shared(Mutex::new(state)));
        let serving = Arc::clone(&shared);
        let handle = move |request| server::aws(Arc::clone(&serving), request);
        let server = tokio::spawn(server::accept(listener, handle));
        Ok(Self { shared, address, server })
    }

    /// What `AWS_ENDPOINT_URL` has to be.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks at the world as it is now, or changes it.
    pub fn world<T>(&self, look: impl FnOnce(&mut W) -> T) -> T {
        let mut state = self.shared.lock();
        state.catch_up();
        look(&mut state.world)
    }

    /// Looks at the tables, or changes them.
    pub fn dynamo<T>(&self, look: impl FnOnce(&mut Dynamo) -> T) -> T {
        look(&mut self.shared.lock().dynamo)
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.lock().log.seen().to_vec()
    }

    /// These calls meet this fault.
    pub fn fault(&self, calls: Calls, fault: WireFault) {
        self.shared.lock().rules.fault(calls, fault);
    }

    /// At these calls this is done to the world: what happens in the very moment between two calls.
    pub fn hook(&self, calls: Calls, moment: Moment, deed: impl FnMut(&mut W) + Send + 'static) {
        self.shared.lock().rules.hook(calls, moment, deed);
    }

    /// No more faults and hooks.
    pub fn clear_rules(&self) {
        self.shared.lock().rules.clear();
    }

    /// How long every answer takes. Rounds can be told apart only with some: 20 ms, say.
    pub fn latency(&self, latency: Duration) {
        self.shared.lock().latency = latency;
    }
}

impl<W: Model> Drop for Wire<W> {
    fn drop(&mut self) {
        self.server.abort();
    }
}
