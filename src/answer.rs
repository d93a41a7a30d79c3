//! What a caller gets: the report of the release that an errand was about, and the commands that only read.

use crate::decide::{Ask, Candidate, Context, start_needs, turn};
use crate::error::{Error, InvalidField};
use crate::flow::{Errand, Flow, Outcome, Ports, edge};
use crate::handler::read;
use crate::observe::{Needs, observe};
use crate::release::{Application, ApplicationName, Origin, Release, ReleaseId, Timestamp, Verdict, WaitingOn};
use crate::report::Report;
use crate::trigger::{AttachCommand, Subject};
use serde_json::{Value, json};

/// The newest entries of one release that are read for its timeline: more than any makes, unless people command it hundreds
/// of times.
const TIMELINE: u32 = 200;
/// The newest entries of an application that are read for `history`.
const HISTORY: u32 = 500;

/// When a report has the timeline.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timeline {
    Always,
    OnceEnded,
}

/// A running release's report.
pub fn running(release: &Release, waiting_on: Option<WaitingOn>, verdict: Option<Verdict>, now: Timestamp) -> Value {
    Report::of(release, waiting_on, verdict, now).to_value()
}

/// The report after a turn that nobody aimed at one release.
pub async fn report<P: Ports>(flow: &Flow<'_, P>, outcome: &Outcome) -> Result<Value, Error> {
    about(flow, outcome, None).await
}

/// The report after a turn: of `wanted`, or of what the turn came to be about, or of what runs, or of the last.
pub async fn about<P: Ports>(
    flow: &Flow<'_, P>,
    outcome: &Outcome,
    wanted: Option<&ReleaseId>,
) -> Result<Value, Error> {
    flow.told(outcome, wanted, Timeline::OnceEnded).await
}

