//! What the in-process face promises.

use super::*;
use crate::api::{ApiError, LostHow, Reply, Service};
use cutover::act::{WriteError, Writes};
use cutover::clock::Clock;
use cutover::observe::Reads;
use cutover::record::{Lease, Ledger, LedgerError, Save};
use cutover::release::{Application, ApplicationName, FleetName};
use futures_util::future::{join, join_all, join3};

/// Answers every call well, notes it, and can be told otherwise for a fleet by its name.
#[derive(Default)]
struct Script {
    now: Millis,
    served: Vec<(Millis, String)>,
}

impl Aws for Script {
    fn now(&self) -> Millis {
        self.now
    }

    fn advance_to(&mut self, moment: Millis) {
        self.now = moment;
    }

    fn serve(&mut self, call: &Call) -> Served {
        let subject = call.subjects().first().map_or("", |subject| subject).to_owned();
        self.served.push((self.now, subject.clone()));
        match (subject.as_str(), call) {
            ("throttled", _) => Served::Err(ApiError::throttled(Service::AutoScaling)),
            ("denied", _) => Served::Err(ApiError::access_denied(Service::AutoScaling, call.operation(), "fleet")),
            ("busy", _) => Served::Err(ApiError::contention("busy")),
            ("broken", _) => Served::Err(ApiError::internal(Service::AutoScaling)),
            ("lost", _) => Served::Lost { applied: true, how: LostHow::TimedOut },
            ("cut", _) => Served::Lost { applied: false, how: LostHow::ConnectionCut },
            (_, Call::DescribeInstanceRefreshes { .. }) => {
                Served::Ok(Reply::InstanceRefreshes { refreshes: Vec::new(), next_token: None })
            }
            _ => Served::Ok(Reply::Done),
        }
    }
}

fn sim(settings: Settings) -> (Rc<RefCell<Script>>, InProcess) {
    let script = Rc::new(RefCell::new(Script { now: 1_700_000_000_000, ..Script::default() }));
    (script.clone(), InProcess::new(script, settings))
}

fn fleet(name: &str) -> FleetName {
    FleetName::parse(name).unwrap()
}

fn web() -> ApplicationName {
    ApplicationName::parse("web").unwrap()
}

/// Eight invocations that write six times each; who wrote when.
fn interleaving(seed: u64) -> Vec<(Millis, String)> {
    let (script, sim) = sim(Settings { seed, jitter: Span::from_millis(5), ..Settings::default() });
    let mut executor = sim.executor();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let ports = sim.invocation(Invoke::named(name));
        executor.spawn(&ports.clone(), async move {
            for _ in 0..6 {
                ports.set_min_size(&fleet(name), 1).await.unwrap();
            }
        });
    }
    assert!(executor.run().iter().all(|(_, ended)| *ended == Ended::Returned(())));
    script.borrow().served.clone()
}

#[test]
fn the_same_seed_is_the_same_run_and_another_seed_another() {
    assert_eq!(interleaving(7), interleaving(7));
    assert_ne!(interleaving(7), interleaving(8));
    let order: Vec<String> = interleaving(7).into_iter().map(|(_, name)| name).collect();
    assert_ne!(order[..8], order[8..16], "who goes first changes from call to call");
}

#[test]
fn equal_moments_are_ordered_by_the_seed_also_without_any_latency() {
    let first = |seed| {
        let (script, sim) = sim(Settings { seed, latency: Span::ZERO, ..Settings::default() });
        let one = sim.invocation(Invoke::named("one"));
        let other = sim.invocation(Invoke::named("other"));
        let write = async |ports: &Ports, name: &str| ports.set_min_size(&fleet(name), 1).await;
        sim.run(vec![
            (one.clone(), Box::pin(async { write(&one, "one").await }) as _),
            (other.clone(), Box::pin(async { write(&other, "other").await })),
        ]);
        script.borrow().served[0].1.clone()
    };
    let firsts: std::collections::BTreeSet<String> = (0..20).map(first).collect();
    assert_eq!(firsts.len(), 2);
}

#[test]
fn an_invocation_dies_at_the_await_it_is_told_to_before_or_after_its_write_took_effect() {
    for (dies_at, applied) in [(1, 0), (2, 1), (3, 1), (4, 2)] {
        let (script, sim) = sim(Settings::default());
        let ports = sim.invocation(Invoke { dies_at_await: Some(dies_at), ..Invoke::named("r") });
        let ended = sim.run_one(&ports, async {
            ports.set_min_size(&fleet("a"), 1).await.unwrap();
            ports.set_min_size(&fleet("a"), 2).await.unwrap();
        });
        assert_eq!(ended, Ended::Died);
        assert_eq!(script.borrow().served.len(), applied, "dying at await {dies_at}");
    }
}

