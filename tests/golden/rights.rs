//! The rights that template.yaml grants, against what the stories call: none is missing, none is too much.
//!
//! `tests/infra/test_rights.py` compares them with the SDK calls in the source, `tests/wire` with what the binary sends.

use super::act::perform;
use super::driver::Run;
use super::setting::set_up;
use super::story::Story;
use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The IAM prefixes of what the function calls. The template's other rights are those of its other resources.
const SERVICES: [&str; 5] = ["autoscaling", "cloudwatch", "dynamodb", "elasticloadbalancing", "events"];

/// A transaction has no right of its own: `tests/wire` shows that these are its parts.
const TRANSACTION: (&str, [&str; 2]) = ("TransactWriteItems", ["PutItem", "UpdateItem"]);

/// What each call needs, by AWS's name of the action.
pub fn needed<'a>(calls: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    calls.into_iter().flat_map(|call| if call == TRANSACTION.0 { TRANSACTION.1.to_vec() } else { vec![call] }).collect()
}

/// The action of one of the function's services that a line grants.
fn action(line: &str) -> Option<&str> {
    let line = line.trim();
    let said = line.strip_prefix("- ").or_else(|| line.strip_prefix("Action: "))?;
    let (service, action) = said.split_once(':')?;
    let name = !action.is_empty() && action.chars().all(char::is_alphanumeric);
    (name && SERVICES.contains(&service)).then_some(action)
}

/// The actions that a template grants to the function.
fn granted(template: &str) -> BTreeSet<&str> {
    template.lines().filter_map(action).collect()
}

fn template() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/template.yaml");
    std::fs::read_to_string(path).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// Promise: with the rights of template.yaml no story is denied a call.
pub fn suffice(run: &Run) -> Result<(), String> {
    let template = template();
    let calls = needed(run.operations.iter().copied());
    let missing: Vec<_> = calls.difference(&granted(&template)).copied().collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("template.yaml doesn't grant {}", missing.join(", "))) }
}

/// Promise: template.yaml grants nothing that no story needs. Plays stories until each right was seen in use.
pub fn are_all_used(stories: &[PathBuf]) -> Result<(), Failed> {
    let template = template();
    let mut unused = granted(&template);
    if unused.len() < SERVICES.len() {
        return Err(format!("template.yaml seems to grant only {unused:?}").into());
    }
    for path in stories.iter().filter(|path| path.extension().is_some_and(|extension| extension == "txt")) {
        if unused.is_empty() {
            break;
        }
        let story = Story::read(&std::fs::read_to_string(path)?)?;
        let mut run = Run::new(&set_up(&story.world, 1)?, None);
        perform(&mut run, &story)?;
        for action in needed(run.operations.iter().copied()) {
            unused.remove(action);
        }
    }
    if unused.is_empty() { Ok(()) } else { Err(format!("no story needs {unused:?}: too much is granted").into()) }
}

/// Promise: a right that is missing, misspelt or too much is seen.
pub fn are_read_well() -> Result<(), Failed> {
    let template = template();
    let whole = granted(&template);
    let without = template.replace("- autoscaling:DetachTrafficSources\n", "\n");
    let misspelt = template.replace("autoscaling:DetachTrafficSources", "autoscaling:DetachTrafficSource");
    let more = template.replace("Action: events:PutEvents", "Action: events:PutRule");
    let lacks = |text: &str, name: &str| text != template && whole.contains(name) && !granted(text).contains(name);
    let seen = lacks(&without, "DetachTrafficSources")
        && lacks(&misspelt, "DetachTrafficSources")
        && lacks(&more, "PutEvents")
        && granted(&more).contains("PutRule")
        && !whole.contains("InvokeFunction");
    if seen { Ok(()) } else { Err(format!("read {whole:?}").into()) }
}
