//! The decide stage: the verdict on the alarms.
//!
//! State now + history since the evidence began + what was so before the release. Three-valued: what couldn't be read
//! never promotes, and an ALARM that came and went between two looks is an ALARM.

use super::case::Case;
use crate::mutation::{self, Mutation};
use crate::release::policy::{InAlarmAtStart, InsufficientData};
use crate::release::{
    Alarm, AlarmEvidence, AlarmState, Finding, Span, Timestamp, Unread, Verdict, VerdictState, Watched,
};

/// How much later than the alarm's StateTransitionedTimestamp its history may date the same transition: both are
/// CloudWatch's, written one after the other.
pub(super) const HISTORY_SLACK: Span = Span::seconds(1);

impl Case<'_> {
    /// The verdict, as far as transitions at or before `until` are concerned (the window's end; `None`: all).
    /// Remembers which transitions have been examined, so that their history is read once.
    pub fn judge(&mut self, until: Option<Timestamp>) -> Verdict {
        // Every stage that asks has it on record; were it lost, the whole release is evidence.
        let since = self.release.evidence_since.unwrap_or(self.release.started_at);
        let mut watched = std::mem::take(&mut self.release.watched);
        let alarms: Vec<_> = watched.iter_mut().map(|watched| self.judge_one(watched, since, until)).collect();
        self.release.watched = watched;
        let any = |finding: Finding| alarms.iter().any(|evidence: &AlarmEvidence| evidence.finding == finding);
        let state = if any(Finding::InAlarm) || any(Finding::WasInAlarm) {
            VerdictState::InAlarm
        } else if any(Finding::Unknown) {
            VerdictState::Unknown
        } else if !alarms.is_empty() && alarms.iter().all(|evidence| evidence.finding == Finding::NoData) {
            VerdictState::NoEvidence
        } else {
            VerdictState::Healthy
        };
        let verdict = Verdict { state, alarms };
        self.verdict = Some(verdict.clone());
        verdict
    }

    fn judge_one(&self, watched: &mut Watched, since: Timestamp, until: Option<Timestamp>) -> AlarmEvidence {
        let blank = |finding, reason: String| AlarmEvidence {
            alarm: watched.alarm.clone(),
            finding,
            state: None,
            reason,
            at: None,
        };
        match self.seen.alarm(&watched.alarm) {
            Err(_) if mutation::on(Mutation::UnreadIsOk) => blank(Finding::Ok, String::new()),
            Ok(None) if mutation::on(Mutation::AbsentIsOk) => blank(Finding::Ok, String::new()),
            Err(Unread(why)) => blank(Finding::Unknown, why),
            Ok(None) => {
                let why = format!("{} doesn't exist, or the permission to see it is too narrow", watched.alarm);
                blank(Finding::Unknown, why)
            }
            Ok(Some(alarm)) => self.judge_seen(watched, alarm, since, until),
        }
    }

    fn judge_seen(
        &self,
        watched: &mut Watched,
        alarm: &Alarm,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> AlarmEvidence {
        let found = |finding, reason: &str, at| AlarmEvidence {
            alarm: alarm.name.clone(),
            finding,
            state: Some(alarm.state),
            reason: reason.to_owned(),
            at,
        };
        let Some(moved) = alarm.transitioned_at else {
            return match alarm.state {
                AlarmState::Alarm => found(Finding::InAlarm, &alarm.reason, None),
                _ => found(Finding::Unknown, "CloudWatch doesn't say when its state last changed", None),
            };
        };
        let too_late = until.is_some_and(|until| moved > until);
        let ignored = alarm.state == AlarmState::Alarm && watched.ignored_episode == Some(moved);
        if alarm.state == AlarmState::Alarm && !ignored && !too_late {
            return found(Finding::InAlarm, &alarm.reason, Some(moved));
        }
        if !ignored && moved > watched.cleared.unwrap_or(since) && !mutation::on(Mutation::HistoryUnread) {
            match self.passed_through(watched, alarm, moved, since, until) {
                Ok(Some((at, reason))) => return found(Finding::WasInAlarm, &reason, Some(at)),
                Ok(None) => watched.cleared = Some(moved),
                Err(why) => return found(Finding::Unknown, &why, Some(moved)),
            }
        }
        if let Some(impaired) = alarm.impaired.as_ref().filter(|_| !mutation::on(Mutation::ImpairedIsOk)) {
            return found(Finding::Unknown, &format!("it isn't judging: {impaired}"), Some(moved));
        }
        match alarm.state {
            AlarmState::Alarm if ignored => found(Finding::Ignored, &alarm.reason, Some(moved)),
            AlarmState::Ok | AlarmState::Alarm => found(Finding::Ok, "", Some(moved)),
            AlarmState::InsufficientData if self.may_be_quiet(watched) => {
                found(Finding::NoData, &alarm.reason, Some(moved))
            }
            AlarmState::InsufficientData => {
                found(Finding::Unknown, &format!("INSUFFICIENT_DATA ({})", alarm.reason), Some(moved))
            }
            AlarmState::Unknown => found(Finding::Unknown, "its state is a word that isn't known here", Some(moved)),
        }
    }

    /// INSUFFICIENT_DATA is no evidence against if the alarm was so before the release, or came and went.
    fn may_be_quiet(&self, watched: &Watched) -> bool {
        mutation::on(Mutation::SilenceIsUsual)
            || self.release.policy.insufficient_data == InsufficientData::Baseline && watched.quiet_before == Some(true)
    }

    /// Whether an alarm passed through ALARM since the evidence began, by its history.
    fn passed_through(
        &self,
        watched: &Watched,
        alarm: &Alarm,
        moved: Timestamp,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<Option<(Timestamp, String)>, String> {
        let moves: Vec<_> = self.seen.moves(&alarm.name, since).map_err(|Unread(why)| why)?.collect();
        let told = moves.iter().any(|change| change.to == alarm.state && change.at + HISTORY_SLACK >= moved);
        let judged = |at: Timestamp| until.is_none_or(|until| at <= until);
        let entered = moves.iter().find(|change| change.to == AlarmState::Alarm && judged(change.at));
        if let Some(change) = entered {
            return Ok(Some((change.at, change.reason.clone())));
        }
        // Out of an ALARM that began before: it was in ALARM when the evidence began.
        let left = moves.first().filter(|change| change.from == AlarmState::Alarm && judged(change.at));
        let old_counts = self.release.policy.in_alarm_at_start != InAlarmAtStart::Ignore;
        if let Some(change) = left.filter(|_| old_counts && watched.ignored_episode.is_none()) {
            return Ok(Some((since, change.reason.clone())));
        }
        if moves.iter().any(|change| change.from == AlarmState::Unknown || change.to == AlarmState::Unknown) {
            return Err("its history holds a move that can't be read".to_owned());
        }
        if told { Ok(None) } else { Err(format!("its history doesn't tell yet how it moved at {moved}")) }
    }
}

/// The verdict in a sentence's middle, naming the alarms that decide it.
pub(super) fn blame(verdict: &Verdict) -> String {
    let say = |evidence: &AlarmEvidence| match evidence.finding {
        Finding::InAlarm => Some(format!("alarm {} is in ALARM", evidence.alarm)),
        Finding::WasInAlarm => {
            let at = evidence.at.map(|at| format!(" at {at}")).unwrap_or_default();
            Some(format!("alarm {} was in ALARM{at}", evidence.alarm))
        }
        Finding::Unknown => Some(format!("alarm {}: {}", evidence.alarm, evidence.reason)),
        Finding::Ok | Finding::Ignored | Finding::NoData => None,
    };
    let wanted = |evidence: &&AlarmEvidence| match verdict.state {
        VerdictState::InAlarm => matches!(evidence.finding, Finding::InAlarm | Finding::WasInAlarm),
        _ => true,
    };
    verdict.alarms.iter().filter(wanted).filter_map(say).collect::<Vec<_>>().join("; ")
}
