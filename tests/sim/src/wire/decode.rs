//! From a request's parameters to the [`Call`] that the world serves.

use serde_json::Value;

use super::params::Params;
use crate::api::{
    AlarmType, ApiError, Call, HistoryItemType, PutEventsEntry, ScanBy, Service, StateValue, TagFilter, TrafficSource,
};

/// Reads one request.
///
/// # Errors
/// As the service words them: an unknown action, a wrong or a missing parameter.
pub fn call(service: Service, operation: &str, params: Value) -> Result<Call, ApiError> {
    let mut p = Params::of(params)?;
    let call = match service {
        Service::AutoScaling => autoscaling(operation, &mut p),
        Service::Elb => elb(operation, &mut p),
        Service::CloudWatch => cloudwatch(operation, &mut p),
        Service::EventBridge => events(operation, &mut p),
    }?;
    p.done()?;
    Ok(call)
}

fn unknown(operation: &str) -> ApiError {
    ApiError::new("InvalidAction", format!("Could not find operation {operation}"), 400)
}

fn autoscaling(operation: &str, p: &mut Params) -> Result<Call, ApiError> {
    if operation == "DescribeAutoScalingGroups" {
        return Ok(Call::DescribeAutoScalingGroups {
            names: p.texts("AutoScalingGroupNames")?,
            filters: filters(p)?,
            include_instances: p.bool("IncludeInstances")?,
            next_token: p.maybe_text("NextToken")?,
            max_records: p.int("MaxRecords")?,
        });
    }
    let asg = p.text("AutoScalingGroupName")?;
    Ok(match operation {
        "DescribeTrafficSources" => Call::DescribeTrafficSources {
            asg,
            traffic_source_type: p.maybe_text("TrafficSourceType")?,
            next_token: p.maybe_text("NextToken")?,
            max_records: p.int("MaxRecords")?,
        },
        "DescribeLoadBalancerTargetGroups" => Call::DescribeLoadBalancerTargetGroups {
            asg,
            next_token: p.maybe_text("NextToken")?,
            max_records: p.int("MaxRecords")?,
        },
        "DescribeInstanceRefreshes" => Call::DescribeInstanceRefreshes {
            asg,
            refresh_ids: p.texts("InstanceRefreshIds")?,
            next_token: p.maybe_text("NextToken")?,
            max_records: p.int("MaxRecords")?,
        },
        "AttachLoadBalancerTargetGroups" => {
            Call::AttachLoadBalancerTargetGroups { asg, target_group_arns: p.texts("TargetGroupARNs")? }
        }
        "DetachLoadBalancerTargetGroups" => {
            Call::DetachLoadBalancerTargetGroups { asg, target_group_arns: p.texts("TargetGroupARNs")? }
        }
        "AttachTrafficSources" => Call::AttachTrafficSources {
            asg,
            traffic_sources: traffic_sources(p)?,
            skip_zonal_shift_validation: p.bool("SkipZonalShiftValidation")?,
        },
        "DetachTrafficSources" => Call::DetachTrafficSources { asg, traffic_sources: traffic_sources(p)? },
        "UpdateAutoScalingGroup" => Call::UpdateAutoScalingGroup {
            asg,
            min_size: p.int("MinSize")?,
            desired_capacity: p.int("DesiredCapacity")?,
            max_size: p.int("MaxSize")?,
        },
        _ => return Err(unknown(operation)),
    })
}

fn filters(p: &mut Params) -> Result<Vec<TagFilter>, ApiError> {
    let mut all = Vec::new();
    for mut filter in p.structs("Filters")? {
        let name = filter.text("Name")?;
        let values = filter.texts("Values")?;
        filter.done()?;
        match (name.strip_prefix("tag:"), values.as_slice()) {
            (Some(key), [_, ..]) => {
                all.extend(values.into_iter().map(|value| TagFilter { key: key.to_owned(), value: Some(value) }));
            }
            (None, [key]) if name == "tag-key" => all.push(TagFilter { key: key.clone(), value: None }),
            _ => {
                return Err(ApiError::validation(format!(
                    "the simulated AWS knows the filters tag:KEY and tag-key with one value, not {name} with {values:?}"
                )));
            }
        }
    }
    Ok(all)
}

