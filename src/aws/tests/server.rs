//! A canned AWS on 127.0.0.1: HTTP/1.1 with keep-alive, one answer to each request; it ends with its test.

use super::cbor;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// The operation: `Action=…` of the Query services, the path's end of rpc-v2-cbor, `X-Amz-Target` of JSON.
    pub operation: String,
    /// The body as text; the strings of CBOR stand in it as they are.
    pub body: String,
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status, a content type and a body.
    Http(u16, &'static str, Vec<u8>),
    /// Nothing: the connection is cut after the request was read.
    Cut,
}

impl Reply {
    pub fn xml(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Http(status, "text/xml", body.into())
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::Http(status, "application/x-amz-json-1.1", body.to_string().into_bytes())
    }

    /// CBOR, written down as JSON; see [`cbor::encode`].
    pub fn cbor(status: u16, body: &Value) -> Self {
        Self::Http(status, "application/cbor", cbor::encode(body))
    }
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    accepting: JoinHandle<()>,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "a test's server runs beside its client")]
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, log): (Arc<Answer>, _) = (Arc::new(answer), Arc::clone(&requests));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&answer), Arc::clone(&log)));
            }
        });
        Self { port, requests, accepting }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that arrived so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The operations that arrived, in their order.
    pub fn operations(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.operation).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(stream: TcpStream, answer: Arc<Answer>, log: Arc<Mutex<Vec<Request>>>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        log.lock().unwrap().push(request.clone());
        let Reply::Http(status, kind, body) = answer(&request) else { return };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nsmithy-protocol: rpc-v2-cbor\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let sent = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        if sent.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let (mut path, mut length, mut target) = (String::new(), 0, None);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|bytes| *bytes > 0)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        } else if path.is_empty() {
            path = line.split(' ').nth(1)?.to_owned();
        } else if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "x-amz-target" => target = Some(value.trim().to_owned()),
                _ => {}
            }
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let action = body.strip_prefix("Action=").and_then(|rest| rest.split('&').next()).map(str::to_owned);
    let operation = target.or(action).unwrap_or_else(|| path.rsplit('/').next().unwrap_or_default().to_owned());
    Some(Request { operation, body })
}
