//! One turn of an application: what was asked, the running release's decision, and whose turn is next. Pure.

use super::command::{self, Commanded};
use super::qualify::{Age, disqualified};
use super::start::{self, Candidate};
use super::{Action, Note, decide};
use crate::error::InvalidField;
use crate::release::{
    Application, Entry, FleetArn, Observation, Past, Pending, PolicyFields, Release, ReleaseId, Span, Stage, Status,
    Timestamp, Unread, Verdict, WaitingOn,
};

/// How long a pending release waits for its turn.
const TURN_TIMEOUT: Span = Span::seconds(86_400);

/// What is asked of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Move on whatever runs.
    Look,
    /// Start a release with this fleet.
    Start(Candidate),
    /// End the bake now.
    Promote {
        /// Who says so.
        by: String,
    },
    /// Hold the promotion.
    Pause {
        /// Who says so.
        by: String,
        /// For how long.
        for_seconds: u32,
    },
    /// Go back.
    Rollback {
        /// Who says so.
        by: String,
        /// Why.
        reason: Option<String>,
    },
}

/// What the flow knows besides the record and the look.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The function's defaults.
    pub defaults: &'a PolicyFields,
    /// What the record knows of the fleets that may start.
    pub pasts: &'a [(FleetArn, Past)],
    /// The release that a command names, or would go back from, if it has ended.
    pub ended: Option<&'a Release>,
    /// The release that the command is about; `None`: the running one, else the last.
    pub subject: Option<&'a ReleaseId>,
}

/// Why nothing was begun or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An event's fleet isn't a new version; why.
    Ignored(String),
    /// A field is wrong.
    Invalid(InvalidField),
    /// There is no such thing.
    NotFound(String),
    /// It doesn't go with where things stand.
    Conflict(String),
    /// Something it rests on couldn't be read.
    Unread(String),
}

/// What a turn comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The application's item as it's to be saved.
    pub application: Application,
    /// What to do, after the save.
    pub actions: Vec<Action>,
    /// What happened; the reports in them are still empty.
    pub entries: Vec<Entry>,
    /// Releases that started or ended.
    pub kept: Vec<Release>,
    /// What the running release waits for.
    pub waiting_on: Option<WaitingOn>,
    /// Its verdict in this look.
    pub verdict: Option<Verdict>,
    /// Which release the ask came to be about.
    pub subject: Option<ReleaseId>,
    /// That what was asked needed nothing, and why; for the person who asked.
    pub said: Option<String>,
    /// Something began or ended: another look, with other needs, may find more to do at once.
    pub again: bool,
}

/// Decides one application's turn.
///
/// # Errors
/// Why the ask was refused; then nothing is to be saved. A look is never refused.
pub fn turn(app: &Application, ask: &Ask, seen: &Observation, context: &Context<'_>) -> Result<Turn, Refusal> {
    let mut turning = Turning::new(app, seen);
    match ask {
        Ask::Look => {}
        Ask::Start(candidate) => turning.start(candidate, context)?,
        Ask::Promote { .. } | Ask::Pause { .. } | Ask::Rollback { .. } => turning.command(ask, context)?,
    }
    turning.expire_pending();
    turning.run();
    if turning.turn.application.running.is_none() {
        turning.next(context);
    }
    Ok(turning.turn)
}

struct Turning<'a> {
    turn: Turn,
    seen: &'a Observation,
}

impl<'a> Turning<'a> {
    fn new(app: &Application, seen: &'a Observation) -> Self {
        let turn = Turn {
            application: app.clone(),
            actions: Vec::new(),
            entries: Vec::new(),
            kept: Vec::new(),
            waiting_on: None,
            verdict: None,
            subject: None,
            said: None,
            again: false,
        };
        Self { turn, seen }
    }

    fn app(&mut self) -> &mut Application {
        &mut self.turn.application
    }

    /// The running release by its rules.
    fn run(&mut self) {
        let Some(before) = self.turn.application.running.clone() else { return };
        let decision = decide(&before, self.seen);
        self.turn.waiting_on = decision.waiting_on;
        self.turn.verdict = decision.verdict;
        self.take_over(
            &before,
            Commanded { release: decision.release, notes: decision.notes, actions: decision.actions },
        );
    }

    /// Puts a changed release back, with its entries.
    fn take_over(&mut self, before: &Release, changed: Commanded) {
        let Commanded { release, notes, actions } = changed;
        let mut standing = (before.stage, before.status);
        let last = notes.len().checked_sub(1);
        let said = actions.iter().map(Action::to_string).collect::<Vec<_>>();
        for (index, note) in notes.into_iter().enumerate() {
            let announced = standing != (note.stage, note.status);
            standing = (note.stage, note.status);
            let actions = if Some(index) == last { said.clone() } else { Vec::new() };
            self.enter(&release, note, actions, announced);
        }
        if last.is_none() && !actions.is_empty() {
            let message = said.join("; ");
            let note = Note { stage: release.stage, status: release.status, message };
            self.enter(&release, note, said, false);
        }
        self.turn.actions.extend(actions);
        if release.ended() {
            self.end(release);
        } else {
            self.app().running = Some(release);
        }
    }

