//! What Auto Scaling answers, and what becomes of it.

use super::{aws, group_arn, name, query_error, query_result};
use crate::observe::Reads;
use crate::release::{AttachmentState, FleetName, Instance, Reading, Sizes, Timestamp};
use std::collections::BTreeMap;

const ARN: &str = "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:\
                   2f5c8f0e-0a3b-4d5e-9c1a-1b2c3d4e5f60:autoScalingGroupName/web-2";

/// A group as AWS lists it, with `more` inside.
fn group(more: &str) -> String {
    format!(
        "<member><AutoScalingGroupName>web-2</AutoScalingGroupName><AutoScalingGroupARN>{ARN}</AutoScalingGroupARN>\
         <MinSize>1</MinSize><MaxSize>6</MaxSize><DesiredCapacity>2</DesiredCapacity><DefaultCooldown>300</DefaultCooldown>\
         <CreatedTime>2023-11-14T22:13:20.123Z</CreatedTime><HealthCheckType>ELB,EBS</HealthCheckType>\
         <AvailabilityZones><member>eu-central-1a</member><member>eu-central-1b</member></AvailabilityZones>\
         <SomethingOfLaterYears><member>x</member></SomethingOfLaterYears>{more}</member>"
    )
}

fn page(groups: &str, token: &str) -> String {
    let token = if token.is_empty() { String::new() } else { format!("<NextToken>{token}</NextToken>") };
    format!("<AutoScalingGroups>{groups}</AutoScalingGroups>{token}")
}

async fn fleet(more: &'static str) -> Reading<crate::release::Fleet> {
    let (aws, _server) = aws(move |_| query_result("DescribeAutoScalingGroups", &page(&group(more), ""))).await;
    aws.fleets(&[name("web-2")]).await.map(|mut fleets| fleets.remove(0))
}

