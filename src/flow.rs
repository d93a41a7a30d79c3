//! The flow of one application's turn: look, decide; then, only to act: lease, look and decide again, save, act, save.
//!
//! **Invariant:** nothing is written to AWS except from a decision whose look began under the present lease, after
//! that decision was saved.

use crate::act;
use crate::act::Writes;
use crate::announce::Notify;
use crate::clock::Clock;
use crate::decide::{Action, Ask, Candidate, Context, Refusal, Turn, start_needs, turn};
use crate::error::Error;
use crate::mutation::{self, Mutation};
use crate::observe::{Needs, Reads, observe};
use crate::record::{Lease, Ledger, LedgerError, Owners, Save};
use crate::release::{
    Application, ApplicationName, Entry, FleetArn, Observation, Past, PolicyFields, Release, ReleaseId, Span,
    Timestamp, Verdict, WaitingOn,
};
use crate::report::Report;
use crate::telemetry;

/// Everything that the flow touches.
pub trait Ports: Reads + Writes + Ledger + Notify + Clock {}
impl<T: Reads + Writes + Ledger + Notify + Clock> Ports for T {}

/// One invocation, as Lambda tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Its request id, to be found in the logs and in CloudTrail. Not unique: Lambda may deliver an event twice.
    pub request_id: String,
    /// When Lambda ends it.
    pub deadline: Timestamp,
}

/// How often a turn looks again because something began or ended: a rejection, the next one's start, its first look.
const MOST_LOOKS: usize = 5;
/// How often somebody else's lease is asked for again, and how long between: it's seldom held longer than this in all.
const TRIES: usize = 8;
const BETWEEN_TRIES: Span = Span::from_millis(400);
/// An announcement that the bus didn't accept for so long is given up.
const ANNOUNCE_FOR: Span = Span::seconds(86_400);

/// The flow, bound to its ports and to one invocation.
pub struct Flow<'a, P> {
    /// What it reads, writes and remembers through.
    pub ports: &'a P,
    /// The function's policy defaults.
    pub defaults: &'a PolicyFields,
    /// Who holds the leases that it takes.
    pub owners: &'a Owners,
    /// The invocation.
    pub invocation: &'a Invocation,
}

/// What is asked of one application, and how urgently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// What is asked.
    pub ask: Ask,
    /// Which release it's about; `None`: the running one, else the last.
    pub subject: Option<ReleaseId>,
    /// Take the lease at once, without a first look: one round less.
    pub at_once: bool,
}

/// How a turn left the application.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its item.
    pub application: Application,
    /// The release that the errand came to be about.
    pub subject: Option<ReleaseId>,
    /// A release that ended in this turn, or that the errand was about and had ended before.
    pub ended: Option<Release>,
    /// What the running release waits for.
    pub waiting_on: Option<WaitingOn>,
    /// Its verdict.
    pub verdict: Option<Verdict>,
    /// What was done.
    pub actions: Vec<String>,
    /// That what was asked needed nothing.
    pub said: Option<String>,
    /// When it was looked at last.
    pub at: Timestamp,
}

/// A look together with what the record said of the fleets in it.
struct Look {
    seen: Observation,
    pasts: Vec<(FleetArn, Past)>,
    ended: Option<Release>,
}

