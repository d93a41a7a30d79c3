//! The evaluation of metric alarms: datapoints per period, M out of N, missing ones treated as the alarm says.

use serde_json::{Value, json};

use super::World;
use super::alarm::Alarm;
use super::alarm_spec::Metric;
use super::names;
use super::queue::Due;
use crate::api::{Millis, StateValue, TreatMissing};

impl World {
    pub(crate) fn evaluate_due(&mut self, name: &str, made: u64) {
        let now = self.now;
        let Some(alarm) = self.alarms.get_mut(name).filter(|alarm| alarm.made == made) else { return };
        let period = alarm.spec.period_ms();
        let goes_on = now < alarm.busy_until;
        alarm.scheduled = goes_on;
        if alarm.evaluation.is_none() {
            self.evaluate(name);
        }
        if goes_on {
            self.schedule(now + period, Due::Evaluate { alarm: name.to_owned(), made });
        }
    }

    fn evaluate(&mut self, name: &str) {
        let Some(alarm) = self.alarms.get(name) else { return };
        let period = alarm.spec.period_ms();
        let end = (self.now - self.settings.metric_delay).div_euclid(period) * period;
        let points: Vec<Option<f64>> = (1..=Millis::from(alarm.spec.evaluation_periods))
            .map(|back| self.datapoint(alarm, end - back * period, end - (back - 1) * period))
            .collect();
        let value = judge(alarm, &points);
        let (reason, data) = because(alarm, &points, value, end, self.now);
        self.set_alarm(name, value, &reason, Some(data));
    }

    fn datapoint(&self, alarm: &Alarm, from: Millis, to: Millis) -> Option<f64> {
        match alarm.metric()? {
            Metric::ByHand => None,
            Metric::Errors(scope) => {
                // Reported only when it isn't zero, as AWS/ApplicationELB's counts of status codes are.
                Some(self.counted(scope, from, to).errors).filter(|errors| *errors > 0.0)
            }
            Metric::ErrorPercent(scope) => {
                let counts = self.counted(scope, from, to);
                (counts.requests > 0.0).then(|| 100.0 * counts.errors / counts.requests)
            }
            Metric::UnhealthyHosts(scope) => Some(f64::from(self.unhealthy(scope, from, to))),
        }
    }
}

/// The state that datapoints, newest first, give.
fn judge(alarm: &Alarm, points: &[Option<f64>]) -> StateValue {
    let spec = &alarm.spec;
    let needed = spec.datapoints_to_alarm.max(1) as usize;
    let breaching = points.iter().flatten().filter(|point| **point >= spec.threshold).count();
    let missing = points.iter().filter(|point| point.is_none()).count();
    let enough = |breaching: usize| if breaching >= needed { StateValue::Alarm } else { StateValue::Ok };
    match spec.treat_missing {
        TreatMissing::Breaching => enough(breaching + missing),
        TreatMissing::NotBreaching => enough(breaching),
        TreatMissing::Missing if missing == points.len() => StateValue::InsufficientData,
        TreatMissing::Missing => enough(breaching),
        TreatMissing::Ignore if breaching >= needed => StateValue::Alarm,
        // The state stays, unless what is there says OK whatever the rest would have been.
        TreatMissing::Ignore if breaching + missing >= needed => alarm.value,
        TreatMissing::Ignore => StateValue::Ok,
    }
}

fn because(alarm: &Alarm, points: &[Option<f64>], value: StateValue, end: Millis, now: Millis) -> (String, Value) {
    let spec = &alarm.spec;
    let (n, period) = (points.len(), spec.period_ms());
    let present: Vec<(f64, Millis)> =
        points.iter().enumerate().filter_map(|(i, point)| point.map(|p| (p, end - (i as i64 + 1) * period))).collect();
    let said: Vec<String> = present.iter().map(|(p, at)| format!("{p} ({})", names::short(*at))).collect();
    let reason = match value {
        StateValue::InsufficientData => format!("Insufficient Data: {n} datapoints were unknown."),
        StateValue::Ok if present.is_empty() => {
            format!(
                "Threshold Crossed: no datapoints were received for {n} periods and {n} missing datapoints were treated as [NonBreaching]."
            )
        }
        StateValue::Alarm if present.is_empty() => {
            format!(
                "Threshold Crossed: no datapoints were received for {n} periods and {n} missing datapoints were treated as [Breaching]."
            )
        }
        _ => format!(
            "Threshold Crossed: {} out of the last {n} datapoints [{}] {} greater than or equal to the threshold ({:?}) (minimum {} datapoint{} for {} transition).",
            present.len(),
            said.join(", "),
            if value == StateValue::Alarm { "was" } else { "was not" },
            spec.threshold,
            spec.datapoints_to_alarm,
            if spec.datapoints_to_alarm == 1 { "" } else { "s" },
            if value == StateValue::Alarm { "OK -> ALARM" } else { "ALARM -> OK" },
        ),
    };
    let data = json!({
        "version": "1.0",
        "queryDate": names::millis_offset(now),
        "startDate": names::millis_offset(end - n as i64 * period),
        "statistic": "Sum",
        "period": spec.period,
        "recentDatapoints": present.iter().rev().map(|(p, _)| *p).collect::<Vec<_>>(),
        "threshold": spec.threshold,
    });
    (reason, data)
}
