//! Errors, faults and rounds, as the real SDKs meet them.

use std::time::Duration;

use aws_sdk_autoscaling as autoscaling;
use aws_sdk_cloudwatch as cloudwatch;
use aws_sdk_dynamodb as dynamodb;
use aws_sdk_elasticloadbalancingv2 as elb;
use aws_sdk_eventbridge as eventbridge;

use super::script::{ODD, asked, client, wire};
use super::{WireFault, calls};
use crate::api::*;

/// The code is what a caller matches on; each protocol carries it elsewhere.
#[tokio::test]
async fn errors_carry_their_codes_in_every_protocol() {
    use autoscaling::error::ProvideErrorMetadata;
    let wire = wire([
        Served::Err(ApiError::throttled(Service::AutoScaling)),
        Served::Err(ApiError::refresh_in_progress("green")),
        Served::Err(ApiError::target_group_not_found()),
        Served::Err(ApiError::throttled(Service::CloudWatch)),
        Served::Err(ApiError::access_denied(Service::CloudWatch, "DescribeAlarms", "*")),
        Served::Err(ApiError::throttled(Service::EventBridge)),
    ])
    .await;
    let asg = client!(autoscaling, wire);
    let error = asg.describe_auto_scaling_groups().send().await.unwrap_err().into_service_error();
    assert_eq!((error.code(), error.message()), (Some("Throttling"), Some("Rate exceeded")));
    let attach = asg.attach_load_balancer_target_groups().auto_scaling_group_name("g").target_group_arns("t");
    let error = attach.send().await.unwrap_err().into_service_error();
    assert!(error.is_instance_refresh_in_progress_fault(), "{error:?}");
    let balancer = client!(elb, wire);
    let error = balancer.describe_target_health().target_group_arn("t").send().await.unwrap_err().into_service_error();
    assert!(error.is_target_group_not_found_exception(), "{error:?}");
    let watch = client!(cloudwatch, wire);
    let error = watch.describe_alarms().send().await.unwrap_err().into_service_error();
    assert_eq!(aws_sdk_cloudwatch::error::ProvideErrorMetadata::code(&error), Some("Throttling"));
    let error = watch.describe_alarms().send().await.unwrap_err().into_service_error();
    assert_eq!(aws_sdk_cloudwatch::error::ProvideErrorMetadata::code(&error), Some("AccessDenied"));
    let bus = client!(eventbridge, wire);
    let entry = || {
        let builder = eventbridge::types::PutEventsRequestEntry::builder();
        builder.source("s").detail_type("d").detail("{}").build()
    };
    let error = bus.put_events().entries(entry()).send().await.unwrap_err().into_service_error();
    assert_eq!(aws_sdk_eventbridge::error::ProvideErrorMetadata::code(&error), Some("ThrottlingException"));
    // What the model doesn't know is refused, not ignored.
    let error = asg.update_auto_scaling_group().auto_scaling_group_name("g").placement_group("p").send().await;
    let error = error.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationError"));
    assert!(error.message().unwrap_or_default().contains("PlacementGroup"), "{error:?}");
}

