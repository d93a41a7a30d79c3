//! What people, tools and AWS do in a story, each in a sentence.

use super::setting::{alarm_of, fleet_of, group_of, health_of, state_of};
use super::words::{number, parts, seconds, share, span};
use simulated_aws::api::{ApiError, EvaluationState};
use simulated_aws::world::{FaultKind, FaultRule, Hand, Style, When, fault};

type Read = fn(&[&str]) -> Result<Hand, String>;

/// Each sentence with what it does. The first that fits counts.
const SENTENCES: &[(&str, Read)] = &[
    ("fleet {} appears: {}", |p| Ok(Hand::CreateFleet(Box::new(fleet_of(&format!("{}: {}", p[0], p[1]))?)))),
    ("fleet {} appears", |p| Ok(Hand::CreateFleet(Box::new(fleet_of(p[0])?)))),
    ("person deletes fleet {}", |p| Ok(Hand::DeleteFleet(own(p[0])))),
    ("person attaches {} to {} as a traffic source", |p| Ok(Hand::Attach(own(p[0]), own(p[1]), Style::TrafficSources))),
    ("person attaches {} to {}", |p| Ok(Hand::Attach(own(p[0]), own(p[1]), Style::TargetGroups))),
    ("person detaches {} from {} as a traffic source", |p| {
        Ok(Hand::Detach(own(p[0]), own(p[1]), Style::TrafficSources))
    }),
    ("person detaches {} from {}", |p| Ok(Hand::Detach(own(p[0]), own(p[1]), Style::TargetGroups))),
    ("person tags {} with {}={}", |p| Ok(Hand::Tag(own(p[0]), key(p[1]), Some(own(p[2]))))),
    ("person takes the tag {} off {}", |p| Ok(Hand::Tag(own(p[1]), key(p[0]), None))),
    ("person sets sizes of {} to {}/{}/{}", |p| {
        Ok(Hand::Resize(own(p[0]), Some(number(p[1])?), Some(number(p[2])?), Some(number(p[3])?)))
    }),
    ("person sets MinSize of {} to {}", |p| Ok(Hand::Resize(own(p[0]), Some(number(p[1])?), None, None))),
    ("scheduled action sets MinSize of {} to {}", |p| {
        Ok(Hand::ScheduledAction(own(p[0]), Some(number(p[1])?), None, None))
    }),
    ("scaling policy sets {} to {}", |p| Ok(Hand::Scale(own(p[0]), number(p[1])?))),
    ("{} instances of {} die", |p| Ok(Hand::Kill(own(p[1]), number(p[0])?))),
    ("process {} of {} is suspended", |p| Ok(Hand::Suspend(own(p[1]), own(p[0])))),
    ("process {} of {} goes on", |p| Ok(Hand::Resume(own(p[1]), own(p[0])))),
    ("instance refresh of {} begins and takes {}", |p| Ok(Hand::StartRefresh(own(p[0]), seconds(p[1])?))),
    ("instance refresh of {} is cancelled", |p| Ok(Hand::CancelRefresh(own(p[0])))),
    ("{} is {} in {} from now on", |p| Ok(Hand::Health(own(p[0]), Some(own(p[2])), health_of(p[1])?))),
    ("{} is {} from now on", |p| Ok(Hand::Health(own(p[0]), None, health_of(p[1])?))),
    ("{} answers {} with errors", |p| Ok(Hand::Errors(own(p[0]), share(p[1])?))),
    ("target group {} appears: {}", |p| Ok(Hand::CreateGroup(group_of(&format!("{}: {}", p[0], p[1]))?))),
    ("target group {} is deleted", |p| Ok(Hand::DeleteGroup(own(p[0])))),
    ("listener of {} forwards to {}", |p| Ok(Hand::Listen(own(p[1]), own(p[0])))),
    ("no listener forwards to {}", |p| Ok(Hand::Unlisten(own(p[0])))),
    ("zone {} of {} is enabled", |p| Ok(Hand::Zone(own(p[1]), own(p[0]), true))),
    ("zone {} of {} is disabled", |p| Ok(Hand::Zone(own(p[1]), own(p[0]), false))),
    ("health checks of {} are off", |p| Ok(Hand::HealthChecks(own(p[0]), false))),
    ("health checks of {} are on", |p| Ok(Hand::HealthChecks(own(p[0]), true))),
    ("instance {} is registered in {} by hand", |p| Ok(Hand::RegisterForeign(own(p[1]), own(p[0])))),
    ("alarm {} goes to {}", |p| Ok(Hand::SetAlarm(own(p[0]), state_of(p[1])?))),
    ("alarm {} is deleted", |p| Ok(Hand::DeleteAlarm(own(p[0])))),
    ("alarm {} appears: {}", |p| Ok(Hand::CreateAlarm(Box::new(alarm_of(&format!("{}: {}", p[0], p[1]))?)))),
    ("alarm {} appears", |p| Ok(Hand::CreateAlarm(Box::new(alarm_of(p[0])?)))),
    ("alarm {} is evaluated again", |p| Ok(Hand::Evaluation(own(p[0]), None))),
    ("alarm {} is evaluated with {}", |p| Ok(Hand::Evaluation(own(p[0]), Some(evaluation(p[1])?)))),
    ("faults end", |_| Ok(Hand::ClearFaults)),
];

