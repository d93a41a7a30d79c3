//! One turn of an application: what was asked, the running release's decision, and whose turn is next. Pure.

use super::command::Commanded;
use super::start::Candidate;
use super::{Action, Note, decide};
use crate::error::InvalidField;
use crate::mutation::{self, Mutation};
use crate::release::{
    Application, Entry, FleetArn, Observation, Past, PolicyFields, Release, ReleaseId, Status, Verdict, WaitingOn,
};

/// The largest item that a start may make, in bytes: 32 KB less what a release's warnings and evidence may add.
const ROOM: usize = 18 * 1024;

/// What is asked of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one per turn: a box would only be another word to read")]
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
    if matches!(ask, Ask::Start(_)) {
        turning.fits()?;
    }
    turning.expire_pending();
    turning.run();
    if turning.turn.application.running.is_none() {
        turning.next(context);
    }
    Ok(turning.turn)
}

pub(super) struct Turning<'a> {
    pub turn: Turn,
    pub seen: &'a Observation,
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

    /// What begins must fit onto the record, with room for what will be said of it.
    fn fits(&self) -> Result<(), Refusal> {
        let size = serde_json::to_string(&self.turn.application).map_or(usize::MAX, |item| item.len());
        if size <= ROOM {
            return Ok(());
        }
        let why = format!(
            "the application's item would have {size} bytes of {ROOM}: watch a composite alarm in place of many, or wait until fewer releases are pending"
        );
        Err(Refusal::Conflict(why))
    }

    pub fn app(&mut self) -> &mut Application {
        &mut self.turn.application
    }

    /// The running release by its rules.
    pub fn run(&mut self) {
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
    pub fn take_over(&mut self, before: &Release, changed: Commanded) {
        let Commanded { release, notes, actions } = changed;
        let mut standing = (before.stage, before.status);
        let last = notes.len().checked_sub(1);
        let told = |_: &&Action| !mutation::on(Mutation::ActionsUntold);
        let said = actions.iter().filter(told).map(Action::to_string).collect::<Vec<_>>();
        for (index, note) in notes.into_iter().enumerate() {
            // An end is told also where it looks like what was before: a halt that is over.
            let ends = release.ended() && Some(index) == last;
            let announced = ends || standing != (note.stage, note.status);
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

    pub fn enter(&mut self, release: &Release, note: Note, actions: Vec<String>, announced: bool) {
        let at = self.seen.at;
        let verdict = self.turn.verdict.clone().map(Verdict::brief).or_else(|| release.verdict.clone());
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
            verdict: verdict.filter(|_| !mutation::on(Mutation::VerdictUntold)),
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
    pub fn reject(&mut self, release: Release) {
        let note = Note { stage: release.stage, status: release.status, message: release.message.clone() };
        self.enter(&release, note, Vec::new(), true);
        self.turn.subject = Some(release.id.clone());
        self.app().last = Some(release.id.clone());
        self.turn.kept.push(release);
    }

    pub fn begin(&mut self, release: Release) {
        let note = Note { stage: release.stage, status: release.status, message: release.message.clone() };
        self.enter(&release, note, Vec::new(), true);
        self.turn.subject = Some(release.id.clone());
        self.turn.kept.push(release.clone());
        self.app().running = Some(release);
        self.turn.again = true;
    }
}
