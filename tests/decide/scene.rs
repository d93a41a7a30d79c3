//! A release and a look at it, in few words: the world is an [`Observation`] that the actions of a decision change as
//! AWS would, so that each stage is reached by deciding, never by writing a record by hand.

use cutover::decide::{Action, Ask, Candidate, Context, Decision, decide, turn};
use cutover::release::policy::Alarms;
use cutover::release::*;
use std::collections::{BTreeMap, BTreeSet};

/// When every release here starts.
pub const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);

pub fn application() -> ApplicationName {
    ApplicationName::parse("web").unwrap()
}

pub fn fleet_name(name: &str) -> FleetName {
    FleetName::parse(name).unwrap()
}

pub fn fleet_arn(name: &str) -> FleetArn {
    let arn = format!("arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/{name}");
    FleetArn::parse(&arn).unwrap()
}

pub fn group_arn(name: &str) -> TargetGroupArn {
    let arn = format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/{name}/0123456789abcdef");
    TargetGroupArn::parse(&arn).unwrap()
}

pub fn alarm_name(name: &str) -> AlarmName {
    AlarmName::parse(name).unwrap()
}

pub fn unread<T>() -> Reading<T> {
    Err(Unread("throttled".to_owned()))
}

/// What a release is begun with.
pub struct Setting {
    /// Fleets that serve, each with the groups that it's on.
    pub blues: Vec<(&'static str, Vec<&'static str>)>,
    /// The groups that green is attached to from its creation.
    pub born: Vec<&'static str>,
    /// Every group.
    pub groups: Vec<&'static str>,
    /// The alarms that are watched.
    pub alarms: Vec<&'static str>,
    /// What the command says beside that.
    pub fields: PolicyFields,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            blues: vec![("blue", vec!["web"])],
            born: Vec::new(),
            groups: vec!["web"],
            alarms: vec!["errors"],
            fields: PolicyFields::default(),
        }
    }
}

/// A release beside the world that it's decided from.
#[derive(Clone, Debug)]
pub struct Scene {
    pub release: Release,
    pub seen: Observation,
}

impl Setting {
    pub fn with(fields: PolicyFields) -> Self {
        Self { fields, ..Self::default() }
    }

    /// The first set-up: no blue.
    pub fn alone() -> Self {
        Self { blues: Vec::new(), alarms: Vec::new(), ..Self::default() }
    }

    pub fn two_groups() -> Self {
        Self { blues: vec![("blue", vec!["web", "api"])], groups: vec!["web", "api"], ..Self::default() }
    }

    /// The world before anything happened: three instances each, all healthy where they're attached.
    pub fn world(&self) -> Observation {
        let mut scene = World::default();
        for group in &self.groups {
            scene.group(group);
        }
        for (blue, groups) in &self.blues {
            scene.fleet(blue, START - Span::seconds(86_400), groups);
        }
        scene.fleet("green", START - Span::seconds(60), &self.born);
        for alarm in &self.alarms {
            scene.alarm(alarm);
        }
        scene.0
    }

    fn candidate(&self) -> Candidate {
        let mut fields = self.fields.clone();
        if !self.alarms.is_empty() {
            let names = self.alarms.iter().map(|alarm| alarm_name(alarm)).collect();
            fields.alarms.get_or_insert(Alarms::Named(names));
        }
        if self.blues.is_empty() {
            let groups = self.groups.iter().map(|group| policy::TargetGroupRef::Arn(group_arn(group))).collect();
            fields.target_groups.get_or_insert(groups);
        }
        let origin = Origin {
            by: "ana".into(),
            request_id: "request".into(),
            commanded: true,
            client_token: None,
            fields,
            blue: None,
        };
        Candidate { green: fleet_name("green"), arn: None, origin }
    }

    /// The release as it is begun, before its first look.
    pub fn begin(&self) -> Scene {
        let seen = self.world();
        let defaults = PolicyFields::default();
        let context = Context { defaults: &defaults, pasts: &[], ended: None, subject: None };
        let turn = turn(&Application::new(application()), &Ask::Start(self.candidate()), &seen, &context).unwrap();
        Scene { release: turn.kept.into_iter().next().unwrap(), seen }
    }

    /// Its floors are held and settled: nothing is in the way of the attach.
    pub fn prepare(&self) -> Scene {
        let mut scene = self.begin();
        scene.go();
        scene.later(31);
        scene
    }

    /// Green was attached half a minute ago; its targets are in their first checks.
    pub fn attach(&self) -> Scene {
        let mut scene = self.prepare();
        scene.go();
        assert_eq!(scene.release.stage, Stage::Attach, "{:?}", scene.decide().waiting_on);
        scene.later(31);
        scene.all_targets("green", TargetHealth::Initial);
        scene
    }

