//! The load balancer's front: a port on which real requests flow, `GET /TARGET-GROUP`, to the fleets behind the group.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::server::{self, Body, whole};
use super::{Shared, Wire};
use crate::world::{Finish, World};

/// The front. It closes when this is dropped.
pub struct Front {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wire<World> {
    /// Opens the front, on a port of the system's choice.
    ///
    /// # Errors
    /// When there is none.
    pub async fn front(&self) -> io::Result<Front> {
        let (listener, address) = server::listen().await?;
        let shared = Arc::clone(&self.shared);
        let handle = move |request| serve(Arc::clone(&shared), request);
        Ok(Front { address, task: tokio::spawn(server::accept(listener, handle)) })
    }
}

/// One request: it takes as long as its instance takes, and is cut off if its target is gone by then.
async fn serve(shared: Arc<Shared<World>>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let group = request.uri().path().trim_start_matches('/').to_owned();
    let route = {
        let mut state = shared.lock();
        state.catch_up();
        state.world.route(&group)
    };
    let Some(route) = route else {
        // What a load balancer says for a group without a target.
        return Response::builder().status(503).body(whole("no target")).map_err(io::Error::other);
    };
    tokio::time::sleep(Duration::from_millis(route.takes.try_into().unwrap_or_default())).await;
    let finish = {
        let mut state = shared.lock();
        state.catch_up();
        state.world.finish(route.ticket)
    };
    let status = match finish {
        Finish::Served => 200,
        Finish::Failed => 500,
        Finish::Lost => return Err(io::ErrorKind::ConnectionReset.into()),
    };
    let builder = Response::builder().status(status).header("x-instance", &route.instance);
    builder.body(whole(route.fleet)).map_err(io::Error::other)
}

/// What became of one real request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hit {
    /// The status, and the fleet that answered (empty: the load balancer itself).
    Answered(u16, String),
    /// Cut off without an answer.
    Cut,
}

impl Front {
    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends one real request to a target group, on a connection of its own, and waits for what becomes of it.
    pub async fn hit(&self, group: &str) -> Hit {
        hit(self.address, group).await.unwrap_or(Hit::Cut)
    }

    /// The address, for tasks that send requests of their own by [`hit`].
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// As [`Front::hit`], from anywhere.
///
/// # Errors
/// When the connection failed or was cut off.
pub async fn hit(address: SocketAddr, group: &str) -> io::Result<Hit> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /{group} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    match (status, body) {
        (Some(503), _) => Ok(Hit::Answered(503, String::new())),
        (Some(status), Some(fleet)) => Ok(Hit::Answered(status, fleet)),
        _ => Ok(Hit::Cut),
    }
}
