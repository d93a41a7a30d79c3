//! The configuration: the one place that reads the environment.
//!
//! Read once, in the function's init, and checked whole: a function that can't work says so before its first event.

use crate::error::{InvalidField, quoted};
use crate::release::PolicyFields;
use tracing::level_filters::LevelFilter;

/// The table of the record.
const TABLE: &str = "CUTOVER_TABLE";
/// The function's defaults of the policy.
const DEFAULTS: &str = "CUTOVER_DEFAULTS";
/// The event bus of the announcements.
const EVENT_BUS: &str = "CUTOVER_EVENT_BUS";
/// How much is logged.
const LOG: &str = "CUTOVER_LOG";
/// Which execution environment this is.
const LOG_STREAM: &str = "AWS_LAMBDA_LOG_STREAM_NAME";

const LEVELS: [(&str, LevelFilter); 4] = [
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
];

/// What the function was told by its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `CUTOVER_TABLE`: the name (or ARN) of the DynamoDB table; required.
    pub table: String,
    /// `CUTOVER_DEFAULTS`: policy fields for every release that doesn't say otherwise; empty if unset.
    pub defaults: PolicyFields,
    /// `CUTOVER_EVENT_BUS`: the name or ARN of the event bus; unset or empty: nothing is announced.
    pub event_bus: Option<String>,
    /// `CUTOVER_LOG`: `error`, `warn`, `info` (the default) or `debug`.
    pub log: LevelFilter,
    /// `AWS_LAMBDA_LOG_STREAM_NAME`: set by Lambda, another for each execution environment; a lease's owner carries it.
    /// Elsewhere the number of the process stands for it.
    pub process: String,
}

impl Config {
    /// Reads the configuration through `lookup` (the process's environment, or a test's).
    ///
    /// # Errors
    /// Which variable is wrong and what was expected. Permanent until the function's configuration is changed.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidField> {
        // CloudFormation can't leave a variable out, so an empty one is an unset one.
        let said = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        Ok(Self {
            table: said(TABLE).ok_or_else(|| InvalidField::missing(TABLE, "the name of the DynamoDB table"))?,
            defaults: PolicyFields::from_defaults(&said(DEFAULTS).unwrap_or_default())?,
            event_bus: said(EVENT_BUS),
            log: said(LOG).map_or(Ok(LevelFilter::INFO), |word| level(&word))?,
            process: said(LOG_STREAM).unwrap_or_else(|| format!("process-{}", std::process::id())),
        })
    }

    /// Reads the configuration of this process.
    ///
    /// # Errors
    /// As [`Config::read`]; a value that isn't UTF-8 counts as unset.
    #[expect(clippy::disallowed_methods, reason = "its one place: elsewhere configuration is handed in")]
    pub fn from_env() -> Result<Self, InvalidField> {
        Self::read(|name| std::env::var(name).ok())
    }
}

fn level(word: &str) -> Result<LevelFilter, InvalidField> {
    let found = LEVELS.iter().find(|(name, _)| *name == word);
    let names = LEVELS.map(|(name, _)| name);
    found
        .map(|(_, level)| *level)
        .ok_or_else(|| InvalidField::wrong_text(LOG, word, format!("one of {}", quoted(&names))))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables = &'static [(&'static str, &'static str)];

    fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::read(find).map_err(|fault| fault.to_string())
    }

    #[test]
    fn only_the_table_is_required_and_an_empty_variable_is_an_unset_one() {
        let expected = Config {
            table: "releases".to_owned(),
            defaults: PolicyFields::default(),
            event_bus: None,
            log: LevelFilter::INFO,
            process: format!("process-{}", std::process::id()),
        };
        assert_eq!(read(&[(TABLE, "releases")]), Ok(expected.clone()));
        assert_eq!(read(&[(TABLE, "releases"), (EVENT_BUS, ""), (DEFAULTS, " "), (LOG, "")]), Ok(expected));
    }

    #[test]
    fn what_is_said_is_taken() {
        let defaults = r#"{"bake_time_seconds": 60}"#;
        let config = read(&[(TABLE, "t"), (EVENT_BUS, "deployments"), (DEFAULTS, defaults), (LOG, "debug")]).unwrap();
        assert_eq!(config.defaults.bake_time_seconds, Some(60));
        assert_eq!((config.event_bus.as_deref(), config.log), (Some("deployments"), LevelFilter::DEBUG));
    }

    #[test]
    fn a_fault_names_the_variable_and_what_was_expected() {
        let cases: [(Variables, &[&str]); 6] = [
            (&[], &[TABLE, "missing"]),
            (&[(TABLE, " ")], &[TABLE, "missing"]),
            (&[(TABLE, "t"), (LOG, "loud")], &[LOG, "loud", "\"debug\""]),
            (&[(TABLE, "t"), (DEFAULTS, "[]")], &[DEFAULTS, "JSON object"]),
            (&[(TABLE, "t"), (DEFAULTS, r#"{"bake_time": 1}"#)], &["bake_time", DEFAULTS, "did you mean"]),
            (&[(TABLE, "t"), (DEFAULTS, r#"{"healthy_percent": 101}"#)], &[DEFAULTS, "healthy_percent", "101", "100"]),
        ];
        for (variables, parts) in cases {
            let fault = read(variables).unwrap_err();
            for part in parts {
                assert!(fault.contains(part), "{fault} lacks {part}");
            }
        }
    }
}
