//! AWS.md 1, 7 and 8, and what may go wrong with calls.

use super::*;

fn groups_call(token: Option<&str>, filters: Vec<TagFilter>) -> Call {
    Call::DescribeAutoScalingGroups {
        names: vec![],
        filters,
        include_instances: None,
        next_token: token.map(str::to_owned),
        max_records: None,
    }
}

#[test]
fn paging_is_real() {
    let mut world = web().settings(|settings| settings.page_size = Some(1)).build();
    let Reply::AutoScalingGroups { groups, next_token } = ok(world.serve(&groups_call(None, vec![]))) else { panic!() };
    assert_eq!(groups[0].name, "web-1");
    let token = next_token.expect("more");
    let Reply::AutoScalingGroups { groups, next_token } = ok(world.serve(&groups_call(Some(&token), vec![]))) else {
        panic!()
    };
    assert_eq!((groups[0].name.as_str(), next_token), ("web-2", None));
    assert_eq!(refused(world.serve(&groups_call(Some("what"), vec![]))).code, "InvalidNextToken");
}

#[test]
fn fifty_names_at_most_unless_max_records_says_more() {
    let mut world = web().build();
    let call = |max_records| Call::DescribeAutoScalingGroups {
        names: (0..60).map(|n| format!("web-{n}")).collect(),
        filters: vec![],
        include_instances: None,
        next_token: None,
        max_records,
    };
    assert_eq!(refused(world.serve(&call(None))).code, "ValidationError");
    ok(world.serve(&call(Some(100))));
}

#[test]
fn fleets_are_found_by_tag() {
    let mut world = web().fleet(fleet("api-1").of("api")).fleet(fleet("none")).build();
    let by =
        |value: Option<&str>| vec![TagFilter { key: "cutover:application".into(), value: value.map(str::to_owned) }];
    let Reply::AutoScalingGroups { groups, .. } = ok(world.serve(&groups_call(None, by(None)))) else { panic!() };
    assert_eq!(groups.len(), 3);
    let Reply::AutoScalingGroups { groups, .. } = ok(world.serve(&groups_call(None, by(Some("api"))))) else {
        panic!()
    };
    assert_eq!(groups[0].name, "api-1");
}

#[test]
fn a_name_that_does_not_exist_is_absent_from_fleets_but_an_error_for_target_groups() {
    let mut world = web().build();
    let call = Call::DescribeAutoScalingGroups {
        names: vec!["gone".into()],
        filters: vec![],
        include_instances: None,
        next_token: None,
        max_records: None,
    };
    assert_eq!(ok(world.serve(&call)), Reply::AutoScalingGroups { groups: vec![], next_token: None });
    let call = Call::DescribeTargetGroups {
        names: vec!["web".into(), "gone".into()],
        arns: vec![],
        load_balancer_arn: None,
        marker: None,
        page_size: None,
    };
    assert_eq!(refused(world.serve(&call)).code, "TargetGroupNotFound");
}

#[test]
fn the_deregistration_delay_is_an_attribute() {
    let mut world = web().build();
    let call = Call::DescribeTargetGroupAttributes { target_group_arn: arn(&world, "web") };
    let Reply::TargetGroupAttributes { attributes } = ok(world.serve(&call)) else { panic!() };
    assert!(attributes.contains(&("deregistration_delay.timeout_seconds".into(), "30".into())));
}

#[test]
fn a_throttled_call_is_refused_so_often() {
    let rule = fault("Describe*", FaultKind::Throttled).when(When::First(2));
    let mut world = web().fault(rule).build();
    for _ in 0..2 {
        let error = refused(world.serve(&groups_call(None, vec![])));
        assert_eq!((error.code.as_str(), error.http_status), ("Throttling", 400));
    }
    ok(world.serve(&groups_call(None, vec![])));
}

#[test]
fn a_missing_permission_names_action_and_resource() {
    let mut world = web().fault(fault("AttachLoadBalancerTargetGroups", FaultKind::AccessDenied)).build();
    let fleet = world.fleet_arn("web-2").expect("exists").to_owned();
    let error = refused(attach(&mut world, "web-2", "web"));
    let wanted =
        format!("is not authorized to perform: autoscaling:AttachLoadBalancerTargetGroups on resource: {fleet}");
    assert!(error.message.contains(&wanted), "{error}");
    assert_eq!(sources(&mut world, "web-2"), []);
}

