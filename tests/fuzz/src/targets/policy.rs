//! `CUTOVER_DEFAULTS` and a command's fields become one policy.

use crate::sentence::is_a_refusal;
use cutover::release::policy::{FIELDS, Source};
use cutover::release::{Policy, PolicyFields};
use serde_json::{Value, json};

/// A day, in seconds.
const DAY: u32 = 86_400;

/// The defaults, then a command's fields, a NUL between. Every value of a policy is one that its field takes; the command's
/// word outweighs the defaults'; what is put on the record is read back, by an older and a newer version too.
pub fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut pieces = text.split('\0').map(read);
    let (Some(Some(defaults)), command) = (pieces.next(), pieces.next().flatten()) else { return false };
    let read = command.is_some();
    let command = command.unwrap_or_default();
    let policy = match Policy::resolve(&command, &PolicyFields::default(), &defaults) {
        Err(refused) => {
            is_a_refusal(&refused);
            return false;
        }
        Ok(policy) => policy,
    };
    assert!(policy.bake_time_seconds + policy.rollback_window_seconds <= DAY);
    for field in FIELDS {
        let value = policy.value(field.name);
        if !value.is_null() {
            let again = PolicyFields::default().read(field, field.name, &value);
            assert_eq!(again, Ok(()), "a value that the field doesn't take");
        }
        if policy.source(field.name) == Source::Command {
            assert_eq!(json!(command)[field.name], value);
        }
    }
    on_the_record(&policy);
    read
}

/// Fields as a source says them; what they are written as is read as the same.
fn read(text: &str) -> Option<PolicyFields> {
    match PolicyFields::from_defaults(text) {
        Err(refused) => {
            is_a_refusal(&refused);
            None
        }
        Ok(fields) => {
            assert_eq!(PolicyFields::from_defaults(&json!(fields).to_string()).as_ref(), Ok(&fields));
            Some(fields)
        }
    }
}

fn on_the_record(policy: &Policy) {
    let read = |body: Value| serde_json::from_value::<Policy>(body).expect("a policy of the record");
    let mut body = json!(policy);
    assert_eq!(read(body.clone()), *policy);
    body["a_field_of_next_year"] = json!([null]);
    assert_eq!(read(body.clone()), *policy, "a newer version's field");
    for field in FIELDS {
        let mut older = body.clone();
        older[field.name].take();
        if let Some(fields) = older.as_object_mut() {
            fields.remove(field.name);
        }
        assert_eq!(read(older).value(field.name), field.default_value(), "a field that an older version didn't know");
    }
}
