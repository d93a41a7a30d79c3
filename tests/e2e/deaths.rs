//! An invocation that is killed (kill -9) around a write: the next ones find out what happened, and go on.

use simulated_aws::api::StateValue;
use simulated_aws::wire::{WireFault, calls};
use simulated_aws::world::Hand;

use crate::judge;
use crate::stand::{ALARM, BLUE, GREEN, LONG_BAKE, SHORT_BAKE, Stand};

/// A release in which the invocation dies that sends this operation for this fleet.
async fn release_with_a_death(operation: &str, fleet: &str, death: WireFault) -> Stand {
    let stand = Stand::for_deaths(SHORT_BAKE).await;
    stand.create_green();
    stand.wire.fault(calls().on(operation).mentioning(fleet), death);
    let begun = stand.attach().await;
    let (_, mut errors) = stand.check_until_ended().await;
    errors.extend(begun.err());
    let killed = errors.iter().filter(|error| error.message.contains("signal: 9")).count();
    assert_eq!(killed, 1, "one invocation was killed: {errors:?}");
    // On a machine that is very slow Lambda's own timeout may kill one more: what follows has to hold all the same.
    let told = ["Busy", "Runtime.ExitError", "Sandbox.Timedout"];
    let other = errors.iter().find(|error| !told.contains(&error.kind.as_str()));
    assert_eq!(other, None, "while its lease runs, the others are told that it's held");
    stand
}

/// Between intent and write: the write never happened, and is sent again.
#[tokio::test]
async fn killed_before_the_attach_is_sent() {
    let stand = release_with_a_death("AttachLoadBalancerTargetGroups", GREEN, WireFault::KillBefore).await;
    judge::released(&stand).await;
}

/// Between write and save: the write happened, and is not sent again.
#[tokio::test]
async fn killed_after_the_attach_was_done() {
    let stand = release_with_a_death("AttachLoadBalancerTargetGroups", GREEN, WireFault::KillAfter).await;
    judge::released(&stand).await;
}

/// The same for the write that takes blue out.
#[tokio::test]
async fn killed_before_the_detach_is_sent() {
    let stand = release_with_a_death("DetachLoadBalancerTargetGroups", BLUE, WireFault::KillBefore).await;
    judge::released(&stand).await;
}

/// The same for the write that takes blue out.
#[tokio::test]
async fn killed_after_the_detach_was_done() {
    let stand = release_with_a_death("DetachLoadBalancerTargetGroups", BLUE, WireFault::KillAfter).await;
    judge::released(&stand).await;
}

/// The floors are remembered as they were, not as the dead invocation left them.
#[tokio::test]
async fn killed_after_a_floor_was_raised() {
    let stand = release_with_a_death("UpdateAutoScalingGroup", BLUE, WireFault::KillAfter).await;
    judge::released(&stand).await;
}

/// Nor does a death in the rollback leave green behind.
#[tokio::test]
async fn killed_in_a_rollback_before_green_is_taken_out() {
    let stand = Stand::for_deaths(LONG_BAKE).await;
    stand.create_green();
    stand.attach().await.unwrap();
    stand.check_until_stage("bake").await;
    stand.wire.fault(calls().on("DetachLoadBalancerTargetGroups").mentioning(GREEN), WireFault::KillBefore);
    stand.hand(Hand::SetAlarm(ALARM.into(), StateValue::Alarm));
    let (_, errors) = stand.check_until_ended().await;
    assert!(errors.iter().any(|error| error.message.contains("signal: 9")), "one was killed: {errors:?}");
    judge::rolled_back(&stand, &["prepare", "attach", "bake", "rollback", "rollback_successful"]).await;
}
