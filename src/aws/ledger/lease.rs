//! The lease on an application: taken by one conditional update, given back by another.

use super::items::{self, LEASE_OWNER, LEASE_UNTIL};
use super::{Fault, Table, keys};
use crate::record::{Lease, LedgerError};
use crate::release::{Application, ApplicationName};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};

/// IAM action: `dynamodb:UpdateItem`.
pub(super) const UPDATE: &str = "dynamodb:UpdateItem";

/// Nobody's, ours, or over before we asked: the holder's clock wrote the end, ours says what time it is. Clocks differ
/// by 2 s at most, which `Lease::GRACE` has room for.
const FREE: &str = "attribute_not_exists(lease_owner) OR lease_owner = :me OR lease_until < :now";
/// It's still this very lease, taken then.
pub(super) const OURS: &str = "lease_owner = :me AND lease_until = :until";

/// UpdateItem: takes the lease, or renews it. Called twice it is taken once.
pub(super) async fn take(table: &Table, name: &ApplicationName, lease: &Lease) -> Result<Application, LedgerError> {
    let taken = table
        .client
        .update_item()
        .table_name(&table.name)
        .set_key(Some(items::key(&keys::head(name))))
        .update_expression(format!("SET {LEASE_OWNER} = :me, {LEASE_UNTIL} = :until"))
        .condition_expression(FREE)
        .expression_attribute_values(":me", items::text(&lease.owner))
        .expression_attribute_values(":until", items::number(lease.ends_at().millis()))
        .expression_attribute_values(":now", items::number(lease.asked_at.millis()))
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match taken {
        Ok(answer) => {
            let item = answer.attributes.unwrap_or_default();
            let application = items::application(&item)?;
            table.seen().insert(name.clone(), (lease.owner.clone(), items::revision(&item)));
            Ok(application.unwrap_or_else(|| Application::new(name.clone())))
        }
        Err(error) => {
            if let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() {
                let until = failed.item().and_then(items::lease_until);
                // Without an answer to "until when": no lease is longer than ours would be.
                return Err(LedgerError::Held { application: name.clone(), until: until.unwrap_or(lease.ends_at()) });
            }
            Err(Fault::of(table.call(UPDATE), &error).into())
        }
    }
}

/// UpdateItem: gives the lease back; one that isn't ours any more is left alone.
pub(super) async fn give_back(table: &Table, name: &ApplicationName, lease: &Lease) -> Result<(), LedgerError> {
    let given = table
        .client
        .update_item()
        .table_name(&table.name)
        .set_key(Some(items::key(&keys::head(name))))
        .update_expression(format!("REMOVE {LEASE_OWNER}, {LEASE_UNTIL}"))
        .condition_expression(OURS)
        .expression_attribute_values(":me", items::text(&lease.owner))
        .expression_attribute_values(":until", items::number(lease.ends_at().millis()))
        .send()
        .await;
    match given {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => {
            Ok(())
        }
        Err(error) => Err(Fault::of(table.call(UPDATE), &error).into()),
    }
}
