//! The decide stage: `(release, observation) → decision`, pure and total.
//!
//! No client, no clock, no environment, no logger, nothing async: "now" is the observation's. Every odd situation is
//! a named decision, never an error. Called twice with the same arguments it answers the same; called with its own
//! decision and the same observation it decides to wait.

mod alarms;
mod asked;
mod attach;
mod bake;
mod case;
mod command;
mod detach;
mod ending;
mod floors;
mod gates;
mod links;
mod notice;
mod pace;
mod plan;
mod prepare;
mod qualify;
mod queue;
mod rollback;
mod start;
mod takeover;
mod turn;
mod verdict;
mod watch;
mod way_back;

pub use gates::{GateReport, gate_names, gate_reports};
pub use pace::next_check_seconds;
pub use plan::{Plan, PlanLine, plan};
pub use qualify::worth_asking;
pub use queue::turn_of;
pub use start::{Candidate, start_needs};
pub use turn::{Ask, Context, Refusal, Turn, turn};

use crate::release::{FleetName, Observation, Release, Stage, Status, Style, TargetGroupArn, Verdict, WaitingOn};
use case::Case;

/// What is to be done to AWS: exact, nothing left to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Attach a fleet to target groups.
    Attach {
        /// The fleet.
        fleet: FleetName,
        /// By which API pair.
        style: Style,
        /// The target groups, at most ten: an action is one call.
        groups: Vec<TargetGroupArn>,
    },
    /// Detach a fleet from target groups.
    Detach {
        /// The fleet.
        fleet: FleetName,
        /// By which API pair.
        style: Style,
        /// The target groups, at most ten: an action is one call.
        groups: Vec<TargetGroupArn>,
    },
    /// Write a fleet's MinSize: hold its floor, or give it back.
    SetMinSize {
        /// The fleet.
        fleet: FleetName,
        /// MinSize as this decision saw it.
        from: u32,
        /// MinSize to write.
        to: u32,
    },
    /// Write MinSize and desired capacity: retire a fleet, or bring a retired one back.
    Resize {
        /// The fleet.
        fleet: FleetName,
        /// MinSize to write.
        min: u32,
        /// Desired capacity to write.
        desired: u32,
    },
}

impl Action {
    /// Whom it is done to.
    pub fn fleet(&self) -> &FleetName {
        match self {
            Action::Attach { fleet, .. }
            | Action::Detach { fleet, .. }
            | Action::SetMinSize { fleet, .. }
            | Action::Resize { fleet, .. } => fleet,
        }
    }

    /// The target groups that it attaches to or detaches from.
    pub fn groups(&self) -> &[TargetGroupArn] {
        match self {
            Action::Attach { groups, .. } | Action::Detach { groups, .. } => groups,
            Action::SetMinSize { .. } | Action::Resize { .. } => &[],
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = |groups: &[TargetGroupArn]| groups.iter().map(TargetGroupArn::short).collect::<Vec<_>>().join(", ");
        match self {
            Action::Attach { fleet, groups, .. } => write!(f, "attach {fleet} to {}", names(groups)),
            Action::Detach { fleet, groups, .. } => write!(f, "detach {fleet} from {}", names(groups)),
            Action::SetMinSize { fleet, from, to } => write!(f, "set MinSize of {fleet} from {from} to {to}"),
            Action::Resize { fleet, min, desired } => {
                write!(f, "set MinSize of {fleet} to {min} and its desired capacity to {desired}")
            }
        }
    }
}

/// Something for the record: a change of stage or status, or another thing worth a line in the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The stage it led to.
    pub stage: Stage,
    /// The status it led to.
    pub status: Status,
    /// What happened, as a sentence.
    pub message: String,
}

/// What a release does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The release as it is to be saved before the actions are carried out; equal to what it was if nothing is new.
    pub release: Release,
    /// What to do; nothing to do is the commonest.
    pub actions: Vec<Action>,
    /// What happened, for the record.
    pub notes: Vec<Note>,
    /// What it waits for; `None` once it has ended.
    pub waiting_on: Option<WaitingOn>,
    /// The verdict of this look, if the stage asks for one.
    pub verdict: Option<Verdict>,
}

/// What a stage's rules come to.
enum Step {
    /// The stage has changed (or the release is ending): judge again by the new stage's rules.
    Again,
    /// Nothing more to decide from this look.
    Rest(WaitingOn),
    /// The release has ended.
    Over,
}

/// What a look is waited for in which no rule comes to rest: a mistake of the rules, which a person should see.
pub const DISAGREE: &str = "the rules disagree about this look";

/// More steps than any path through the stages has; a cycle of rules ends in a wait instead of never.
const MOST_STEPS: usize = 12;

/// Decides what a release does next. Total: whatever the record and the look say, there is an answer.
pub fn decide(release: &Release, seen: &Observation) -> Decision {
    let mut case = Case::new(release.clone(), seen);
    if release.ended() {
        return finished(case, None);
    }
    case.notice();
    for _ in 0..MOST_STEPS {
        match case.step() {
            Step::Again => {}
            Step::Rest(waiting_on) => return finished(case, Some(waiting_on)),
            Step::Over => return finished(case, None),
        }
    }
    let at = case.now();
    let deadline = at + crate::release::Span::seconds(case.release.policy.unknown_timeout_seconds);
    finished(case, Some(WaitingOn::Evidence { unknown: DISAGREE.into(), deadline }))
}

fn finished(case: Case<'_>, waiting_on: Option<WaitingOn>) -> Decision {
    Decision { release: case.release, actions: case.actions, notes: case.notes, waiting_on, verdict: case.verdict }
}

impl Case<'_> {
    fn step(&mut self) -> Step {
        if self.release.ending.is_some() {
            return self.ending();
        }
        match self.release.stage {
            Stage::Prepare => self.prepare(),
            Stage::Attach => self.attach(),
            Stage::Bake => self.bake(),
            Stage::Detach => self.detach(),
            Stage::Watch => self.watch(),
            Stage::Rollback => self.rollback(),
        }
    }
}
