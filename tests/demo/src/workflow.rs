//! The workflow: what a Step Functions state machine does with Cutover, in its own loop: attach, `Wait`, check, `Choice`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::account::{APPLICATION, Account};
use crate::show::Show;

/// Errors that a state machine retries; each means "try again", none that something was half done.
const RETRIED: [&str; 3] = ["Busy", "Throttled", "Unavailable"];

/// Drives the release of a fleet until it has ended.
///
/// # Errors
/// An error that no retry mends.
pub async fn run(account: &Account, show: &Show<'_>, green: &str) -> Result<(), String> {
    let attach = json!({
        "command": "attach", "application": APPLICATION, "green": green, "client_token": "execution-1",
        "retire_blue": "scale_to_zero", "by": "the demo's workflow",
    });
    show.tell("workflow", &format!("attach {green}"));
    let mut report = task(account, &attach).await?;
    let check = json!({"command": "check", "application": APPLICATION, "release": report["release"]});
    while let Some(wait @ 1..) = report["next_check_seconds"].as_u64() {
        show.tell("workflow", &format!("waits {wait} s, then check"));
        tokio::time::sleep(Duration::from_secs(wait)).await;
        report = task(account, &check).await?;
    }
    show.tell("workflow", &format!("next_check_seconds is 0: {}", report["status"].as_str().unwrap_or_default()));
    Ok(())
}

/// One `Task` state with its `Retry`.
async fn task(account: &Account, command: &Value) -> Result<Value, String> {
    loop {
        match account.invoke(command).await {
            Err(error) if RETRIED.contains(&error.kind.as_str()) => tokio::time::sleep(Duration::from_secs(1)).await,
            answer => return answer.map_err(|error| format!("the workflow's {} failed: {error}", command["command"])),
        }
    }
}
