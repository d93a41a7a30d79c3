//! The write port over the world.

use super::invocation::{Failed, Ports};
use crate::api::{Call, LostHow, TrafficSource};
use cutover::act::{WriteError, Writes};
use cutover::release::{FleetName, Style, TargetGroupArn};

/// Target groups that a call may name.
const TEN: usize = 10;

impl Ports {
    async fn write(&self, call: Call) -> Result<(), WriteError> {
        let operation = call.operation();
        match self.call(&call).await {
            Ok(_) => Ok(()),
            // A pending update is AWS's refusal although its status is 500; any other 5xx leaves it open.
            Err(Failed::Answered(error)) if error.http_status >= 500 && error.code != "ResourceContention" => {
                Err(WriteError::Lost(format!("{operation}: {error}")))
            }
            Err(Failed::Answered(error)) => Err(WriteError::Refused(format!("{operation}: {error}"))),
            Err(Failed::Unanswered(LostHow::TimedOut)) => Err(WriteError::Lost(format!("{operation} timed out"))),
            Err(Failed::Unanswered(LostHow::ConnectionCut)) => {
                Err(WriteError::Lost(format!("{operation}: the connection was cut")))
            }
        }
    }

    async fn write_groups(
        &self,
        groups: &[TargetGroupArn],
        call: impl Fn(Vec<String>) -> Call,
    ) -> Result<(), WriteError> {
        for (nth, some) in groups.chunks(TEN).enumerate() {
            let written = self.write(call(some.iter().map(ToString::to_string).collect())).await;
            written.map_err(|error| match error {
                // What went before was applied, so "nothing was done" would be wrong.
                WriteError::Refused(why) if nth > 0 => WriteError::Lost(why),
                error => error,
            })?;
        }
        Ok(())
    }
}

fn sources(groups: Vec<String>) -> Vec<TrafficSource> {
    groups.into_iter().map(|identifier| TrafficSource { identifier, kind: Some("elbv2".to_owned()) }).collect()
}

impl Writes for Ports {
    async fn attach(&self, fleet: &FleetName, style: Style, groups: &[TargetGroupArn]) -> Result<(), WriteError> {
        let asg = fleet.to_string();
        self.write_groups(groups, |arns| match style {
            Style::TargetGroups => Call::AttachLoadBalancerTargetGroups { asg: asg.clone(), target_group_arns: arns },
            Style::TrafficSources => Call::AttachTrafficSources {
                asg: asg.clone(),
                traffic_sources: sources(arns),
                skip_zonal_shift_validation: None,
            },
        })
        .await
    }

    async fn detach(&self, fleet: &FleetName, style: Style, groups: &[TargetGroupArn]) -> Result<(), WriteError> {
        let asg = fleet.to_string();
        self.write_groups(groups, |arns| match style {
            Style::TargetGroups => Call::DetachLoadBalancerTargetGroups { asg: asg.clone(), target_group_arns: arns },
            Style::TrafficSources => Call::DetachTrafficSources { asg: asg.clone(), traffic_sources: sources(arns) },
        })
        .await
    }

    async fn set_min_size(&self, fleet: &FleetName, min: u32) -> Result<(), WriteError> {
        let min_size = i32::try_from(min).ok();
        self.write(Call::UpdateAutoScalingGroup {
            asg: fleet.to_string(),
            min_size,
            desired_capacity: None,
            max_size: None,
        })
        .await
    }

    async fn resize(&self, fleet: &FleetName, min: u32, desired: u32) -> Result<(), WriteError> {
        self.write(Call::UpdateAutoScalingGroup {
            asg: fleet.to_string(),
            min_size: i32::try_from(min).ok(),
            desired_capacity: i32::try_from(desired).ok(),
            max_size: None,
        })
        .await
    }
}
