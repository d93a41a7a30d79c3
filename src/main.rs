//! Cold start only: telemetry, configuration, clients, then the loop of the Lambda runtime.
#![deny(clippy::disallowed_methods)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use cutover::aws::{Aws, Clients};
use cutover::config::Config;
use cutover::error::Error;
use cutover::telemetry;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

/// One thread: an invocation only waits for the network, and a second thread would open a connection to spare.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(fault) => {
            telemetry::start(LevelFilter::INFO);
            tracing::error!("the function's configuration can't be used: {fault}");
            return ExitCode::FAILURE;
        }
    };
    telemetry::start(config.log);
    let clients = Clients::from_env().await;
    clients.warm_up(&config.table).await;
    let aws = Aws::new(clients, config.event_bus.clone());
    let service = service_fn(async |event: LambdaEvent<Value>| answer(&aws, &config, event).await);
    match lambda_runtime::run(service).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            tracing::error!("the loop over Lambda's invocations ended: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// One invocation.
async fn answer(_aws: &Aws, _config: &Config, _event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    Err(diagnostic(&Error::Unavailable("nothing is released yet".to_owned())))
}

/// An error as Lambda reports it and Step Functions matches it.
fn diagnostic(error: &Error) -> Diagnostic {
    Diagnostic { error_type: error.error_type().to_owned(), error_message: error.to_string() }
}
