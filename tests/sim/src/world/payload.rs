//! The payloads of deliveries, each in the shape that AWS documents for it.

use serde_json::{Map, Value, json};

use super::alarm::Alarm;
use super::alarm_spec::{AlarmKind, Metric, Scope};
use super::fleet::Fleet;
use super::names::{ACCOUNT, REGION, millis_offset, millis_z, seconds_z, uuid};
use crate::api::Millis;

/// The region as SNS spells it in an alarm's message.
const REGION_IN_WORDS: &str = "EU (Ireland)";

/// EventBridge's envelope.
fn event(n: u64, detail_type: &str, source: &str, at: Millis, resources: &[&str], detail: Value) -> Value {
    json!({
        "version": "0",
        "id": uuid(n),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": seconds_z(at),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    })
}

/// SNS's envelope.
fn sns(n: u64, topic: &str, subject: &str, message: &Value, at: Millis) -> Value {
    json!({"Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": format!("{topic}:{}", uuid(n + 1)),
        "Sns": {
            "Type": "Notification",
            "MessageId": uuid(n),
            "TopicArn": topic,
            "Subject": subject,
            "Message": message.to_string(),
            "Timestamp": millis_z(at),
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertUrl": "EXAMPLE",
            "UnsubscribeUrl": "EXAMPLE",
            "MessageAttributes": {},
        },
    }]})
}

pub(crate) fn minute(at: Millis, n: u64) -> Value {
    let rule = format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/cutover-every-minute");
    event(n, "Scheduled Event", "aws.events", at, &[&rule], json!({}))
}

/// A launch: good with an instance, bad with a message.
pub(crate) fn launch(fleet: &Fleet, id: Option<&str>, failure: Option<&str>, at: Millis, n: u64) -> Value {
    let zone = id.and_then(|id| fleet.instances.get(id)).map(|member| member.zone.as_str());
    let zone = zone.or(fleet.zones.first().map(String::as_str)).unwrap_or("eu-west-1a");
    let instance = id.map(|id| format!("arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{id}"));
    let resources: Vec<&str> = [Some(fleet.arn.as_str()), instance.as_deref()].into_iter().flatten().collect();
    let description = match id {
        Some(id) => format!("Launching a new EC2 instance: {id}"),
        None => "Launching a new EC2 instance".to_owned(),
    };
    let detail = json!({
        "Description": description,
        "Details": {"Subnet ID": subnet(zone), "Availability Zone": zone},
        "EndTime": seconds_z(at),
        "RequestId": uuid(n + 1),
        "ActivityId": uuid(n + 1),
        "StartTime": seconds_z(at - fleet.behaviour.launch),
        "EC2InstanceId": id.unwrap_or_default(),
        "StatusCode": if failure.is_some() { "Failed" } else { "InProgress" },
        "StatusMessage": failure.unwrap_or_default(),
        "Cause": cause(fleet, at),
        "AutoScalingGroupName": fleet.name,
        "Origin": "EC2",
        "Destination": "AutoScalingGroup",
    });
    let detail_type =
        if failure.is_some() { "EC2 Instance Launch Unsuccessful" } else { "EC2 Instance Launch Successful" };
    event(n, detail_type, "aws.autoscaling", at, &resources, detail)
}

fn cause(fleet: &Fleet, at: Millis) -> String {
    format!(
        "At {} an instance was started in response to a difference between desired and actual capacity, increasing the capacity to {}.",
        seconds_z(at - fleet.behaviour.launch),
        fleet.desired
    )
}

fn subnet(zone: &str) -> String {
    format!("subnet-0a1b2c3d4e5f6071{}", zone.chars().last().unwrap_or('a'))
}