    fn enter(&mut self, release: &Release, note: Note, actions: Vec<String>, announced: bool) {
        let at = self.seen.at;
        let verdict = self.turn.verdict.clone();
        let app = self.app();
        app.sequence += 1;
        let sequence = app.sequence;
        if announced {
            app.announcing.push(sequence);
        }
        self.turn.entries.push(Entry {
            sequence,
            release: release.id.clone(),
            at,
            stage: note.stage,
            status: note.status,
            message: note.message,
            actions,
            verdict: verdict.clone().or_else(|| release.verdict.clone()),
            announced,
            report: serde_json::Value::Null,
        });
    }

    fn end(&mut self, release: Release) {
        let app = self.app();
        app.running = None;
        app.last = Some(release.id.clone());
        if release.status != Status::Rejected {
            app.last_served = Some(release.id.clone());
        }
        self.turn.again = !self.turn.application.queue.is_empty();
        self.turn.kept.push(release);
    }

    /// An end without ever having been running: on record and announced.
    fn reject(&mut self, release: Release) {
        let note = Note { stage: release.stage, status: release.status, message: release.message.clone() };
        self.enter(&release, note, Vec::new(), true);
        self.turn.subject = Some(release.id.clone());
        self.app().last = Some(release.id.clone());
        self.turn.kept.push(release);
    }

    fn begin(&mut self, release: Release) {
        let note = Note { stage: release.stage, status: release.status, message: release.message.clone() };
        self.enter(&release, note, Vec::new(), true);
        self.turn.subject = Some(release.id.clone());
        self.turn.kept.push(release.clone());
        self.app().running = Some(release);
        self.turn.again = true;
    }

    /// A fleet that an event told of, or a command named.
    fn start(&mut self, candidate: &Candidate, context: &Context<'_>) -> Result<(), Refusal> {
        if let Some(release) = self.turn.application.running.clone() {
            let known = |arn: &FleetArn| candidate.arn.as_ref().is_none_or(|wanted| wanted == arn);
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
        if let Some(pending) = self.turn.application.queue.iter().find(|pending| pending.green == candidate.green) {
            let known = candidate.arn.as_ref().is_none_or(|arn| *arn == pending.arn);
            let same = pending.origin.fields == candidate.origin.fields && pending.origin.blue == candidate.origin.blue;
            if known && (same || !candidate.origin.commanded) {
                self.turn.subject = Some(pending.id.clone());
                return Ok(());
            }
            return Err(Refusal::Conflict(format!(
                "{} waits already as release {}, with other fields",
                pending.green, pending.id
            )));
        }
        self.start_new(candidate, context)
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

    fn queue(&mut self, candidate: &Candidate, green: &crate::release::Fleet) {
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

    fn enter_pending(&mut self, id: &ReleaseId, status: Status, message: String) {
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

    /// The running release's own fleet again: the same release, or one that a command takes over.
    fn same(&mut self, release: &Release, candidate: &Candidate, context: &Context<'_>) -> Result<(), Refusal> {
        self.turn.subject = Some(release.id.clone());
        if !candidate.origin.commanded {
            return Ok(());
        }
        let origin = &candidate.origin;
        let same_words = release.origin.fields == origin.fields && release.origin.blue == origin.blue;
        if release.origin.commanded {
            let same_token = origin.client_token.is_none() || origin.client_token == release.origin.client_token;
            return match same_words && same_token {
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
        taken.started_at = release.started_at;
        for member in taken.members_mut() {
            // What was written to a fleet stays known, whoever asks now.
            if let Some(old) = release.members().find(|old| old.arn == member.arn) {
                member.floor = old.floor;
                member.last_write = old.last_write;
                member.found = old.found;
            }
        }
        let lost =
            release.members().find(|old| old.floor.is_some() && !taken.members().any(|member| member.arn == old.arn));
        if let Some(member) = lost {
            let why = format!("release {} holds the floor of {}: name it as blue", release.id, member.fleet);
            return Err(Refusal::Conflict(why));
        }
        let message = format!("{} takes over what an event began", origin.by);
        let note = Note { stage: taken.stage, status: taken.status, message };
        self.take_over(release, Commanded { release: taken, notes: vec![note], actions: Vec::new() });
        self.turn.again = true;
        Ok(())
    }

    /// Promote, pause or rollback.
    fn command(&mut self, ask: &Ask, context: &Context<'_>) -> Result<(), Refusal> {
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

    fn command_pending(&mut self, ask: &Ask, index: usize) -> Result<(), Refusal> {
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

    fn drop_pending(&mut self, index: usize, why: String) {
        let pending = self.app().queue.remove(index);
        self.enter_pending(&pending.id, Status::Rejected, why.clone());
        self.turn.kept.push(start::rejected_pending(&pending, why, self.seen.at));
    }

    fn expire_pending(&mut self) {
        let now = self.seen.at;
        let late = |pending: &Pending| now - pending.asked_at >= TURN_TIMEOUT;
        while let Some(index) = self.turn.application.queue.iter().position(late) {
            self.drop_pending(index, "waited 24 hours for its turn".to_owned());
        }
    }

    /// The youngest that waits has its turn, if it still qualifies; the others are rejected, saying so.
    fn next(&mut self, context: &Context<'_>) {
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
