//! What each change does to a scene.

use super::{Change, Record, What};
use crate::scene::{Scene, alarm_name, fleet_arn, fleet_name, group_arn, unread};
use cutover::release::*;

fn fleet_of<'s>(scene: &'s mut Scene, name: &str) -> Option<&'s mut Fleet> {
    scene.seen.fleets.get_mut(&fleet_name(name))?.as_mut().ok()?.as_mut()
}

fn alarm_of(scene: &mut Scene) -> Option<&mut Alarm> {
    scene.seen.alarms.get_mut(&alarm_name("errors"))?.as_mut().ok()?.as_mut()
}

impl Change {
    pub fn apply(&self, scene: &mut Scene) {
        match self {
            Change::Later(seconds) => scene.later(*seconds),
            Change::Go => go(scene),
            Change::GoLost => {
                let decision = scene.decide();
                scene.release = decision.release;
                for action in decision.actions {
                    scene.wrote(action.fleet().as_str(), WriteAnswer::Lost);
                }
            }
            Change::Record(record) => record.apply(scene),
            Change::Unread(what) => what.apply(scene),
            Change::Alarm(..) | Change::AlarmWithoutHistory(..) | Change::AlarmImpaired | Change::AlarmGone => {
                self.apply_alarm(scene);
            }
            Change::Targets(fleet, group, count, health) => {
                let Some(ids) = fleet_of(scene, fleet).map(|fleet| fleet.instances.keys().cloned().collect::<Vec<_>>())
                else {
                    return;
                };
                if let Some(Ok(Some(targets))) = scene.seen.targets.get_mut(&group_arn(group)) {
                    targets.extend(ids.into_iter().take(*count).map(|id| (id, *health)));
                }
            }
            Change::Attachment(fleet, group, state) => {
                if !scene.seen.targets.contains_key(&group_arn(group)) {
                    return;
                }
                let Some(Ok(attachments)) = scene.seen.attachments.get_mut(&fleet_name(fleet)) else { return };
                match state {
                    Some(state) => drop(attachments.insert(group_arn(group), *state)),
                    None => drop(attachments.remove(&group_arn(group))),
                }
            }
            Change::Deleted(fleet) => {
                if fleet_of(scene, fleet).is_some() {
                    scene.deleted(fleet);
                }
            }
            Change::Refreshing(fleet) => drop(scene.seen.refreshing.insert(fleet_name(fleet), Ok(true))),
            Change::GroupGone(group) => {
                scene.seen.groups.insert(group_arn(group), Ok(None));
                scene.seen.targets.insert(group_arn(group), Ok(None));
            }
            _ => self.apply_fleet(scene),
        }
    }

    fn apply_fleet(&self, scene: &mut Scene) {
        let (Change::NotInService(name, _)
        | Change::Sizes(name, ..)
        | Change::MaxSize(name, _)
        | Change::MadeAgain(name)
        | Change::BeingDeleted(name)
        | Change::Untagged(name)
        | Change::Suspended(name)) = self
        else {
            return;
        };
        let Some(fleet) = fleet_of(scene, name) else { return };
        match self {
            Change::NotInService(_, count) => {
                fleet.instances.values_mut().take(*count).for_each(|instance| instance.in_service = false);
            }
            Change::Sizes(_, min, desired) => (fleet.sizes.min, fleet.sizes.desired) = (*min, *desired),
            Change::MaxSize(_, max) => fleet.sizes.max = *max,
            Change::MadeAgain(_) => fleet.arn = fleet_arn("another"),
            Change::BeingDeleted(_) => fleet.deleting = true,
            Change::Untagged(_) => fleet.tags.clear(),
            _ => fleet.suspended.extend(["AddToLoadBalancer".to_owned()]),
        }
    }

