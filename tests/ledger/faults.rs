//! What goes wrong between the SDK and the table.

use crate::fixtures::{app, change, entry, lease, only, release};
use crate::hosts::block_on;
use crate::simulated::{Fault, Simulated, TABLE};
use cutover::record::{Ledger, LedgerError, Save};
use cutover::release::{Application, ApplicationName, ReleaseId};
use serde_json::json;

fn web() -> ApplicationName {
    app("web")
}

fn first() -> ReleaseId {
    ReleaseId::new(web(), 1)
}

/// Saves with and without an entry, each with a fault on its way, giving the lease back or not.
fn save_with(fault: Fault, check: impl Fn(&Simulated, Result<(), LedgerError>, Application, usize)) {
    for (operation, count) in [("UpdateItem", 0), ("TransactWriteItems", 1)] {
        for give_back in [false, true] {
            let dynamo = Simulated::new();
            let ledger = dynamo.ledger();
            let (answer, application) = block_on(async {
                let lease = lease("one", 0);
                let mut application = ledger.take(&web(), &lease).await.unwrap();
                application.sequence = 1;
                let entries = [entry(&first(), 1)];
                dynamo.log();
                dynamo.next(operation, fault);
                let save = Save { application: &application, entries: &entries[..count], releases: &[], give_back };
                (ledger.save(&lease, save).await, application)
            });
            check(&dynamo, answer, application, count);
        }
    }
}

fn revision(dynamo: &Simulated) -> String {
    let head = dynamo.items().into_iter().find(|item| item["item"]["S"] == "head").unwrap();
    head["revision"]["N"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn a_lost_answer_is_asked_for_and_not_saved_twice() {
    save_with(Fault::AnswerLost, |dynamo, answer, application, count| {
        assert_eq!(answer, Ok(()));
        assert_eq!(revision(dynamo), "1");
        let writes = dynamo.log().iter().filter(|operation| operation.starts_with(['U', 'T'])).count();
        assert_eq!(writes, 1, "asked, not sent again");
        let (found, entries) = block_on(async {
            let ledger = dynamo.ledger();
            (ledger.application(&web()).await.unwrap(), ledger.entries(&web(), None, 9).await.unwrap().len())
        });
        assert_eq!((found, entries), (Some(application), count));
    });
}

#[test]
fn a_lost_request_is_sent_again() {
    save_with(Fault::RequestLost, |dynamo, answer, application, _| {
        assert_eq!(answer, Ok(()));
        assert_eq!(revision(dynamo), "1");
        assert_eq!(block_on(dynamo.ledger().application(&web())).unwrap(), Some(application));
    });
}

#[test]
fn a_request_that_the_network_doubled_is_our_own_save_not_a_lost_lease() {
    save_with(Fault::Doubled, |dynamo, answer, _, _| {
        assert_eq!(answer, Ok(()));
        assert_eq!(revision(dynamo), "1");
    });
}

#[test]
fn an_answer_that_leaves_it_open_is_asked_for() {
    save_with(Fault::Answered("InternalServerError", 500), |dynamo, answer, _, _| {
        assert_eq!(answer, Ok(()));
        assert_eq!(revision(dynamo), "1");
    });
}

#[test]
fn a_throttled_save_says_so_and_is_not_done() {
    save_with(Fault::Answered("ThrottlingException", 400), |dynamo, answer, _, _| {
        assert!(matches!(answer, Err(LedgerError::Throttled(_))), "{answer:?}");
        assert_eq!(revision(dynamo), "none");
    });
}

#[test]
fn a_denied_save_names_what_is_missing() {
    save_with(Fault::Answered("AccessDeniedException", 400), |_, answer, _, _| {
        let Err(LedgerError::Unavailable(why)) = answer else { panic!("{answer:?}") };
        assert!(why.contains("dynamodb:") && why.contains(TABLE), "{why}");
    });
}

#[test]
fn a_request_that_arrives_late_does_not_put_the_past_back() {
    for (operation, count) in [("UpdateItem", 0), ("TransactWriteItems", 1)] {
        let dynamo = Simulated::new();
        let ledger = dynamo.ledger();
        block_on(async {
            let lease = lease("one", 0);
            let mut application = ledger.take(&web(), &lease).await.unwrap();
            let entries = [entry(&first(), 1)];
            application.sequence = 1;
            dynamo.next(operation, Fault::Late);
            let save = Save { entries: &entries[..count], ..only(&application) };
            ledger.save(&lease, save).await.unwrap();
            application.sequence = 2;
            ledger.save(&lease, only(&application)).await.unwrap();
            dynamo.arrive();
            assert_eq!(ledger.application(&web()).await.unwrap(), Some(application.clone()));
            application.sequence = 3;
            assert_eq!(ledger.save(&lease, only(&application)).await, Ok(()), "and the lease isn't lost by it");
        });
    }
}

#[test]
fn a_table_that_never_answers_is_unavailable() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    block_on(async {
        let lease = lease("one", 0);
        let application = ledger.take(&web(), &lease).await.unwrap();
        for _ in 0..10 {
            dynamo.next("UpdateItem", Fault::RequestLost);
            dynamo.next("GetItem", Fault::RequestLost);
        }
        dynamo.log();
        let answer = ledger.save(&lease, only(&application)).await;
        assert!(matches!(answer, Err(LedgerError::Unavailable(_))), "{answer:?}");
        assert!(dynamo.log().len() <= 6, "it isn't asked for ever");
        for _ in 0..10 {
            let unread = ledger.application(&web()).await;
            if unread.is_ok() {
                break;
            }
            assert!(matches!(unread, Err(LedgerError::Unavailable(_))));
        }
    });
}

#[test]
fn a_save_whose_answer_was_lost_is_known_although_others_have_saved_since() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    block_on(async {
        let lease = lease("one", 0);
        let mut application = ledger.take(&web(), &lease).await.unwrap();
        application.sequence = 1;
        let entries = [entry(&first(), 1)];
        dynamo.next("TransactWriteItems", Fault::AnswerLost);
        dynamo.meanwhile("UpdateItem", update("SET saved = :value, revision = :two", "two/1/0"));
        let save = Save { entries: &entries, give_back: true, ..only(&application) };
        assert_eq!(ledger.save(&lease, save).await, Ok(()));
    });
}

