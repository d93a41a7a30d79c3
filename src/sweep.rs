//! The sweep: once a minute, every tagged fleet that nobody has told of and every release in flight.
//!
//! One observation for all of them; what has something to do then takes its own turn, side by side, within the
//! invocation's time. It makes certain what events make fast.

use crate::answer;
use crate::decide::{Ask, Context, turn, worth_asking};
use crate::error::Error;
use crate::flow::{Errand, Flow, Ports, edge, nothing_new};
use crate::observe::{Needs, observe};
use crate::release::{Application, ApplicationName, Fleet, Observation, Span, Timestamp};
use crate::telemetry::{self, SweepGauges};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Applications that take their turn side by side: each makes a handful of calls at once.
const SIDE_BY_SIDE: usize = 8;
/// No turn begins with less time than this left: a look and a save, each at its slowest.
const LEAST_TIME: Span = Span::seconds(6);

/// Sweeps. What did not fit into the invocation's time is said, and had first next time.
///
/// # Errors
/// The record can't be read. What can't be read of the world holds the releases that need it, and is in their reports.
pub async fn sweep<P: Ports>(flow: &Flow<'_, P>) -> Result<Value, Error> {
    let in_flight = flow.ports.in_flight().await.map_err(edge)?;
    let now = flow.ports.now();
    let mut needs = Needs { everyone: true, ..Needs::default() };
    for app in &in_flight {
        if let Some(running) = &app.running {
            needs.of(running, now);
        }
    }
    let seen = observe(flow.ports, flow.ports, &needs).await;
    let mut reports = Vec::new();
    let mut errands = Vec::new();
    for app in &in_flight {
        match steady(flow, app, &seen) {
            Some(report) => reports.push(report),
            None => errands.push((app.name.clone(), Errand::LOOK)),
        }
    }
    errands.extend(newcomers(flow, &in_flight, &seen, now));
    let reached = take_turns(flow, errands, now).await;
    let not_reached = reached.iter().filter(|report| report.is_none()).count();
    reports.extend(reached.into_iter().flatten());
    telemetry::sweep_gauges(now, gauges(&in_flight));
    Ok(json!({ "releases": reports, "not_reached": not_reached }))
}

/// The report of an application that has nothing to do, by this look.
fn steady<P: Ports>(flow: &Flow<'_, P>, app: &Application, seen: &Observation) -> Option<Value> {
    let context = Context { defaults: flow.defaults, pasts: &[], ended: None, subject: None };
    let running = app.running.as_ref()?;
    let turned = turn(app, &Ask::Look, seen, &context).ok()?;
    nothing_new(app, &turned).then(|| answer::running(running, turned.waiting_on, turned.verdict, seen.at))
}

/// Tagged fleets that may be new versions, one errand each.
fn newcomers<P: Ports>(
    flow: &Flow<'_, P>,
    in_flight: &[Application],
    seen: &Observation,
    now: Timestamp,
) -> Vec<(ApplicationName, Errand)> {
    // Unread: the next sweep, or the fleet's own event, will tell.
    let tagged = seen.everyone().unwrap_or_default();
    let known = |name: &ApplicationName| in_flight.iter().find(|app| app.name == *name);
    let errand = |fleet: &Fleet| {
        let application = fleet.application()?;
        let asks = worth_asking(known(&application), fleet, now);
        let ask = Ask::Start(flow.candidate(fleet));
        asks.then_some((application, Errand { ask, subject: None, at_once: false }))
    };
    tagged.into_iter().filter_map(errand).collect()
}

/// The errands side by side, beginning at another one each minute; `None` for those that weren't reached.
async fn take_turns<P: Ports>(
    flow: &Flow<'_, P>,
    mut errands: Vec<(ApplicationName, Errand)>,
    now: Timestamp,
) -> Vec<Option<Value>> {
    if !errands.is_empty() {
        let minute = usize::try_from(now.millis().max(0) / 60_000).unwrap_or(0);
        let first = minute % errands.len();
        errands.rotate_left(first);
    }
    // What concerns one application goes one after the other: side by side, one turn would find the other's lease in its way.
    let mut by_name: BTreeMap<ApplicationName, Vec<Errand>> = BTreeMap::new();
    let order: Vec<ApplicationName> = errands.iter().map(|(name, _)| name.clone()).collect();
    for (name, errand) in errands {
        by_name.entry(name).or_default().push(errand);
    }
    let groups = order.into_iter().filter_map(|name| by_name.remove(&name).map(|of| (name, of))).collect::<Vec<_>>();
    let turns = groups.into_iter().map(|(name, of)| async move {
        let mut answers = Vec::new();
        for errand in of {
            answers.push(one_turn(flow, &name, &errand).await);
        }
        answers.into_iter().flatten().collect::<Vec<_>>()
    });
    let answers: Vec<Vec<Option<Value>>> = stream::iter(turns).buffered(SIDE_BY_SIDE).collect().await;
    answers.into_iter().flatten().collect()
}

/// One errand; the inner `None` if there was no time left for it, the outer one if there is nothing to tell.
async fn one_turn<P: Ports>(flow: &Flow<'_, P>, name: &ApplicationName, errand: &Errand) -> Option<Option<Value>> {
    if flow.ports.now() + LEAST_TIME > flow.invocation.deadline {
        return Some(None);
    }
    let answered = match flow.turn(name, errand).await {
        Ok(outcome) => answer::report(flow, &outcome).await,
        // A fleet that is no new version is no news.
        Err(Error::Conflict(_)) => return None,
        Err(fault) => Err(fault),
    };
    let fault = |fault: Error| json!({ "application": name.as_str(), "error": fault.error_type(), "message": fault.to_string() });
    Some(Some(answered.unwrap_or_else(fault)))
}

fn gauges(in_flight: &[Application]) -> SweepGauges {
    let running = || in_flight.iter().filter_map(|app| app.running.as_ref());
    SweepGauges {
        in_flight: running().count() + in_flight.iter().map(|app| app.queue.len()).sum::<usize>(),
        halted: running().filter(|release| release.halted()).count(),
        announcing: in_flight.iter().map(|app| app.announcing.len()).sum(),
    }
}
