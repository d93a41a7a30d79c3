//! Elastic Load Balancing, by the Query protocol: target groups, the health of targets, load balancers.

use super::super::script::{AT, ODD, asked, client, wire};
use crate::api::*;
use aws_sdk_elasticloadbalancingv2 as elb;

#[tokio::test]
async fn elb_replies_travel() {
    let group = TargetGroup {
        arn: "tg-1".into(),
        name: ODD.into(),
        protocol: "HTTP".into(),
        port: 80,
        vpc_id: "vpc-1".into(),
        target_type: "instance".into(),
        load_balancer_arns: vec!["lb-1".into()],
        health_check_enabled: true,
        health_check_interval_seconds: 10,
        health_check_timeout_seconds: 5,
        healthy_threshold_count: 2,
        unhealthy_threshold_count: 3,
        health_check_path: Some("/health?a=1&b=2".into()),
    };
    let target = |id: &str, state, reason, over: Option<&str>| TargetHealthDescription {
        target_id: id.into(),
        port: 80,
        health_check_port: "80".into(),
        state,
        reason,
        description: reason.map(|_| "Why".into()),
        administrative_override: over.map(str::to_owned),
    };
    let wire = wire([
        Served::Ok(Reply::TargetGroups { groups: vec![group], next_marker: Some("m".into()) }),
        Served::Ok(Reply::TargetGroupAttributes {
            attributes: vec![("deregistration_delay.timeout_seconds".into(), "5".into())],
        }),
        Served::Ok(Reply::TargetHealth {
            targets: vec![
                target("i-1", TargetState::Healthy, None, Some("zonal_shift_active")),
                target("i-2", TargetState::UnhealthyDraining, Some(TargetReason::FailedHealthChecks), None),
            ],
        }),
        Served::Ok(Reply::LoadBalancers {
            load_balancers: vec![LoadBalancer {
                arn: "lb-1".into(),
                name: "front".into(),
                kind: "network".into(),
                scheme: "internal".into(),
                dns_name: "front.example".into(),
                vpc_id: "vpc-1".into(),
                state: "active".into(),
                availability_zones: vec!["eu-west-1a".into()],
                created_time: AT,
            }],
            next_marker: None,
        }),
    ])
    .await;
    let client = client!(elb, wire);
    let groups = client.describe_target_groups().target_group_arns("tg-1").names("n").send().await.unwrap();
    let got = &groups.target_groups()[0];
    assert_eq!((got.target_group_arn(), got.target_group_name(), got.port()), (Some("tg-1"), Some(ODD), Some(80)));
    assert_eq!(got.load_balancer_arns(), ["lb-1"]);
    assert_eq!(got.health_check_path(), Some("/health?a=1&b=2"));
    assert_eq!(got.target_type().map(|t| t.as_str()), Some("instance"));
    assert_eq!(groups.next_marker(), Some("m"));
    let attributes = client.describe_target_group_attributes().target_group_arn("tg-1").send().await.unwrap();
    assert_eq!(attributes.attributes()[0].value(), Some("5"));
    let described = elb::types::TargetDescription::builder().id("i-1").build();
    let health = client.describe_target_health().target_group_arn("tg-1").targets(described).send().await.unwrap();
    let [one, two] = health.target_health_descriptions() else { panic!("two targets") };
    assert_eq!(one.target().and_then(|t| t.id()), Some("i-1"));
    assert_eq!(one.target_health().and_then(|h| h.state()).map(|s| s.as_str()), Some("healthy"));
    assert!(one.administrative_override().is_some() && two.administrative_override().is_none());
    let health = two.target_health().unwrap();
    assert_eq!(health.state().map(|s| s.as_str()), Some("unhealthy.draining"));
    assert_eq!(health.reason().map(|r| r.as_str()), Some("Target.FailedHealthChecks"));
    let balancers = client.describe_load_balancers().load_balancer_arns("lb-1").send().await.unwrap();
    let got = &balancers.load_balancers()[0];
    assert_eq!(got.r#type().map(|t| t.as_str()), Some("network"));
    assert_eq!(got.availability_zones()[0].zone_name(), Some("eu-west-1a"));
    assert_eq!(got.state().and_then(|s| s.code()).map(|c| c.as_str()), Some("active"));
    assert_eq!(
        asked(&wire)[2],
        Call::DescribeTargetHealth { target_group_arn: "tg-1".into(), targets: vec!["i-1".into()] }
    );
}