    /// Both fleets have served for ten seconds.
    pub fn bake(&self) -> Scene {
        let mut scene = self.attach();
        scene.all_targets("green", TargetHealth::Healthy);
        scene.go();
        assert_eq!(scene.release.stage, Stage::Bake, "{:?}", scene.decide().waiting_on);
        scene.later(10);
        scene
    }

    /// Two fleets of three make six: green has grown to that, both have served for ten seconds.
    pub fn bake_of_six(&self) -> Scene {
        let mut scene = self.attach();
        assert_eq!(scene.fleet("green").sizes.desired, 6);
        scene.all_targets("green", TargetHealth::Healthy);
        scene.go();
        scene.later(10);
        scene
    }

    pub fn detach_of_six(&self) -> Scene {
        let mut scene = self.bake_of_six();
        scene.later(310);
        scene.go();
        scene.later(31);
        scene
    }

    /// Rolled back out of the window: blue is attached again.
    pub fn rollback_of_six(&self) -> Scene {
        let mut scene = self.detach_of_six();
        scene.drained("blue");
        scene.drained("blue2");
        scene.go();
        scene.later(10);
        scene.in_alarm("errors");
        scene.go();
        scene.later(31);
        scene
    }

    /// The bake is over.
    pub fn baked(&self) -> Scene {
        let mut scene = self.bake();
        scene.go();
        scene.later(300);
        scene
    }

    /// Blue was detached half a minute ago and drains.
    pub fn detach(&self) -> Scene {
        let mut scene = self.baked();
        scene.go();
        assert_eq!(scene.release.stage, Stage::Detach, "{:?}", scene.decide().waiting_on);
        scene.later(31);
        scene
    }

    /// Blue has been drained; the window is ten seconds old.
    pub fn watch(&self) -> Scene {
        let mut scene = self.detach();
        for (blue, _) in &self.blues {
            scene.drained(blue);
        }
        scene.go();
        assert_eq!(scene.release.stage, Stage::Watch, "{:?}", scene.decide().waiting_on);
        scene.later(10);
        scene
    }

    /// Rolled back out of the window half a minute ago: blue is attached again and in its first checks.
    pub fn rollback(&self) -> Scene {
        let mut scene = self.watch();
        scene.in_alarm("errors");
        scene.go();
        assert_eq!(scene.release.stage, Stage::Rollback, "{:?}", scene.decide().waiting_on);
        scene.later(31);
        for (blue, _) in &self.blues {
            scene.all_targets(blue, TargetHealth::Initial);
        }
        scene
    }

    /// Rolled back out of the bake half a minute ago: blue serves, green was detached and drains.
    pub fn green_leaves(&self) -> Scene {
        let mut scene = self.bake();
        scene.in_alarm("errors");
        scene.go();
        scene.later(31);
        scene
    }

    /// Blue never became healthy again: halted ten seconds ago.
    pub fn halted(&self) -> Scene {
        let mut scene = self.rollback();
        for (blue, _) in &self.blues {
            scene.all_targets(blue, TargetHealth::Unhealthy);
        }
        scene.go();
        scene.later(900);
        scene.go();
        assert!(scene.release.halted());
        scene.later(10);
        scene
    }

    /// Blue has been retired or kept, the floors are given back, green serves: over.
    pub fn successful(&self) -> Scene {
        let mut scene = self.watch();
        scene.later(900);
        while !scene.release.ended() {
            scene.go();
            scene.later(31);
        }
        scene
    }
}

/// An observation being filled.
#[derive(Default)]
struct World(Observation);

impl World {
    fn group(&mut self, name: &str) {
        let arn = group_arn(name);
        let balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/1".to_owned();
        let group = TargetGroup { arn: arn.clone(), takes_instances: true, load_balancers: vec![balancer.clone()] };
        let delay = GroupAttributes { deregistration_delay: Span::seconds(120) };
        let zones = BTreeSet::from(["eu-west-1a".to_owned()]);
        self.0.groups.insert(arn.clone(), Ok(Some(group)));
        self.0.attributes.insert(arn.clone(), Ok(delay));
        self.0.targets.insert(arn, Ok(Some(BTreeMap::new())));
        self.0.load_balancers.insert(balancer.clone(), Ok(Some(LoadBalancer { arn: balancer, zones })));
    }

