//! The table away, a permission missing: nothing half done, said why, and on it goes once it's mended.

use serde_json::Value;
use simulated_aws::api::StateValue;
use simulated_aws::wire::{Lambda, WireFault, calls};
use simulated_aws::world::{FaultKind, Hand, fault};

use crate::judge;
use crate::stand::{ALARM, GREEN, GROUP, LONG_BAKE, Stand, check};

/// The table's operations.
const TABLE: [&str; 6] = ["BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"];

/// Nobody listens on this port: it is the discard service's, which no machine runs.
const NOBODY: &str = "http://127.0.0.1:9";

/// A bake that is over, with the table away: whoever looks is told `Unavailable`, and blue stays.
#[tokio::test]
async fn without_the_table_nothing_is_done() {
    let stand = Stand::new().await;
    stand.create_green();
    stand.attach().await.unwrap();
    stand.check_until_stage("bake").await;
    let before = stand.writes();
    refuses(&stand.deployed_with("AWS_ENDPOINT_URL_DYNAMODB", NOBODY)).await;
    for away in [WireFault::CutBefore, WireFault::Unavailable] {
        for operation in TABLE {
            stand.wire.fault(calls().on(operation).times(usize::MAX), away.clone());
        }
        refuses(&stand.lambda).await;
        stand.wire.clear_rules();
    }
    assert_eq!(stand.writes(), before, "nothing was done");
    stand.check_until_ended().await;
    judge::released(&stand).await;
}

async fn refuses(lambda: &Lambda) {
    let error = lambda.invoke(&check()).await.unwrap_err();
    assert_eq!(error.kind, "Unavailable", "{error}");
    assert!(error.message.contains("table"), "{error}");
}

/// What passed while the table was away is not forgotten: an alarm that came and went rolls back.
#[tokio::test]
async fn an_alarm_that_came_and_went_while_the_table_was_away_rolls_back() {
    let stand = Stand::with_bake(LONG_BAKE).await;
    stand.create_green();
    stand.attach().await.unwrap();
    stand.check_until_stage("bake").await;
    for operation in TABLE {
        stand.wire.fault(calls().on(operation).times(usize::MAX), WireFault::Unavailable);
    }
    stand.hand(Hand::SetAlarm(ALARM.into(), StateValue::Alarm));
    refuses(&stand.lambda).await;
    stand.hand(Hand::SetAlarm(ALARM.into(), StateValue::Ok));
    stand.wire.clear_rules();
    stand.check_until_ended().await;
    judge::rolled_back(&stand, &["prepare", "attach", "bake", "rollback", "rollback_successful"]).await;
}

/// A write that is denied: the report names the IAM action and the fleet, and the release goes on once it's granted.
#[tokio::test]
async fn a_denied_write_is_named_and_mended() {
    let stand = Stand::new().await;
    stand.create_green();
    stand.hand(Hand::Fault(fault("AttachLoadBalancerTargetGroups", FaultKind::AccessDenied)));
    stand.attach().await.unwrap();
    let names = |report: &Value| {
        let text = report.to_string();
        text.contains("autoscaling:AttachLoadBalancerTargetGroups") && text.contains(GREEN)
    };
    stand.check_until("told of the missing permission", |report| report["stage"] == "attach" && names(report)).await;
    assert!(stand.wire.world(|world| world.attachments(GREEN).is_empty()), "nothing half done");
    stand.hand(Hand::ClearFaults);
    stand.check_until_ended().await;
    judge::released(&stand).await;
}

/// A read that is denied: what can't be read promotes nothing, and the report names the IAM action.
#[tokio::test]
async fn alarms_that_may_not_be_read_hold_the_promotion_until_mended() {
    let stand = Stand::new().await;
    stand.create_green();
    stand.attach().await.unwrap();
    stand.check_until_stage("bake").await;
    stand.hand(Hand::Fault(fault("DescribeAlarms", FaultKind::AccessDenied)));
    let held = |report: &Value| {
        report["waiting_on"]["kind"] == "evidence" && report.to_string().contains("cloudwatch:DescribeAlarms")
    };
    stand.check_until("held", held).await;
    let both = stand.wire.world(|world| world.healthy(GROUP).len());
    assert_eq!(both, 2, "both serve");
    stand.hand(Hand::ClearFaults);
    stand.check_until_ended().await;
    judge::released(&stand).await;
}