pub(crate) fn launch_notification(fleet: &Fleet, id: &str, at: Millis, n: u64) -> Value {
    let zone = fleet.instances.get(id).map_or("eu-west-1a", |member| member.zone.as_str());
    let message = json!({
        "Origin": "EC2",
        "Destination": "AutoScalingGroup",
        "Progress": 50,
        "AccountId": ACCOUNT,
        "Description": format!("Launching a new EC2 instance: {id}"),
        "RequestId": uuid(n + 1),
        "EndTime": millis_z(at),
        "AutoScalingGroupARN": fleet.arn,
        "ActivityId": uuid(n + 1),
        "StartTime": millis_z(at - fleet.behaviour.launch),
        "Service": "AWS Auto Scaling",
        "Time": millis_z(at),
        "EC2InstanceId": id,
        "StatusCode": "InProgress",
        "StatusMessage": "",
        "Details": {"Subnet ID": subnet(zone), "Availability Zone": zone},
        "AutoScalingGroupName": fleet.name,
        "Cause": cause(fleet, at),
        "Event": "autoscaling:EC2_INSTANCE_LAUNCH",
    });
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:fleets");
    sns(n, &topic, &format!("Auto Scaling: launch for group \"{}\"", fleet.name), &message, at)
}

/// CloudTrail's record of a call, by EventBridge.
fn trail(name: &str, parameters: Value, at: Millis, n: u64) -> Value {
    let detail = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLEEXAMPLEEXA:deployer",
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/deployer/deployer"),
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAEXAMPLEEXAMPLEEX",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLEEXAMPLEEXA",
                    "arn": format!("arn:aws:iam::{ACCOUNT}:role/deployer"),
                    "accountId": ACCOUNT,
                    "userName": "deployer",
                },
                "attributes": {"creationDate": seconds_z(at), "mfaAuthenticated": "false"},
            },
        },
        "eventTime": seconds_z(at),
        "eventSource": "autoscaling.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9.0",
        "requestParameters": parameters,
        "responseElements": null,
        "requestID": uuid(n + 1),
        "eventID": uuid(n + 2),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": format!("autoscaling.{REGION}.amazonaws.com"),
        },
    });
    event(n, "AWS API Call via CloudTrail", "aws.autoscaling", at, &[], detail)
}

pub(crate) fn created(fleet: &Fleet, at: Millis, n: u64) -> Value {
    let tags: Vec<Value> = fleet.tags.iter().map(|(key, value)| tag(&fleet.name, key, value)).collect();
    let parameters = json!({
        "autoScalingGroupName": fleet.name,
        "minSize": fleet.min,
        "maxSize": fleet.max,
        "desiredCapacity": fleet.desired,
        "launchTemplate": {"launchTemplateId": fleet.template.id, "version": fleet.template.version},
        "vPCZoneIdentifier": fleet.zones.iter().map(|zone| subnet(zone)).collect::<Vec<_>>().join(","),
        "healthCheckType": fleet.health_check_type,
        "tags": tags,
    });
    trail("CreateAutoScalingGroup", parameters, at, n)
}

fn tag(name: &str, key: &str, value: &str) -> Value {
    json!({
        "resourceId": name,
        "resourceType": "auto-scaling-group",
        "key": key,
        "value": value,
        "propagateAtLaunch": true,
    })
}

pub(crate) fn tagged(name: &str, key: &str, value: &str, at: Millis, n: u64) -> Value {
    trail("CreateOrUpdateTags", json!({"tags": [tag(name, key, value)]}), at, n)
}

/// Namespace, name and dimensions of an alarm's metric.
fn metric(alarm: &Alarm) -> (&'static str, &'static str, Value) {
    let scope = match &alarm.spec.kind {
        AlarmKind::Metric(Metric::Errors(scope) | Metric::ErrorPercent(scope) | Metric::UnhealthyHosts(scope)) => {
            Some(scope)
        }
        _ => None,
    };
    let dimensions = match scope {
        Some(Scope::Group(group)) => json!({"TargetGroup": format!("targetgroup/{group}")}),
        Some(Scope::Fleet(fleet)) => json!({"AutoScalingGroupName": fleet}),
        None => json!({}),
    };
    match &alarm.spec.kind {
        AlarmKind::Metric(Metric::UnhealthyHosts(_)) => ("AWS/ApplicationELB", "UnHealthyHostCount", dimensions),
        AlarmKind::Metric(Metric::ByHand) => ("Web", "Failures", dimensions),
        _ => ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", dimensions),
    }
}

