//! An in-memory DynamoDB: as much of it as Cutover's record needs, with DynamoDB's own refusals.
//!
//! It is strict where the real one is: reserved words, unused placeholders, empty keys and items that are too large are
//! errors here too, because a lenient model would let through what fails in an account.

mod condition;
mod error;
mod number;
mod path;
mod read;
mod reserved;
mod schema;
mod syntax;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod update;
mod value;
mod write;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub use error::{DynamoError, Reason};
pub use value::{Attr, Item};

use table::Table;

/// A transaction or a batch read names at most this many items; DynamoDB's limits, equal today.
const MAX_ACTIONS: usize = 100;

/// All tables of one account and region.
#[derive(Debug, Clone, Default)]
pub struct Dynamo {
    tables: BTreeMap<String, Table>,
    /// The transactions that went through, by `ClientRequestToken`: sent again, each is done but once. DynamoDB forgets
    /// them after ten minutes; no run here lasts so long.
    done: BTreeMap<String, Value>,
    /// The most keys that a batch read answers; the others come back as `UnprocessedKeys`.
    batch: Option<usize>,
}

impl Dynamo {
    /// No tables yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a table from the properties of CloudFormation's `AWS::DynamoDB::Table` or of `CreateTable`.
    ///
    /// # Errors
    /// When the table exists or the schema is not one.
    pub fn create(&mut self, name: &str, spec: &Value) -> Result<Value, DynamoError> {
        if self.tables.contains_key(name) {
            return Err(DynamoError::in_use(name));
        }
        let table = schema::table(name, spec)?;
        let description = schema::describe(&table);
        self.tables.insert(name.to_owned(), table);
        Ok(json!({ "TableDescription": description }))
    }

    /// From now on a batch read answers only so many keys of each table and hands the others back, as DynamoDB may at any time.
    pub fn limit_batches(&mut self, keys: Option<usize>) {
        self.batch = keys;
    }

    /// Every item of a table, for tests that look at the record from outside.
    pub fn items(&self, table: &str) -> Vec<Value> {
        let items = self.tables.get(table).map(|table| table.items.values().map(value::item_to_json));
        items.map(Iterator::collect).unwrap_or_default()
    }

    /// Answers one request of the JSON protocol; `operation` is the part of `X-Amz-Target` after the dot.
    ///
    /// # Errors
    /// DynamoDB's refusals.
    pub fn serve(&mut self, operation: &str, request: &Value) -> Result<Value, DynamoError> {
        match operation {
            "GetItem" => read::get(self.table(request)?, request),
            "BatchGetItem" => self.batch_get(request),
            "Query" => read::query(self.table(request)?, request),
            "PutItem" => write::single(self.table_mut(request)?, "Put", request),
            "UpdateItem" => write::single(self.table_mut(request)?, "Update", request),
            "DeleteItem" => write::single(self.table_mut(request)?, "Delete", request),
            "TransactWriteItems" => self.transact(request),
            "CreateTable" => {
                let name = request["TableName"].as_str().unwrap_or_default().to_owned();
                self.create(&name, request)
            }
            "DescribeTable" => Ok(json!({ "Table": schema::describe(self.table(request)?) })),
            _ => Err(DynamoError::unknown_operation()),
        }
    }

    fn table(&self, request: &Value) -> Result<&Table, DynamoError> {
        self.tables.get(name(request)).ok_or_else(DynamoError::not_found)
    }

    fn table_mut(&mut self, request: &Value) -> Result<&mut Table, DynamoError> {
        self.tables.get_mut(name(request)).ok_or_else(DynamoError::not_found)
    }

    fn batch_get(&self, request: &Value) -> Result<Value, DynamoError> {
        let asked = request["RequestItems"]
            .as_object()
            .filter(|m| !m.is_empty())
            .ok_or_else(|| DynamoError::validation("The requestItems parameter is required for BatchGetItem"))?;
        let keys: usize = asked.values().filter_map(|one| one["Keys"].as_array()).map(Vec::len).sum();
        if keys > MAX_ACTIONS {
            return Err(DynamoError::validation("Too many items requested for the BatchGetItem call"));
        }
        let (mut found, mut left) = (Map::new(), Map::new());
        for (name, one) in asked {
            let table = self.tables.get(table_name(name)).ok_or_else(DynamoError::not_found)?;
            let (answered, rest) = read::split_batch(one, self.batch);
            found.insert(name.clone(), json!(read::batch(table, &answered)?));
            left.extend(rest.map(|rest| (name.clone(), rest)));
        }
        Ok(json!({ "Responses": found, "UnprocessedKeys": left }))
    }

    fn transact(&mut self, request: &Value) -> Result<Value, DynamoError> {
        let token = request["ClientRequestToken"].as_str();
        if let Some(earlier) = token.and_then(|token| self.done.get(token)) {
            return if earlier == request { Ok(json!({})) } else { Err(DynamoError::token_reused()) };
        }
        let all = request["TransactItems"].as_array().map_or(&[][..], Vec::as_slice);
        if all.is_empty() || all.len() > MAX_ACTIONS {
            return Err(DynamoError::validation(
                "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have \
                 length less than or equal to 100, Member must have length greater than or equal to 1",
            ));
        }
        let actions = all.iter().map(|one| self.action(one)).collect::<Result<Vec<_>, DynamoError>>()?;
        write::transact(&mut self.tables, &actions)?;
        if let Some(token) = token {
            self.done.insert(token.to_owned(), request.clone());
        }
        Ok(json!({}))
    }

    fn action(&self, one: &Value) -> Result<write::Action, DynamoError> {
        let fields = one.as_object().filter(|m| m.len() == 1).and_then(|m| m.iter().next());
        let known = ["Put", "Update", "Delete", "ConditionCheck"];
        let (operation, parameters) = fields.filter(|(kind, _)| known.contains(&kind.as_str())).ok_or_else(|| {
            DynamoError::validation("TransactItems can only contain one of Check, Put, Update or Delete")
        })?;
        let table = self.table(parameters)?;
        Ok((table.name.clone(), write::parse(operation, table, parameters)?))
    }
}

fn name(request: &Value) -> &str {
    request["TableName"].as_str().map_or("", table_name)
}

/// A table may be named by its ARN.
fn table_name(given: &str) -> &str {
    given.rsplit_once(":table/").map_or(given, |(_, name)| name)
}
