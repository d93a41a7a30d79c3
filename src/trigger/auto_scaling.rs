//! The trigger stage: what Auto Scaling itself tells, by EventBridge or by SNS.
//!
//! One such event comes for each instance, and only those about launches can mean a new fleet. They are best effort:
//! what gets lost, the sweep finds.

use super::Refusal;
use super::request::{Cause, FleetKnock, Request};
use crate::error::shown_text;
use crate::release::{FleetArn, FleetName};
use serde::{Deserialize, Serialize};

/// What all of Auto Scaling's EventBridge events have in common, as far as it matters here.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FleetDetail {
    auto_scaling_group_name: Option<String>,
}

/// Reads an event of the source `aws.autoscaling`.
pub(super) fn event(detail_type: &str, resources: &[String], detail: FleetDetail) -> Result<Request, Refusal> {
    let cause = match detail_type {
        "EC2 Instance Launch Successful" => Cause::Launched,
        "EC2 Instance Launch Unsuccessful" => Cause::LaunchFailed,
        "EC2 Instance-launch Lifecycle Action" => Cause::Launching,
        other => return Ok(super::ignored(format!("{} says nothing of a launch", shown_text(other)))),
    };
    let arn = resources.iter().find_map(|resource| FleetArn::parse(resource).ok());
    knock("detail.AutoScalingGroupName", detail.auto_scaling_group_name, arn, cause)
}

/// What Auto Scaling publishes to an SNS topic: notifications of launches, and what its lifecycle hooks send.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Notification {
    #[serde(rename = "AutoScalingGroupARN")]
    auto_scaling_group_arn: Option<String>,
    auto_scaling_group_name: Option<String>,
    event: Option<String>,
    lifecycle_transition: Option<String>,
}

/// Reads a notification.
pub(super) fn notification(message: Notification) -> Result<Request, Refusal> {
    let what = message.event.or(message.lifecycle_transition);
    let cause = match what.as_deref() {
        Some("autoscaling:EC2_INSTANCE_LAUNCH") => Cause::Launched,
        Some("autoscaling:EC2_INSTANCE_LAUNCH_ERROR") => Cause::LaunchFailed,
        Some("autoscaling:EC2_INSTANCE_LAUNCHING") => Cause::Launching,
        Some("autoscaling:TEST_NOTIFICATION") => {
            return Ok(super::ignored("a test notification, which Auto Scaling sends when a topic is set up"));
        }
        other => {
            let shown = shown_text(other.unwrap_or_default());
            return Ok(super::ignored(format!("the notification {shown} says nothing of a launch")));
        }
    };
    let arn = message.auto_scaling_group_arn.and_then(|arn| FleetArn::parse(&arn).ok());
    knock("Records[0].Sns.Message.AutoScalingGroupName", message.auto_scaling_group_name, arn, cause)
}

fn knock(path: &str, name: Option<String>, arn: Option<FleetArn>, cause: Cause) -> Result<Request, Refusal> {
    Ok(Request::Fleets(vec![FleetKnock { fleet: fleet(path, name)?, arn, cause }]))
}

/// A fleet's name at a place in an event where it has to be.
pub(super) fn fleet(path: &str, name: Option<String>) -> Result<FleetName, Refusal> {
    super::name(path, name, FleetName::parse)
}
