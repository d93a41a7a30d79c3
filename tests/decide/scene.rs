//! A release and a look at it, in few words: the world is an [`Observation`] that the actions of a decision change as
//! AWS would, so that each stage is reached by deciding, never by writing a record by hand.

use cutover::decide::{Action, Ask, Context, Decision, decide, turn};
use cutover::release::*;

pub use crate::setting::Setting;

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

/// A release beside the world that it's decided from.
#[derive(Clone, Debug)]
pub struct Scene {
    pub release: Release,
    pub seen: Observation,
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
        let member = self.release.member_mut(&fleet_name(fleet)).unwrap();
        member.last_write = Some(LastWrite::new(at, answer, None));
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
