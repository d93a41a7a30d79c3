//! The nouns: one release, as the record keeps it.

use super::member::Member;
use super::moment::{Span, Stopwatch, Timestamp};
use super::names::{AlarmName, FleetName, ReleaseId, TargetGroupArn};
use super::policy::{Policy, PolicyFields};
use super::stage::{Stage, Status};
use super::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One run: from the new fleet's appearance to an end, or back.
///
/// All of it is saved before anything that it intends is carried out. A look that finds everything as before leaves
/// it equal to itself, so there is nothing to save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Who or what began it, and with which words.
    pub origin: Origin,
    /// Where it stands.
    pub stage: Stage,
    /// How it goes.
    pub status: Status,
    /// When it started.
    pub started_at: Timestamp,
    /// When it entered its stage.
    pub stage_since: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What it was told; does not change under it.
    pub policy: Policy,
    /// The new fleet.
    pub green: Member,
    /// The fleets that serve; none at a first set-up.
    pub blue: Vec<Member>,
    /// Its target groups.
    pub groups: BTreeMap<TargetGroupArn, GroupTerms>,
    /// The alarms that it watches.
    pub watched: Vec<Watched>,
    /// `bake_time_seconds`, lengthened to what the slowest alarm needs.
    pub bake_time_seconds: u32,
    /// Since when alarms count: when the attach was saved as intended; for a fleet born attached, when it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_since: Option<Timestamp>,
    /// Time that both fleets served with green healthy everywhere.
    #[serde(default)]
    pub bake: Stopwatch,
    /// Time that green was below the required of the attach, after it had been healthy.
    #[serde(default)]
    pub below: Stopwatch,
    /// Time that something unreadable held the promotion, or the end of the window.
    #[serde(default)]
    pub unknown: Stopwatch,
    /// When the bake was over: baked long enough, or promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baked_at: Option<Timestamp>,
    /// The promotion is held until then, by `pause`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// Who asked for the promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoted_by: Option<String>,
    /// Alarms no longer count: a person promoted out of a halt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alarms_waived: bool,
    /// Why it goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_reason: Option<String>,
    /// When a rollback meant green to be out first: what comes between doesn't put its deadline off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub green_out_since: Option<Timestamp>,
    /// Since when it's halted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halted_since: Option<Timestamp>,
    /// The end that it's heading for, while the floors are given back, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<(Status, Timestamp)>,
    /// The last verdict that was acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What a person should know, each said once.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// How it stands, as a sentence.
    #[serde(default)]
    pub message: String,
}

/// Who or what began a release, and with which words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// `event`, or who gave the command, as claimed.
    pub by: String,
    /// The invocation's request id, to be found in CloudTrail and the logs.
    pub request_id: String,
    /// A command began it, or has taken it over; else an event.
    pub commanded: bool,
    /// The command's token: the same token is the same release for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// The policy fields of the command.
    #[serde(default)]
    pub fields: PolicyFields,
    /// The blue that the command named; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blue: Option<Vec<FleetName>>,
}

impl Origin {
    /// Whether a command says the same again: the same fields and, if it has one, the same token.
    pub fn is_said_again_by(&self, said: &Origin) -> bool {
        let same_token = said.client_token.is_none() || said.client_token == self.client_token;
        same_token && self.fields == said.fields && self.blue == said.blue
    }
}

/// What holds in one target group during the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupTerms {
    /// Blue's InService instances on this group when the release started: the sum over its fleets.
    pub blue_in_service: u32,
    /// The required of the attach, in healthy targets; 0 until green is attached.
    #[serde(default)]
    pub required: u32,
    /// How long a detached target is left to finish, in milliseconds; read before the attach.
    #[serde(default)]
    pub deregistration_delay: Span,
}

/// One watched alarm, with what was known of it when the release started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Its name.
    pub alarm: AlarmName,
    /// Its habits before the release, once they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_before: Option<bool>,
    /// In ALARM by an episode that the policy ignores: the one that began at this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored_episode: Option<Timestamp>,
    /// Its history was read up to this transition and shows no ALARM since the evidence began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleared: Option<Timestamp>,
}

impl Release {
    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        self.ended_at.is_some()
    }

    /// Whether it's halted: running, but only a person can move it.
    pub fn halted(&self) -> bool {
        self.halted_since.is_some() && !self.ended()
    }

    /// When the rollback window ends, if it has begun.
    pub fn window_ends(&self) -> Timestamp {
        self.stage_since + Span::seconds(self.policy.rollback_window_seconds)
    }

    /// Green and every fleet of blue.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.green).chain(&self.blue)
    }

    /// The same, to change.
    pub fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        std::iter::once(&mut self.green).chain(&mut self.blue)
    }

    /// The part of a fleet in it.
    pub fn member_mut(&mut self, fleet: &FleetName) -> Option<&mut Member> {
        self.members_mut().find(|member| member.fleet == *fleet)
    }

    /// Says something to a person, once.
    pub fn warn(&mut self, warning: impl Into<String>) {
        /// Enough to find the cause; a fault that words itself anew each time mustn't outgrow the record.
        const MOST: usize = 16;
        /// Enough of a fault's words to mend it.
        const LONGEST: usize = 400;
        let warning: String = warning.into().chars().take(LONGEST).collect();
        if self.warnings.len() < MOST && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}
