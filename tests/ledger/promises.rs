//! The promises. Each is made by two ledgers over the same table: two processes. `app` is the promise's own
//! application, for a table may be shared.

use crate::fixtures::{app, arn, at, change, ended, entry, lease, only, pending, release, with_token};
use cutover::record::{Ledger, LedgerError, Save};
use cutover::release::{Application, ApplicationName, FleetArn, Release, ReleaseId, Status};

fn id(name: &ApplicationName, number: u64) -> ReleaseId {
    ReleaseId::new(name.clone(), number)
}

fn fleets(tag: &str) -> (String, String) {
    (format!("{tag}-green"), format!("{tag}-blue"))
}

/// What is on record of an application, all of it that a promise here could have put there.
async fn everything(
    ledger: &impl Ledger,
    name: &ApplicationName,
    release: &Release,
    token: &str,
) -> (Option<Application>, usize, Option<Release>, Option<ReleaseId>, usize) {
    let fleets: Vec<FleetArn> = release.members().map(|member| member.arn.clone()).collect();
    (
        ledger.application(name).await.unwrap(),
        ledger.entries(name, None, 100).await.unwrap().len(),
        ledger.release(&release.id).await.unwrap(),
        ledger.by_token(token).await.unwrap(),
        ledger.pasts(&fleets).await.unwrap().len(),
    )
}

pub async fn what_was_never_saved_is_absent(a: &impl Ledger, _: &impl Ledger, tag: &str) {
    let name = app(tag);
    let nothing = release(&id(&name, 1), tag, tag);
    assert_eq!(everything(a, &name, &nothing, tag).await, (None, 0, None, None, 0));
    // A lease alone puts nothing on record.
    assert_eq!(a.take(&name, &lease("one", 0)).await.unwrap(), Application::new(name.clone()));
    assert_eq!(a.application(&name).await.unwrap(), None);
    assert!(!a.applications().await.unwrap().iter().any(|found| found.name == name));
}

pub async fn a_lease_is_exclusive_until_it_ends(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let first = lease("one", 0);
    a.take(&name, &first).await.unwrap();
    for seconds in [0, 24, 25] {
        let held = b.take(&name, &lease("two", seconds)).await;
        let until = first.ends_at();
        assert_eq!(held, Err(LedgerError::Held { application: name.clone(), until }), "after {seconds} s");
    }
    b.take(&name, &lease("two", 26)).await.unwrap();
    let now_theirs = a.take(&name, &lease("one", 27)).await;
    assert!(matches!(now_theirs, Err(LedgerError::Held { until, .. }) if until == at(51)), "{now_theirs:?}");
}

pub async fn its_holder_may_renew_a_lease(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    a.take(&name, &lease("one", 0)).await.unwrap();
    let renewed = lease("one", 10);
    let mut application = a.take(&name, &renewed).await.unwrap();
    let held = b.take(&name, &lease("two", 30)).await;
    assert!(matches!(held, Err(LedgerError::Held { until, .. }) if until == at(35)), "{held:?}");
    application.numbered = 3;
    a.save(&renewed, only(&application)).await.unwrap();
    assert_eq!(b.application(&name).await.unwrap(), Some(application));
}

pub async fn a_lease_given_back_is_free_at_once(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let first = lease("one", 0);
    a.take(&name, &first).await.unwrap();
    a.give_back(&name, &first).await.unwrap();
    b.take(&name, &lease("two", 1)).await.unwrap();
    // Once more is nothing: it doesn't take the lease from its new holder.
    a.give_back(&name, &first).await.unwrap();
    assert!(matches!(a.take(&name, &lease("one", 2)).await, Err(LedgerError::Held { .. })));
}

pub async fn a_stale_holder_saves_nothing(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let (stale, fresh) = (lease("one", 0), lease("two", 26));
    let mut old = a.take(&name, &stale).await.unwrap();
    let mut new = b.take(&name, &fresh).await.unwrap();
    old.numbered = 1;
    assert_eq!(a.save(&stale, only(&old)).await, Err(LedgerError::Stale(name.clone())));
    new.numbered = 2;
    b.save(&fresh, Save { give_back: true, ..only(&new) }).await.unwrap();
    // Not when the lease is free either: the item has moved on.
    assert_eq!(a.save(&stale, only(&old)).await, Err(LedgerError::Stale(name.clone())));
    assert_eq!(a.application(&name).await.unwrap(), Some(new));
}

