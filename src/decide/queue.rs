//! Whose turn it is: releases that wait behind another of their application.

use super::qualify::{Age, disqualified};
use super::start::{self, Candidate};
use super::turn::{Ask, Context, Refusal, Turning};
use crate::release::{Entry, Pending, ReleaseId, Span, Stage, Status, Timestamp, WaitingOn};

/// How long a pending release waits for its turn.
const TURN_TIMEOUT: Span = Span::seconds(86_400);

impl Turning<'_> {
    pub fn queue(&mut self, candidate: &Candidate, green: &crate::release::Fleet) {
        let id = self.app().next_id();
        let asked_at = self.seen.at;
        let message = format!("{} waits for its turn", green.name);
        self.enter_pending(&id, Status::Pending, message);
        self.turn.subject = Some(id.clone());
        self.app().queue.push(Pending {
            id,
            green: green.name.clone(),
            arn: green.arn.clone(),
            created_at: green.created_at,
            asked_at,
            tags: green.tags.clone(),
            origin: candidate.origin.clone(),
        });
    }

    pub fn enter_pending(&mut self, id: &ReleaseId, status: Status, message: String) {
        let at = self.seen.at;
        let app = self.app();
        app.sequence += 1;
        app.announcing.push(app.sequence);
        let entry = Entry {
            sequence: app.sequence,
            release: id.clone(),
            at,
            stage: Stage::Prepare,
            status,
            message,
            actions: Vec::new(),
            verdict: None,
            announced: true,
            report: serde_json::Value::Null,
        };
        self.turn.entries.push(entry);
    }

    pub fn command_pending(&mut self, ask: &Ask, index: usize) -> Result<(), Refusal> {
        let pending = self.turn.application.queue[index].clone();
        self.turn.subject = Some(pending.id.clone());
        match ask {
            Ask::Rollback { by, reason } => {
                let reason = reason.as_deref().unwrap_or("asked for it");
                self.drop_pending(index, format!("rejected before its turn: {by}: {reason}"));
                Ok(())
            }
            _ => Err(Refusal::Conflict(format!("release {} is pending: it hasn't had its turn", pending.id))),
        }
    }

    pub fn drop_pending(&mut self, index: usize, why: String) {
        let pending = self.app().queue.remove(index);
        self.enter_pending(&pending.id, Status::Rejected, why.clone());
        self.turn.kept.push(start::rejected_pending(&pending, why, self.seen.at));
    }

    pub fn expire_pending(&mut self) {
        let now = self.seen.at;
        let late = |pending: &Pending| now - pending.asked_at >= TURN_TIMEOUT;
        while let Some(index) = self.turn.application.queue.iter().position(late) {
            self.drop_pending(index, "waited 24 hours for its turn".to_owned());
        }
    }

    /// The youngest that waits has its turn, if it still qualifies; the others are rejected, saying so.
    pub fn next(&mut self, context: &Context<'_>) {
        let queue = &self.turn.application.queue;
        let Some(youngest) = queue.iter().max_by_key(|pending| (pending.created_at, pending.asked_at)).cloned() else {
            return;
        };
        let name = self.turn.application.name.clone();
        let candidate = Candidate {
            green: youngest.green.clone(),
            arn: Some(youngest.arn.clone()),
            origin: youngest.origin.clone(),
        };
        let found = start::ground(&candidate, &name, self.seen, context).and_then(|ground| {
            let (green, family, groups) = (ground.green, &ground.family, &ground.groups);
            let why = match youngest.origin.commanded {
                true => None,
                false => disqualified(green, family, groups, context.pasts, self.seen.at, Age::Aside),
            };
            match why {
                Some(why) => Err(Refusal::Ignored(why)),
                None => start::begin(youngest.id.clone(), youngest.origin.clone(), ground, self.seen),
            }
        });
        let why = match found {
            Err(Refusal::Unread(_)) => {
                self.turn.again = true;
                return;
            }
            Ok(release) => {
                self.app().queue.retain(|pending| pending.id != youngest.id);
                while !self.turn.application.queue.is_empty() {
                    self.drop_pending(0, format!("{} is younger and has the turn", youngest.green));
                }
                self.begin(release);
                return;
            }
            Err(Refusal::Invalid(fault)) => fault.to_string(),
            Err(Refusal::Ignored(why) | Refusal::NotFound(why) | Refusal::Conflict(why)) => why,
        };
        if let Some(index) = self.turn.application.queue.iter().position(|pending| pending.id == youngest.id) {
            self.drop_pending(index, format!("no longer qualifies: {why}"));
            self.turn.again = !self.turn.application.queue.is_empty();
        }
    }
}

/// What a pending release waits for.
pub fn turn_of(pending: &Pending, behind: Option<&ReleaseId>) -> (WaitingOn, Timestamp) {
    let deadline = pending.asked_at + TURN_TIMEOUT;
    let behind = behind.map(ReleaseId::to_string).unwrap_or_default();
    (WaitingOn::Turn { behind, deadline }, deadline)
}