/// `configuration` of the EventBridge event and of the Lambda action.
fn configuration(alarm: &Alarm) -> Value {
    if let AlarmKind::Composite(rule) = &alarm.spec.kind {
        return json!({"alarmRule": rule, "actionsSuppressor": null, "actionsSuppressorWaitPeriod": null, "actionsSuppressorExtensionPeriod": null});
    }
    let (namespace, name, dimensions) = metric(alarm);
    let stat = |id: &str, name: &str, returned: bool| {
        json!({
            "id": id,
            "metricStat": {
                "metric": {"namespace": namespace, "name": name, "dimensions": dimensions},
                "period": alarm.spec.period,
                "stat": "Sum",
            },
            "returnData": returned,
        })
    };
    let metrics = if matches!(alarm.spec.kind, AlarmKind::Metric(Metric::ErrorPercent(_))) {
        let maths = json!({"id": "e1", "expression": "100*m2/m1", "label": "errors in a hundred", "returnData": true});
        vec![maths, stat("m1", "RequestCount", false), stat("m2", "HTTPCode_Target_5XX_Count", false)]
    } else {
        vec![stat(&uuid(alarm.made), name, true)]
    };
    json!({"metrics": metrics})
}

/// `state` or `previousState`: the data is JSON in a string, and absent when there is none.
fn state(alarm: &Alarm) -> Value {
    let mut state = Map::new();
    state.insert("value".into(), alarm.value.as_str().into());
    state.insert("reason".into(), alarm.reason.as_str().into());
    if let Some(data) = &alarm.reason_data {
        state.insert("reasonData".into(), data.to_string().into());
    }
    state.insert("timestamp".into(), millis_offset(alarm.updated).into());
    Value::Object(state)
}

pub(crate) fn alarm_event(before: &Alarm, after: &Alarm, n: u64) -> Value {
    let detail = json!({
        "alarmName": after.spec.name,
        "state": state(after),
        "previousState": state(before),
        "configuration": configuration(after),
    });
    event(n, "CloudWatch Alarm State Change", "aws.cloudwatch", after.transitioned, &[&after.arn], detail)
}

pub(crate) fn alarm_action(before: &Alarm, after: &Alarm) -> Value {
    json!({
        "source": "aws.cloudwatch",
        "alarmArn": after.arn,
        "accountId": ACCOUNT,
        "time": millis_offset(after.transitioned),
        "region": REGION,
        "alarmData": {
            "alarmName": after.spec.name,
            "state": state(after),
            "previousState": state(before),
            "configuration": configuration(after),
        },
    })
}

pub(crate) fn alarm_notification(before: &Alarm, after: &Alarm, topic: &str, n: u64) -> Value {
    let trigger = match &after.spec.kind {
        AlarmKind::Composite(_) => None,
        _ => {
            let (namespace, name, dimensions) = metric(after);
            let dimensions: Vec<Value> = dimensions
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| json!({"value": value, "name": name}))
                .collect();
            Some(json!({
                "MetricName": name,
                "Namespace": namespace,
                "StatisticType": "Statistic",
                "Statistic": "SUM",
                "Unit": null,
                "Dimensions": dimensions,
                "Period": after.spec.period,
                "EvaluationPeriods": after.spec.evaluation_periods,
                "DatapointsToAlarm": after.spec.datapoints_to_alarm,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "Threshold": after.spec.threshold,
                "TreatMissingData": after.spec.treat_missing.as_str(),
                "EvaluateLowSampleCountPercentile": "",
            }))
        }
    };
    let mut message = json!({
        "AlarmName": after.spec.name,
        "AlarmDescription": null,
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": millis_offset(after.configured),
        "NewStateValue": after.value.as_str(),
        "NewStateReason": after.reason,
        "StateChangeTime": millis_offset(after.transitioned),
        "Region": REGION_IN_WORDS,
        "AlarmArn": after.arn,
        "OldStateValue": before.value.as_str(),
        "OKActions": after.spec.actions,
        "AlarmActions": after.spec.actions,
        "InsufficientDataActions": after.spec.actions,
    });
    match (trigger, &after.spec.kind) {
        (Some(trigger), _) => message["Trigger"] = trigger,
        (None, AlarmKind::Composite(rule)) => message["AlarmRule"] = rule.as_str().into(),
        (None, _) => {}
    }
    let subject = format!("{}: \"{}\" in {REGION_IN_WORDS}", after.value, after.spec.name);
    sns(n, topic, &subject, &message, after.transitioned)
}
