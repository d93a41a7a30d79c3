//! The nouns: moments and how long things last.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Add, Sub};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// By how much clocks may differ: Lambda's, CloudWatch's, that of another invocation. Two seconds, and the millisecond
/// that rounding may take. Evidence begins so much before our clock says, or an ALARM in between would be lost.
pub const CLOCKS: Span = Span::from_millis(2_001);

/// The first and the last millisecond that RFC 3339 has words for: the years 0 to 9999.
const FIRST: i64 = -62_167_219_200_000;
const LAST: i64 = 253_402_300_799_999;

/// A moment: milliseconds since 1970-01-01T00:00:00Z; RFC 3339 in every text. What lies beyond its years is its first or
/// last: one that the record can't say again would spoil the whole item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        match millis {
            ..FIRST => Self(FIRST),
            FIRST..=LAST => Self(millis),
            _ => Self(LAST),
        }
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339.
    ///
    /// # Errors
    /// What was expected; permanent.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "a moment as RFC 3339 writes it")?;
        let millis = moment.unix_timestamp_nanos() / 1_000_000;
        i64::try_from(millis).map(Self::from_millis).map_err(|_| "a moment as RFC 3339 writes it")
    }

    /// How many seconds have passed since `earlier`; 0 if none.
    pub fn seconds_since(self, earlier: Timestamp) -> u32 {
        u32::try_from((self - earlier).millis().max(0) / 1000).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|moment| moment.format(&Rfc3339).ok());
        match text {
            Some(text) => f.write_str(&text),
            // There is no such moment.
            None => write!(f, "{} ms since 1970", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A length of time, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

impl Span {
    /// Nothing at all.
    pub const ZERO: Span = Span(0);

    /// Whole seconds.
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds as i64 * 1000)
    }

    /// From milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// In milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// In seconds, rounded up: what somebody has to wait.
    pub fn ceil_seconds(self) -> u32 {
        u32::try_from((self.0.max(0) + 999) / 1000).unwrap_or(u32::MAX)
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;

    fn add(self, span: Span) -> Timestamp {
        Timestamp::from_millis(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;

    fn sub(self, span: Span) -> Timestamp {
        Timestamp::from_millis(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;

    fn sub(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Span;

    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;

    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

/// Adds up the time during which something was so, without a write while nothing changes: only starting and stopping
/// it changes it, so a look that finds all as before has nothing to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stopwatch {
    #[serde(default)]
    total_ms: Span,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    running_since: Option<Timestamp>,
}

impl Stopwatch {
    /// Runs from `now` on; if it runs already, nothing changes.
    pub fn start(&mut self, now: Timestamp) {
        self.running_since.get_or_insert(now);
    }

    /// Stops at `now`; if it stands already, nothing changes.
    pub fn stop(&mut self, now: Timestamp) {
        if let Some(since) = self.running_since.take() {
            self.total_ms = self.total_ms + Span(since_to(since, now));
        }
    }

    /// Runs or stands as `on` says.
    pub fn run_if(&mut self, on: bool, now: Timestamp) {
        if on { self.start(now) } else { self.stop(now) }
    }

    /// What it shows at `now`.
    pub fn read(&self, now: Timestamp) -> Span {
        self.total_ms + Span(self.running_since.map_or(0, |since| since_to(since, now)))
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.running_since.is_some()
    }

    /// When it will show `goal` if it runs on from `now`.
    pub fn reaches(&self, goal: Span, now: Timestamp) -> Timestamp {
        now + (goal - self.read(now))
    }
}

/// Clocks of two invocations may differ by 2 s; a stopwatch never runs backwards for that.
fn since_to(since: Timestamp, now: Timestamp) -> i64 {
    (now - since).millis().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn a_moment_reads_back_from_its_text() {
        let moment = START + Span::from_millis(123);
        assert_eq!(moment.to_string(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Timestamp::parse(&moment.to_string()), Ok(moment));
    }

    #[test]
    fn a_moment_beyond_the_years_that_have_words_is_the_first_or_the_last() {
        for (text, edge) in [
            ("0000-01-01T00:00:00+23:59", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.999Z"),
        ] {
            let moment = Timestamp::parse(text).unwrap();
            assert_eq!(moment.to_string(), edge);
            assert_eq!(Timestamp::parse(edge), Ok(moment));
        }
        let far = Span::from_millis(i64::MAX);
        assert_eq!((START + far).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!((START - far).to_string(), "0000-01-01T00:00:00Z");
    }

    #[test]
    fn a_stopwatch_counts_only_while_it_runs_and_never_backwards() {
        let mut watch = Stopwatch::default();
        watch.start(START);
        watch.start(START + Span::seconds(5));
        assert_eq!(watch.read(START + Span::seconds(10)), Span::seconds(10));
        watch.stop(START + Span::seconds(10));
        watch.stop(START + Span::seconds(20));
        assert_eq!(watch.read(START + Span::seconds(30)), Span::seconds(10));
        watch.start(START + Span::seconds(40));
        assert_eq!(watch.read(START + Span::seconds(39)), Span::seconds(10));
    }
}
