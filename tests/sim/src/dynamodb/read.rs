//! GetItem, BatchGetItem and Query.

use std::ops::Bound;

use serde_json::{Map, Value, json};

use super::condition::{attributes, holds};
use super::error::DynamoError;
use super::path::{Path, project, projection};
use super::syntax::{Comparator, Condition, Operand, condition};
use super::table::{Key, KeyPart, KeySchema, Projected, Table};
use super::token::Placeholders;
use super::value::{Attr, Item, item_from_json, item_size, item_to_json};

/// One page of a query ends after this much was read; DynamoDB's limit, counted before the filter.
const PAGE: usize = 1024 * 1024;

/// GetItem.
pub fn get(table: &Table, request: &Value) -> Result<Value, DynamoError> {
    let known = Placeholders::of(request)?;
    let paths = request["ProjectionExpression"].as_str().map(|text| projection(text, &known)).transpose()?;
    known.all_used()?;
    let key = table.key(&item_from_json(&request["Key"])?)?;
    Ok(table.items.get(&key).map_or(json!({}), |item| json!({ "Item": shown(item, paths.as_deref()) })))
}

fn shown(item: &Item, paths: Option<&[Path]>) -> Value {
    paths.map_or_else(|| item_to_json(item), |paths| item_to_json(&project(item, paths)))
}

/// One table's share of a BatchGetItem: the items found, in no particular order.
pub fn batch(table: &Table, request: &Value) -> Result<Vec<Value>, DynamoError> {
    let known = Placeholders::of(request)?;
    let paths = request["ProjectionExpression"].as_str().map(|text| projection(text, &known)).transpose()?;
    known.all_used()?;
    let keys = request["Keys"].as_array().map_or(&[][..], Vec::as_slice);
    let keys: Vec<Key> = keys.iter().map(|key| table.key(&item_from_json(key)?)).collect::<Result<_, DynamoError>>()?;
    if keys.iter().enumerate().any(|(at, key)| keys[..at].contains(key)) {
        return Err(DynamoError::validation("Provided list of item keys contains duplicates"));
    }
    // In no particular order, says DynamoDB; in the tree's order here, so that nobody leans on the request's.
    let mut keys = keys;
    keys.sort();
    Ok(keys.iter().filter_map(|key| table.items.get(key)).map(|item| shown(item, paths.as_deref())).collect())
}

/// One table's share of a batch, in two: what is answered now, and what is handed back.
pub fn split_batch(request: &Value, limit: Option<usize>) -> (Value, Option<Value>) {
    let keys = request["Keys"].as_array().map_or(&[][..], Vec::as_slice);
    let limit = limit.unwrap_or(keys.len()).min(keys.len());
    let with = |keys: &[Value]| {
        let mut part = request.clone();
        part["Keys"] = json!(keys);
        part
    };
    (with(&keys[..limit]), (limit < keys.len()).then(|| with(&keys[limit..])))
}

/// What `KeyConditionExpression` allows: one partition, and a range of its sort keys.
struct Range {
    partition: KeyPart,
    sort: Option<Condition>,
}

/// Query, on the table or on one of its indexes.
pub fn query(table: &Table, request: &Value) -> Result<Value, DynamoError> {
    let index =
        match request["IndexName"].as_str() {
            None => None,
            Some(name) => Some(table.indexes.get(name).ok_or_else(|| {
                DynamoError::validation(format!("The table does not have the specified index: {name}"))
            })?),
        };
    if index.is_some() && request["ConsistentRead"] == true {
        return Err(DynamoError::validation("Consistent reads are not supported on global secondary indexes"));
    }
    let schema = index.map_or(&table.schema, |index| &index.schema);
    let known = Placeholders::of(request)?;
    let text = request["KeyConditionExpression"].as_str().ok_or_else(|| {
        DynamoError::validation("Either the KeyConditions or KeyConditionExpression parameter must be specified")
    })?;
    let range = range(schema, &condition("KeyConditionExpression", text, &known)?, &table.types)?;
    let filter = request["FilterExpression"].as_str().map(|text| condition("FilterExpression", text, &known));
    let filter = filter.transpose()?;
    no_keys_in_filter(schema, filter.as_ref())?;
    let paths = request["ProjectionExpression"].as_str().map(|text| projection(text, &known)).transpose()?;
    known.all_used()?;
    if request["Limit"].as_i64().is_some_and(|limit| limit < 1) {
        return Err(DynamoError::validation("Limit must be greater than or equal to 1"));
    }

    let page = page(candidates(table, request, &range)?, request);
    let last = page.last.map(|item| last_key(table, schema, item));
    let seen = page.items.len();
    let count_only = request["Select"] == "COUNT";
    let kept: Vec<Item> =
        page.items.iter().filter(|item| filter.as_ref().is_none_or(|f| holds(f, item))).cloned().collect();
    let shown: Vec<Value> = kept.iter().map(|item| shown(item, paths.as_deref())).collect();
    let mut reply = Map::new();
    reply.insert("Count".into(), json!(kept.len()));
    reply.insert("ScannedCount".into(), json!(seen));
    if !count_only {
        reply.insert("Items".into(), json!(shown));
    }
    if let Some(last) = last {
        reply.insert("LastEvaluatedKey".into(), item_to_json(&last));
    }
    Ok(Value::Object(reply))
}

