//! The simulated DynamoDB below the SDK: every request of `aws::ledger` goes into it, and what is lost, doubled or
//! late on the way is told here.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use cutover::aws::ledger::Table;
use serde_json::{Value, json};
use simulated_aws::dynamodb::Dynamo;
use simulated_aws::wire::table_properties;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// The table's name.
pub const TABLE: &str = "cutover";

/// The table's schema: template.yaml's.
pub fn table() -> Value {
    let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/template.yaml")).unwrap();
    table_properties(&template).unwrap()
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It's carried out, and its answer is lost.
    AnswerLost,
    /// It's lost on its way.
    RequestLost,
    /// It's carried out twice (the SDK or the network sent it again), and the second's answer arrives.
    Doubled,
    /// It seems lost, and arrives only when `arrive` says so.
    Late,
    /// It's answered with this error code and HTTP status, and not carried out.
    Answered(&'static str, u16),
    /// A batch is answered only for its first key.
    Partly,
}

#[derive(Debug, Default)]
struct State {
    dynamo: Dynamo,
    /// Faults to come, each for the next request of its operation.
    faults: VecDeque<(&'static str, Fault)>,
    late: Vec<(String, Value)>,
    /// What somebody else does as soon as a request's answer was lost.
    meanwhile: Option<(&'static str, Value)>,
    /// The operations that arrived.
    log: Vec<String>,
}

/// A DynamoDB with one table.
#[derive(Debug, Clone, Default)]
pub struct Simulated(Arc<Mutex<State>>);

impl Simulated {
    /// One with template.yaml's table.
    pub fn new() -> Self {
        let simulated = Self::default();
        simulated.0.lock().unwrap().dynamo.create(TABLE, &table()).unwrap();
        simulated
    }

    /// `aws::ledger` over it, as one process has it.
    pub fn ledger(&self) -> Table {
        let connector = SharedHttpConnector::new(self.clone());
        Table::new(client(http_client_fn(move |_, _| connector.clone()), "http://127.0.0.1:1"), TABLE)
    }

    /// The next request of this operation goes wrong so.
    pub fn next(&self, operation: &'static str, fault: Fault) {
        self.0.lock().unwrap().faults.push_back((operation, fault));
    }

    /// Somebody else sends this as soon as a request's answer was lost.
    pub fn meanwhile(&self, operation: &'static str, request: Value) {
        self.0.lock().unwrap().meanwhile = Some((operation, request));
    }

    /// What was late arrives; how the table answered each.
    pub fn arrive(&self) -> Vec<bool> {
        let mut state = self.0.lock().unwrap();
        let late = std::mem::take(&mut state.late);
        late.into_iter().map(|(operation, request)| state.dynamo.serve(&operation, &request).is_ok()).collect()
    }

    /// Sends a request by hand.
    pub fn serve(&self, operation: &str, request: &Value) -> Value {
        self.0.lock().unwrap().dynamo.serve(operation, request).unwrap()
    }

    /// The operations that arrived since this was last asked.
    pub fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().log)
    }

    /// Every item, as DynamoDB has it.
    pub fn items(&self) -> Vec<Value> {
        self.0.lock().unwrap().dynamo.items(TABLE)
    }
}

/// A client that asks once: what the ledger does about an unclear answer is its own.
pub fn client(http: aws_smithy_runtime_api::client::http::SharedHttpClient, endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

impl State {
    fn answer(&mut self, operation: &str, request: &Value) -> HttpResponse {
        match self.dynamo.serve(operation, request) {
            Ok(answer) => respond(200, &answer),
            Err(error) => respond(400, &error.to_json()),
        }
    }

    fn handle(&mut self, operation: &str, mut request: Value) -> Result<HttpResponse, ConnectorError> {
        self.log.push(operation.to_owned());
        let told = self.faults.iter().position(|(which, _)| *which == operation);
        match told.and_then(|index| self.faults.remove(index)).map(|(_, fault)| fault) {
            None => Ok(self.answer(operation, &request)),
            Some(Fault::AnswerLost) => {
                self.answer(operation, &request);
                if let Some((operation, request)) = self.meanwhile.take() {
                    self.dynamo.serve(operation, &request).unwrap();
                }
                Err(reset())
            }
            Some(Fault::RequestLost) => Err(reset()),
            Some(Fault::Doubled) => {
                self.answer(operation, &request);
                Ok(self.answer(operation, &request))
            }
            Some(Fault::Late) => {
                self.late.push((operation.to_owned(), request));
                Err(reset())
            }
            Some(Fault::Answered(code, status)) => {
                Ok(respond(status, &json!({ "__type": code, "message": "told to" })))
            }
            Some(Fault::Partly) => {
                let keys = request["RequestItems"][TABLE]["Keys"].as_array_mut().unwrap();
                let left = keys.split_off(1);
                let mut answer = self.dynamo.serve(operation, &request).unwrap();
                answer["UnprocessedKeys"] = json!({ TABLE: { "Keys": left } });
                Ok(respond(200, &answer))
            }
        }
    }
}

fn reset() -> ConnectorError {
    ConnectorError::io(Box::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset)))
}

fn respond(status: u16, body: &Value) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

impl HttpConnector for Simulated {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
        HttpConnectorFuture::ready(self.0.lock().unwrap().handle(&operation, body))
    }
}
