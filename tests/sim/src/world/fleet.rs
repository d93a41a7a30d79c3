//! Fleets: what an Auto Scaling group is, and the life of its instances.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::World;
use super::attachment::Attachment;
use super::names;
use super::queue::Due;
use super::refresh::Refresh;
use super::spec::{Behaviour, FleetSpec, Style};
use super::target::Condition;
use crate::api::{AttachmentState, LaunchTemplate, LifecycleState, Millis};

/// An instance of a fleet.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) zone: String,
    pub(crate) state: LifecycleState,
    /// It has stopped working; its fleet may not know yet.
    pub(crate) dead: bool,
    /// Its fleet means to replace it.
    pub(crate) unhealthy: bool,
    pub(crate) launched: Millis,
}

/// Sizes and attachments as they were; what a stale read shows.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    /// Until when they were so.
    pub(crate) until: Millis,
    pub(crate) min: i32,
    pub(crate) max: i32,
    pub(crate) desired: i32,
    pub(crate) attachments: BTreeMap<(String, Style), Attachment>,
}

/// An Auto Scaling group. Keyed by name.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) created: Millis,
    pub(crate) min: i32,
    pub(crate) max: i32,
    pub(crate) desired: i32,
    pub(crate) zones: Vec<String>,
    pub(crate) health_check_type: String,
    pub(crate) grace: Millis,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) suspended: BTreeSet<String>,
    pub(crate) weight: Option<i32>,
    pub(crate) template: Arc<LaunchTemplate>,
    pub(crate) instances: BTreeMap<String, Member>,
    pub(crate) attachments: BTreeMap<(String, Style), Attachment>,
    /// Classic load balancers; nobody attaches or detaches them here.
    pub(crate) classic: Vec<String>,
    pub(crate) refreshes: Vec<Refresh>,
    pub(crate) behaviour: Behaviour,
    pub(crate) deleting: bool,
    /// When its last write arrived, for ResourceContention.
    pub(crate) written: Option<Millis>,
    /// When its first request arrived.
    pub(crate) first_request: Option<Millis>,
    pub(crate) past: VecDeque<Past>,
    /// A launch, or the retry of one, is under way that came to nothing.
    pub(crate) failing: bool,
}

impl Fleet {
    pub(crate) fn is_suspended(&self, process: &str) -> bool {
        self.suspended.contains(process)
    }

    pub(crate) fn checks_elb(&self) -> bool {
        self.health_check_type.split(',').any(|kind| kind.trim() == "ELB")
    }

    /// Capacity that is there or coming, in the fleet's unit.
    pub(crate) fn capacity(&self) -> i32 {
        let live = |member: &&Member| matches!(member.state, LifecycleState::Pending | LifecycleState::InService);
        self.instances.values().filter(live).count() as i32 * self.weight.unwrap_or(1)
    }
}

impl World {
    /// Makes a fleet. One that the world begins with stands already: in service, its attachments and targets settled.
    pub(crate) fn add_fleet(&mut self, spec: FleetSpec, standing: bool) {
        let name = spec.name.clone();
        let number = self.make();
        let template = Arc::new(spec.launch_template());
        let fleet = Fleet {
            name: name.clone(),
            arn: names::fleet_arn(&name, number),
            created: if standing { self.now - spec.age * 1000 } else { self.now },
            min: spec.min,
            max: spec.max,
            desired: spec.desired,
            zones: spec.zones,
            health_check_type: spec.health_check_type,
            grace: Millis::from(spec.grace) * 1000,
            tags: spec.tags.into_iter().collect(),
            suspended: spec.suspended.into_iter().collect(),
            weight: spec.weight,
            template,
            instances: BTreeMap::new(),
            attachments: BTreeMap::new(),
            classic: spec.classic,
            refreshes: Vec::new(),
            behaviour: spec.behaviour,
            deleting: false,
            written: None,
            first_request: None,
            past: VecDeque::new(),
            failing: false,
        };
        self.fleets.insert(name.clone(), fleet);
        for (group, style) in spec.attached {
            // What is attached at creation is InService at once, whatever its health (AWS.md 1).
            let arn = self.group_arn(&group).unwrap_or(group);
            let attachment = Attachment { state: AttachmentState::InService, since: self.now };
            if let Some(fleet) = self.fleets.get_mut(&name) {
                fleet.attachments.insert((arn, style), attachment);
            }
        }
        self.note_floor(&name, "created");
        if standing {
            self.stand(&name);
        } else {
            self.announce_created(&name);
            self.reconcile(&name);
        }
    }

    /// Puts a fleet's instances in service and its targets where their health leads, without any time passing.
    fn stand(&mut self, name: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let (weight, desired) = (fleet.weight.unwrap_or(1).max(1), fleet.desired);
        for _ in 0..(desired + weight - 1) / weight {
            let id = self.new_instance(name);
            let Some(fleet) = self.fleets.get_mut(name) else { return };
            let created = fleet.created;
            let Some(member) = fleet.instances.get_mut(&id) else { return };
            (member.state, member.launched) = (LifecycleState::InService, created);
            for arn in self.register_member(name, &id) {
                self.turn_target(&arn, &id, Condition::Checking);
                let never = self.settled_health(name, &arn, &id).is_none();
                let in_use = self
                    .groups
                    .get(&arn)
                    .is_some_and(|group| group.targets.get(&id).is_some_and(|target| self.in_use(group, &target.zone)));
                if in_use {
                    self.turn_target(&arn, &id, if never { Condition::Unhealthy } else { Condition::Healthy });
                }
            }
        }
    }

