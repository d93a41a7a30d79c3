//! CreateTable and DescribeTable: a schema in, the same schema out. CloudFormation's `AWS::DynamoDB::Table` uses the
//! same field names, so the table of template.yaml comes through here too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::error::DynamoError;
use super::table::{Index, KeySchema, Projected, Table};

/// Reads `KeySchema`, `AttributeDefinitions` and `GlobalSecondaryIndexes`.
pub fn table(name: &str, spec: &Value) -> Result<Table, DynamoError> {
    let definitions = list(spec, "AttributeDefinitions");
    let types: BTreeMap<String, String> = definitions
        .iter()
        .map(|one| Ok((text(one, "AttributeName")?, text(one, "AttributeType")?)))
        .collect::<Result<_, DynamoError>>()?;
    let schema = key_schema(spec)?;
    let mut indexes = BTreeMap::new();
    for one in list(spec, "GlobalSecondaryIndexes") {
        let index = Index { schema: key_schema(one)?, projected: projected(one, &schema)?, entries: BTreeSet::new() };
        indexes.insert(text(one, "IndexName")?, index);
    }
    let keys: BTreeSet<&str> =
        schema.names().chain(indexes.values().flat_map(|index: &Index| index.schema.names())).collect();
    let defined: BTreeSet<&str> = types.keys().map(String::as_str).collect();
    if keys != defined {
        return Err(DynamoError::validation(format!(
            "One or more parameter values were invalid: Some AttributeDefinitions are not used, or keys are not \
             defined. AttributeDefinitions: {defined:?}, keys used: {keys:?}"
        )));
    }
    Ok(Table { name: name.to_owned(), schema, types, items: BTreeMap::new(), indexes })
}

/// `TableDescription` of a reply.
pub fn describe(table: &Table) -> Value {
    let indexes: Vec<Value> = table.indexes.iter().map(|(name, index)| describe_index(name, index)).collect();
    let mut description = json!({
        "TableName": table.name,
        "TableStatus": "ACTIVE",
        "TableArn": format!("arn:aws:dynamodb:eu-west-1:123456789012:table/{}", table.name),
        "KeySchema": describe_key(&table.schema),
        "AttributeDefinitions": table.types.iter()
            .map(|(name, kind)| json!({"AttributeName": name, "AttributeType": kind})).collect::<Vec<_>>(),
        "ItemCount": table.items.len(),
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    });
    if !indexes.is_empty() {
        description["GlobalSecondaryIndexes"] = json!(indexes);
    }
    description
}

fn describe_index(name: &str, index: &Index) -> Value {
    let projection = match &index.projected {
        Projected::All => json!({"ProjectionType": "ALL"}),
        Projected::Only(names) => json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": names}),
    };
    json!({
        "IndexName": name, "IndexStatus": "ACTIVE", "KeySchema": describe_key(&index.schema), "Projection": projection,
    })
}

fn describe_key(schema: &KeySchema) -> Vec<Value> {
    let kinds = ["HASH", "RANGE"];
    schema.names().zip(kinds).map(|(name, kind)| json!({"AttributeName": name, "KeyType": kind})).collect()
}

fn key_schema(spec: &Value) -> Result<KeySchema, DynamoError> {
    let of = |kind: &str| {
        let found = list(spec, "KeySchema").iter().find(|one| one["KeyType"] == kind);
        found.map(|one| text(one, "AttributeName")).transpose()
    };
    let partition = of("HASH")?.ok_or_else(|| DynamoError::validation("KeySchema names no HASH key"))?;
    Ok(KeySchema { partition, sort: of("RANGE")? })
}

fn projected(index: &Value, table: &KeySchema) -> Result<Projected, DynamoError> {
    let projection = &index["Projection"];
    match projection["ProjectionType"].as_str() {
        Some("ALL") => Ok(Projected::All),
        Some("KEYS_ONLY" | "INCLUDE") => {
            let own = key_schema(index)?;
            let extra = list(projection, "NonKeyAttributes").iter().filter_map(Value::as_str);
            Ok(Projected::Only(table.names().chain(own.names()).chain(extra).map(str::to_owned).collect()))
        }
        other => Err(DynamoError::validation(format!("Unknown ProjectionType: {other:?}"))),
    }
}

fn list<'a>(spec: &'a Value, field: &str) -> &'a [Value] {
    spec[field].as_array().map_or(&[], Vec::as_slice)
}

fn text(spec: &Value, field: &str) -> Result<String, DynamoError> {
    spec[field].as_str().map(str::to_owned).ok_or_else(|| DynamoError::validation(format!("{field} is missing")))
}
