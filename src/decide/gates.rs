//! The decide stage: the gates: what must hold before anything is attached.
//!
//! A gate is one function from a case to open, closed or unknown, and one line in `GATES`. A closed gate that can't
//! heal rejects at once; the others wait for the prepare timeout. Unknown is closed until it's read.

use super::case::Case;
use crate::release::policy::InAlarmAtStart;
use crate::release::{AlarmState, CLOCKS, Member, Observation, Reading, Release, TargetGroupArn, Unread};
use std::collections::BTreeSet;

/// How a gate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gate {
    /// Nothing against it.
    Open,
    /// Something that may pass by itself, or by a person's doing.
    Closed(String),
    /// Something that never heals by waiting: rejects at once.
    Never(String),
    /// It couldn't be read.
    Unknown(String),
    /// Open, but a person should know.
    Advice(String),
}

type Judge = fn(&Case<'_>) -> Reading<Gate>;

/// Every gate, in the order in which a person would ask.
const GATES: [(&str, Judge); 13] = [
    ("tag", tag),
    ("fleet", fleet),
    ("target_group", target_group),
    ("listener", listener),
    ("zone", zone),
    ("attachment", attachment),
    ("processes", processes),
    ("refresh", refresh),
    ("capacity", capacity),
    ("foreign_targets", foreign_targets),
    ("overlap", overlap),
    ("alarms", alarms),
    ("alarm_state", alarm_state),
];

/// One gate's answer, for `plan` and for reports.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct GateReport {
    /// The gate's name.
    pub gate: &'static str,
    /// Whether it's open.
    pub open: bool,
    /// What closes it, or what a person should know; empty if there's nothing to say.
    pub detail: String,
}

/// The names of all gates, in order.
pub fn gate_names() -> impl Iterator<Item = &'static str> {
    GATES.iter().map(|(name, _)| *name)
}

/// Every gate's answer.
pub fn gate_reports(release: &Release, seen: &Observation) -> Vec<GateReport> {
    let case = Case::new(release.clone(), seen);
    let report = |(gate, state): (&'static str, Gate)| match state {
        Gate::Open => GateReport { gate, open: true, detail: String::new() },
        Gate::Advice(detail) => GateReport { gate, open: true, detail },
        Gate::Closed(detail) | Gate::Never(detail) | Gate::Unknown(detail) => GateReport { gate, open: false, detail },
    };
    case.gates().into_iter().map(report).collect()
}

impl Case<'_> {
    /// Judges every gate.
    pub(super) fn gates(&self) -> Vec<(&'static str, Gate)> {
        GATES.iter().map(|(name, judge)| (*name, known(judge(self)))).collect()
    }

    /// The gates that are asked again before the promotion: a way back that doesn't work holds it.
    pub(super) fn way_back_gates(&self) -> Option<(&'static str, Gate)> {
        let blue = || self.release.blue.iter().filter(|member| !member.gone);
        let processes = ("processes", known(processes_of(self, blue())));
        let refresh = ("refresh", known(refresh_of(self, blue())));
        [processes, refresh].into_iter().find(|(_, gate)| !matches!(gate, Gate::Open | Gate::Advice(_)))
    }
}

fn known(reading: Reading<Gate>) -> Gate {
    reading.unwrap_or_else(|Unread(why)| Gate::Unknown(why))
}

fn first(found: Option<String>, gate: fn(String) -> Gate) -> Reading<Gate> {
    Ok(found.map_or(Gate::Open, gate))
}

/// Every fleet of the release carries the application's tag: the rights that the template grants end there.
fn tag(case: &Case<'_>) -> Reading<Gate> {
    let application = case.release.id.application();
    for member in case.release.members() {
        let Some(fleet) = case.fleet(member)? else { continue };
        if fleet.application().as_ref() != Some(application) {
            let detail = format!("{} doesn't carry the tag cutover:application = {application}", member.fleet);
            return Ok(Gate::Never(detail));
        }
    }
    Ok(Gate::Open)
}

/// The fleets exist, aren't being deleted, and count in instances.
fn fleet(case: &Case<'_>) -> Reading<Gate> {
    for member in case.release.members() {
        match case.fleet(member)? {
            // A fleet that was just made may be missing from a stale reading.
            None if case.now() < case.release.started_at + case.settle() => {
                return Ok(Gate::Closed(format!("{} isn't to be seen", member.fleet)));
            }
            None => return Ok(Gate::Never(format!("{} doesn't exist or is being deleted", member.fleet))),
            Some(fleet) if fleet.weighted => {
                let detail =
                    format!("{} gives its instances weights: capacity isn't a number of instances", fleet.name);
                return Ok(Gate::Never(detail));
            }
            Some(_) => {}
        }
    }
    Ok(Gate::Open)
}

