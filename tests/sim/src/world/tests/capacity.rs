//! AWS.md 2 and 4.

use super::*;

#[test]
fn a_new_fleet_launches_and_comes_into_service_after_a_while() {
    let mut world = web().build();
    world.hand(Hand::CreateFleet(Box::new(fleet("web-3").desired(3).launch_seconds(40))));
    assert_eq!(describe(&mut world, "web-3").instances[0].lifecycle_state, LifecycleState::Pending);
    world.advance(39);
    assert!(world.in_service("web-3").is_empty());
    world.advance(1);
    assert_eq!(world.in_service("web-3").len(), 3);
}

#[test]
fn a_min_size_above_the_desired_capacity_lifts_it_and_lowering_it_leaves_it_lifted() {
    let mut world = web().build();
    ok(update(&mut world, "web-2", 5));
    assert_eq!(world.sizes("web-2"), Some((5, 5, 6)));
    world.advance(30);
    assert_eq!(world.in_service("web-2").len(), 5);
    ok(update(&mut world, "web-2", 1));
    assert_eq!(world.sizes("web-2"), Some((1, 5, 6)));
}

#[test]
fn a_min_size_above_the_max_size_is_refused() {
    let mut world = web().build();
    assert_eq!(refused(update(&mut world, "web-2", 7)).code, "ValidationError");
    assert_eq!(world.sizes("web-2"), Some((1, 3, 6)));
}

#[test]
fn a_max_size_below_the_desired_capacity_lowers_it() {
    let mut world = web().build();
    world.hand(Hand::Resize("web-2".into(), None, None, Some(2)));
    assert_eq!(world.sizes("web-2"), Some((1, 2, 2)));
}

#[test]
fn a_desired_capacity_outside_of_the_sizes_is_refused() {
    let mut world = web().build();
    let call =
        Call::UpdateAutoScalingGroup { asg: "web-2".into(), min_size: None, desired_capacity: Some(9), max_size: None };
    let error = refused(world.serve(&call));
    assert_eq!(error.message, "Desired capacity:9 must be between the specified min size:1 and max size:6");
}

#[test]
fn a_dead_instance_is_replaced_and_its_replacement_registered() {
    let mut world = web().build();
    world.hand(Hand::Kill("web-1".into(), 1));
    assert_eq!(world.healthy("web")["web-1"], 2, "dead is dead at once");
    world.advance(31);
    assert_eq!(describe(&mut world, "web-1").instances.len(), 4, "one ends, one comes");
    world.advance(120);
    assert_eq!(world.healthy("web")["web-1"], 3);
    assert_eq!(describe(&mut world, "web-1").instances.len(), 3);
}

#[test]
fn with_elb_checks_an_unhealthy_instance_is_replaced_once_the_attachment_is_in_service() {
    let mut world = web().fleet(fleet("weak").desired(2).elb_health(0).health(Health::until_traffic(30))).build();
    ok(attach(&mut world, "weak", "web"));
    world.hand(Hand::Requests("web".into(), 10.0));
    let before = world.in_service("weak");
    world.advance(120);
    assert!(world.in_service("weak").iter().all(|id| !before.contains(id)));
}

#[test]
fn a_fleet_of_which_none_ever_passes_just_sits_there() {
    let mut world = web().fleet(fleet("bad").desired(2).elb_health(0).health(Health::never())).build();
    ok(attach(&mut world, "bad", "web"));
    let before = world.in_service("bad");
    world.advance(3_600);
    assert_eq!(world.in_service("bad"), before);
}

#[test]
fn a_new_instance_has_its_grace_before_it_is_replaced() {
    let mut world = web().build();
    let spec = fleet("weak").desired(1).elb_health(300).attached_to("web").health(Health::until_traffic(5));
    world.hand(Hand::Requests("web".into(), 10.0));
    world.hand(Hand::CreateFleet(Box::new(spec)));
    world.advance(40);
    let first = world.in_service("weak");
    world.advance(200);
    assert_eq!(world.in_service("weak"), first, "unhealthy, but in its grace");
    world.advance(120);
    assert_ne!(world.in_service("weak"), first);
}

#[test]
fn with_replace_unhealthy_suspended_the_marked_one_goes_when_it_is_resumed() {
    let mut world = web().build();
    world.hand(Hand::Suspend("web-1".into(), "ReplaceUnhealthy".into()));
    world.hand(Hand::Kill("web-1".into(), 1));
    world.advance(600);
    let shown = describe(&mut world, "web-1");
    assert_eq!(shown.instances.iter().filter(|one| one.health_status == "Unhealthy").count(), 1);
    assert_eq!(shown.suspended_processes[0].name, "ReplaceUnhealthy");
    world.hand(Hand::Resume("web-1".into(), "ReplaceUnhealthy".into()));
    world.advance(120);
    assert_eq!(world.healthy("web")["web-1"], 3);
}