fn traffic_sources(p: &mut Params) -> Result<Vec<TrafficSource>, ApiError> {
    let one = |mut source: Params| {
        let read = TrafficSource { identifier: source.text("Identifier")?, kind: source.maybe_text("Type")? };
        source.done().map(|()| read)
    };
    p.structs("TrafficSources")?.into_iter().map(one).collect()
}

fn elb(operation: &str, p: &mut Params) -> Result<Call, ApiError> {
    Ok(match operation {
        "DescribeTargetGroups" => Call::DescribeTargetGroups {
            names: p.texts("Names")?,
            arns: p.texts("TargetGroupArns")?,
            load_balancer_arn: p.maybe_text("LoadBalancerArn")?,
            marker: p.maybe_text("Marker")?,
            page_size: p.int("PageSize")?,
        },
        "DescribeTargetGroupAttributes" => {
            Call::DescribeTargetGroupAttributes { target_group_arn: p.text("TargetGroupArn")? }
        }
        "DescribeTargetHealth" => Call::DescribeTargetHealth {
            target_group_arn: p.text("TargetGroupArn")?,
            targets: p.structs("Targets")?.into_iter().map(target).collect::<Result<_, _>>()?,
        },
        "DescribeLoadBalancers" => Call::DescribeLoadBalancers {
            arns: p.texts("LoadBalancerArns")?,
            names: p.texts("Names")?,
            marker: p.maybe_text("Marker")?,
            page_size: p.int("PageSize")?,
        },
        _ => return Err(unknown(operation)),
    })
}

/// By instance id alone: in the world each instance has one port in a group.
fn target(mut target: Params) -> Result<String, ApiError> {
    let id = target.text("Id")?;
    target.done().map(|()| id)
}

fn alarm_types(p: &mut Params) -> Result<Vec<AlarmType>, ApiError> {
    let parse = |word: String| {
        AlarmType::parse(&word).ok_or_else(|| ApiError::validation(format!("AlarmTypes: {word} is none of them")))
    };
    p.texts("AlarmTypes")?.into_iter().map(parse).collect()
}

fn cloudwatch(operation: &str, p: &mut Params) -> Result<Call, ApiError> {
    Ok(match operation {
        "DescribeAlarms" => Call::DescribeAlarms {
            names: p.texts("AlarmNames")?,
            prefix: p.maybe_text("AlarmNamePrefix")?,
            types: alarm_types(p)?,
            state_value: p.word("StateValue", StateValue::parse)?,
            next_token: p.maybe_text("NextToken")?,
            max_records: p.int("MaxRecords")?,
        },
        "DescribeAlarmHistory" => Call::DescribeAlarmHistory {
            name: p.maybe_text("AlarmName")?,
            types: alarm_types(p)?,
            item_type: p.word("HistoryItemType", HistoryItemType::parse)?,
            start: p.time("StartDate")?,
            end: p.time("EndDate")?,
            scan_by: p.word("ScanBy", ScanBy::parse)?,
            next_token: p.maybe_text("NextToken")?,
            max_records: p.int("MaxRecords")?,
        },
        _ => return Err(unknown(operation)),
    })
}

fn events(operation: &str, p: &mut Params) -> Result<Call, ApiError> {
    if operation != "PutEvents" {
        return Err(ApiError::new("UnknownOperationException", "", 400));
    }
    let entry = |mut entry: Params| {
        let read = PutEventsEntry {
            bus: entry.maybe_text("EventBusName")?,
            source: entry.text("Source")?,
            detail_type: entry.text("DetailType")?,
            detail: entry.text("Detail")?,
            resources: entry.texts("Resources")?,
            time: entry.time("Time")?,
        };
        entry.done().map(|()| read)
    };
    Ok(Call::PutEvents { entries: p.structs("Entries")?.into_iter().map(entry).collect::<Result<_, ApiError>>()? })
}
