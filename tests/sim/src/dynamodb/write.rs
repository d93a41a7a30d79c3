//! PutItem, UpdateItem, DeleteItem, ConditionCheck, and the transaction of them: all or nothing.

use serde_json::{Map, Value, json};

use super::condition::holds;
use super::error::{DynamoError, Reason};
use super::syntax::{Condition, condition};
use super::table::{Key, MAX_ITEM, Table};
use super::token::Placeholders;
use super::update::{Update, update};
use super::value::{Item, item_from_json, item_size, item_to_json};

/// What a write does to its item.
#[derive(Debug, Clone)]
enum Change {
    Put(Item),
    Update(Update),
    Delete,
    Check,
}

/// One write, parsed and checked against the schema, not yet against the item.
#[derive(Debug, Clone)]
pub struct Write {
    /// The item that it is about.
    pub key: Key,
    given_key: Item,
    change: Change,
    condition: Option<Condition>,
    item_on_failure: bool,
}

/// Reads the parameters of `PutItem` and its kin, or of one action of a transaction.
pub fn parse(operation: &str, table: &Table, request: &Value) -> Result<Write, DynamoError> {
    refuse_legacy(request)?;
    let known = Placeholders::of(request)?;
    let (key, given_key, change) = match operation {
        "Put" => {
            let item = item_from_json(&request["Item"])?;
            (table.key_of_item(&item)?, Item::new(), Change::Put(item))
        }
        _ => {
            let given = item_from_json(&request["Key"])?;
            let change = match (operation, request["UpdateExpression"].as_str()) {
                ("Update", Some(text)) => Change::Update(parse_update(table, text, &known)?),
                ("Update", None) => Change::Update(Update::default()),
                ("Delete", _) => Change::Delete,
                _ => Change::Check,
            };
            (table.key(&given)?, given, change)
        }
    };
    let condition = request["ConditionExpression"]
        .as_str()
        .map(|text| condition("ConditionExpression", text, &known))
        .transpose()?;
    known.all_used()?;
    let item_on_failure = request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD";
    Ok(Write { key, given_key, change, condition, item_on_failure })
}

fn parse_update(table: &Table, text: &str, known: &Placeholders) -> Result<Update, DynamoError> {
    let update = update(text, known)?;
    let in_key = update.paths().iter().find_map(|path| table.schema.names().find(|name| *name == path.top()));
    match in_key {
        Some(name) => Err(DynamoError::validation(format!(
            "One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part of the \
             key"
        ))),
        None => Ok(update),
    }
}

fn refuse_legacy(request: &Value) -> Result<(), DynamoError> {
    for field in ["Expected", "AttributeUpdates", "ConditionalOperator"] {
        if request.get(field).is_some() {
            return Err(DynamoError::validation(format!(
                "{field} is a legacy parameter that this model doesn't serve"
            )));
        }
    }
    Ok(())
}

impl Write {
    /// The item after this write (`None`: no item), or why it is refused. Changes nothing yet.
    fn outcome(&self, table: &Table) -> Result<Option<Item>, DynamoError> {
        let before = table.items.get(&self.key);
        let empty = Item::new();
        if let Some(condition) = &self.condition
            && !holds(condition, before.unwrap_or(&empty))
        {
            return Err(DynamoError::condition(before.filter(|_| self.item_on_failure).cloned()));
        }
        match &self.change {
            Change::Put(item) => Ok(Some(item.clone())),
            Change::Delete => Ok(None),
            Change::Check => Ok(before.cloned()),
            Change::Update(update) => {
                // An update of an absent item makes it, from its key.
                let after = update.apply(before.unwrap_or(&self.given_key))?;
                if item_size(&after) > MAX_ITEM {
                    return Err(DynamoError::validation("Item size to update has exceeded the maximum allowed size"));
                }
                table.key_of_item(&after)?;
                Ok(Some(after))
            }
        }
    }
}

/// Carries out one write and answers as `ReturnValues` asks.
pub fn single(table: &mut Table, operation: &str, request: &Value) -> Result<Value, DynamoError> {
    let wanted = request["ReturnValues"].as_str().unwrap_or("NONE");
    let allowed: &[&str] = match operation {
        "Update" => &["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"],
        _ => &["NONE", "ALL_OLD"],
    };
    if !allowed.contains(&wanted) {
        return Err(DynamoError::validation(format!("Return values set to invalid value: {wanted}")));
    }
    let write = parse(operation, table, request)?;
    let after = write.outcome(table)?;
    let before = table.write(&write.key, after.clone());
    let touched = |item: Option<Item>| -> Option<Item> {
        let Change::Update(update) = &write.change else { return item };
        let paths = update.paths();
        item.map(|item| item.into_iter().filter(|(name, _)| paths.iter().any(|p| p.top() == name)).collect())
    };
    let attributes = match wanted {
        "ALL_OLD" => before,
        "ALL_NEW" => after,
        "UPDATED_OLD" => touched(before),
        "UPDATED_NEW" => touched(after),
        _ => None,
    };
    let mut reply = Map::new();
    if let Some(item) = attributes.filter(|item| !item.is_empty()) {
        reply.insert("Attributes".into(), item_to_json(&item));
    }
    Ok(Value::Object(reply))
}

/// One action of a transaction on its table.
pub type Action = (String, Write);

/// Judges every action first; only when all go through is anything written.
pub fn transact(
    tables: &mut std::collections::BTreeMap<String, Table>,
    actions: &[Action],
) -> Result<Value, DynamoError> {
    for (at, (table, write)) in actions.iter().enumerate() {
        if actions[..at].iter().any(|(other, earlier)| other == table && earlier.key == write.key) {
            return Err(DynamoError::validation("Transaction request cannot include multiple operations on one item"));
        }
    }
    let mut reasons = Vec::new();
    let mut outcomes = Vec::new();
    for (name, write) in actions {
        let table = tables.get(name).ok_or_else(DynamoError::not_found)?;
        match write.outcome(table) {
            Ok(after) => {
                reasons.push(Reason::NONE);
                outcomes.push(after);
            }
            Err(error) => {
                let failed = error.code == "ConditionalCheckFailedException";
                let code = if failed { "ConditionalCheckFailed" } else { "ValidationError" };
                reasons.push(Reason { code, message: Some(error.message), item: error.item });
            }
        }
    }
    if outcomes.len() < actions.len() {
        return Err(DynamoError::cancelled(reasons));
    }
    for ((name, write), after) in actions.iter().zip(outcomes) {
        if let Some(table) = tables.get_mut(name)
            && !matches!(write.change, Change::Check)
        {
            table.write(&write.key, after);
        }
    }
    Ok(json!({}))
}
