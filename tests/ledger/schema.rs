//! The table's schema, from template.yaml: the one source.

use serde_json::{Map, Value};

/// `Properties` of the template's `AWS::DynamoDB::Table`.
pub fn table() -> Value {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/template.yaml");
    let text = std::fs::read_to_string(template).unwrap_or_else(|error| panic!("{template}: {error}"));
    let table = text.split_once("Type: AWS::DynamoDB::Table").map(|(_, rest)| rest).expect("a table in the template");
    let (_, properties) = table.split_once("    Properties:\n").expect("its properties");
    let lines: Vec<(usize, &str)> = properties
        .lines()
        .map(|line| (line.len() - line.trim_start().len(), line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .take_while(|(indent, _)| *indent > 4)
        .collect();
    block(&mut lines.as_slice())
}

/// The YAML that a table's properties are written in: maps and lists by indentation, `{ a: b, … }`, plain scalars.
fn block(lines: &mut &[(usize, &str)]) -> Value {
    let indent = lines[0].0;
    let (mut map, mut list) = (Map::new(), Vec::new());
    while let Some((&(at, line), rest)) = lines.split_first() {
        if at < indent {
            break;
        }
        *lines = rest;
        if let Some(item) = line.strip_prefix("- ") {
            if item.starts_with('{') || !item.contains(": ") {
                list.push(scalar(item));
                continue;
            }
            // A map whose first field stands behind the dash: read as if each field stood two further in.
            let (key, value) = item.split_once(": ").unwrap();
            let mut fields = Map::from_iter([(key.to_owned(), scalar(value))]);
            if lines.first().is_some_and(|(next, _)| *next == at + 2)
                && let Value::Object(more) = block(lines)
            {
                fields.extend(more);
            }
            list.push(Value::Object(fields));
        } else if let Some((key, value)) = line.split_once(": ") {
            map.insert(key.to_owned(), scalar(value));
        } else {
            map.insert(line.trim_end_matches(':').to_owned(), block(lines));
        }
    }
    if list.is_empty() { Value::Object(map) } else { Value::Array(list) }
}

fn scalar(text: &str) -> Value {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(fields) => {
            let fields = fields.split(',').filter_map(|field| field.split_once(':'));
            fields.map(|(key, value)| (key.trim().to_owned(), scalar(value.trim()))).collect()
        }
        None => text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from),
    }
}

#[test]
fn the_templates_table_is_read_as_it_is_written() {
    let table = table();
    assert_eq!(table["KeySchema"][1], serde_json::json!({ "AttributeName": "item", "KeyType": "RANGE" }));
    assert_eq!(table["GlobalSecondaryIndexes"][0]["Projection"]["ProjectionType"], "ALL");
    assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true);
}
