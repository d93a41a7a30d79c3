//! The narrator: what happened in the account, told from AWS's side, in the order in which it happened.

use std::collections::BTreeSet;

use cutover::release::Status;
use serde_json::Value;
use simulated_aws::api::{Call, Millis};
use simulated_aws::world::{Arrived, Delivery, DeliveryKind, Outcome, World};

use crate::account::Account;

/// One thing that happened.
pub struct News {
    /// When.
    pub at: Millis,
    /// Who did it.
    pub who: &'static str,
    /// What.
    pub what: String,
}

/// Remembers how far it has told.
#[derive(Default)]
pub struct Narrator {
    fleets: BTreeSet<String>,
    events: usize,
    writes: usize,
    announced: usize,
}

impl Narrator {
    /// All that happened since it was asked before.
    pub fn news(&mut self, account: &Account) -> Vec<News> {
        let begun = account.driver.begun();
        let announcements = account.announcements();
        let mut news = account.wire.world(|world| {
            let mut news = self.fleets(world);
            let writes: Vec<&Arrived> = world.writes().collect();
            news.extend(writes.iter().skip(self.writes).map(|write| told_write(world, write)));
            self.writes = writes.len();
            let announced = world.announced().iter().zip(&announcements).skip(self.announced);
            news.extend(announced.map(|(announced, report)| News {
                at: announced.at,
                who: "cutover",
                what: told(report),
            }));
            self.announced = announcements.len();
            news
        });
        news.extend(begun.iter().skip(self.events).map(told_event));
        self.events = begun.len();
        news.sort_by_key(|news| news.at);
        news
    }

    fn fleets(&mut self, world: &World) -> Vec<News> {
        let created = world.floors().iter().filter(|floor| floor.by == "created");
        let new: Vec<_> = created.filter(|floor| self.fleets.insert(floor.fleet.clone())).collect();
        new.iter()
            .map(|floor| {
                let (_, desired, _) = world.sizes(&floor.fleet).unwrap_or_default();
                let what = format!("creates Auto Scaling group {}, {desired} instances", floor.fleet);
                News { at: floor.at, who: "pipeline", what }
            })
            .collect()
    }
}

/// An announcement: where the release stands now, or how it ended, and why.
fn told(report: &Value) -> String {
    let text = |field: &str| report[field].as_str().unwrap_or_default();
    let under_way = report["next_check_seconds"] != 0 && report["status"] == Status::InProgress.as_str();
    let word = if under_way { text("stage") } else { text("status") };
    format!("{} {word}: {}", text("release"), text("message"))
}

/// A write of Cutover's as AWS received it.
fn told_write(world: &World, write: &Arrived) -> News {
    let groups = |arns: &[String]| arns.iter().filter_map(|arn| arn.split('/').nth(1)).collect::<Vec<_>>().join(", ");
    let what = match &write.call {
        Call::AttachLoadBalancerTargetGroups { asg, target_group_arns } => {
            format!("attaches {asg} to {}", groups(target_group_arns))
        }
        Call::DetachLoadBalancerTargetGroups { asg, target_group_arns } => {
            format!("detaches {asg} from {}", groups(target_group_arns))
        }
        Call::UpdateAutoScalingGroup { asg, desired_capacity: Some(0), .. } => format!("scales {asg} to zero"),
        Call::UpdateAutoScalingGroup { asg, min_size: Some(min), .. } => {
            let own = world.floors().iter().filter(|floor| floor.fleet == *asg);
            let before =
                own.rev().find(|floor| floor.at < write.at || floor.by == "created").map_or(0, |floor| floor.min);
            let held = if *min > before { "holds the size of" } else { "gives back the floor of" };
            format!("{held} {asg}: MinSize {before} → {min}")
        }
        call => format!("calls {} on {}", call.operation(), call.subjects().join(", ")),
    };
    let refused = match &write.outcome {
        Outcome::Refused(code) => format!(": refused, {code}"),
        _ => String::new(),
    };
    News { at: write.at, who: "cutover", what: what + &refused }
}

/// An event on its way to the function.
fn told_event(event: &Delivery) -> News {
    let kind = event.payload["detail-type"].as_str().unwrap_or("event");
    let what = match event.kind {
        DeliveryKind::AlarmEvent => {
            let state = event.payload["detail"]["state"]["value"].as_str().unwrap_or_default();
            format!("{kind}: {} is {state}", event.subject)
        }
        _ => format!("{kind}: {}", event.subject),
    };
    News { at: event.due, who: "event", what }
}
