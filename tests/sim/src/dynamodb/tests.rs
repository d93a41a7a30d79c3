//! What the ledger relies on, one promise a test.

use serde_json::{Value, json};

use super::{Dynamo, DynamoError};

fn dynamo() -> Dynamo {
    let mut dynamo = Dynamo::new();
    let spec = json!({
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "due", "AttributeType": "N"}, {"AttributeName": "flight", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "in-flight",
            "KeySchema": [{"AttributeName": "flight", "KeyType": "HASH"}, {"AttributeName": "due", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kept"]},
        }],
    });
    dynamo.create("record", &spec).unwrap();
    dynamo
}

fn serve(dynamo: &mut Dynamo, operation: &str, mut request: Value) -> Result<Value, DynamoError> {
    if request.get("TransactItems").is_none() && request.get("RequestItems").is_none() {
        request["TableName"] = json!("record");
    }
    dynamo.serve(operation, &request)
}

fn key(sk: &str) -> Value {
    json!({"pk": {"S": "a"}, "sk": {"S": sk}})
}

fn put(dynamo: &mut Dynamo, sk: &str, more: Value) {
    let mut item = key(sk);
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serve(dynamo, "PutItem", json!({"Item": item})).unwrap();
}

fn get(dynamo: &mut Dynamo, sk: &str) -> Value {
    serve(dynamo, "GetItem", json!({"Key": key(sk), "ConsistentRead": true})).unwrap()["Item"].take()
}

fn refused(result: Result<Value, DynamoError>, code: &str, part: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.contains(part), "{error}");
}

fn sks(reply: &Value) -> Vec<&str> {
    reply["Items"].as_array().unwrap().iter().map(|item| item["sk"]["S"].as_str().unwrap()).collect()
}

/// A lease is taken by one conditional update that also returns the item, and refused with the item that stands there.
#[test]
fn a_conditional_update_is_atomic_and_shows_who_was_first() {
    let mut dynamo = dynamo();
    let take = |owner: &str| {
        json!({
            "Key": key("app"), "ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            "UpdateExpression": "SET #l.#o = :o, fence = if_not_exists(fence, :zero) + :one",
            "ConditionExpression": "attribute_exists(#l) AND (attribute_not_exists(#l.#o) OR #l.#o = :o)",
            "ExpressionAttributeNames": {"#l": "lease", "#o": "owner"},
            "ExpressionAttributeValues": {":o": {"S": owner}, ":zero": {"N": "0"}, ":one": {"N": "1"}},
        })
    };
    refused(serve(&mut dynamo, "UpdateItem", take("x")), "ConditionalCheckFailedException", "conditional request");
    put(&mut dynamo, "app", json!({"lease": {"M": {}}}));
    let reply = serve(&mut dynamo, "UpdateItem", take("x")).unwrap();
    assert_eq!(reply["Attributes"]["lease"], json!({"M": {"owner": {"S": "x"}}}));
    assert_eq!(reply["Attributes"]["fence"], json!({"N": "1"}));
    let error = serve(&mut dynamo, "UpdateItem", take("y")).unwrap_err();
    assert_eq!(error.to_json()["Item"]["lease"]["M"]["owner"]["S"], "x");
    assert_eq!(error.to_json()["__type"], "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
    assert_eq!(serve(&mut dynamo, "UpdateItem", take("x")).unwrap()["Attributes"]["fence"]["N"], "2");
}

#[test]
fn conditions_mean_what_dynamodb_says() {
    let mut dynamo = dynamo();
    put(
        &mut dynamo,
        "i",
        json!({
            "n": {"N": "10"}, "s": {"S": "hello"}, "l": {"L": [{"S": "x"}, {"N": "1"}]}, "ss": {"SS": ["a", "b"]},
            "m": {"M": {"deep": {"BOOL": true}}},
        }),
    );
    let values = json!({
        ":n9": {"N": "9"}, ":n10": {"N": "10.0"}, ":n11": {"N": "11"}, ":hel": {"S": "hel"}, ":x": {"S": "x"},
        ":a": {"S": "a"}, ":t": {"BOOL": true}, ":two": {"N": "2"}, ":ty": {"S": "N"},
    });
    for (text, expected) in [
        ("n = :n10", true),
        ("n > :n9", true),
        ("n < :n9", false),
        ("n BETWEEN :n9 AND :n11", true),
        ("n IN (:n9, :n10)", true),
        ("n <> :n10", false),
        ("n <> :x", true),
        ("n = :x", false),
        ("n < :x", false),
        ("gone <> :x", true),
        ("gone = :x", false),
        ("gone < :n9", false),
        ("NOT gone < :n9", true),
        ("begins_with(s, :hel)", true),
        ("begins_with(n, :hel)", false),
        ("contains(s, :hel)", true),
        ("contains(l, :x)", true),
        ("contains(ss, :a)", true),
        ("contains(ss, :x)", false),
        ("m.deep = :t", true),
        ("l[1] = :two", false),
        ("size(l) = :two", true),
        ("size(s) > :two", true),
        ("size(gone) > :two", false),
        ("attribute_type(n, :ty)", true),
        ("attribute_exists(m.deep) and not attribute_exists(m.gone)", true),
        ("n = :n9 OR n = :n10 AND s = :x", false),
        ("(n = :n9 OR n = :n10) AND begins_with(s, :hel)", true),
    ] {
        let used: serde_json::Map<String, Value> = values
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| text.split(|c: char| !c.is_alphanumeric() && c != ':').any(|word| word == *name))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        let mut request = json!({"Key": key("i"), "ConditionExpression": text});
        if !used.is_empty() {
            request["ExpressionAttributeValues"] = Value::Object(used);
        }
        request["UpdateExpression"] = json!("REMOVE nothing_there");
        match serve(&mut dynamo, "UpdateItem", request) {
            Ok(_) => assert!(expected, "{text} held"),
            Err(error) => assert!(!expected && error.code == "ConditionalCheckFailedException", "{text}: {error}"),
        }
    }
}

