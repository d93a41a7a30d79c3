//! Just enough CBOR to write down what CloudWatch answers.

use serde_json::Value;

/// Encodes JSON as CBOR; `{"$seconds": 1.5}` becomes a moment, as CloudWatch writes them (tag 1, a double).
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes);
    bytes
}

fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(value) => bytes.push(if *value { 0xf5 } else { 0xf4 }),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(positive), _) => head(0, positive, bytes),
            (None, Some(negative)) => head(1, (-1 - negative).unsigned_abs(), bytes),
            _ => double(number.as_f64().unwrap(), bytes),
        },
        Value::String(text) => {
            head(3, text.len() as u64, bytes);
            bytes.extend(text.as_bytes());
        }
        Value::Array(items) => {
            head(4, items.len() as u64, bytes);
            items.iter().for_each(|item| write(item, bytes));
        }
        Value::Object(fields) => match fields.get("$seconds") {
            Some(seconds) => {
                bytes.push(0xc1);
                double(seconds.as_f64().unwrap(), bytes);
            }
            None => {
                head(5, fields.len() as u64, bytes);
                for (key, value) in fields {
                    write(&Value::String(key.clone()), bytes);
                    write(value, bytes);
                }
            }
        },
    }
}

fn head(major: u8, number: u64, bytes: &mut Vec<u8>) {
    match u8::try_from(number) {
        Ok(small) if small < 24 => bytes.push(major << 5 | small),
        _ => {
            bytes.push(major << 5 | 27);
            bytes.extend(number.to_be_bytes());
        }
    }
}

fn double(number: f64, bytes: &mut Vec<u8>) {
    bytes.push(0xfb);
    bytes.extend(number.to_be_bytes());
}