/// The target groups exist and take instances.
fn target_group(case: &Case<'_>) -> Reading<Gate> {
    if case.release.groups.is_empty() {
        return Ok(Gate::Never("no target group: name target_groups, there is no blue to take them from".into()));
    }
    for arn in case.release.groups.keys() {
        match case.seen.group(arn)? {
            None => return Ok(Gate::Never(format!("target group {arn} doesn't exist"))),
            Some(group) if !group.takes_instances => {
                return Ok(Gate::Never(format!("target group {} takes no instances", arn.short())));
            }
            Some(_) => {}
        }
        case.seen.attributes(arn)?;
    }
    Ok(Gate::Open)
}

/// Each target group hangs on a load balancer: without, its targets are never checked.
fn listener(case: &Case<'_>) -> Reading<Gate> {
    for arn in case.release.groups.keys() {
        if case.seen.group(arn)?.is_some_and(|group| group.load_balancers.is_empty()) {
            let detail = format!("no listener of a load balancer routes to target group {}", arn.short());
            return Ok(Gate::Never(detail));
        }
    }
    Ok(Gate::Open)
}

/// Green's zones are enabled on the load balancers: a target elsewhere is never used.
fn zone(case: &Case<'_>) -> Reading<Gate> {
    let Some(green) = case.fleet(&case.release.green)? else { return Ok(Gate::Open) };
    for arn in case.release.groups.keys() {
        let Some(group) = case.seen.group(arn)? else { continue };
        for balancer in &group.load_balancers {
            let Some(found) = case.seen.load_balancer(balancer)? else { continue };
            if let Some(zone) = green.zones.iter().find(|zone| !found.zones.contains(*zone)) {
                let detail =
                    format!("zone {zone} of {} isn't enabled on the load balancer of {}", green.name, arn.short());
                return Ok(Gate::Closed(detail));
            }
        }
    }
    Ok(Gate::Open)
}

/// One style per fleet: what one API pair attached, the other can't detach.
fn attachment(case: &Case<'_>) -> Reading<Gate> {
    for member in case.release.members() {
        let classic = case.seen.classic(&member.fleet)?;
        let found: BTreeSet<&TargetGroupArn> = member.found_groups().collect();
        let by_older_pair = found.iter().filter(|group| classic.contains(**group)).count();
        if by_older_pair != 0 && by_older_pair != found.len() {
            let detail = format!("{} was attached partly as target groups, partly as traffic sources", member.fleet);
            return Ok(Gate::Closed(detail));
        }
    }
    Ok(Gate::Open)
}

/// `AddToLoadBalancer` isn't suspended: what is launched meanwhile would never be registered.
fn processes(case: &Case<'_>) -> Reading<Gate> {
    processes_of(case, case.release.members())
}

fn processes_of<'m>(case: &Case<'_>, members: impl Iterator<Item = &'m Member>) -> Reading<Gate> {
    for member in members {
        if case.fleet(member)?.is_some_and(|fleet| fleet.suspended.contains("AddToLoadBalancer")) {
            return Ok(Gate::Closed(format!("the process AddToLoadBalancer of {} is suspended", member.fleet)));
        }
    }
    Ok(Gate::Open)
}

/// No instance refresh: it makes AWS refuse an attach, so it would block the way back.
fn refresh(case: &Case<'_>) -> Reading<Gate> {
    refresh_of(case, case.release.members())
}

fn refresh_of<'m>(case: &Case<'_>, members: impl Iterator<Item = &'m Member>) -> Reading<Gate> {
    for member in members {
        if case.seen.refreshing(&member.fleet)? {
            return Ok(Gate::Closed(format!("an instance refresh of {} is under way", member.fleet)));
        }
    }
    Ok(Gate::Open)
}