#[test]
fn a_lost_answer_may_have_been_applied_or_not() {
    for (kind, applied, how) in [
        (FaultKind::TimedOut, false, LostHow::TimedOut),
        (FaultKind::TimedOutApplied, true, LostHow::TimedOut),
        (FaultKind::CutBefore, false, LostHow::ConnectionCut),
        (FaultKind::CutAfter, true, LostHow::ConnectionCut),
    ] {
        let mut world = web().fault(fault("Attach*", kind)).build();
        assert_eq!(attach(&mut world, "web-2", "web"), Served::Lost { applied, how });
        assert_eq!(sources(&mut world, "web-2").len(), usize::from(applied));
        let write = world.writes().next().expect("one write");
        assert_eq!((write.outcome == Outcome::Applied, write.answered), (applied, false));
    }
}

#[test]
fn a_fault_meets_only_whom_it_names_and_when() {
    let rule = fault("Describe*", FaultKind::Internal).on("web");
    let mut world = web().fault(rule).build();
    ok(world.serve(&groups_call(None, vec![])));
    let call = Call::DescribeTargetHealth { target_group_arn: arn(&world, "web"), targets: vec![] };
    assert_eq!(refused(world.serve(&call)).http_status, 500);
    world.clear_faults();
    let (from, to) = (world.now() + 10_000, world.now() + 20_000);
    world.add_fault(fault("*", FaultKind::Throttled).when(When::Between(from, to)));
    ok(world.serve(&call));
    world.advance(10);
    refused(world.serve(&call));
    world.advance(10);
    ok(world.serve(&call));
}

#[test]
fn a_stale_read_shows_sizes_and_attachments_as_they_were_but_never_older_than_set() {
    let mut world = web().fault(fault("Describe*", FaultKind::Stale(5_000))).build();
    ok(attach(&mut world, "web-2", "web"));
    ok(update(&mut world, "web-2", 3));
    world.advance(2);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        seen.insert((sources(&mut world, "web-2").len(), describe(&mut world, "web-2").min_size));
    }
    assert!(seen.contains(&(0, 1)) && seen.contains(&(1, 3)), "{seen:?}");
    world.advance(6);
    for _ in 0..50 {
        assert_eq!((sources(&mut world, "web-2").len(), describe(&mut world, "web-2").min_size), (1, 3));
    }
}

#[test]
fn a_partial_reply_leaves_some_out_without_a_word() {
    let mut world = web().fault(fault("DescribeTargetHealth", FaultKind::Partial)).build();
    assert_eq!(targets(&mut world, "web").len(), 1);
}

#[test]
fn announcements_are_kept_and_a_partial_failure_says_which_were_not_accepted() {
    let entry = |detail: &str| PutEventsEntry {
        bus: None,
        source: "cutover".into(),
        detail_type: "Release State Change".into(),
        detail: detail.into(),
        resources: vec![],
        time: None,
    };
    let mut world = web().fault(fault("PutEvents", FaultKind::Partial).when(When::First(1))).build();
    let call = Call::PutEvents { entries: vec![entry("{\"n\":1}"), entry("{\"n\":2}")] };
    let Reply::PutEvents { entries } = ok(world.serve(&call)) else { panic!() };
    assert!(entries[0].event_id.is_some() && entries[1].error_code.as_deref() == Some("InternalFailure"));
    ok(world.serve(&call));
    assert_eq!(world.announced().len(), 3);
    assert_eq!(world.writes().count(), 0, "an announcement is no write to a fleet");
}

#[test]
fn every_write_is_on_the_log_with_its_caller() {
    let mut world = web().build();
    let call =
        Call::UpdateAutoScalingGroup { asg: "web-2".into(), min_size: Some(3), desired_capacity: None, max_size: None };
    ok(world.serve_as("request-7", &call));
    let write = world.writes().next().expect("one");
    assert_eq!((write.caller.as_str(), &write.outcome), ("request-7", &Outcome::Applied));
    assert_eq!(world.floors().last().map(|floor| (floor.min, floor.by.as_str())), Some((3, "request-7")));
}

#[test]
fn the_same_seed_is_the_same_run() {
    let run = |seed| {
        let rule = fault("*", FaultKind::Throttled).when(When::Chance(0.5));
        let mut world = web().seed(seed).fault(rule).build();
        (0..64).map(|_| matches!(world.serve(&groups_call(None, vec![])), Served::Ok(_))).collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}
