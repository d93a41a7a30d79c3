//! The function's life: this very test binary plays the function, with the real Lambda runtime in it.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::api::{Call, Reply, Served};

struct Quiet(VecDeque<Call>);

impl Aws for Quiet {
    fn now(&self) -> Millis {
        0
    }

    fn advance_to(&mut self, _: Millis) {}

    fn serve(&mut self, call: &Call) -> Served {
        self.0.push_back(call.clone());
        Served::Ok(Reply::Done)
    }
}

/// Plays the function when it is started as one; by itself it does nothing.
#[test]
fn plays_the_function() {
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(lambda_runtime::run(lambda_runtime::service_fn(function))).unwrap();
}

async fn function(event: lambda_runtime::LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL")?;
    let key = std::env::var("AWS_ACCESS_KEY_ID")?;
    match event.payload["do"].as_str() {
        Some("fail") => Err("no luck".into()),
        Some("exit") => std::process::exit(3),
        Some("sleep") => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(json!(null))
        }
        Some("write") => {
            let config = aws_sdk_autoscaling::Config::builder()
                .endpoint_url(endpoint)
                .region(aws_sdk_autoscaling::config::Region::new("eu-west-1"))
                .credentials_provider(aws_sdk_autoscaling::config::Credentials::new(&key, "s", None, None, "test"))
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build();
            let client = aws_sdk_autoscaling::Client::from_conf(config);
            client.update_auto_scaling_group().auto_scaling_group_name("g").min_size(1).send().await?;
            Ok(json!("written"))
        }
        _ => {
            println!("hello from {}", std::process::id());
            let left = event.context.deadline.saturating_sub(u64::try_from(now()).unwrap_or_default());
            Ok(json!({"echo": event.payload, "pid": std::process::id(), "left": left, "env": std::env::vars().count()}))
        }
    }
}

/// This test binary, told to play the function.
pub(super) fn player() -> Function {
    let mut function = Function::new(std::env::current_exe().unwrap(), "record");
    let arguments = ["--exact", "wire::lambda_tests::plays_the_function", "--nocapture", "--test-threads=1"];
    function.arguments = arguments.map(str::to_owned).to_vec();
    function
}

async fn deployed(change: impl FnOnce(&mut Function)) -> (Wire<Quiet>, Lambda) {
    let wire = Wire::start(Quiet(VecDeque::new())).await.unwrap();
    let mut function = player();
    change(&mut function);
    let lambda = Lambda::deploy(&wire, function);
    (wire, lambda)
}

fn pid(reply: &Value) -> u64 {
    reply["pid"].as_u64().unwrap()
}

#[tokio::test]
async fn a_process_stays_warm_and_each_at_once_has_its_own() {
    let (_wire, lambda) = deployed(|_| ()).await;
    let first = lambda.invoke(&json!({"n": 1})).await.unwrap();
    assert_eq!(first["echo"], json!({"n": 1}));
    assert!((20_000..=30_000).contains(&first["left"].as_u64().unwrap()), "deadline: {}", first["left"]);
    let second = lambda.invoke(&json!({})).await.unwrap();
    assert_eq!(pid(&first), pid(&second), "warm");
    let (a, b) = tokio::join!(lambda.invoke_bytes(b"{}".to_vec()), lambda.invoke_bytes(b"{}".to_vec()));
    assert_ne!(pid(&a.unwrap()), pid(&b.unwrap()), "one each");
    assert_eq!(lambda.pids().len(), 2);
    lambda.cool();
    let third = lambda.invoke(&json!({})).await.unwrap();
    assert!(pid(&third) != pid(&first), "cold again");
    assert!(lambda.lines().iter().any(|(_, line)| line.starts_with("hello from")));
}

#[tokio::test]
async fn errors_exits_and_timeouts_are_told_apart() {
    let (_wire, lambda) = deployed(|function| function.timeout = Duration::from_millis(300)).await;
    let error = lambda.invoke(&json!({"do": "fail"})).await.unwrap_err();
    assert_eq!(error.message, "no luck");
    let error = lambda.invoke(&json!({"do": "exit"})).await.unwrap_err();
    assert_eq!(error.kind, "Runtime.ExitError", "{error}");
    let error = lambda.invoke(&json!({"do": "sleep"})).await.unwrap_err();
    assert_eq!(error.kind, "Sandbox.Timedout", "{error}");
    assert!(lambda.pids().is_empty(), "a process that timed out is not used again");
    assert!(lambda.invoke(&json!({})).await.is_ok());
}

/// kill -9 in the middle of a call: before it the world has heard nothing, after it the write has happened.
#[tokio::test]
async fn a_process_dies_at_the_chosen_call() {
    let (wire, lambda) = deployed(|_| ()).await;
    assert_eq!(lambda.invoke(&json!({"do": "write"})).await, Ok(json!("written")));
    for (fault, heard) in [(WireFault::KillBefore, 0), (WireFault::KillAfter, 1)] {
        wire.world(|world| world.0.clear());
        wire.fault(calls().on("UpdateAutoScalingGroup"), fault.clone());
        let error = lambda.invoke(&json!({"do": "write"})).await.unwrap_err();
        assert!(error.message.contains("signal: 9"), "{error}");
        assert_eq!(wire.world(|world| world.0.len()), heard, "{fault:?}");
    }
    let callers: Vec<String> = wire.seen().into_iter().map(|seen| seen.caller).collect();
    assert_eq!(callers[0], callers[1], "the warm process");
    assert_ne!(callers[1], callers[2], "its successor");
    assert_eq!(wire.seen()[1].invocation, 2);
}