fn no_keys_in_filter(schema: &KeySchema, filter: Option<&Condition>) -> Result<(), DynamoError> {
    let used = filter.map(attributes).unwrap_or_default();
    match schema.names().find(|name| used.contains(name)) {
        Some(name) => Err(DynamoError::validation(format!(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
        ))),
        None => Ok(()),
    }
}

/// The items of the range in the order asked for, after `ExclusiveStartKey`.
fn candidates(table: &Table, request: &Value, range: &Range) -> Result<Vec<Item>, DynamoError> {
    let start = request.get("ExclusiveStartKey").filter(|v| !v.is_null()).map(item_from_json).transpose()?;
    let forward = request["ScanIndexForward"] != false;
    let (schema, mut all): (&KeySchema, Vec<Item>) = match request["IndexName"].as_str() {
        None => {
            let from = (Bound::Included((range.partition.clone(), None)), Bound::Unbounded);
            let of_partition = table.items.range(from).take_while(|(key, _)| key.0 == range.partition);
            (&table.schema, of_partition.map(|(_, item)| item.clone()).collect())
        }
        Some(name) => {
            let index = table.indexes.get(name).ok_or_else(DynamoError::not_found)?;
            let of_partition = index.entries.iter().filter(|(key, _)| key.0 == range.partition);
            let items = of_partition.filter_map(|(_, key)| table.items.get(key));
            (&index.schema, items.map(|item| carried(item, &index.projected)).collect())
        }
    };
    if let Some(sort) = &range.sort {
        all.retain(|item| holds(sort, item));
    }
    if !forward {
        all.reverse();
    }
    let Some(start) = start else { return Ok(all) };
    let position = |item: &Item| Some((schema.of(item)?, table.schema.of(item)?));
    let from = position(&start).ok_or_else(|| {
        DynamoError::validation(
            "The provided starting key is invalid: The provided key element does not match the schema",
        )
    })?;
    // The item at the starting key may be gone by now: compare, don't search.
    all.retain(|item| position(item).is_some_and(|here| if forward { here > from } else { here < from }));
    Ok(all)
}

fn carried(item: &Item, projected: &Projected) -> Item {
    match projected {
        Projected::All => item.clone(),
        Projected::Only(names) => {
            item.iter().filter(|(name, _)| names.contains(*name)).map(|(n, v)| (n.clone(), v.clone())).collect()
        }
    }
}

struct Page {
    items: Vec<Item>,
    /// The last one read, where the page ended before the range did (or exactly with it, at the limit).
    last: Option<Item>,
}

fn page(all: Vec<Item>, request: &Value) -> Page {
    let limit = request["Limit"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    let mut items = Vec::new();
    let mut size = 0;
    for item in all {
        size += item_size(&item);
        items.push(item);
        // DynamoDB looks no further than the limit, so it can't know that nothing follows.
        if items.len() == limit || size > PAGE {
            return Page { last: items.last().cloned(), items };
        }
    }
    Page { items, last: None }
}

fn last_key(table: &Table, schema: &KeySchema, item: Item) -> Item {
    let wanted: Vec<&str> = table.schema.names().chain(schema.names()).collect();
    item.into_iter().filter(|(name, _)| wanted.contains(&name.as_str())).collect()
}

fn range(
    schema: &KeySchema,
    tree: &Condition,
    types: &std::collections::BTreeMap<String, String>,
) -> Result<Range, DynamoError> {
    let mut partition = None;
    let mut sort = None;
    let parts = match tree {
        Condition::And(a, b) => vec![a.as_ref(), b.as_ref()],
        one => vec![one],
    };
    for part in parts {
        let (Some((name, values)), plain) = (subject(part), matches!(part, Condition::Compare(_, Comparator::Eq, _)))
        else {
            return Err(DynamoError::validation("Invalid operator used in KeyConditionExpression"));
        };
        let typed = |value: &&Attr| types.get(name).map(String::as_str) == Some(value.kind());
        if !values.iter().all(typed) {
            return Err(DynamoError::validation(
                "One or more parameter values were invalid: Condition parameter type does not match schema type",
            ));
        }
        if name == schema.partition && plain && partition.is_none() {
            partition = values.first().map(|value| KeyPart((*value).clone()));
        } else if Some(name) == schema.sort.as_deref() && sort.is_none() {
            sort = Some(part.clone());
        } else if name == schema.partition {
            return Err(DynamoError::validation("Query key condition not supported"));
        } else {
            return Err(missed(schema));
        }
    }
    Ok(Range { partition: partition.ok_or_else(|| missed(schema))?, sort })
}

fn missed(schema: &KeySchema) -> DynamoError {
    DynamoError::validation(format!("Query condition missed key schema element: {}", schema.partition))
}

/// The attribute that one part of a key condition is about, and the values that it is held against.
fn subject(part: &Condition) -> Option<(&str, Vec<&Attr>)> {
    let (path, operands) = match part {
        Condition::Compare(Operand::Path(path), how, value) if *how != Comparator::Ne => (path, vec![value]),
        Condition::BeginsWith(Operand::Path(path), value) => (path, vec![value]),
        Condition::Between(Operand::Path(path), low, high) => (path, vec![low, high]),
        _ => return None,
    };
    let values = operands.into_iter().map(|operand| match operand {
        Operand::Value(value) => Some(value),
        _ => None,
    });
    (path.0.len() == 1).then_some((path.top(), values.collect::<Option<Vec<_>>>()?))
}
