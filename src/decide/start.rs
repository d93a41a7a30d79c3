//! The start: from a fleet that somebody named (or an event told of) to a release in `prepare`, or to a refusal.

use super::turn::{Context, Refusal};
use crate::error::InvalidField;
use crate::mutation::{self, Mutation};
use crate::observe::Needs;
use crate::release::policy::{MOST_ALARMS, TargetGroupRef};
use crate::release::{
    AlarmName, Fleet, FleetArn, FleetName, GroupTerms, Link, Member, Observation, Origin, Pending, Policy,
    PolicyFields, Reading, Release, ReleaseId, Stage, Status, Stopwatch, Style, TargetGroupArn, Timestamp, Unread,
    Watched,
};
use std::collections::{BTreeMap, BTreeSet};

/// A fleet that may become green.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub green: FleetName,
    /// Its ARN, where it's known; another fleet of that name is no candidate.
    pub arn: Option<FleetArn>,
    /// Who names it.
    pub origin: Origin,
}

/// What has to be read, once the application's fleets are known, before a candidate can start.
pub fn start_needs(candidate: &Candidate, family: &[&Fleet], defaults: &PolicyFields) -> Needs {
    let mut needs = Needs::default();
    needs.classic.extend(family.iter().filter(|fleet| !fleet.groups.is_empty()).map(|fleet| fleet.name.clone()));
    let Some(green) = family.iter().find(|fleet| fleet.name == candidate.green) else { return needs };
    if let Ok(policy) = policy_of(green, &candidate.origin.fields, defaults) {
        let groups = policy.target_groups.iter().flatten();
        needs.named_groups.extend(groups.filter_map(|group| match group {
            TargetGroupRef::Name(name) => Some(name.clone()),
            TargetGroupRef::Arn(_) => None,
        }));
        needs.prefixes.extend(policy.alarm_prefix.map(|prefix| prefix.as_str().to_owned()));
    }
    needs
}

fn policy_of(green: &Fleet, command: &PolicyFields, defaults: &PolicyFields) -> Result<Policy, InvalidField> {
    let tags = green.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    Policy::resolve(command, &PolicyFields::from_tags(tags)?, defaults)
}

/// The target groups of an application: those that a policy names, else those of its other attached fleets.
pub(super) fn groups_of(
    policy: &Policy,
    green: &Fleet,
    family: &[&Fleet],
    origin: &Origin,
    seen: &Observation,
) -> Result<BTreeSet<TargetGroupArn>, Refusal> {
    if let Some(named) = &policy.target_groups {
        return named.iter().map(|group| resolve(group, seen)).collect();
    }
    let chosen = |fleet: &Fleet| origin.blue.as_ref().is_none_or(|blue| blue.contains(&fleet.name));
    let others = family.iter().filter(|fleet| fleet.arn != green.arn && !fleet.deleting && chosen(fleet));
    Ok(others.flat_map(|fleet| fleet.groups.iter().cloned()).collect())
}

fn resolve(group: &TargetGroupRef, seen: &Observation) -> Result<TargetGroupArn, Refusal> {
    match group {
        TargetGroupRef::Arn(arn) => Ok(arn.clone()),
        TargetGroupRef::Name(name) => match seen.named_groups.get(name) {
            Some(Ok(Some(arn))) => Ok(arn.clone()),
            Some(Ok(None)) => Err(Refusal::Invalid(InvalidField::wrong_text(
                "target_groups",
                name,
                "the name of a target group that exists",
            ))),
            Some(Err(Unread(why))) => Err(Refusal::Unread(why.clone())),
            None => Err(Refusal::Unread(format!("target group {name} not read in this look"))),
        },
    }
}

/// Everything that a start rests on.
pub(super) struct Ground<'a> {
    pub green: &'a Fleet,
    pub family: Vec<&'a Fleet>,
    pub policy: Policy,
    pub groups: BTreeSet<TargetGroupArn>,
}

