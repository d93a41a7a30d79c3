//! A save: the head, its entries, releases, fleets and tokens, all of it or nothing.

use super::items::{self, Item, SAVED};
use super::lease::UPDATE;
use super::request::{self, Head};
use super::{Class, Fault, Table, keys, queries};
use crate::record::{Lease, LedgerError, Save};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use std::sync::atomic::Ordering;

/// How often a save is sent: once, again after an unclear answer or a conflict, and once more. The SDK repeats what
/// is throttled by itself.
const ATTEMPTS: usize = 3;
/// TransactWriteItems has no IAM action of its own: it's allowed by those of the items' writes.
const PUT: &str = "dynamodb:PutItem";

/// What became of one attempt.
enum Attempt {
    Saved,
    /// The condition on the head failed; the head as it was, if DynamoDB gave it.
    Refused(Option<Item>),
    /// Another's transaction on the same items was in the way: nothing was done.
    Conflict,
    /// Nothing was done, and sending it again would not help.
    Failed(LedgerError),
    /// It may have been done.
    Unclear(LedgerError),
}

/// UpdateItem if only the head changes, else TransactWriteItems (which needs `dynamodb:PutItem` and
/// `dynamodb:UpdateItem`). Sent again after an unclear answer, it's done once: it starts from one revision.
pub(super) async fn save(table: &Table, lease: &Lease, save: &Save<'_>) -> Result<(), LedgerError> {
    let name = &save.application.name;
    let stale = || LedgerError::Stale(name.clone());
    let revision = table.seen_by(name, lease).ok_or_else(stale)?;
    let counted = table.saves.fetch_add(1, Ordering::Relaxed);
    let mark = format!("{}/{}/{counted}", lease.owner, lease.ends_at().millis());
    let head = Head::new(lease, save, revision, mark)?;
    let puts = request::puts(&table.name, save, &head.mark)?;
    let mut last = LedgerError::Throttled(format!("others are saving {name}"));
    for attempt in 0..ATTEMPTS {
        match send(table, &head, &puts).await {
            Attempt::Saved => return done(table, lease, save, revision),
            Attempt::Failed(error) => return Err(error),
            Attempt::Conflict => {}
            Attempt::Refused(Some(item)) if items::get_text(&item, SAVED) == Some(&head.mark) => {
                return done(table, lease, save, revision);
            }
            Attempt::Refused(_) => {
                // An earlier attempt may have been done, the lease given back with it and taken by the next.
                if attempt > 0 && was_saved(table, save, &head.mark).await? {
                    return done(table, lease, save, revision);
                }
                table.seen().remove(name);
                return Err(stale());
            }
            Attempt::Unclear(error) => {
                if let Ok(true) = was_saved(table, save, &head.mark).await {
                    return done(table, lease, save, revision);
                }
                last = error;
            }
        }
    }
    Err(last)
}

/// Notes what the holder has seen now.
fn done(table: &Table, lease: &Lease, save: &Save<'_>, revision: u64) -> Result<(), LedgerError> {
    let name = save.application.name.clone();
    if save.give_back {
        table.seen().remove(&name);
    } else {
        table.seen().insert(name, (lease.owner.clone(), revision + 1));
    }
    Ok(())
}

/// Asks the table whether a save took effect: the head carries its mark, or (if others saved since) its first entry.
async fn was_saved(table: &Table, save: &Save<'_>, mark: &str) -> Result<bool, LedgerError> {
    let name = &save.application.name;
    let marked = |item: Option<Item>| item.is_some_and(|item| items::get_text(&item, SAVED) == Some(mark));
    if marked(queries::get(table, keys::head(name)).await?) {
        return Ok(true);
    }
    match save.entries.first() {
        Some(entry) => Ok(marked(queries::get(table, keys::entry(name, entry.sequence)).await?)),
        None => Ok(false),
    }
}

async fn send(table: &Table, head: &Head, puts: &[TransactWriteItem]) -> Attempt {
    if puts.is_empty() { send_head(table, head).await } else { send_all(table, head, puts).await }
}

async fn send_head(table: &Table, head: &Head) -> Attempt {
    let sent = table
        .client
        .update_item()
        .table_name(&table.name)
        .set_key(Some(head.key.clone()))
        .update_expression(&head.update)
        .condition_expression(&head.condition)
        .set_expression_attribute_values(Some(head.values.clone()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    let Err(error) = sent else { return Attempt::Saved };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Attempt::Refused(failed.item.clone()),
        Some(UpdateItemError::TransactionConflictException(_)) => Attempt::Conflict,
        _ => failed(Fault::of(table.call(UPDATE), &error)),
    }
}

async fn send_all(table: &Table, head: &Head, puts: &[TransactWriteItem]) -> Attempt {
    let update = Update::builder()
        .table_name(&table.name)
        .set_key(Some(head.key.clone()))
        .update_expression(&head.update)
        .condition_expression(&head.condition)
        .set_expression_attribute_values(Some(head.values.clone()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build();
    let update = match update {
        Ok(update) => TransactWriteItem::builder().update(update).build(),
        Err(error) => return Attempt::Failed(request::incomplete(error)),
    };
    let all = std::iter::once(update).chain(puts.iter().cloned()).collect();
    let sent = table.client.transact_write_items().set_transact_items(Some(all)).send().await;
    let Err(error) = sent else { return Attempt::Saved };
    let fault = Fault::of(table.call(PUT), &error);
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled_because(cancelled.cancellation_reasons(), fault)
        }
        // The same save, sent a moment ago, is still being carried out.
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Attempt::Unclear(fault.into()),
        _ => failed(fault),
    }
}

fn failed(fault: Fault) -> Attempt {
    if fault.class == Class::Unclear { Attempt::Unclear(fault.into()) } else { Attempt::Failed(fault.into()) }
}

/// Why a transaction was cancelled: a reason for each of its items, in their order; the head is the first.
fn cancelled_because(reasons: &[CancellationReason], fault: Fault) -> Attempt {
    let any = |codes: &[&str]| reasons.iter().any(|reason| reason.code().is_some_and(|code| codes.contains(&code)));
    match reasons.first() {
        Some(head) if head.code() == Some("ConditionalCheckFailed") => Attempt::Refused(head.item.clone()),
        _ if any(&["TransactionConflict"]) => Attempt::Conflict,
        _ if any(&["ThrottlingError", "ProvisionedThroughputExceeded"]) => {
            Attempt::Failed(LedgerError::Throttled(fault.sentence))
        }
        // Only tokens have a condition besides the head.
        _ if any(&["ConditionalCheckFailed"]) => {
            let why = "a client token of this save began another release already: nothing was saved";
            Attempt::Failed(LedgerError::Unavailable(why.to_owned()))
        }
        _ => {
            let said: Vec<&str> = reasons.iter().filter_map(CancellationReason::message).collect();
            Attempt::Failed(LedgerError::Unavailable(format!("{} {}", fault.sentence, said.join("; "))))
        }
    }
}