    fn fleet(&mut self, name: &str, created_at: Timestamp, groups: &[&str]) {
        self.0.at = START;
        let key = fleet_name(name);
        let instances = (1..=3).map(|n| (format!("i-{name}{n}"), Instance { in_service: true })).collect();
        let groups: BTreeSet<_> = groups.iter().map(|group| group_arn(group)).collect();
        let fleet = Fleet {
            arn: fleet_arn(name),
            name: key.clone(),
            created_at,
            sizes: Sizes { min: 1, max: 6, desired: 3 },
            instances,
            tags: BTreeMap::from([(APPLICATION_TAG.to_owned(), "web".to_owned())]),
            suspended: BTreeSet::new(),
            deleting: false,
            weighted: false,
            latest_template: false,
            zones: BTreeSet::from(["eu-west-1a".to_owned()]),
            groups: groups.clone(),
        };
        for group in &groups {
            let targets = self.0.targets.get_mut(group).unwrap().as_mut().unwrap().as_mut().unwrap();
            targets.extend(fleet.instances.keys().map(|id| (id.clone(), TargetHealth::Healthy)));
        }
        let attachments = groups.iter().map(|group| (group.clone(), AttachmentState::InService)).collect();
        self.0.attachments.insert(key.clone(), Ok(attachments));
        self.0.classic.insert(key.clone(), Ok(groups));
        self.0.refreshing.insert(key.clone(), Ok(false));
        self.0.fleets.insert(key.clone(), Ok(Some(fleet)));
        let family = self.0.families.entry(application()).or_insert_with(|| Ok(BTreeSet::new()));
        family.as_mut().unwrap().insert(key);
    }

    fn alarm(&mut self, name: &str) {
        let long_ago = START - Span::seconds(10 * 86_400);
        let alarm = Alarm {
            name: alarm_name(name),
            state: AlarmState::Ok,
            transitioned_at: Some(long_ago),
            reason: "within the threshold".to_owned(),
            impaired: None,
            kind: AlarmKind::Metric { period_seconds: 60, datapoints: 1 },
        };
        self.0.alarms.insert(alarm_name(name), Ok(Some(alarm)));
        self.0.moves.insert(alarm_name(name), Ok((long_ago, Vec::new())));
    }
}

impl Scene {
    pub fn decide(&self) -> Decision {
        decide(&self.release, &self.seen)
    }

    /// Decides, saves, and lets AWS do what was decided.
    pub fn go(&mut self) -> Decision {
        let decision = self.decide();
        self.release = decision.release.clone();
        for action in &decision.actions {
            self.wrote(action.fleet().as_str(), WriteAnswer::Accepted);
            self.done(action);
        }
        decision
    }

    /// The last write to a fleet was made now.
    pub fn wrote(&mut self, fleet: &str, answer: WriteAnswer) {
        let at = self.seen.at;
        self.release.member_mut(&fleet_name(fleet)).unwrap().last_write = Some(LastWrite { at, answer });
    }

    pub fn later(&mut self, seconds: u32) {
        self.seen.at = self.seen.at + Span::seconds(seconds);
    }

    /// What AWS makes of an action.
    pub fn done(&mut self, action: &Action) {
        match action {
            Action::Attach { fleet, groups, .. } => {
                let short: Vec<_> = groups.iter().map(TargetGroupArn::short).collect();
                short.iter().for_each(|group| self.on(fleet.as_str(), group));
            }
            Action::Detach { fleet, groups, .. } => {
                let short: Vec<_> = groups.iter().map(TargetGroupArn::short).collect();
                short.iter().for_each(|group| self.off(fleet.as_str(), group));
            }
            Action::SetMinSize { fleet, to, .. } => {
                let desired = self.fleet(fleet.as_str()).sizes.desired.max(*to);
                self.sizes(fleet.as_str(), *to, desired);
            }
            Action::Resize { fleet, min, desired } => self.sizes(fleet.as_str(), *min, *desired),
        }
    }

    pub fn fleet(&mut self, name: &str) -> &mut Fleet {
        self.seen.fleets.get_mut(&fleet_name(name)).unwrap().as_mut().unwrap().as_mut().unwrap()
    }

    pub fn attachments(&mut self, fleet: &str) -> &mut Attachments {
        self.seen.attachments.get_mut(&fleet_name(fleet)).unwrap().as_mut().unwrap()
    }

    pub fn targets(&mut self, group: &str) -> &mut Targets {
        self.seen.targets.get_mut(&group_arn(group)).unwrap().as_mut().unwrap().as_mut().unwrap()
    }

    pub fn alarm(&mut self, name: &str) -> &mut Alarm {
        self.seen.alarms.get_mut(&alarm_name(name)).unwrap().as_mut().unwrap().as_mut().unwrap()
    }

    /// Attached, its targets healthy.
    pub fn on(&mut self, fleet: &str, group: &str) {
        let arn = group_arn(group);
        self.fleet(fleet).groups.insert(arn.clone());
        self.attachments(fleet).insert(arn, AttachmentState::Added);
        self.health(fleet, group, TargetHealth::Healthy);
    }

    /// Detached, its targets draining.
    pub fn off(&mut self, fleet: &str, group: &str) {
        let arn = group_arn(group);
        self.fleet(fleet).groups.remove(&arn);
        self.attachments(fleet).remove(&arn);
        self.health(fleet, group, TargetHealth::Draining);
    }