impl<P: Ports> Flow<'_, P> {
    async fn told(&self, outcome: &Outcome, wanted: Option<&ReleaseId>, timeline: Timeline) -> Result<Value, Error> {
        let app = &outcome.application;
        let default = app.running.as_ref().map(|release| &release.id).or(app.last.as_ref());
        let Some(id) = wanted.or(outcome.subject.as_ref()).or(default) else {
            return Err(Error::NotFound(format!("application {} has no release on record", app.name)));
        };
        let (report, ended) = self.report_of(outcome, id).await?;
        if !ended && timeline == Timeline::OnceEnded {
            return Ok(report.to_value());
        }
        let entries = self.ports.entries(id.application(), Some(id), TIMELINE).await.map_err(edge)?;
        Ok(report.with_timeline(&entries).to_value())
    }

    /// The report of a release after a turn, and whether it has ended.
    async fn report_of(&self, outcome: &Outcome, id: &ReleaseId) -> Result<(Report, bool), Error> {
        let Outcome { application: app, at, .. } = outcome;
        if let Some(pending) = app.queue.iter().find(|pending| pending.id == *id) {
            return Ok((Report::pending(app, pending, *at), false));
        }
        let mut report = match (&app.running, &outcome.ended) {
            (Some(release), _) if release.id == *id => {
                Report::of(release, outcome.waiting_on.clone(), outcome.verdict.clone(), *at)
            }
            (_, Some(release)) if release.id == *id => Report::of(release, None, outcome.verdict.clone(), *at),
            _ => Report::of(&self.recorded(id).await?, None, None, *at),
        };
        report.done(&outcome.actions, outcome.said.as_deref());
        let runs = app.running.as_ref().is_some_and(|release| release.id == *id);
        Ok((report, !runs))
    }

    async fn recorded(&self, id: &ReleaseId) -> Result<Release, Error> {
        let found = self.ports.release(id).await.map_err(edge)?;
        found.ok_or_else(|| Error::NotFound(format!("release {id} isn't on record")))
    }

    /// Whether there is anything on record for a command to act on: a wrong name must not make an item.
    pub(crate) async fn known(&self, subject: &Subject) -> Result<Application, Error> {
        let known = self.ports.application(&subject.application).await.map_err(edge)?;
        let name = &subject.application;
        known
            .filter(|app| app.numbered > 0)
            .ok_or_else(|| Error::NotFound(format!("application {name} has no release on record")))
    }

    /// `attach`: starts a release, or answers about the one that it began before.
    pub(crate) async fn attach(&self, command: AttachCommand, by: &str) -> Result<Value, Error> {
        // Asked first: the release stays, whatever has become of its fleet.
        if let Some(token) = &command.client_token
            && let Some(id) = self.ports.by_token(token).await.map_err(edge)?
        {
            return self.again(&id, &command).await;
        }
        let (application, candidate) = self.named(command, by).await?;
        // Not at once: what is refused leaves no trace on the record.
        let errand = Errand { ask: Ask::Start(candidate), subject: None, at_once: false };
        report(self, &self.turn(&application, &errand).await?).await
    }

    /// The same token is the same release for ever: it's moved on, or reported.
    async fn again(&self, id: &ReleaseId, command: &AttachCommand) -> Result<Value, Error> {
        let errand = Errand { subject: Some(id.clone()), ..Errand::LOOK };
        let outcome = self.turn(id.application(), &errand).await?;
        let app = &outcome.application;
        let running = app.running.as_ref().filter(|release| release.id == *id);
        let pending = app.queue.iter().find(|pending| pending.id == *id);
        let (green, origin) = match (running, pending) {
            (Some(release), _) => (release.green.fleet.clone(), release.origin.clone()),
            (None, Some(pending)) => (pending.green.clone(), pending.origin.clone()),
            (None, None) => self.recorded(id).await.map(|release| (release.green.fleet, release.origin))?,
        };
        let same_place = green == command.green
            && command.application.as_ref().is_none_or(|application| application == id.application());
        if !same_place || origin.fields != command.policy || origin.blue != command.blue {
            let why = format!("the client_token began release {id} of {green} with other fields");
            return Err(Error::Conflict(why));
        }
        about(self, &outcome, Some(id)).await
    }

    /// The application that an `attach` or a `plan` is about, by green's tag.
    async fn named(&self, command: AttachCommand, by: &str) -> Result<(ApplicationName, Candidate), Error> {
        let found = read(self.ports.fleets(std::slice::from_ref(&command.green)).await)?;
        let Some(green) = found.into_iter().find(|fleet| fleet.name == command.green) else {
            return Err(Error::NotFound(format!("there is no Auto Scaling group {}", command.green)));
        };
        let tagged = green.application().ok_or_else(|| {
            let expected = "a fleet that carries the tag cutover:application";
            InvalidField::wrong_text("green", command.green.as_str(), expected)
        })?;
        if let Some(application) = command.application.filter(|application| *application != tagged) {
            let expected = format!("\"{tagged}\", what the tag cutover:application of {} says", green.name);
            return Err(InvalidField::wrong_text("application", application.as_str(), expected).into());
        }
        let origin = Origin {
            by: by.to_owned(),
            request_id: self.invocation.request_id.clone(),
            commanded: true,
            client_token: command.client_token,
            fields: command.policy,
            blue: command.blue,
        };
        Ok((tagged, Candidate { green: command.green, arn: Some(green.arn), origin }))
    }

    /// `plan`: what `attach` would judge and do, without one write.
    pub(crate) async fn plan(&self, command: AttachCommand, by: &str) -> Result<Value, Error> {
        let (application, candidate) = self.named(command, by).await?;
        let known = self.ports.application(&application).await.map_err(edge)?;
        let app = known.unwrap_or_else(|| Application::new(application.clone()));
        let needs = Needs { families: [application.clone()].into(), ..Needs::default() };
        let mut seen = observe(self.ports, self.ports, &needs).await;
        let family = read(seen.family(&application))?;
        let more = start_needs(&candidate, &family, self.defaults);
        seen.merge(observe(self.ports, self.ports, &more).await);
        // As if nothing else ran: what runs now is said beside the plan.
        let idle = Application { running: None, queue: Vec::new(), ..app.clone() };
        let context = Context { defaults: self.defaults, pasts: &[], ended: None, subject: None };
        let errand = Errand { ask: Ask::Start(candidate), subject: None, at_once: false };
        let turned = turn(&idle, &errand.ask, &seen, &context).map_err(crate::flow::refused)?;
        let Some(release) = turned.kept.into_iter().next() else {
            return Err(Error::Unavailable("the plan came to no release".to_owned()));
        };
        let mut needs = Needs::default();
        needs.of(&release, seen.at);
        seen.merge(observe(self.ports, self.ports, &needs).await);
        let planned = crate::decide::plan(&release, &seen);
        let mut warnings = planned.warnings;
        if let Some(running) = &app.running {
            warnings.push(format!("release {} of {} runs: this one would be pending", running.id, running.green.fleet));
        }
        Ok(json!({ "gates": planned.gates, "plan": planned.lines, "warnings": warnings }))
    }

    /// `status`: the record and the world, without one write.
    pub(crate) async fn status(&self, subject: &Subject) -> Result<Value, Error> {
        let app = self.known(subject).await?;
        let now = self.ports.now();
        let mut outcome = Outcome {
            application: app,
            subject: None,
            ended: None,
            waiting_on: None,
            verdict: None,
            actions: Vec::new(),
            said: None,
            at: now,
        };
        if let Some(running) = &outcome.application.running {
            let mut needs = Needs::default();
            needs.of(running, now);
            let seen = observe(self.ports, self.ports, &needs).await;
            let decision = crate::decide::decide(running, &seen);
            // What is waited for behind a move isn't told with what was said before it: the look that makes it is due.
            let moves = !decision.notes.is_empty() || decision.release.ending != running.ending;
            outcome.waiting_on = decision.waiting_on.filter(|_| !moves);
            outcome.verdict = decision.verdict;
        }
        self.told(&outcome, subject.release.as_ref(), Timeline::Always).await
    }

    /// `list`: every application on record.
    pub(crate) async fn list(&self) -> Result<Value, Error> {
        let applications = self.ports.applications().await.map_err(edge)?;
        let line = |app: &Application| {
            let running = app.running.as_ref();
            json!({
                "application": app.name,
                "running": running.map(|release| &release.id),
                "stage": running.map(|release| release.stage),
                "status": running.map(|release| release.status),
                "pending": app.queue.iter().map(|pending| &pending.id).collect::<Vec<_>>(),
                "last": app.last,
            })
        };
        Ok(json!({ "applications": applications.iter().map(line).collect::<Vec<_>>() }))
    }

    /// `history`: an application's releases, newest first.
    pub(crate) async fn history(&self, application: &ApplicationName) -> Result<Value, Error> {
        let subject = Subject { application: application.clone(), release: None };
        self.known(&subject).await?;
        let entries = self.ports.entries(application, None, HISTORY).await.map_err(edge)?;
        Ok(json!({ "application": application, "releases": Report::history_of(&entries, HISTORY as usize) }))
    }
}
