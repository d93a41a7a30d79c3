//! The machine's clock: the one place that reads it.

use super::Aws;
use crate::clock::Clock;
use crate::release::{Span, Timestamp};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "their one place: elsewhere time is handed in")]
impl Clock for Aws {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, span: Span) {
        tokio::time::sleep(Duration::from_millis(span.millis().max(0).unsigned_abs())).await;
    }
}
