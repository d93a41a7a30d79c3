//! What goes wrong with calls: rules, decided in one place for both faces.

use super::World;
use crate::api::{ApiError, Call, LostHow, Millis};

/// What happens to a call that a rule meets.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// Refused: too many calls.
    Throttled,
    /// Refused: AWS's own trouble, HTTP 500.
    Internal,
    /// Refused by IAM, with its sentence.
    AccessDenied,
    /// Refused with this error.
    Error(ApiError),
    /// Never answered, never applied.
    TimedOut,
    /// Applied, and never answered.
    TimedOutApplied,
    /// The connection breaks before the call arrives.
    CutBefore,
    /// The connection breaks after it was applied.
    CutAfter,
    /// A read shows a fleet's sizes and attachments as they were up to so long ago.
    Stale(Millis),
    /// A read's list is cut in half, without a word; of announcements the second half isn't accepted.
    Partial,
    /// DescribeAlarms leaves composite alarms out, as it does under a policy of narrower scope than `*` (AWS.md 6).
    CompositesHidden,
}

/// Which of the matching calls it meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// All.
    Always,
    /// Those in a window, the end excluded.
    Between(Millis, Millis),
    /// The n-th matching one from now, counted from 1, and only that.
    Nth(u64),
    /// The first n.
    First(u64),
    /// This share of them, from the seed.
    Chance(f64),
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRule {
    /// The operation, such as `AttachTrafficSources`; `None`: every one. A trailing `*` stands for any ending.
    pub operation: Option<String>,
    /// A fleet, target group (name or ARN) or alarm that the call names; `None`: any.
    pub subject: Option<String>,
    /// Which of them.
    pub when: When,
    /// What happens.
    pub kind: FaultKind,
}

/// A rule that meets every call with this operation (`*` at the end stands for any ending; `*` alone is every operation).
pub fn fault(operation: &str, kind: FaultKind) -> FaultRule {
    FaultRule { operation: Some(operation.to_owned()), subject: None, when: When::Always, kind }
}

impl FaultRule {
    /// Only calls that name this fleet, target group or alarm.
    pub fn on(self, subject: &str) -> Self {
        FaultRule { subject: Some(subject.to_owned()), ..self }
    }

    /// Only these of them.
    pub fn when(self, when: When) -> Self {
        FaultRule { when, ..self }
    }
}

/// The rules in force, each with the number of calls that it has matched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<(FaultRule, u64)>,
}

/// What the rules say of one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) refused: Option<ApiError>,
    pub(crate) lost: Option<(bool, LostHow)>,
    pub(crate) stale: Millis,
    pub(crate) partial: bool,
    pub(crate) composites_hidden: bool,
}

impl World {
    /// Puts a rule in force. A stale one makes the world remember from now on.
    pub fn add_fault(&mut self, rule: FaultRule) {
        if let FaultKind::Stale(up_to) = rule.kind {
            self.settings.max_stale = self.settings.max_stale.max(up_to);
        }
        self.faults.rules.push((rule, 0));
    }

    /// Ends all rules, and all faults of deliveries.
    pub fn clear_faults(&mut self) {
        self.faults.rules.clear();
        self.delivery_faults = super::DeliveryFaults::default();
    }

    pub(crate) fn decide_fault(&mut self, call: &Call) -> Verdict {
        let mut verdict = Verdict::default();
        for at in 0..self.faults.rules.len() {
            let (rule, seen) = self.faults.rules[at].clone();
            if !self.matches(&rule, call) {
                continue;
            }
            self.faults.rules[at].1 += 1;
            let hit = match rule.when {
                When::Always => true,
                When::Between(from, to) => (from..to).contains(&self.now),
                When::Nth(n) => seen + 1 == n,
                When::First(n) => seen < n,
                When::Chance(share) => self.rng.f64() < share,
            };
            if hit {
                self.apply_fault(rule.kind, call, &mut verdict);
            }
        }
        verdict
    }

    fn matches(&self, rule: &FaultRule, call: &Call) -> bool {
        let operation = rule.operation.as_deref().is_none_or(|wanted| match wanted.strip_suffix('*') {
            Some(prefix) => call.operation().starts_with(prefix),
            None => call.operation() == wanted,
        });
        let subject = rule.subject.as_deref().is_none_or(|wanted| {
            let arn = self.group_arn(wanted);
            call.subjects().iter().any(|subject| *subject == wanted || Some(*subject) == arn.as_deref())
        });
        operation && subject
    }

    /// The first refusal or loss wins; what only spoils a read adds up.
    fn apply_fault(&mut self, kind: FaultKind, call: &Call, verdict: &mut Verdict) {
        let service = call.service();
        let undecided = verdict.refused.is_none() && verdict.lost.is_none();
        let lost = |applied, how| undecided.then_some((applied, how)).or(verdict.lost);
        match kind {
            FaultKind::Throttled if undecided => verdict.refused = Some(ApiError::throttled(service)),
            FaultKind::Internal if undecided => verdict.refused = Some(ApiError::internal(service)),
            FaultKind::Error(error) if undecided => verdict.refused = Some(error),
            FaultKind::AccessDenied if undecided => {
                let resource = self.resource(call);
                verdict.refused = Some(ApiError::access_denied(service, call.operation(), &resource));
            }
            FaultKind::TimedOut => verdict.lost = lost(false, LostHow::TimedOut),
            FaultKind::TimedOutApplied => verdict.lost = lost(true, LostHow::TimedOut),
            FaultKind::CutBefore => verdict.lost = lost(false, LostHow::ConnectionCut),
            FaultKind::CutAfter => verdict.lost = lost(true, LostHow::ConnectionCut),
            FaultKind::Stale(up_to) if !call.is_write() => {
                verdict.stale = verdict.stale.max(self.rng.i64(0..=up_to.max(0)));
            }
            FaultKind::Partial => verdict.partial = true,
            FaultKind::CompositesHidden => verdict.composites_hidden = true,
            _ => {}
        }
    }

    /// What IAM would name as the resource: Describe calls of Auto Scaling and ELB know only `*` (AWS.md 7).
    fn resource(&self, call: &Call) -> String {
        let subject = call.subjects().first().map(|subject| (*subject).to_owned());
        match (call.is_write(), call.service(), subject) {
            (true, crate::api::Service::AutoScaling, Some(name)) => match self.fleets.get(&name) {
                Some(fleet) => fleet.arn.clone(),
                None => super::names::fleet_arn(&name, 0),
            },
            (_, crate::api::Service::CloudWatch, Some(name)) => super::names::alarm_arn(&name),
            (true, _, _) => {
                format!("arn:aws:events:{}:{}:event-bus/default", super::names::REGION, super::names::ACCOUNT)
            }
            _ => "*".to_owned(),
        }
    }
}