/// Finds the candidate and resolves what it's told.
pub(super) fn ground<'a>(
    candidate: &Candidate,
    application: &crate::release::ApplicationName,
    seen: &'a Observation,
    context: &Context<'_>,
) -> Result<Ground<'a>, Refusal> {
    let family = seen.family(application).map_err(|Unread(why)| Refusal::Unread(why))?;
    let same =
        |fleet: &&&Fleet| fleet.name == candidate.green && candidate.arn.as_ref().is_none_or(|arn| *arn == fleet.arn);
    let Some(green) = family.iter().find(same).copied() else {
        let why = format!("{} isn't a fleet of application {application}", candidate.green);
        return Err(Refusal::NotFound(why));
    };
    let policy = policy_of(green, &candidate.origin.fields, context.defaults).map_err(Refusal::Invalid)?;
    let groups = groups_of(&policy, green, &family, &candidate.origin, seen)?;
    Ok(Ground { green, family, policy, groups })
}

/// Makes the release, in `prepare`.
pub(super) fn begin(id: ReleaseId, origin: Origin, ground: Ground<'_>, seen: &Observation) -> Result<Release, Refusal> {
    let Ground { green, family, policy, groups } = ground;
    let blue = blue_of(green, &family, &groups, &origin)?;
    let watched = watched(&policy, !blue.is_empty(), seen)?;
    let unread = |Unread(why)| Refusal::Unread(why);
    let mut members = Vec::new();
    for fleet in &blue {
        members.push(member(fleet, &groups, style(fleet, &groups, seen).map_err(unread)?));
    }
    // Green is attached in blue's style; without blue, by target groups.
    let own = if green.groups.is_disjoint(&groups) { None } else { Some(style(green, &groups, seen).map_err(unread)?) };
    let usual = members.first().map_or(Style::TargetGroups, |member| member.style);
    let mut green_member = member(green, &groups, own.unwrap_or(usual));
    for group in &groups {
        green_member.links.entry(group.clone()).or_insert(Link::ABSENT);
    }
    let born_attached = green_member.found_groups().next().is_some();
    let blank = blank(id, origin, green_member, seen.at);
    // What blue has InService in each group now, green has to carry.
    let terms = |group: &TargetGroupArn| {
        let on = members.iter().filter(|member| member.links.contains_key(group));
        GroupTerms { blue_in_service: on.map(|member| member.in_service).sum(), ..GroupTerms::default() }
    };
    Ok(Release {
        groups: groups.iter().map(|group| (group.clone(), terms(group))).collect(),
        bake_time_seconds: policy.bake_time_seconds,
        evidence_since: born_attached.then_some(green.created_at),
        warnings: warnings(&policy, green),
        message: format!("{} is the new fleet", green.name),
        blue: members,
        watched,
        policy,
        ..blank
    })
}

/// A release that was refused before it had terms: on record, so that a person finds it.
pub(super) fn rejected(id: ReleaseId, origin: Origin, green: &Fleet, why: String, at: Timestamp) -> Release {
    let green = Member::found(green, Style::TargetGroups);
    Release { status: Status::Rejected, ended_at: Some(at), message: why, ..blank(id, origin, green, at) }
}

/// A pending release that never had its turn.
pub(super) fn rejected_pending(pending: &Pending, why: String, at: Timestamp) -> Release {
    let green = Member { tags: pending.tags.clone(), ..Member::named(pending.green.clone(), pending.arn.clone()) };
    let blank = blank(pending.id.clone(), pending.origin.clone(), green, at);
    Release { status: Status::Rejected, started_at: pending.asked_at, ended_at: Some(at), message: why, ..blank }
}

fn blank(id: ReleaseId, origin: Origin, green: Member, at: Timestamp) -> Release {
    let policy = Policy::default();
    Release {
        id,
        origin,
        stage: Stage::Prepare,
        status: Status::InProgress,
        started_at: at,
        stage_since: at,
        ended_at: None,
        green,
        blue: Vec::new(),
        groups: BTreeMap::new(),
        watched: Vec::new(),
        bake_time_seconds: policy.bake_time_seconds,
        policy,
        evidence_since: None,
        bake: Stopwatch::default(),
        below: Stopwatch::default(),
        unknown: Stopwatch::default(),
        baked_at: None,
        paused_until: None,
        promoted_by: None,
        alarms_waived: false,
        rollback_reason: None,
        green_out_since: None,
        halted_since: None,
        ending: None,
        verdict: None,
        warnings: Vec::new(),
        message: String::new(),
    }
}

