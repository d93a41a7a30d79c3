//! Auto Scaling, by the Query protocol: fleets, attachments, and every write.

use super::super::script::{AT, ODD, asked, client, wire};
use super::at;
use crate::api::*;
use aws_sdk_autoscaling as autoscaling;
use std::sync::Arc;

fn some_fleet() -> AutoScalingGroup {
    let template = Arc::new(LaunchTemplate { id: "lt-1".into(), name: ODD.into(), version: "$Latest".into() });
    let instance = Instance {
        id: "i-1".into(),
        instance_type: "t4g.small",
        availability_zone: "eu-west-1a".into(),
        lifecycle_state: LifecycleState::PendingWait,
        health_status: "Healthy",
        launch_template: Some(template.clone()),
        protected_from_scale_in: true,
        weighted_capacity: Some("2".into()),
    };
    AutoScalingGroup {
        name: ODD.into(),
        arn: "arn:1".into(),
        min_size: 1,
        max_size: 9,
        desired_capacity: 3,
        availability_zones: vec!["eu-west-1a".into(), "eu-west-1b".into()],
        vpc_zone_identifier: "subnet-1,subnet-2".into(),
        launch_template: Some(template.clone()),
        mixed_instances_policy: Some(MixedInstancesPolicy {
            launch_template: template,
            overrides: vec![("t4g.small".into(), Some("2".into())), ("t4g.large".into(), None)],
        }),
        load_balancer_names: vec!["old-front".into()],
        target_group_arns: vec!["tg-1".into()],
        traffic_sources: vec![TrafficSource { identifier: "tg-1".into(), kind: Some("elbv2".into()) }],
        health_check_type: "EC2,ELB".into(),
        health_check_grace_period: 60,
        default_cooldown: 300,
        instances: vec![instance],
        created_time: AT,
        suspended_processes: vec![SuspendedProcess { name: "AddToLoadBalancer".into(), reason: ODD.into() }],
        status: Some("Delete in progress".into()),
        tags: vec![Tag { key: "cutover:application".into(), value: ODD.into(), propagate_at_launch: true }],
        warm_pool_size: Some(2),
        desired_capacity_type: Some("units".into()),
    }
}

#[tokio::test]
async fn autoscaling_fleets_travel_whole() {
    let bare = AutoScalingGroup {
        instances: vec![],
        tags: vec![],
        launch_template: None,
        mixed_instances_policy: None,
        status: None,
        suspended_processes: vec![],
        load_balancer_names: vec![],
        target_group_arns: vec![],
        traffic_sources: vec![],
        ..some_fleet()
    };
    let reply = Reply::AutoScalingGroups { groups: vec![some_fleet(), bare], next_token: Some("page+2/=".into()) };
    let wire = wire([Served::Ok(reply)]).await;
    let client = client!(autoscaling, wire);
    let filter = |name: &str, value: &str| autoscaling::types::Filter::builder().name(name).values(value);
    let out = client
        .describe_auto_scaling_groups()
        .auto_scaling_group_names(ODD)
        .auto_scaling_group_names("second")
        .filters(filter("tag:cutover:application", ODD).values("other").build())
        .filters(filter("tag-key", "team").build())
        .include_instances(true)
        .next_token("page 1")
        .max_records(100)
        .send()
        .await
        .unwrap();
    let key = || "cutover:application".to_owned();
    assert_eq!(
        asked(&wire),
        [Call::DescribeAutoScalingGroups {
            names: vec![ODD.into(), "second".into()],
            filters: vec![
                TagFilter { key: key(), value: Some(ODD.into()) },
                TagFilter { key: key(), value: Some("other".into()) },
                TagFilter { key: "team".into(), value: None },
            ],
            include_instances: Some(true),
            next_token: Some("page 1".into()),
            max_records: Some(100),
        }]
    );
    assert_eq!(out.next_token(), Some("page+2/="));
    let [full, bare] = out.auto_scaling_groups() else { panic!("two fleets") };
    assert_eq!(full.auto_scaling_group_name(), Some(ODD));
    assert_eq!(full.auto_scaling_group_arn(), Some("arn:1"));
    assert_eq!((full.min_size(), full.max_size(), full.desired_capacity()), (Some(1), Some(9), Some(3)));
    assert_eq!(full.created_time(), Some(&at()));
    assert_eq!(full.availability_zones(), ["eu-west-1a", "eu-west-1b"]);
    assert_eq!(full.load_balancer_names(), ["old-front"]);
    assert_eq!(full.target_group_arns(), ["tg-1"]);
    assert_eq!(full.traffic_sources()[0].identifier(), Some("tg-1"));
    assert_eq!(full.health_check_type(), Some("EC2,ELB"));
    assert_eq!(full.status(), Some("Delete in progress"));
    assert_eq!(full.suspended_processes()[0].process_name(), Some("AddToLoadBalancer"));
    assert_eq!((full.tags()[0].key(), full.tags()[0].value()), (Some("cutover:application"), Some(ODD)));
    assert_eq!(full.launch_template().and_then(|t| t.version()), Some("$Latest"));
    let policy = full.mixed_instances_policy().and_then(|p| p.launch_template()).unwrap();
    assert_eq!(policy.overrides()[0].weighted_capacity(), Some("2"));
    assert_eq!(policy.overrides()[1].weighted_capacity(), None);
    assert_eq!(full.warm_pool_size(), Some(2));
    let instance = &full.instances()[0];
    assert_eq!(instance.instance_id(), Some("i-1"));
    assert_eq!(instance.lifecycle_state().map(|state| state.as_str()), Some("Pending:Wait"));
    assert_eq!(instance.protected_from_scale_in(), Some(true));
    assert!(bare.instances().is_empty() && bare.tags().is_empty() && bare.launch_template().is_none());
    assert_eq!(bare.status(), None);
}