#[test]
fn updates_do_each_clause_on_the_item_as_it_was() {
    let mut dynamo = dynamo();
    put(
        &mut dynamo,
        "i",
        json!({
            "n": {"N": "10"}, "m": {"N": "3"}, "l": {"L": [{"S": "x"}, {"S": "y"}, {"S": "z"}]}, "ss": {"SS": ["a", "b"]},
        }),
    );
    let request = json!({
        "Key": key("i"), "ReturnValues": "ALL_NEW",
        "UpdateExpression": "SET n = m, m = n - :one, story = list_append(if_not_exists(story, :none), :e) REMOVE l[0], l[1] \
            ADD count_of :one, ss :c DELETE ss2 :c",
        "ExpressionAttributeValues": {
            ":one": {"N": "1"}, ":none": {"L": []}, ":e": {"L": [{"S": "e"}]}, ":c": {"SS": ["c"]},
        },
    });
    let after = serve(&mut dynamo, "UpdateItem", request).unwrap()["Attributes"].take();
    assert_eq!(after["n"]["N"], "3");
    assert_eq!(after["m"]["N"], "9");
    assert_eq!(after["story"]["L"], json!([{"S": "e"}]));
    assert_eq!(after["l"]["L"], json!([{"S": "z"}]));
    assert_eq!(after["count_of"]["N"], "1");
    assert_eq!(after["ss"]["SS"], json!(["a", "b", "c"]));
    let emptied = json!({
        "Key": key("i"), "UpdateExpression": "DELETE ss :all",
        "ExpressionAttributeValues": {":all": {"SS": ["a", "b", "c"]}},
    });
    serve(&mut dynamo, "UpdateItem", emptied).unwrap();
    assert!(get(&mut dynamo, "i").get("ss").is_none());
}