impl<P: Ports> Flow<'_, P> {
    /// One turn. A look that has nothing to do costs no write.
    pub async fn turn(&self, name: &ApplicationName, errand: &Errand) -> Result<Outcome, Error> {
        let mut before = None;
        if !errand.at_once {
            let known = self.ports.application(name).await.map_err(edge)?;
            let app = known.unwrap_or_else(|| Application::new(name.clone()));
            let look = self.look(&app, errand).await?;
            let turned = self.decide(&app, errand, &look)?;
            if nothing_new(&app, &turned) {
                return Ok(outcome(turned, look, Vec::new()));
            }
            before = Some(app).filter(|_| mutation::on(Mutation::RecordFromBefore));
        }
        let owner = self.owners.next(&self.invocation.request_id);
        let lease = Lease::new(owner, self.ports.now(), self.invocation.deadline);
        let app = self.take(name, &lease).await?;
        let worked = self.work(before.unwrap_or(app), errand, &lease).await;
        if worked.is_err() {
            // Best effort: it ends by itself.
            let _ended = self.ports.give_back(name, &lease).await;
        }
        worked
    }

    /// Takes the lease, waiting a little for whoever holds it.
    async fn take(&self, name: &ApplicationName, lease: &Lease) -> Result<Application, Error> {
        let mut tries = 1;
        loop {
            match self.ports.take(name, lease).await {
                Err(LedgerError::Held { .. }) if tries < TRIES && !mutation::on(Mutation::LeaseUnheeded) => {
                    tries += 1;
                    self.ports.sleep(BETWEEN_TRIES).await;
                }
                Err(LedgerError::Held { .. }) if mutation::on(Mutation::LeaseUnheeded) => {
                    let known = self.ports.application(name).await.map_err(edge)?;
                    return Ok(known.unwrap_or_else(|| Application::new(name.clone())));
                }
                taken => return taken.map_err(edge),
            }
        }
    }

    /// Looks, decides, saves, acts, saves, under the lease.
    async fn work(&self, mut app: Application, errand: &Errand, lease: &Lease) -> Result<Outcome, Error> {
        let mut errand = errand.clone();
        let mut done = Vec::new();
        let mut ended = None;
        let mut subject = None;
        let mut said = None;
        let mut unannounced = Vec::new();
        let mut saved = app.clone();
        for looks in 1.. {
            let look = self.look(&app, &errand).await?;
            let turned = self.decide(&app, &errand, &look)?;
            let fresh = !nothing_new(&app, &turned);
            let Turn { application, actions, mut entries, kept, again, .. } = turned.clone();
            app = application;
            subject = turned.subject.clone().or(subject);
            said = turned.said.clone().or(said);
            ended = kept.iter().rfind(|release| release.ended()).cloned().or(ended);
            if fresh {
                self.describe(&mut entries, &turned, look.seen.at);
                if let Some(running) = &mut app.running {
                    act::intend(running, &actions, lease);
                }
                let give_back = actions.is_empty() && !again && app.announcing.is_empty();
                let early = mutation::on(Mutation::SavedAfterwards);
                if early {
                    done.extend(self.act(&mut app, &actions, lease).await);
                }
                self.save(lease, &app, &entries, &kept, give_back).await?;
                saved = app.clone();
                unannounced.extend(entries.iter().filter(|entry| entry.announced).cloned());
                entries.iter().for_each(telemetry::entry);
                if !early {
                    done.extend(self.act(&mut app, &actions, lease).await);
                }
                if give_back {
                    return Ok(Outcome {
                        subject,
                        ended,
                        said,
                        ..outcome(Turn { application: app, ..turned }, look, done)
                    });
                }
            }
            // What was asked has been done once; from here on it's a look like any other.
            errand.ask = Ask::Look;
            if fresh && again && looks < MOST_LOOKS && lease.may_write(self.ports.now()) {
                continue;
            }
            self.announce(&mut app, unannounced).await;
            if app == saved {
                let _ended = self.ports.give_back(&app.name, lease).await;
            } else {
                self.save(lease, &app, &[], &[], true).await?;
            }
            let turned = Turn { application: app, ..turned };
            return Ok(Outcome { subject, ended: ended.or(look.ended.clone()), said, ..outcome(turned, look, done) });
        }
        Err(Error::Unavailable("too many looks in one turn".to_owned()))
    }

    async fn save(
        &self,
        lease: &Lease,
        application: &Application,
        entries: &[Entry],
        releases: &[Release],
        give_back: bool,
    ) -> Result<(), Error> {
        let save = Save { application, entries, releases, give_back };
        match self.ports.save(lease, save).await {
            Err(LedgerError::Stale(_)) if mutation::on(Mutation::LeaseUnheeded) => Ok(()),
            saved => saved.map_err(edge),
        }
    }

    /// Carries out what was saved, and puts the answers on the record.
    async fn act(&self, app: &mut Application, actions: &[Action], lease: &Lease) -> Vec<String> {
        let outcomes = act::carry_out(self.ports, self.ports, lease, actions).await;
        if let Some(running) = &mut app.running {
            act::note(running, &outcomes);
        }
        outcomes.iter().filter(|outcome| outcome.result.is_ok()).map(|outcome| outcome.action.to_string()).collect()
    }

    /// Everything that the application, and what is asked of it, makes worth seeing.
    async fn look(&self, app: &Application, errand: &Errand) -> Result<Look, Error> {
        let now = self.ports.now();
        let mut needs = Needs::default();
        let ended = self.ended(app, errand).await?;
        if let Some(running) = &app.running {
            needs.of(running, now);
            if matches!(errand.ask, Ask::Promote { .. }) {
                needs.promotion_of(running);
            }
        } else if let (Some(ended), Ask::Rollback { .. }) = (&ended, &errand.ask) {
            needs.of(ended, now);
        }
        let candidates = candidates(app, &errand.ask);
        if !candidates.is_empty() {
            needs.families.insert(app.name.clone());
        }
        let mut seen = observe(self.ports, self.ports, &needs).await;
        let mut pasts = Vec::new();
        if let (false, Ok(family)) = (candidates.is_empty(), seen.family(&app.name)) {
            let mut more = Needs::default();
            let mut arns = Vec::new();
            for candidate in &candidates {
                more.merge(start_needs(candidate, &family, self.defaults));
                let named = family.iter().filter(|fleet| fleet.name == candidate.green);
                arns.extend(named.map(|fleet| fleet.arn.clone()));
            }
            let (later, known) = futures_util::join!(observe(self.ports, self.ports, &more), self.ports.pasts(&arns));
            seen.merge(later);
            pasts = known.map_err(edge)?;
        }
        Ok(Look { seen, pasts, ended })
    }

    /// The ended release that the errand is about.
    async fn ended(&self, app: &Application, errand: &Errand) -> Result<Option<Release>, Error> {
        let commanded = matches!(errand.ask, Ask::Promote { .. } | Ask::Pause { .. } | Ask::Rollback { .. });
        let running = app.running.as_ref().map(|release| &release.id);
        let default = if commanded { app.last_served.as_ref().or(app.last.as_ref()) } else { app.last.as_ref() };
        let Some(id) = errand.subject.as_ref().or(running.or(default)) else { return Ok(None) };
        let pending = app.queue.iter().any(|pending| pending.id == *id);
        if running == Some(id) || pending || (!commanded && errand.subject.is_none()) {
            return Ok(None);
        }
        self.ports.release(id).await.map_err(edge)
    }

    fn decide(&self, app: &Application, errand: &Errand, look: &Look) -> Result<Turn, Error> {
        let context = Context {
            defaults: self.defaults,
            pasts: &look.pasts,
            ended: look.ended.as_ref(),
            subject: errand.subject.as_ref(),
        };
        let turned = turn(app, &errand.ask, &look.seen, &context);
        turned.map_err(refused)
    }

    /// Writes each announced entry's report: what the event bus will get.
    fn describe(&self, entries: &mut [Entry], turned: &Turn, now: Timestamp) {
        for entry in entries.iter_mut().filter(|entry| entry.announced) {
            let kept = turned.kept.iter().find(|release| release.id == entry.release);
            let running = turned.application.running.as_ref().filter(|release| release.id == entry.release);
            if let Some(release) = running.or(kept) {
                let waiting_on = running.and(turned.waiting_on.clone());
                entry.report = Report::of(release, waiting_on, turned.verdict.clone(), now).at_entry(entry);
            } else if let Some(pending) = turned.application.queue.iter().find(|pending| pending.id == entry.release) {
                entry.report = Report::pending(&turned.application, pending, now).at_entry(entry);
            }
        }
    }

    /// Announces what the bus hasn't accepted yet, from this turn or an earlier one.
    async fn announce(&self, app: &mut Application, mut entries: Vec<Entry>) {
        if app.announcing.is_empty() {
            return;
        }
        let missing = app.announcing.iter().any(|sequence| !entries.iter().any(|entry| entry.sequence == *sequence));
        if missing {
            let oldest = app.announcing.iter().min().copied().unwrap_or(app.sequence);
            let limit = u32::try_from(app.sequence - oldest + 1).unwrap_or(u32::MAX);
            let Ok(older) = self.ports.entries(&app.name, None, limit).await else { return };
            entries = older;
        }
        entries.retain(|entry| app.announcing.contains(&entry.sequence));
        let now = self.ports.now();
        let (late, due): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| now - entry.at >= ANNOUNCE_FOR);
        late.iter().for_each(telemetry::announcement_given_up);
        let accepted = self.ports.announce(&due).await;
        let heard = |sequence: &u64| accepted.contains(sequence) || mutation::on(Mutation::UnheardIsTold);
        let over = |sequence: &u64| heard(sequence) || late.iter().any(|entry| entry.sequence == *sequence);
        app.announcing.retain(|sequence| !over(sequence));
    }
}

