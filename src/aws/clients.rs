//! The clients: made once, in the function's init, over one shared HTTPS connector.

use crate::record::Lease;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, SdkConfig};
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::time::Duration;

/// How long a connection, TLS included, may take: 20 times what one takes within a Region at 128 MB.
const CONNECT: Duration = Duration::from_millis(1_500);
/// How long AWS may keep silent on one attempt of a read. The slowest of these calls take about a second.
const READ_ATTEMPT: Duration = Duration::from_secs(3);
/// How long a read may take with all its attempts. Three rounds of reads that all time out must fit into the 20 s
/// that one invocation works on an application (`Lease::WORK`), and that ends below the function's own 30 s.
const READ: Duration = Duration::from_secs(6);
/// Attempts of a read: one retry after a throttling or a cut connection, a second if both were quick.
const READ_ATTEMPTS: u32 = 3;
/// The first pause before a retry, and the longest: the SDK's own 1 s and 20 s would use up `READ` with one pause.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));
/// How long an idle connection is used again: just over the minute between two sweeps, so that each finds the
/// connections of the last.
const IDLE: Duration = Duration::from_secs(75);

/// All clients, sharing one pool of connections. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(super) autoscaling: aws_sdk_autoscaling::Client,
    /// The one client that writes to AWS: each call is sent exactly once.
    pub(super) autoscaling_writes: aws_sdk_autoscaling::Client,
    pub(super) elbv2: aws_sdk_elasticloadbalancingv2::Client,
    pub(super) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) eventbridge: aws_sdk_eventbridge::Client,
}

impl Clients {
    /// Makes all clients from the environment that Lambda gives: Region, credentials, `AWS_ENDPOINT_URL` (plain http
    /// too, for tests). Calls nobody.
    pub async fn from_env() -> Self {
        Self::load(aws_config::defaults(BehaviorVersion::latest())).await
    }

    pub(super) async fn load(from: ConfigLoader) -> Self {
        let connector = connector();
        let shared = from
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(READ_ATTEMPTS)
                    .with_initial_backoff(BACKOFF.0)
                    .with_max_backoff(BACKOFF.1),
            )
            .timeout_config(timeouts(READ_ATTEMPT, READ));
        // Shows in CloudTrail whose calls these are. The name is valid; were it not, it would only be missing there.
        let shared = match AppName::new("cutover") {
            Ok(name) => shared.app_name(name),
            Err(_) => shared,
        };
        Self::from_config(&shared.load().await)
    }

    /// Makes all clients from a configuration as it is; the one client that writes never asks twice all the same.
    pub fn from_config(shared: &SdkConfig) -> Self {
        let writes = aws_sdk_autoscaling::config::Builder::from(shared)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(WRITE, WRITE))
            .build();
        Self {
            autoscaling: aws_sdk_autoscaling::Client::new(shared),
            autoscaling_writes: aws_sdk_autoscaling::Client::from_conf(writes),
            elbv2: aws_sdk_elasticloadbalancingv2::Client::new(shared),
            cloudwatch: aws_sdk_cloudwatch::Client::new(shared),
            dynamodb: aws_sdk_dynamodb::Client::new(shared),
            eventbridge: aws_sdk_eventbridge::Client::new(shared),
        }
    }
}

/// A write is given up as lost when the lease's rule says so: nobody else acts before that (`Lease::GRACE`).
const WRITE: Duration = Duration::from_millis(Lease::WRITE_TIMEOUT.millis().unsigned_abs());

fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(attempt)
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build()
}

/// One connector for every client: one pool, one reading of the root certificates. Its own timeouts hold for all.
fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(READ_ATTEMPT).build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .pool_idle_timeout(IDLE)
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build();
    SharedHttpConnector::new(connector)
}
