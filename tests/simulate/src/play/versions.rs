//! New versions: which fleets appear when, and with which policy.

use super::Play;
use crate::agenda::Task;
use crate::faults::Class;
use crate::setting;
use serde_json::json;
use simulated_aws::world::{FleetSpec, Hand, Health};

/// What is known of an application's fleets and its last versions.
#[derive(Default)]
pub struct Versions {
    /// Every fleet that it had, oldest first.
    pub fleets: Vec<String>,
    /// How many have been launched.
    pub launched: u32,
    /// The next one is planned.
    pub planned: bool,
    /// When the last one was launched.
    pub since: i64,
    /// A workflow checks it.
    pub workflow: bool,
}

/// A fleet with its release's policy as tags.
fn tagged(spec: FleetSpec, policy: &[(&'static str, String)]) -> FleetSpec {
    policy.iter().fold(spec, |spec, (field, value)| spec.tag(&format!("cutover:{}", field.replace('_', "-")), value))
}

impl Play {
    /// What is known from the beginning: the first versions, and when trouble comes.
    pub fn plan(&mut self) {
        let now = self.now();
        for app in 0..self.apps.len() {
            let at = now + self.rng.i64(1_000..120_000);
            self.versions[app].planned = true;
            self.agenda.at(at, Task::Launch(app));
        }
        if self.classes.has(Class::Calls) {
            self.agenda.at(now + self.rng.i64(0..600_000), Task::Calls);
        }
        if self.classes.has(Class::Table) {
            self.agenda.at(now + self.rng.i64(0..600_000), Task::Table);
        }
        if self.classes.has(Class::Stale) {
            // Two clocks may differ by 2 s, so a reading that counts may be that much closer to the write.
            let most = (i64::from(self.settle) * 1000 - 2_500).max(0);
            self.watch.borrow_mut().stale = (self.rng.u32(20..300), most);
        }
    }

    /// A new version appears, as a tool or a person makes it.
    pub fn launch(&mut self, app: usize) {
        let now = self.now();
        if self.item(app, |item| item.running.is_some()).unwrap_or(false) {
            self.tally.struck("a version during a release");
            self.meets("a version during a release", app);
        }
        let versions = &mut self.versions[app];
        versions.launched += 1;
        versions.planned = false;
        versions.since = now;
        let name = format!("{}-{}", self.apps[app].name, versions.launched);
        versions.fleets.push(name.clone());
        let setup = self.apps[app].first.is_empty() && versions.launched == 1;
        let mut spec = setting::fleet_of(&mut self.rng, &name, &self.apps[app]);
        let policy = setting::policy(&mut self.rng, &self.apps[app], self.settle);
        spec = tagged(spec, &policy);
        let trouble = self.rng.u8(0..100);
        if self.classes.has(Class::Instances) && !self.calm {
            spec = match trouble {
                0..4 => spec.health(Health::never()),
                4..7 => spec.launch_fails("We currently do not have sufficient capacity"),
                7..10 => spec.health(Health::until_traffic(self.rng.i64(5..200))),
                10..13 => spec.health(Health::flapping(50, 20)),
                _ => spec,
            };
            let struck = match trouble {
                0..4 => Some("a version that is never healthy"),
                4..7 => Some("a version that can't be launched"),
                7..13 => Some("a version whose health fails later"),
                _ => None,
            };
            struck.into_iter().for_each(|struck| self.tally.struck(struck));
        }
        if self.classes.has(Class::Alarms) && !self.calm && (13..25).contains(&trouble) {
            self.tally.struck("a version that answers with errors");
            spec = spec.errors_after(self.rng.i64(0..400), 0.4);
        }
        let born = !setup && self.rng.u8(0..6) == 0;
        if born {
            spec = setting::attached(&mut self.rng, spec, &self.apps[app]);
        }
        self.judge.launched(app, &name, now, &policy);
        self.tell(|| format!("{name} appears{}: {policy:?}", if born { ", born attached" } else { "" }));
        self.watch.borrow_mut().world.hand(Hand::CreateFleet(Box::new(spec)));
        if self.rng.u8(0..6) == 0 {
            let command = json!({"command": "attach", "green": name, "client_token": format!("token-{name}")});
            let at = now + self.rng.i64(100..60_000);
            self.agenda.at(at, Task::Deliver("the workflow: attach", command));
            self.agenda.at(at + 5_000, Task::Check(app));
            self.versions[app].workflow = true;
        }
        self.plan_chaos(app, now);
        let more = self.versions[app].launched < self.apps[app].versions;
        if more && self.classes.has(Class::Versions) && !self.calm && self.rng.u8(0..3) == 0 {
            self.versions[app].planned = true;
            self.agenda.at(now + self.rng.i64(1_000..900_000), Task::Launch(app));
        }
    }

    fn plan_chaos(&mut self, app: usize, now: i64) {
        if self.rng.u8(0..4) == 0 {
            self.agenda.at(now + self.rng.i64(0..600_000), Task::Again(app));
        }
        for _ in 0..self.rng.u8(0..6) {
            let at = now + self.rng.i64(0..900_000);
            self.agenda.at(at, Task::Chaos(app));
        }
    }

    pub fn next_version(&mut self, app: usize) {
        let idle = self.item(app, |item| item.running.is_none() && item.queue.is_empty()).unwrap_or(true);
        let now = self.now();
        let versions = &mut self.versions[app];
        let waited = now - versions.since > 900_000 || self.judge.took_up(app);
        if idle && waited && !versions.planned && versions.launched < self.apps[app].versions {
            versions.planned = true;
            self.agenda.at(now + self.rng.i64(5_000..300_000), Task::Launch(app));
        }
    }

    /// A fleet is made anew under its old name, as somebody does who deletes and creates: another fleet, with the same
    /// tags.
    pub fn remake(&mut self, app: usize, fleet: &str) {
        let spec = setting::fleet_of(&mut self.rng, fleet, &self.apps[app]);
        let attached = self.rng.bool();
        let (now, policy) = (self.now(), self.judge.policy_of(app, fleet));
        let Some(policy) = policy.filter(|_| self.watch.borrow().world.fleet_arn(fleet).is_none()) else { return };
        let spec = tagged(spec, &policy);
        let spec = if attached { setting::attached(&mut self.rng, spec, &self.apps[app]) } else { spec };
        self.judge.launched(app, fleet, now, &policy);
        self.hand("a name is used again", Hand::CreateFleet(Box::new(spec)));
    }
}
