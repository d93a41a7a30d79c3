//! The HTTP side: one loopback listener that serves every service, and applies the wire's faults.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::fault::{Moment, WireFault};
use super::protocol::{self, Answer, Asked, To};
use super::{Model, Shared, encode};
use crate::api::{ApiError, LostHow, Served};

/// The body of an answer: whole, or one that breaks off.
pub type Body = BoxBody<Bytes, io::Error>;

/// The longest that an answer which never comes holds its connection; every caller's own timeout is shorter.
const NEVER: Duration = Duration::from_secs(120);

/// Listens on a port of the system's choice.
///
/// # Errors
/// When there is none.
pub async fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Accepts connections until it is dropped, and hands each request to `handle`. Its connections end with it.
pub async fn accept<H, F>(listener: TcpListener, handle: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = io::Result<Response<Body>>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, handle.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<H, F>(stream: TcpStream, handle: H)
where
    H: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = io::Result<Response<Body>>> + Send + 'static,
{
    // Small answers must not wait for the caller's acknowledgement.
    let _ = stream.set_nodelay(true);
    // An error here is a connection that was cut, by us or by the caller: both are meant.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handle)).await;
}

/// A whole body.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "cut by a fault")
}

/// Serves one request of an AWS API.
pub async fn aws<W: Model>(shared: Arc<Shared<W>>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let asked = match protocol::read(header, parts.uri.path(), &body) {
        Ok(asked) => asked,
        Err(answer) => return response(answer, None),
    };
    let (number, fault, latency) = {
        let mut state = shared.lock();
        let at = state.catch_up();
        let number = state.log.arrived(at, &asked.caller, asked.to, &asked.operation, &asked.params);
        let fault = state.rules.meet(&asked.operation, &asked.params);
        if let Some(fault) = &fault {
            state.log.met(number, fault.clone());
        }
        (number, fault, state.latency)
    };
    match fault {
        Some(WireFault::CutBefore) => return Err(cut()),
        Some(WireFault::KillBefore) => {
            shared.kill(&asked.caller).await;
            return Err(cut());
        }
        // A caller that gives up closes its connection, and this ends here.
        Some(WireFault::Late(by)) => tokio::time::sleep(by).await,
        _ => {}
    }
    run_hooks(&shared, Moment::Before, &asked);
    let request_id = format!("00000000-0000-4000-8000-{number:012x}");
    let (answer, error) = match fault {
        Some(WireFault::Unavailable) => {
            refused(&asked, ApiError::new("ServiceUnavailable", "Service is unavailable, try again", 503), &request_id)
        }
        Some(WireFault::Refused(ref error)) => refused(&asked, error.clone(), &request_id),
        Some(WireFault::WrongContent) => (a_proxys_page(), None),
        _ => match serve(&shared, &asked, number, &request_id) {
            Ok(served) => served,
            Err(LostHow::ConnectionCut) => return Err(cut()),
            Err(LostHow::TimedOut) => {
                tokio::time::sleep(NEVER).await;
                return Err(cut());
            }
        },
    };
    run_hooks(&shared, Moment::After, &asked);
    match fault {
        Some(WireFault::CutAfter) => return Err(cut()),
        Some(WireFault::KillAfter) => {
            shared.kill(&asked.caller).await;
            return Err(cut());
        }
        Some(WireFault::Slow(by)) => tokio::time::sleep(by).await,
        _ => {}
    }
    let answer = if fault == Some(WireFault::WrongAnswer) { a_proxys_page() } else { answer };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    shared.lock().log.answered(number, answer.status, error);
    let broken = matches!(fault, Some(WireFault::Truncated)).then_some(answer.body.len() / 2);
    response(answer, broken)
}

fn run_hooks<W: Model>(shared: &Shared<W>, moment: Moment, asked: &Asked) {
    let state = &mut *shared.lock();
    state.rules.run(moment, &asked.operation, &asked.params, &mut state.world);
}

fn refused(asked: &Asked, error: ApiError, request_id: &str) -> (Answer, Option<String>) {
    (protocol::error_answer(asked.to, asked.protocol, &error, request_id), Some(error.code))
}

fn a_proxys_page() -> Answer {
    let headers = vec![("content-type", "text/html".to_owned())];
    Answer { status: 200, headers, body: b"<html><body>Sign in to the network</body></html>".to_vec() }
}

/// Lets the world, or the table, answer; the error says how the answer got lost.
fn serve<W: Model>(
    shared: &Shared<W>,
    asked: &Asked,
    number: usize,
    request_id: &str,
) -> Result<(Answer, Option<String>), LostHow> {
    let mut state = shared.lock();
    let service = match asked.to {
        To::World(service) => service,
        To::DynamoDb => {
            return Ok(match state.dynamo.serve(&asked.operation, &asked.params) {
                Ok(reply) => (protocol::json_answer(asked, &reply, 200, request_id), None),
                Err(error) => {
                    (protocol::json_answer(asked, &error.to_json(), 400, request_id), Some(error.code.to_owned()))
                }
            });
        }
    };
    let call = match super::decode::call(service, &asked.operation, asked.params.clone()) {
        Ok(call) => call,
        Err(error) => return Ok(refused(asked, error, request_id)),
    };
    state.catch_up();
    state.log.dealt_with(number);
    match state.world.serve(&call) {
        Served::Ok(reply) => Ok((protocol::answer(asked, &encode::reply(&reply), request_id), None)),
        Served::Err(error) => Ok(refused(asked, error, request_id)),
        Served::Lost { how, .. } => Err(how),
    }
}

/// As HTTP; with `broken`, the body ends after so many bytes of the length that was promised.
fn response(answer: Answer, broken: Option<usize>) -> io::Result<Response<Body>> {
    let mut builder = Response::builder().status(answer.status).header("content-length", answer.body.len());
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    let body = match broken {
        None => whole(answer.body),
        Some(length) => {
            let part = Bytes::from(answer.body).slice(..length);
            StreamBody::new(stream::iter([Ok(Frame::data(part)), Err(cut())])).boxed()
        }
    };
    builder.body(body).map_err(io::Error::other)
}
