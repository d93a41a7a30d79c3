//! AWS: the only code that names an SDK.
//!
//! [`Aws`] implements all ports (the record's by [`ledger`]); one method of a port is one operation of AWS's, in the file of its service. Replies
//! are parsed here, once, into the nouns; errors become sentences here, in one place (`fault`).
//!
//! **Invariant:** a reply that can't be understood is an error that says so, never a default that looks like a fact;
//! a write is sent exactly once per call.

mod autoscaling;
mod batch;
mod clients;
mod clock;
mod cloudwatch;
mod elbv2;
mod fault;
pub mod ledger;
mod notify;
mod warm_up;

pub use clients::Clients;

use crate::act::{WriteError, Writes};
use crate::announce::Notify;
use crate::observe::Reads;
use crate::record::{Lease, Ledger, LedgerError, Past, Save};
use crate::release::{
    Alarm, AlarmMove, AlarmName, Application, ApplicationName, Attachments, Entry, Fleet, FleetArn, FleetName,
    GroupAttributes, LoadBalancer, Reading, Release, ReleaseId, Style, TargetGroup, TargetGroupArn, Targets, Timestamp,
};
use aws_smithy_types::DateTime;
use ledger::Table;
use std::collections::BTreeSet;

/// AWS, as Cutover uses it: every read, every write, the event bus and the clock.
#[derive(Debug)]
pub struct Aws {
    clients: Clients,
    bus: Option<String>,
    record: Table,
}

impl Aws {
    /// Over these clients, with the record in `table` and announcements on `bus` (`None`: nothing is announced).
    pub fn new(clients: Clients, table: &str, bus: Option<String>) -> Self {
        let record = Table::new(clients.dynamodb.clone(), table);
        Self { clients, bus, record }
    }
}

impl Reads for Aws {
    async fn fleets(&self, names: &[FleetName]) -> Reading<Vec<Fleet>> {
        Ok(autoscaling::fleets(&self.clients.autoscaling, names).await?)
    }

    async fn tagged_fleets(&self, application: Option<&str>) -> Reading<Vec<Fleet>> {
        Ok(autoscaling::tagged_fleets(&self.clients.autoscaling, application).await?)
    }

    async fn attachments(&self, fleet: &FleetName) -> Reading<Attachments> {
        Ok(autoscaling::attachments(&self.clients.autoscaling, fleet).await?)
    }

    async fn classic_attachments(&self, fleet: &FleetName) -> Reading<BTreeSet<TargetGroupArn>> {
        Ok(autoscaling::classic_attachments(&self.clients.autoscaling, fleet).await?)
    }

    async fn refreshing(&self, fleet: &FleetName) -> Reading<bool> {
        Ok(autoscaling::refreshing(&self.clients.autoscaling, fleet).await?)
    }

    async fn target_groups(&self, arns: &[TargetGroupArn]) -> Reading<Vec<TargetGroup>> {
        Ok(elbv2::target_groups(&self.clients.elbv2, arns).await?)
    }

    async fn target_group_named(&self, name: &str) -> Reading<Option<TargetGroupArn>> {
        Ok(elbv2::target_group_named(&self.clients.elbv2, name).await?)
    }

    async fn group_attributes(&self, group: &TargetGroupArn) -> Reading<GroupAttributes> {
        Ok(elbv2::group_attributes(&self.clients.elbv2, group).await?)
    }

    async fn load_balancers(&self, arns: &[String]) -> Reading<Vec<LoadBalancer>> {
        Ok(elbv2::load_balancers(&self.clients.elbv2, arns).await?)
    }

    async fn target_health(&self, group: &TargetGroupArn) -> Reading<Option<Targets>> {
        Ok(elbv2::target_health(&self.clients.elbv2, group).await?)
    }

    async fn alarms(&self, names: &[AlarmName]) -> Reading<Vec<Alarm>> {
        Ok(cloudwatch::alarms(&self.clients.cloudwatch, names).await?)
    }

    async fn alarms_with_prefix(&self, prefix: &str) -> Reading<Vec<Alarm>> {
        Ok(cloudwatch::alarms_with_prefix(&self.clients.cloudwatch, prefix).await?)
    }

    async fn alarm_moves(&self, alarm: &AlarmName, since: Timestamp) -> Reading<Vec<AlarmMove>> {
        Ok(cloudwatch::alarm_moves(&self.clients.cloudwatch, alarm, since).await?)
    }
}

impl Writes for Aws {
    async fn attach(&self, fleet: &FleetName, style: Style, groups: &[TargetGroupArn]) -> Result<(), WriteError> {
        autoscaling::attach(&self.clients.autoscaling_writes, fleet, style, groups).await
    }

    async fn detach(&self, fleet: &FleetName, style: Style, groups: &[TargetGroupArn]) -> Result<(), WriteError> {
        autoscaling::detach(&self.clients.autoscaling_writes, fleet, style, groups).await
    }

    async fn set_min_size(&self, fleet: &FleetName, min: u32) -> Result<(), WriteError> {
        autoscaling::resize(&self.clients.autoscaling_writes, fleet, min, None).await
    }

    async fn resize(&self, fleet: &FleetName, min: u32, desired: u32) -> Result<(), WriteError> {
        autoscaling::resize(&self.clients.autoscaling_writes, fleet, min, Some(desired)).await
    }
}

impl Notify for Aws {
    async fn announce(&self, entries: &[Entry]) -> Vec<u64> {
        match &self.bus {
            Some(bus) => notify::announce(&self.clients.eventbridge, bus, entries).await,
            None => entries.iter().map(|entry| entry.sequence).collect(),
        }
    }
}

impl Ledger for Aws {
    async fn application(&self, name: &ApplicationName) -> Result<Option<Application>, LedgerError> {
        self.record.application(name).await
    }

    async fn in_flight(&self) -> Result<Vec<Application>, LedgerError> {
        self.record.in_flight().await
    }

    async fn applications(&self) -> Result<Vec<Application>, LedgerError> {
        self.record.applications().await
    }

    async fn take(&self, name: &ApplicationName, lease: &Lease) -> Result<Application, LedgerError> {
        self.record.take(name, lease).await
    }

    async fn save(&self, lease: &Lease, save: Save<'_>) -> Result<(), LedgerError> {
        self.record.save(lease, save).await
    }

    async fn give_back(&self, name: &ApplicationName, lease: &Lease) -> Result<(), LedgerError> {
        self.record.give_back(name, lease).await
    }

    async fn release(&self, id: &ReleaseId) -> Result<Option<Release>, LedgerError> {
        self.record.release(id).await
    }

    async fn by_token(&self, token: &str) -> Result<Option<ReleaseId>, LedgerError> {
        self.record.by_token(token).await
    }

    async fn pasts(&self, fleets: &[FleetArn]) -> Result<Vec<(FleetArn, Past)>, LedgerError> {
        self.record.pasts(fleets).await
    }

    async fn entries(
        &self,
        application: &ApplicationName,
        release: Option<&ReleaseId>,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        self.record.entries(application, release, limit).await
    }
}

/// A moment as the SDKs give it; `None` beyond what milliseconds can count.
fn moment(at: &DateTime) -> Option<Timestamp> {
    at.to_millis().ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests;
