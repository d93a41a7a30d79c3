//! The policy keeps to its table, whichever way a value comes in.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn command(said: Value) -> Result<PolicyFields, InvalidField> {
    let mut fields = PolicyFields::default();
    for (name, value) in said.as_object().into_iter().flatten() {
        fields.read(Field::named(name).unwrap(), name, value)?;
    }
    Ok(fields)
}

fn tags(said: &[(&str, &str)]) -> Result<PolicyFields, InvalidField> {
    PolicyFields::from_tags(said.iter().copied())
}

fn resolved(said: Value, said_by_tags: &[(&str, &str)], defaults: &str) -> Result<Policy, InvalidField> {
    Policy::resolve(&command(said)?, &tags(said_by_tags)?, &PolicyFields::from_defaults(defaults)?)
}

#[track_caller]
fn sentence(result: Result<impl std::fmt::Debug, InvalidField>) -> String {
    result.unwrap_err().to_string()
}

fn alarms(names: &[&str]) -> Option<Alarms> {
    Some(Alarms::Named(names.iter().map(|name| AlarmName::parse(name).unwrap()).collect()))
}

#[test]
fn the_defaults_are_those_of_the_design() {
    let defaults: Vec<String> =
        FIELDS.iter().map(|field| format!("{} {}", field.name, field.default_value())).collect();
    assert_eq!(
        defaults,
        [
            "target_groups null",
            "alarms null",
            "alarm_prefix null",
            "bake_time_seconds 300",
            "extend_bake true",
            "healthy_percent 100",
            "match_capacity true",
            "prepare_timeout_seconds 1800",
            "attach_timeout_seconds 900",
            "unknown_timeout_seconds 900",
            "rollback_healthy_percent 50",
            "rollback_timeout_seconds 900",
            "rollback_window_seconds 900",
            "settle_seconds 30",
            "insufficient_data \"baseline\"",
            "in_alarm_at_start \"hold\"",
            "retire_blue \"keep\"",
            "check_interval_seconds 15",
        ]
    );
}

#[test]
fn each_range_is_the_designs_and_holds_at_both_ends_in_commands_tags_and_defaults() {
    for (name, min, max) in [
        ("bake_time_seconds", 0, 85_500),
        ("rollback_window_seconds", 0, 86_100),
        ("prepare_timeout_seconds", 1, 7_200),
        ("attach_timeout_seconds", 1, 7_200),
        ("unknown_timeout_seconds", 1, 7_200),
        ("rollback_timeout_seconds", 1, 7_200),
        ("settle_seconds", 1, 300),
        ("check_interval_seconds", 1, 60),
        ("healthy_percent", 1, 100),
        ("rollback_healthy_percent", 1, 100),
    ] {
        let tag = Field::named(name).unwrap().tag();
        for (value, accepted) in [(min - 1, false), (min, true), (max, true), (max + 1, false)] {
            let ways = [
                resolved(json!({ name: value }), &[], ""),
                resolved(json!({}), &[(&tag, &value.to_string())], ""),
                resolved(json!({}), &[], &json!({ name: value }).to_string()),
            ];
            for (way, path) in ways.into_iter().zip([name, &tag, &format!("CUTOVER_DEFAULTS.{name}")]) {
                assert_eq!(way.is_ok(), accepted, "{path} = {value}");
                assert!(way.err().is_none_or(|wrong| wrong.field == path), "{path}");
            }
        }
    }
}

#[test]
fn the_strongest_source_decides_field_by_field_and_is_named() {
    let policy = resolved(
        json!({ "bake_time_seconds": 60 }),
        &[("cutover:bake-time-seconds", "120"), ("cutover:settle-seconds", "40"), ("cutover:application", "web")],
        r#"{"bake_time_seconds": 180, "settle_seconds": 50, "retire_blue": "scale_to_zero"}"#,
    )
    .unwrap();
    assert_eq!((policy.bake_time_seconds, policy.source("bake_time_seconds")), (60, Source::Command));
    assert_eq!((policy.settle_seconds, policy.source("settle_seconds")), (40, Source::Tag));
    assert_eq!((policy.retire_blue, policy.source("retire_blue")), (RetireBlue::ScaleToZero, Source::Defaults));
    assert_eq!((policy.healthy_percent, policy.source("healthy_percent")), (100, Source::BuiltIn));
}

