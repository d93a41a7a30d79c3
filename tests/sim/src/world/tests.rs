//! Each test says one fact about AWS that the world keeps, and where AWS.md says it.

mod alarms;
mod attachments;
mod calls;
mod capacity;
mod deliveries;
mod health;
mod traffic;

use super::*;
use crate::api::*;

/// One load balancer, one group with a delay of 30 s, `web-1` of three attached for long, `web-2` of three not attached.
fn web() -> WorldBuilder {
    World::builder()
        .load_balancer("web-lb")
        .group(target_group("web").on("web-lb").delay(30))
        .fleet(fleet("web-1").desired(3).attached_to("web").of("web"))
        .fleet(fleet("web-2").desired(3).of("web").age(60))
}

fn arn(world: &World, group: &str) -> String {
    world.group_arn(group).expect("the group exists")
}

fn ok(served: Served) -> Reply {
    match served {
        Served::Ok(reply) => reply,
        other => panic!("expected an answer, got {other:?}"),
    }
}

fn refused(served: Served) -> ApiError {
    match served {
        Served::Err(error) => error,
        other => panic!("expected an error, got {other:?}"),
    }
}

fn attach(world: &mut World, asg: &str, group: &str) -> Served {
    let target_group_arns = vec![arn(world, group)];
    world.serve(&Call::AttachLoadBalancerTargetGroups { asg: asg.into(), target_group_arns })
}

fn detach(world: &mut World, asg: &str, group: &str) -> Served {
    let target_group_arns = vec![arn(world, group)];
    world.serve(&Call::DetachLoadBalancerTargetGroups { asg: asg.into(), target_group_arns })
}

fn source(world: &World, group: &str) -> Vec<TrafficSource> {
    vec![TrafficSource { identifier: arn(world, group), kind: Some("elbv2".into()) }]
}

fn sources(world: &mut World, asg: &str) -> Vec<AttachmentState> {
    let call = Call::DescribeTrafficSources {
        asg: asg.into(),
        traffic_source_type: None,
        next_token: None,
        max_records: None,
    };
    let Reply::TrafficSources { sources, .. } = ok(world.serve(&call)) else { panic!("traffic sources") };
    sources.into_iter().map(|source| source.state).collect()
}

fn old_sources(world: &mut World, asg: &str) -> Vec<AttachmentState> {
    let call = Call::DescribeLoadBalancerTargetGroups { asg: asg.into(), next_token: None, max_records: None };
    let Reply::LoadBalancerTargetGroups { groups, .. } = ok(world.serve(&call)) else { panic!("target groups") };
    groups.into_iter().map(|group| group.state).collect()
}

fn describe(world: &mut World, asg: &str) -> AutoScalingGroup {
    let call = Call::DescribeAutoScalingGroups {
        names: vec![asg.into()],
        filters: vec![],
        include_instances: None,
        next_token: None,
        max_records: None,
    };
    let Reply::AutoScalingGroups { mut groups, .. } = ok(world.serve(&call)) else { panic!("groups") };
    groups.remove(0)
}

fn targets(world: &mut World, group: &str) -> Vec<(TargetState, Option<TargetReason>)> {
    let call = Call::DescribeTargetHealth { target_group_arn: arn(world, group), targets: vec![] };
    let Reply::TargetHealth { targets } = ok(world.serve(&call)) else { panic!("targets") };
    targets.into_iter().map(|target| (target.state, target.reason)).collect()
}

fn states(world: &mut World, group: &str, state: TargetState) -> usize {
    targets(world, group).iter().filter(|(shown, _)| *shown == state).count()
}

fn update(world: &mut World, asg: &str, min_size: i32) -> Served {
    world.serve(&Call::UpdateAutoScalingGroup {
        asg: asg.into(),
        min_size: Some(min_size),
        desired_capacity: None,
        max_size: None,
    })
}