    fn settled_health(&self, fleet: &str, arn: &str, instance: &str) -> Option<Millis> {
        self.health_of(Some(fleet), arn, instance).healthy_after
    }

    /// Makes a Pending instance in the zone that has fewest.
    fn new_instance(&mut self, name: &str) -> String {
        let id = names::instance_id(self.make());
        let now = self.now;
        let Some(fleet) = self.fleets.get_mut(name) else { return id };
        let held = |zone: &String| fleet.instances.values().filter(|member| member.zone == *zone).count();
        let zone = fleet.zones.iter().min_by_key(|zone| held(zone)).cloned().unwrap_or_default();
        let member = Member { zone, state: LifecycleState::Pending, dead: false, unhealthy: false, launched: now };
        fleet.instances.insert(id.clone(), member);
        id
    }

    /// Begins one launch.
    pub(crate) fn launch(&mut self, name: &str) {
        let id = self.new_instance(name);
        let Some(fleet) = self.fleets.get(name) else { return };
        let at = self.now + fleet.behaviour.launch;
        self.schedule(at, Due::Launched { fleet: name.to_owned(), instance: id });
    }

    /// An instance is up: registered first, in service then (AWS.md 4), announced last.
    pub(crate) fn launched(&mut self, name: &str, id: &str) {
        let now = self.now;
        let Some(member) = self.fleets.get_mut(name).and_then(|fleet| fleet.instances.get_mut(id)) else { return };
        if member.state != LifecycleState::Pending {
            return;
        }
        (member.state, member.launched) = (LifecycleState::InService, now);
        self.register_member(name, id);
        self.announce_launch(name, id);
        self.settle_attachments(name);
    }

    /// Registers an instance with everything that its fleet is attached to; with AddToLoadBalancer suspended with nothing (AWS.md 4).
    pub(crate) fn register_member(&mut self, name: &str, id: &str) -> Vec<String> {
        let Some(fleet) = self.fleets.get(name) else { return Vec::new() };
        let Some(member) = fleet.instances.get(id) else { return Vec::new() };
        if fleet.is_suspended("AddToLoadBalancer") {
            return Vec::new();
        }
        let zone = member.zone.clone();
        let held = fleet.attachments.iter().filter(|(_, attachment)| attachment.state != AttachmentState::Removing);
        let mut arns: Vec<String> = held.map(|((arn, _), _)| arn.clone()).collect();
        arns.dedup();
        for arn in &arns {
            self.register(arn, id, Some(name), &zone);
        }
        arns
    }

    /// Begins an instance's end: deregistered first, so that its requests finish, then stopped.
    pub(crate) fn terminate(&mut self, name: &str, id: &str) {
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        let Some(member) = fleet.instances.get_mut(id) else { return };
        if member.state == LifecycleState::Terminating {
            return;
        }
        member.state = LifecycleState::Terminating;
        let registered: Vec<String> = self
            .groups
            .iter()
            .filter(|(_, group)| group.targets.contains_key(id))
            .map(|(arn, _)| arn.clone())
            .collect();
        for arn in &registered {
            self.deregister(arn, id);
        }
        if registered.is_empty() {
            self.drained_instance(name, id);
        }
    }

    /// A target of an instance is gone; an ending instance that is in no group any more ends.
    pub(crate) fn drained_instance(&mut self, name: &str, id: &str) {
        let Some(member) = self.fleets.get(name).and_then(|fleet| fleet.instances.get(id)) else { return };
        let registered = self.groups.values().any(|group| group.targets.contains_key(id));
        if member.state == LifecycleState::Terminating && !registered {
            let at = self.now + self.settings.termination;
            self.schedule(at, Due::Ended { fleet: name.to_owned(), instance: id.to_owned() });
        }
    }

    pub(crate) fn instance_ended(&mut self, name: &str, id: &str) {
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        fleet.instances.remove(id);
        if fleet.deleting && fleet.instances.is_empty() {
            self.fleets.remove(name);
            return;
        }
        self.reconcile(name);
    }

    /// Keeps a fleet's sizes and attachments as they are, for stale reads; to be called before they change.
    pub(crate) fn remember(&mut self, name: &str) {
        if self.settings.max_stale == 0 {
            return;
        }
        let (now, kept) = (self.now, self.now - self.settings.max_stale);
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        while fleet.past.front().is_some_and(|past| past.until < kept) {
            fleet.past.pop_front();
        }
        let past = Past {
            until: now,
            min: fleet.min,
            max: fleet.max,
            desired: fleet.desired,
            attachments: fleet.attachments.clone(),
        };
        fleet.past.push_back(past);
    }
}
