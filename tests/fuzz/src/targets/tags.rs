//! The `cutover:` tags of a fleet become policy fields, or a refusal that names the tag.

use crate::sentence::is_a_refusal;
use cutover::release::policy::is_cutover_tag;
use cutover::release::{APPLICATION_TAG, Policy, PolicyFields};
use cutover::trigger::{Command, Request, parse};
use std::collections::BTreeMap;

/// Key and value take turns, a NUL between two. What is accepted means the same in a command and in any order; tags that are
/// nobody's here change nothing.
pub fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut pieces = text.split('\0');
    let mut tags: BTreeMap<&str, &str> = BTreeMap::new();
    while let (Some(key), Some(value)) = (pieces.next(), pieces.next()) {
        tags.insert(key, value);
    }
    let read = PolicyFields::from_tags(tags.clone());
    // Of several wrong ones the first is named, so a refusal may differ.
    assert_eq!(PolicyFields::from_tags(tags.clone().into_iter().rev()).ok(), read.clone().ok(), "the order of tags");
    tags.retain(|key, _| is_cutover_tag(key) && *key != APPLICATION_TAG);
    assert_eq!(PolicyFields::from_tags(tags.clone()), read, "other tags");
    match read {
        Err(refused) => {
            is_a_refusal(&refused);
            assert!(!tags.is_empty());
            false
        }
        Ok(fields) => {
            as_a_command(&fields);
            let nothing = PolicyFields::default();
            match Policy::resolve(&nothing, &fields, &nothing) {
                Err(refused) => is_a_refusal(&refused),
                Ok(policy) => assert!(tags.is_empty() || policy != Policy::default(), "tags that say nothing"),
            }
            !tags.is_empty()
        }
    }
}

/// The same fields in a command are the same fields.
fn as_a_command(fields: &PolicyFields) {
    let mut said = serde_json::json!(fields);
    said["command"] = "plan".into();
    said["green"] = "web-2".into();
    match parse(said.to_string().as_bytes()) {
        Ok(Request::Command(Command::Plan(plan))) => assert_eq!(plan.policy, *fields),
        other => panic!("{said} is {other:?}"),
    }
}
