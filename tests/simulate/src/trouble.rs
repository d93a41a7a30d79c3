//! Trouble of the world's own and by people's hands, chosen from the seed at the moment at which it strikes.

use crate::agenda::Task;
use crate::faults::{Class, Classes};
use crate::setting::{App, choose};
use crate::watch::OPT_IN;
use serde_json::json;
use simulated_aws::api::{EvaluationState, StateValue};
use simulated_aws::world::{Hand, Health, Style, World, alarm};

/// What chaos may come to.
pub struct Chaos<'a> {
    /// What may strike.
    pub classes: Classes,
    /// Whom it strikes.
    pub app: &'a App,
    /// The world as it is.
    pub world: &'a World,
    /// Its application's fleets, oldest first.
    pub fleets: Vec<String>,
    /// Alarms that are missing or impaired: not to be broken twice.
    pub broken: &'a [String],
}

/// Tags that people change, and the most that they write.
const RETAGGED: [(&str, u32); 6] = [
    ("cutover:bake-time-seconds", 120),
    ("cutover:rollback-window-seconds", 120),
    ("cutover:healthy-percent", 100),
    ("cutover:rollback-healthy-percent", 100),
    ("cutover:attach-timeout-seconds", 600),
    ("cutover:prepare-timeout-seconds", 600),
];

/// The longest pause that a person asks for here, in seconds.
pub const LONGEST_PAUSE: u32 = 300;

/// The classes that chaos draws from, by weight.
const DRAWS: [(Class, u32); 6] = [
    (Class::Instances, 4),
    (Class::Scaling, 3),
    (Class::Alarms, 4),
    (Class::Commands, 3),
    (Class::Hands, 4),
    (Class::Overlap, 2),
];

