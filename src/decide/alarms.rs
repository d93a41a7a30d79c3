//! The decide stage: what is learnt of the alarms before the attach: their habits, and how long they need to detect.

use super::case::Case;
use super::verdict::HISTORY_SLACK;
use crate::release::policy::InsufficientData;
use crate::release::{
    Alarm, AlarmKind, AlarmName, AlarmState, DEEPEST_RULE, HABITS, Observation, Reading, Timestamp, Unread,
};

/// What CloudWatch takes after the last datapoint until the alarm moves: metrics arrive up to two minutes late.
const EVALUATION_DELAY_SECONDS: u32 = 120;

/// An alarm that needs longer can't guard a release: the bake would outlast anyone's patience.
const LONGEST_DETECTION_SECONDS: u32 = 3600;

impl Case<'_> {
    /// Learns each alarm's habits, once: whether INSUFFICIENT_DATA is usual for it.
    pub fn learn_habits(&mut self) {
        if self.release.policy.insufficient_data == InsufficientData::Unknown {
            return;
        }
        let started_at = self.release.started_at;
        let seen = self.seen;
        for watched in self.release.watched.iter_mut().filter(|watched| watched.quiet_before.is_none()) {
            watched.quiet_before = quiet(seen, &watched.alarm, started_at).ok();
        }
    }

    /// Whether every alarm's habits are known.
    pub fn habits_known(&self) -> bool {
        self.release.policy.insufficient_data == InsufficientData::Unknown
            || self.release.watched.iter().all(|watched| watched.quiet_before.is_some())
    }

    /// Lengthens the bake to the slowest alarm's time to detect, or warns that it's too short. An error says why the
    /// release can't be guarded (over an hour), or what couldn't be read.
    pub fn fit_bake(&mut self) -> Result<(), TooSlow> {
        let bake = self.release.policy.bake_time_seconds;
        let mut slowest: Option<(u32, AlarmName)> = None;
        for watched in &self.release.watched {
            let seconds = detection_seconds(self.seen, &watched.alarm, DEEPEST_RULE).map_err(TooSlow::Unread)?;
            if let Some(seconds) = seconds.filter(|seconds| slowest.as_ref().is_none_or(|(most, _)| seconds > most)) {
                slowest = Some((seconds, watched.alarm.clone()));
            }
        }
        let Some((seconds, alarm)) = slowest else { return Ok(()) };
        if seconds > LONGEST_DETECTION_SECONDS && self.release.policy.extend_bake {
            return Err(TooSlow::OverAnHour(format!("alarm {alarm} needs {seconds} s to detect, over an hour")));
        }
        if seconds <= bake {
            return Ok(());
        }
        if !self.release.policy.extend_bake {
            let warning = format!("alarm {alarm} needs {seconds} s to detect; the bake time is {bake} s");
            self.release.warn(warning);
            return Ok(());
        }
        self.release.bake_time_seconds = seconds;
        let warning = format!("the bake time is {seconds} s instead of {bake} s: alarm {alarm} needs that to detect");
        self.release.warn(warning);
        Ok(())
    }
}

/// Why the bake can't be fitted to the alarms.
pub(super) enum TooSlow {
    /// An alarm needs over an hour: never heals by waiting.
    OverAnHour(String),
    /// An alarm couldn't be read.
    Unread(Unread),
}

/// Whether an alarm was silent when the release started, or came and went in the day before. Learnt late, what has
/// happened since is no habit.
fn quiet(seen: &Observation, alarm: &AlarmName, started_at: Timestamp) -> Reading<bool> {
    let Some(found) = seen.alarm(alarm)? else { return Err(Unread(format!("{alarm} doesn't exist"))) };
    let silent = AlarmState::InsufficientData;
    let moved = found.transitioned_at;
    if moved.is_none_or(|at| at <= started_at) && found.state == silent {
        return Ok(true);
    }
    let since = started_at - HABITS;
    if moved.is_some_and(|at| at <= since) {
        return Ok(false);
    }
    let moves: Vec<_> = seen.moves(alarm, since)?.collect();
    if let Some(at) = moved.filter(|at| !moves.iter().any(|change| change.at + HISTORY_SLACK >= *at)) {
        return Err(Unread(format!("the history of {alarm} doesn't tell yet how it moved at {at}")));
    }
    let habits = || moves.iter().filter(|change| !change.first);
    let in_the_day_before =
        habits().any(|change| change.at <= started_at && [change.from, change.to].contains(&silent));
    let at_the_start = habits().find(|change| change.at > started_at).is_some_and(|change| change.from == silent);
    Ok(in_the_day_before || at_the_start)
}

/// How many seconds an alarm needs until it's in ALARM: (datapoints + 1) × period + the evaluation's delay; of a
/// composite one, its slowest child's. `None`: not known for this type of alarm.
fn detection_seconds(seen: &Observation, name: &AlarmName, depth: usize) -> Reading<Option<u32>> {
    match seen.alarm(name)?.map(|alarm: &Alarm| &alarm.kind) {
        Some(AlarmKind::Metric { period_seconds, datapoints }) => {
            let seconds = datapoints.saturating_add(1).saturating_mul(*period_seconds);
            Ok(Some(seconds.saturating_add(EVALUATION_DELAY_SECONDS)))
        }
        Some(AlarmKind::Composite { children }) if depth > 0 => {
            let mut slowest = None;
            for child in children {
                slowest = slowest.max(detection_seconds(seen, child, depth - 1)?);
            }
            Ok(slowest)
        }
        Some(AlarmKind::Composite { .. } | AlarmKind::Other) | None => Ok(None),
    }
}