pub async fn a_holder_that_took_the_lease_again_is_not_the_one_that_it_was(
    a: &impl Ledger,
    b: &impl Ledger,
    tag: &str,
) {
    // Lambda may deliver one event twice, with one request id.
    let name = app(tag);
    let (first, again) = (lease("one", 0), lease("one", 1));
    let mut old = a.take(&name, &first).await.unwrap();
    let mut new = b.take(&name, &again).await.unwrap();
    old.numbered = 1;
    assert_eq!(a.save(&first, only(&old)).await, Err(LedgerError::Stale(name.clone())));
    new.numbered = 2;
    b.save(&again, only(&new)).await.unwrap();
    assert_eq!(a.save(&first, only(&old)).await, Err(LedgerError::Stale(name.clone())));
    assert_eq!(a.application(&name).await.unwrap(), Some(new));
}

pub async fn a_save_reads_back_whole(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let (name, (green, blue)) = (app(tag), fleets(tag));
    let started = with_token(release(&id(&name, 1), &green, &blue), tag);
    let entries = [entry(&started.id, 1), entry(&started.id, 2)];
    let lease = lease("one", 0);
    let mut application = a.take(&name, &lease).await.unwrap();
    application.running = Some(started.clone());
    application.numbered = 1;
    application.sequence = 2;
    application.announcing = vec![1, 2];
    let save = Save {
        application: &application,
        entries: &entries,
        releases: std::slice::from_ref(&started),
        give_back: false,
    };
    a.save(&lease, save).await.unwrap();
    let found = everything(b, &name, &started, tag).await;
    assert_eq!(found, (Some(application), 2, Some(started.clone()), Some(started.id.clone()), 2));
    assert_eq!(b.entries(&name, None, 10).await.unwrap(), entries);
}

pub async fn a_save_can_give_the_lease_back(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let first = lease("one", 0);
    let application = a.take(&name, &first).await.unwrap();
    a.save(&first, Save { give_back: true, ..only(&application) }).await.unwrap();
    assert_eq!(a.save(&first, only(&application)).await, Err(LedgerError::Stale(name.clone())));
    b.take(&name, &lease("two", 1)).await.unwrap();
}

pub async fn saves_under_one_lease_follow_each_other(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let lease = lease("one", 0);
    let mut application = a.take(&name, &lease).await.unwrap();
    for sequence in 1..4 {
        application.sequence = sequence;
        let entries = [entry(&id(&name, 1), sequence)];
        a.save(&lease, Save { entries: &entries, ..only(&application) }).await.unwrap();
        a.save(&lease, only(&application)).await.unwrap();
    }
    assert_eq!(b.application(&name).await.unwrap(), Some(application));
    assert_eq!(b.entries(&name, None, 10).await.unwrap().len(), 3);
}

pub async fn a_refused_save_leaves_no_part_of_it(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let (name, (green, blue)) = (app(tag), fleets(tag));
    let stale = lease("one", 0);
    let mut application = a.take(&name, &stale).await.unwrap();
    b.take(&name, &lease("two", 26)).await.unwrap();
    let started = with_token(release(&id(&name, 1), &green, &blue), tag);
    application.running = Some(started.clone());
    let entries = [entry(&started.id, 1)];
    let releases = [started.clone()];
    let save = Save { application: &application, entries: &entries, releases: &releases, give_back: true };
    assert_eq!(a.save(&stale, save).await, Err(LedgerError::Stale(name.clone())));
    assert_eq!(everything(b, &name, &started, tag).await, (None, 0, None, None, 0));
    assert!(!b.in_flight().await.unwrap().iter().any(|found| found.name == name));
}

