//! What a release begins with, the world around it, and how it came to each stage: by deciding, never by writing a
//! record by hand.

use crate::scene::{START, Scene, alarm_name, application, fleet_arn, fleet_name, group_arn};
use cutover::decide::{Ask, Candidate, Context, turn};
use cutover::release::policy::Alarms;
use cutover::release::*;
use std::collections::{BTreeMap, BTreeSet};

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
            elsewhere: BTreeSet::new(),
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
