//! The trigger stage: SNS, the envelope around Auto Scaling's and CloudWatch's notifications.

use super::request::Request;
use super::{Refusal, alarm, auto_scaling, read};
use aws_lambda_events::event::sns::SnsEvent;
use serde_json::Value;

/// Where the notification stands in the payload.
const MESSAGE: &str = "Records[0].Sns.Message";

/// Reads an SNS event. SNS puts exactly one record into an invocation; a payload with more was not made by SNS, and
/// half a batch handled would be reported as the whole.
pub(super) fn parse(mut payload: Value) -> Result<Request, Refusal> {
    let records = payload.get("Records").and_then(Value::as_array).map_or(0, Vec::len);
    if records != 1 {
        let count = format!("a list of {records}");
        return Err(Refusal::said("Records", count, "exactly one record, as SNS sends"));
    }
    // Whoever publishes may add attributes of any kind; nobody reads them, so they are no reason to refuse.
    if let Some(sns) = payload.pointer_mut("/Records/0/Sns").and_then(Value::as_object_mut) {
        sns.remove("MessageAttributes");
    }
    let event: SnsEvent = read("Records[0]", "an SNS record", payload)?;
    let Some(record) = event.records.into_iter().next() else {
        return Err(Refusal::missing("Records[0]", "an SNS record"));
    };
    if record.event_source != "aws:sns" {
        return Err(Refusal::wrong_text("Records[0].EventSource", &record.event_source, "\"aws:sns\""));
    }
    message(&record.sns.message)
}

/// Reads the text that was published.
fn message(text: &str) -> Result<Request, Refusal> {
    const EXPECTED: &str = "the JSON of a notification from Auto Scaling or of a CloudWatch alarm";
    let message: Value = serde_json::from_str(text).map_err(|_| Refusal::wrong_text(MESSAGE, text, EXPECTED))?;
    if message.get("AlarmName").is_some() {
        alarm::notification(read(MESSAGE, "a CloudWatch alarm's notification", message)?)
    } else if message.get("AutoScalingGroupName").is_some() {
        auto_scaling::notification(read(MESSAGE, "Auto Scaling's notification", message)?)
    } else {
        Err(Refusal::wrong_text(MESSAGE, text, EXPECTED))
    }
}
