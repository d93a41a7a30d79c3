//! One process of the function: started, listened to, killed.

use std::io;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::function::{Function, LambdaError};
use super::runtime_api::{Job, RuntimeApi};
use super::{Killer, server};

/// What the processes wrote, line by line, each with its process's access key.
pub type Lines = Arc<Mutex<Vec<(String, String)>>>;

/// A process. Dropping it kills it.
pub struct Process {
    /// The access key that its requests are signed with.
    pub key: String,
    /// Its process id.
    pub pid: u32,
    jobs: mpsc::UnboundedSender<Job>,
    killer: Killer,
    alive: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // The task owns the child, which is killed when it is dropped.
        self.task.abort();
    }
}

impl Process {
    /// Starts one.
    ///
    /// # Errors
    /// When the binary can't be started.
    pub async fn start(
        function: &Function,
        endpoint: &str,
        key: String,
        lines: Lines,
        began: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (jobs, receiver) = mpsc::unbounded_channel();
        let api = RuntimeApi::new(receiver, function.timeout, began);
        let (listener, address) = server::listen().await?;
        let serving = Arc::clone(&api);
        let mut child = Command::new(&function.binary)
            .args(&function.arguments)
            .env_clear()
            .envs(function.environment(endpoint, &key, &address.to_string()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().ok_or_else(|| io::Error::other("the process ended at once"))?;
        let alive = Arc::new(AtomicBool::new(true));
        let (killer, kill) = mpsc::unbounded_channel();
        let mut side = JoinSet::new();
        side.spawn(server::accept(listener, move |request| Arc::clone(&serving).serve(request)));
        side.spawn(listen_to(child.stdout.take(), key.clone(), Arc::clone(&lines)));
        side.spawn(listen_to(child.stderr.take(), key.clone(), lines));
        let task = tokio::spawn(watch(child, kill, api, Arc::clone(&alive), side));
        Ok(Self { key, pid, jobs, killer, alive, task })
    }

    /// Whether it can take an invocation.
    pub fn alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Hands it an invocation; `false` if it is gone.
    pub fn take(&self, job: Job) -> bool {
        self.alive() && self.jobs.send(job).is_ok()
    }

    /// What kills it on demand.
    pub fn killer(&self) -> Killer {
        self.killer.clone()
    }
}

/// Waits for the end of the process, natural or not, and tells whoever waits for its answer.
async fn watch(
    mut child: Child,
    mut kill: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
    api: Arc<RuntimeApi>,
    alive: Arc<AtomicBool>,
    side: JoinSet<()>,
) {
    let mut asked = Vec::new();
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            Some(done) = kill.recv() => {
                asked.push(done);
                // SIGKILL; an error means that it is dead already.
                let _ = child.start_kill();
            }
        }
    };
    alive.store(false, Ordering::Release);
    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    api.lost(LambdaError {
        kind: "Runtime.ExitError".to_owned(),
        message: format!("Error: Runtime exited with error: {status}"),
    });
    asked.into_iter().for_each(|done| {
        let _ = done.send(());
    });
    // What it wrote before its end is still in the pipes: let the readers come to theirs.
    drain(side).await;
}

/// The server never ends by itself, the two readers do once the pipes are closed.
async fn drain(mut side: JoinSet<()>) {
    side.join_next().await;
    side.join_next().await;
}

async fn listen_to(pipe: Option<impl AsyncRead + Unpin>, key: String, lines: Lines) {
    let Some(pipe) = pipe else { return };
    let mut reader = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        lines.lock().unwrap_or_else(PoisonError::into_inner).push((key.clone(), line));
    }
}
