//! A command takes over what an event began: its own terms, the same release. What was found at the start and done since
//! stays known, whatever a person has changed in between and whatever this one look shows.

use crate::release::{FleetArn, Member, Release, Watched};

/// Puts on `taken`, begun anew by the command, what `before` knows. An error is a blue fleet whose floor the release holds
/// and that the command leaves out.
pub(super) fn keep<'r>(taken: &mut Release, before: &'r Release) -> Result<(), &'r Member> {
    taken.started_at = before.started_at;
    taken.paused_until = before.paused_until;
    taken.evidence_since = before.evidence_since.or(taken.evidence_since);
    before.warnings.iter().for_each(|warning| taken.warn(warning.clone()));
    keep_watched(taken, before);
    keep_groups(taken, before);
    keep_members(taken, before);
    let left_out = |old: &&Member| old.floor.is_some() && !has(taken, &old.arn);
    before.members().find(left_out).map_or(Ok(()), Err)
}

/// An alarm that stays watched keeps what was learnt of it.
fn keep_watched(taken: &mut Release, before: &Release) {
    keep_prefixed(taken, before);
    for watched in &mut taken.watched {
        if let Some(old) = before.watched.iter().find(|old| old.alarm == watched.alarm) {
            watched.clone_from(old);
        }
    }
}

/// A prefix is resolved when the release starts, so a takeover by the same prefix goes on watching what was found then:
/// an alarm that is gone in this one look must not drop out without a word.
fn keep_prefixed(taken: &mut Release, before: &Release) {
    let same = taken.policy.alarm_prefix == before.policy.alarm_prefix;
    let Some(prefix) = taken.policy.alarm_prefix.as_ref().filter(|_| same) else { return };
    let dropped = |watched: &&Watched| {
        watched.alarm.as_str().starts_with(prefix.as_str())
            && !taken.watched.iter().any(|kept| kept.alarm == watched.alarm)
    };
    let dropped: Vec<Watched> = before.watched.iter().filter(dropped).cloned().collect();
    taken.watched.extend(dropped);
    taken.watched.sort_by(|one, other| one.alarm.cmp(&other.alarm));
}

/// The target groups that blue was on at the start, unless something names them or blue outright. And no less is asked of
/// green in any, whatever of blue has died or was detached since.
fn keep_groups(taken: &mut Release, before: &Release) {
    let named = taken.policy.target_groups.is_some() || taken.origin.blue.is_some();
    for (group, terms) in &before.groups {
        match taken.groups.get_mut(group) {
            Some(mine) => mine.blue_in_service = mine.blue_in_service.max(terms.blue_in_service),
            None if named => {}
            None => _ = taken.groups.insert(group.clone(), *terms),
        }
    }
}

/// Every fleet as it was found at the start and written to since, but for its tags: those are read anew. Blue that isn't attached now, too, unless the command
/// names its blue.
fn keep_members(taken: &mut Release, before: &Release) {
    let groups = taken.groups.clone();
    let ours = |old: &Member| old.links.clone().into_iter().filter(|(group, _)| groups.contains_key(group));
    for member in taken.members_mut() {
        if let Some(old) = before.members().find(|old| old.arn == member.arn) {
            let mut links = std::mem::take(&mut member.links);
            links.extend(ours(old));
            *member = Member { links, tags: std::mem::take(&mut member.tags), ..old.clone() };
        }
    }
    if taken.origin.blue.is_some() {
        return;
    }
    for old in &before.blue {
        let mut member = old.clone();
        member.links = ours(old).collect();
        if !member.links.is_empty() && !has(taken, &old.arn) {
            taken.blue.push(member);
        }
    }
}

fn has(release: &Release, arn: &FleetArn) -> bool {
    release.members().any(|member| member.arn == *arn)
}
