//! Whatever knocks is understood: every file of events/ becomes the request that its table names, in every variation that
//! AWS may send; everything else is refused in one line, and no bytes make it panic.

use cutover::error::InvalidField;
use cutover::release::policy::{Alarms, InAlarmAtStart, TargetGroupRef};
use cutover::release::{AlarmName, FleetName};
use cutover::trigger::{Command, MOST_BYTES, Request, Subject, parse};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// What a row of events/README.md calls its request.
fn summary(request: &Request) -> String {
    let of = |Subject { application, release }: &Subject| match release {
        Some(release) => release.to_string(),
        None => application.to_string(),
    };
    match request {
        Request::Fleets(knocks) => {
            let cause = |knock: &cutover::trigger::FleetKnock| {
                json!(knock.cause).as_str().map_or_else(String::new, |cause| format!("{} ({cause})", knock.fleet))
            };
            format!("fleets {}", knocks.iter().map(cause).collect::<Vec<_>>().join(", "))
        }
        Request::Alarm(knock) => {
            format!("alarm {} ({})", knock.alarm, if knock.in_alarm { "ALARM" } else { "not in ALARM" })
        }
        Request::Sweep => "sweep".into(),
        Request::Ignored { .. } => "ignored".into(),
        Request::Command(command) => match command {
            Command::Attach(attach) | Command::Plan(attach) => {
                let of = attach.application.as_ref().map_or(String::new(), |name| format!(" of {name}"));
                let blue = attach.blue.iter().flatten().map(|fleet| format!(", blue {fleet}")).collect::<String>();
                format!("{} {}{of}{blue}", command.name(), attach.green)
            }
            Command::Pause { subject, for_seconds, .. } => format!("pause {} for {for_seconds} s", of(subject)),
            Command::Check { subject, .. }
            | Command::Promote { subject, .. }
            | Command::Rollback { subject, .. }
            | Command::Status { subject } => format!("{} {}", command.name(), of(subject)),
            Command::List => "list".into(),
            Command::History { application } => format!("history {application}"),
        },
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("events")
}

fn event(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn read(payload: &Value) -> Result<Request, InvalidField> {
    parse(payload.to_string().as_bytes())
}

/// The table of events/README.md: file → request.
fn table() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| [")?.split(" | ");
        let file = cells.next()?.split(']').next()?.to_owned();
        Some((file, cells.next()?.to_owned()))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn every_file_of_events_is_read_as_its_table_says() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let table = table();
    assert_eq!(files, table.keys().cloned().collect(), "events/ and the table of events/README.md differ");
    for (file, expected) in table {
        let request = read(&event(&file)).unwrap_or_else(|refused| panic!("{file}: {refused}"));
        assert_eq!(summary(&request), expected, "{file}");
    }
}

/// Every file but the commands: those are ours, and take nothing that isn't known.
fn events_of_aws() -> impl Iterator<Item = (String, String)> {
    table().into_iter().filter(|(file, _)| !file.starts_with("command-"))
}

/// What tells an event's kind and what it is about; and what `aws_lambda_events` has to have. All else is optional.
const NEEDED: &[&str] = &[
    "detail-type",
    "source",
    "detail",
    "AutoScalingGroupName",
    "autoScalingGroupName",
    "alarmName",
    "AlarmName",
    "alarmData",
    "eventName",
    "errorCode",
    "requestParameters",
    "tags",
    "key",
    "resourceId",
    "state",
    "value",
    "NewStateValue",
    "Event",
    "Records",
    "EventSource",
    "EventVersion",
    "EventSubscriptionArn",
    "Sns",
    "Type",
    "MessageId",
    "TopicArn",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertUrl",
    "UnsubscribeUrl",
];

/// Applies `change` to every object in an event, those inside an SNS message too.
fn in_every_object(value: &mut Value, change: &impl Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object.iter_mut() {
                let message =
                    inner.as_str().filter(|_| name == "Message").and_then(|text| serde_json::from_str(text).ok());
                if let Some(mut message) = message {
                    in_every_object(&mut message, change);
                    *inner = Value::String(message.to_string());
                } else {
                    in_every_object(inner, change);
                }
            }
            change(object);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| in_every_object(item, change)),
        _ => {}
    }
}

