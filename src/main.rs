//! Cold start only: telemetry, configuration, clients, then the loop of the Lambda runtime.
#![deny(clippy::disallowed_methods)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use cutover::aws::{Aws, Clients};
use cutover::config::Config;
use cutover::error::Error;
use cutover::flow::Invocation;
use cutover::handler::Handler;
use cutover::record::Owners;
use cutover::release::Timestamp;
use cutover::telemetry;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

/// One thread: an invocation only waits for the network, and a second thread would open connections of its own.
///
/// # Errors
/// The configuration can't be used, or Lambda's runtime API can't be reached. The process ends with exit code 1, and
/// Lambda reports `Runtime.ExitError` to whoever invoked the function; the sentence stands in the log.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_env().map_err(|fault| {
        telemetry::start(None);
        telemetry::init_fault(&format!("the function's configuration can't be used: {fault}"))
    })?;
    telemetry::start(Some(config.log));
    let clients = Clients::from_env().await;
    clients.warm_up(&config.table).await;
    let aws = Aws::new(clients, &config.table, config.event_bus);
    let handler = Handler::new(aws, config.defaults, Owners::new(config.process));
    let service = service_fn(async |event: LambdaEvent<Box<RawValue>>| answer(&handler, event).await);
    lambda_runtime::run(service)
        .await
        .map_err(|fault| telemetry::init_fault(&format!("the loop over Lambda's invocations ended: {fault}")).into())
}

/// One invocation.
async fn answer(handler: &Handler<Aws>, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic> {
    let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
    let invocation = Invocation { request_id: event.context.request_id, deadline: Timestamp::from_millis(deadline) };
    handler.handle(event.payload.get().as_bytes(), &invocation).await.map_err(|error| diagnostic(&error))
}

/// An error as Lambda reports it and Step Functions matches it.
fn diagnostic(error: &Error) -> Diagnostic {
    telemetry::refused(error);
    Diagnostic { error_type: error.error_type().to_owned(), error_message: error.to_string() }
}