#[tokio::test]
async fn a_fleet_is_read_whole() {
    let fleet = fleet(
        "<Instances>\
           <member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus></member>\
           <member><InstanceId>i-2</InstanceId><LifecycleState>Pending:Wait</LifecycleState></member>\
           <member><InstanceId>i-3</InstanceId><LifecycleState>Dreaming</LifecycleState></member>\
         </Instances>\
         <SuspendedProcesses><member><ProcessName>AddToLoadBalancer</ProcessName><SuspensionReason>by hand</SuspensionReason></member></SuspendedProcesses>\
         <Tags><member><Key>cutover:application</Key><Value>web</Value></member>\
           <member><Key>cutover:alarms</Key></member><member><Key>team</Key><Value>x</Value></member>\
           <member><Key>Cutover:alarm-prefix</Key><Value>web-</Value></member></Tags>\
         <TargetGroupARNs><member>arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/1</member></TargetGroupARNs>\
         <TrafficSources>\
           <member><Identifier>arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/b/2</Identifier><Type>elbv2</Type></member>\
         </TrafficSources>",
    )
    .await
    .unwrap();
    assert_eq!((fleet.arn.as_str(), fleet.name.as_str()), (ARN, "web-2"));
    assert_eq!(fleet.created_at, Timestamp::from_millis(1_700_000_000_123));
    assert_eq!(fleet.sizes, Sizes { min: 1, max: 6, desired: 2 });
    let instances = ["i-1", "i-2", "i-3"].map(|id| (id.to_owned(), Instance { in_service: id == "i-1" }));
    assert_eq!(fleet.instances, BTreeMap::from(instances));
    // A typing error is ours to refuse, so it's ours to see.
    let tags = [("Cutover:alarm-prefix", "web-"), ("cutover:alarms", ""), ("cutover:application", "web")];
    assert_eq!(fleet.tags, tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    assert!(fleet.suspended.contains("AddToLoadBalancer") && fleet.suspended.len() == 1);
    assert_eq!(fleet.zones.iter().map(String::as_str).collect::<Vec<_>>(), ["eu-central-1a", "eu-central-1b"]);
    assert_eq!(fleet.groups.iter().map(|arn| arn.short()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((fleet.attached_to(), fleet.elsewhere.len()), (vec!["a", "b"], 0));
    assert!(!fleet.deleting && !fleet.weighted && !fleet.latest_template);
}

/// What serves behind something that Cutover has no hand in is never taken for a fleet that is attached nowhere.
#[tokio::test]
async fn what_else_sends_a_fleet_requests_is_seen() {
    let source = |inside: &str| {
        let text = format!("<TrafficSources><member>{inside}</member></TrafficSources>");
        &*text.leak()
    };
    for (more, name) in [
        ("<LoadBalancerNames><member>my-classic</member></LoadBalancerNames>", "my-classic"),
        (source("<Identifier>my-classic</Identifier><Type>elb</Type>"), "my-classic"),
        (source("<Identifier>tg-3</Identifier><Type>vpc-lattice</Type>"), "tg-3"),
        (source("<Identifier>x</Identifier><Type>something-of-later-years</Type>"), "x"),
        (source("<Identifier>x</Identifier>"), "x"),
        (source("<Type>vpc-lattice</Type>"), ""),
    ] {
        let fleet = fleet(more).await.unwrap();
        assert_eq!((fleet.attached_to(), fleet.groups.len()), (vec![name], 0), "{more}");
    }
}

#[tokio::test]
async fn what_makes_a_fleet_unfit_is_seen() {
    let mixed = |inside: &str| {
        let text = format!("<MixedInstancesPolicy><LaunchTemplate>{inside}</LaunchTemplate></MixedInstancesPolicy>");
        &*text.leak()
    };
    assert!(fleet("<Status>Delete in progress</Status>").await.unwrap().deleting);
    for weighted in [
        mixed(
            "<Overrides><member><InstanceType>m7g.large</InstanceType><WeightedCapacity>2</WeightedCapacity></member></Overrides>",
        ),
        "<Instances><member><InstanceId>i-1</InstanceId><WeightedCapacity>4</WeightedCapacity></member></Instances>",
        "<DesiredCapacityType>vcpu</DesiredCapacityType>",
    ] {
        assert!(fleet(weighted).await.unwrap().weighted, "{weighted}");
    }
    let template = "<LaunchTemplateSpecification><LaunchTemplateId>lt-1</LaunchTemplateId><Version>$Latest</Version></LaunchTemplateSpecification>";
    for latest in [
        "<LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><Version>$Latest</Version></LaunchTemplate>",
        mixed(template),
        mixed(&format!("<Overrides><member>{template}</member></Overrides>")),
    ] {
        assert!(fleet(latest).await.unwrap().latest_template, "{latest}");
    }
    let ordinary =
        "<LaunchTemplate><Version>7</Version></LaunchTemplate><DesiredCapacityType>units</DesiredCapacityType>";
    let fleet = fleet(ordinary).await.unwrap();
    assert!(!fleet.latest_template && !fleet.weighted);
}

#[tokio::test]
async fn a_fleet_that_can_not_be_understood_is_unread_and_not_a_fleet_of_size_0() {
    let whole = group("");
    for (part, instead) in [
        (ARN, "a fleet"),
        ("<MinSize>1</MinSize>", "<MinSize>-1</MinSize>"),
        ("<DesiredCapacity>2</DesiredCapacity>", "<DesiredCapacity>many</DesiredCapacity>"),
        ("<CreatedTime>2023-11-14T22:13:20.123Z</CreatedTime>", ""),
        (
            "</member></AvailabilityZones>",
            "</member></AvailabilityZones><TargetGroupARNs><member>x</member></TargetGroupARNs>",
        ),
    ] {
        let odd = page(&whole.replacen(part, instead, 1), "");
        assert!(!odd.contains(&whole), "{part} isn't there to be replaced");
        let (aws, _server) = aws(move |_| query_result("DescribeAutoScalingGroups", &odd)).await;
        let unread = aws.fleets(&[name("web-2")]).await.expect_err(part);
        assert!(unread.0.contains("autoscaling:DescribeAutoScalingGroups"), "{unread}");
    }
}

#[tokio::test]
async fn every_page_of_every_hundred_names_is_read_and_no_names_ask_nothing() {
    let (aws, server) = aws(|request| {
        let second = request.body.contains("NextToken=more");
        query_result("DescribeAutoScalingGroups", &page(&group(""), if second { "" } else { "more" }))
    })
    .await;
    let names: Vec<FleetName> = (0..250).map(|number| name(&format!("web-{number}"))).collect();
    assert_eq!(aws.fleets(&names).await.unwrap().len(), 6, "three calls of two pages with one fleet each");
    let named: usize =
        server.requests().iter().map(|request| request.body.matches("AutoScalingGroupNames.member.").count()).sum();
    assert_eq!(named, 500);
    assert_eq!(aws.fleets(&[]).await, Ok(Vec::new()));
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn tagged_fleets_are_those_of_exactly_this_application() {
    let tagged = |value: &str| {
        group(&format!("<Tags><member><Key>cutover:application</Key><Value>{value}</Value></member></Tags>"))
    };
    let (aws, server) = aws(move |_| {
        let fleets = tagged("w*") + &tagged("web").replace("web-2", "web-3");
        query_result("DescribeAutoScalingGroups", &page(&fleets, ""))
    })
    .await;
    assert_eq!(aws.tagged_fleets(Some("w*")).await.unwrap().len(), 1, "a star is a star");
    assert_eq!(aws.tagged_fleets(None).await.unwrap().len(), 2);
    let bodies: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
    assert!(bodies[0].contains("Name=tag%3Acutover%3Aapplication&") && bodies[0].contains("=w%2A"), "{}", bodies[0]);
    assert!(bodies[1].contains("Name=tag-key&") && bodies[1].contains("=cutover%3Aapplication"), "{}", bodies[1]);
}

#[tokio::test]
async fn attachments_are_those_that_are_not_removed_in_the_words_of_aws() {
    let source = |short: &str, state: &str| {
        let arn = group_arn(short);
        format!(
            "<member><Identifier>{arn}</Identifier><Type>elbv2</Type><TrafficSource>{arn}</TrafficSource><State>{state}</State></member>"
        )
    };
    let words =
        [("a", "Adding"), ("b", "Added"), ("c", "InService"), ("d", "Removing"), ("e", "Removed"), ("f", "Odd")];
    let sources: String = words.iter().map(|(short, state)| source(short, state)).collect();
    let (aws, server) =
        aws(move |_| query_result("DescribeTrafficSources", &format!("<TrafficSources>{sources}</TrafficSources>")))
            .await;
    let attachments = aws.attachments(&name("web-2")).await.unwrap();
    let states: Vec<_> = attachments.iter().map(|(arn, state)| (arn.short(), *state)).collect();
    use AttachmentState::{Added, Adding, InService, Removing, Unknown};
    assert_eq!(states, [("a", Adding), ("b", Added), ("c", InService), ("d", Removing), ("f", Unknown)]);
    assert!(server.requests()[0].body.contains("TrafficSourceType=elbv2"));
}

/// Between two pages `a` is removed, and the second page begins behind what comes after it.
#[tokio::test]
async fn what_a_removal_between_two_pages_hides_is_found_by_a_second_list() {
    let lists = std::sync::atomic::AtomicUsize::new(0);
    let (aws, server) = aws(move |request| {
        let source = |short: &str| {
            let arn = group_arn(short);
            format!("<member><Identifier>{arn}</Identifier><Type>elbv2</Type><State>InService</State></member>")
        };
        let (shown, token) = match request.body.contains("NextToken=") {
            true => (String::new(), ""),
            false if lists.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 => {
                (source("a"), "<NextToken>t</NextToken>")
            }
            false => (source("b"), ""),
        };
        query_result("DescribeTrafficSources", &format!("<TrafficSources>{shown}</TrafficSources>{token}"))
    })
    .await;
    let attachments = aws.attachments(&name("web-2")).await.unwrap();
    assert_eq!(attachments.keys().map(|arn| arn.short()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn classic_attachments_are_read_to_the_last_page() {
    let (aws, _server) = aws(|request| {
        let (short, token) =
            if request.body.contains("NextToken=") { ("b", "") } else { ("a", "<NextToken>t</NextToken>") };
        let arn = group_arn(short);
        let member = format!(
            "<member><LoadBalancerTargetGroupARN>{arn}</LoadBalancerTargetGroupARN><State>InService</State></member>"
        );
        let members = format!("<LoadBalancerTargetGroups>{member}</LoadBalancerTargetGroups>{token}");
        query_result("DescribeLoadBalancerTargetGroups", &members)
    })
    .await;
    let groups = aws.classic_attachments(&name("web-2")).await.unwrap();
    assert_eq!(groups.iter().map(|arn| arn.short()).collect::<Vec<_>>(), ["a", "b"]);
}

#[tokio::test]
async fn only_a_refresh_that_has_ended_does_not_run() {
    let ended = ["Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"];
    let running = ["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking", "Newfangled"];
    for (status, expected) in ended.map(|status| (status, false)).into_iter().chain(running.map(|s| (s, true))) {
        let (aws, _server) = aws(move |_| {
            let refresh = |status: &str| format!("<member><Status>{status}</Status></member>");
            let refreshes = refresh("Successful") + &refresh(status);
            query_result("DescribeInstanceRefreshes", &format!("<InstanceRefreshes>{refreshes}</InstanceRefreshes>"))
        })
        .await;
        assert_eq!(aws.refreshing(&name("web-2")).await, Ok(expected), "{status}");
    }
}

#[tokio::test]
async fn a_fleet_that_does_not_exist_has_no_attachments_and_no_refresh_but_other_refusals_are_unread() {
    let gone = |_: &_| {
        query_error(400, "ValidationError", "AutoScalingGroup name not found - AutoScalingGroup web-2 not found")
    };
    let (aws_, _server) = aws(gone).await;
    assert!(aws_.attachments(&name("web-2")).await.unwrap().is_empty());
    assert!(aws_.classic_attachments(&name("web-2")).await.unwrap().is_empty());
    assert_eq!(aws_.refreshing(&name("web-2")).await, Ok(false));
    let (aws_, _server) = aws(|_| query_error(400, "ValidationError", "1 validation error detected")).await;
    assert!(aws_.attachments(&name("web-2")).await.is_err());
    assert!(aws_.classic_attachments(&name("web-2")).await.is_err());
    assert!(aws_.refreshing(&name("web-2")).await.is_err());
}

#[tokio::test]
async fn a_read_that_is_throttled_once_is_asked_again_and_one_that_is_denied_is_not() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let (aws_, server) = aws(move |_| match first.swap(false, std::sync::atomic::Ordering::Relaxed) {
        true => query_error(400, "Throttling", "Rate exceeded"),
        false => query_result("DescribeAutoScalingGroups", &page(&group(""), "")),
    })
    .await;
    assert_eq!(aws_.fleets(&[name("web-2")]).await.unwrap().len(), 1);
    assert_eq!(server.requests().len(), 2);
    let (aws_, server) = aws(|_| query_error(403, "AccessDenied", "not authorized to perform")).await;
    let unread = aws_.fleets(&[name("web-2")]).await.unwrap_err();
    assert!(unread.0.contains("autoscaling:DescribeAutoScalingGroups on *"), "{unread}");
    assert_eq!(server.requests().len(), 1);
}
