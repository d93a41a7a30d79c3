//! Which new fleet qualifies for a release without a person.
//!
//! The only place where an event begins something, so it asks for every sign of a *new version*: opted in, unknown to
//! the record, young, younger than what serves, and not serving alone already.

use crate::release::{Application, Fleet, FleetArn, Past, Span, TargetGroupArn, Timestamp};
use std::collections::BTreeSet;

/// How old a fleet may be and still be a new version: a spare fleet that scales out later is none.
const NEW: Span = Span::seconds(3600);

/// Whether a fleet's age counts: a pending one may have waited long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// It must be new.
    Counts,
    /// It was new when it was queued.
    Aside,
}

/// Why a fleet starts no release; `None`: it qualifies.
pub(super) fn disqualified(
    green: &Fleet,
    family: &[&Fleet],
    groups: &BTreeSet<TargetGroupArn>,
    pasts: &[(FleetArn, Past)],
    now: Timestamp,
    age: Age,
) -> Option<String> {
    let name = &green.name;
    let past = pasts.iter().find(|(arn, _)| *arn == green.arn).map(|(_, past)| past);
    let mended = match past {
        None => false,
        Some(Past { release, rejected_with: None }) if age == Age::Counts => {
            return Some(format!("{name} was part of release {release}"));
        }
        Some(Past { rejected_with: None, .. }) => false,
        Some(Past { release, rejected_with: Some(tags) }) if age == Age::Counts && *tags == green.tags => {
            return Some(format!("{name} was rejected in release {release}, and no cutover: tag of it changed since"));
        }
        Some(Past { rejected_with: Some(_), .. }) => true,
    };
    if green.deleting {
        return Some(format!("{name} is being deleted"));
    }
    let on = |fleet: &Fleet| fleet.groups.iter().any(|group| groups.contains(group));
    let attached: Vec<_> = family.iter().filter(|fleet| fleet.arn != green.arn && !fleet.groups.is_empty()).collect();
    if let Some(younger) = attached.iter().find(|fleet| fleet.created_at >= green.created_at) {
        return Some(format!("{} is attached and no older than {name}", younger.name));
    }
    if age == Age::Counts && !mended && now - green.created_at >= NEW {
        return Some(format!("{name} is more than an hour old: no new version"));
    }
    // Where nothing else is attached and no group is named, whatever green hangs on is what the application serves by.
    let serves = on(green) || (groups.is_empty() && !green.groups.is_empty());
    if serves && !attached.iter().any(|fleet| on(fleet)) {
        return Some(format!("{name} is attached alone: it serves already"));
    }
    None
}

/// Whether it's worth asking the record about a fleet that a sweep found: cheap, and never wrong about "no".
pub(super) fn unknown_here(application: Option<&Application>, fleet: &Fleet) -> bool {
    let Some(application) = application else { return true };
    let running = application.running.as_ref();
    !running.is_some_and(|release| release.members().any(|member| member.arn == fleet.arn))
        && !application.queue.iter().any(|pending| pending.arn == fleet.arn)
}

/// Whether a fleet that a sweep found may be a new version nobody has told of.
pub fn worth_asking(application: Option<&Application>, fleet: &Fleet, now: Timestamp) -> bool {
    // Older ones may have been mended after a rejection: those are told of by their tag's event, and by a command.
    !fleet.deleting && now - fleet.created_at < NEW && unknown_here(application, fleet)
}
