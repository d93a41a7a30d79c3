//! Calls: the one place where each is met by faults, answered from the world, and written down.

mod autoscaling;
mod cloudwatch;
mod elb;

use super::World;
use super::fault::Verdict;
use super::log::{Announced, Arrived, Outcome};
use super::names;
use crate::api::{ApiError, Call, Millis, PutEventsEntry, PutEventsResult, Reply, Served};

/// An answer, and whether the call changed anything.
type Answer = Result<(Reply, bool), ApiError>;

impl World {
    /// Serves a call of Cutover's.
    pub fn serve(&mut self, call: &Call) -> Served {
        self.serve_as("cutover", call)
    }

    /// Serves a call of somebody's; faults meet it whoever it is.
    pub fn serve_as(&mut self, caller: &str, call: &Call) -> Served {
        self.reflow();
        let verdict = self.decide_fault(call);
        if let Some((false, how)) = verdict.lost {
            self.write_down(caller, call, Outcome::NeverArrived, false);
            return Served::Lost { applied: false, how };
        }
        if let Some(error) = verdict.refused {
            self.write_down(caller, call, Outcome::Refused(error.code.clone()), true);
            return Served::Err(error);
        }
        let answer = self.answer(caller, call, &verdict);
        self.reflow();
        let outcome = match &answer {
            Ok(_) if !call.is_write() => Outcome::Read,
            Ok((_, true)) => Outcome::Applied,
            Ok((_, false)) => Outcome::Nothing,
            Err(error) => Outcome::Refused(error.code.clone()),
        };
        self.write_down(caller, call, outcome, verdict.lost.is_none());
        match (verdict.lost, answer) {
            (Some((applied, how)), _) => Served::Lost { applied, how },
            (None, Ok((reply, _))) => Served::Ok(reply),
            (None, Err(error)) => Served::Err(error),
        }
    }

    /// The same without faults, and straight: what a person at the console gets.
    pub fn by_hand(&mut self, call: &Call) -> Result<Reply, ApiError> {
        let answer = self.answer("person", call, &Verdict::default());
        self.reflow();
        answer.map(|(reply, _)| reply)
    }

    fn write_down(&mut self, caller: &str, call: &Call, outcome: Outcome, answered: bool) {
        if call.is_write() || self.settings.log_reads {
            let arrived = Arrived { at: self.now, caller: caller.to_owned(), call: call.clone(), outcome, answered };
            self.log.calls.push(arrived);
        }
    }

    fn answer(&mut self, caller: &str, call: &Call, verdict: &Verdict) -> Answer {
        if call.is_write() {
            return self.answer_write(caller, call, verdict);
        }
        let mut reply = match call.service() {
            crate::api::Service::Elb => self.read_elb(call)?,
            crate::api::Service::CloudWatch => self.read_cloudwatch(call, verdict.composites_hidden)?,
            _ => self.read_autoscaling(call, self.now - verdict.stale.min(self.settings.max_stale))?,
        };
        if verdict.partial {
            halve(&mut reply);
        }
        Ok((reply, false))
    }

    fn answer_write(&mut self, caller: &str, call: &Call, verdict: &Verdict) -> Answer {
        if let Call::PutEvents { entries } = call {
            return self.put_events(caller, entries, verdict.partial);
        }
        let name = call.subjects().first().map_or(String::new(), |name| (*name).to_owned());
        let contention = self.settings.contention;
        let written = self.fleets.get(&name).and_then(|fleet| fleet.written);
        if contention > 0 && written.is_some_and(|at| self.now < at + contention) {
            return Err(ApiError::contention(&name));
        }
        let changed = self.write_autoscaling(caller, call)?;
        let now = self.now;
        if let Some(fleet) = self.fleets.get_mut(&name).filter(|_| changed) {
            fleet.written = Some(now);
        }
        Ok((Reply::Done, changed))
    }

    fn put_events(&mut self, caller: &str, entries: &[PutEventsEntry], partial: bool) -> Answer {
        if entries.is_empty() || entries.len() > 10 {
            let message = "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10";
            return Err(ApiError::new("ValidationException", message, 400));
        }
        let accepted = if partial { entries.len() / 2 } else { entries.len() };
        let mut results = Vec::new();
        for (n, entry) in entries.iter().enumerate() {
            if n < accepted {
                let announced = Announced { at: self.now, caller: caller.to_owned(), entry: entry.clone() };
                self.log.announced.push(announced);
                let event_id = Some(names::uuid(self.make()));
                results.push(PutEventsResult { event_id, error_code: None, error_message: None });
            } else {
                let error_code = Some("InternalFailure".to_owned());
                let error_message = Some("Internal failure".to_owned());
                results.push(PutEventsResult { event_id: None, error_code, error_message });
            }
        }
        Ok((Reply::PutEvents { entries: results }, accepted > 0))
    }

    /// One page of a list. A token is the number of items that came before; at most `maximum`, or fewer by request or setting.
    fn page<T>(
        &self,
        mut items: Vec<T>,
        token: Option<&str>,
        wanted: Option<i32>,
        default: usize,
        maximum: usize,
    ) -> Result<(Vec<T>, Option<String>), ApiError> {
        let start = match token {
            None => 0,
            Some(token) => {
                let number = token.strip_prefix("page-").and_then(|number| number.parse::<usize>().ok());
                number.ok_or_else(|| ApiError::invalid_token(token))?
            }
        };
        if wanted.is_some_and(|wanted| wanted < 1 || wanted as usize > maximum) {
            let message = format!(
                "1 validation error detected: Value at 'maxRecords' failed to satisfy constraint: Member must have value between 1 and {maximum}"
            );
            return Err(ApiError::validation(message));
        }
        let size =
            wanted.map_or(default, |wanted| wanted as usize).min(self.settings.page_size.unwrap_or(maximum)).max(1);
        let more = items.len() > start + size;
        let page: Vec<T> = items.drain(start.min(items.len())..).take(size).collect();
        Ok((page, more.then(|| format!("page-{}", start + size))))
    }
}

/// Takes away the second half of a list (of one thing: that), as an answer that lost some on its way.
fn halve(reply: &mut Reply) {
    fn cut<T>(list: &mut Vec<T>) {
        list.truncate(list.len() / 2);
    }
    match reply {
        Reply::AutoScalingGroups { groups, .. } => cut(groups),
        Reply::TrafficSources { sources, .. } => cut(sources),
        Reply::LoadBalancerTargetGroups { groups, .. } => cut(groups),
        Reply::InstanceRefreshes { refreshes, .. } => cut(refreshes),
        Reply::TargetGroups { groups, .. } => cut(groups),
        Reply::TargetGroupAttributes { attributes } => cut(attributes),
        Reply::TargetHealth { targets } => cut(targets),
        Reply::LoadBalancers { load_balancers, .. } => cut(load_balancers),
        Reply::Alarms { metric, composite, log, .. } => {
            cut(metric);
            cut(composite);
            cut(log);
        }
        Reply::AlarmHistory { items, .. } => cut(items),
        Reply::Done | Reply::PutEvents { .. } => {}
    }
}

/// A list of at most so many.
fn at_most(what: &str, count: usize, maximum: usize) -> Result<(), ApiError> {
    if count <= maximum {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "1 validation error detected: Value at '{what}' failed to satisfy constraint: Member must have length less than or equal to {maximum}"
    )))
}

/// Whether a moment lies between two that may be left out.
fn within(at: Millis, start: Option<Millis>, end: Option<Millis>) -> bool {
    start.is_none_or(|start| at >= start) && end.is_none_or(|end| at <= end)
}
