//! Whose turn it is: releases that wait behind another of their application.

use super::qualify::{Age, disqualified};
use super::start::{self, Candidate};
use super::turn::{Ask, Context, Refusal, Turning};
use crate::release::{Entry, Pending, Release, ReleaseId, Span, Stage, Status, Timestamp, WaitingOn};

/// How long a pending release waits for its turn.
const TURN_TIMEOUT: Span = Span::seconds(86_400);
/// The most pending releases that one save rejects. Each is up to four items of it (its entry, itself, its fleet, its
/// token), and DynamoDB takes 100 in all; the rest follow in the next look of the same turn.
const MOST_DROPS: usize = 20;
/// Items of that save that a start may need besides its own fleets and the pending ones: the application's, its line in
/// the list, the start's entry, release and token, with room.
const ROOM_FOR_OTHERS: usize = 10;
const MOST_ITEMS: usize = 100;

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
        for _ in 0..MOST_DROPS {
            let Some(index) = self.turn.application.queue.iter().position(late) else { return };
            self.drop_pending(index, "waited 24 hours for its turn".to_owned());
        }
        self.turn.again = self.turn.application.queue.iter().any(late);
    }

    /// The youngest that waits has its turn, if it still qualifies; the others are rejected, saying so.
    pub fn next(&mut self, context: &Context<'_>) {
        let Some(youngest) = self.turn.application.next_pending().cloned() else { return };
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
            Ok(release) => return self.take_turn(&youngest, release),
            Err(Refusal::Invalid(fault)) => fault.to_string(),
            Err(Refusal::Ignored(why) | Refusal::NotFound(why) | Refusal::Conflict(why)) => why,
        };
        if let Some(index) = self.turn.application.queue.iter().position(|pending| pending.id == youngest.id) {
            self.drop_pending(index, format!("no longer qualifies: {why}"));
            self.turn.again = !self.turn.application.queue.is_empty();
        }
    }

    /// The youngest begins; the others are rejected before it, as many as one save holds.
    fn take_turn(&mut self, youngest: &Pending, release: Release) {
        let dropped = self.turn.kept.len();
        let others = self.turn.application.queue.len() - 1;
        let items = 4 * (dropped + others) + release.members().count() + ROOM_FOR_OTHERS;
        let begins = items <= MOST_ITEMS;
        let drops = if begins { others } else { MOST_DROPS.saturating_sub(dropped) };
        for _ in 0..drops {
            let other = self.turn.application.queue.iter().position(|pending| pending.id != youngest.id);
            let Some(index) = other else { break };
            self.drop_pending(index, format!("{} is younger and has the turn", youngest.green));
        }
        if begins || others == 0 {
            self.app().queue.clear();
            self.begin(release);
        } else {
            self.turn.again = true;
        }
    }
}

/// What a pending release waits for.
pub fn turn_of(pending: &Pending, behind: Option<&ReleaseId>) -> (WaitingOn, Timestamp) {
    let deadline = pending.asked_at + TURN_TIMEOUT;
    let behind = behind.map(ReleaseId::to_string).unwrap_or_default();
    (WaitingOn::Turn { behind, deadline }, deadline)
}
