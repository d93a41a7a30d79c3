//! What is deployed as the function, and how its failures look from outside.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

/// What is deployed. [`Function::new`] has the defaults of template.yaml.
#[derive(Debug, Clone)]
pub struct Function {
    /// The binary.
    pub binary: PathBuf,
    /// Its arguments; Lambda gives none.
    pub arguments: Vec<String>,
    /// `CUTOVER_TABLE`.
    pub table: String,
    /// `CUTOVER_EVENT_BUS`.
    pub event_bus: Option<String>,
    /// `CUTOVER_DEFAULTS`, JSON.
    pub defaults: String,
    /// The timeout of an invocation.
    pub timeout: Duration,
    /// How many run at once; the next waits.
    pub concurrency: usize,
    /// Any other variable.
    pub variables: BTreeMap<String, String>,
}

impl Function {
    /// The function as template.yaml deploys it, with room for sixteen at once.
    pub fn new(binary: impl Into<PathBuf>, table: &str) -> Self {
        Self {
            binary: binary.into(),
            arguments: Vec::new(),
            table: table.to_owned(),
            event_bus: Some("default".to_owned()),
            defaults: "{}".to_owned(),
            timeout: Duration::from_secs(30),
            concurrency: 16,
            variables: BTreeMap::new(),
        }
    }

    /// The whole environment of a process: nothing of the machine's own gets in.
    pub(super) fn environment(&self, endpoint: &str, key: &str, runtime: &str) -> BTreeMap<String, String> {
        let stream = format!("2026/01/01/[$LATEST]{key}");
        let fixed = [
            ("AWS_LAMBDA_RUNTIME_API", runtime),
            ("AWS_LAMBDA_FUNCTION_NAME", "cutover"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/cutover"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", &stream),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("_HANDLER", "bootstrap"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", key),
            ("AWS_SECRET_ACCESS_KEY", "of-the-simulation"),
            ("AWS_SESSION_TOKEN", "of-the-simulation"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", endpoint),
            ("CUTOVER_TABLE", &self.table),
            ("CUTOVER_DEFAULTS", &self.defaults),
        ];
        let mut all: BTreeMap<String, String> =
            fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if let Some(bus) = &self.event_bus {
            all.insert("CUTOVER_EVENT_BUS".to_owned(), bus.clone());
        }
        all.extend(self.variables.clone());
        all
    }
}

/// How an invocation failed, as the caller of Lambda sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LambdaError {
    /// `errorType`: the function's own, or Lambda's (`Sandbox.Timedout`, `Runtime.ExitError`).
    pub kind: String,
    /// `errorMessage`.
    pub message: String,
}

impl LambdaError {
    /// Reads what the process posted.
    pub(super) fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        Self { kind: text("errorType"), message: text("errorMessage") }
    }
}

impl std::fmt::Display for LambdaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for LambdaError {}
