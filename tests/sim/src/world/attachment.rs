//! Attachments: a fleet's link to a target group, by one of two API pairs that don't see each other's (AWS.md 1).

use super::World;
use super::capacity::no_fleet;
use super::queue::Due;
use super::spec::Style;
use super::target::Condition;
use crate::api::{ApiError, AttachmentState, LifecycleState, Millis};

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) state: AttachmentState,
    pub(crate) since: Millis,
}

/// Most target groups in one call (AWS.md 1).
const MOST_IN_A_CALL: usize = 10;
/// Most target groups of one fleet (AWS.md 1).
const MOST_OF_A_FLEET: usize = 50;

impl World {
    /// Attaches; what is attached in this style already stays as it is. Says whether anything changed.
    pub(crate) fn attach(&mut self, name: &str, arns: &[String], style: Style) -> Result<bool, ApiError> {
        let fleet = self.fleets.get(name).ok_or_else(|| no_fleet(name))?;
        if arns.len() > MOST_IN_A_CALL {
            let message = "Trying to update too many Load Balancers/Target Groups at once. The limit is 10";
            return Err(ApiError::validation(message));
        }
        if fleet.deleting {
            return Err(ApiError::validation(format!("AutoScalingGroup {name} is pending delete")));
        }
        if self.refreshing(name) {
            return Err(ApiError::refresh_in_progress(name));
        }
        if arns.iter().any(|arn| self.groups.get(arn).is_none_or(|group| group.spec.target_type != "instance")) {
            let message = "Provided Target Groups may not be valid. Please ensure they exist and try again.";
            return Err(ApiError::validation(message));
        }
        let added = |arn: &&String| {
            let held = fleet.attachments.get(&((*arn).clone(), style));
            held.is_none_or(|attachment| attachment.state == AttachmentState::Removing)
        };
        let fresh: Vec<String> = arns.iter().filter(added).cloned().collect();
        if fleet.attachments.len() + fresh.len() > MOST_OF_A_FLEET {
            let message = "You have reached the maximum number of target groups for this Auto Scaling group";
            return Err(ApiError::validation(message));
        }
        if fresh.is_empty() {
            return Ok(false);
        }
        self.remember(name);
        for arn in fresh {
            self.attach_one(name, &arn, style);
        }
        Ok(true)
    }

    fn attach_one(&mut self, name: &str, arn: &str, style: Style) {
        let now = self.now;
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        let attachment = Attachment { state: AttachmentState::Adding, since: now };
        fleet.attachments.insert((arn.to_owned(), style), attachment);
        let serving = fleet.instances.iter().filter(|(_, member)| member.state == LifecycleState::InService);
        let members: Vec<(String, String)> = serving.map(|(id, member)| (id.clone(), member.zone.clone())).collect();
        if !fleet.is_suspended("AddToLoadBalancer") {
            for (id, zone) in members {
                self.register(arn, &id, Some(name), &zone);
            }
        }
        let at = now + self.settings.registration;
        self.schedule(at, Due::Attachment { fleet: name.to_owned(), group: arn.to_owned() });
    }

    /// Detaches what this style attached. Says whether anything changed; what isn't attached in this style is refused, as AWS does.
    pub(crate) fn detach(&mut self, name: &str, arns: &[String], style: Style) -> Result<bool, ApiError> {
        let fleet = self.fleets.get(name).ok_or_else(|| no_fleet(name))?;
        if arns.len() > MOST_IN_A_CALL {
            let message = "Trying to update too many Load Balancers/Target Groups at once. The limit is 10";
            return Err(ApiError::validation(message));
        }
        let takes_all = style == Style::TrafficSources && self.settings.detach_sources_takes_all;
        let styles: &[Style] = if takes_all { &[Style::TrafficSources, Style::TargetGroups] } else { &[style] };
        let mut found = Vec::new();
        for arn in arns {
            let held = styles.iter().find(|style| fleet.attachments.contains_key(&(arn.clone(), **style)));
            match held {
                Some(style) => found.push((arn.clone(), *style)),
                None => {
                    let what = if style == Style::TargetGroups { "Target Groups" } else { "Traffic Sources" };
                    let message = format!("Trying to remove {what} that are not part of the group: {arn}");
                    return Err(ApiError::validation(message));
                }
            }
        }
        found.retain(|key| fleet.attachments.get(key).is_some_and(|held| held.state != AttachmentState::Removing));
        if found.is_empty() {
            return Ok(false);
        }
        self.remember(name);
        for (arn, style) in found {
            self.detach_one(name, &arn, style);
        }
        Ok(true)
    }