/// Reads a sentence about a deed that is done at this moment.
pub fn read(text: &str, at: i64) -> Result<Hand, String> {
    if let Some(part) = parts("fault: {}", text) {
        return Ok(Hand::Fault(fault_of(part[0], at)?));
    }
    let fits = SENTENCES.iter().find_map(|(pattern, read)| parts(pattern, text).map(|part| read(&part)));
    fits.unwrap_or_else(|| Err(format!("not understood: {text}")))
}

fn own(text: &str) -> String {
    text.to_owned()
}

fn key(text: &str) -> String {
    if text.contains(':') { text.to_owned() } else { format!("cutover:{text}") }
}

fn evaluation(word: &str) -> Result<EvaluationState, String> {
    EvaluationState::parse(word).ok_or_else(|| format!("no alarm is evaluated with {word:?}"))
}

/// `OPERATION [on SUBJECT] is KIND[, for 2m | , the first 3 | , the 2nd only]`
fn fault_of(text: &str, at: i64) -> Result<FaultRule, String> {
    let (what, when) = text.split_once(", ").unwrap_or((text, ""));
    let part = parts("{} is {}", what).ok_or_else(|| format!("not understood: {text}"))?;
    let (operation, subject) = match part[0].split_once(" on ") {
        Some((operation, subject)) => (operation, Some(subject)),
        None => (part[0], None),
    };
    let when = if when.is_empty() {
        When::Always
    } else if let Some(part) = parts("for {}", when) {
        When::Between(at, at + span(part[0])?)
    } else if let Some(part) = parts("the first {}", when) {
        When::First(number(part[0])?)
    } else if let Some(part) = parts("only number {}", when) {
        When::Nth(number(part[0])?)
    } else {
        return Err(format!("not understood: {when}"));
    };
    let rule = fault(operation, kind_of(part[1])?).when(when);
    Ok(subject.map_or(rule.clone(), |subject| rule.on(subject)))
}

fn kind_of(text: &str) -> Result<FaultKind, String> {
    if let Some(part) = parts("stale by up to {}", text) {
        return Ok(FaultKind::Stale(span(part[0])?));
    }
    if let Some(part) = parts("refused as {}", text) {
        return Ok(FaultKind::Error(ApiError::new(part[0], "refused by this story", 400)));
    }
    Ok(match text {
        "throttled" => FaultKind::Throttled,
        "broken" => FaultKind::Internal,
        "denied" => FaultKind::AccessDenied,
        "timed out" => FaultKind::TimedOut,
        "applied but timed out" => FaultKind::TimedOutApplied,
        "cut off" => FaultKind::CutBefore,
        "applied but cut off" => FaultKind::CutAfter,
        "partial" => FaultKind::Partial,
        "blind to composite alarms" => FaultKind::CompositesHidden,
        _ => return Err(format!("no call goes wrong as {text:?}")),
    })
}
