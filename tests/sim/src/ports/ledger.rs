//! The ledger port over the record in memory.

use super::faults::{LedgerFault, LedgerOperation};
use super::invocation::Ports;
use super::record::Record;
use cutover::clock::Clock;
use cutover::record::{Lease, Ledger, LedgerError, Past, Save};
use cutover::release::{Application, ApplicationName, Entry, FleetArn, Release, ReleaseId, Span};

/// How late a slow answer comes: just within what its caller waits.
const SLOW: Span = Span::from_millis(2_500);
/// For how long a conflicting holder is said to hold.
const CONFLICT: Span = Span::seconds(5);

impl Ports {
    /// One call to the table: `effect` happens, or what goes wrong does; `conflict` is what another's write leads to.
    async fn table<T>(
        &self,
        operation: LedgerOperation,
        conflict: LedgerError,
        effect: impl FnOnce(&mut Record, i64) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let (name, write) = word(operation);
        let sim = &self.sim;
        let (answer, late) = self
            .exchange(name, write, || {
                let now = sim.shared.timeline.now();
                let mut record = sim.shared.record.borrow_mut();
                match record.fault(operation, now) {
                    None => (effect(&mut record, now), None),
                    Some(LedgerFault::Slow) => (effect(&mut record, now), Some(SLOW)),
                    Some(LedgerFault::Unavailable) => (Err(unavailable("it can't be reached")), None),
                    Some(LedgerFault::Throttled) => (Err(throttled()), None),
                    Some(LedgerFault::Conflict) => (Err(conflict), None),
                    Some(LedgerFault::Lost { applied }) => {
                        if applied {
                            // Its answer is what is lost.
                            let _ = effect(&mut record, now);
                        }
                        (Err(unavailable("no answer came")), Some(sim.shared.settings.call_timeout))
                    }
                }
            })
            .await;
        if let Some(late) = late {
            self.sleep(late).await;
        }
        answer
    }
}

fn throttled() -> LedgerError {
    LedgerError::Throttled("the table was throttled (ThrottlingException)".to_owned())
}

fn unavailable(why: &str) -> LedgerError {
    LedgerError::Unavailable(why.to_owned())
}

/// DynamoDB's word for an operation, and whether it writes.
fn word(operation: LedgerOperation) -> (&'static str, bool) {
    match operation {
        LedgerOperation::Application => ("GetItem", false),
        LedgerOperation::InFlight | LedgerOperation::Applications | LedgerOperation::Entries => ("Query", false),
        LedgerOperation::Release | LedgerOperation::Pasts => ("BatchGetItem", false),
        LedgerOperation::ByToken => ("GetItem", false),
        LedgerOperation::Take | LedgerOperation::GiveBack => ("UpdateItem", true),
        LedgerOperation::Save => ("TransactWriteItems", true),
    }
}

impl Ledger for Ports {
    async fn application(&self, name: &ApplicationName) -> Result<Option<Application>, LedgerError> {
        self.table(LedgerOperation::Application, throttled(), |record, _| Ok(record.application(name).cloned())).await
    }

    async fn in_flight(&self) -> Result<Vec<Application>, LedgerError> {
        self.table(LedgerOperation::InFlight, throttled(), |record, now| Ok(record.in_flight(now))).await
    }

    async fn applications(&self) -> Result<Vec<Application>, LedgerError> {
        self.table(LedgerOperation::Applications, throttled(), |record, _| Ok(record.applications().cloned().collect()))
            .await
    }

    async fn take(&self, name: &ApplicationName, lease: &Lease) -> Result<Application, LedgerError> {
        let held = LedgerError::Held { application: name.clone(), until: lease.asked_at + CONFLICT };
        self.table(LedgerOperation::Take, held, |record, _| record.take(name, lease)).await
    }

    async fn save(&self, lease: &Lease, save: Save<'_>) -> Result<(), LedgerError> {
        self.table(LedgerOperation::Save, throttled(), |record, now| record.save(lease, &save, now)).await
    }

    async fn give_back(&self, name: &ApplicationName, lease: &Lease) -> Result<(), LedgerError> {
        self.table(LedgerOperation::GiveBack, throttled(), |record, _| {
            record.give_back(name, lease);
            Ok(())
        })
        .await
    }

    async fn release(&self, id: &ReleaseId) -> Result<Option<Release>, LedgerError> {
        self.table(LedgerOperation::Release, throttled(), |record, _| Ok(record.release(id).cloned())).await
    }

    async fn by_token(&self, token: &str) -> Result<Option<ReleaseId>, LedgerError> {
        self.table(LedgerOperation::ByToken, throttled(), |record, _| Ok(record.token(token).cloned())).await
    }

    async fn pasts(&self, fleets: &[FleetArn]) -> Result<Vec<(FleetArn, Past)>, LedgerError> {
        if fleets.is_empty() {
            return Ok(Vec::new());
        }
        self.table(LedgerOperation::Pasts, throttled(), |record, _| {
            let known = fleets.iter().filter_map(|fleet| Some((fleet.clone(), record.past(fleet)?.clone())));
            Ok(known.collect::<std::collections::BTreeMap<_, _>>().into_iter().collect())
        })
        .await
    }

    async fn entries(
        &self,
        application: &ApplicationName,
        release: Option<&ReleaseId>,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        self.table(LedgerOperation::Entries, throttled(), |record, _| {
            let all = record.entries(application).filter(|entry| release.is_none_or(|id| entry.release == *id));
            let all: Vec<&Entry> = all.collect();
            let skipped = all.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(all.into_iter().skip(skipped).cloned().collect())
        })
        .await
    }
}
