//! The runbook's costs: calls counted, not guessed: a small account on the simulated AWS, in virtual time.

use super::words::table;
use cutover::flow::Invocation;
use cutover::handler::Handler;
use cutover::record::Owners;
use cutover::release::PolicyFields;
use serde_json::Value;
use simulated_aws::ports::{Called, Ended, InProcess, Invoke, Settings};
use simulated_aws::world::{Delivery, DeliveryKind, Hand, World, alarm, fleet, target_group};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::AddAssign;
use std::rc::Rc;

/// What so many invocations cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bill {
    invocations: usize,
    reads: usize,
    writes: usize,
    table_reads: usize,
    table_writes: usize,
    announcements: usize,
}

impl AddAssign for Bill {
    fn add_assign(&mut self, other: Self) {
        self.invocations += other.invocations;
        self.reads += other.reads;
        self.writes += other.writes;
        self.table_reads += other.table_reads;
        self.table_writes += other.table_writes;
        self.announcements += other.announcements;
    }
}

impl Bill {
    fn of(calls: &[Called]) -> Self {
        let mut bill = Bill { invocations: 1, ..Bill::default() };
        for call in calls {
            let counted = match (call.operation, call.write) {
                ("PutEvents", _) => &mut bill.announcements,
                ("GetItem" | "Query" | "BatchGetItem", _) => &mut bill.table_reads,
                ("UpdateItem" | "TransactWriteItems", _) => &mut bill.table_writes,
                (_, true) => &mut bill.writes,
                (_, false) => &mut bill.reads,
            };
            *counted += 1;
        }
        bill
    }

    fn row(&self, what: &str) -> Vec<String> {
        let figures =
            [self.invocations, self.reads, self.writes, self.table_reads, self.table_writes, self.announcements];
        std::iter::once(what.to_owned()).chain(figures.map(|figure| figure.to_string())).collect()
    }
}

/// An account with one application: a fleet that serves, an alarm, the template's knocks.
struct Account {
    world: Rc<RefCell<World>>,
    sim: InProcess,
    /// What each invocation so far cost, with what knocked and what was answered.
    bills: Vec<(DeliveryKind, Value, Bill)>,
}

impl Account {
    fn new() -> Self {
        let serving = fleet("web-1").sizes(1, 3, 6).of("web").attached_to("web");
        let world = World::builder()
            .load_balancer("front")
            .group(target_group("web").on("front").delay(120).requests(20.0))
            .fleet(serving)
            .alarm(alarm("web-5xx").errors_of_group("web", 5.0))
            .build();
        let world = Rc::new(RefCell::new(world));
        Self { sim: InProcess::new(world.clone(), Settings::default()), world, bills: Vec::new() }
    }

    fn appear(&self, name: &str) {
        let green = fleet(name).sizes(1, 3, 6).of("web").tag("cutover:alarms", "web-5xx");
        self.world.borrow_mut().hand(Hand::CreateFleet(Box::new(green)));
    }

    /// Lets time pass, with whatever knocks, until `over` or for so many seconds.
    fn run(&mut self, seconds: i64, over: impl Fn(&Self) -> bool) {
        let end = self.sim.now().millis() + seconds * 1000;
        while !over(self) && self.sim.now().millis() < end {
            let knocks = self.world.borrow_mut().take_deliveries();
            for knock in &knocks {
                self.invoke(knock);
            }
            if knocks.is_empty() {
                let now = self.sim.now().millis();
                let due = self.world.borrow().next_due().filter(|due| *due > now).unwrap_or(now + 1000);
                self.world.borrow_mut().advance_to(due.min(end));
            }
        }
    }

    fn invoke(&mut self, knock: &Delivery) {
        let ports = self.sim.invocation(Invoke::named(format!("request-{}", self.bills.len())));
        let invocation = Invocation { request_id: ports.request_id().to_owned(), deadline: ports.deadline() };
        let (mine, payload) = (ports.clone(), knock.payload.to_string());
        let ended = self.sim.run_one(&ports, async move {
            let owners = Owners::new(mine.process());
            Handler::new(mine, PolicyFields::default(), owners).handle(payload.as_bytes(), &invocation).await
        });
        let Ended::Returned(Ok(answer)) = ended else { panic!("{:?}: {ended:?}", knock.kind) };
        self.bills.push((knock.kind, answer, Bill::of(&ports.calls())));
    }

    fn statuses(&self) -> BTreeSet<String> {
        let record = self.sim.record();
        let last = record.applications().filter_map(|app| record.release(app.last.as_ref()?));
        last.map(|release| release.status.to_string()).collect()
    }

    fn total(&self, from: usize) -> Bill {
        let mut sum = Bill::default();
        self.bills[from..].iter().for_each(|(_, _, bill)| sum += *bill);
        sum
    }
}

/// A release from its fleet's first launch to its end, and the sweeps that found nothing new in its bake.
fn release(green_errs: bool) -> (Bill, BTreeSet<Reads>) {
    let mut account = Account::new();
    account.appear("web-2");
    if green_errs {
        let bad = Hand::Errors("web-2".to_owned(), 0.5);
        account.world.borrow_mut().after(300, bad);
    }
    account.run(7200, |account| !account.statuses().is_empty());
    let end = if green_errs { "rollback_successful" } else { "successful" };
    assert_eq!(account.statuses(), BTreeSet::from([end.to_owned()]));
    let steady = account.bills.iter().filter(|(kind, answer, bill)| {
        let report = &answer["releases"][0];
        *kind == DeliveryKind::Minute && report["stage"] == "bake" && bill.writes + bill.table_writes == 0
    });
    (account.total(0), steady.map(|(_, _, bill)| (bill.reads, bill.table_reads)).collect())
}

/// Reads of AWS, reads of the table.
type Reads = (usize, usize);

/// A sweep with nothing in flight, an hour after the last release's end.
fn idle() -> Bill {
    let mut account = Account::new();
    account.appear("web-2");
    account.run(7200, |account| !account.statuses().is_empty());
    account.run(3700, |_| false);
    let from = account.bills.len();
    account.run(600, |_| false);
    let sweeps: Vec<Bill> = account.bills[from..].iter().map(|(_, _, bill)| *bill).collect();
    assert!(sweeps.len() >= 9 && sweeps.iter().all(|bill| *bill == sweeps[0]), "{sweeps:?}");
    sweeps[0]
}

/// The counted table of the runbook.
pub fn counted() -> String {
    let (good, steady) = release(false);
    let (bad, _) = release(true);
    let (reads, table_reads) = *steady.iter().max().expect("a bake has looks that find nothing new");
    let steady = Bill { invocations: 1, reads, table_reads, ..Bill::default() };
    table(
        &["what", "invocations", "AWS reads", "AWS writes", "table reads", "table writes", "announcing calls"],
        [
            idle().row("one sweep, nothing in flight"),
            steady.row("one sweep over a release in its bake, nothing new"),
            good.row("a release with the default policy, begun to end"),
            bad.row("a release that an ALARM in the bake rolls back"),
        ],
    )
}

/// Promise: a look that finds all as before costs at most six calls of AWS, and no write.
#[test]
fn a_steady_look_costs_at_most_six_calls_and_no_write() {
    let (_, steady) = release(false);
    assert!(!steady.is_empty() && steady.iter().all(|(reads, _)| *reads <= 6), "{steady:?}");
}
