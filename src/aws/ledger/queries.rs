//! The record's reads. All but the index are strongly consistent.

use super::items::{self, IN_FLIGHT, Item, PARTITION, RELEASE, SORT, YES};
use super::keys::{self, Key};
use super::{Fault, Table};
use crate::record::{LedgerError, Past};
use crate::release::{Application, ApplicationName, Entry, FleetArn, Release, ReleaseId};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Keys of one BatchGetItem: DynamoDB's limit.
const KEYS: usize = 100;
/// How often the keys that DynamoDB left unprocessed are asked for again: it leaves some when an answer has 16 MB, or
/// when it's throttled; then the caller comes back later.
const ROUNDS: usize = 4;

/// GetItem.
pub(super) async fn get(table: &Table, key: Key) -> Result<Option<Item>, LedgerError> {
    let request = table.client.get_item().table_name(&table.name).set_key(Some(items::key(&key)));
    match request.consistent_read(true).send().await {
        Ok(answer) => Ok(answer.item),
        Err(error) => Err(Fault::of(table.call("dynamodb:GetItem"), &error).into()),
    }
}

/// GetItem: an application's head.
pub(super) async fn application(table: &Table, name: &ApplicationName) -> Result<Option<Application>, LedgerError> {
    get(table, keys::head(name)).await?.as_ref().map_or(Ok(None), items::application)
}

/// GetItem: what a token began.
pub(super) async fn by_token(table: &Table, token: &str) -> Result<Option<ReleaseId>, LedgerError> {
    get(table, keys::token(token)?).await?.as_ref().map(items::named).transpose()
}

/// BatchGetItem of two: the head, in which the release may run, and the release as it was kept last.
pub(super) async fn release(table: &Table, id: &ReleaseId) -> Result<Option<Release>, LedgerError> {
    let (head, kept) = (keys::head(id.application()), keys::release(id));
    let found = batch(table, [head.clone(), kept.clone()].into()).await?;
    let application = found.get(&head).map_or(Ok(None), items::application)?;
    match application.and_then(|application| application.running).filter(|running| running.id == *id) {
        Some(running) => Ok(Some(running)),
        None => found.get(&kept).map(items::noun).transpose(),
    }
}

/// BatchGetItem, 100 fleets a call, the calls side by side.
pub(super) async fn pasts(table: &Table, fleets: &[FleetArn]) -> Result<Vec<(FleetArn, Past)>, LedgerError> {
    let asked = fleets.iter().map(|fleet| Ok((keys::past(fleet)?, fleet)));
    let asked: BTreeMap<Key, &FleetArn> = asked.collect::<Result<_, LedgerError>>()?;
    let found = batches(table, asked.keys().cloned().collect()).await?;
    let known = asked.into_iter().filter_map(|(key, fleet)| Some((fleet, found.get(&key)?)));
    known.map(|(fleet, item)| Ok((fleet.clone(), items::read_past(item)?))).collect()
}

/// Query of the index, paged. It follows the table by a moment: a hint of where to look, never what is true.
/// What this version can't read is logged and passed over: one spoiled item mustn't hide all the others.
pub(super) async fn in_flight(table: &Table) -> Result<Vec<Application>, LedgerError> {
    let request = table
        .client
        .query()
        .table_name(&table.name)
        .index_name(IN_FLIGHT)
        .key_condition_expression(format!("{IN_FLIGHT} = :yes"))
        .expression_attribute_values(":yes", items::text(YES));
    Ok(readable(query(table, request, None).await?.iter()))
}

/// Query of the list, paged, then BatchGetItem of the heads. What can't be read is logged and passed over.
pub(super) async fn applications(table: &Table) -> Result<Vec<Application>, LedgerError> {
    let request = table
        .client
        .query()
        .table_name(&table.name)
        .consistent_read(true)
        .key_condition_expression(format!("{PARTITION} = :list"))
        .expression_attribute_values(":list", items::text(keys::APPLICATIONS));
    let listed = query(table, request, None).await?;
    let names = listed.iter().filter_map(|item| ApplicationName::parse(items::get_text(item, SORT)?).ok());
    let found = batches(table, names.map(|name| keys::head(&name)).collect()).await?;
    Ok(readable(found.values()))
}

