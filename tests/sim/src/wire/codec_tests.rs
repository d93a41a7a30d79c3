//! Each codec against the real SDK: what the world is asked is what the client sent, and every field of the reply arrives.

use aws_sdk_autoscaling as autoscaling;
use aws_sdk_cloudwatch as cloudwatch;
use aws_sdk_elasticloadbalancingv2 as elb;
use aws_sdk_eventbridge as eventbridge;
use aws_smithy_types::DateTime;
use std::sync::Arc;

use super::script::{AT, ODD, asked, client, wire};
use crate::api::*;

fn at() -> DateTime {
    DateTime::from_millis(AT)
}

/// The SDK cuts a CBOR moment down to its millisecond: what has no exact double (…,123 has none) arrives one early.
fn about(moment: Option<&DateTime>) -> bool {
    let millis = moment.and_then(|moment| moment.to_millis().ok());
    millis.is_some_and(|millis| millis == AT || millis == AT - 1)
}

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

fn some_alarm() -> MetricAlarm {
    MetricAlarm {
        name: ODD.into(),
        arn: "arn:alarm".into(),
        description: None,
        configuration_updated: AT,
        actions_enabled: true,
        alarm_actions: vec!["arn:action".into()],
        ok_actions: vec![],
        insufficient_data_actions: vec![],
        state_value: StateValue::Alarm,
        state_reason: ODD.into(),
        state_reason_data: Some("{}".into()),
        state_updated: AT + 1,
        state_transitioned: AT,
        evaluation_state: Some(EvaluationState::PartialData),
        namespace: None,
        metric_name: None,
        statistic: None,
        dimensions: vec![("LoadBalancer".into(), "app/x".into())],
        period: None,
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        threshold: Some(0.05),
        comparison_operator: "GreaterThanThreshold".into(),
        treat_missing_data: Some(TreatMissing::NotBreaching),
        metrics: vec![MetricDataQuery {
            id: "m1".into(),
            expression: None,
            metric_stat: Some(("AWS/ApplicationELB".into(), "HTTPCode".into(), 60, "Sum".into())),
            return_data: false,
            period: None,
        }],
    }
}

#[tokio::test]
async fn cloudwatch_alarms_travel_as_cbor() {
    let composite = CompositeAlarm {
        name: "any".into(),
        arn: "arn:any".into(),
        description: Some("d".into()),
        configuration_updated: AT,
        actions_enabled: false,
        alarm_actions: vec![],
        ok_actions: vec![],
        insufficient_data_actions: vec!["arn:n".into()],
        rule: "ALARM(\"x\")".into(),
        state_value: StateValue::Ok,
        state_reason: "r".into(),
        state_reason_data: None,
        state_updated: AT,
        state_transitioned: AT,
        actions_suppressed_by: None,
    };
    let log = LogAlarm {
        name: "lines".into(),
        arn: "arn:log".into(),
        description: None,
        configuration_updated: AT,
        actions_enabled: true,
        alarm_actions: vec![],
        state_value: StateValue::InsufficientData,
        state_reason: "r".into(),
        state_updated: AT,
        state_transitioned: AT,
        evaluation_state: None,
        schedule_expression: "rate(5 minutes)".into(),
        query_results_to_evaluate: 3,
        query_results_to_alarm: 2,
        threshold: 5.0,
        comparison_operator: "GreaterThanThreshold".into(),
        treat_missing_data: None,
    };
    let item = AlarmHistoryItem {
        alarm_name: ODD.into(),
        alarm_type: AlarmType::CompositeAlarm,
        timestamp: AT,
        item_type: HistoryItemType::StateUpdate,
        summary: "Alarm updated from OK to ALARM".into(),
        data: "{\"newState\":{}}".into(),
    };
    let wire = wire([
        Served::Ok(Reply::Alarms {
            metric: vec![some_alarm()],
            composite: vec![composite],
            log: vec![log],
            next_token: Some("t".into()),
        }),
        Served::Ok(Reply::AlarmHistory { items: vec![item], next_token: None }),
    ])
    .await;
    let client = client!(cloudwatch, wire);
    let out = client
        .describe_alarms()
        .alarm_names(ODD)
        .alarm_types(cloudwatch::types::AlarmType::MetricAlarm)
        .alarm_types(cloudwatch::types::AlarmType::LogAlarm)
        .max_records(100)
        .send()
        .await
        .unwrap();
    let alarm = &out.metric_alarms()[0];
    assert_eq!((alarm.alarm_name(), alarm.state_reason()), (Some(ODD), Some(ODD)));
    assert_eq!(alarm.state_value().map(|s| s.as_str()), Some("ALARM"));
    assert_eq!(alarm.evaluation_state().map(|s| s.as_str()), Some("PARTIAL_DATA"));
    assert!(about(alarm.state_transitioned_timestamp()));
    assert_eq!((alarm.threshold(), alarm.datapoints_to_alarm(), alarm.period()), (Some(0.05), Some(2), None));
    let stat = alarm.metrics()[0].metric_stat().unwrap();
    assert_eq!((stat.period(), stat.stat()), (Some(60), Some("Sum")));
    assert_eq!(out.composite_alarms()[0].alarm_rule(), Some("ALARM(\"x\")"));
    let log = &out.log_alarms()[0];
    assert_eq!(log.query_results_to_evaluate(), Some(3));
    let schedule = log.scheduled_query_configuration().and_then(|c| c.schedule_configuration());
    assert_eq!(schedule.and_then(|s| s.schedule_expression()), Some("rate(5 minutes)"));
    assert_eq!(out.next_token(), Some("t"));
    let history = client
        .describe_alarm_history()
        .alarm_name(ODD)
        .history_item_type(cloudwatch::types::HistoryItemType::StateUpdate)
        .start_date(at())
        .end_date(DateTime::from_millis(AT + 877))
        .send()
        .await
        .unwrap();
    assert!(about(history.alarm_history_items()[0].timestamp()));
    assert_eq!(
        asked(&wire),
        [
            Call::DescribeAlarms {
                names: vec![ODD.into()],
                prefix: None,
                types: vec![AlarmType::MetricAlarm, AlarmType::LogAlarm],
                state_value: None,
                next_token: None,
                max_records: Some(100),
            },
            Call::DescribeAlarmHistory {
                name: Some(ODD.into()),
                types: vec![],
                item_type: Some(HistoryItemType::StateUpdate),
                start: Some(AT),
                end: Some(AT + 877),
                scan_by: None,
                next_token: None,
                max_records: None,
            },
        ]
    );
}

#[tokio::test]
async fn eventbridge_takes_entries_and_says_which_failed() {
    let entries = vec![
        PutEventsResult { event_id: Some("e-1".into()), error_code: None, error_message: None },
        PutEventsResult { event_id: None, error_code: Some("InternalFailure".into()), error_message: Some("m".into()) },
    ];
    let wire = wire([Served::Ok(Reply::PutEvents { entries })]).await;
    let client = client!(eventbridge, wire);
    let entry = eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name("bus")
        .source("cutover")
        .detail_type("Release State Change")
        .detail("{\"a\": \"<&>\"}")
        .time(at())
        .build();
    let out = client.put_events().entries(entry).send().await.unwrap();
    assert_eq!(out.failed_entry_count(), 1);
    assert_eq!(out.entries()[0].event_id(), Some("e-1"));
    assert_eq!(out.entries()[1].error_code(), Some("InternalFailure"));
    let Call::PutEvents { entries } = &asked(&wire)[0] else { panic!("PutEvents") };
    assert_eq!((entries[0].detail.as_str(), entries[0].time), ("{\"a\": \"<&>\"}", Some(AT)));
}
