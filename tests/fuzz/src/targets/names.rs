//! Names, ids and moments: what is read is written as it was, and read again as the same.

use cutover::release::policy::{AlarmPrefix, TargetGroupRef};
use cutover::release::{AlarmName, ApplicationName, FleetArn, FleetName, ReleaseId, TargetGroupArn, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{Debug, Display};

/// Each kind by itself.
pub fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(arn) = TargetGroupArn::parse(&text) {
        assert!(text.contains(arn.short()));
    }
    // Each is asked, whatever the others say.
    name(&text, ApplicationName::parse)
        | name(&text, FleetName::parse)
        | name(&text, FleetArn::parse)
        | name(&text, TargetGroupArn::parse)
        | name(&text, AlarmName::parse)
        | name(&text, AlarmPrefix::parse)
        | name(&text, TargetGroupRef::parse)
        | name(&text, ReleaseId::parse)
        | reads_back(&text, Timestamp::parse)
}

/// A name stands for itself, to the letter.
fn name<T>(text: &str, parse: fn(&str) -> Result<T, &'static str>) -> bool
where
    T: Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    if let Ok(name) = parse(text) {
        assert_eq!(name.to_string(), text);
        assert!(!text.is_empty() && !text.chars().any(char::is_control));
    }
    reads_back(text, parse)
}

fn reads_back<T>(text: &str, parse: fn(&str) -> Result<T, &'static str>) -> bool
where
    T: Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let json = serde_json::to_string(text).expect("a text");
    match parse(text) {
        Ok(read) => {
            assert_eq!(parse(&read.to_string()).as_ref(), Ok(&read));
            assert_eq!(serde_json::from_str::<T>(&json).expect("the same by serde"), read);
            let kept = serde_json::to_string(&read).expect("JSON");
            assert_eq!(serde_json::from_str::<T>(&kept).expect("what the record keeps"), read);
            true
        }
        Err(expected) => {
            crate::sentence::is_a_line(expected);
            assert!(serde_json::from_str::<T>(&json).is_err(), "by serde what `parse` refuses");
            false
        }
    }
}
