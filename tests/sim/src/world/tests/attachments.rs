//! AWS.md 1.

use super::*;

#[test]
fn an_attachment_goes_adding_added_and_with_elb_checks_in_service() {
    let mut world = World::builder()
        .load_balancer("web-lb")
        .group(target_group("web").on("web-lb"))
        .fleet(fleet("web-2").desired(2).elb_health(0))
        .build();
    ok(attach(&mut world, "web-2", "web"));
    assert_eq!(sources(&mut world, "web-2"), [AttachmentState::Adding]);
    world.advance(3);
    assert_eq!(sources(&mut world, "web-2"), [AttachmentState::Added]);
    world.advance(10);
    assert_eq!(sources(&mut world, "web-2"), [AttachmentState::InService]);
}

#[test]
fn without_elb_health_checks_added_is_the_end_state() {
    let mut world = web().build();
    ok(attach(&mut world, "web-2", "web"));
    world.advance(3_600);
    assert_eq!(states(&mut world, "web", TargetState::Healthy), 6);
    assert_eq!(sources(&mut world, "web-2"), [AttachmentState::Added]);
}

#[test]
fn what_is_attached_at_creation_is_in_service_at_once_whatever_its_health() {
    let mut world = web().build();
    let spec = fleet("web-3").desired(2).attached_to("web").health(Health::never());
    world.hand(Hand::CreateFleet(Box::new(spec)));
    assert_eq!(sources(&mut world, "web-3"), [AttachmentState::InService]);
}

#[test]
fn after_detaching_the_link_is_removing_while_it_drains_and_then_gone() {
    let mut world = web().build();
    ok(detach(&mut world, "web-1", "web"));
    assert_eq!(sources(&mut world, "web-1"), [AttachmentState::Removing]);
    world.advance(29);
    assert_eq!(sources(&mut world, "web-1"), [AttachmentState::Removing]);
    world.advance(2);
    assert_eq!(sources(&mut world, "web-1"), []);
    assert_eq!(describe(&mut world, "web-1").instances.len(), 3, "detaching leaves the instances running");
}

#[test]
fn the_old_pair_sees_and_detaches_only_what_it_attached() {
    let mut world = web().build();
    let traffic_sources = source(&world, "web");
    ok(world.serve(&Call::AttachTrafficSources {
        asg: "web-2".into(),
        traffic_sources,
        skip_zonal_shift_validation: None,
    }));
    world.advance(60);
    assert_eq!(old_sources(&mut world, "web-2"), []);
    assert_eq!(sources(&mut world, "web-2"), [AttachmentState::Added], "the new Describe shows all");
    assert_eq!(sources(&mut world, "web-1"), [AttachmentState::InService], "the old style too");
    assert_eq!(describe(&mut world, "web-2").target_group_arns, Vec::<String>::new());
    assert_eq!(describe(&mut world, "web-2").traffic_sources.len(), 1);
    let error = refused(detach(&mut world, "web-2", "web"));
    assert_eq!(error.code, "ValidationError");
    assert_eq!(states(&mut world, "web", TargetState::Healthy), 6);
}

#[test]
fn a_target_stays_registered_as_long_as_one_of_two_styles_holds_it() {
    let mut world = web().build();
    let traffic_sources = source(&world, "web");
    ok(world.serve(&Call::AttachTrafficSources {
        asg: "web-1".into(),
        traffic_sources,
        skip_zonal_shift_validation: None,
    }));
    ok(detach(&mut world, "web-1", "web"));
    world.advance(60);
    assert_eq!(states(&mut world, "web", TargetState::Healthy), 3);
}

#[test]
fn attach_is_additive_and_again_is_nothing() {
    let mut world = web().group(target_group("api").on("web-lb")).build();
    ok(attach(&mut world, "web-1", "api"));
    ok(attach(&mut world, "web-1", "api"));
    world.advance(60);
    assert_eq!(sources(&mut world, "web-1").len(), 2);
    let outcomes: Vec<&Outcome> = world.writes().map(|write| &write.outcome).collect();
    assert_eq!(outcomes, [&Outcome::Applied, &Outcome::Nothing]);
}

