//! The function as Lambda runs it: the shipped binary, one process for each invocation at a time, started when there is none
//! free, kept warm between.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Semaphore, oneshot};

use super::function::{Function, LambdaError};
use super::process::{Lines, Process};
use super::runtime_api::Job;
use super::{Killer, Model, Shared, Wire};

/// Lambda's own limit for the init of a process.
const INIT: Duration = Duration::from_secs(10);

/// What the pool tells the wire about its processes.
trait Bookkeeper: Send + Sync {
    /// A new process: a key of its own.
    fn key(&self) -> String;
    /// How to kill it.
    fn started(&self, key: &str, killer: Killer);
    /// It begins an invocation.
    fn began(&self, key: &str);
}

impl<W: Model> Bookkeeper for Shared<W> {
    fn key(&self) -> String {
        let mut state = self.lock();
        state.keys += 1;
        format!("ASIASIMULATED{:07}", state.keys)
    }

    fn started(&self, key: &str, killer: Killer) {
        self.lock().killers.insert(key.to_owned(), killer);
    }

    fn began(&self, key: &str) {
        self.lock().log.invocation(key);
    }
}

struct Pool {
    function: Function,
    endpoint: String,
    books: Arc<dyn Bookkeeper>,
    room: Semaphore,
    idle: Mutex<Vec<Process>>,
    busy: Mutex<BTreeMap<u32, Killer>>,
    lines: Lines,
    invocations: AtomicU64,
}

/// The function, deployed. A clone is the same function; its processes die with the last.
#[derive(Clone)]
pub struct Lambda(Arc<Pool>);

impl Lambda {
    /// Deploys `function` against a wire. No process is started before the first invocation.
    pub fn deploy<W: Model>(wire: &Wire<W>, function: Function) -> Self {
        let books: Arc<dyn Bookkeeper> = Arc::<Shared<W>>::clone(&wire.shared);
        Self(Arc::new(Pool {
            room: Semaphore::new(function.concurrency),
            endpoint: wire.endpoint(),
            function,
            books,
            idle: Mutex::new(Vec::new()),
            busy: Mutex::new(BTreeMap::new()),
            lines: Lines::default(),
            invocations: AtomicU64::new(0),
        }))
    }

    /// Invokes and waits for the answer.
    ///
    /// # Errors
    /// The function's own error, or Lambda's when the process died or took too long.
    pub async fn invoke(&self, event: &Value) -> Result<Value, LambdaError> {
        self.invoke_bytes(event.to_string().into_bytes()).await
    }

    /// Invokes with any bytes.
    ///
    /// # Errors
    /// As [`Lambda::invoke`].
    pub async fn invoke_bytes(&self, payload: Vec<u8>) -> Result<Value, LambdaError> {
        let _room = self.0.room.acquire().await.map_err(|_| gone("the function is being deleted"))?;
        let process = self.process().await.map_err(|error| gone(&error.to_string()))?;
        let id = self.0.invocations.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("{id:08x}-0000-4000-8000-000000000000");
        let (taken, begins) = oneshot::channel();
        let (outcome, ends) = oneshot::channel();
        lock(&self.0.busy).insert(process.pid, process.killer());
        let sent = process.take(Job { id: id.clone(), payload, taken, outcome });
        let result = if sent { self.wait(&process, &id, begins, ends).await } else { Err(gone("the process is gone")) };
        lock(&self.0.busy).remove(&process.pid);
        if process.alive() {
            lock(&self.0.idle).push(process);
        }
        result
    }

    async fn wait(
        &self,
        process: &Process,
        id: &str,
        begins: oneshot::Receiver<()>,
        ends: oneshot::Receiver<Result<Value, LambdaError>>,
    ) -> Result<Value, LambdaError> {
        if tokio::time::timeout(INIT, begins).await.is_err() {
            return Err(timed_out(process, id, INIT).await);
        }
        let timeout = self.0.function.timeout;
        match tokio::time::timeout(timeout, ends).await {
            Ok(Ok(outcome)) => outcome,
            // The process ended before it took the invocation.
            Ok(Err(_)) => Err(gone("Error: Runtime exited without providing a reason")),
            Err(_) => Err(timed_out(process, id, timeout).await),
        }
    }

    async fn process(&self) -> io::Result<Process> {
        loop {
            let warm = lock(&self.0.idle).pop();
            match warm {
                Some(process) if process.alive() => return Ok(process),
                Some(_) => {}
                None => break,
            }
        }
        let pool = &self.0;
        let key = pool.books.key();
        let books: Weak<dyn Bookkeeper> = Arc::downgrade(&pool.books);
        let name = key.clone();
        let began = move || {
            if let Some(books) = books.upgrade() {
                books.began(&name);
            }
        };
        let lines = Arc::clone(&pool.lines);
        let process = Process::start(&pool.function, &pool.endpoint, key, lines, began).await?;
        pool.books.started(&process.key, process.killer());
        Ok(process)
    }

    /// The process ids, busy ones first.
    pub fn pids(&self) -> Vec<u32> {
        let busy: Vec<u32> = lock(&self.0.busy).keys().copied().collect();
        busy.into_iter().chain(lock(&self.0.idle).iter().map(|process| process.pid)).collect()
    }

    /// Kills (-9) every process that is busy, and waits until they are dead. Returns how many.
    pub async fn kill_busy(&self) -> usize {
        let busy: Vec<Killer> = lock(&self.0.busy).values().cloned().collect();
        for killer in &busy {
            end(killer).await;
        }
        busy.len()
    }

    /// Ends every idle process: the next invocation is a cold start.
    pub fn cool(&self) {
        lock(&self.0.idle).clear();
    }

    /// What the processes wrote to stdout and stderr: the access key of each and the line.
    pub fn lines(&self) -> Vec<(String, String)> {
        lock(&self.0.lines).clone()
    }
}

/// As Lambda does: the process is killed, and not used again.
async fn timed_out(process: &Process, id: &str, after: Duration) -> LambdaError {
    end(&process.killer()).await;
    LambdaError {
        kind: "Sandbox.Timedout".to_owned(),
        message: format!("RequestId: {id} Error: Task timed out after {:.2} seconds", after.as_secs_f64()),
    }
}

async fn end(killer: &Killer) {
    let (done, dead) = oneshot::channel();
    if killer.send(done).is_ok() {
        let _ = dead.await;
    }
}

fn gone(why: &str) -> LambdaError {
    LambdaError { kind: "Runtime.ExitError".to_owned(), message: why.to_owned() }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