impl Chaos<'_> {
    /// Something of a class that is on: now, and what follows after some milliseconds.
    pub fn strike(&self, rng: &mut fastrand::Rng, number: usize) -> Vec<(i64, Task)> {
        let on: Vec<_> = DRAWS.iter().filter(|(class, _)| self.classes.has(*class)).collect();
        let mut dice = rng.u32(0..on.iter().map(|(_, weight)| weight).sum::<u32>().max(1));
        for (class, weight) in on {
            if dice < *weight {
                return self.of(*class, rng, number);
            }
            dice -= weight;
        }
        Vec::new()
    }

    fn of(&self, class: Class, rng: &mut fastrand::Rng, number: usize) -> Vec<(i64, Task)> {
        match class {
            Class::Instances => self.instances(rng),
            Class::Scaling => self.scaling(rng),
            Class::Alarms => self.alarms(rng),
            Class::Commands => vec![(0, self.command(rng))],
            Class::Hands => self.hands(rng, number),
            _ => vec![(0, Task::Burst(number))],
        }
    }

    /// Mostly the youngest or the one before it: that is where a release is.
    fn fleet(&self, rng: &mut fastrand::Rng) -> String {
        let recent: Vec<&String> = self.fleets.iter().rev().take(3).collect();
        recent.get(rng.usize(0..recent.len().max(1))).map(|name| (*name).clone()).unwrap_or_default()
    }

    fn instances(&self, rng: &mut fastrand::Rng) -> Vec<(i64, Task)> {
        let fleet = self.fleet(rng);
        let hand = |name, hand| (0, Task::Hand(name, Box::new(hand)));
        let count = self.world.in_service(&fleet).len();
        match rng.u8(0..10) {
            0..4 => vec![hand("an instance dies", Hand::Kill(fleet, 1))],
            4 => vec![hand("every instance of a fleet dies", Hand::Kill(fleet, count))],
            5 => vec![hand("half of a fleet dies", Hand::Kill(fleet, count.div_ceil(2)))],
            6 => {
                let (balancer, zone) = (*choose(rng, &["alb", "nlb"]), *choose(rng, &["eu-west-1a", "eu-west-1b"]));
                let zone = |on| Hand::Zone(balancer.to_owned(), zone.to_owned(), on);
                let back = Task::Hand("a zone comes back", Box::new(zone(true)));
                vec![hand("a zone is lost", zone(false)), (rng.i64(20_000..300_000), back)]
            }
            _ => {
                let health = *choose(rng, &[Health::never(), Health::flapping(40, 25), Health::after(60)]);
                let back = Hand::Health(fleet.clone(), None, Health::after(5));
                let back = Task::Hand("health checks pass again", Box::new(back));
                let broken = hand("health checks fail", Hand::Health(fleet, None, health));
                vec![broken, (rng.i64(20_000..600_000), back)]
            }
        }
    }

    fn scaling(&self, rng: &mut fastrand::Rng) -> Vec<(i64, Task)> {
        let fleet = self.fleet(rng);
        let Some((min, desired, max)) = self.world.sizes(&fleet) else { return Vec::new() };
        let (name, hand) = match rng.u8(0..6) {
            0 | 1 => ("scale-in", Hand::Scale(fleet, min.max(desired - rng.i32(1..=3)))),
            2 | 3 => ("scale-out", Hand::Scale(fleet, max.min(desired + rng.i32(1..=3)))),
            4 => ("scheduled action", Hand::ScheduledAction(fleet, None, Some(rng.i32(min..=max)), None)),
            _ => ("scheduled action", Hand::ScheduledAction(fleet, Some(rng.i32(0..=desired)), None, None)),
        };
        vec![(0, Task::Hand(name, Box::new(hand)))]
    }

    fn alarms(&self, rng: &mut fastrand::Rng) -> Vec<(i64, Task)> {
        let fleet = self.fleet(rng);
        let hand = |name, hand| (0, Task::Hand(name, Box::new(hand)));
        let later = |after, name, hand| (after, Task::Hand(name, Box::new(hand)));
        let whole: Vec<&String> = self.app.by_hand.iter().filter(|name| !self.broken.contains(name)).collect();
        let Some(name) = whole.get(rng.usize(0..whole.len().max(1))).map(|name| (*name).clone()) else {
            return vec![hand("a fleet answers with errors", Hand::Errors(fleet, 0.5))];
        };
        let set = |state| Hand::SetAlarm(name.clone(), state);
        match rng.u8(0..12) {
            0..3 => vec![
                hand("an alarm goes off", set(StateValue::Alarm)),
                later(rng.i64(60_000..600_000), "an alarm recovers", set(StateValue::Ok)),
            ],
            // Gone before anybody looks.
            3..6 => vec![
                hand("an alarm flaps", set(StateValue::Alarm)),
                later(rng.i64(1..20_000), "an alarm recovers", set(StateValue::Ok)),
            ],
            6 => vec![
                hand("an alarm has no data", set(StateValue::InsufficientData)),
                later(rng.i64(10_000..400_000), "an alarm recovers", set(StateValue::Ok)),
            ],
            7 => vec![
                hand("an alarm is deleted", Hand::DeleteAlarm(name.clone())),
                (rng.i64(10_000..400_000), Task::Mend(name)),
            ],
            8 => {
                let word = *choose(rng, &[EvaluationState::PartialData, EvaluationState::EvaluationError]);
                let impaired = hand("an alarm isn't evaluated", Hand::Evaluation(name.clone(), Some(word)));
                vec![impaired, (rng.i64(10_000..400_000), Task::Mend(name))]
            }
            9 => vec![
                hand("an alarm is deleted and made anew", Hand::DeleteAlarm(name.clone())),
                hand("an alarm exists again", Hand::CreateAlarm(Box::new(alarm(&name)))),
                later(rng.i64(10_000..100_000), "an alarm recovers", set(StateValue::Ok)),
            ],
            _ => vec![
                hand("a fleet answers with errors", Hand::Errors(fleet.clone(), 0.5)),
                later(rng.i64(60_000..400_000), "a fleet answers well again", Hand::Errors(fleet, 0.0)),
            ],
        }
    }

    /// A command of some person's.
    pub fn command(&self, rng: &mut fastrand::Rng) -> Task {
        let app = &self.app.name;
        let fleet = self.fleet(rng);
        match rng.u8(0..12) {
            0..3 => Task::Command("promote", json!({"command": "promote", "application": app, "by": "ann"})),
            3 => Task::Command(
                "pause",
                json!({"command": "pause", "application": app, "for_seconds": rng.u32(1..LONGEST_PAUSE), "by": "ann"}),
            ),
            4 | 5 => Task::Command("rollback", json!({"command": "rollback", "application": app, "by": "bob"})),
            6 => Task::Command("status", json!({"command": "status", "application": app})),
            7 => Task::Command("plan", json!({"command": "plan", "green": fleet})),
            8 => Task::Command("list", json!({"command": "list"})),
            9 => Task::Command("history", json!({"command": "history", "application": app})),
            10 => Task::Command("attach", json!({"command": "attach", "green": fleet, "by": "pipeline"})),
            _ => Task::Command("check", json!({"command": "check", "application": app})),
        }
    }

    fn hands(&self, rng: &mut fastrand::Rng, number: usize) -> Vec<(i64, Task)> {
        let fleet = self.fleet(rng);
        let group = choose(rng, &self.app.groups).clone();
        let Some((min, desired, max)) = self.world.sizes(&fleet) else { return Vec::new() };
        let style = *choose(rng, &[Style::TargetGroups, Style::TrafficSources]);
        let (name, hand) = match rng.u8(0..21) {
            0..3 => ("a person attaches", Hand::Attach(fleet, group, style)),
            3..6 => ("a person detaches", Hand::Detach(fleet, group, style)),
            6 | 20 if rng.bool() => {
                let deleted = Task::Hand("a person deletes a fleet", Box::new(Hand::DeleteFleet(fleet.clone())));
                return vec![(0, deleted), (rng.i64(1_000..120_000), Task::Remake(number, fleet))];
            }
            6 | 20 => ("a person deletes a fleet", Hand::DeleteFleet(fleet)),
            7..11 => ("a person writes MinSize", Hand::Resize(fleet, Some(rng.i32(0..=max)), None, None)),
            11 => ("a person writes sizes", Hand::Resize(fleet, Some(min), Some(rng.i32(min..=max)), Some(max + 1))),
            12..15 => {
                let seconds = rng.i64(20..300);
                let cancel =
                    Task::Hand("an instance refresh is cancelled", Box::new(Hand::CancelRefresh(fleet.clone())));
                let start = Task::Hand("an instance refresh", Box::new(Hand::StartRefresh(fleet, seconds)));
                let cancelled = (rng.i64(1_000..seconds * 2_000), cancel);
                return std::iter::once((0, start)).chain(Some(cancelled).filter(|_| rng.bool())).collect();
            }
            15 => {
                let (tag, most) = *choose(rng, &RETAGGED);
                ("a tag is changed", Hand::Tag(fleet, tag.to_owned(), Some(rng.u32(1..=most).to_string())))
            }
            16 => {
                let tag = |value| Box::new(Hand::Tag(fleet.clone(), OPT_IN.to_owned(), value));
                let gone = (0, Task::Hand("a tag is taken away", tag(None)));
                let back = Task::Hand("a tag is put back", tag(Some(self.app.name.clone())));
                return vec![gone, (rng.i64(1_000..300_000), back)];
            }
            17 => {
                let process = *choose(rng, &["AddToLoadBalancer", "Launch", "ReplaceUnhealthy"]);
                let suspend = Hand::Suspend(fleet.clone(), process.to_owned());
                let resume = Hand::Resume(fleet, process.to_owned());
                let later = Task::Hand("a process goes on", Box::new(resume));
                let now = Task::Hand("a process is suspended", Box::new(suspend));
                return vec![(0, now), (rng.i64(10_000..400_000), later)];
            }
            _ => ("a person writes MinSize", Hand::Resize(fleet, Some(min.min(desired)), None, None)),
        };
        vec![(0, Task::Hand(name, Box::new(hand)))]
    }
}
