//! The reference: what goes in: tags, commands, the policy.
//!
//! Which commands there are and what each field takes is asked of the parser itself: it names them when it refuses.

use super::source::variants;
use super::words::{code, codes, quoted, table};
use cutover::release::APPLICATION_TAG;
use cutover::release::policy::{FIELDS, Field};
use cutover::trigger::parse;
use serde_json::{Map, Value, json};

/// What the parser expects instead of a payload, and in which field.
fn refused(payload: &Value) -> Option<(String, String)> {
    parse(payload.to_string().as_bytes()).err().map(|fault| (fault.field, fault.expected))
}

/// The names of all commands.
pub fn commands() -> Vec<String> {
    let (_, expected) = refused(&json!({"command": 0})).expect("a number is no command");
    quoted(&expected)
}

/// The shortest payload of a command that is understood.
fn shortest(command: &str) -> Map<String, Value> {
    let mut payload = Map::from_iter([("command".to_owned(), json!(command))]);
    while let Some((field, _)) = refused(&Value::Object(payload.clone())) {
        assert!(payload.insert(field.clone(), json!("web")).is_none(), "{command}: \"web\" is no {field}");
    }
    payload
}

/// The fields of a command that aren't the policy's.
fn own_fields(command: &str) -> Vec<String> {
    let mut payload = shortest(command);
    payload.insert("?".repeat(40), json!(1));
    let (_, expected) = refused(&Value::Object(payload)).expect("no field is called so");
    let (_, known) = expected.split_once(':').unwrap_or_else(|| panic!("{command}: {expected}"));
    quoted(known).into_iter().filter(|name| Field::named(name).is_none() && name != "command").collect()
}

/// What a field of a command takes.
fn takes(command: &str, field: &str) -> String {
    let mut payload = shortest(command);
    payload.insert(field.to_owned(), json!({}));
    let (named, expected) = refused(&Value::Object(payload)).expect("no field takes an object");
    assert_eq!(named, field);
    expected
}

/// Chapter: tags.
pub fn tags() -> String {
    let rows = FIELDS.iter().map(|field| vec![code(&field.tag()), field.kind.expected()]);
    format!(
        "## Tags\n\n\
         `{APPLICATION_TAG}` = the application's name: the opt-in. Every fleet of a release carries it, green and blue; \
         the function's rights end where it's missing.\n\n\
         On the new fleet, each policy field may be a tag. Lists are written with commas; what doesn't fit into a tag's \
         256 characters goes on in `…alarms.2`, `…alarms.3`. A tag that begins with `cutover:` and isn't known here \
         rejects the release, and says so.\n\n{}",
        table(&["tag", "takes"], rows)
    )
}

/// Chapter: commands.
pub fn given() -> String {
    let documented = variants("src/trigger/request.rs", "Command");
    let mut text =
        "## Commands\n\nThe payload of an invocation. A field that isn't known is refused; `null` counts as \
                    not given.\n\n"
            .to_owned();
    let names = commands();
    let rows = names.iter().map(|name| {
        let about = documented.iter().find(|part| part.name.to_lowercase() == *name);
        let needed: Vec<String> = shortest(name).keys().filter(|field| *field != "command").cloned().collect();
        let optional = own_fields(name).into_iter().filter(|field| !needed.contains(field));
        let mut optional = codes(optional);
        if ["attach", "plan"].contains(&name.as_str()) {
            optional.push_str(", every policy field");
        }
        let about = about.unwrap_or_else(|| panic!("{name} isn't documented"));
        vec![code(name), about.doc.clone(), codes(needed), optional]
    });
    text.push_str(&table(&["command", "does", "needs", "may have"], rows.collect::<Vec<_>>()));
    text.push_str(
        "`check` without `application` and `release` is the sweep. `release` alone is enough where `application` is \
         needed: its id says whose it is.\n\n",
    );
    let mut seen: Vec<Vec<String>> = Vec::new();
    for name in &names {
        for field in own_fields(name) {
            let taken = takes(name, &field);
            match seen.iter_mut().find(|row| row[0] == code(&field) && row[2] == taken) {
                Some(row) => row[1].push_str(&format!(", {name}")),
                None => seen.push(vec![code(&field), name.clone(), taken]),
            }
        }
    }
    text.push_str(&table(&["field", "of", "takes"], seen));
    text
}

/// Chapter: the policy.
pub fn fields() -> String {
    let rows = FIELDS.iter().map(|field| {
        let default = match field.default_value() {
            Value::Null => "–".to_owned(),
            Value::String(word) => code(&word),
            other => code(&other.to_string()),
        };
        vec![code(field.name), field.kind.expected(), default, field.doc.to_owned()]
    });
    format!(
        "## Policy\n\n\
         How a release is judged. Strongest first: the command's field, green's tag, the function's \
         `CUTOVER_DEFAULTS`, the default here. Recorded when the release starts; it doesn't change under it. Bake and \
         window together last a day at most.\n\n{}",
        table(&["field", "takes", "default", "meaning"], rows)
    )
}