    fn apply_alarm(&self, scene: &mut Scene) {
        let now = scene.seen.at;
        if let Change::AlarmGone = self {
            scene.seen.alarms.insert(alarm_name("errors"), Ok(None));
            return;
        }
        let history = matches!(scene.seen.moves.get(&alarm_name("errors")), Some(Ok(_)));
        let Some(alarm) = alarm_of(scene) else { return };
        match self {
            Change::Alarm(state, ago) if history => {
                scene.moves_at("errors", *state, now - Span::seconds(*ago));
            }
            Change::Alarm(state, ago) | Change::AlarmWithoutHistory(state, ago) => {
                alarm.state = *state;
                alarm.transitioned_at = Some(now - Span::seconds(*ago));
            }
            _ => alarm.impaired = Some("EVALUATION_ERROR".into()),
        }
    }
}

/// As `Scene::go`, where what was decided may be about a fleet that can't be read.
fn go(scene: &mut Scene) {
    let decision = scene.decide();
    scene.release = decision.release;
    for action in &decision.actions {
        let name = action.fleet().as_str();
        scene.wrote(name, WriteAnswer::Accepted);
        let readable = scene.seen.targets.values().all(|targets| matches!(targets, Ok(Some(_))));
        let attachments = matches!(scene.seen.attachments.get(action.fleet()), Some(Ok(_)));
        let there = fleet_of(scene, name).is_some_and(|fleet| fleet.arn == fleet_arn(name));
        if readable && attachments && there {
            scene.done(action);
        }
    }
}

impl What {
    fn apply(&self, scene: &mut Scene) {
        match self {
            What::Fleet(fleet) => scene.fleet_unread(fleet),
            What::Attachments(fleet) => scene.attachments_unread(fleet),
            What::Refreshes(fleet) => drop(scene.seen.refreshing.insert(fleet_name(fleet), unread())),
            What::Targets(group) => scene.targets_unread(group),
            What::Alarm => scene.alarm_unread("errors"),
            What::History => drop(scene.seen.moves.insert(alarm_name("errors"), unread())),
            What::Everything => scene.seen = Observation { at: scene.seen.at, ..Observation::default() },
        }
    }
}

impl Record {
    fn apply(&self, scene: &mut Scene) {
        let now = scene.seen.at;
        let release = &mut scene.release;
        match self {
            Record::Stage(stage) => release.stage = *stage,
            Record::Status(status) => release.status = *status,
            Record::StageSince(ago) => release.stage_since = now - Span::seconds(*ago),
            Record::Required(group, required) => {
                if let Some(terms) = release.groups.get_mut(&group_arn(group)) {
                    terms.required = *required;
                }
            }
            Record::Baked => release.baked_at = Some(now),
            Record::Paused(seconds) => release.paused_until = Some(now + Span::seconds(*seconds)),
            Record::Promoted => release.promoted_by = Some("ana".into()),
            Record::Waived => release.alarms_waived = true,
            Record::Halted => release.halted_since = Some(now),
            Record::Ending(end) => release.ending = end.map(|end| (end, now)),
            Record::NoEvidence => release.evidence_since = None,
            Record::NoAlarms => release.watched.clear(),
            _ => self.apply_member(scene),
        }
    }

    fn apply_member(&self, scene: &mut Scene) {
        let now = scene.seen.at;
        let (Record::Link(name, ..)
        | Record::Wrote(name, ..)
        | Record::Floor(name, _)
        | Record::Gone(name)
        | Record::Retired(name)
        | Record::SizeWhenDetached(name, _)) = self
        else {
            return;
        };
        let Some(member) = scene.release.member_mut(&fleet_name(name)) else { return };
        match self {
            Record::Link(_, group, link) => {
                if let Some(mine) = member.links.get_mut(&group_arn(group)) {
                    *mine = *link;
                }
            }
            Record::Wrote(_, ago, answer) => {
                member.last_write = Some(LastWrite::new(now - Span::seconds(*ago), *answer, member.last_write));
            }
            Record::Floor(_, floor) => member.floor = *floor,
            Record::Gone(_) => member.gone = true,
            Record::Retired(_) => member.retired = true,
            Record::SizeWhenDetached(_, size) => member.size_when_detached = Some(*size),
            _ => {}
        }
    }
}
