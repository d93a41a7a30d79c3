//! `make demo`: the binary that would run in Lambda releases four versions of a shop, on a simulated AWS, while customers buy.
//!
//! The story stands in [`story`]. The [`Account`] is the stage on which it is played: a world of fleets, targets and alarms behind the
//! very protocols that AWS speaks. Customers, the schedule and the picture run beside it until it ends. Then [`reckoning`] counts what
//! happened, from the world's own truth, and the exit code says whether all went as it should.
#![warn(missing_docs)]

mod account;
mod customers;
mod figures;
mod narrator;
mod picture;
mod reckoning;
mod schedule;
mod screen;
mod show;
mod workflow;

use std::process::ExitCode;
use std::time::Duration;

use cutover::release::Status;

use account::{Account, version};
use show::Show;

/// The whole demo takes about a minute. After three something is wrong, and is said.
const LIMIT: Duration = Duration::from_secs(180);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let account = match Account::open().await {
        Ok(account) => account,
        Err(fault) => {
            eprintln!("demo: {fault}");
            return ExitCode::FAILURE;
        }
    };
    let show = Show::open(&account);
    let told = tokio::select! {
        told = story(&account, &show) => told,
        never = account.customers.come(&account) => match never {},
        never = account.schedule.knock(&account) => match never {},
        never = show.run() => match never {},
        () = tokio::time::sleep(LIMIT) => Err(account.late(LIMIT)),
    };
    show.close();
    if reckoning::settle(&account, &show, told).await { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Four releases, one after the other, each in another manner.
///
/// # Errors
/// A release ended otherwise than it should, or the function failed.
async fn story(account: &Account, show: &Show<'_>) -> Result<(), String> {
    show.opening();

    show.act(
        "1  First set-up, by a launch event",
        &[
            "A fleet appears, tagged cutover:application=shop. Nothing serves yet, so",
            "nothing can break: Cutover attaches it to the target group that its tag",
            "names, and waits until it is healthy.",
        ],
    );
    account.create(version("shop-v1").tag("cutover:target-groups", account::GROUP));
    account.serves("shop-v1").await?;
    account.customers.open();
    account.ends("shop-v1", Status::Successful).await?;

    show.act(
        "2  A good release, by a launch event",
        &[
            "Another fleet with that tag is the new version: green. The one that serves",
            "is blue. Both serve while the alarm is watched (bake); then blue is detached,",
            "finishes its requests, and is kept warm for a while (watch).",
        ],
    );
    account.create(version("shop-v2"));
    account.ends("shop-v2", Status::Successful).await?;

    show.act(
        "3  A bad release, rolled back by the alarm's event",
        &[
            "shop-v3 passes its health checks, but after two seconds of traffic it begins",
            "to answer with errors, and the alarm says so. Blue has served all along:",
            "green is detached and finishes its requests, and nobody else notices.",
        ],
    );
    account.create(version("shop-v3").errors_after(2, 0.5));
    account.ends("shop-v3", Status::RollbackSuccessful).await?;

    show.act(
        "4  A good release, driven by a workflow as Step Functions would",
        &[
            "No launch event, no schedule: attach, wait next_check_seconds, check, and so",
            "on until it has ended. The command asks for one thing more: that blue is",
            "scaled to zero at the end.",
        ],
    );
    account.schedule.pause();
    account.without_launch_events();
    account.create(version("shop-v4"));
    workflow::run(account, show, "shop-v4").await?;
    account.ends("shop-v4", Status::Successful).await?;
    account.customers.close().await;
    Ok(())
}
