//! The record's items: the nouns as DynamoDB keeps them, and back.
//!
//! Each noun is one JSON text, so an item written by an older or a newer version is read as far as serde allows:
//! unknown fields are passed over, new ones have defaults.

use super::keys::Key;
use crate::error::printable;
use crate::record::LedgerError;
use crate::release::{Application, Entry, Past, ReleaseId, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};

/// An item, as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The table's partition key.
pub(super) const PARTITION: &str = "application";
/// The table's sort key.
pub(super) const SORT: &str = "item";
/// A noun's JSON.
pub(super) const BODY: &str = "body";
/// Who holds the lease.
pub(super) const LEASE_OWNER: &str = "lease_owner";
/// When it ends, in milliseconds since 1970.
pub(super) const LEASE_UNTIL: &str = "lease_until";
/// How often a head was saved.
pub(super) const REVISION: &str = "revision";
/// Which save wrote it last.
pub(super) const SAVED: &str = "saved";
/// The index, and its partition key: only what is in flight carries it.
pub(super) const IN_FLIGHT: &str = "in_flight";
/// Its one value.
pub(super) const YES: &str = "yes";
/// A release's id, beside an entry, in a past and in a token.
pub(super) const RELEASE: &str = "release";
/// A fleet's tags when its release was rejected.
const REJECTED_WITH: &str = "rejected_with";

/// A text.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A key as a request takes it.
pub(super) fn key(key: &Key) -> Item {
    HashMap::from([(PARTITION.to_owned(), text(key.partition.clone())), (SORT.to_owned(), text(key.sort.clone()))])
}

/// The key of an item that was read.
pub(super) fn key_of(item: &Item) -> Key {
    let part = |name| get_text(item, name).unwrap_or_default().to_owned();
    Key { partition: part(PARTITION), sort: part(SORT) }
}

/// A text of an item.
pub(super) fn get_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn get_number<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// How often a head was saved.
pub(super) fn revision(item: &Item) -> u64 {
    get_number(item, REVISION).unwrap_or(0)
}

/// When a head's lease ends.
pub(super) fn lease_until(item: &Item) -> Option<Timestamp> {
    get_number(item, LEASE_UNTIL).map(Timestamp::from_millis)
}

/// A noun's JSON.
pub(super) fn json(noun: &impl Serialize, key: &Key) -> Result<String, LedgerError> {
    serde_json::to_string(noun)
        .map_err(|error| LedgerError::Unavailable(format!("the item {key} can't be written as JSON: {error}")))
}

/// Reads the noun that an item holds.
pub(super) fn noun<T: DeserializeOwned>(item: &Item) -> Result<T, LedgerError> {
    let body = get_text(item, BODY).ok_or_else(|| unreadable(item, "it has no body"))?;
    serde_json::from_str(body).map_err(|error| unreadable(item, &error.to_string()))
}

/// An item that this version can't read.
fn unreadable(item: &Item, why: &str) -> LedgerError {
    LedgerError::Unavailable(printable(&format!("its item {} can't be read: {why}", key_of(item))))
}

/// The application in a head; `None` if it was leased but never saved.
pub(super) fn application(item: &Item) -> Result<Option<Application>, LedgerError> {
    if item.contains_key(BODY) { noun(item).map(Some) } else { Ok(None) }
}

/// An item that keeps an entry.
pub(super) fn entry(at: &Key, entry: &Entry, saved: &str) -> Result<Item, LedgerError> {
    let mut item = key(at);
    item.insert(BODY.to_owned(), text(json(entry, at)?));
    item.insert(RELEASE.to_owned(), text(entry.release.to_string()));
    item.insert(SAVED.to_owned(), text(saved));
    Ok(item)
}

/// An item that keeps a noun and nothing else.
pub(super) fn kept(at: &Key, noun: &impl Serialize) -> Result<Item, LedgerError> {
    let mut item = key(at);
    item.insert(BODY.to_owned(), text(json(noun, at)?));
    Ok(item)
}

/// An item that names a release.
pub(super) fn naming(at: &Key, release: &ReleaseId) -> Item {
    let mut item = key(at);
    item.insert(RELEASE.to_owned(), text(release.to_string()));
    item
}

/// An item that keeps what is known of a fleet.
pub(super) fn past(at: &Key, past: &Past) -> Result<Item, LedgerError> {
    let mut item = naming(at, &past.release);
    if let Some(tags) = &past.rejected_with {
        item.insert(REJECTED_WITH.to_owned(), text(json(tags, at)?));
    }
    Ok(item)
}

/// The release that an item names.
pub(super) fn named(item: &Item) -> Result<ReleaseId, LedgerError> {
    let id = get_text(item, RELEASE).ok_or_else(|| unreadable(item, "it names no release"))?;
    ReleaseId::parse(id).map_err(|expected| unreadable(item, &format!("{id:?} isn't {expected}")))
}

/// What is known of a fleet.
pub(super) fn read_past(item: &Item) -> Result<Past, LedgerError> {
    let tags = get_text(item, REJECTED_WITH).map(serde_json::from_str::<BTreeMap<String, String>>).transpose();
    let rejected_with = tags.map_err(|error| unreadable(item, &error.to_string()))?;
    Ok(Past { release: named(item)?, rejected_with })
}
