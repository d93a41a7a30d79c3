//! Whose turn is next: releases that wait behind another of their application.

use crate::scene::{Setting, application, fleet_arn, unread};
use crate::town::{Town, id, promote, roll_back, told};
use cutover::decide::{Ask, Candidate, Refusal, Turn, turn_of};
use cutover::record::Save;
use cutover::release::*;

/// An event tells of one more fleet.
fn comes(town: &mut Town, name: &str, younger: u32) -> Turn {
    town.another(name, younger);
    town.edit(name, |fleet| drop(fleet.tags.insert("cutover:alarms".into(), "errors".into())));
    let turned = town.ask(Ask::Start(told(name, false))).unwrap();
    town.app = turned.application.clone();
    turned
}

/// green runs; `more` were created so many seconds after it, and wait.
fn queued(more: &[(&str, u32)]) -> Town {
    let mut town = Town::running(Setting::default().bake());
    for (name, younger) in more {
        comes(&mut town, name, *younger);
    }
    town
}

#[test]
fn a_second_new_fleet_is_pending_behind_the_first() {
    let town = queued(&[("second", 5)]);
    assert_eq!(town.app.running.as_ref().unwrap().id, id(1));
    let pending = &town.app.queue[0];
    assert_eq!((pending.id.clone(), pending.green.as_str()), (id(2), "second"));
    let (waits, deadline) = turn_of(pending, Some(&id(1)));
    assert_eq!((waits.kind(), deadline), ("turn", pending.asked_at + Span::seconds(86_400)));
    let again = town.ask(Ask::Start(told("second", false))).unwrap();
    assert_eq!((again.subject, again.application.queue.len()), (Some(id(2)), 1), "told of again: the same");
}

#[test]
fn a_name_used_again_while_it_waits_is_another_fleet_that_waits() {
    let mut town = queued(&[("second", 5)]);
    town.edit("second", |fleet| {
        fleet.arn = fleet_arn("second, made again");
        fleet.created_at = fleet.created_at + Span::seconds(60);
    });
    let told = |arn| Ask::Start(Candidate { arn: Some(fleet_arn(arn)), ..told("second", false) });
    town.app = town.ask(told("second, made again")).unwrap().application;
    assert_eq!(town.app.queue.iter().map(|pending| pending.id.number()).collect::<Vec<_>>(), [2, 3]);
    let again = town.ask(told("second, made again")).unwrap();
    assert_eq!((again.subject, again.application.queue.len()), (Some(id(3)), 2), "told of again: the same");
    let turned = freed(town).ask(Ask::Look).unwrap();
    let running = turned.application.running.unwrap();
    assert_eq!((running.id, running.green.arn), (id(3), fleet_arn("second, made again")));
}

#[test]
fn another_token_for_what_waits_is_a_conflict_since_it_would_begin_a_second_release_later() {
    let mut town = queued(&[]);
    town.another("second", 5);
    let said = |token: Option<&str>| {
        let mut candidate = told("second", true);
        candidate.origin.client_token = token.map(str::to_owned);
        Ask::Start(candidate)
    };
    town.app = town.ask(said(Some("one"))).unwrap().application;
    assert_eq!(town.ask(said(Some("one"))).unwrap().subject, Some(id(2)));
    assert_eq!(town.ask(said(None)).unwrap().subject, Some(id(2)));
    assert!(matches!(town.ask(said(Some("other"))), Err(Refusal::Conflict(_))));
}

/// The running one is gone: its end frees the turn.
fn freed(mut town: Town) -> Town {
    town.app.running = None;
    town
}

#[test]
fn the_youngest_has_its_turn_and_the_others_are_rejected_saying_so() {
    let town = freed(queued(&[("second", 5), ("youngest", 9), ("third", 7)]));
    let turned = town.ask(Ask::Look).unwrap();
    assert_eq!(turned.application.running.as_ref().unwrap().green.fleet.as_str(), "youngest");
    assert!(turned.application.queue.is_empty());
    let rejected: Vec<_> = turned.kept.iter().filter(|release| release.ended()).collect();
    assert_eq!(rejected.iter().map(|release| release.green.fleet.as_str()).collect::<Vec<_>>(), ["second", "third"]);
    for release in rejected {
        assert_eq!(release.status, Status::Rejected);
        assert!(release.message.contains("youngest is younger"), "{}", release.message);
    }
}

/// What one save of a turn comes to in DynamoDB, which takes 100 items: the head, the list, and what is kept.
fn items(turned: &Turn) -> usize {
    let save =
        Save { application: &turned.application, entries: &turned.entries, releases: &turned.kept, give_back: false };
    2 + turned.entries.len() + turned.kept.len() + save.pasts().len() + save.tokens().len()
}

/// So many wait, each with a token of its own.
fn crowd(many: u32) -> Town {
    let names: Vec<String> = (0..many).map(|number| format!("v{number}")).collect();
    let more: Vec<(&str, u32)> = names.iter().map(String::as_str).zip(1..).collect();
    let mut town = queued(&more);
    for (number, pending) in town.app.queue.iter_mut().enumerate() {
        pending.origin.client_token = Some(format!("token-{number}"));
    }
    town
}

