//! **nothing-lost**: an intent is on record before it's carried out; beside others that means **one-release**: somebody
//! acts by a record that isn't his any more. **again-is-nothing**: what is so needs no write.

use super::record::Sentence;
use super::{Judge, Look, Violation, link};
use crate::watch::{Watch, Write};
use cutover::release::{Member, Release, Wanted};
use simulated_aws::api::{Call, Millis};

impl Judge {
    /// The record meant what is written, at the moment at which it was written.
    pub(super) fn intended(&self, write: &Write, release: &Release) -> Result<(), Violation> {
        let fleet = write.call.subjects().first().map(|name| (*name).to_owned()).unwrap_or_default();
        let Some(member) = release.members().find(|member| member.fleet.as_str() == fleet) else { return Ok(()) };
        if means(member, &write.call) {
            return Ok(());
        }
        let what = format!("it isn't on record that this is intended: {:?}", write.call);
        Err(Violation::new(if write.beside > 0 { "one-release" } else { "nothing-lost" }, what))
    }

    /// The words that an entry has for what is written.
    pub(super) fn sentence(&self, app: usize, call: &Call, watch: &Watch) -> Sentence {
        let fleet = call.subjects().first().copied().unwrap_or_default();
        match (link(call), call) {
            (Some((_, groups, attach)), _) => {
                let what = if attach { format!("attach {fleet} to") } else { format!("detach {fleet} from") };
                let names: Vec<String> = groups.iter().map(|group| self.name_of(app, group, watch)).collect();
                Sentence { begins: format!("{what} {}", names.join(", ")), ends: String::new() }
            }
            (None, Call::UpdateAutoScalingGroup { min_size, desired_capacity, .. }) => {
                let min = min_size.map(|min| format!(" to {min}")).unwrap_or_default();
                let desired =
                    desired_capacity.map(|to| format!(" and its desired capacity to {to}")).unwrap_or_default();
                Sentence { begins: format!("set MinSize of {fleet} "), ends: format!("{min}{desired}") }
            }
            _ => Sentence::default(),
        }
    }

    /// What Cutover has done, and a settled reading showed to be so, isn't done again.
    pub(super) fn needed(
        &mut self,
        app: usize,
        write: &Write,
        look: &Look<'_>,
        watch: &Watch,
    ) -> Result<(), Violation> {
        let shown = look.since.unwrap_or(write.at) - look.stale;
        let fleet = write.call.subjects().first().map(|name| (*name).to_owned()).unwrap_or_default();
        let before = self.done_before(app, write, &fleet, watch);
        let deleted = write.arn.as_ref().is_some_and(|arn| self.deleted.contains(arn));
        match before.filter(|at| write.done && write.idle && *at < shown) {
            // A deletion that has begun takes the sizes to zero: whoever writes the same then couldn't know.
            Some(at) if !self.made_anew_behind(&fleet, look) && !deleted => {
                let what = format!("done at {at}, shown by the reading of {shown}, and done again: {:?}", write.call);
                Err(Violation::new("again-is-nothing", what))
            }
            _ => Ok(()),
        }
    }

    /// When Cutover did the very same last, if nobody has done anything else about it since. Notes what it does now.
    fn done_before(&mut self, app: usize, write: &Write, fleet: &str, watch: &Watch) -> Option<Millis> {
        let Some((_, groups, attach)) = link(&write.call) else {
            if matches!(write.call, Call::UpdateAutoScalingGroup { desired_capacity: Some(_), .. }) {
                return None;
            }
            let last = watch.world.floors().iter().rfind(|change| change.fleet == fleet && change.at < write.at)?;
            return (last.by == "cutover").then_some(last.at);
        };
        let names: Vec<String> = groups.iter().map(|group| self.name_of(app, group, watch)).collect();
        let mut times = Vec::new();
        for key in names.into_iter().map(|group| (fleet.to_owned(), group)) {
            times.push(self.linked.get(&key).filter(|(attached, _)| *attached == attach).map(|(_, at)| *at));
            if write.done {
                self.linked.insert(key, (attach, write.at));
            }
        }
        times.into_iter().collect::<Option<Vec<Millis>>>()?.into_iter().max()
    }
}

/// Whether a member's record says so.
fn means(member: &Member, call: &Call) -> bool {
    let wanted = |groups: &[&str], wanted| {
        let link = |group: &&str| member.links.iter().find(|(arn, _)| arn.as_str() == *group);
        groups.iter().all(|group| link(group).is_some_and(|(_, link)| link.wanted == wanted))
    };
    match (link(call), call) {
        (Some((_, groups, true)), _) => wanted(&groups, Wanted::On),
        (Some((_, groups, false)), _) => wanted(&groups, Wanted::Off),
        (None, Call::UpdateAutoScalingGroup { min_size: Some(min), desired_capacity: None, .. }) => {
            let min = u32::try_from(*min).unwrap_or(0);
            member.floor.is_some_and(|floor| if floor.releasing { floor.original == min } else { floor.written == min })
        }
        _ => true,
    }
}
