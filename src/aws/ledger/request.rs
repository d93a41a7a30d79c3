//! What a save asks DynamoDB to write.

use super::items::{self, BODY, IN_FLIGHT, Item, LEASE_OWNER, LEASE_UNTIL, REVISION, SAVED, YES};
use super::keys::{self, Key};
use super::lease::OURS;
use crate::record::{Lease, LedgerError, Save};
use crate::release::Application;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

/// The largest body of a head, in bytes: small, for it's read by every look; cold data doesn't ride in it.
const LARGEST_BODY: usize = 32 * 1024;
/// The most items of one transaction: DynamoDB's limit. A release of 90 fleets stays below; a save isn't split, for
/// half of it would be a record of what never was.
const MOST_ITEMS: usize = 100;

/// The head's part of a save.
pub(super) struct Head {
    /// Its key.
    pub key: Item,
    /// What is set and removed.
    pub update: String,
    /// Under the lease, from the revision that its holder saw.
    pub condition: String,
    /// The values in both.
    pub values: Item,
    /// Tells this save from every other.
    pub mark: String,
}

impl Head {
    /// From a revision to the next.
    pub fn new(lease: &Lease, save: &Save<'_>, revision: u64, mark: String) -> Result<Self, LedgerError> {
        let application = save.application;
        let key = keys::head(&application.name);
        let mut values = Item::from([
            (":me".to_owned(), items::text(&lease.owner)),
            (":until".to_owned(), items::number(lease.ends_at().millis())),
            (":body".to_owned(), items::text(body(application, &key)?)),
            (":mark".to_owned(), items::text(&mark)),
            (":next".to_owned(), items::number(revision + 1)),
        ]);
        let mut set = format!("SET {BODY} = :body, {SAVED} = :mark, {REVISION} = :next");
        let mut remove = Vec::new();
        if application.in_flight() {
            set += &format!(", {IN_FLIGHT} = :yes");
            values.insert(":yes".to_owned(), items::text(YES));
        } else {
            remove.push(IN_FLIGHT);
        }
        if save.give_back {
            remove.extend([LEASE_OWNER, LEASE_UNTIL]);
        }
        let from = if revision == 0 {
            format!("attribute_not_exists({REVISION})")
        } else {
            values.insert(":seen".to_owned(), items::number(revision));
            format!("{REVISION} = :seen")
        };
        let update = if remove.is_empty() { set } else { format!("{set} REMOVE {}", remove.join(", ")) };
        Ok(Self { key: items::key(&key), update, condition: format!("{OURS} AND {from}"), values, mark })
    }
}

/// A head's JSON, if it's small enough.
fn body(application: &Application, key: &Key) -> Result<String, LedgerError> {
    let body = items::json(application, key)?;
    if body.len() > LARGEST_BODY {
        let (size, name) = (body.len(), &application.name);
        return Err(LedgerError::Unavailable(format!(
            "the item of {name} would have {size} bytes, and {LARGEST_BODY} is the most: nothing was saved"
        )));
    }
    Ok(body)
}

/// The other items of a save.
pub(super) fn puts(table: &str, save: &Save<'_>, mark: &str) -> Result<Vec<TransactWriteItem>, LedgerError> {
    let name = &save.application.name;
    let mut puts = Vec::new();
    for entry in save.entries {
        puts.push(put(table, items::entry(&keys::entry(name, entry.sequence), entry, mark)?, None)?);
    }
    for release in save.releases {
        puts.push(put(table, items::kept(&keys::release(&release.id), release)?, None)?);
    }
    for (fleet, past) in save.pasts() {
        puts.push(put(table, items::past(&keys::past(fleet)?, &past)?, None)?);
    }
    for (token, id) in save.tokens() {
        // The same token is the same release for ever: whoever comes second is refused.
        puts.push(put(table, items::naming(&keys::token(token)?, id), Some(id.to_string()))?);
    }
    if !save.releases.is_empty() || !save.application.queue.is_empty() {
        puts.push(put(table, items::key(&keys::listed(name)), None)?);
    }
    if puts.len() + 1 > MOST_ITEMS {
        let count = puts.len() + 1;
        return Err(LedgerError::Unavailable(format!(
            "a save of {name} would be {count} items, and {MOST_ITEMS} is the most: nothing was saved"
        )));
    }
    Ok(puts)
}

/// A put; with `naming`, only where nothing is yet or the same release is named.
fn put(table: &str, item: Item, naming: Option<String>) -> Result<TransactWriteItem, LedgerError> {
    let mut put = Put::builder().table_name(table).set_item(Some(item));
    if let Some(id) = naming {
        put = put
            .condition_expression("attribute_not_exists(#release) OR #release = :release")
            .expression_attribute_names("#release", items::RELEASE)
            .expression_attribute_values(":release", items::text(id));
    }
    Ok(TransactWriteItem::builder().put(put.build().map_err(incomplete)?).build())
}

/// A request that lacks something: a mistake of ours.
pub(super) fn incomplete(error: impl std::fmt::Display) -> LedgerError {
    LedgerError::Unavailable(format!("a save can't be put together: {error}"))
}