fn each_varied(change: impl Fn(&mut Map<String, Value>)) {
    for (file, expected) in events_of_aws() {
        let mut payload = event(&file);
        in_every_object(&mut payload, &change);
        let request = read(&payload).unwrap_or_else(|refused| panic!("{file}: {refused}\n{payload:#}"));
        assert_eq!(summary(&request), expected, "{file}");
    }
}

#[test]
fn extra_fields_of_aws_events_change_nothing() {
    each_varied(|object| {
        object.insert("aFieldOfNextYear".into(), json!({ "deep": [1, null, "x"] }));
        object.insert("AnotherOne".into(), Value::Null);
    });
}

#[test]
fn optional_fields_of_aws_events_may_be_null() {
    each_varied(|object| {
        for (name, value) in object.iter_mut() {
            if !NEEDED.contains(&name.as_str()) {
                *value = Value::Null;
            }
        }
    });
}

#[test]
fn optional_fields_of_aws_events_may_be_missing() {
    each_varied(|object| object.retain(|name, _| NEEDED.contains(&name.as_str())));
}

/// Writes an object's fields in the opposite order, at every depth.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let fields = object.iter().rev().map(|(name, value)| format!("{}:{}", json!(name), reversed(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[test]
fn the_order_of_fields_does_not_matter() {
    for (file, expected) in table() {
        let request = parse(reversed(&event(&file)).as_bytes()).unwrap();
        assert_eq!(summary(&request), expected, "{file}");
    }
}

#[test]
fn a_launch_event_carries_the_fleets_arn_where_aws_gives_it() {
    for (file, has_arn) in
        [("launch-successful.json", true), ("sns-launch.json", true), ("create-auto-scaling-group.json", false)]
    {
        let Ok(Request::Fleets(knocks)) = read(&event(file)) else { panic!("{file}") };
        assert_eq!(knocks[0].arn.is_some(), has_arn, "{file}");
    }
}

#[test]
fn a_command_is_read_whole() {
    let Ok(Request::Command(Command::Attach(attach))) = read(&event("command-attach.json")) else { panic!() };
    assert_eq!(attach.policy.bake_time_seconds, Some(600));
    assert_eq!(attach.policy.alarms, Some(Alarms::Named(vec![AlarmName::parse("web-5xx").unwrap()])));
    assert_eq!(attach.policy.in_alarm_at_start, Some(InAlarmAtStart::Reject));
    assert_eq!(attach.by.as_deref(), Some("pipeline 4711"));
    assert!(attach.client_token.unwrap().starts_with("arn:aws:states:"));

    let Ok(Request::Command(Command::Attach(first))) = read(&event("command-attach-first.json")) else { panic!() };
    assert_eq!(first.policy.alarms, Some(Alarms::NONE));
    assert!(matches!(&first.policy.target_groups.unwrap()[..], [TargetGroupRef::Name(_), TargetGroupRef::Arn(_)]));

    let Ok(Request::Command(rollback)) = read(&event("command-rollback.json")) else { panic!() };
    assert_eq!(rollback.by(), Some("ada@example.com"));
    let Command::Rollback { reason, .. } = rollback else { panic!() };
    assert_eq!(reason.as_deref(), Some("basket totals are wrong"));
}

#[test]
fn what_a_command_leaves_out_or_gives_as_null_has_its_default() {
    let pause =
        read(&json!({ "command": "pause", "application": "web", "for_seconds": null, "release": null })).unwrap();
    assert_eq!(summary(&pause), "pause web for 3600 s");
    let check = read(&json!({ "command": "check", "application": null })).unwrap();
    assert_eq!(check, Request::Sweep);
    let of_release = read(&json!({ "command": "promote", "release": "my.app.12" })).unwrap();
    let Request::Command(Command::Promote { subject, .. }) = of_release else { panic!() };
    assert_eq!(subject.application.as_str(), "my.app");
}

#[track_caller]
fn refused(payload: Value, sentence: &str) {
    assert_eq!(read(&payload).unwrap_err().to_string(), sentence);
}

