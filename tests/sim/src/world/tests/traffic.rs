//! Requests that flow to healthy targets with each fleet's own error rate; AWS.md 3: fail-open, draining.

use super::*;

fn busy() -> World {
    let mut world = web().build();
    world.hand(Hand::Requests("web".into(), 60.0));
    world
}

fn tally(world: &World) -> Tally {
    world.tally("web", None, Millis::MIN, world.now())
}

#[test]
fn requests_are_shared_evenly_by_healthy_targets() {
    let mut world = busy();
    ok(attach(&mut world, "web-2", "web"));
    world.advance(12);
    let start = world.now();
    world.advance(10);
    let of = |fleet| world.tally("web", Some(fleet), start, world.now()).requests;
    assert_eq!((of("web-1"), of("web-2")), (300.0, 300.0));
    assert_eq!(tally(&world).lost(), 0.0);
}

#[test]
fn a_fleet_begins_to_err_so_long_after_its_first_request() {
    let mut world = busy();
    let spec = fleet("bad").desired(3).errors_after(20, 0.5);
    world.hand(Hand::CreateFleet(Box::new(spec)));
    world.advance(60);
    ok(attach(&mut world, "bad", "web"));
    world.advance(31);
    assert_eq!(tally(&world).errors, 0.0);
    world.advance(11);
    assert_eq!(tally(&world).errors, 150.0);
    assert_eq!(world.tally("web", Some("web-1"), Millis::MIN, world.now()).errors, 0.0);
}

#[test]
fn nothing_is_lost_in_an_orderly_exchange() {
    let mut world = busy();
    ok(attach(&mut world, "web-2", "web"));
    world.advance(60);
    ok(detach(&mut world, "web-1", "web"));
    world.advance(600);
    assert_eq!(tally(&world).lost(), 0.0);
    assert_eq!(tally(&world).requests, 60.0 * 660.0);
}

#[test]
fn detaching_the_last_healthy_fleet_loses_every_request() {
    let mut world = busy();
    ok(detach(&mut world, "web-1", "web"));
    world.advance(10);
    assert_eq!(tally(&world).lost(), 600.0);
}

#[test]
fn with_no_healthy_target_a_group_fails_open_and_its_requests_count_as_lost() {
    let mut world = busy();
    world.hand(Hand::Health("web-1".into(), None, Health::never()));
    world.advance(10);
    let tally = tally(&world);
    assert_eq!((tally.requests, tally.errors, tally.lost()), (600.0, 600.0, 600.0));
}

#[test]
fn requests_longer_than_the_delay_are_cut_off() {
    let mut world = World::builder()
        .load_balancer("web-lb")
        .group(target_group("web").on("web-lb").delay(0).requests(30.0))
        .fleet(fleet("web-1").desired(3).attached_to("web").request_seconds(2.0))
        .fleet(fleet("web-2").desired(3).attached_to("web"))
        .build();
    ok(detach(&mut world, "web-1", "web"));
    world.advance(1);
    assert_eq!(tally(&world).cut_off, 30.0, "15 a second went there, each takes two seconds");
    assert_eq!(tally(&world).unserved, 0.0);
}

#[test]
fn what_dies_is_counted_apart() {
    let mut world = busy();
    world.hand(Hand::Kill("web-1".into(), 1));
    world.advance(1);
    assert_eq!((tally(&world).died, tally(&world).lost()), (2.0, 0.0));
}

#[test]
fn a_real_request_is_routed_round_robin_and_counts_when_it_ends() {
    let mut world = web().build();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let route = world.route("web").expect("a healthy target");
        seen.insert(route.instance.clone());
        assert_eq!(world.finish(route.ticket), Finish::Served);
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(tally(&world).requests, 3.0);
}

#[test]
fn a_real_request_may_finish_while_its_target_drains_but_not_after() {
    let mut world = web().build();
    let (first, second) = (world.route("web").expect("one"), world.route("web").expect("two"));
    ok(detach(&mut world, "web-1", "web"));
    world.advance(20);
    assert_eq!(world.finish(first.ticket), Finish::Served);
    assert!(world.route("web").is_none(), "a draining target gets no new request");
    world.advance(20);
    assert_eq!(world.finish(second.ticket), Finish::Lost);
    assert_eq!((tally(&world).cut_off, tally(&world).unserved), (1.0, 1.0));
}

#[test]
fn the_truth_remembers_how_many_were_healthy() {
    let mut world = web().build();
    let start = world.now();
    ok(attach(&mut world, "web-2", "web"));
    world.advance(60);
    world.hand(Hand::Kill("web-1".into(), 2));
    assert_eq!(world.healthy_at("web", start).get("web-2"), None);
    assert_eq!(world.healthy_at("web", start + 59_000)["web-1"], 3);
    assert_eq!((world.healthy("web")["web-1"], world.healthy("web")["web-2"]), (1, 3));
}

#[test]
fn steady_time_costs_nothing() {
    let mut world = busy();
    world.subscriptions.minute = false;
    world.advance(86_400);
    let spans = world.spans("web").len();
    world.advance(30 * 86_400);
    assert_eq!(world.spans("web").len(), spans);
    assert_eq!(tally(&world).requests, 60.0 * 31.0 * 86_400.0);
}
