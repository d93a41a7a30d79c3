//! What DynamoDB answers when it refuses: its own error names and words, because callers match on them.

use serde_json::{Map, Value, json};

use super::value::{Item, item_to_json};

/// A refusal, as the JSON protocol carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamoError {
    /// The exception's name, for example `ConditionalCheckFailedException`.
    pub code: &'static str,
    /// The text that DynamoDB sends with it.
    pub message: String,
    /// The item that failed the condition, where `ReturnValuesOnConditionCheckFailure` asked for it.
    pub item: Option<Item>,
    /// One per action of a cancelled transaction; empty otherwise.
    pub reasons: Vec<Reason>,
}

/// Why one action of a transaction did not go through (`None` for those that would have).
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// `None`, `ConditionalCheckFailed`, `TransactionConflict`, `ValidationError`, …
    pub code: &'static str,
    /// Absent for `None`.
    pub message: Option<String>,
    /// The item as it is, where the action asked for it.
    pub item: Option<Item>,
}

impl DynamoError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), item: None, reasons: Vec::new() }
    }

    /// The request itself is wrong; sending it again changes nothing.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// The condition did not hold.
    pub fn condition(item: Option<Item>) -> Self {
        Self { item, ..Self::new("ConditionalCheckFailedException", "The conditional request failed") }
    }

    /// No such table (or, with an index named, no such index).
    pub fn not_found() -> Self {
        Self::new("ResourceNotFoundException", "Requested resource not found")
    }

    /// The table exists already.
    pub fn in_use(table: &str) -> Self {
        Self::new("ResourceInUseException", format!("Table already exists: {table}"))
    }

    /// The same `ClientRequestToken` with another request.
    pub fn token_reused() -> Self {
        Self::new(
            "IdempotentParameterMismatchException",
            "The request uses the same client token as a previous, but non-identical request. Do not reuse a client \
             token with different requests, unless the requests are identical",
        )
    }

    /// An operation that this model does not serve; DynamoDB's own answer to a name it doesn't know.
    pub fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "")
    }

    /// At least one action of the transaction failed, so none was done.
    pub fn cancelled(reasons: Vec<Reason>) -> Self {
        let codes: Vec<&str> = reasons.iter().map(|r| r.code).collect();
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        Self { reasons, ..Self::new("TransactionCanceledException", message) }
    }

    /// The body of the reply (its HTTP status is 400).
    pub fn to_json(&self) -> Value {
        let space = match self.code {
            "ValidationException" => "com.amazon.coral.validate",
            "UnknownOperationException" => "com.amazon.coral.service",
            _ => "com.amazonaws.dynamodb.v20120810",
        };
        let mut body = Map::new();
        body.insert("__type".into(), json!(format!("{space}#{}", self.code)));
        // The cancelled transaction spells its field with a capital letter, alone among the exceptions.
        let word = if self.reasons.is_empty() { "message" } else { "Message" };
        body.insert(word.into(), json!(self.message));
        if let Some(item) = &self.item {
            body.insert("Item".into(), item_to_json(item));
        }
        if !self.reasons.is_empty() {
            body.insert("CancellationReasons".into(), self.reasons.iter().map(Reason::to_json).collect());
        }
        Value::Object(body)
    }
}

impl Reason {
    /// The action would have gone through.
    pub const NONE: Self = Self { code: "None", message: None, item: None };

    fn to_json(&self) -> Value {
        let mut reason = Map::new();
        reason.insert("Code".into(), json!(self.code));
        if let Some(message) = &self.message {
            reason.insert("Message".into(), json!(message));
        }
        if let Some(item) = &self.item {
            reason.insert("Item".into(), item_to_json(item));
        }
        Value::Object(reason)
    }
}

impl std::fmt::Display for DynamoError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for DynamoError {}
