//! What Elastic Load Balancing answers, and what becomes of it.

use super::{aws, group_arn, name, query_error, query_result};
use crate::observe::Reads;
use crate::release::{Span, TargetGroupArn, TargetHealth};

const MISSING: &str = "missing";

fn group(short: &str) -> String {
    format!(
        "<member><TargetGroupArn>{}</TargetGroupArn><TargetGroupName>{short}</TargetGroupName>\
         <TargetType>instance</TargetType><LoadBalancerArns><member>arn:lb</member></LoadBalancerArns></member>",
        group_arn(short)
    )
}

fn arns(shorts: &[&str]) -> Vec<TargetGroupArn> {
    shorts.iter().map(|short| name(&group_arn(short))).collect()
}

#[tokio::test]
async fn one_missing_group_does_not_hide_the_others() {
    let (aws, server) = aws(|request| {
        if request.body.contains(MISSING) {
            return query_error(400, "TargetGroupNotFound", "One or more target groups not found");
        }
        let groups: String = ["a", "b"]
            .into_iter()
            .filter(|short| request.body.contains(&format!("%2F{short}%2F")))
            .map(group)
            .collect();
        query_result("DescribeTargetGroups", &format!("<TargetGroups>{groups}</TargetGroups>"))
    })
    .await;
    let found = aws.target_groups(&arns(&["a", MISSING, "b"])).await.unwrap();
    assert_eq!(found.iter().map(|group| group.arn.short()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(found[0].takes_instances && found[0].load_balancers == ["arn:lb"]);
    assert_eq!(server.requests().len(), 4, "all at once, then one by one");
    assert_eq!(aws.target_groups(&arns(&[MISSING])).await, Ok(Vec::new()));
    assert_eq!(aws.target_groups(&[]).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_group_of_ip_addresses_takes_no_instances_and_a_group_without_an_arn_is_unread() {
    for (part, instead, readable) in
        [("instance", "ip", true), ("instance", "newfangled", true), (":targetgroup/", ":", false)]
    {
        let odd = group("a").replace(part, instead);
        let (aws, _server) =
            aws(move |_| query_result("DescribeTargetGroups", &format!("<TargetGroups>{odd}</TargetGroups>"))).await;
        match aws.target_groups(&arns(&["a"])).await {
            Ok(groups) => assert!(readable && !groups[0].takes_instances, "{instead}"),
            Err(unread) => assert!(!readable && unread.0.contains("ARN"), "{unread}"),
        }
    }
}

#[tokio::test]
async fn a_group_is_found_by_exactly_its_name() {
    let (aws, _server) = aws(|request| {
        if request.body.contains("Names.member.1=a") {
            query_result("DescribeTargetGroups", &format!("<TargetGroups>{}</TargetGroups>", group("a")))
        } else if request.body.contains("denied") {
            query_error(403, "AccessDenied", "not authorized")
        } else if request.body.contains("long") {
            query_error(400, "ValidationError", "Target group name cannot be longer than '32' characters")
        } else {
            query_error(400, "TargetGroupNotFound", "One or more target groups not found")
        }
    })
    .await;
    assert_eq!(aws.target_group_named("a").await.unwrap().unwrap().short(), "a");
    assert_eq!(aws.target_group_named("a*").await, Ok(None), "another name than asked for");
    for absent in [MISSING, "long"] {
        assert_eq!(aws.target_group_named(absent).await, Ok(None));
    }
    assert!(aws.target_group_named("denied").await.is_err());
}

#[tokio::test]
async fn the_health_of_a_target_is_elbs_word_and_a_word_nobody_knows_is_unknown() {
    let cases = [
        ("initial", "Elb.RegistrationInProgress", TargetHealth::Initial),
        ("healthy", "", TargetHealth::Healthy),
        ("unhealthy", "Target.Timeout", TargetHealth::Unhealthy),
        ("unused", "Target.NotRegistered", TargetHealth::Unused),
        ("unused", "Target.NotInUse", TargetHealth::NotInUse),
        ("draining", "Target.DeregistrationInProgress", TargetHealth::Draining),
        ("unhealthy.draining", "", TargetHealth::Draining),
        ("unavailable", "Target.HealthCheckDisabled", TargetHealth::Unknown),
        ("newfangled", "", TargetHealth::Unknown),
        ("", "", TargetHealth::Unknown),
    ];
    let target = |id: String, state: &str, reason: &str| {
        format!(
            "<member><Target><Id>{id}</Id><Port>80</Port></Target><TargetHealth><State>{state}</State><Reason>{reason}</Reason></TargetHealth></member>"
        )
    };
    let mut members: String =
        cases.iter().enumerate().map(|(at, (state, reason, _))| target(format!("i-{at}"), state, reason)).collect();
    members += "<member><Target><Id>i-bare</Id></Target></member>";
    members += &(target("i-twice".to_owned(), "healthy", "") + &target("i-twice".to_owned(), "initial", ""));
    let (aws, _server) = aws(move |_| {
        query_result("DescribeTargetHealth", &format!("<TargetHealthDescriptions>{members}</TargetHealthDescriptions>"))
    })
    .await;
    let targets = aws.target_health(&arns(&["a"])[0]).await.unwrap().unwrap();
    for (at, (state, reason, expected)) in cases.iter().enumerate() {
        assert_eq!(targets[&format!("i-{at}")], *expected, "{state} {reason}");
    }
    assert_eq!(targets["i-bare"], TargetHealth::Unknown);
    assert_eq!(targets["i-twice"], TargetHealth::Initial, "as healthy as its worst port");
}

#[tokio::test]
async fn a_group_that_does_not_exist_has_no_targets_to_tell_of() {
    let (aws_, _server) = aws(|_| query_error(400, "TargetGroupNotFound", "One or more target groups not found")).await;
    assert_eq!(aws_.target_health(&arns(&["a"])[0]).await, Ok(None));
    assert!(aws_.group_attributes(&arns(&["a"])[0]).await.is_err());
    let (aws_, _server) = aws(|_| query_error(503, "ServiceUnavailable", "later")).await;
    assert!(aws_.target_health(&arns(&["a"])[0]).await.is_err(), "trouble isn't absence");
}

#[tokio::test]
async fn the_deregistration_delay_is_read_or_aws_default_or_unread() {
    let attribute =
        |value: &str| format!("<member><Key>deregistration_delay.timeout_seconds</Key><Value>{value}</Value></member>");
    let cases = [
        (attribute("0"), Some(0)),
        (attribute("3600"), Some(3600)),
        (String::new(), Some(300)),
        (attribute("x"), None),
    ];
    for (members, seconds) in cases {
        let (aws, _server) =
            aws(move |_| query_result("DescribeTargetGroupAttributes", &format!("<Attributes>{members}</Attributes>")))
                .await;
        let delay = aws.group_attributes(&arns(&["a"])[0]).await.ok().map(|read| read.deregistration_delay);
        assert_eq!(delay, seconds.map(Span::seconds));
    }
}

#[tokio::test]
async fn one_missing_load_balancer_does_not_hide_the_others() {
    let (aws, _server) = aws(|request| {
        if request.body.contains(MISSING) {
            return query_error(400, "LoadBalancerNotFound", "One or more load balancers not found");
        }
        let zones = "<member><ZoneName>eu-central-1a</ZoneName><SubnetId>subnet-1</SubnetId></member>";
        let balancer = format!(
            "<member><LoadBalancerArn>arn:lb</LoadBalancerArn><AvailabilityZones>{zones}</AvailabilityZones></member>"
        );
        query_result("DescribeLoadBalancers", &format!("<LoadBalancers>{balancer}</LoadBalancers>"))
    })
    .await;
    let found = aws.load_balancers(&["arn:lb".to_owned(), format!("arn:{MISSING}")]).await.unwrap();
    assert_eq!((found.len(), found[0].arn.as_str()), (1, "arn:lb"));
    assert!(found[0].zones.contains("eu-central-1a"));
}
