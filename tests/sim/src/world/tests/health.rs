//! AWS.md 3.

use super::*;

#[test]
fn a_target_is_initial_then_healthy() {
    let mut world = web().build();
    ok(attach(&mut world, "web-2", "web"));
    let reasons: Vec<_> = targets(&mut world, "web").into_iter().filter_map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [TargetReason::RegistrationInProgress; 3]);
    world.advance(5);
    let reasons: Vec<_> = targets(&mut world, "web").into_iter().filter_map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [TargetReason::InitialHealthChecking; 3]);
    world.advance(10);
    assert_eq!(states(&mut world, "web", TargetState::Healthy), 6);
}

#[test]
fn a_target_that_never_passes_turns_unhealthy() {
    let mut world = web().build();
    world.hand(Hand::Health("web-2".into(), None, Health::never()));
    ok(attach(&mut world, "web-2", "web"));
    world.advance(60);
    assert_eq!(states(&mut world, "web", TargetState::Unhealthy), 3);
}

#[test]
fn a_flapping_target_goes_up_and_down() {
    let mut world = web().fleet(fleet("flaps").desired(1).health(Health::flapping(30, 15))).build();
    ok(attach(&mut world, "flaps", "web"));
    let mut seen = Vec::new();
    for _ in 0..20 {
        world.advance(5);
        seen.push(states(&mut world, "web", TargetState::Unhealthy));
    }
    assert!(seen.contains(&0) && seen.contains(&1), "{seen:?}");
}

#[test]
fn a_target_may_fail_only_under_traffic() {
    let mut world = web().fleet(fleet("weak").desired(1).health(Health::until_traffic(20))).build();
    ok(attach(&mut world, "weak", "web"));
    world.advance(300);
    assert_eq!(states(&mut world, "web", TargetState::Healthy), 4, "no traffic, no failure");
    world.hand(Hand::Requests("web".into(), 100.0));
    world.advance(21);
    assert_eq!(states(&mut world, "web", TargetState::Unhealthy), 1);
}

#[test]
fn health_may_differ_from_group_to_group() {
    let mut world = web()
        .group(target_group("api").on("web-lb"))
        .fleet(fleet("half").desired(1).attached_to("web").attached_to("api").health_in("api", Health::never()))
        .build();
    assert_eq!(states(&mut world, "web", TargetState::Healthy), 4);
    assert_eq!(states(&mut world, "api", TargetState::Unhealthy), 1);
}

#[test]
fn draining_lasts_the_whole_delay_even_when_idle() {
    let mut world = web().build();
    ok(detach(&mut world, "web-1", "web"));
    world.advance(29);
    assert_eq!(targets(&mut world, "web"), [(TargetState::Draining, Some(TargetReason::DeregistrationInProgress)); 3]);
    world.advance(1);
    assert_eq!(targets(&mut world, "web"), []);
}

#[test]
fn a_target_that_is_not_registered_is_unused_when_asked_for() {
    let mut world = web().build();
    let call = Call::DescribeTargetHealth { target_group_arn: arn(&world, "web"), targets: vec!["i-0abc".into()] };
    let Reply::TargetHealth { targets } = ok(world.serve(&call)) else { panic!("targets") };
    assert_eq!((targets[0].state, targets[0].reason), (TargetState::Unused, Some(TargetReason::NotRegistered)));
}

#[test]
fn without_a_listener_targets_are_unused_and_never_heal_by_waiting() {
    let mut world = web().group(target_group("spare")).build();
    ok(attach(&mut world, "web-2", "spare"));
    world.advance(3_600);
    assert_eq!(targets(&mut world, "spare"), [(TargetState::Unused, Some(TargetReason::NotInUse)); 3]);
    world.hand(Hand::Listen("spare".into(), "web-lb".into()));
    assert_eq!(states(&mut world, "spare", TargetState::Initial), 3);
    world.advance(10);
    assert_eq!(states(&mut world, "spare", TargetState::Healthy), 3);
}

#[test]
fn a_target_in_a_zone_that_is_not_enabled_is_unused() {
    let mut world = World::builder()
        .load_balancer_in("web-lb", &["eu-west-1a"])
        .group(target_group("web").on("web-lb"))
        .fleet(fleet("web-1").desired(2).attached_to("web"))
        .build();
    let shown = targets(&mut world, "web");
    assert_eq!(shown, [(TargetState::Healthy, None), (TargetState::Unused, Some(TargetReason::NotInUse))]);
    assert_eq!(world.healthy("web")["web-1"], 1, "and gets no traffic");
    world.hand(Hand::Zone("web-lb".into(), "eu-west-1b".into(), true));
    world.advance(10);
    assert_eq!(world.healthy("web")["web-1"], 2);
}

#[test]
fn with_health_checks_off_targets_are_unavailable() {
    let mut world = web().build();
    world.hand(Hand::HealthChecks("web".into(), false));
    assert_eq!(targets(&mut world, "web")[0], (TargetState::Unavailable, Some(TargetReason::HealthCheckDisabled)));
}

#[test]
fn a_network_load_balancer_shows_unhealthy_draining_first() {
    let mut world = World::builder()
        .network_load_balancer("net")
        .group(target_group("tcp").on("net").unhealthy_draining(30))
        .fleet(fleet("web-1").desired(1).attached_to("tcp"))
        .build();
    world.hand(Hand::Health("web-1".into(), None, Health::never()));
    assert_eq!(targets(&mut world, "tcp")[0].0, TargetState::UnhealthyDraining);
    world.advance(31);
    assert_eq!(targets(&mut world, "tcp")[0].0, TargetState::Unhealthy);
}

#[test]
fn target_health_may_be_asked_of_groups_that_exist_only() {
    let mut world = web().build();
    let call = Call::DescribeTargetHealth { target_group_arn: "arn:nothing".into(), targets: vec![] };
    assert_eq!(refused(world.serve(&call)).code, "TargetGroupNotFound");
}
