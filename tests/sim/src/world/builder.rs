//! The builder: a scenario's world in a few lines.

use super::alarm_spec::AlarmSpec;
use super::fault::FaultRule;
use super::queue::{Due, Queue};
use super::spec::{FleetSpec, GroupSpec};
use super::{DeliveryFaults, Settings, Subscriptions, World};
use crate::api::Millis;

/// 2026-01-05T12:00:00Z, a Monday: when a world begins that isn't told otherwise.
const START: Millis = 1_767_614_400_000;

/// A world to be. What is added stands already when the world begins: fleets in service, targets settled, alarms with a past.
/// Load balancers come before target groups, target groups before the fleets that are attached to them.
#[derive(Clone, Debug)]
pub struct WorldBuilder {
    world: World,
}

impl World {
    /// Begins a world.
    pub fn builder() -> WorldBuilder {
        WorldBuilder { world: World::empty(START, 0) }
    }

    fn empty(now: Millis, seed: u64) -> World {
        World {
            settings: Settings::default(),
            subscriptions: Subscriptions::default(),
            delivery_faults: DeliveryFaults::default(),
            now,
            queue: Queue::default(),
            rng: fastrand::Rng::with_seed(seed),
            made: 0,
            balancers: Default::default(),
            groups: Default::default(),
            fleets: Default::default(),
            alarms: Default::default(),
            alarm_history: Vec::new(),
            alarm_changes: Vec::new(),
            floors: Vec::new(),
            requests: Default::default(),
            outbox: Default::default(),
            faults: Default::default(),
            log: Default::default(),
        }
    }
}

impl WorldBuilder {
    /// Begins at this moment; to be said first.
    pub fn start(mut self, at: Millis) -> Self {
        self.world.now = at;
        self
    }

    /// Everything random follows from this.
    pub fn seed(mut self, seed: u64) -> Self {
        self.world.rng = fastrand::Rng::with_seed(seed);
        self
    }

    /// Changes settings.
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.world.settings);
        self
    }

    /// Which events reach Cutover.
    pub fn subscriptions(mut self, change: impl FnOnce(&mut Subscriptions)) -> Self {
        change(&mut self.world.subscriptions);
        self
    }

    /// What goes wrong with deliveries.
    pub fn deliveries(mut self, faults: DeliveryFaults) -> Self {
        self.world.delivery_faults = faults;
        self
    }

    /// An Application Load Balancer in both zones.
    pub fn load_balancer(mut self, name: &str) -> Self {
        self.world.add_balancer(name, false, &["eu-west-1a", "eu-west-1b"]);
        self
    }

    /// A Network Load Balancer in both zones.
    pub fn network_load_balancer(mut self, name: &str) -> Self {
        self.world.add_balancer(name, true, &["eu-west-1a", "eu-west-1b"]);
        self
    }

    /// An Application Load Balancer in these zones.
    pub fn load_balancer_in(mut self, name: &str, zones: &[&str]) -> Self {
        self.world.add_balancer(name, false, zones);
        self
    }

    /// A target group.
    pub fn group(mut self, spec: GroupSpec) -> Self {
        self.world.add_group(spec);
        self
    }

    /// A fleet that stands already.
    pub fn fleet(mut self, spec: FleetSpec) -> Self {
        self.world.add_fleet(spec, true);
        self
    }

    /// An alarm with a past.
    pub fn alarm(mut self, spec: AlarmSpec) -> Self {
        self.world.add_alarm(spec, true);
        self
    }

    /// A rule by which calls fail.
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.world.add_fault(rule);
        self
    }

    /// The world.
    pub fn build(mut self) -> World {
        let world = &mut self.world;
        world.dirty_all();
        world.reflow();
        let minute = (world.now.div_euclid(60_000) + 1) * 60_000;
        world.schedule(minute, Due::Minute);
        self.world
    }
}