/// Green has room for what is required.
fn capacity(case: &Case<'_>) -> Reading<Gate> {
    let required = case.capacity_required()?;
    let Some(green) = case.fleet(&case.release.green)? else { return Ok(Gate::Open) };
    let sizes = green.sizes;
    if sizes.max < required {
        let detail = format!("{} instances are required, MaxSize of {} is {}", required, green.name, sizes.max);
        return Ok(Gate::Never(detail));
    }
    if !case.release.policy.match_capacity && sizes.desired < required {
        let detail = format!(
            "{} instances are required, {} has a desired capacity of {} and match_capacity is false",
            required, green.name, sizes.desired
        );
        return Ok(Gate::Never(detail));
    }
    Ok(Gate::Open)
}

/// Targets that belong to no fleet of the release.
fn foreign_targets(case: &Case<'_>) -> Reading<Gate> {
    let mut ours: BTreeSet<&String> = BTreeSet::new();
    for member in case.release.members() {
        if let Some(fleet) = case.fleet(member)? {
            ours.extend(fleet.instances.keys());
        }
    }
    for arn in case.release.groups.keys() {
        let Some(targets) = case.seen.targets(arn)? else { continue };
        use crate::release::TargetHealth::{Draining, NotInUse, Unused};
        let stays = |health| !matches!(health, Draining | Unused | NotInUse);
        let foreign = targets.iter().filter(|(id, health)| stays(**health) && !ours.contains(id)).count();
        if foreign > 0 {
            let detail = format!("{foreign} targets of {} belong to no fleet of the release", arn.short());
            return Ok(if case.release.blue.is_empty() {
                Gate::Closed(format!("{detail}: tag the fleet that serves"))
            } else {
                Gate::Advice(detail)
            });
        }
    }
    Ok(Gate::Open)
}

/// No other fleet of the look hangs on these groups under another application's name. Advice only: two applications
/// may share a group on purpose.
fn overlap(case: &Case<'_>) -> Reading<Gate> {
    let ours: BTreeSet<_> = case.release.members().map(|member| &member.fleet).collect();
    let others = case.seen.fleets.values().filter_map(|reading| reading.as_ref().ok()?.as_ref());
    let shared = others
        .filter(|fleet| !ours.contains(&fleet.name))
        .find(|fleet| fleet.groups.iter().any(|group| case.release.groups.contains_key(group)));
    first(shared.map(|fleet| format!("{} hangs on the same target groups", fleet.name)), Gate::Advice)
}

/// The alarms exist, can be read, judge, and detect within an hour.
fn alarms(case: &Case<'_>) -> Reading<Gate> {
    for watched in &case.release.watched {
        match case.seen.alarm(&watched.alarm)? {
            None => {
                let detail =
                    format!("alarm {} doesn't exist, or the permission to see it is too narrow", watched.alarm);
                return Ok(Gate::Closed(detail));
            }
            Some(alarm) => {
                if let Some(impaired) = &alarm.impaired {
                    return Ok(Gate::Closed(format!("alarm {} isn't judging: {impaired}", alarm.name)));
                }
            }
        }
    }
    let mut fitted = Case::new(case.release.clone(), case.seen);
    match fitted.fit_bake() {
        Err(super::alarms::TooSlow::OverAnHour(detail)) => Ok(Gate::Never(detail)),
        Err(super::alarms::TooSlow::Unread(unread)) => Err(unread),
        Ok(()) if !case.habits_known() => Err(Unread("the alarms' history of the last day isn't read yet".into())),
        Ok(()) => Ok(Gate::Open),
    }
}

/// No alarm is in ALARM before the evidence begins.
fn alarm_state(case: &Case<'_>) -> Reading<Gate> {
    let mut burning = None;
    for watched in &case.release.watched {
        let Some(alarm) = case.seen.alarm(&watched.alarm)? else { continue };
        // What moved so lately may still move by another clock: the evidence would count the old episode.
        let lately = alarm.transitioned_at.is_some_and(|at| at >= case.now() - CLOCKS);
        let ignored = case.release.policy.in_alarm_at_start == InAlarmAtStart::Ignore;
        if lately && (alarm.state != AlarmState::Alarm || ignored) {
            return Ok(Gate::Closed(format!("alarm {} moved a moment ago", alarm.name)));
        }
        if alarm.state == AlarmState::Alarm {
            burning.get_or_insert_with(|| format!("alarm {} is in ALARM: {}", alarm.name, alarm.reason));
        }
    }
    first(
        burning,
        match case.release.policy.in_alarm_at_start {
            InAlarmAtStart::Hold => Gate::Closed,
            InAlarmAtStart::Reject => Gate::Never,
            InAlarmAtStart::Ignore => Gate::Advice,
        },
    )
}