pub async fn an_item_over_32_kb_is_refused_by_its_name(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let lease = lease("one", 0);
    let mut application = a.take(&name, &lease).await.unwrap();
    a.save(&lease, only(&application)).await.unwrap();
    application.announcing = vec![u64::MAX; 2_000];
    let refused = a.save(&lease, only(&application)).await;
    let Err(LedgerError::Unavailable(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains(tag) && why.contains("32768"), "{why}");
    assert_eq!(b.application(&name).await.unwrap(), Some(Application::new(name.clone())));
    // The lease isn't lost by it.
    application.announcing = vec![1];
    a.save(&lease, only(&application)).await.unwrap();
}

pub async fn a_save_of_too_many_items_is_refused_whole(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let lease = lease("one", 0);
    let application = a.take(&name, &lease).await.unwrap();
    let entries: Vec<_> = (1..=100).map(|sequence| entry(&id(&name, 1), sequence)).collect();
    let refused = a.save(&lease, Save { entries: &entries, ..only(&application) }).await;
    let Err(LedgerError::Unavailable(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains(tag) && why.contains("100"), "{why}");
    assert_eq!(b.entries(&name, None, 200).await.unwrap().len(), 0);
    a.save(&lease, Save { entries: &entries[..90], ..only(&application) }).await.unwrap();
    assert_eq!(b.entries(&name, None, 200).await.unwrap().len(), 90);
}

pub async fn entries_come_in_order_newest_within_the_limit(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    for (seconds, sequences) in [(0, 1..=8), (30, 9..=11)] {
        let release = id(&name, 1);
        change(a, &name, seconds, |_| (sequences.map(|sequence| entry(&release, sequence)).collect(), vec![])).await;
    }
    let sequences = async |limit| {
        let found = b.entries(&name, None, limit).await.unwrap();
        found.into_iter().map(|entry| entry.sequence).collect::<Vec<_>>()
    };
    assert_eq!(sequences(100).await, (1..=11).collect::<Vec<_>>());
    assert_eq!(sequences(3).await, [9, 10, 11]);
    assert_eq!(sequences(0).await, [0; 0]);
}

pub async fn entries_of_one_release_are_told_from_the_others(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let mixed = |sequence: u64| entry(&id(&name, 1 + sequence % 2), sequence);
    change(a, &name, 0, |_| ((1..=9).map(mixed).collect(), vec![])).await;
    let first = b.entries(&name, Some(&id(&name, 1)), 3).await.unwrap();
    assert_eq!(first.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [4, 6, 8]);
    assert_eq!(b.entries(&name, Some(&id(&name, 11)), 3).await.unwrap(), []);
    assert_eq!(b.entries(&app(&format!("{tag}-")), None, 3).await.unwrap(), []);
}

pub async fn the_index_holds_what_is_in_flight_and_nothing_else(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let (idle, busy) = (app(&format!("{tag}-idle")), app(&format!("{tag}-busy")));
    let found = async || {
        let found = b.in_flight().await.unwrap();
        found.into_iter().filter(|found| found.name.as_str().starts_with(tag)).collect::<Vec<_>>()
    };
    change(a, &idle, 0, |_| (vec![], vec![])).await;
    assert_eq!(found().await, []);
    let flying = change(a, &busy, 0, |application| {
        application.announcing = vec![7];
        (vec![], vec![])
    })
    .await;
    assert_eq!(found().await, [flying]);
    change(a, &busy, 1, |application| {
        application.announcing.clear();
        (vec![], vec![])
    })
    .await;
    assert_eq!(found().await, []);
}

pub async fn every_application_is_listed(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let names = [format!("{tag}-1"), format!("{tag}-2"), format!("{tag}-3")];
    for name in &names {
        let name = app(name);
        let (green, blue) = fleets(name.as_str());
        let ended = ended(release(&id(&name, 1), &green, &blue), Status::Successful);
        change(a, &name, 0, |_| (vec![], vec![ended])).await;
    }
    let mut found: Vec<String> = b.applications().await.unwrap().iter().map(|found| found.name.to_string()).collect();
    found.retain(|name| name.starts_with(tag));
    found.sort();
    assert_eq!(found, names);
}

pub async fn a_release_is_found_running_and_ended(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let (name, (green, blue)) = (app(tag), fleets(tag));
    let mut running = release(&id(&name, 1), &green, &blue);
    change(a, &name, 0, |application| {
        application.running = Some(running.clone());
        (vec![], vec![running.clone()])
    })
    .await;
    running.message = "further on".to_owned();
    change(a, &name, 1, |application| {
        application.running = Some(running.clone());
        (vec![], vec![])
    })
    .await;
    assert_eq!(b.release(&running.id).await.unwrap(), Some(running.clone()), "as it runs, not as it started");
    let over = ended(running, Status::RollbackSuccessful);
    change(a, &name, 2, |application| {
        application.running = None;
        (vec![], vec![over.clone()])
    })
    .await;
    assert_eq!(b.release(&over.id).await.unwrap(), Some(over));
    assert_eq!(b.release(&id(&name, 2)).await.unwrap(), None);
}

pub async fn a_token_is_the_same_release_for_ever(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let (name, other, (green, blue)) = (app(tag), app(&format!("{tag}-other")), fleets(tag));
    let first = with_token(release(&id(&name, 1), &green, &blue), tag);
    change(a, &name, 0, |_| (vec![], vec![first.clone()])).await;
    change(a, &name, 1, |_| (vec![], vec![ended(first.clone(), Status::Successful)])).await;
    assert_eq!(b.by_token(tag).await.unwrap(), Some(first.id.clone()));
    // Another application that didn't see it in time isn't let in, and nothing of its save is kept.
    let lease = lease("one", 0);
    let application = b.take(&other, &lease).await.unwrap();
    let second = with_token(release(&id(&other, 1), "another", &blue), tag);
    let releases = [second];
    let refused = b.save(&lease, Save { releases: &releases, ..only(&application) }).await;
    assert!(matches!(refused, Err(LedgerError::Unavailable(ref why)) if why.contains("token")), "{refused:?}");
    assert_eq!(a.by_token(tag).await.unwrap(), Some(first.id));
    assert_eq!(a.release(&id(&other, 1)).await.unwrap(), None);
}

pub async fn a_token_of_what_waits_is_kept_with_its_entry(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let (name, (green, blue)) = (app(tag), fleets(tag));
    let waits = with_token(release(&id(&name, 2), &green, &blue), tag);
    change(a, &name, 0, |application| {
        application.queue.push(pending(&waits));
        (vec![entry(&waits.id, 1)], vec![])
    })
    .await;
    assert_eq!(b.by_token(tag).await.unwrap(), Some(waits.id));
}

pub async fn a_fleet_of_a_release_is_known_from_its_start_and_its_tags_once_it_was_rejected(
    a: &impl Ledger,
    b: &impl Ledger,
    tag: &str,
) {
    let (name, (green, blue)) = (app(tag), fleets(tag));
    let first = release(&id(&name, 1), &green, &blue);
    let both = [arn(&green), arn(&blue)];
    let pasts = async || {
        let mut found = b.pasts(&both).await.unwrap();
        found.sort_by(|one, other| other.0.cmp(&one.0));
        found.into_iter().map(|(fleet, past)| (fleet, past.release, past.rejected_with)).collect::<Vec<_>>()
    };
    change(a, &name, 0, |_| (vec![], vec![first.clone()])).await;
    let known = |number, tags: Option<&_>| both.clone().map(|fleet| (fleet, id(&name, number), tags.cloned()));
    assert_eq!(pasts().await, known(1, None));
    change(a, &name, 1, |_| (vec![], vec![ended(first.clone(), Status::Rejected)])).await;
    let found = pasts().await;
    assert_eq!(found[0].2.as_ref(), Some(&first.green.tags));
    assert_eq!(found[1].2.as_ref(), None, "a rejection is about green: blue is no new version by a changed tag");
    // The last release that names it counts.
    let second = release(&id(&name, 2), &green, &blue);
    change(a, &name, 2, |_| (vec![], vec![ended(second, Status::Successful)])).await;
    assert_eq!(pasts().await, known(2, None));
}

pub async fn many_fleets_are_asked_for_at_once(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let name = app(tag);
    let known = release(&id(&name, 1), &format!("{tag}-7"), &format!("{tag}-150"));
    change(a, &name, 0, |_| (vec![], vec![known])).await;
    let all: Vec<FleetArn> = (0..230).chain([7]).map(|number| arn(&format!("{tag}-{number}"))).collect();
    assert_eq!(b.pasts(&all).await.unwrap().len(), 2);
    assert_eq!(b.pasts(&[]).await.unwrap(), []);
}

pub async fn names_are_data(a: &impl Ledger, b: &impl Ledger, tag: &str) {
    let odd = [
        "a\"b'c\\d",
        "a/b/../c",
        "ünï ☃ 漢字",
        "app#x",
        "fleet#x",
        "token#x",
        "head",
        "entry#1",
        "applications",
        "#item",
        ":yes",
        "{\"S\":\"x\"}",
        "*",
        "%",
        "web.1",
    ];
    let names: Vec<String> = odd.iter().map(|name| format!("{name}{tag}")).chain(["ü".repeat(256)]).collect();
    for (number, text) in (1..).zip(&names) {
        let name = app(text);
        let fleet: String = text.chars().take(255).collect();
        let started = with_token(release(&id(&name, number), &fleet, &format!("blue{number}{tag}")), text);
        let saved = change(a, &name, 0, |application| {
            application.numbered = number;
            application.running = Some(started.clone());
            (vec![entry(&started.id, number)], vec![started.clone()])
        })
        .await;
        let found = everything(b, &name, &started, text).await;
        assert_eq!(found, (Some(saved), 1, Some(started.clone()), Some(started.id), 2), "{text}");
    }
    let listed: Vec<String> = b.applications().await.unwrap().iter().map(|found| found.name.to_string()).collect();
    assert!(names.iter().all(|name| listed.contains(name)));
}