#[test]
fn what_dynamodb_refuses_is_refused_in_its_words() {
    let mut dynamo = dynamo();
    put(&mut dynamo, "i", json!({"n": {"N": "1"}}));
    let update = |text: &str, values: Value, names: Value| {
        let mut request = json!({"Key": key("i"), "UpdateExpression": text});
        if !values.is_null() {
            request["ExpressionAttributeValues"] = values;
        }
        if !names.is_null() {
            request["ExpressionAttributeNames"] = names;
        }
        request
    };
    let one = json!({":v": {"N": "1"}});
    for (text, values, names, part) in [
        ("SET status = :v", one.clone(), Value::Null, "reserved keyword: status"),
        ("SET #s = :v", one.clone(), Value::Null, "attribute name: #s"),
        ("SET a = :w", Value::Null, Value::Null, "attribute value: :w"),
        ("SET a = n", one.clone(), Value::Null, "unused in expressions: keys: {:v}"),
        ("SET a = n", Value::Null, json!({"#x": "y"}), "ExpressionAttributeNames unused"),
        ("SET sk = :v", one.clone(), Value::Null, "Cannot update attribute sk"),
        ("SET a = :v, a.b = n", one.clone(), Value::Null, "overlap"),
        ("SET a.b = :v", one.clone(), Value::Null, "document path provided"),
        ("SET a = gone + :v", one.clone(), Value::Null, "does not exist in the item"),
        ("SET n = n + :v", json!({":v": {"S": "1"}}), Value::Null, "incorrect data type"),
        ("ADD n :v", json!({":v": {"S": "1"}}), Value::Null, "Incorrect operand type"),
        ("SET n = :v SET m = n", one.clone(), Value::Null, "can only be used once"),
        ("SET n = ", Value::Null, Value::Null, "Syntax error; token: \"<EOF>\""),
        ("", Value::Null, Value::Null, "can not be empty"),
        ("SET flight = :v", json!({":v": {"S": ""}}), Value::Null, "empty string value"),
        ("SET due = :v", json!({":v": {"S": "x"}}), Value::Null, "Type mismatch for Index Key due"),
        ("SET a = :v", json!({":v": {"S": "x".repeat(400 * 1024)}}), Value::Null, "Item size to update"),
        ("SET a = :v", json!({":v": {"N": "one"}}), Value::Null, "numeric value"),
        ("SET a = :v", json!({":v": {"SS": []}}), Value::Null, "may not be empty"),
        ("SET a = :v", json!({":v": {}}), Value::Null, "exactly one of"),
    ] {
        let result = serve(&mut dynamo, "UpdateItem", update(text, values, names));
        refused(result, "ValidationException", part);
    }
    let check = |text: &str| {
        json!({"Key": key("i"), "ConditionExpression": text,
        "ExpressionAttributeValues": {":v": {"BOOL": true}}})
    };
    refused(serve(&mut dynamo, "DeleteItem", check("n < :v")), "ValidationException", "Incorrect operand type");
    refused(serve(&mut dynamo, "DeleteItem", check("((n = :v))")), "ValidationException", "redundant parentheses");
    refused(serve(&mut dynamo, "DeleteItem", check("Attribute_Exists(n) AND n = :v")), "ValidationException", "Syntax");
    for (item, part) in [
        (json!({"pk": {"S": "a"}}), "Missing the key sk"),
        (json!({"pk": {"S": "a"}, "sk": {"S": ""}}), "empty string value. Key: sk"),
        (json!({"pk": {"S": "a"}, "sk": {"N": "1"}}), "Type mismatch for key sk"),
        (json!({"pk": {"S": "a"}, "sk": {"S": "b"}, "x": {"S": "x".repeat(400 * 1024)}}), "Item size has exceeded"),
    ] {
        refused(serve(&mut dynamo, "PutItem", json!({"Item": item})), "ValidationException", part);
    }
    let short = json!({"Key": {"pk": {"S": "a"}}});
    refused(serve(&mut dynamo, "GetItem", short), "ValidationException", "does not match the schema");
    refused(
        dynamo.serve("GetItem", &json!({"TableName": "none", "Key": {}})),
        "ResourceNotFoundException",
        "not found",
    );
    refused(dynamo.serve("Scan", &json!({"TableName": "record"})), "UnknownOperationException", "");
    assert_eq!(get(&mut dynamo, "i"), json!({"pk": {"S": "a"}, "sk": {"S": "i"}, "n": {"N": "1"}}));
}