#[test]
fn a_wrong_command_is_refused_by_field_value_and_expectation() {
    refused(
        json!({ "command": "attach", "green": "web-2", "bake_time_seconds": 90000 }),
        r#""bake_time_seconds" is 90000: expected a whole number of seconds from 0 to 86400"#,
    );
    refused(
        json!({ "command": "attach", "green": "web-2", "bake_time_seconds": "300" }),
        r#""bake_time_seconds" is "300": expected a whole number of seconds from 0 to 86400"#,
    );
    refused(
        json!({ "command": "attach", "green": "web-2", "alarm": ["web-5xx"] }),
        r#""alarm" is unknown: expected a field of "attach"; did you mean "alarms"?"#,
    );
    refused(
        json!({ "command": "attach", "green": "web-2", "alarms": ["web-5xx", 5] }),
        r#""alarms[1]" is 5: expected a text"#,
    );
    refused(
        json!({ "command": "attach", "green": "web-2", "alarms": "web-5xx" }),
        r#""alarms" is "web-5xx": expected a list of 1 to 100 alarm names, or "none" by itself"#,
    );
    refused(
        json!({ "command": "attach", "green": "web-2", "retire_blue": "delete" }),
        r#""retire_blue" is "delete": expected one of "keep", "scale_to_zero""#,
    );
    refused(
        json!({ "command": "attach" }),
        r#""green" is missing: expected an Auto Scaling group's name: 1 to 255 characters, none of them a control character"#,
    );
    refused(
        json!({ "command": "attach", "green": "web-2", "blue": ["web-1", "web-2"] }),
        r#""blue" is "web-2": expected fleets other than "green", which this one is"#,
    );
    refused(
        json!({ "command": "attach", "green": "web-2", "blue": [] }),
        r#""blue" is []: expected a list of 1 to 50 fleet names; leave it out to mean all"#,
    );
    refused(
        json!({ "command": "promote", "application": "web", "green": "web-2" }),
        r#""green" is unknown: expected a field of "promote": one of "command", "application", "release", "by""#,
    );
    refused(
        json!({ "command": "status" }),
        r#""application" is missing: expected the application's name (or "release", a release's id)"#,
    );
    refused(
        json!({ "command": "check", "application": "web", "release": "shop.3" }),
        r#""release" is "shop.3": expected a release of "application", "web""#,
    );
    refused(
        json!({ "command": "pause", "application": "web", "for_seconds": 86401 }),
        r#""for_seconds" is 86401: expected a whole number of seconds from 1 to 86400"#,
    );
    refused(
        json!({ "command": "promot", "application": "web" }),
        concat!(
            r#""command" is "promot": expected one of "attach", "plan", "check", "promote", "pause", "rollback", "#,
            r#""status", "list", "history"; did you mean "promote"?"#
        ),
    );
}