#[tokio::test]
async fn autoscaling_attachments_and_writes_travel() {
    let wire = wire([
        Served::Ok(Reply::TrafficSources {
            sources: vec![TrafficSourceState {
                identifier: "tg-1".into(),
                kind: "elbv2".into(),
                state: AttachmentState::InService,
            }],
            next_token: None,
        }),
        Served::Ok(Reply::LoadBalancerTargetGroups {
            groups: vec![LoadBalancerTargetGroupState {
                target_group_arn: "tg-1".into(),
                state: AttachmentState::Adding,
            }],
            next_token: None,
        }),
        Served::Ok(Reply::InstanceRefreshes {
            refreshes: vec![InstanceRefresh {
                id: "r-1".into(),
                asg: "blue".into(),
                status: RefreshStatus::InProgress,
                start_time: Some(AT),
                end_time: None,
                percentage_complete: Some(50),
                instances_to_update: Some(1),
            }],
            next_token: None,
        }),
    ])
    .await;
    let client = client!(autoscaling, wire);
    let sources = client.describe_traffic_sources().auto_scaling_group_name("blue").send().await.unwrap();
    assert_eq!(sources.traffic_sources()[0].state(), Some("InService"));
    assert_eq!(sources.traffic_sources()[0].identifier(), Some("tg-1"));
    let groups = client.describe_load_balancer_target_groups().auto_scaling_group_name("blue").send().await.unwrap();
    assert_eq!(groups.load_balancer_target_groups()[0].load_balancer_target_group_arn(), Some("tg-1"));
    let refreshes = client.describe_instance_refreshes().auto_scaling_group_name("blue").send().await.unwrap();
    assert_eq!(refreshes.instance_refreshes()[0].status().map(|s| s.as_str()), Some("InProgress"));
    assert_eq!(refreshes.instance_refreshes()[0].start_time(), Some(&at()));

    let source = autoscaling::types::TrafficSourceIdentifier::builder().identifier("tg-1").build();
    let (asg, arn) = ("blue", "tg-1");
    client
        .attach_load_balancer_target_groups()
        .auto_scaling_group_name(asg)
        .target_group_arns(arn)
        .send()
        .await
        .unwrap();
    client
        .detach_load_balancer_target_groups()
        .auto_scaling_group_name(asg)
        .target_group_arns(arn)
        .send()
        .await
        .unwrap();
    client.attach_traffic_sources().auto_scaling_group_name(asg).traffic_sources(source.clone()).send().await.unwrap();
    client.detach_traffic_sources().auto_scaling_group_name(asg).traffic_sources(source).send().await.unwrap();
    client.update_auto_scaling_group().auto_scaling_group_name(asg).min_size(4).send().await.unwrap();
    let asg = || asg.to_owned();
    let sources = || vec![TrafficSource { identifier: arn.into(), kind: None }];
    assert_eq!(
        asked(&wire)[3..],
        [
            Call::AttachLoadBalancerTargetGroups { asg: asg(), target_group_arns: vec![arn.into()] },
            Call::DetachLoadBalancerTargetGroups { asg: asg(), target_group_arns: vec![arn.into()] },
            Call::AttachTrafficSources { asg: asg(), traffic_sources: sources(), skip_zonal_shift_validation: None },
            Call::DetachTrafficSources { asg: asg(), traffic_sources: sources() },
            Call::UpdateAutoScalingGroup { asg: asg(), min_size: Some(4), desired_capacity: None, max_size: None },
        ]
    );
}