#[test]
fn queries_page_in_key_order_both_ways() {
    let mut dynamo = dynamo();
    for n in 0..7 {
        put(&mut dynamo, &format!("t#{n}"), json!({"n": {"N": n.to_string()}}));
    }
    put(&mut dynamo, "u#1", json!({}));
    let ask = |more: Value| {
        let mut request = json!({
            "KeyConditionExpression": "pk = :p AND begins_with(sk, :t)",
            "ExpressionAttributeValues": {":p": {"S": "a"}, ":t": {"S": "t#"}},
        });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let all = serve(&mut dynamo, "Query", ask(json!({}))).unwrap();
    assert_eq!(sks(&all), ["t#0", "t#1", "t#2", "t#3", "t#4", "t#5", "t#6"]);
    assert!(all.get("LastEvaluatedKey").is_none());
    let newest = serve(&mut dynamo, "Query", ask(json!({"ScanIndexForward": false, "Limit": 2}))).unwrap();
    assert_eq!(sks(&newest), ["t#6", "t#5"]);
    assert_eq!(newest["LastEvaluatedKey"], key("t#5"));
    let more = json!({"ScanIndexForward": false, "Limit": 2, "ExclusiveStartKey": newest["LastEvaluatedKey"]});
    assert_eq!(sks(&serve(&mut dynamo, "Query", ask(more)).unwrap()), ["t#4", "t#3"]);
    let between = json!({
        "KeyConditionExpression": "pk = :p AND sk BETWEEN :x AND :y", "FilterExpression": "n <> :three",
        "ExpressionAttributeValues":
            {":p": {"S": "a"}, ":x": {"S": "t#2"}, ":y": {"S": "t#4"}, ":three": {"N": "3"}},
    });
    let filtered = serve(&mut dynamo, "Query", between).unwrap();
    assert_eq!(sks(&filtered), ["t#2", "t#4"]);
    assert_eq!((&filtered["Count"], &filtered["ScannedCount"]), (&json!(2), &json!(3)));
    let key_filter = json!({
        "KeyConditionExpression": "pk = :p", "FilterExpression": "sk <> :x",
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":x": {"S": "t#2"}},
    });
    refused(serve(&mut dynamo, "Query", key_filter), "ValidationException", "non-primary key");
    let without = json!({
        "KeyConditionExpression": "sk = :x", "ExpressionAttributeValues": {":x": {"S": "t#2"}},
    });
    refused(serve(&mut dynamo, "Query", without), "ValidationException", "missed key schema element: pk");
}

#[test]
fn a_sparse_index_holds_only_items_that_carry_its_key() {
    let mut dynamo = dynamo();
    put(&mut dynamo, "1", json!({"flight": {"S": "y"}, "due": {"N": "20"}, "kept": {"S": "k"}, "cold": {"S": "c"}}));
    put(&mut dynamo, "2", json!({"flight": {"S": "y"}, "due": {"N": "3"}}));
    put(&mut dynamo, "3", json!({"flight": {"S": "y"}}));
    put(&mut dynamo, "4", json!({"due": {"N": "1"}}));
    let ask = || {
        json!({
            "IndexName": "in-flight", "KeyConditionExpression": "flight = :y AND due < :d",
            "ExpressionAttributeValues": {":y": {"S": "y"}, ":d": {"N": "100"}},
        })
    };
    let found = serve(&mut dynamo, "Query", ask()).unwrap();
    assert_eq!(sks(&found), ["2", "1"], "in the order of numbers, not of text");
    assert!(found["Items"][1].get("kept").is_some() && found["Items"][1].get("cold").is_none());
    let mut limited = ask();
    limited["Limit"] = json!(1);
    let last = serve(&mut dynamo, "Query", limited).unwrap()["LastEvaluatedKey"].take();
    assert_eq!(last, json!({"pk": {"S": "a"}, "sk": {"S": "2"}, "flight": {"S": "y"}, "due": {"N": "3"}}));
    let mut rest = ask();
    rest["ExclusiveStartKey"] = last;
    assert_eq!(sks(&serve(&mut dynamo, "Query", rest).unwrap()), ["1"]);
    serve(&mut dynamo, "UpdateItem", json!({"Key": key("2"), "UpdateExpression": "REMOVE flight"})).unwrap();
    assert_eq!(sks(&serve(&mut dynamo, "Query", ask()).unwrap()), ["1"]);
    let mut consistent = ask();
    consistent["ConsistentRead"] = json!(true);
    refused(serve(&mut dynamo, "Query", consistent), "ValidationException", "Consistent reads");
}

