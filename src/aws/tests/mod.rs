//! The adapters against a canned AWS: what is sent over the wire, and what becomes of each reply.

mod autoscaling;
mod cbor;
mod clients;
mod cloudwatch;
mod elbv2;
mod notify;
mod server;
mod writes;

use super::{Aws, Clients};
use aws_config::{BehaviorVersion, Region};
use aws_sdk_autoscaling::config::Credentials;
use server::{Reply, Request, Server};

/// Our AWS in front of one that answers each request by a function.
async fn aws(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Aws, Server) {
    let server = Server::start(answer).await;
    let clients = Clients::load(
        aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(server.url())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test")),
    )
    .await;
    (Aws::new(clients, "releases", Some("deployments".to_owned())), server)
}

/// A name of whichever kind.
fn name<T: TryFrom<String, Error = &'static str>>(text: &str) -> T {
    T::try_from(text.to_owned()).unwrap()
}

fn group_arn(short: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{short}/0123456789abcdef")
}

/// An error as the Query services (Auto Scaling, ELB) write it.
fn query_error(status: u16, code: &str, message: &str) -> Reply {
    Reply::xml(
        status,
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>7c6e177f</RequestId></ErrorResponse>"
        ),
    )
}

/// A result as the Query services write it.
fn query_result(operation: &str, members: &str) -> Reply {
    Reply::xml(
        200,
        format!(
            "<{operation}Response><{operation}Result>{members}</{operation}Result>\
             <ResponseMetadata><RequestId>7c6e177f</RequestId></ResponseMetadata></{operation}Response>"
        ),
    )
}