/// Blue is every other fleet of the application on the target groups; a command may name some of them.
fn blue_of<'a>(
    green: &Fleet,
    family: &[&'a Fleet],
    groups: &BTreeSet<TargetGroupArn>,
    origin: &Origin,
) -> Result<Vec<&'a Fleet>, Refusal> {
    let on = |fleet: &Fleet| fleet.groups.iter().any(|group| groups.contains(group));
    let serving: Vec<_> =
        family.iter().copied().filter(|fleet| fleet.arn != green.arn && !fleet.deleting && on(fleet)).collect();
    let Some(chosen) = &origin.blue else { return Ok(serving) };
    let find = |name: &FleetName| {
        serving.iter().copied().find(|fleet| fleet.name == *name).ok_or_else(|| {
            let names: Vec<_> = serving.iter().map(|fleet| fleet.name.as_str()).collect();
            let expected = match names.is_empty() {
                true => "none: no other fleet of the application is attached to the target groups".to_owned(),
                false => {
                    format!("fleets of the application that are attached to the target groups: {}", names.join(", "))
                }
            };
            Refusal::Invalid(InvalidField::wrong_text("blue", name.as_str(), expected))
        })
    };
    chosen.iter().map(find).collect()
}

fn member(fleet: &Fleet, groups: &BTreeSet<TargetGroupArn>, style: Style) -> Member {
    let mut member = Member::found(fleet, style);
    let ours = |group: &&TargetGroupArn| groups.contains(*group) || mutation::on(Mutation::EveryGroup);
    let found = fleet.groups.iter().filter(ours);
    member.links = found.map(|group| (group.clone(), Link::FOUND)).collect();
    member
}

/// The pair that attached a fleet to the release's groups: what the older pair doesn't list was attached as a traffic
/// source.
fn style(fleet: &Fleet, groups: &BTreeSet<TargetGroupArn>, seen: &Observation) -> Reading<Style> {
    let classic = seen.classic(&fleet.name)?;
    let older = fleet.groups.intersection(groups).any(|group| classic.contains(group));
    Ok(if older { Style::TargetGroups } else { Style::TrafficSources })
}

fn watched(policy: &Policy, with_blue: bool, seen: &Observation) -> Result<Vec<Watched>, Refusal> {
    let mut names: BTreeSet<AlarmName> = policy.alarm_names().iter().cloned().collect();
    if let Some(prefix) = &policy.alarm_prefix {
        let found = match seen.prefixes.get(prefix.as_str()) {
            Some(Ok(found)) => found,
            Some(Err(Unread(why))) => return Err(Refusal::Unread(why.clone())),
            None => return Err(Refusal::Unread(format!("alarms that begin with {prefix} not read in this look"))),
        };
        if found.is_empty() {
            let expected = "how the name of at least one alarm begins that exists and can be seen";
            return Err(Refusal::Invalid(InvalidField::wrong_text("alarm_prefix", prefix.as_str(), expected)));
        }
        names.extend(found.iter().cloned());
    }
    if with_blue && names.is_empty() && !policy.watches_none() {
        let expected = "alarm names, or an alarm_prefix, or outright \"none\": there is a blue to go back to";
        return Err(Refusal::Invalid(InvalidField::missing("alarms", expected)));
    }
    if names.len() > MOST_ALARMS {
        let expected = format!("at most {MOST_ALARMS} alarms, a composite one for the rest");
        return Err(Refusal::Invalid(InvalidField::wrong_text("alarms", &names.len().to_string(), expected)));
    }
    let watch = |alarm| Watched { alarm, quiet_before: None, ignored_episode: None, cleared: None };
    Ok(names.into_iter().map(watch).collect())
}

/// What a person should know from the start.
fn warnings(policy: &Policy, green: &Fleet) -> Vec<String> {
    let mut warnings = Vec::new();
    if policy.settle_seconds < 10 {
        warnings.push(format!("settle_seconds is {}: AWS's readings may be staler than that", policy.settle_seconds));
    }
    if green.latest_template {
        warnings.push(format!("{} launches from $Latest: what it launches may change under the release", green.name));
    }
    warnings
}