#[test]
fn a_transaction_is_all_or_nothing_and_done_once_per_token() {
    let mut dynamo = dynamo();
    put(&mut dynamo, "hot", json!({"version": {"N": "1"}}));
    let change = |expected: &str, token: &str| {
        json!({"ClientRequestToken": token, "TransactItems": [
            {"Put": {"TableName": "record", "Item": {"pk": {"S": "a"}, "sk": {"S": "transition"}}}},
            {"Update": {
                "TableName": "record", "Key": key("hot"), "UpdateExpression": "SET version = version + :one",
                "ConditionExpression": "version = :v", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":v": {"N": expected}},
            }},
        ]})
    };
    let error = serve(&mut dynamo, "TransactWriteItems", change("7", "t1")).unwrap_err();
    assert_eq!(error.code, "TransactionCanceledException");
    assert_eq!(
        error.message,
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]"
    );
    assert_eq!(error.to_json()["CancellationReasons"][1]["Item"]["version"]["N"], "1");
    assert_eq!(get(&mut dynamo, "transition"), Value::Null, "nothing was written");
    serve(&mut dynamo, "TransactWriteItems", change("1", "t2")).unwrap();
    serve(&mut dynamo, "TransactWriteItems", change("1", "t2")).unwrap();
    assert_eq!(get(&mut dynamo, "hot")["version"]["N"], "2", "sent twice, done once");
    refused(
        serve(&mut dynamo, "TransactWriteItems", change("2", "t2")),
        "IdempotentParameterMismatchException",
        "client token",
    );
    let twice = json!({"TransactItems": [
        {"Delete": {"TableName": "record", "Key": key("hot")}},
        {"ConditionCheck":
            {"TableName": "record", "Key": key("hot"), "ConditionExpression": "attribute_exists(version)"}},
    ]});
    refused(serve(&mut dynamo, "TransactWriteItems", twice), "ValidationException", "multiple operations on one item");
}

#[test]
fn batches_return_what_is_there_and_projections_what_was_asked() {
    let mut dynamo = dynamo();
    put(
        &mut dynamo,
        "1",
        json!({"m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}, "l": {"L": [{"S": "p"}, {"S": "q"}]}}),
    );
    let ask = |keys: Value| {
        json!({"RequestItems": {"record": {
            "Keys": keys, "ProjectionExpression": "sk, m.y, l[1]", "ConsistentRead": true,
        }}})
    };
    let reply = serve(&mut dynamo, "BatchGetItem", ask(json!([key("none"), key("1")]))).unwrap();
    let expected = json!([{"sk": {"S": "1"}, "m": {"M": {"y": {"N": "2"}}}, "l": {"L": [{"S": "q"}]}}]);
    assert_eq!(reply, json!({"Responses": {"record": expected}, "UnprocessedKeys": {}}));
    refused(serve(&mut dynamo, "BatchGetItem", ask(json!([key("1"), key("1")]))), "ValidationException", "duplicates");
    put(&mut dynamo, "2", json!({}));
    dynamo.limit_batches(Some(1));
    let partial = serve(&mut dynamo, "BatchGetItem", ask(json!([key("1"), key("2")]))).unwrap();
    assert_eq!(partial["Responses"]["record"].as_array().map(Vec::len), Some(1));
    assert_eq!(partial["UnprocessedKeys"], ask(json!([key("2")]))["RequestItems"], "to be sent again as it is");
    let many: Vec<Value> = (0..101).map(|n| key(&n.to_string())).collect();
    refused(serve(&mut dynamo, "BatchGetItem", ask(json!(many))), "ValidationException", "Too many items");
}
