//! The act stage's port: the four writes that Cutover ever makes to AWS.
//!
//! Implemented by `aws` and by the simulated AWS. Each method has its right among the write
//! statements of template.yaml; attach and detach have two, one for each API pair.

use crate::release::{FleetName, Style, TargetGroupArn};
use thiserror::Error;

/// Why a write has no good answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WriteError {
    /// AWS answered that it did nothing (a validation error, no permission, contention, throttled).
    #[error("{0}")]
    Refused(String),
    /// There was no answer, or one that leaves it open (a timeout, a cut connection, a 5xx): it may have been applied.
    #[error("{0}")]
    Lost(String),
}

/// What can be done to AWS. A write is sent once per call, never repeated in here: whether to send it again is decided
/// from a settled reading. Each is additive or absolute, so that applying it twice is applying it once.
#[expect(async_fn_in_trait, reason = "implemented in this workspace only; callers see concrete types")]
pub trait Writes {
    /// Attaches a fleet to target groups (AttachLoadBalancerTargetGroups or AttachTrafficSources): at most 10,
    /// AWS's most in one call.
    async fn attach(&self, fleet: &FleetName, style: Style, groups: &[TargetGroupArn]) -> Result<(), WriteError>;

    /// Detaches a fleet from target groups (DetachLoadBalancerTargetGroups or DetachTrafficSources): at most 10,
    /// AWS's most in one call.
    async fn detach(&self, fleet: &FleetName, style: Style, groups: &[TargetGroupArn]) -> Result<(), WriteError>;

    /// Writes MinSize (UpdateAutoScalingGroup); Auto Scaling lifts a smaller desired capacity to it by itself.
    async fn set_min_size(&self, fleet: &FleetName, min: u32) -> Result<(), WriteError>;

    /// Writes MinSize and desired capacity: retiring a fleet to zero, or giving it its recorded sizes back
    /// (UpdateAutoScalingGroup).
    async fn resize(&self, fleet: &FleetName, min: u32, desired: u32) -> Result<(), WriteError>;
}