#[test]
fn a_field_given_twice_is_refused_not_guessed() {
    let payload = br#"{"command":"attach","green":"web-2","alarms":["web-5xx"],"alarms":"none"}"#;
    assert_eq!(parse(payload).unwrap_err().to_string(), r#""alarms" is given twice: expected each field once"#);
}

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

/// Names that trip up what isn't careful: quotes, slashes, unicode, wildcards, what looks like JSON, a path or a query.
fn nasty_names() -> Vec<String> {
    let mut names: Vec<String> = [
        r#"we"b"#,
        "we'b",
        r"we\b",
        "we/b",
        "../../etc",
        "web*",
        "web?",
        "[web]",
        "{\"a\":1}",
        "${jndi:x}",
        "web,web",
        "a b",
        "%s%n",
        "🚀",
        "żółć",
        "日本語",
        "\u{202e}bew",
        "<script>",
        "none",
        "null",
        "#pk",
        ":v",
        "-rf",
        "a.b.7",
    ]
    .map(str::to_owned)
    .to_vec();
    names.extend(["x".repeat(255), "é".repeat(255), "🚀".repeat(255)]);
    names
}

#[test]
fn names_of_any_kind_come_through_unchanged() {
    for name in nasty_names() {
        let mut launch = event("launch-successful.json");
        launch["detail"]["AutoScalingGroupName"] = json!(name);
        let Ok(Request::Fleets(knocks)) = read(&launch) else { panic!("{name}") };
        assert_eq!(knocks[0].fleet.as_str(), name);

        let mut alarm = event("alarm-metric.json");
        alarm["detail"]["alarmName"] = json!(name);
        let Ok(Request::Alarm(knock)) = read(&alarm) else { panic!("{name}") };
        assert_eq!(knock.alarm.as_str(), name);

        let attach =
            json!({ "command": "attach", "green": name, "application": name, "client_token": name, "by": name });
        let Ok(Request::Command(Command::Attach(attach))) = read(&attach) else { panic!("{name}") };
        assert_eq!(attach.green, FleetName::parse(&name).unwrap());
        assert_eq!(attach.application.unwrap().as_str(), name);
    }
}

#[test]
fn names_that_aws_would_not_take_are_refused() {
    for name in ["".to_owned(), "x".repeat(256), "a\nb".to_owned(), "a\u{0}b".to_owned(), "\u{1b}[2J".to_owned()] {
        assert_eq!(read(&json!({ "command": "attach", "green": name })).unwrap_err().field, "green");
    }
}

/// JSON of any shape, with the words that lead into the parser's branches.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        "\\PC{0,12}",
        proptest::sample::select(NEEDED).prop_map(str::to_owned),
        proptest::sample::select(
            &[
                "command",
                "attach",
                "check",
                "pause",
                "green",
                "blue",
                "alarms",
                "none",
                "aws.autoscaling",
                "aws.cloudwatch",
                "aws.events",
                "Scheduled Event",
                "AWS API Call via CloudTrail",
                "CreateOrUpdateTags",
                "cutover:alarms",
                "CloudWatch Alarm State Change",
                "aws:sns",
                "bake_time_seconds",
                "release",
                "application",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// An event with one value anywhere in it replaced.
fn mutated() -> impl Strategy<Value = Value> {
    let files: Vec<String> = table().into_keys().collect();
    (proptest::sample::select(files), any::<prop::sample::Index>(), any_json()).prop_map(|(file, place, value)| {
        let mut payload = event(&file);
        let mut paths = Vec::new();
        pointers(&payload, String::new(), &mut paths);
        if let Some(target) = payload.pointer_mut(&paths[place.index(paths.len())]) {
            *target = value;
        }
        payload
    })
}

fn pointers(value: &Value, here: String, paths: &mut Vec<String>) {
    let step = |name: &str| format!("{here}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| pointers(inner, step(name), paths)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| pointers(inner, step(&index.to_string()), paths));
        }
        _ => {}
    }
    paths.push(here);
}

/// Understood, or refused in one short line.
fn answered(payload: &[u8]) -> Result<(), TestCaseError> {
    if let Err(refusal) = parse(payload) {
        let sentence = refusal.to_string();
        prop_assert!(sentence.chars().count() < 1_000, "{}", sentence);
        prop_assert!(!sentence.chars().any(char::is_control), "{:?}", sentence);
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(payload in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        answered(&payload)?;
    }

    #[test]
    fn no_json_makes_it_panic(payload in any_json()) {
        answered(payload.to_string().as_bytes())?;
    }

    #[test]
    fn no_event_with_one_wrong_value_makes_it_panic(payload in mutated()) {
        answered(payload.to_string().as_bytes())?;
    }

    #[test]
    fn no_200_kb_make_it_panic(piece in "\\PC{1,40}", open in "[\\[{\"]{0,3}") {
        let mut payload = open;
        while payload.len() + piece.len() <= MOST_BYTES {
            payload.push_str(&piece);
        }
        answered(payload.as_bytes())?;
    }
}

#[test]
fn json_nested_200_kb_deep_is_refused_not_followed() {
    answered("[".repeat(MOST_BYTES).as_bytes()).unwrap();
    let nested = format!("{{\"command\":{}", "{\"a\":".repeat(30_000));
    answered(nested.as_bytes()).unwrap();
}
