//! The function as Lambda runs it: the shipped binary, one process for each invocation at a time, started when there is none
//! free, kept warm between.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Semaphore, oneshot};

use super::process::{Lines, Process};
use super::runtime_api::Job;
use super::{Killer, Model, Shared, Wire};

/// Lambda's own limit for the init of a process.
const INIT: Duration = Duration::from_secs(10);

/// What is deployed. [`Function::new`] has the defaults of template.yaml.
#[derive(Debug, Clone)]
pub struct Function {
    /// The binary.
    pub binary: PathBuf,
    /// Its arguments; Lambda gives none.
    pub arguments: Vec<String>,
    /// `CUTOVER_TABLE`.
    pub table: String,
    /// `CUTOVER_EVENT_BUS`.
    pub event_bus: Option<String>,
    /// `CUTOVER_DEFAULTS`, JSON.
    pub defaults: String,
    /// The timeout of an invocation.
    pub timeout: Duration,
    /// How many run at once; the next waits.
    pub concurrency: usize,
    /// Any other variable.
    pub variables: BTreeMap<String, String>,
}

impl Function {
    /// The function as template.yaml deploys it, with room for sixteen at once.
    pub fn new(binary: impl Into<PathBuf>, table: &str) -> Self {
        Self {
            binary: binary.into(),
            arguments: Vec::new(),
            table: table.to_owned(),
            event_bus: Some("default".to_owned()),
            defaults: "{}".to_owned(),
            timeout: Duration::from_secs(30),
            concurrency: 16,
            variables: BTreeMap::new(),
        }
    }

    /// The whole environment of a process: nothing of the machine's own gets in.
    pub(super) fn environment(&self, endpoint: &str, key: &str, runtime: &str) -> BTreeMap<String, String> {
        let stream = format!("2026/01/01/[$LATEST]{key}");
        let fixed = [
            ("AWS_LAMBDA_RUNTIME_API", runtime),
            ("AWS_LAMBDA_FUNCTION_NAME", "cutover"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/cutover"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", &stream),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("_HANDLER", "bootstrap"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", key),
            ("AWS_SECRET_ACCESS_KEY", "of-the-simulation"),
            ("AWS_SESSION_TOKEN", "of-the-simulation"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", endpoint),
            ("CUTOVER_TABLE", &self.table),
            ("CUTOVER_DEFAULTS", &self.defaults),
        ];
        let mut all: BTreeMap<String, String> =
            fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if let Some(bus) = &self.event_bus {
            all.insert("CUTOVER_EVENT_BUS".to_owned(), bus.clone());
        }
        all.extend(self.variables.clone());
        all
    }
}

/// How an invocation failed, as the caller of Lambda sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LambdaError {
    /// `errorType`: the function's own, or Lambda's (`Sandbox.Timedout`, `Runtime.ExitError`).
    pub kind: String,
    /// `errorMessage`.
    pub message: String,
}

impl LambdaError {
    /// Reads what the process posted.
    pub(super) fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        Self { kind: text("errorType"), message: text("errorMessage") }
    }
}

impl std::fmt::Display for LambdaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for LambdaError {}

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
