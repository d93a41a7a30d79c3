//! What happens in a world besides: trouble of AWS's own, people's hands, a person who leads out of a halt.

use super::versions::Versions;
use super::{LONGEST, Play, SIDE_BY_SIDE};
use crate::agenda::Task;
use crate::law::Violation;
use crate::setting::{App, choose};
use crate::trouble::Chaos;
use crate::watch::{OPT_IN, Write};
use cutover::release::{Application, Timestamp};
use serde_json::{Value, json};
use simulated_aws::api::StateValue;
use simulated_aws::ports::{LedgerFault, LedgerOperation};
use simulated_aws::world::{Hand, Health, alarm};

impl Play {
    pub fn perform(&mut self, task: Task) -> Result<(), Violation> {
        match task {
            Task::Again(app) => return self.look_again(app),
            Task::Launch(app) => self.launch(app),
            Task::Deliver(name, payload) => self.invoke(name.to_owned(), &payload, None),
            Task::Command(name, payload) => self.command(name, &payload),
            Task::Check(app) => {
                let payload = json!({"command": "check", "application": self.apps[app].name});
                self.invoke("the workflow: check".to_owned(), &payload, Some(app));
            }
            Task::Burst(app) => self.burst(app),
            Task::Hand(name, hand) => self.hand(name, *hand),
            Task::Remake(app, fleet) => self.remake(app, &fleet),
            Task::Mend(name) => self.mend(&name),
            Task::Calls => self.calls_fail(),
            Task::Table => self.table_fails(),
            Task::TableHeals => self.sim.record().faults.heal(),
            Task::Chaos(app) => self.chaos(app),
            Task::Person(app) => self.person(app),
        }
        Ok(())
    }

    fn command(&mut self, name: &'static str, payload: &Value) {
        let struck = match name {
            "promote" => "a person promotes",
            "pause" => "a person pauses",
            "rollback" => "a person rolls back",
            "attach" => "a person attaches by command",
            "check" => "a person checks",
            _ => "a person asks",
        };
        self.tally.struck(struck);
        if let Some(app) = self.about(payload) {
            self.meets(struck, app);
            self.judge.says(app, name);
        }
        self.invoke(format!("a person: {name}"), payload, None);
    }

    fn burst(&mut self, app: usize) {
        if self.going.len() + 1 < SIDE_BY_SIDE {
            self.struck("invocations at once");
        }
        for _ in 0..self.rng.usize(2..=SIDE_BY_SIDE) {
            let check = json!({"command": "check", "application": self.apps[app].name});
            let payload = if self.rng.bool() { check } else { json!({"command": "check"}) };
            self.invoke("one of several".to_owned(), &payload, None);
        }
    }

    fn calls_fail(&mut self) {
        let now = self.now();
        let span = self.rng.i64(1_000..400_000);
        let mut rng = self.rng.fork();
        if self.strikes() {
            self.watch.borrow_mut().trouble(&mut rng, span);
            self.tell(|| format!("calls begin to fail, for {} s", span / 1000));
        }
        self.agenda.at(now + self.rng.i64(10_000..900_000), Task::Calls);
    }

    fn table_fails(&mut self) {
        let now = self.now();
        let span = self.rng.i64(1_000..200_000);
        let share = *choose(&mut self.rng, &[20, 100, 300]);
        let (kind, operation) =
            (self.rng.u8(0..7), *choose(&mut self.rng, &[LedgerOperation::Save, LedgerOperation::Take]));
        let applied = self.rng.bool();
        if self.strikes() {
            self.break_table(kind, share, now + span.min(90_000), operation, applied);
            self.tell(|| format!("the table fails, in way {kind}"));
        }
        self.agenda.at(now + span, Task::TableHeals);
        self.agenda.at(now + span + self.rng.i64(10_000..900_000), Task::Table);
    }

    fn break_table(&self, kind: u8, share: u16, away: i64, operation: LedgerOperation, applied: bool) {
        let faults = &mut self.sim.record().faults;
        match kind {
            0 => faults.away_until(Timestamp::from_millis(away)),
            1 => faults.throttled = share,
            2 => faults.lost = share,
            3 => faults.conflict = share,
            4 => faults.unavailable = share,
            5 => faults.slow = 3 * share,
            _ => faults.next(operation, LedgerFault::Lost { applied }),
        }
    }