fn readable<'a>(heads: impl Iterator<Item = &'a Item>) -> Vec<Application> {
    let mut found = Vec::new();
    for head in heads {
        match items::application(head) {
            Ok(application) => found.extend(application),
            Err(error) => tracing::error!("an application is passed over: {error}"),
        }
    }
    found
}

/// Query, paged, newest first, until there are enough.
pub(super) async fn entries(
    table: &Table,
    application: &ApplicationName,
    release: Option<&ReleaseId>,
    limit: u32,
) -> Result<Vec<Entry>, LedgerError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut request = table
        .client
        .query()
        .table_name(&table.name)
        .consistent_read(true)
        .scan_index_forward(false)
        .key_condition_expression("#application = :application AND begins_with(#item, :entry)")
        .expression_attribute_names("#application", PARTITION)
        .expression_attribute_names("#item", SORT)
        .expression_attribute_values(":application", items::text(keys::partition(application)))
        .expression_attribute_values(":entry", items::text(keys::ENTRY));
    match release {
        Some(id) => {
            request = request
                .filter_expression("#release = :release")
                .expression_attribute_names("#release", RELEASE)
                .expression_attribute_values(":release", items::text(id.to_string()));
        }
        // A page's limit counts before the filter, so it's only of use without one.
        None => request = request.limit(i32::try_from(limit).unwrap_or(i32::MAX)),
    }
    let mut found = query(table, request, Some(limit)).await?;
    found.truncate(limit);
    found.iter().rev().map(items::noun).collect()
}

/// Query, page by page, to the end or until there are `enough`.
async fn query(table: &Table, request: QueryFluentBuilder, enough: Option<usize>) -> Result<Vec<Item>, LedgerError> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = request.clone().set_exclusive_start_key(after).send().await;
        let page = page.map_err(|error| Fault::of(table.call("dynamodb:Query"), &error))?;
        found.extend(page.items.unwrap_or_default());
        after = page.last_evaluated_key.filter(|key| !key.is_empty());
        if after.is_none() || enough.is_some_and(|enough| found.len() >= enough) {
            return Ok(found);
        }
    }
}

/// BatchGetItem of any number of keys, the calls side by side.
async fn batches(table: &Table, keys: BTreeSet<Key>) -> Result<BTreeMap<Key, Item>, LedgerError> {
    let keys: Vec<Key> = keys.into_iter().collect();
    let calls = keys.chunks(KEYS).map(|some| batch(table, some.iter().cloned().collect()));
    Ok(try_join_all(calls).await?.into_iter().flatten().collect())
}

/// BatchGetItem of up to 100 keys, asking again for what was left unprocessed.
async fn batch(table: &Table, keys: BTreeSet<Key>) -> Result<BTreeMap<Key, Item>, LedgerError> {
    let mut asked: Vec<Item> = keys.iter().map(items::key).collect();
    let mut found = BTreeMap::new();
    for _ in 0..ROUNDS {
        if asked.is_empty() {
            return Ok(found);
        }
        let wanted = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(asked)).build();
        let wanted = wanted.map_err(super::request::incomplete)?;
        let request = table.client.batch_get_item().request_items(&table.name, wanted);
        let answer = request.send().await;
        let answer = answer.map_err(|error| Fault::of(table.call("dynamodb:BatchGetItem"), &error))?;
        let pages: HashMap<String, Vec<Item>> = answer.responses.unwrap_or_default();
        found.extend(pages.into_values().flatten().map(|item| (items::key_of(&item), item)));
        asked = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
    }
    if asked.is_empty() {
        return Ok(found);
    }
    Err(LedgerError::Throttled(format!("dynamodb:BatchGetItem on {} left {} items unread", table.name, asked.len())))
}