#[test]
fn nothing_of_a_dead_invocation_takes_effect_any_more_not_even_what_ran_beside() {
    let (script, sim) = sim(Settings::default());
    let ports = sim.invocation(Invoke { dies_at_await: Some(4), ..Invoke::named("r") });
    let (a, b, c) = (fleet("a"), fleet("b"), fleet("c"));
    let ended = sim.run_one(&ports, async {
        let writes = [&a, &b, &c].map(|name| ports.set_min_size(name, 1));
        join_all(writes).await
    });
    assert_eq!(ended, Ended::Died);
    sim.pass(Span::seconds(10));
    assert_eq!(script.borrow().served.len(), 1, "the first one's effect is where it died");
}

#[test]
fn nothing_moves_through_the_ports_of_an_ended_invocation_whoever_still_holds_them() {
    let (script, sim) = sim(Settings::default());
    let over = sim.invocation(Invoke::named("over"));
    assert_eq!(sim.run_one(&over, async {}), Ended::Returned(()));
    let other = sim.invocation(Invoke::named("other"));
    let ended = sim.run_one(&other, async { over.set_min_size(&fleet("a"), 1).await });
    assert_eq!(ended, Ended::TimedOut);
    assert!(script.borrow().served.is_empty());
}

#[test]
fn lambda_ends_an_invocation_at_its_deadline() {
    let (script, sim) = sim(Settings::default());
    let ports = sim.invocation(Invoke { timeout: Span::seconds(10), ..Invoke::named("r") });
    let ended = sim.run_one(&ports, async {
        ports.sleep(Span::seconds(11)).await;
        ports.set_min_size(&fleet("a"), 1).await
    });
    assert_eq!(ended, Ended::TimedOut);
    assert_eq!(script.borrow().now, 1_700_000_010_000);
    assert!(script.borrow().served.is_empty());
}

#[test]
fn calls_side_by_side_are_one_round_and_take_one_latency() {
    let (script, sim) = sim(Settings { jitter: Span::from_millis(9), ..Settings::default() });
    let ports = sim.invocation(Invoke::named("r"));
    let (a, b, c) = (fleet("a"), fleet("b"), fleet("c"));
    let ended = sim.run_one(&ports, async {
        let _ = join3(ports.refreshing(&a), ports.refreshing(&b), ports.refreshing(&c)).await;
        let _ = join(ports.refreshing(&a), ports.refreshing(&b)).await;
        ports.set_min_size(&a, 1).await
    });
    assert_eq!(ended, Ended::Returned(Ok(())));
    let rounds: Vec<u32> = ports.calls().iter().map(|called| called.round).collect();
    assert_eq!(rounds, [1, 1, 1, 2, 2, 3]);
    assert_eq!((ports.rounds(), ports.writes()), (3, 1));
    assert!(script.borrow().now - 1_700_000_000_000 <= 3 * (20 + 18));
}

#[test]
fn a_lost_answer_is_lost_and_a_refusal_is_none() {
    let (_, sim) = sim(Settings::default());
    let ports = sim.invocation(Invoke::named("r"));
    let ended = sim.run_one(&ports, async {
        let mut answers = Vec::new();
        for name in ["throttled", "denied", "busy", "broken", "cut", "lost"] {
            let before = ports.now();
            let error = ports.set_min_size(&fleet(name), 1).await.unwrap_err();
            answers.push((matches!(error, WriteError::Lost(_)), (ports.now() - before).millis() >= 3_000));
        }
        answers
    });
    let refused = (false, false);
    let expected = vec![refused, refused, refused, (true, false), (true, false), (true, true)];
    assert_eq!(ended, Ended::Returned(expected));
}

#[test]
fn an_unread_thing_says_why_and_which_permission_is_missing() {
    let (_, sim) = sim(Settings::default());
    let why = |name: &'static str| {
        let ports = sim.invocation(Invoke::named("r"));
        sim.run_one(&ports, async { ports.refreshing(&fleet(name)).await.unwrap_err().0 }).returned().unwrap()
    };
    assert_eq!(why("throttled"), "throttled (DescribeInstanceRefreshes)");
    assert_eq!(why("lost"), "DescribeInstanceRefreshes timed out");
    assert_eq!(why("denied"), "not permitted: autoscaling:DescribeInstanceRefreshes on denied");
}

#[test]
fn each_invocation_has_its_own_clock() {
    let (_, sim) = sim(Settings::default());
    let ahead = sim.invocation(Invoke { skew: Span::seconds(2), ..Invoke::named("ahead") });
    let late = sim.invocation(Invoke { starts_after: Span::seconds(30), ..Invoke::named("late") });
    let start = sim.now();
    let mut executor = sim.executor();
    for ports in [&ahead, &late] {
        executor.spawn(ports, async { (ports.now() - start, ports.deadline() - start) });
    }
    let ended: Vec<_> = executor.run().into_iter().filter_map(|(_, ended)| ended.returned()).collect();
    let seconds = Span::seconds;
    assert_eq!(ended, [(seconds(2), seconds(32)), (seconds(30), seconds(60))]);
}

