//! The record: what a save says about fleets and tokens, for whichever ledger keeps it.

use super::{Past, Save};
use crate::release::{FleetArn, Origin, ReleaseId, Status};
use std::collections::BTreeMap;

impl<'a> Save<'a> {
    /// What is known from now on of each fleet that one of its releases names; of several the last counts. A rejection is
    /// about green: blue serves, and is no new version because one beside it was rejected.
    pub fn pasts(&self) -> BTreeMap<&'a FleetArn, Past> {
        let mut pasts = BTreeMap::new();
        for release in self.releases {
            let rejected = release.ended() && release.status == Status::Rejected;
            for member in release.members() {
                let green = member.arn == release.green.arn;
                let rejected_with = (rejected && green).then(|| member.tags.clone());
                pasts.insert(&member.arn, Past { release: release.id.clone(), rejected_with });
            }
        }
        pasts
    }

    /// The client tokens that it puts on record: those of its releases, and of what runs or waits as far as one of
    /// its entries is about it. A token that comes with neither was recorded before.
    pub fn tokens(&self) -> BTreeMap<&'a str, &'a ReleaseId> {
        let running = self.application.running.iter().map(|release| (&release.id, &release.origin));
        let waiting = self.application.queue.iter().map(|pending| (&pending.id, &pending.origin));
        let told = running.chain(waiting).filter(|(id, _)| self.entries.iter().any(|entry| entry.release == **id));
        let kept = self.releases.iter().map(|release| (&release.id, &release.origin));
        let token = |(id, origin): (&'a ReleaseId, &'a Origin)| Some((origin.client_token.as_deref()?, id));
        told.chain(kept).filter_map(token).collect()
    }
}
