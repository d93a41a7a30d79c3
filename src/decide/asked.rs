//! What is asked of an application: a fleet to start with, or a command about a release.

use super::Note;
use super::command::{self, Commanded};
use super::qualify::{Age, disqualified};
use super::start::{self, Candidate};
use super::takeover;
use super::turn::{Ask, Context, Refusal, Turning};
use crate::release::{FleetArn, Pending, Release, Stage, Status, Unread};

impl Turning<'_> {
    /// A fleet that an event told of, or a command named.
    pub fn start(&mut self, candidate: &Candidate, context: &Context<'_>) -> Result<(), Refusal> {
        let known = |arn: &FleetArn| candidate.arn.as_ref().is_none_or(|wanted| wanted == arn);
        if let Some(release) = self.turn.application.running.clone() {
            if release.green.fleet == candidate.green && known(&release.green.arn) {
                return self.same(&release, candidate, context);
            }
            let blue = release.blue.iter().find(|member| member.fleet == candidate.green && known(&member.arn));
            if let Some(member) = blue {
                return match candidate.origin.commanded {
                    true => Err(Refusal::Conflict(format!("{} is blue in release {}", member.fleet, release.id))),
                    false => Ok(()),
                };
            }
        }
        let named = |pending: &Pending| pending.green == candidate.green && known(&pending.arn);
        let waits = self.turn.application.queue.iter().position(named);
        match waits {
            Some(index) => self.same_pending(index, candidate, context),
            None => self.start_new(candidate, context),
        }
    }

    /// The fleet of a release that waits for its turn: the same release, or one that a command takes over.
    fn same_pending(&mut self, index: usize, candidate: &Candidate, context: &Context<'_>) -> Result<(), Refusal> {
        let pending = self.turn.application.queue[index].clone();
        let origin = &candidate.origin;
        if origin.commanded && !pending.origin.commanded {
            let name = self.turn.application.name.clone();
            start::ground(candidate, &name, self.seen, context)?;
            self.app().queue[index].origin = origin.clone();
            self.enter_pending(&pending.id, Status::Pending, format!("{} takes over what an event began", origin.by));
        } else if origin.commanded && !pending.origin.is_said_again_by(origin) {
            return Err(Refusal::Conflict(format!(
                "{} waits already as release {}, with other fields",
                pending.green, pending.id
            )));
        }
        self.turn.subject = Some(pending.id);
        Ok(())
    }

    fn start_new(&mut self, candidate: &Candidate, context: &Context<'_>) -> Result<(), Refusal> {
        let name = self.turn.application.name.clone();
        let commanded = candidate.origin.commanded;
        let found = start::ground(candidate, &name, self.seen, context);
        if let (Err(Refusal::Invalid(fault)), false) = (&found, commanded) {
            return self.reject_event(candidate, fault.to_string(), context);
        }
        let ground = found?;
        if !commanded {
            let (green, family, groups) = (ground.green, &ground.family, &ground.groups);
            if let Some(why) = disqualified(green, family, groups, context.pasts, self.seen.at, Age::Counts) {
                return Err(Refusal::Ignored(why));
            }
        }
        if self.turn.application.running.is_some() {
            self.queue(candidate, ground.green);
            return Ok(());
        }
        let green = ground.green;
        let id = self.app().next_id();
        match start::begin(id.clone(), candidate.origin.clone(), ground, self.seen) {
            Ok(release) => {
                self.begin(release);
                Ok(())
            }
            Err(Refusal::Invalid(fault)) if !commanded => {
                let at = self.seen.at;
                self.reject(start::rejected(id, candidate.origin.clone(), green, fault.to_string(), at));
                Ok(())
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// A wrong tag is a rejected release: nobody reads a Lambda's error log. Once, until a tag changes.
    fn reject_event(&mut self, candidate: &Candidate, why: String, context: &Context<'_>) -> Result<(), Refusal> {
        let name = self.turn.application.name.clone();
        let family = self.seen.family(&name).map_err(|Unread(why)| Refusal::Unread(why))?;
        let Some(green) = family.iter().find(|fleet| fleet.name == candidate.green) else {
            return Err(Refusal::Ignored(format!("{} doesn't exist any more", candidate.green)));
        };
        let groups = family.iter().flat_map(|fleet| fleet.groups.iter().cloned()).collect();
        if let Some(why) = disqualified(green, &family, &groups, context.pasts, self.seen.at, Age::Counts) {
            return Err(Refusal::Ignored(why));
        }
        let id = self.app().next_id();
        self.reject(start::rejected(id, candidate.origin.clone(), green, why, self.seen.at));
        Ok(())
    }

    /// The running release's own fleet again: the same release, or one that a command takes over.
    fn same(&mut self, release: &Release, candidate: &Candidate, context: &Context<'_>) -> Result<(), Refusal> {
        self.turn.subject = Some(release.id.clone());
        if !candidate.origin.commanded {
            return Ok(());
        }
        let origin = &candidate.origin;
        if release.origin.commanded {
            return match release.origin.is_said_again_by(origin) {
                true => Ok(()),
                false => Err(Refusal::Conflict(format!(
                    "release {} of {} runs already, with other fields: see its status, or roll it back first",
                    release.id, release.green.fleet
                ))),
            };
        }
        if release.stage != Stage::Prepare || release.ending.is_some() {
            return Err(Refusal::Conflict(format!(
                "an event began release {} and it is in {}: a command can take it over only in prepare",
                release.id, release.stage
            )));
        }
        let name = self.turn.application.name.clone();
        let ground = start::ground(candidate, &name, self.seen, context)?;
        let mut taken = start::begin(release.id.clone(), origin.clone(), ground, self.seen)?;
        takeover::keep(&mut taken, release).map_err(|left_out| {
            Refusal::Conflict(format!("release {} holds the floor of {}: name it as blue", release.id, left_out.fleet))
        })?;
        let message = format!("{} takes over what an event began", origin.by);
        let note = Note { stage: taken.stage, status: taken.status, message };
        self.take_over(release, Commanded { release: taken, notes: vec![note], actions: Vec::new() });
        self.turn.again = true;
        Ok(())
    }

    /// Promote, pause or rollback.
    pub fn command(&mut self, ask: &Ask, context: &Context<'_>) -> Result<(), Refusal> {
        let running = self.turn.application.running.clone();
        if let Some(wanted) = context.subject
            && let Some(index) = self.turn.application.queue.iter().position(|pending| pending.id == *wanted)
        {
            return self.command_pending(ask, index);
        }
        let about_running = running.as_ref().filter(|release| context.subject.is_none_or(|id| *id == release.id));
        let (before, commanded) = match (about_running, context.ended) {
            (Some(release), _) => (release, command::apply(release, ask, self.seen)?),
            (None, Some(ended)) => {
                let reopened = command::reopen(&self.turn.application, ended, ask, self.seen)?;
                if let (Some(_), Some(running)) = (&reopened, &running) {
                    let why = format!("release {} has ended, and {} runs now", ended.id, running.id);
                    return Err(Refusal::Conflict(why));
                }
                (ended, reopened)
            }
            (None, None) => {
                let name = &self.turn.application.name;
                return Err(Refusal::NotFound(format!("application {name} has no such release on record")));
            }
        };
        self.turn.subject = Some(before.id.clone());
        match commanded {
            Some(commanded) => self.take_over(before, commanded),
            None => {
                self.turn.said = Some(format!("nothing to do, release {} {}", before.id, command::standing(before)))
            }
        }
        Ok(())
    }
}
