//! The ports over the real world: each reads what the world is, and writes what the world then shows.

use super::{Ended, InProcess, Invoke, Ports, Settings};
use crate::api::StateValue;
use crate::world::{FaultKind, When, WorldBuilder};
use crate::world::{World, alarm, fault, fleet, target_group};
use cutover::act::Writes;
use cutover::announce::Notify;
use cutover::clock::Clock;
use cutover::observe::Reads;
use cutover::release::{
    AlarmKind, AlarmName, AlarmState, AttachmentState, Entry, Fleet, FleetName, ReleaseId, Span, Stage, Status, Style,
    TargetGroupArn, TargetHealth, Timestamp,
};
use std::cell::RefCell;
use std::rc::Rc;

/// Two load-balanced groups; blue on both, in both styles; green on none; alarms of each kind.
fn shop() -> WorldBuilder {
    World::builder()
        .load_balancer("front")
        .group(target_group("web").on("front").delay(120))
        .group(target_group("api").on("front"))
        .fleet(fleet("blue").of("shop").sizes(1, 2, 4).attached_to("web").sourced_from("api").behind("old"))
        .fleet(fleet("green").of("shop").desired(3).age(600).template_version("$Latest").suspended("AlarmNotification"))
        .fleet(fleet("stranger"))
        .alarm(alarm("shop-5xx").errors_of_group("web", 0.1).judging(60, 2, 3).state(StateValue::Ok, 7_200))
        .alarm(alarm("shop-slow").errors_of_group("api", 0.1).state(StateValue::Ok, 30).was(StateValue::Alarm, 90))
        .alarm(alarm("shop-all").composite("ALARM(\"shop-5xx\") OR ALARM(\"shop-slow\")"))
}

/// Runs a flow over a world.
fn run<T>(world: World, flow: impl AsyncFnOnce(&Ports) -> T) -> (T, Rc<RefCell<World>>) {
    let world = Rc::new(RefCell::new(world));
    let sim = InProcess::new(world.clone(), Settings::default());
    let ports = sim.invocation(Invoke::named("r"));
    match sim.run_one(&ports, flow(&ports)) {
        Ended::Returned(value) => (value, world),
        other => panic!("it ended otherwise: {:?}", matches!(other, Ended::Died)),
    }
}

fn name(fleet: &str) -> FleetName {
    FleetName::parse(fleet).unwrap()
}

fn alarm_name(alarm: &str) -> AlarmName {
    AlarmName::parse(alarm).unwrap()
}

async fn group(ports: &Ports, group: &str) -> TargetGroupArn {
    ports.target_group_named(group).await.unwrap().unwrap()
}

#[test]
fn fleets_are_read_as_they_are_page_by_page_too() {
    for page_size in [None, Some(1)] {
        let world = shop().settings(|settings| settings.page_size = page_size).build();
        let ((found, tagged, nobody), _) = run(world, async |ports| {
            let named = [name("blue"), name("green"), name("nowhere")];
            (
                ports.fleets(&named).await.unwrap(),
                ports.tagged_fleets(None).await.unwrap(),
                ports.tagged_fleets(Some("shop*")).await.unwrap(),
            )
        });
        let names = |fleets: &[Fleet]| fleets.iter().map(|fleet| fleet.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&found), ["blue", "green"]);
        assert_eq!(names(&tagged), ["blue", "green"]);
        assert_eq!(nobody, []);
        let (blue, green) = (&found[0], &found[1]);
        assert_eq!((blue.sizes.min, blue.sizes.desired, blue.sizes.max, blue.in_service()), (1, 2, 4, 2));
        assert_eq!((blue.groups.len(), green.groups.len()), (2, 0));
        assert_eq!((blue.attached_to(), green.attached_to().len()), (vec!["api", "web", "old"], 0));
        assert_eq!((blue.latest_template, green.latest_template), (false, true));
        assert!(green.suspended.contains("AlarmNotification") && green.created_at > blue.created_at);
        assert_eq!(green.application().unwrap().as_str(), "shop");
        assert_eq!(green.zones.len(), 2);
    }
}

#[test]
fn a_fleets_attachments_are_told_apart_by_style() {
    run(shop().build(), async |ports| {
        let (web, api) = (group(ports, "web").await, group(ports, "api").await);
        let all = ports.attachments(&name("blue")).await.unwrap();
        assert_eq!(
            all.keys().collect::<Vec<_>>(),
            std::collections::BTreeSet::from([&web, &api]).into_iter().collect::<Vec<_>>()
        );
        assert!(all.values().all(|state| state.serves()), "{all:?}");
        let classic = ports.classic_attachments(&name("blue")).await.unwrap();
        assert_eq!(classic.into_iter().collect::<Vec<_>>(), [web]);
        assert_eq!(ports.refreshing(&name("blue")).await, Ok(false));
        assert!(ports.attachments(&name("nowhere")).await.is_err(), "not known isn't detached");
    });
}

