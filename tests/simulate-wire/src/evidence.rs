//! What the judges look at: the world with its whole history, and the log of the wire, joined call by call.

use std::collections::BTreeMap;

use serde_json::Value;
use simulated_aws::api::{Call, Millis};
use simulated_aws::wire::{LambdaError, Seen};
use simulated_aws::world::{Outcome, World};

use crate::case::Story;
use crate::stand::{GREEN, Setting};

/// An invocation: its process, and which of that process's it is.
pub type Who = (String, u32);

/// One call that the world dealt with.
#[derive(Clone, Debug)]
pub struct Deed {
    /// When the world did so.
    pub at: Millis,
    /// Its place in the wire's log, in order of arrival.
    pub number: usize,
    /// Who sent it.
    pub by: Who,
    /// What.
    pub call: Call,
    /// What it did.
    pub outcome: Outcome,
    /// Whether its caller got the world's answer.
    pub received: bool,
}

impl Deed {
    /// The fleet and the target groups that it attaches or detaches, if it did so: true is attached.
    pub fn link(&self) -> Option<(&str, Vec<&str>, bool)> {
        let attaches = match &self.call {
            Call::AttachLoadBalancerTargetGroups { .. } | Call::AttachTrafficSources { .. } => true,
            Call::DetachLoadBalancerTargetGroups { .. } | Call::DetachTrafficSources { .. } => false,
            _ => return None,
        };
        let subjects = self.call.subjects();
        let (fleet, groups) = subjects.split_first()?;
        (self.outcome == Outcome::Applied).then(|| (*fleet, groups.to_vec(), attaches))
    }
}

/// Everything about one case.
pub struct Evidence {
    /// The world, at the end.
    pub world: World,
    /// Every call on the wire.
    pub seen: Vec<Seen>,
    /// Those that the world dealt with, in its order.
    pub deeds: Vec<Deed>,
    /// The story.
    pub story: Story,
    /// The application's target groups.
    pub groups: Vec<&'static str>,
    /// Whether several knocked at once.
    pub crowd: bool,
    /// Every report.
    pub reports: Vec<Value>,
    /// Why invocations failed.
    pub errors: Vec<LambdaError>,
    /// Whether the release came to an end.
    pub ended: bool,
    /// How many calls were made until then.
    pub calls: usize,
    /// How many writes a second look at the ended release sent.
    pub again: usize,
    /// What `history` says.
    pub history: Value,
}

impl Evidence {
    /// Joins the world's history with the wire's log.
    pub fn new(world: World, seen: Vec<Seen>, setting: &Setting) -> Self {
        let mut deeds: Vec<(usize, Deed)> = Vec::new();
        for seen in &seen {
            let arrived = seen.dealt_with.and_then(|place| Some((place, world.calls().get(place)?)));
            let Some((place, arrived)) = arrived else { continue };
            let deed = Deed {
                at: arrived.at,
                number: seen.number,
                by: (seen.caller.clone(), seen.invocation),
                call: arrived.call.clone(),
                outcome: arrived.outcome.clone(),
                received: seen.received() && arrived.answered,
            };
            deeds.push((place, deed));
        }
        deeds.sort_by_key(|(place, _)| *place);
        Self {
            world,
            seen,
            deeds: deeds.into_iter().map(|(_, deed)| deed).collect(),
            story: setting.story,
            groups: setting.groups.clone(),
            crowd: setting.crowd > 1 || setting.events,
            reports: Vec::new(),
            errors: Vec::new(),
            ended: false,
            calls: 0,
            again: 0,
            history: Value::Null,
        }
    }

    /// With what the function answered.
    pub fn with_answers(self, reports: Vec<Value>, errors: Vec<LambdaError>) -> Self {
        Self { reports, errors, ..self }
    }

    /// With how it ended.
    pub fn with_end(self, ended: bool, calls: usize, again: usize, history: Value) -> Self {
        Self { ended, calls, again, history, ..self }
    }

    /// Writes that arrived, announcements aside.
    pub fn writes(&self) -> impl Iterator<Item = &Deed> {
        self.deeds.iter().filter(|deed| deed.call.is_write() && !matches!(deed.call, Call::PutEvents { .. }))
    }

    /// Detaches that were done, with the fleet and the groups.
    pub fn detaches(&self) -> impl Iterator<Item = (&Deed, &str, Vec<&str>)> {
        self.writes().filter_map(|deed| match deed.link()? {
            (fleet, groups, false) => Some((deed, fleet, groups)),
            _ => None,
        })
    }

    /// When green was first attached.
    pub fn attached_at(&self) -> Option<Millis> {
        let attaches = |deed: &&Deed| matches!(deed.link(), Some((GREEN, _, true)));
        self.writes().find(attaches).map(|deed| deed.at)
    }

    /// The last reading that a write rests on: by the same invocation, under its lease, and answered.
    pub fn reading(&self, write: &Deed, of: impl Fn(&Call) -> bool) -> Option<&Deed> {
        let leased = self.leased(write)?;
        let before = self.deeds.iter().rev().skip_while(|deed| deed.number != write.number);
        before
            .take_while(|deed| deed.by != write.by || deed.number > leased)
            .find(|deed| deed.by == write.by && deed.outcome == Outcome::Read && deed.received && of(&deed.call))
    }

    /// The call by which a write's invocation took its lease: its first on the table that was done.
    fn leased(&self, write: &Deed) -> Option<usize> {
        let took = |seen: &&Seen| {
            let mine = seen.caller == write.by.0 && seen.invocation == write.by.1;
            mine && seen.operation == "UpdateItem" && seen.error.is_none() && seen.number < write.number
        };
        self.seen.iter().find(took).map(|seen| seen.number)
    }

    /// Whether a fault met such a call.
    pub fn struck(&self, of: impl Fn(&Seen) -> bool) -> bool {
        self.seen.iter().any(|seen| seen.fault.is_some() && of(seen))
    }

    /// The changes that were announced, by their numbers: stages, and at the end the status.
    pub fn announced(&self) -> BTreeMap<u64, String> {
        let details = self.world.announced().iter();
        let reports = details.filter_map(|event| serde_json::from_str::<Value>(&event.entry.detail).ok());
        let mine = reports.filter(|report| report["application"] == crate::stand::APPLICATION);
        let change = |report: Value| {
            let word = if report["next_check_seconds"] == 0 { &report["status"] } else { &report["stage"] };
            Some((report["sequence"].as_u64()?, word.as_str()?.to_owned()))
        };
        mine.filter_map(change).collect()
    }
}