    fn detach_one(&mut self, name: &str, arn: &str, style: Style) {
        let now = self.now;
        let Some(fleet) = self.fleets.get_mut(name) else { return };
        if let Some(attachment) = fleet.attachments.get_mut(&(arn.to_owned(), style)) {
            *attachment = Attachment { state: AttachmentState::Removing, since: now };
        }
        if !self.held(name, arn) {
            let of_fleet = self.targets_of(name).into_iter().filter(|(group, _)| group == arn);
            for (_, id) in of_fleet.collect::<Vec<_>>() {
                self.deregister(arn, &id);
            }
        }
        let at = now + self.settings.registration;
        self.schedule(at, Due::Attachment { fleet: name.to_owned(), group: arn.to_owned() });
    }

    /// Whether some attachment keeps the fleet in the group.
    fn held(&self, name: &str, arn: &str) -> bool {
        self.fleets.get(name).is_some_and(|fleet| {
            fleet.attachments.iter().any(|((group, _), held)| group == arn && held.state != AttachmentState::Removing)
        })
    }

    /// Moves a fleet's links to a group as far as its targets are.
    pub(crate) fn settle_attachment(&mut self, name: &str, arn: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let held: Vec<(Style, AttachmentState)> = fleet
            .attachments
            .iter()
            .filter(|((group, _), _)| group == arn)
            .map(|((_, style), attachment)| (*style, attachment.state))
            .collect();
        for (style, state) in held {
            let next = self.next_state(name, arn, state);
            if next == Some(state) {
                continue;
            }
            self.remember(name);
            let now = self.now;
            let Some(fleet) = self.fleets.get_mut(name) else { return };
            let key = (arn.to_owned(), style);
            match next {
                Some(state) => drop(fleet.attachments.insert(key, Attachment { state, since: now })),
                None => drop(fleet.attachments.remove(&key)),
            }
        }
    }

    pub(crate) fn settle_attachments(&mut self, name: &str) {
        let Some(fleet) = self.fleets.get(name) else { return };
        let arns: Vec<String> = fleet.attachments.keys().map(|(arn, _)| arn.clone()).collect();
        for arn in arns {
            self.settle_attachment(name, &arn);
        }
    }

    /// Where an attachment stands now; `None`: it is gone.
    fn next_state(&self, name: &str, arn: &str, state: AttachmentState) -> Option<AttachmentState> {
        let (Some(fleet), group) = (self.fleets.get(name), self.groups.get(arn)) else { return Some(state) };
        let target = |id: &str| group.and_then(|group| group.targets.get(id)).map(|target| target.condition);
        let mut serving = fleet.instances.iter().filter(|(_, member)| member.state == LifecycleState::InService);
        match state {
            AttachmentState::Adding | AttachmentState::Added => {
                let registered = |condition: Option<Condition>| {
                    condition
                        .is_some_and(|condition| !matches!(condition, Condition::Registering | Condition::Draining))
                };
                let all = serving.clone().all(|(id, _)| registered(target(id)));
                // Only where ELB health checks are on does it go on to InService; else Added is the end (AWS.md 1).
                let passed = fleet.checks_elb() && serving.any(|(id, _)| target(id) == Some(Condition::Healthy));
                Some(match (passed, all || state == AttachmentState::Added) {
                    (true, _) => AttachmentState::InService,
                    (false, true) => AttachmentState::Added,
                    (false, false) => AttachmentState::Adding,
                })
            }
            AttachmentState::Removing => {
                let own = |group: &super::balancer::Group| {
                    group.targets.values().any(|target| target.fleet.as_deref() == Some(name))
                };
                let left = group.is_some_and(own) && !self.held(name, arn);
                left.then_some(AttachmentState::Removing)
            }
            AttachmentState::InService | AttachmentState::Removed => Some(state),
        }
    }
}
