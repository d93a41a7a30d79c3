//! AWS that answers the next request with the bytes at hand, and whatever comes after with nothing more.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use cutover::aws::{Aws, Clients};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// How a service writes its replies, with a page that has nothing on it.
#[derive(Debug, Clone, Copy)]
pub enum Wire {
    /// Auto Scaling and ELBv2.
    Xml,
    /// CloudWatch.
    Cbor,
    /// DynamoDB.
    Json,
}

impl Wire {
    fn content_type(self) -> &'static str {
        match self {
            Wire::Xml => "text/xml",
            Wire::Cbor => "application/cbor",
            Wire::Json => "application/x-amz-json-1.0",
        }
    }

    /// Nothing more, in answer to a request: in XML its elements have the operation's name.
    fn nothing(self, request: &HttpRequest) -> Vec<u8> {
        match self {
            Wire::Xml => {
                let form = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
                let name = form.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or("R");
                format!("<{name}Response><{name}Result/></{name}Response>").into_bytes()
            }
            Wire::Cbor => vec![0xa0],
            Wire::Json => b"{}".to_vec(),
        }
    }
}

/// The replies to come: the first is what is fuzzed.
#[derive(Debug, Clone)]
struct Script {
    wire: Wire,
    next: Arc<Mutex<Option<Vec<u8>>>>,
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).take();
        let body = next.unwrap_or_else(|| self.wire.nothing(&request));
        let mut response = HttpResponse::new(200.try_into().expect("a status"), SdkBody::from(body));
        response.headers_mut().insert("content-type", self.wire.content_type());
        if let Wire::Cbor = self.wire {
            response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// The product's AWS over that.
pub struct Answering {
    runtime: Runtime,
    script: Script,
    aws: Aws,
}

impl Answering {
    pub fn by(wire: Wire) -> Self {
        let script = Script { wire, next: Arc::default() };
        let connector = SharedHttpConnector::new(script.clone());
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .endpoint_url("http://127.0.0.1:1")
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .build();
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        Self { runtime, script, aws: Aws::new(Clients::from_config(&config), "cutover", None) }
    }

    /// One read that is answered with `body`.
    pub fn read<T>(&self, body: &[u8], read: impl AsyncFnOnce(&Aws) -> T) -> T {
        *self.script.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(body.to_vec());
        self.runtime.block_on(read(&self.aws))
    }
}

/// Reads one reply in every way that its service is read.
macro_rules! answering {
    ($wire:ident, $reply:expr, $($read:expr),+ $(,)?) => {{
        thread_local!(static AWS: $crate::aws::Answering = $crate::aws::Answering::by($crate::aws::Wire::$wire));
        AWS.with(|aws| ($(aws.read($reply, $read)),+))
    }};
}

pub(crate) use answering;