    /// A hand moves; if that changes anything, it's counted, and where the releases that it concerns stand then.
    pub fn hand(&mut self, name: &'static str, hand: Hand) {
        let now = self.now();
        let deleted = self.deleted_by(&hand);
        let changed = self.watch.borrow_mut().world.hand(hand.clone());
        let of = self.concerned(&hand);
        self.tell(|| format!("{name}: {hand:?}{}", if changed { "" } else { ", which changes nothing" }));
        if !changed {
            return;
        }
        self.tally.struck(name);
        of.iter().for_each(|app| self.meets(name, *app));
        if of.len() > 1 && alarm_of(&hand).is_some() {
            self.tally.struck("a shared alarm changes");
            of.iter().for_each(|app| self.meets("a shared alarm changes", *app));
        }
        match &hand {
            Hand::DeleteAlarm(alarm) | Hand::Evaluation(alarm, Some(_)) => {
                self.broken.push(alarm.clone());
                self.judge.alarm_breaks(alarm, now);
            }
            Hand::CreateAlarm(spec) => {
                self.judge.alarm_mended(&spec.name, now);
                self.broken.retain(|broken| *broken != spec.name);
            }
            Hand::DeleteFleet(_) => deleted.into_iter().for_each(|arn| self.judge.deleted(arn)),
            Hand::Attach(..) | Hand::Detach(..) | Hand::CreateFleet(_) | Hand::Tag(..) => self.judge.hand(&hand, now),
            _ => {}
        }
    }

    /// The ARN of the fleet that a hand deletes.
    fn deleted_by(&self, hand: &Hand) -> Option<String> {
        let Hand::DeleteFleet(fleet) = hand else { return None };
        self.watch.borrow().world.fleet_arn(fleet).map(str::to_owned)
    }

    /// Something strikes: counted, also in which stage it meets the releases that run.
    pub fn struck(&mut self, fault: &'static str) {
        self.tally.struck(fault);
        for app in 0..self.apps.len() {
            self.meets(fault, app);
        }
    }

    /// The same of what concerns one application, if it's known which.
    pub fn strikes_at(&mut self, fault: &'static str, about: Option<usize>) {
        match about {
            None => self.struck(fault),
            Some(app) => {
                self.tally.struck(fault);
                self.meets(fault, app);
            }
        }
    }

    /// A fault or a hand meets the release that runs of an application, if one does.
    pub fn meets(&mut self, fault: &'static str, app: usize) {
        let stage = |item: &Application| {
            let release = item.running.as_ref()?;
            Some((release.id.to_string(), if release.halted() { "halt" } else { release.stage.as_str() }))
        };
        if let Some((release, stage)) = self.item(app, stage).flatten() {
            *self.tally.met.entry((stage, fault)).or_default() += 1;
            self.judge.met(&release, fault);
        }
    }

    /// Whether the next piece of trouble strikes: not, if it's left out to make a story short.
    pub fn strikes(&mut self) -> bool {
        self.trouble += 1;
        !self.left_out.contains(&self.trouble)
    }

    /// The applications that a hand concerns: of an alarm, all that watch it; of a load balancer, all.
    fn concerned(&self, hand: &Hand) -> Vec<usize> {
        let is = |app: &App| match (alarm_of(hand), fleet_of(hand)) {
            (Some(alarm), _) => app.alarms.iter().any(|watched| watched == alarm),
            (_, Some(fleet)) => fleet.split('-').next() == Some(&app.name),
            _ => true,
        };
        (0..self.apps.len()).filter(|app| is(&self.apps[*app])).collect()
    }

    /// An alarm exists again, or is judged again.
    pub fn mend(&mut self, name: &str) {
        self.tell(|| format!("alarm {name} is mended"));
        let mut watch = self.watch.borrow_mut();
        match watch.world.alarm_state(name) {
            Some(_) => drop(watch.world.hand(Hand::Evaluation(name.to_owned(), None))),
            None => {
                watch.world.hand(Hand::CreateAlarm(Box::new(alarm(name))));
                watch.world.hand(Hand::SetAlarm(name.to_owned(), StateValue::Ok));
            }
        }
        drop(watch);
        self.broken.retain(|broken| broken != name);
        let now = self.now();
        self.judge.alarm_mended(name, now);
    }

    pub fn chaos(&mut self, app: usize) {
        let number = app;
        let now = self.now();
        let acts = {
            let watch = self.watch.borrow();
            let names = watch.world.fleet_names();
            let fleets = self.versions[app].fleets.iter().filter(|name| names.contains(name)).cloned().collect();
            let chaos = Chaos {
                classes: self.classes,
                app: &self.apps[app],
                world: &watch.world,
                fleets,
                broken: &self.broken,
            };
            chaos.strike(&mut self.rng, number)
        };
        if !self.strikes() {
            return;
        }
        for (after, task) in acts {
            self.agenda.at(now + after, task);
        }
    }

    /// The worst moment is just behind a write.
    pub fn follow(&mut self, write: &Write) {
        let fleet = write.call.subjects().first().map(|name| (*name).to_owned()).unwrap_or_default();
        let app = self.apps.iter().position(|app| fleet.starts_with(&app.name));
        if let Some(app) = app.filter(|_| !self.calm && self.rng.u8(0..100) < 12) {
            let at = self.now() + self.rng.i64(0..i64::from(self.settle) * 2_000);
            self.agenda.at(at, Task::Chaos(app));
        }
    }