#[test]
fn a_save_that_was_lost_while_another_took_the_lease_is_stale() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    block_on(async {
        let lease = lease("one", 0);
        let application = ledger.take(&web(), &lease).await.unwrap();
        let entries = [entry(&first(), 1)];
        dynamo.next("TransactWriteItems", Fault::Late);
        dynamo.next("GetItem", Fault::AnswerLost);
        dynamo.meanwhile("UpdateItem", update("SET lease_owner = :value", "two"));
        let save = Save { entries: &entries, ..only(&application) };
        assert_eq!(ledger.save(&lease, save).await, Err(LedgerError::Stale(web())));
        assert_eq!(dynamo.arrive(), [false]);
        assert_eq!(ledger.entries(&web(), None, 9).await.unwrap(), []);
    });
}

#[test]
fn another_transaction_in_the_way_is_no_lost_lease() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    dynamo.next("UpdateItem", Fault::Answered("TransactionConflictException", 400));
    let taken = block_on(ledger.take(&web(), &lease("one", 0)));
    assert!(matches!(taken, Err(LedgerError::Throttled(_))), "{taken:?}");
    save_with(Fault::Answered("TransactionConflictException", 400), |_, answer, _, count| {
        // As an answer to a transaction it's of another shape (a cancelled one): that one isn't sent again.
        assert!(if count == 0 { answer == Ok(()) } else { answer.is_err() }, "{answer:?}");
    });
}

#[test]
fn what_a_batch_left_out_is_asked_for_again() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    block_on(async {
        let known = release(&first(), "web-1", "web-2");
        let fleets: Vec<_> = known.members().map(|member| member.arn.clone()).collect();
        change(&ledger, &web(), 0, |_| (vec![], vec![known])).await;
        dynamo.next("BatchGetItem", Fault::Partly);
        assert_eq!(ledger.pasts(&fleets).await.unwrap().len(), 2);
        for _ in 0..4 {
            dynamo.next("BatchGetItem", Fault::Answered("ThrottlingException", 400));
        }
        assert!(matches!(ledger.pasts(&fleets).await, Err(LedgerError::Throttled(_))));
    });
}

/// A change of web's head by hand.
fn update(expression: &str, value: &str) -> serde_json::Value {
    let mut values = json!({ ":value": { "S": value } });
    if expression.contains(":two") {
        values[":two"] = json!({ "N": "2" });
    }
    json!({
        "TableName": TABLE, "Key": { "application": { "S": "app#web" }, "item": { "S": "head" } },
        "UpdateExpression": expression, "ExpressionAttributeValues": values,
    })
}

fn spoil(dynamo: &Simulated, body: &str) {
    dynamo.serve("UpdateItem", &update("SET body = :value", body));
}

#[test]
fn what_this_version_cannot_read_is_said_by_its_name_and_hides_nothing_else() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    block_on(async {
        for name in ["web", "shop"] {
            change(&ledger, &app(name), 0, |application| {
                application.announcing = vec![1];
                (vec![], vec![release(&ReleaseId::new(app(name), 1), &format!("{name}-2"), &format!("{name}-1"))])
            })
            .await;
        }
        spoil(&dynamo, "{\"name\":7}");
        let unreadable = ledger.application(&web()).await;
        let Err(LedgerError::Unavailable(why)) = unreadable else { panic!("{unreadable:?}") };
        assert!(why.contains("app#web head"), "{why}");
        assert!(ledger.take(&web(), &lease("two", 60)).await.is_err(), "nothing is done with what can't be read");
        let flying = ledger.in_flight().await.unwrap();
        assert_eq!(flying.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["shop"]);
        assert_eq!(ledger.applications().await.unwrap().len(), 1);
    });
}

#[test]
fn what_a_newer_version_added_is_passed_over_and_what_an_older_one_lacks_has_a_default() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    block_on(async {
        change(&ledger, &web(), 0, |_| (vec![], vec![])).await;
        spoil(&dynamo, r#"{"name":"web","from_the_future":{"x":[1]},"numbered":4}"#);
        let mut expected = Application::new(web());
        expected.numbered = 4;
        assert_eq!(ledger.application(&web()).await.unwrap(), Some(expected));
    });
}

#[test]
fn a_steady_look_is_one_call_and_taking_the_lease_is_one() {
    let dynamo = Simulated::new();
    let ledger = dynamo.ledger();
    block_on(async {
        let lease = lease("one", 0);
        let application = ledger.take(&web(), &lease).await.unwrap();
        ledger.save(&lease, Save { give_back: true, ..only(&application) }).await.unwrap();
        ledger.application(&web()).await.unwrap();
        ledger.in_flight().await.unwrap();
    });
    assert_eq!(dynamo.log(), ["UpdateItem", "UpdateItem", "GetItem", "Query"]);
}
