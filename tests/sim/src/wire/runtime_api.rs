//! Lambda's Runtime API, as one process of the function sees it: next invocation, its answer, its error.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::function::LambdaError;
use super::server::{Body, whole};

/// The version that is part of every path.
const ROOT: &str = "/2018-06-01/runtime/";

/// How an invocation ended.
pub type Outcome = Result<Value, LambdaError>;

/// One invocation on its way to a process.
pub struct Job {
    /// The request id.
    pub id: String,
    /// The event.
    pub payload: Vec<u8>,
    /// Told when the process takes it: the function's timeout counts from then, not from a cold start before it.
    pub taken: oneshot::Sender<()>,
    /// Gets the answer.
    pub outcome: oneshot::Sender<Outcome>,
}

/// What one process sees.
pub struct RuntimeApi {
    jobs: tokio::sync::Mutex<mpsc::UnboundedReceiver<Job>>,
    current: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
    /// The function's timeout, for the deadline header.
    timeout: Duration,
    began: Box<dyn Fn() + Send + Sync>,
}

impl RuntimeApi {
    /// Hands out `jobs`; `began` is called as each begins.
    pub fn new(
        jobs: mpsc::UnboundedReceiver<Job>,
        timeout: Duration,
        began: impl Fn() + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            jobs: tokio::sync::Mutex::new(jobs),
            current: Mutex::new(None),
            timeout,
            began: Box::new(began),
        })
    }

    /// Ends the invocation under way, if there is one, with this error: its process is gone.
    pub fn lost(&self, error: LambdaError) {
        if let Some((_, outcome)) = self.take(None) {
            let _ = outcome.send(Err(error));
        }
    }

    fn take(&self, id: Option<&str>) -> Option<(String, oneshot::Sender<Outcome>)> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = id.is_none_or(|id| current.as_ref().is_some_and(|(current, _)| current == id));
        if wanted { current.take() } else { None }
    }

    /// Serves one request of the process.
    pub async fn serve(self: Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix(ROOT).unwrap_or_default();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        match (&parts.method, path.split('/').collect::<Vec<_>>().as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                let value = serde_json::from_slice(&body).map_err(|error| LambdaError {
                    kind: "Runtime.MalformedResponse".to_owned(),
                    message: format!("the answer is not JSON: {error}"),
                });
                self.end(id, value)
            }
            (&Method::POST, ["invocation", id, "error"]) => self.end(id, Err(LambdaError::read(&body))),
            (&Method::POST, ["init", "error"]) => {
                // It will end without taking anything: whoever waits for it learns why.
                if let Ok(job) = self.jobs.lock().await.try_recv() {
                    let _ = job.outcome.send(Err(LambdaError::read(&body)));
                }
                accepted()
            }
            _ => answer(StatusCode::NOT_FOUND, "{\"errorType\":\"InvalidPath\"}"),
        }
    }

    async fn next(&self) -> io::Result<Response<Body>> {
        let Some(job) = self.jobs.lock().await.recv().await else {
            // Nothing will come any more. Lambda freezes such a process; ours is about to be killed.
            std::future::pending::<()>().await;
            return Err(io::ErrorKind::ConnectionAborted.into());
        };
        let timeout = i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        let deadline = super::now().saturating_add(timeout);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((job.id.clone(), job.outcome));
        (self.began)();
        let _ = job.taken.send(());
        Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &job.id)
            .header("lambda-runtime-deadline-ms", deadline)
            .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:cutover")
            .header(
                "lambda-runtime-trace-id",
                "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
            )
            .body(whole(job.payload))
            .map_err(io::Error::other)
    }

    fn end(&self, id: &str, outcome: Outcome) -> io::Result<Response<Body>> {
        match self.take(Some(id)) {
            Some((_, waiting)) => {
                // Whoever invoked may have given up; that is no error of the process.
                let _ = waiting.send(outcome);
                accepted()
            }
            None => answer(StatusCode::BAD_REQUEST, "{\"errorType\":\"InvalidRequestID\"}"),
        }
    }
}

fn accepted() -> io::Result<Response<Body>> {
    answer(StatusCode::ACCEPTED, "{\"status\":\"OK\"}")
}

fn answer(status: StatusCode, body: &'static str) -> io::Result<Response<Body>> {
    let builder = Response::builder().status(status).header("content-type", "application/json");
    builder.body(whole(body)).map_err(io::Error::other)
}
