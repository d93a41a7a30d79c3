//! No bytes make the parser panic or answer with more than a line.

use crate::{NEEDED, event, table};
use cutover::trigger::{MOST_BYTES, parse};
use proptest::prelude::*;
use serde_json::Value;

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
