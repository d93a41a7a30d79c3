//! What is no event and no command is refused in one line that never echoes the payload.

use crate::{event, read, refused};
use cutover::trigger::{MOST_BYTES, parse};
use serde_json::json;

#[test]
fn what_is_no_event_and_no_command_is_refused_in_one_line() {
    refused(json!([1]), r#""payload" is [1]: expected a JSON object"#);
    refused(
        json!({ "source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning", "detail": {} }),
        r#""source" is "aws.ec2": expected one of "aws.autoscaling", "aws.cloudwatch", "aws.events", "aws.scheduler""#,
    );
    refused(
        json!({ "source": "aws.autoscaling", "detail-type": "EC2 Instance Launch Successful", "detail": {} }),
        concat!(
            r#""detail.AutoScalingGroupName" is missing: expected an Auto Scaling group's name: 1 to 255 characters, "#,
            "none of them a control character"
        ),
    );
    assert_eq!(
        parse(b"{").unwrap_err().to_string(),
        r#""payload" is not JSON (line 1, column 1): expected a JSON object"#
    );
    assert!(read(&json!({})).unwrap_err().to_string().starts_with(r#""command" is missing: expected one of "attach""#));
}

#[test]
fn sns_with_more_than_one_record_is_refused_whole() {
    let mut payload = event("sns-launch.json");
    let record = payload["Records"][0].clone();
    payload["Records"].as_array_mut().unwrap().push(record);
    refused(payload, r#""Records" is a list of 2: expected exactly one record, as SNS sends"#);
    refused(json!({ "Records": [] }), r#""Records" is a list of 0: expected exactly one record, as SNS sends"#);
}

#[test]
fn a_command_published_to_a_topic_is_no_command() {
    let mut payload = event("sns-launch.json");
    payload["Records"][0]["Sns"]["Message"] = json!(r#"{"command":"rollback","application":"web"}"#);
    assert_eq!(read(&payload).unwrap_err().field, "Records[0].Sns.Message");
}

#[test]
fn an_envelope_of_another_service_is_refused_whatever_is_inside() {
    let mut message = event("sns-launch.json");
    message["Records"][0]["EventSource"] = json!("aws:sqs");
    refused(message, r#""Records[0].EventSource" is "aws:sqs": expected "aws:sns""#);
    let mut action = event("alarm-action-metric.json");
    action["source"] = json!("shop");
    refused(action, r#""source" is "shop": expected "aws.cloudwatch" beside "alarmData""#);
    refused(
        json!({ "source": "aws.events", "detail-type": "Rule Disabled", "detail": {} }),
        r#""detail-type" is "Rule Disabled": expected "Scheduled Event" from this source"#,
    );
}

#[test]
fn a_payload_above_200_kb_is_refused_unread() {
    let payload = vec![b' '; MOST_BYTES + 1];
    let sentence = parse(&payload).unwrap_err().to_string();
    assert_eq!(sentence, r#""payload" is 204801 bytes long: expected at most 204800 bytes"#);
}

#[test]
fn a_refusal_never_echoes_the_payload() {
    let secret = "s3cr3t".repeat(30_000);
    let payloads = [
        json!({ "command": "attach", "green": secret }),
        json!({ "command": secret }),
        json!({ "command": "attach", secret.clone(): 1 }),
        json!({ "command": "attach", "green": "g", "alarms": [[secret]] }),
        json!({ "detail-type": "x", "source": secret }),
        json!({ "Records": [{ "EventSource": secret }] }),
        json!({ "alarmData": secret, "source": "aws.cloudwatch" }),
        json!(secret),
    ];
    for payload in payloads {
        let sentence = read(&payload).unwrap_err().to_string();
        assert!(sentence.chars().count() < 900, "{sentence}");
        assert!(sentence.matches("s3cr3t").count() <= 14, "{sentence}");
    }
}