#[test]
fn running_up_to_a_moment_leaves_the_rest_for_later() {
    let (script, sim) = sim(Settings::default());
    let start = sim.now();
    let ports = sim.invocation(Invoke::named("r"));
    let mut executor = sim.executor();
    executor.spawn(&ports, ports.sleep(Span::seconds(20)));
    assert!(executor.run_until(start + Span::seconds(19)).is_empty());
    assert_eq!(script.borrow().now, (start + Span::seconds(19)).millis());
    assert!(executor.run_until(start + Span::seconds(20)).is_empty(), "what the caller does at a moment comes first");
    assert_eq!(executor.run_until(start + Span::seconds(40)), [(0, Ended::Returned(()))]);
    assert_eq!(sim.now(), start + Span::seconds(40));
}

/// An application that announces, so that it's in flight, saved under a lease that is given back.
async fn save_in_flight(ports: &Ports, announcing: Vec<u64>) -> Result<(), LedgerError> {
    let lease = Lease::new(ports.request_id().to_owned(), ports.now(), ports.deadline());
    let mut application = ports.take(&web(), &lease).await?;
    application.announcing = announcing;
    let save = Save { application: &application, entries: &[], releases: &[], give_back: true };
    ports.save(&lease, save).await
}

#[test]
fn the_index_lags_behind_the_record_and_catches_up() {
    let (_, sim) = sim(Settings { seed: 3, index_lag: Span::seconds(60), ..Settings::default() });
    let ports = sim.invocation(Invoke::named("r"));
    let read = sim.run_one(&ports, async {
        save_in_flight(&ports, vec![1]).await.unwrap();
        (ports.in_flight().await.unwrap().len(), ports.applications().await.unwrap().len())
    });
    assert_eq!(read, Ended::Returned((0, 1)));
    sim.pass(Span::seconds(60));
    let later = sim.invocation(Invoke::named("later"));
    assert_eq!(sim.run_one(&later, async { later.in_flight().await.unwrap().len() }), Ended::Returned(1));
}

#[test]
fn a_told_fault_hits_the_next_call_of_its_kind_and_no_other() {
    let (_, sim) = sim(Settings::default());
    sim.record().faults.next(LedgerOperation::Save, LedgerFault::Lost { applied: true });
    sim.record().faults.next(LedgerOperation::Take, LedgerFault::Conflict);
    let ports = sim.invocation(Invoke::named("r"));
    let answers = sim.run_one(&ports, async {
        let held = save_in_flight(&ports, vec![1]).await.unwrap_err();
        let lost = save_in_flight(&ports, vec![2]).await.unwrap_err();
        (held, lost, save_in_flight(&ports, vec![3]).await)
    });
    let Ended::Returned((held, lost, well)) = answers else { panic!("{answers:?}") };
    assert!(matches!(held, LedgerError::Held { .. }), "{held}");
    assert!(matches!(lost, LedgerError::Unavailable(_)), "{lost}");
    assert_eq!(well, Ok(()));
    assert_eq!(sim.record().saves(), 2, "the lost one took effect");
}

#[test]
fn a_table_that_is_away_answers_nothing_until_it_is_back() {
    let (_, sim) = sim(Settings::default());
    let back = sim.now() + Span::seconds(20);
    sim.record().faults.away_until(back);
    let ports = sim.invocation(Invoke::named("r"));
    let answers = sim.run_one(&ports, async {
        let away = save_in_flight(&ports, vec![1]).await;
        ports.sleep(Span::seconds(20)).await;
        (away, save_in_flight(&ports, vec![1]).await)
    });
    let Ended::Returned((away, well)) = answers else { panic!("{answers:?}") };
    assert!(matches!(away, Err(LedgerError::Unavailable(_))));
    assert_eq!(well, Ok(()));
}

#[test]
fn an_item_over_its_size_is_refused_as_dynamodb_would() {
    let (_, sim) = sim(Settings::default());
    let ports = sim.invocation(Invoke::named("r"));
    let ended = sim.run_one(&ports, async { save_in_flight(&ports, vec![u64::MAX; 2_000]).await });
    let Ended::Returned(Err(LedgerError::Unavailable(why))) = ended else { panic!("{ended:?}") };
    assert!(why.contains("32768 at most"), "{why}");
    assert!(sim.record().application(&web()).is_none_or(|item| *item == Application::new(web())));
}

#[test]
fn a_composite_rule_names_its_children_however_they_are_quoted() {
    let rule = r#"ALARM("err \"5xx\" (web)") AND (OK(slow) OR NOT INSUFFICIENT_DATA("arn:aws:cloudwatch:eu-west-1:1:alarm:deep")) OR ALARM(slow)"#;
    let names: Vec<String> = alarms::children(rule).iter().map(ToString::to_string).collect();
    assert_eq!(names, ["err \"5xx\" (web)", "slow", "deep"]);
    assert!(alarms::children("TRUE").is_empty());
}