/// The fleets that may start in this turn: the one that was named, and the youngest that waits.
fn candidates(app: &Application, ask: &Ask) -> Vec<Candidate> {
    let named = match ask {
        Ask::Start(candidate) => Some(candidate.clone()),
        Ask::Look | Ask::Promote { .. } | Ask::Pause { .. } | Ask::Rollback { .. } => None,
    };
    let waits = app.next_pending().filter(|_| app.running.is_none());
    let waiting = waits.map(|pending| Candidate {
        green: pending.green.clone(),
        arn: Some(pending.arn.clone()),
        origin: pending.origin.clone(),
    });
    named.into_iter().chain(waiting).collect()
}

/// Whether a turn found everything as it was: then there is nothing to save, and nothing to do.
pub(crate) fn nothing_new(app: &Application, turned: &Turn) -> bool {
    let same = turned.actions.is_empty()
        && turned.entries.is_empty()
        && turned.application == *app
        && app.announcing.is_empty();
    same && !mutation::on(Mutation::LooksSave)
}

fn outcome(turned: Turn, look: Look, actions: Vec<String>) -> Outcome {
    Outcome {
        subject: turned.subject,
        ended: turned.kept.into_iter().rfind(Release::ended).or(look.ended),
        waiting_on: turned.waiting_on,
        verdict: turned.verdict,
        said: turned.said,
        application: turned.application,
        actions,
        at: look.seen.at,
    }
}

/// A refusal, as a caller sees it.
pub(crate) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Invalid(fault) => Error::InvalidRequest(fault),
        Refusal::NotFound(why) => Error::NotFound(why),
        Refusal::Ignored(why) | Refusal::Conflict(why) => Error::Conflict(why),
        Refusal::Unread(why) => Error::Unavailable(why),
    }
}

/// The record's faults, as a caller sees them.
pub(crate) fn edge(fault: LedgerError) -> Error {
    match fault {
        LedgerError::Held { application, .. } | LedgerError::Stale(application) => {
            Error::Busy { application: application.to_string() }
        }
        LedgerError::Throttled(why) => Error::Throttled { why },
        LedgerError::Unavailable(_) => Error::Unavailable(fault.to_string()),
    }
}
