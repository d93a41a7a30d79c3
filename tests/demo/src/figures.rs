//! The figures of a moment: what a picture or a plain line shows.

use cutover::release::WaitingOn;
use serde_json::Value;
use simulated_aws::api::{AttachmentState, Millis, StateValue};
use simulated_aws::world::World;

use crate::account::{ALARM, Account, GROUP};

/// So many whole seconds back, rates are taken over.
const RATE_SECONDS: Millis = 2;

/// A moment.
pub struct Figures {
    /// The newest release as it was last announced; null before the first.
    pub release: Value,
    /// What it waits for, as a sentence; empty while nobody has looked.
    pub waits: String,
    /// Every fleet.
    pub fleets: Vec<FleetFigures>,
    /// The alarm's state.
    pub alarm: Option<StateValue>,
    /// Requests that were sent so far.
    pub sent: u64,
    /// Requests that fleets answered with an error so far.
    pub errors: f64,
    /// Requests that were lost so far, as the world counts them.
    pub lost: f64,
}

/// One fleet in the target group.
pub struct FleetFigures {
    /// Its name.
    pub name: String,
    /// `blue`, `green`, or nothing.
    pub role: &'static str,
    /// Its link to the target group, if it has one.
    pub link: Option<AttachmentState>,
    /// Its healthy targets.
    pub healthy: u32,
    /// Its targets that aren't healthy (yet).
    pub unhealthy: u32,
    /// Its draining targets.
    pub draining: u32,
    /// Requests a second that it answers.
    pub requests: f64,
    /// Errors a second among them.
    pub errors: f64,
}

impl Figures {
    /// Takes them now.
    pub fn take(account: &Account) -> Self {
        let release = account.announcements().pop().unwrap_or_default();
        let report = account.report();
        let current = report["release"] == release["release"] && report["stage"] == release["stage"];
        let sent = account.customers.sent();
        account.wire.world(|world| Figures {
            waits: match release["next_check_seconds"] == 0 {
                true => "nothing: it has ended".to_owned(),
                false if current => waits(&report, world.now()),
                false => String::new(),
            },
            fleets: world.fleet_names().iter().map(|name| FleetFigures::take(world, name, &release)).collect(),
            alarm: world.alarm_state(ALARM),
            errors: world.tally_all().errors,
            lost: world.tally_all().lost(),
            sent,
            release,
        })
    }
}

impl FleetFigures {
    fn take(world: &World, name: &str, release: &Value) -> Self {
        let flow = world.spans(GROUP).last().and_then(|span| span.fleets.get(name)).copied().unwrap_or_default();
        let end = world.now().div_euclid(1000) * 1000;
        let tally = world.tally(GROUP, Some(name), end - RATE_SECONDS * 1000, end - 1000);
        let is_blue = release["blue"].as_array().is_some_and(|all| all.iter().any(|blue| blue == name));
        FleetFigures {
            name: name.to_owned(),
            role: match release["green"] == name {
                true => "green",
                false if is_blue => "blue",
                false => "",
            },
            link: world.attachments(name).get(GROUP).copied(),
            healthy: flow.healthy,
            unhealthy: flow.registered.saturating_sub(flow.healthy),
            draining: flow.draining,
            requests: tally.requests / RATE_SECONDS as f64,
            errors: tally.errors / RATE_SECONDS as f64,
        }
    }
}

/// What a report waits for, for a person.
fn waits(report: &Value, now: Millis) -> String {
    let Ok(waiting_on) = serde_json::from_value::<WaitingOn>(report["waiting_on"].clone()) else {
        return String::new();
    };
    let left = waiting_on.deadline().map_or(0, |deadline| (deadline.millis() - now + 999).max(0) / 1000);
    let what = match &waiting_on {
        WaitingOn::Turn { behind, .. } => format!("its turn, behind {behind}"),
        WaitingOn::Gate { detail, .. } => detail.clone(),
        WaitingOn::Capacity { in_service, required, .. } => format!("{in_service} of {required} instances in service"),
        WaitingOn::Settle { fleet, .. } => format!("reads that surely show what was written to {fleet}"),
        WaitingOn::TargetHealth { target_group, healthy, required, .. } => {
            format!("green: {healthy} of {required} targets healthy in {target_group}")
        }
        WaitingOn::BakeTime { bake_time_seconds, .. } => {
            format!("both serve, the alarm is watched: {left} of {bake_time_seconds} s left")
        }
        WaitingOn::Evidence { unknown, .. } => unknown.clone(),
        WaitingOn::Draining { fleet, draining, .. } => format!("{draining} targets of {fleet} finish their requests"),
        WaitingOn::RollbackWindow { .. } => format!("blue stays warm: {left} s left"),
        WaitingOn::BlueHealth { target_group, healthy, required, .. } => {
            format!("blue: {healthy} of {required} targets healthy in {target_group}")
        }
        WaitingOn::Person { choices, .. } => choices.clone(),
    };
    format!("{}: {what}", waiting_on.kind())
}