    /// No target of the fleet is left in any group.
    pub fn drained(&mut self, fleet: &str) {
        let ids: Vec<_> = self.fleet(fleet).instances.keys().cloned().collect();
        for targets in self.seen.targets.values_mut().flatten().flatten() {
            targets.retain(|id, _| !ids.contains(id));
        }
    }

    /// All of a fleet's targets in a group.
    pub fn health(&mut self, fleet: &str, group: &str, health: TargetHealth) {
        let ids: Vec<_> = self.fleet(fleet).instances.keys().cloned().collect();
        self.targets(group).extend(ids.into_iter().map(|id| (id, health)));
    }

    /// The first `count` of a fleet's targets in a group.
    pub fn some(&mut self, fleet: &str, group: &str, count: usize, health: TargetHealth) {
        let ids: Vec<_> = self.fleet(fleet).instances.keys().take(count).cloned().collect();
        self.targets(group).extend(ids.into_iter().map(|id| (id, health)));
    }

    /// All of a fleet's targets wherever it's attached.
    pub fn all_targets(&mut self, fleet: &str, health: TargetHealth) {
        let groups: Vec<_> = self.attachments(fleet).keys().map(|group| group.short().to_owned()).collect();
        groups.iter().for_each(|group| self.health(fleet, group, health));
    }

    /// MinSize and desired capacity; instances follow at once, and are healthy where the fleet is attached.
    pub fn sizes(&mut self, name: &str, min: u32, desired: u32) {
        let fleet = self.fleet(name);
        fleet.sizes.min = min;
        fleet.sizes.desired = desired;
        let had = fleet.instances.clone();
        fleet.instances = (1..=desired).map(|n| (format!("i-{name}{n}"), Instance { in_service: true })).collect();
        let new: Vec<_> = fleet.instances.keys().filter(|id| !had.contains_key(*id)).cloned().collect();
        let groups: Vec<_> = self.attachments(name).keys().map(|group| group.short().to_owned()).collect();
        for group in groups {
            self.targets(&group).extend(new.iter().map(|id| (id.clone(), TargetHealth::Healthy)));
        }
    }

    pub fn deleted(&mut self, fleet: &str) {
        self.drained(fleet);
        self.seen.fleets.insert(fleet_name(fleet), Ok(None));
        self.seen.attachments.insert(fleet_name(fleet), Ok(Attachments::new()));
    }

    /// The alarm moved five seconds ago; its history tells it.
    pub fn moves(&mut self, name: &str, to: AlarmState) {
        let at = self.seen.at - Span::seconds(5);
        self.moves_at(name, to, at);
    }

    pub fn moves_at(&mut self, name: &str, to: AlarmState, at: Timestamp) {
        let alarm = self.alarm(name);
        let from = std::mem::replace(&mut alarm.state, to);
        alarm.transitioned_at = Some(at);
        let change = AlarmMove { at, from, to, first: false, reason: "threshold crossed".to_owned() };
        self.seen.moves.get_mut(&alarm_name(name)).unwrap().as_mut().unwrap().1.push(change);
    }

    pub fn in_alarm(&mut self, name: &str) {
        self.moves(name, AlarmState::Alarm);
    }

    /// In ALARM ten seconds ago, OK five seconds ago: between two looks.
    pub fn flapped(&mut self, name: &str) {
        let at = self.seen.at - Span::seconds(10);
        self.moves_at(name, AlarmState::Alarm, at);
        self.moves(name, AlarmState::Ok);
    }

    pub fn fleet_unread(&mut self, fleet: &str) {
        self.seen.fleets.insert(fleet_name(fleet), unread());
    }

    pub fn attachments_unread(&mut self, fleet: &str) {
        self.seen.attachments.insert(fleet_name(fleet), unread());
    }

    pub fn targets_unread(&mut self, group: &str) {
        self.seen.targets.insert(group_arn(group), unread());
    }

    pub fn alarm_unread(&mut self, name: &str) {
        self.seen.alarms.insert(alarm_name(name), unread());
    }

    /// Asks something of the release; what the turn comes to, or the refusal in a word and a sentence.
    pub fn ask(&self, ask: Ask) -> Result<cutover::decide::Turn, cutover::decide::Refusal> {
        let mut app = Application::new(application());
        app.numbered = 1;
        let mut context = Context { defaults: &PolicyFields::default(), pasts: &[], ended: None, subject: None };
        if self.release.ended() {
            app.last_served = Some(self.release.id.clone());
            app.last = Some(self.release.id.clone());
            context.ended = Some(&self.release);
        } else {
            app.running = Some(self.release.clone());
        }
        turn(&app, &ask, &self.seen, &context)
    }
}
