//! **one-release**: whoever writes holds the lease, and has looked since anybody else wrote.

use super::{Judge, Look, Violation};
use crate::play::Going;
use crate::watch::Write;
use simulated_aws::api::Millis;

impl Judge {
    /// No write rests on a look that is older than another invocation's write.
    pub(super) fn one_at_a_time(&mut self, app: usize, write: &Write, look: &Look<'_>) -> Result<(), Violation> {
        let Some(since) = look.since else {
            let what = format!("it rests on no reading of its fleet: {:?}", write.call);
            return Err(Violation::new("unknown-never-promotes", what));
        };
        let between = |(at, by, of): &&(Millis, u64, usize)| *of == app && *by != write.by && *at > since;
        match self.writes.iter().rev().take(32).find(between) {
            Some((at, by, _)) => Err(Violation::new(
                "one-release",
                format!(
                    "request-{} wrote at {} by a look of {since}, but request-{by} wrote at {at}",
                    write.by, write.at
                ),
            )),
            None => Ok(()),
        }
    }
}

/// Whoever writes holds the lease of the fleet's application, taken by this very invocation.
pub(super) fn held(write: &Write, by: Option<&Going>) -> Result<(), Violation> {
    let Some(going) = by else { return Ok(()) };
    let mine = format!("{} {} ", going.ports.request_id(), going.ports.process());
    let lease = write.lease.as_ref();
    if lease.is_some_and(|(owner, until)| owner.starts_with(&mine) && *until >= write.at) {
        return Ok(());
    }
    let what = format!("request-{} wrote at {} under the lease of {lease:?}: {:?}", write.by, write.at, write.call);
    Err(Violation::new("one-release", what))
}