#[test]
fn a_crowd_that_waits_is_rejected_in_saves_that_the_table_takes() {
    let mut town = freed(crowd(40));
    let mut rejected = 0;
    for looks in 1.. {
        let turned = town.ask(Ask::Look).unwrap();
        assert!(items(&turned) <= 100, "{} items in one save", items(&turned));
        rejected += turned.kept.iter().filter(|release| release.ended()).count();
        town.app = turned.application;
        if let Some(running) = &town.app.running {
            assert_eq!((running.green.fleet.as_str(), rejected), ("v39", 39));
            return;
        }
        assert!(turned.again && looks < 4, "the next look goes on at once");
    }
}

#[test]
fn a_crowd_that_one_save_takes_is_rejected_in_it() {
    let turned = freed(crowd(22)).ask(Ask::Look).unwrap();
    let running = turned.application.running.as_ref().expect("the turn begins at once");
    assert_eq!((running.green.fleet.as_str(), turned.application.queue.len()), ("v21", 0));
    assert!(items(&turned) <= 100, "{} items in one save", items(&turned));
}

#[test]
fn a_crowd_that_waited_a_day_is_rejected_in_saves_that_the_table_takes() {
    let mut town = crowd(40);
    town.seen.at = town.app.queue[39].asked_at + Span::seconds(86_400);
    for _ in 0..3 {
        let turned = town.ask(Ask::Look).unwrap();
        assert!(items(&turned) <= 100, "{} items in one save", items(&turned));
        assert_eq!(turned.again, !turned.application.queue.is_empty());
        town.app = turned.application;
    }
    assert!(town.app.queue.is_empty());
}

#[test]
fn its_age_is_not_asked_again_but_what_else_qualifies_is() {
    let mut town = freed(queued(&[("second", 5)]));
    town.seen.at = town.seen.at + Span::seconds(7200);
    assert!(town.ask(Ask::Look).unwrap().application.running.is_some(), "two hours old by now");
    town.edit("second", |fleet| fleet.deleting = true);
    let turned = town.ask(Ask::Look).unwrap();
    assert!(turned.application.running.is_none() && turned.application.queue.is_empty());
    assert!(turned.kept[0].message.contains("no longer qualifies"), "{}", turned.kept[0].message);
}

#[test]
fn who_no_longer_qualifies_leaves_the_turn_to_the_next() {
    let mut town = freed(queued(&[("second", 5), ("third", 7)]));
    town.edit("third", |fleet| fleet.deleting = true);
    let turned = town.ask(Ask::Look).unwrap();
    assert!(turned.again, "the next look goes on at once");
    town.app = turned.application;
    let running = town.ask(Ask::Look).unwrap().application.running.unwrap();
    assert_eq!(running.green.fleet.as_str(), "second");
}

/// That the record names it is no news of a fleet that waits: its own number is on it.
#[test]
fn what_the_record_knows_of_a_pending_fleet_takes_its_turn_from_nobody() {
    for same_tags in [None, Some(true), Some(false)] {
        let mut town = freed(queued(&[("second", 5)]));
        let tags = town.fleet("second").tags.clone();
        let rejected_with = same_tags.map(|same| if same { tags.clone() } else { Default::default() });
        town.pasts = vec![(crate::scene::fleet_arn("second"), Past { release: id(2), rejected_with })];
        assert!(town.ask(Ask::Look).unwrap().application.running.is_some(), "{same_tags:?}");
    }
}

#[test]
fn who_waited_a_day_is_rejected_saying_so() {
    let mut town = queued(&[("second", 5)]);
    town.seen.at = town.app.queue[0].asked_at + Span::seconds(86_399);
    assert_eq!(town.ask(Ask::Look).unwrap().application.queue.len(), 1);
    town.seen.at = town.seen.at + Span::seconds(1);
    let turned = town.ask(Ask::Look).unwrap();
    assert!(turned.application.queue.is_empty());
    let rejected = turned.kept.iter().find(|release| release.id == id(2)).unwrap();
    assert!(rejected.status == Status::Rejected && rejected.message.contains("24 hours"));
}

#[test]
fn a_pending_release_can_be_rolled_back_and_no_more() {
    let mut town = queued(&[("second", 5)]);
    town.subject = Some(id(2));
    let turned = town.ask(roll_back()).unwrap();
    assert!(turned.application.queue.is_empty() && turned.application.running.is_some());
    assert_eq!(turned.kept[0].status, Status::Rejected);
    assert!(matches!(town.ask(promote()), Err(Refusal::Conflict(_))));
}

/// What becomes of one that waits is on record, each time under a number of its own.
#[test]
fn whatever_happens_to_a_pending_release_is_announced() {
    let announced = |turned: Turn| {
        let told = |entry: &&Entry| turned.application.announcing.contains(&entry.sequence);
        turned.entries.iter().filter(told).map(|entry| (entry.sequence, entry.status)).collect::<Vec<_>>()
    };
    let mut town = queued(&[("second", 5)]);
    assert_eq!(announced(comes(&mut town, "third", 7)), [(2, Status::Pending)]);
    town.subject = Some(id(2));
    assert_eq!(announced(town.ask(roll_back()).unwrap()), [(3, Status::Rejected)]);
    let turned = freed(town).ask(Ask::Look).unwrap();
    assert_eq!(announced(turned), [(3, Status::Rejected), (4, Status::InProgress)]);
}

/// What can't be read postpones the turn, and takes it from nobody.
#[test]
fn a_turn_waits_for_what_cannot_be_read() {
    let mut town = freed(queued(&[("second", 5)]));
    town.seen.families.insert(application(), unread());
    let turned = town.ask(Ask::Look).unwrap();
    assert_eq!((turned.application.queue.len(), turned.again), (1, true));
}