#[tokio::test]
async fn the_table_answers_the_sdk_with_items_and_its_own_errors() {
    use dynamodb::types::AttributeValue;
    let wire = wire([]).await;
    wire.dynamo(|dynamo| {
        let spec = serde_json::json!({
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        });
        dynamo.create("record", &spec).unwrap();
    });
    let client = client!(dynamodb, wire);
    let take = |owner: &str| {
        client
            .update_item()
            .table_name("record")
            .key("pk", AttributeValue::S(ODD.into()))
            .update_expression("SET holder = :o")
            .condition_expression("attribute_not_exists(holder)")
            .expression_attribute_values(":o", AttributeValue::S(owner.into()))
            .return_values(dynamodb::types::ReturnValue::AllNew)
            .return_values_on_condition_check_failure(dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
    };
    let out = take("a").await.unwrap();
    assert_eq!(out.attributes().and_then(|i| i.get("holder")), Some(&AttributeValue::S("a".into())));
    let error = take("b").await.unwrap_err().into_service_error();
    let dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.item().and_then(|i| i.get("holder")), Some(&AttributeValue::S("a".into())));
    let check = dynamodb::types::ConditionCheck::builder()
        .table_name("record")
        .key("pk", AttributeValue::S(ODD.into()))
        .condition_expression("attribute_not_exists(holder)")
        .return_values_on_condition_check_failure(dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    let item = dynamodb::types::TransactWriteItem::builder().condition_check(check).build();
    let error = client.transact_write_items().transact_items(item).send().await.unwrap_err().into_service_error();
    let dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(error) = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(error.cancellation_reasons()[0].code(), Some("ConditionalCheckFailed"));
    assert!(error.cancellation_reasons()[0].item().is_some());
    let missing = client.get_item().table_name("none").key("pk", AttributeValue::S("x".into())).send().await;
    assert!(missing.unwrap_err().into_service_error().is_resource_not_found_exception());
}

/// A fault below HTTP is a failed dispatch to the SDK, which may send again; whether the call took effect shows in the world.
#[tokio::test]
async fn faults_of_the_wire_do_what_they_say() {
    let wire = wire([]).await;
    let once = client!(autoscaling, wire);
    let update = |client: &autoscaling::Client| {
        client.update_auto_scaling_group().auto_scaling_group_name("g").min_size(1).send()
    };
    for (fault, applied) in [
        (WireFault::CutBefore, 0),
        (WireFault::CutAfter, 1),
        (WireFault::Unavailable, 0),
        (WireFault::KillBefore, 0),
        (WireFault::KillAfter, 1),
    ] {
        wire.fault(calls().on("UpdateAutoScalingGroup"), fault.clone());
        assert!(update(&once).await.is_err(), "{fault:?}");
        assert_eq!(asked(&wire).len(), applied, "{fault:?}");
    }
    let denied = WireFault::Refused(ApiError::access_denied(Service::AutoScaling, "UpdateAutoScalingGroup", "*"));
    wire.fault(calls(), denied);
    let error = update(&once).await.unwrap_err().into_service_error();
    assert_eq!(autoscaling::error::ProvideErrorMetadata::code(&error), Some("AccessDenied"));
    for fault in [WireFault::Truncated, WireFault::WrongContent, WireFault::WrongAnswer] {
        wire.fault(calls().on("DescribeAutoScalingGroups"), fault.clone());
        assert!(once.describe_auto_scaling_groups().send().await.is_err(), "{fault:?}");
    }
    assert!(update(&once).await.is_ok(), "each fault met one call");
    let status: Vec<Option<u16>> = wire.seen().iter().map(|seen| seen.status).collect();
    assert_eq!(status, [None, None, Some(503), None, None, Some(403), Some(200), Some(200), Some(200), Some(200)]);
    asked(&wire);
    wire.fault(calls(), WireFault::CutAfter);
    assert!(update(&client!(autoscaling, wire, 2)).await.is_ok());
    assert_eq!(asked(&wire).len(), 2, "sent again");
    wire.fault(calls(), WireFault::Late(Duration::from_millis(20)));
    assert!(update(&once).await.is_ok(), "late, but in time");
    let log = wire.seen();
    assert_eq!(log.iter().filter_map(|seen| seen.dealt_with).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
    let received: Vec<u8> = log.iter().map(|seen| seen.received().into()).collect();
    assert_eq!(received, [0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1], "who was sent an answer of the world's");
}

#[tokio::test]
async fn calls_side_by_side_are_one_round() {
    let wire = wire([]).await;
    // Long enough that the slowest machine sends all three before the first is answered.
    wire.latency(Duration::from_millis(200));
    let client = client!(autoscaling, wire);
    let update = || client.update_auto_scaling_group().auto_scaling_group_name("g").min_size(1).send();
    let (a, b) = tokio::join!(update(), update());
    assert!(a.is_ok() && b.is_ok());
    update().await.unwrap();
    let rounds: Vec<u32> = wire.seen().iter().map(|seen| seen.round).collect();
    assert_eq!(rounds, [1, 1, 2]);
    assert!(wire.seen().iter().all(|seen| seen.caller == "AKIDTEST" && seen.is_write()));
}
