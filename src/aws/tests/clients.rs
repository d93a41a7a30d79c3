//! How the clients are set up: what a call may take, and what the start asks.

use super::{aws, query_error};
use crate::record::Lease;
use std::time::Duration;

#[tokio::test]
async fn a_write_is_one_attempt_that_is_given_up_when_the_lease_says_so() {
    let (aws, _server) = aws(|_| query_error(500, "InternalFailure", "")).await;
    let config = aws.clients.autoscaling_writes.config();
    let given_up = Duration::from_millis(Lease::WRITE_TIMEOUT.millis().unsigned_abs());
    assert_eq!(config.retry_config().map(|retry| retry.max_attempts()), Some(1));
    let timeouts = config.timeout_config().unwrap();
    assert_eq!(timeouts.operation_timeout(), Some(given_up));
    assert_eq!(timeouts.operation_attempt_timeout(), Some(given_up));
    assert!(timeouts.connect_timeout() < Some(given_up));
}

#[tokio::test]
async fn three_rounds_of_reads_that_time_out_fit_into_one_turn() {
    let (aws, _server) = aws(|_| query_error(500, "InternalFailure", "")).await;
    let clients = &aws.clients;
    let work = Duration::from_millis(Lease::WORK.millis().unsigned_abs());
    for timeouts in [
        clients.autoscaling.config().timeout_config(),
        clients.elbv2.config().timeout_config(),
        clients.cloudwatch.config().timeout_config(),
        clients.dynamodb.config().timeout_config(),
        clients.eventbridge.config().timeout_config(),
    ] {
        let timeouts = timeouts.unwrap();
        assert!(timeouts.operation_timeout().unwrap() * 3 < work);
        assert!(timeouts.operation_attempt_timeout() < timeouts.operation_timeout());
        assert!(timeouts.read_timeout().is_some() && timeouts.connect_timeout() < timeouts.operation_attempt_timeout());
    }
}

#[tokio::test]
async fn the_warm_up_reads_once_from_each_service_and_minds_no_error() {
    let (aws, server) = aws(|_| query_error(403, "AccessDenied", "no")).await;
    aws.clients.warm_up("releases").await;
    let mut asked = server.operations();
    asked.sort();
    let expected = ["DescribeAlarms", "DescribeAutoScalingGroups", "DescribeTargetGroups", "DynamoDB_20120810.GetItem"];
    assert_eq!(asked, expected);
}
