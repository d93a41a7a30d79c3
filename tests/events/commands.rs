//! Commands are read whole or refused by field, value and expectation; names of any kind come through unchanged.

use crate::{event, read, refused, summary};
use cutover::release::policy::{Alarms, InAlarmAtStart, TargetGroupRef};
use cutover::release::{AlarmName, FleetName};
use cutover::trigger::{Command, Request, parse};
use serde_json::json;

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
fn free_text_has_an_end_and_no_control_characters() {
    let rollback =
        |field: &str, text: String| read(&json!({ "command": "rollback", "application": "web", field: text }));
    for (field, most) in [("by", 256), ("reason", 1_024)] {
        assert!(rollback(field, "é".repeat(most)).is_ok());
        for wrong in ["é".repeat(most + 1), String::new(), "a\u{1b}[31m".to_owned(), "a\nb".to_owned()] {
            assert_eq!(rollback(field, wrong).unwrap_err().field, field);
        }
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
