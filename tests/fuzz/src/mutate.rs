//! Mutants: a seed with something changed. JSON mostly stays JSON, for most of what is wrong with a field is seen only once
//! the text around it is read.

use serde_json::Value;

/// The dice of one run.
pub fn dice(seed: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(seed)
}

/// What stands in foreign bytes and leads into a parser's branches, or is nasty.
const WORDS: &[&str] = &[
    "",
    " ",
    "none",
    "true",
    "null",
    "0",
    "-1",
    "1.0",
    "300.0",
    "1e9",
    "4294967296",
    "18446744073709551615",
    "99999999999999999999",
    "\n",
    "\u{0}",
    "\u{202e}",
    "ü",
    "{",
    "[",
    "\"",
    "\\",
    ",",
    ".",
    ".1",
    "web.0",
    "web.18446744073709551615",
    "$Latest",
    "ALARM",
    "OK",
    "INSUFFICIENT_DATA",
    "AT_LEAST(2, ALARM, (",
    "ALARM(\"",
    "InService",
    "Removed",
    "Target.NotInUse",
    "0000-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "1970-01-01T00:00:00Z",
    "2026-01-05T09:00:60Z",
    "cutover:alarms",
    "cutover:alarms.2",
    "cutover:bake-time-seconds",
    "Cutover:",
    "a,b,",
    "arn:aws:cloudwatch:r:1:alarm:x",
    "arn:aws:autoscaling:r:1:autoScalingGroup:u:autoScalingGroupName/g",
    "arn:aws:elasticloadbalancing:r:1:targetgroup/a/1",
]; // fmt: skip

/// A seed with one to four things changed.
pub fn mutant(seed: &[u8], dice: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..dice.usize(1..=4) {
        bytes = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut json) if dice.u8(..) < 200 => {
                change(&mut json, dice);
                json.to_string().into_bytes()
            }
            _ => changed(bytes, dice),
        };
    }
    bytes
}

/// Changes one value somewhere in JSON, those inside a text that is JSON too.
fn change(json: &mut Value, dice: &mut fastrand::Rng) {
    match json {
        Value::Object(fields) if !fields.is_empty() && dice.u8(..) < 230 => {
            let name = fields.keys().nth(dice.usize(..fields.len())).cloned().unwrap_or_default();
            match dice.u8(..10) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(word(dice), any(dice))),
                2 => {
                    let value = fields.remove(&name).unwrap_or_default();
                    fields.insert(word(dice), value);
                }
                _ => change(&mut fields[&name], dice),
            }
        }
        Value::Array(items) if !items.is_empty() && dice.u8(..) < 230 => {
            let index = dice.usize(..items.len());
            match dice.u8(..10) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                2 => items.insert(index, any(dice)),
                _ => change(&mut items[index], dice),
            }
        }
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(mut inner @ (Value::Object(_) | Value::Array(_))) => {
                change(&mut inner, dice);
                *text = inner.to_string();
            }
            _ if dice.bool() => *json = any(dice),
            _ => *text = String::from_utf8_lossy(&changed(text.clone().into_bytes(), dice)).into_owned(),
        },
        _ => *json = any(dice),
    }
}

fn word(dice: &mut fastrand::Rng) -> String {
    WORDS[dice.usize(..WORDS.len())].to_owned()
}

fn any(dice: &mut fastrand::Rng) -> Value {
    match dice.u8(..9) {
        0 => Value::Null,
        1 => dice.bool().into(),
        2 => dice.i64(..).into(),
        3 => dice.u64(..).into(),
        4 => dice.u32(..100_000).into(),
        5 => (dice.f64() * 1e12).into(),
        6 => Value::Array(vec![any(dice)]),
        7 => Value::Object([(word(dice), any(dice))].into_iter().collect()),
        _ => word(dice).into(),
    }
}

/// Changes bytes, whatever they mean.
fn changed(mut bytes: Vec<u8>, dice: &mut fastrand::Rng) -> Vec<u8> {
    let at = dice.usize(..=bytes.len());
    let end = dice.usize(at..=bytes.len());
    match dice.u8(..7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
        3 => drop(bytes.splice(at..at, word(dice).into_bytes())),
        4 => drop(bytes.splice(at..end, word(dice).into_bytes())),
        5 => bytes.insert(at, dice.u8(..)),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.u8(..8);
            }
        }
    }
    bytes
}