#[test]
fn a_list_of_tags_is_split_at_commas_and_goes_on_in_numbered_tags() {
    let said = [
        ("cutover:alarms.3", "web-cpu"),
        ("cutover:alarms", "web-5xx, web-latency,"),
        ("cutover:alarms.2", "web-5xx,żółć/a b"),
        (
            "cutover:target-groups",
            "web,arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/0123456789abcdef",
        ),
    ];
    let fields = tags(&said).unwrap();
    assert_eq!(fields.alarms, alarms(&["web-5xx", "web-latency", "żółć/a b", "web-cpu"]));
    assert!(matches!(&fields.target_groups.unwrap()[..], [TargetGroupRef::Name(_), TargetGroupRef::Arn(_)]));
}

/// ELB's rule for names; what was given is what stands on record.
#[test]
fn a_target_group_is_given_by_name_or_by_arn() {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/0123456789abcdef";
    for text in ["web", "Web-2", "w", &"w".repeat(32), arn] {
        let group = TargetGroupRef::parse(text).unwrap();
        assert_eq!((group.to_string(), json!(group)), (text.to_owned(), json!(text)));
    }
    for wrong in ["", "-", "-web", "web-", "web_2", "wéb", "web 2", &"w".repeat(33), "arn:aws:sns:eu-west-1:1:web"] {
        assert!(TargetGroupRef::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_wrong_tag_is_refused_by_its_key() {
    let cases = [
        (
            [("cutover:alarm", "web-5xx")].as_slice(),
            r#""cutover:alarm" is unknown: expected a tag of Cutover's; did you mean "cutover:alarms"?"#,
        ),
        (
            &[("Cutover:alarms", "web-5xx")],
            r#""Cutover:alarms" is unknown: expected a tag of Cutover's; did you mean "cutover:alarms"?"#,
        ),
        (
            &[("cutover:bake_time_seconds", "5")],
            concat!(
                r#""cutover:bake_time_seconds" is unknown: expected a tag of Cutover's; "#,
                r#"did you mean "cutover:bake-time-seconds"?"#
            ),
        ),
        (
            &[("cutover:bake-time-seconds", "5m")],
            r#""cutover:bake-time-seconds" is "5m": expected a whole number of seconds from 0 to 86400"#,
        ),
        (
            &[("cutover:bake-time-seconds", "90000")],
            r#""cutover:bake-time-seconds" is 90000: expected a whole number of seconds from 0 to 86400"#,
        ),
        (
            &[("cutover:bake-time-seconds", "+5")],
            r#""cutover:bake-time-seconds" is "+5": expected a whole number of seconds from 0 to 86400"#,
        ),
        (&[("cutover:extend-bake", "yes")], r#""cutover:extend-bake" is "yes": expected true or false"#),
        (
            &[("cutover:alarms", "a"), ("cutover:alarms.3", "c")],
            r#""cutover:alarms.3" is "c": expected a tag "cutover:alarms.2" before it"#,
        ),
        (&[("cutover:alarms.2", "b")], r#""cutover:alarms.2" is "b": expected a tag "cutover:alarms" before it"#),
        (
            &[("cutover:alarms", "a,none")],
            r#""cutover:alarms" is "none": expected an alarm's name; "none" stands by itself, not in a list"#,
        ),
    ];
    for (said, expected) in cases {
        assert_eq!(sentence(tags(said)), expected);
    }
    for key in [
        "cutover:alarms.02",
        "cutover:alarms.1",
        "cutover:alarms.+2",
        "cutover:settle-seconds.2",
        "cutover:",
        " cutover:alarms",
    ] {
        assert!(sentence(tags(&[(key, "1")])).contains("is unknown"), "{key}");
    }
    for empty in ["", ",", "a,,b"] {
        assert_eq!(tags(&[("cutover:alarms", empty)]).unwrap_err().field, "cutover:alarms", "{empty:?}");
    }
}

#[test]
fn tags_of_others_are_nobodys_business() {
    let said = [
        ("Name", "web-2"),
        ("cutovers:alarms", "x"),
        ("team:cutover:alarms", "y"),
        ("cutover", "z"),
        ("ćutover:x", ""),
    ];
    assert_eq!(tags(&said), Ok(PolicyFields::default()));
}

#[test]
fn no_alarms_is_only_what_was_said_outright() {
    let none = resolved(json!({ "alarms": "none" }), &[], "").unwrap();
    assert!(none.watches_none() && !none.watches_some());
    let unsaid = resolved(json!({}), &[], "").unwrap();
    assert!(!unsaid.watches_none() && !unsaid.watches_some());
    assert!(tags(&[("cutover:alarms", "none")]).unwrap().alarms == Some(Alarms::NONE));
    assert!(command(json!({ "alarms": [] })).is_err());
}

#[test]
fn none_beside_a_prefix_is_decided_by_the_stronger_source_and_refused_from_one() {
    let outright = resolved(json!({ "alarms": "none" }), &[("cutover:alarm-prefix", "web-")], "").unwrap();
    assert!(outright.watches_none() && outright.alarm_prefix.is_none());
    let watched = resolved(json!({ "alarm_prefix": "web-" }), &[("cutover:alarms", "none")], "").unwrap();
    assert!(!watched.watches_none() && watched.watches_some());
    let both = resolved(json!({}), &[("cutover:alarms", "none"), ("cutover:alarm-prefix", "web-")], "");
    assert_eq!(
        sentence(both),
        r#""cutover:alarms" is "none": expected alarm names, or no "cutover:alarm-prefix" beside it"#
    );
    let names_and_prefix = resolved(json!({ "alarms": ["a"] }), &[("cutover:alarm-prefix", "web-")], "").unwrap();
    let prefix = names_and_prefix.alarm_prefix.as_ref().map(AlarmPrefix::as_str);
    assert_eq!((names_and_prefix.alarm_names().len(), prefix), (1, Some("web-")));
}

#[test]
fn bake_and_window_together_last_a_day_at_most_and_the_last_word_is_to_blame() {
    assert!(resolved(json!({ "bake_time_seconds": 43_200, "rollback_window_seconds": 43_200 }), &[], "").is_ok());
    let by_command = resolved(json!({ "bake_time_seconds": 80_000, "rollback_window_seconds": 80_000 }), &[], "");
    assert_eq!(by_command.unwrap_err().field, "bake_time_seconds");
    let by_tag = resolved(json!({}), &[("cutover:rollback-window-seconds", "86400")], r#"{"bake_time_seconds": 1}"#);
    assert_eq!(
        sentence(by_tag),
        concat!(
            r#""cutover:rollback-window-seconds" is 86400: expected at most 86400 seconds together with "#,
            r#""bake_time_seconds", which is 1"#
        )
    );
}

#[test]
fn the_functions_defaults_are_refused_by_name_too() {
    for nothing in ["", "  ", "{}"] {
        assert_eq!(PolicyFields::from_defaults(nothing), Ok(PolicyFields::default()));
    }
    assert!(
        sentence(PolicyFields::from_defaults("bake=5")).starts_with("\"CUTOVER_DEFAULTS\" is \"bake=5\": expected")
    );
    assert_eq!(
        sentence(PolicyFields::from_defaults(r#"{"settle": 5}"#)),
        r#""settle" is unknown: expected a field of CUTOVER_DEFAULTS; did you mean "settle_seconds"?"#
    );
    assert_eq!(
        sentence(PolicyFields::from_defaults(r#"{"settle_seconds": 0}"#)),
        r#""CUTOVER_DEFAULTS.settle_seconds" is 0: expected a whole number of seconds from 1 to 300"#
    );
}

#[test]
fn a_whole_number_may_be_written_with_a_decimal_point_and_nothing_else() {
    assert_eq!(command(json!({ "settle_seconds": 20.0 })).unwrap().settle_seconds, Some(20));
    for wrong in [json!(20.5), json!("20"), json!(-1), json!(true), json!([20]), json!(1e300), json!(4_294_967_297_u64)]
    {
        assert!(command(json!({ "settle_seconds": wrong })).is_err(), "{wrong}");
    }
}

#[test]
fn more_alarms_than_one_call_describes_are_refused() {
    let names = |count: usize| json!({ "alarms": (0..count).map(|n| format!("a{n}")).collect::<Vec<_>>() });
    assert!(command(names(MOST_ALARMS)).is_ok());
    assert!(command(names(MOST_ALARMS + 1)).is_err());
}

#[test]
fn each_word_of_a_choice_is_read_and_every_field_has_a_line_for_a_person() {
    for field in FIELDS {
        if let Kind::Choice(words) = field.kind {
            for word in words {
                assert!(command(json!({ field.name: word })).is_ok(), "{} {word}", field.name);
            }
        }
        assert!(!field.doc.is_empty() && !field.doc.contains('\n'), "{}", field.name);
        assert!(!field.kind.expected().is_empty());
    }
}

#[test]
fn a_record_of_an_older_or_a_newer_version_reads_as_far_as_it_goes() {
    let older: Policy = serde_json::from_value(json!({ "bake_time_seconds": 7 })).unwrap();
    assert_eq!(older, Policy { bake_time_seconds: 7, ..Policy::default() });
    let newer = json!({ "a_field_of_next_year": [1], "alarms": "none", "sources": { "alarms": "tag" } });
    let newer: Policy = serde_json::from_value(newer).unwrap();
    assert!(newer.watches_none());
    assert_eq!(newer.source("alarms"), Source::Tag);
}

fn any_fields() -> impl Strategy<Value = PolicyFields> {
    let name =
        || prop_oneof!["[a-z\"\\\\/{}é-]{1,12}", Just("🚀".repeat(255))].prop_filter("none", |name| name != "none");
    let list = proptest::collection::vec(name().prop_map(|name| AlarmName::parse(&name).unwrap()), 1..5);
    let alarms = prop_oneof![Just(Alarms::NONE), list.prop_map(Alarms::Named)];
    let prefix = name().prop_map(|name| AlarmPrefix::parse(&name).unwrap());
    let choice = proptest::sample::select(&[InAlarmAtStart::Hold, InAlarmAtStart::Reject, InAlarmAtStart::Ignore][..]);
    (
        proptest::option::of(alarms),
        proptest::option::of(prefix),
        proptest::option::of(0..=86_400_u32),
        proptest::option::of(0..=86_400_u32),
        proptest::option::of(any::<bool>()),
        proptest::option::of(choice),
    )
        .prop_map(|(alarms, alarm_prefix, bake, window, extend_bake, in_alarm_at_start)| PolicyFields {
            alarms,
            alarm_prefix,
            bake_time_seconds: bake,
            rollback_window_seconds: window,
            extend_bake,
            in_alarm_at_start,
            ..PolicyFields::default()
        })
}

proptest! {
    #[test]
    fn what_is_recorded_reads_back_the_same(command in any_fields(), tags in any_fields(), defaults in any_fields()) {
        let text = serde_json::to_string(&command).unwrap();
        prop_assert_eq!(&serde_json::from_str::<PolicyFields>(&text).unwrap(), &command);
        if let Ok(policy) = Policy::resolve(&command, &tags, &defaults) {
            let text = serde_json::to_string(&policy).unwrap();
            prop_assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
        }
    }

    #[test]
    fn no_resolved_policy_lasts_longer_than_a_day_or_watches_none_beside_some(
        command in any_fields(), tags in any_fields(), defaults in any_fields()
    ) {
        if let Ok(policy) = Policy::resolve(&command, &tags, &defaults) {
            prop_assert!(policy.bake_time_seconds + policy.rollback_window_seconds <= 86_400);
            prop_assert!(!(policy.watches_none() && policy.watches_some()));
        }
    }

    #[test]
    fn no_tags_make_it_panic(said in proptest::collection::vec(("(cutover:[a-z.-]{0,20}[0-9]{0,12}|\\PC{0,20})", "\\PC{0,40}"), 0..12)) {
        let _ = PolicyFields::from_tags(said.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    }
}
