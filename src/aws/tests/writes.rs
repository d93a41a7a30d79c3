//! The writes: what is sent, once, and how certain the answer is.

use super::server::Reply;
use super::{aws, group_arn, name, query_error};
use crate::act::{WriteError, Writes};
use crate::release::{Style, TargetGroupArn};

fn done() -> Reply {
    Reply::xml(200, "<R><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></R>")
}

fn groups(count: usize) -> Vec<TargetGroupArn> {
    (0..count).map(|number| name(&group_arn(&format!("tg-{number}")))).collect()
}

#[tokio::test]
async fn each_style_goes_through_its_own_pair() {
    let (aws, server) = aws(|_| done()).await;
    let fleet = name("web-2");
    aws.attach(&fleet, Style::TargetGroups, &groups(10)).await.unwrap();
    aws.detach(&fleet, Style::TargetGroups, &groups(1)).await.unwrap();
    aws.attach(&fleet, Style::TrafficSources, &groups(1)).await.unwrap();
    aws.detach(&fleet, Style::TrafficSources, &groups(10)).await.unwrap();
    assert_eq!(
        server.operations(),
        [
            "AttachLoadBalancerTargetGroups",
            "DetachLoadBalancerTargetGroups",
            "AttachTrafficSources",
            "DetachTrafficSources",
        ]
    );
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.body.contains("AutoScalingGroupName=web-2")));
    assert!(requests[2].body.contains("Type=elbv2") && requests[2].body.contains("targetgroup%2Ftg-0%2F"));
    assert_eq!(requests[3].body.matches(".Identifier=").count(), 10);
}

#[tokio::test]
async fn sizes_are_min_size_alone_or_with_desired_capacity_and_never_max_size() {
    let (aws, server) = aws(|_| done()).await;
    aws.set_min_size(&name("web-2"), 3).await.unwrap();
    aws.resize(&name("web-2"), 0, 0).await.unwrap();
    assert!(matches!(aws.set_min_size(&name("web-2"), u32::MAX).await, Err(WriteError::Refused(_))));
    let requests = server.requests();
    assert_eq!(server.operations(), ["UpdateAutoScalingGroup", "UpdateAutoScalingGroup"]);
    assert!(requests[0].body.contains("MinSize=3") && !requests[0].body.contains("DesiredCapacity"));
    assert!(requests[1].body.contains("MinSize=0") && requests[1].body.contains("DesiredCapacity=0"));
    assert!(requests.iter().all(|request| !request.body.contains("MaxSize")));
}

#[tokio::test]
async fn a_write_is_sent_exactly_once_whatever_becomes_of_it() {
    let cases: [(Reply, bool); 6] = [
        (query_error(400, "Throttling", "Rate exceeded"), true),
        (query_error(500, "ResourceContention", "You already have a pending update"), true),
        (query_error(400, "InstanceRefreshInProgress", "an instance refresh is in progress"), true),
        (query_error(500, "InternalFailure", "try again"), false),
        (Reply::Http(502, "text/html", b"<html>bad gateway</html>".to_vec()), false),
        (Reply::Cut, false),
    ];
    for (reply, certain) in cases {
        let answer = reply.clone();
        let (aws, server) = aws(move |_| answer.clone()).await;
        let fault = aws.attach(&name("web-2"), Style::TrafficSources, &groups(1)).await.unwrap_err();
        assert_eq!(matches!(fault, WriteError::Refused(_)), certain, "{reply:?}: {fault}");
        assert!(fault.to_string().contains("autoscaling:AttachTrafficSources on web-2"), "{fault}");
        assert_eq!(server.requests().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn a_write_that_nobody_was_there_to_hear_was_not_done() {
    let (aws, server) = aws(|_| done()).await;
    drop(server);
    tokio::task::yield_now().await;
    let fault = aws.set_min_size(&name("web-2"), 3).await.unwrap_err();
    assert!(matches!(fault, WriteError::Refused(_)), "{fault}");
}