    /// A person leads out of a halt.
    pub fn person(&mut self, app: usize) {
        let halted = |item: &Application| item.running.clone().filter(|release| release.halted());
        let Some(release) = self.item(app, halted).flatten() else { return };
        self.persons += 1;
        let name = self.apps[app].name.clone();
        let green = release.green.fleet.to_string();
        let group = choose(&mut self.rng, &self.apps[app].groups).clone();
        // After a few gentle attempts the person does what surely ends it.
        let dice = if self.persons > 4 { 3 } else { self.rng.u8(0..5) };
        match dice {
            0 => self.command("promote", &json!({"command": "promote", "application": name, "by": "ann"})),
            1 => {
                for style in [simulated_aws::world::Style::TargetGroups, simulated_aws::world::Style::TrafficSources] {
                    self.hand("a person detaches", Hand::Detach(green.clone(), group.clone(), style));
                }
            }
            2 => {
                for member in &release.blue {
                    self.hand(
                        "health checks pass again",
                        Hand::Health(member.fleet.to_string(), None, Health::after(5)),
                    );
                }
            }
            3 if !release.green.gone => self.hand("a person deletes a fleet", Hand::DeleteFleet(green)),
            3 => {
                for member in &release.blue {
                    for group in member.found_groups() {
                        let style = match member.style {
                            cutover::release::Style::TargetGroups => simulated_aws::world::Style::TargetGroups,
                            cutover::release::Style::TrafficSources => simulated_aws::world::Style::TrafficSources,
                        };
                        let hand = Hand::Attach(member.fleet.to_string(), group.short().to_owned(), style);
                        self.hand("a person attaches", hand);
                    }
                }
            }
            _ => {
                for member in &release.blue {
                    self.hand("a person deletes a fleet", Hand::DeleteFleet(member.fleet.to_string()));
                }
            }
        }
        let at = self.now() + 1_200_000;
        self.agenda.at(at, Task::Person(app));
    }

    /// Once every version has been there for a while, trouble ends. True when it has just ended.
    pub fn calm_down(&mut self) -> bool {
        let now = self.now();
        let all =
            |(app, versions): (&App, &Versions)| versions.launched >= app.versions && now - versions.since > 1_200_000;
        let late = now - self.start > LONGEST;
        if self.calm || !(late || self.apps.iter().zip(&self.versions).all(all)) {
            return false;
        }
        self.calm = true;
        self.tell(|| "the trouble ends".to_owned());
        for app in 0..self.apps.len() {
            if let Some(release) = self.item(app, |item| Some(item.running.as_ref()?.id.to_string())).flatten() {
                self.judge.calms_down(&release);
            }
        }
        self.agenda.calm();
        let mut watch = self.watch.borrow_mut();
        watch.windows.clear();
        watch.stale = (0, 0);
        drop(watch);
        self.sim.record().faults.heal();
        for name in self.broken.clone() {
            self.mend(&name);
        }
        let mut watch = self.watch.borrow_mut();
        for zone in ["eu-west-1a", "eu-west-1b"] {
            watch.world.hand(Hand::Zone("alb".to_owned(), zone.to_owned(), true));
            watch.world.hand(Hand::Zone("nlb".to_owned(), zone.to_owned(), true));
        }
        for fleet in watch.world.fleet_names() {
            if !watch.world.tagged(&fleet, OPT_IN) {
                let application = fleet.split('-').next().map(str::to_owned);
                watch.world.hand(Hand::Tag(fleet.clone(), OPT_IN.to_owned(), application));
            }
            for process in ["AddToLoadBalancer", "Launch", "ReplaceUnhealthy"] {
                watch.world.hand(Hand::Resume(fleet.clone(), process.to_owned()));
            }
        }
        true
    }
}

/// The alarm that a hand is about.
fn alarm_of(hand: &Hand) -> Option<&str> {
    match hand {
        Hand::CreateAlarm(spec) => Some(&spec.name),
        Hand::DeleteAlarm(alarm) | Hand::SetAlarm(alarm, _) | Hand::Evaluation(alarm, _) => Some(alarm),
        _ => None,
    }
}

/// The fleet that a hand is about.
fn fleet_of(hand: &Hand) -> Option<&str> {
    match hand {
        Hand::CreateFleet(spec) => Some(&spec.name),
        Hand::DeleteFleet(fleet)
        | Hand::Tag(fleet, ..)
        | Hand::Kill(fleet, _)
        | Hand::Resize(fleet, ..)
        | Hand::ScheduledAction(fleet, ..)
        | Hand::Scale(fleet, _)
        | Hand::Suspend(fleet, _)
        | Hand::Resume(fleet, _)
        | Hand::StartRefresh(fleet, _)
        | Hand::CancelRefresh(fleet)
        | Hand::Attach(fleet, ..)
        | Hand::Detach(fleet, ..)
        | Hand::Health(fleet, ..)
        | Hand::Errors(fleet, _) => Some(fleet),
        _ => None,
    }
}