#[test]
fn target_groups_and_load_balancers_are_read_and_one_that_is_missing_hides_no_other() {
    run(shop().build(), async |ports| {
        let web = group(ports, "web").await;
        let missing = TargetGroupArn::parse(&web.as_str().replace("/web/", "/gone/")).unwrap();
        let found = ports.target_groups(&[web.clone(), missing.clone()]).await.unwrap();
        assert_eq!(found.iter().map(|group| &group.arn).collect::<Vec<_>>(), [&web]);
        assert!(found[0].takes_instances);
        assert_eq!(ports.target_group_named("gone").await, Ok(None));
        assert_eq!(ports.target_health(&missing).await, Ok(None));
        let attributes = ports.group_attributes(&web).await.unwrap();
        assert_eq!(attributes.deregistration_delay, Span::seconds(120));
        let arns = [found[0].load_balancers[0].clone(), found[0].load_balancers[0].replace("front", "back")];
        let balancers = ports.load_balancers(&arns).await.unwrap();
        assert_eq!(balancers.len(), 1);
        assert_eq!(balancers[0].zones.len(), 2);
        let targets = ports.target_health(&web).await.unwrap().unwrap();
        assert_eq!(targets.into_values().collect::<Vec<_>>(), [TargetHealth::Healthy; 2]);
    });
}

#[test]
fn alarms_of_every_type_are_read_with_what_they_rest_on_and_where_they_have_been() {
    run(shop().build(), async |ports| {
        let names = ["shop-5xx", "shop-all", "gone"].map(alarm_name);
        let found = ports.alarms(&names).await.unwrap();
        assert_eq!(found.len(), 2);
        let kind = |name: &str| found.iter().find(|alarm| alarm.name.as_str() == name).unwrap().kind.clone();
        assert_eq!(kind("shop-5xx"), AlarmKind::Metric { period_seconds: 60, datapoints: 2 });
        assert_eq!(
            kind("shop-all"),
            AlarmKind::Composite { children: ["shop-5xx", "shop-slow"].map(alarm_name).into() }
        );
        assert_eq!(ports.alarms_with_prefix("shop-").await.unwrap().len(), 3);
        assert_eq!(ports.alarms_with_prefix("shop*").await.unwrap().len(), 0);
        let since = ports.now() - Span::seconds(3_600);
        let moves = ports.alarm_moves(&alarm_name("shop-slow"), since).await.unwrap();
        let states: Vec<_> = moves.iter().map(|change| (change.from, change.to)).collect();
        assert_eq!(states.last(), Some(&(AlarmState::Alarm, AlarmState::Ok)), "{moves:?}");
        assert!(moves.is_sorted_by_key(|change| change.at));
    });
}

#[test]
fn attaching_and_detaching_show_in_either_style() {
    for style in [Style::TargetGroups, Style::TrafficSources] {
        run(shop().build(), async |ports| {
            let green = name("green");
            let groups = [group(ports, "web").await, group(ports, "api").await];
            ports.attach(&green, style, &groups).await.unwrap();
            let state = ports.attachments(&green).await.unwrap();
            assert_eq!(state.len(), 2);
            assert!(state.values().all(|state| state.attached() && *state != AttachmentState::Removing));
            let classic = ports.classic_attachments(&green).await.unwrap().len();
            assert_eq!(classic, if style == Style::TargetGroups { 2 } else { 0 });
            ports.sleep(Span::seconds(20)).await;
            let targets = ports.target_health(&groups[0]).await.unwrap().unwrap();
            assert_eq!(targets.len(), 5, "two of blue, three of green: {targets:?}");
            ports.detach(&green, style, &groups).await.unwrap();
            let state = ports.attachments(&green).await.unwrap();
            assert!(!state.values().any(|state| state.attached()), "{state:?}");
        });
    }
}

#[test]
fn a_floor_lifts_the_desired_capacity_and_a_resize_sets_it() {
    run(shop().build(), async |ports| {
        let sizes = async || ports.fleets(&[name("green")]).await.unwrap()[0].sizes;
        ports.set_min_size(&name("green"), 4).await.unwrap();
        assert_eq!((sizes().await.min, sizes().await.desired), (4, 4));
        ports.resize(&name("green"), 0, 0).await.unwrap();
        assert_eq!((sizes().await.min, sizes().await.desired), (0, 0));
    });
}

#[test]
fn what_the_bus_does_not_accept_is_not_said_to_be_announced() {
    let entry = |sequence| Entry {
        sequence,
        release: ReleaseId::parse("shop.1").unwrap(),
        at: Timestamp::from_millis(1_767_614_400_000),
        stage: Stage::Bake,
        status: Status::InProgress,
        message: "both serve".to_owned(),
        actions: Vec::new(),
        verdict: None,
        announced: true,
        report: serde_json::json!({ "application": "shop" }),
    };
    let entries: Vec<Entry> = (1..=12).map(entry).collect();
    let announce = async |ports: &Ports| ports.announce(&entries).await;
    assert_eq!(run(shop().build(), announce).0, (1..=12).collect::<Vec<_>>());
    let world = shop().fault(fault("PutEvents", FaultKind::Throttled).when(When::First(1))).build();
    assert_eq!(run(world, announce).0, [11, 12], "the first ten are sent again later");
}
