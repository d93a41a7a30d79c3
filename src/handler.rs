//! The whole flow on one screen: payload → request → turn → report.
//!
//! Every knock ends in the same turn of one application; an event only says which, and what was asked.

use crate::decide::{Ask, Candidate};
use crate::error::Error;
use crate::flow::{Errand, Flow, Invocation, Ports, edge};
use crate::record::Owners;
use crate::release::{Application, ApplicationName, Fleet, Origin, PolicyFields, Reading, Unread};
use crate::trigger::{self, AlarmKnock, Command, FleetKnock, Request};
use crate::{answer, sweep};
use serde_json::{Value, json};

/// The handler: made once in init, used by every invocation of the process.
pub struct Handler<P> {
    ports: P,
    defaults: PolicyFields,
    owners: Owners,
}

impl<P: Ports> Handler<P> {
    /// Binds the flow to its ports, to the function's policy defaults, and to who it is among all processes.
    pub fn new(ports: P, defaults: PolicyFields, owners: Owners) -> Self {
        Self { ports, defaults, owners }
    }

    /// Handles one payload.
    ///
    /// # Errors
    /// See [`Error`]: each says whether the same payload may succeed later.
    pub async fn handle(&self, payload: &[u8], invocation: &Invocation) -> Result<Value, Error> {
        let flow = Flow { ports: &self.ports, defaults: &self.defaults, owners: &self.owners, invocation };
        match trigger::parse(payload)? {
            Request::Ignored { why } => Ok(ignored(why)),
            Request::Fleets(knocks) => several(flow.fleets(&knocks).await?),
            Request::Alarm(knock) => flow.alarm(&knock).await,
            Request::Sweep => sweep::sweep(&flow).await,
            Request::Command(command) => flow.command(command).await,
        }
    }
}

impl<P: Ports> Flow<'_, P> {
    /// Events about fleets: a release starts where one qualifies, else the application is checked.
    async fn fleets(&self, knocks: &[FleetKnock]) -> Result<Vec<Result<Value, Error>>, Error> {
        let names: Vec<_> = knocks.iter().map(|knock| knock.fleet.clone()).collect();
        let found = read(self.ports.fleets(&names).await)?;
        let mut answers = Vec::new();
        for knock in knocks {
            let fleet = found.iter().find(|fleet| fleet.name == knock.fleet);
            answers.push(self.fleet(knock, fleet).await);
        }
        Ok(answers)
    }

    async fn fleet(&self, knock: &FleetKnock, fleet: Option<&Fleet>) -> Result<Value, Error> {
        let same = |fleet: &&Fleet| knock.arn.as_ref().is_none_or(|arn| *arn == fleet.arn);
        let Some(fleet) = fleet.filter(same) else {
            return Ok(ignored(format!("{} doesn't exist any more", knock.fleet)));
        };
        let Some(application) = fleet.application() else {
            return Ok(ignored(format!("{} carries no cutover:application tag", knock.fleet)));
        };
        let errand = Errand { ask: Ask::Start(self.candidate(fleet)), subject: None, at_once: false };
        match self.turn(&application, &errand).await {
            // No new version: then it's a reason to look how the application's release goes.
            Err(Error::Conflict(why)) => match self.turn(&application, &Errand::LOOK).await {
                Ok(outcome) if outcome.application.running.is_some() => answer::report(self, &outcome).await,
                Ok(_) => Ok(ignored(why)),
                Err(fault) => left_to_the_sweep(fault),
            },
            Ok(outcome) => answer::report(self, &outcome).await,
            Err(fault) => left_to_the_sweep(fault),
        }
    }

    /// A fleet that an event or the sweep told of.
    pub(crate) fn candidate(&self, fleet: &Fleet) -> Candidate {
        let origin = Origin {
            by: "event".to_owned(),
            request_id: self.invocation.request_id.clone(),
            commanded: false,
            client_token: None,
            fields: PolicyFields::default(),
            blue: None,
        };
        Candidate { green: fleet.name.clone(), arn: Some(fleet.arn.clone()), origin }
    }

    /// An alarm moved: every release in flight that watches it is checked; in ALARM, with the lease taken at once.
    async fn alarm(&self, knock: &AlarmKnock) -> Result<Value, Error> {
        let in_flight = self.ports.in_flight().await.map_err(edge)?;
        let watches = |app: &&Application| {
            let running = app.running.as_ref();
            running.is_some_and(|release| release.watched.iter().any(|watched| watched.alarm == knock.alarm))
        };
        let names: Vec<ApplicationName> = in_flight.iter().filter(watches).map(|app| app.name.clone()).collect();
        if names.is_empty() {
            return Ok(ignored(format!("no release in flight watches alarm {}", knock.alarm)));
        }
        let errand = Errand { at_once: knock.in_alarm, ..Errand::LOOK };
        let turns = names.iter().map(|name| async {
            match self.turn(name, &errand).await {
                Ok(outcome) => answer::report(self, &outcome).await,
                Err(fault) => left_to_the_sweep(fault),
            }
        });
        // One application's trouble keeps no other from its rollback: every turn is taken to its end.
        several(futures_util::future::join_all(turns).await)
    }

    /// A command from a workflow, a pipeline or a person.
    async fn command(&self, command: Command) -> Result<Value, Error> {
        let by = command.by().unwrap_or("a command").to_owned();
        let (subject, ask) = match command {
            Command::Attach(attach) => return self.attach(*attach, &by).await,
            Command::Plan(attach) => return self.plan(*attach, &by).await,
            Command::Status { subject } => return self.status(&subject).await,
            Command::List => return self.list().await,
            Command::History { application } => return self.history(&application).await,
            Command::Check { subject, .. } => (subject, Ask::Look),
            Command::Promote { subject, .. } => (subject, Ask::Promote { by }),
            Command::Pause { subject, for_seconds, .. } => (subject, Ask::Pause { by, for_seconds }),
            Command::Rollback { subject, reason, .. } => (subject, Ask::Rollback { by, reason }),
        };
        // A check has mostly nothing to do, and then costs no write; the others change the record in any case.
        let at_once = ask != Ask::Look;
        let errand = Errand { ask, subject: subject.release.clone(), at_once };
        if at_once {
            self.known(&subject).await?;
        }
        let outcome = self.turn(&subject.application, &errand).await?;
        answer::about(self, &outcome, subject.release.as_ref()).await
    }
}

impl Errand {
    /// Move on whatever runs.
    pub const LOOK: Errand = Errand { ask: Ask::Look, subject: None, at_once: false };
}

/// The answer to what is none of ours, or none of now.
pub(crate) fn ignored(why: impl Into<String>) -> Value {
    json!({ "ignored": why.into() })
}

/// One report stands alone; of several there's a list. One that failed is the answer: what knocked may knock again.
fn several(answers: Vec<Result<Value, Error>>) -> Result<Value, Error> {
    let mut answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    match answers.len() {
        1 => Ok(answers.swap_remove(0)),
        _ => Ok(json!({ "releases": answers, "not_reached": 0 })),
    }
}

/// Events don't fight for the lease: the sweep comes within the minute.
fn left_to_the_sweep(fault: Error) -> Result<Value, Error> {
    match fault {
        Error::Busy { .. } => Ok(ignored("busy: left to the sweep")),
        fault => Err(fault),
    }
}

/// A reading without which there is nothing to decide.
pub(crate) fn read<T>(reading: Reading<T>) -> Result<T, Error> {
    reading.map_err(|Unread(why)| Error::Unavailable(why))
}
