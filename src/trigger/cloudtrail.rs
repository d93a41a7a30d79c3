//! The trigger stage: Auto Scaling's API calls as CloudTrail reports them.
//!
//! There is no event "fleet created": a fleet without instances, and a tag that is set later, are only seen here.

use super::Refusal;
use super::auto_scaling::fleet;
use super::request::{Cause, FleetKnock, Request};
use crate::error::shown_text;
use crate::release::policy::is_cutover_tag;
use serde::{Deserialize, Serialize};

/// What CloudTrail says of a call, as far as it matters here.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallDetail {
    event_name: Option<String>,
    error_code: Option<String>,
    request_parameters: Option<Parameters>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    auto_scaling_group_name: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tag {
    resource_id: Option<String>,
    resource_type: Option<String>,
    key: Option<String>,
}

/// Reads an "AWS API Call via CloudTrail" of the source `aws.autoscaling`.
pub(super) fn event(call: CallDetail) -> Result<Request, Refusal> {
    let name = call.event_name.unwrap_or_default();
    if !matches!(name.as_str(), "CreateAutoScalingGroup" | "CreateOrUpdateTags") {
        let shown = shown_text(&name);
        return Ok(super::ignored(format!("the call {shown} neither creates nor tags a fleet")));
    }
    if let Some(code) = call.error_code {
        let shown = shown_text(&code);
        return Ok(super::ignored(format!("the call {name} failed with {shown}: it changed nothing")));
    }
    let parameters = call.request_parameters.unwrap_or_default();
    if name == "CreateAutoScalingGroup" {
        let path = "detail.requestParameters.autoScalingGroupName";
        let fleet = fleet(path, parameters.auto_scaling_group_name)?;
        return Ok(Request::Fleets(vec![FleetKnock { fleet, arn: None, cause: Cause::Created }]));
    }
    tagged(parameters.tags.unwrap_or_default())
}

/// One call may tag several fleets, each with several tags.
fn tagged(tags: Vec<Tag>) -> Result<Request, Refusal> {
    let mut knocks: Vec<FleetKnock> = Vec::new();
    for (index, tag) in tags.into_iter().enumerate() {
        // Fleets are the only resource that Auto Scaling tags today.
        let a_fleet = tag.resource_type.as_deref().is_none_or(|kind| kind == "auto-scaling-group");
        if a_fleet && tag.key.as_deref().is_some_and(is_cutover_tag) {
            let fleet = fleet(&format!("detail.requestParameters.tags[{index}].resourceId"), tag.resource_id)?;
            if knocks.iter().all(|knock| knock.fleet != fleet) {
                knocks.push(FleetKnock { fleet, arn: None, cause: Cause::Tagged });
            }
        }
    }
    if knocks.is_empty() {
        return Ok(super::ignored("the call CreateOrUpdateTags set no tag of Cutover's on a fleet"));
    }
    Ok(Request::Fleets(knocks))
}