#[test]
fn with_add_to_load_balancer_suspended_launched_instances_are_not_registered_and_resuming_adds_none() {
    let mut world = web().build();
    world.hand(Hand::Suspend("web-1".into(), "AddToLoadBalancer".into()));
    world.hand(Hand::Scale("web-1".into(), 5));
    world.advance(120);
    assert_eq!(world.in_service("web-1").len(), 5);
    assert_eq!(world.healthy("web")["web-1"], 3);
    world.hand(Hand::Resume("web-1".into(), "AddToLoadBalancer".into()));
    world.advance(120);
    assert_eq!(world.healthy("web")["web-1"], 3);
}

#[test]
fn with_launch_suspended_nothing_launches() {
    let mut world = web().build();
    world.hand(Hand::Suspend("web-1".into(), "Launch".into()));
    world.hand(Hand::Scale("web-1".into(), 5));
    world.advance(600);
    assert_eq!(world.in_service("web-1").len(), 3);
}

#[test]
fn scale_in_drains_before_it_ends_an_instance() {
    let mut world = web().build();
    world.hand(Hand::Scale("web-1".into(), 1));
    assert_eq!(states(&mut world, "web", TargetState::Draining), 2);
    assert_eq!(describe(&mut world, "web-1").instances.len(), 3);
    world.advance(45);
    assert_eq!(describe(&mut world, "web-1").instances.len(), 1);
}

#[test]
fn scheduled_actions_rewrite_sizes_unless_suspended() {
    let mut world = web().build();
    world.after(60, Hand::ScheduledAction("web-1".into(), Some(2), Some(4), Some(8)));
    world.advance(61);
    assert_eq!(world.sizes("web-1"), Some((2, 4, 8)));
    assert_eq!(world.floors().last().map(|floor| (floor.min, floor.by.as_str())), Some((2, "scheduled action")));
    world.hand(Hand::Suspend("web-1".into(), "ScheduledActions".into()));
    world.hand(Hand::ScheduledAction("web-1".into(), Some(1), None, None));
    assert_eq!(world.sizes("web-1"), Some((2, 4, 8)));
}

#[test]
fn failing_launches_are_announced_and_tried_again() {
    let mut world = web().build();
    let mut spec = fleet("web-3").desired(2);
    spec.behaviour.launch_failures_first = 1;
    world.hand(Hand::CreateFleet(Box::new(spec)));
    world.advance(60);
    assert!(world.in_service("web-3").is_empty());
    assert_eq!(world.take_deliveries()[0].kind, DeliveryKind::LaunchUnsuccessful);
    world.advance(60);
    assert_eq!(world.in_service("web-3").len(), 2);
}

#[test]
fn a_deleted_fleet_is_shown_as_being_deleted_and_then_gone_and_a_name_used_again_has_a_new_arn() {
    let mut world = web().build();
    let old = describe(&mut world, "web-1").arn;
    world.hand(Hand::DeleteFleet("web-1".into()));
    assert_eq!(describe(&mut world, "web-1").status.as_deref(), Some("Delete in progress"));
    assert!(refused(attach(&mut world, "web-1", "web")).message.contains("pending delete"));
    world.advance(60);
    assert!(world.fleet_arn("web-1").is_none());
    world.hand(Hand::CreateFleet(Box::new(fleet("web-1"))));
    assert_ne!(describe(&mut world, "web-1").arn, old);
}

#[test]
fn a_weighted_fleet_counts_capacity_in_units() {
    let mut world = web().fleet(fleet("heavy").sizes(2, 4, 8).weighted(2)).build();
    let shown = describe(&mut world, "heavy");
    assert_eq!(shown.instances.len(), 2);
    assert_eq!(shown.instances[0].weighted_capacity.as_deref(), Some("2"));
    assert!(shown.mixed_instances_policy.is_some() && shown.launch_template.is_none());
}

#[test]
fn an_instance_refresh_replaces_every_instance_and_ends() {
    let mut world = web().build();
    let before = world.in_service("web-1");
    world.hand(Hand::StartRefresh("web-1".into(), 400));
    world.advance(500);
    assert!(world.in_service("web-1").iter().all(|id| !before.contains(id)));
    assert_eq!(world.healthy("web")["web-1"], 3);
}
