//! The act stage: exact actions, carried out under the lease, once each, after their intent was saved.

mod writes;

pub use writes::{WriteError, Writes};

use crate::clock::Clock;
use crate::decide::Action;
use crate::record::Lease;
use crate::release::{LastWrite, Release, Timestamp, WriteAnswer};
use futures_util::future;

/// What became of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The action.
    pub action: Action,
    /// When it was answered.
    pub at: Timestamp,
    /// What AWS answered; an action that the lease left no time for was refused by us.
    pub result: Result<(), WriteError>,
}

/// Marks the actions' fleets as written to, before anything is sent: whoever reads the record from now on knows that
/// a write may be under way until the lease's last moment.
pub fn intend(release: &mut Release, actions: &[Action], lease: &Lease) {
    for action in actions {
        if let Some(member) = release.member_mut(action.fleet()) {
            member.last_write = Some(LastWrite::new(lease.write_until, WriteAnswer::Lost, member.last_write));
        }
    }
}

/// Carries the actions out side by side; what touches the same fleet goes one after the other, in order.
pub async fn carry_out(aws: &impl Writes, clock: &impl Clock, lease: &Lease, actions: &[Action]) -> Vec<Outcome> {
    let mut fleets: Vec<Vec<&Action>> = Vec::new();
    for action in actions {
        match fleets.iter_mut().find(|of| of.first().is_some_and(|first| first.fleet() == action.fleet())) {
            Some(same) => same.push(action),
            None => fleets.push(vec![action]),
        }
    }
    let in_order = |of: Vec<&Action>| {
        let of: Vec<Action> = of.into_iter().cloned().collect();
        async move {
            let mut outcomes = Vec::with_capacity(of.len());
            for action in of {
                let result = send(aws, clock, lease, &action).await;
                outcomes.push(Outcome { action, at: clock.now(), result });
            }
            outcomes
        }
    };
    future::join_all(fleets.into_iter().map(in_order)).await.into_iter().flatten().collect()
}

/// A dead holder can't act: nothing is sent once the lease's last moment has passed.
async fn send(aws: &impl Writes, clock: &impl Clock, lease: &Lease, action: &Action) -> Result<(), WriteError> {
    if !lease.may_write(clock.now()) {
        return Err(WriteError::Refused("not sent: no time was left".to_owned()));
    }
    match action {
        Action::Attach { fleet, style, groups } => aws.attach(fleet, *style, groups).await,
        Action::Detach { fleet, style, groups } => aws.detach(fleet, *style, groups).await,
        Action::SetMinSize { fleet, to, .. } => aws.set_min_size(fleet, *to).await,
        Action::Resize { fleet, min, desired } => aws.resize(fleet, *min, *desired).await,
    }
}

/// Puts the answers on the record. Of several writes to one fleet, the least certain counts.
pub fn note(release: &mut Release, outcomes: &[Outcome]) {
    let fleets: Vec<_> = release.members().map(|member| member.fleet.clone()).collect();
    for fleet in fleets {
        let of: Vec<_> = outcomes.iter().filter(|outcome| *outcome.action.fleet() == fleet).collect();
        let Some(at) = of.iter().map(|outcome| outcome.at).max() else { continue };
        let lost = of.iter().any(|outcome| matches!(outcome.result, Err(WriteError::Lost(_))));
        let accepted = of.iter().any(|outcome| outcome.result.is_ok());
        let answer = match (lost, accepted) {
            (true, _) => WriteAnswer::Lost,
            (false, true) => WriteAnswer::Accepted,
            (false, false) => WriteAnswer::Refused,
        };
        for outcome in &of {
            if let Err(fault) = &outcome.result {
                release.warn(format!("couldn't {}: {fault}", outcome.action));
            }
        }
        let Some(member) = release.member_mut(&fleet) else { continue };
        member.last_write = Some(LastWrite::new(at, answer, member.last_write));
        // What was refused hasn't been said yet: to say it rests on no reading.
        let refused = of.iter().filter(|outcome| matches!(outcome.result, Err(WriteError::Refused(_))));
        for group in refused.flat_map(|outcome| outcome.action.groups()) {
            if let Some(link) = member.links.get_mut(group) {
                link.asked = false;
            }
        }
    }
}
