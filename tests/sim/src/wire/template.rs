//! The table as template.yaml deploys it: one source for the deployment, the tests and the demo.

use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

/// The properties of the template's one `AWS::DynamoDB::Table`, for [`crate::dynamodb::Dynamo::create`].
///
/// # Errors
/// What is wrong with the template, for a person.
pub fn table_properties(template: &str) -> Result<Value, String> {
    let documents = YamlLoader::load_from_str(template).map_err(|error| error.to_string())?;
    let document = documents.first().ok_or("the template is empty")?;
    let resources = document["Resources"].as_hash().ok_or("the template has no Resources")?;
    let mut tables = resources.values().filter(|resource| resource["Type"].as_str() == Some("AWS::DynamoDB::Table"));
    match (tables.next(), tables.next()) {
        (Some(table), None) => Ok(to_json(&table["Properties"])),
        (None, _) => Err("the template has no AWS::DynamoDB::Table".to_owned()),
        (Some(_), Some(_)) => Err("the template has more than one AWS::DynamoDB::Table".to_owned()),
    }
}

/// Tags such as `!Ref` are gone here, their argument stands alone: enough for a schema, which has none.
fn to_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Real(text) | Yaml::String(text) => json!(text),
        Yaml::Integer(n) => json!(n),
        Yaml::Boolean(b) => json!(b),
        Yaml::Array(all) => all.iter().map(to_json).collect(),
        Yaml::Hash(pairs) => Value::Object(
            pairs.iter().filter_map(|(key, value)| Some((key.as_str()?.to_owned(), to_json(value)))).collect(),
        ),
        Yaml::Alias(_) | Yaml::Null | Yaml::BadValue => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::Dynamo;

    /// The schema that is deployed is the schema that the tests run on.
    #[test]
    fn the_template_makes_a_table() {
        let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap();
        let properties = table_properties(&template).unwrap();
        let made = Dynamo::new().create("record", &properties).unwrap();
        let indexes = made["TableDescription"]["GlobalSecondaryIndexes"].as_array().unwrap();
        assert_eq!(indexes.len(), 1, "one sparse index");
        assert_eq!(made["TableDescription"]["KeySchema"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn cloudformations_tags_and_other_resources_are_passed_over() {
        let template = "Resources:\n  Function:\n    Type: AWS::Serverless::Function\n    Properties:\n      Table: !Ref \
                        Table\n      Arn: !Sub \"${Table.Arn}/*\"\n      Either: !If [A, !GetAtt B.Arn, 3]\n  Table:\n    \
                        Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: !Sub x\n";
        assert_eq!(table_properties(template), Ok(json!({"TableName": "x"})));
        assert!(table_properties("Resources: {}").is_err());
        assert!(table_properties("a: [").is_err());
    }
}