#[test]
fn an_instance_refresh_refuses_attach_but_not_detach() {
    let mut world = web().build();
    world.hand(Hand::StartRefresh("web-1".into(), 600));
    let call = Call::DescribeInstanceRefreshes {
        asg: "web-1".into(),
        refresh_ids: vec![],
        next_token: None,
        max_records: None,
    };
    let Reply::InstanceRefreshes { refreshes, .. } = ok(world.serve(&call)) else { panic!("refreshes") };
    assert_eq!(refreshes[0].status, RefreshStatus::InProgress);
    ok(detach(&mut world, "web-1", "web"));
    assert_eq!(refused(attach(&mut world, "web-1", "web")).code, "InstanceRefreshInProgress");
    world.advance(700);
    ok(attach(&mut world, "web-1", "web"));
}

#[test]
fn a_pending_update_refuses_the_next_write_with_resource_contention() {
    let mut world = web().settings(|settings| settings.contention = 5_000).build();
    ok(attach(&mut world, "web-2", "web"));
    let error = refused(detach(&mut world, "web-2", "web"));
    assert_eq!((error.code.as_str(), error.http_status), ("ResourceContention", 500));
    world.advance(5);
    ok(detach(&mut world, "web-2", "web"));
}

#[test]
fn ten_target_groups_a_call_and_only_of_type_instance() {
    let mut world = web().group(target_group("ips").on("web-lb").target_type("ip")).build();
    let target_group_arns = vec![arn(&world, "web"); 11];
    let error = refused(world.serve(&Call::AttachLoadBalancerTargetGroups { asg: "web-2".into(), target_group_arns }));
    assert!(error.message.contains("The limit is 10"), "{error}");
    assert!(refused(attach(&mut world, "web-2", "ips")).message.contains("may not be valid"));
}

#[test]
fn a_deleted_target_group_still_attached_makes_every_launch_fail() {
    let mut world = web().build();
    world.hand(Hand::DeleteGroup("web".into()));
    world.hand(Hand::Resize("web-1".into(), None, Some(4), None));
    world.advance(30);
    let failure = world.take_deliveries().remove(0);
    assert_eq!(failure.kind, DeliveryKind::LaunchUnsuccessful);
    assert!(failure.payload["detail"]["StatusMessage"].as_str().unwrap_or("").contains("target groups not found"));
    world.advance(600);
    assert_eq!(describe(&mut world, "web-1").instances.len(), 3);
}

#[test]
fn a_draining_fleet_may_be_attached_again_and_passes_its_checks_anew() {
    let mut world = web().build();
    ok(detach(&mut world, "web-1", "web"));
    world.advance(10);
    assert_eq!(states(&mut world, "web", TargetState::Draining), 3);
    ok(attach(&mut world, "web-1", "web"));
    assert_eq!(sources(&mut world, "web-1"), [AttachmentState::Adding]);
    assert_eq!(states(&mut world, "web", TargetState::Initial), 3);
    world.advance(60);
    assert_eq!(states(&mut world, "web", TargetState::Healthy), 3, "the old delay takes nothing away any more");
}

#[test]
fn a_fleet_that_does_not_exist_is_a_validation_error() {
    let mut world = web().build();
    let error = refused(attach(&mut world, "nobody", "web"));
    assert_eq!(error.message, "AutoScalingGroup name not found - AutoScalingGroup nobody not found");
}

#[test]
fn a_fleet_without_instances_attaches_and_detaches_too() {
    let mut world = web().fleet(fleet("empty").sizes(0, 0, 4)).build();
    ok(attach(&mut world, "empty", "web"));
    world.advance(5);
    assert_eq!(sources(&mut world, "empty"), [AttachmentState::Added]);
    ok(detach(&mut world, "empty", "web"));
    world.advance(5);
    assert_eq!(sources(&mut world, "empty"), []);
}
