//! Elastic Load Balancing's replies: target groups, load balancers, the health of targets.

use super::autoscaling::said;
use crate::aws::answering;
use cutover::observe::Reads;
use cutover::release::{TargetGroupArn, TargetHealth};

/// Read whole, or unread with a line that says why; a target is healthy only by ELB's word.
pub fn holds(reply: &[u8]) -> bool {
    let arn = TargetGroupArn::parse("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1").expect("an ARN");
    let (groups, named, attributes, balancers, health) = answering!(
        Xml,
        reply,
        async |aws| aws.target_groups(std::slice::from_ref(&arn)).await,
        async |aws| aws.target_group_named("web").await,
        async |aws| aws.group_attributes(&arn).await,
        async |aws| aws.load_balancers(&["arn:lb".to_owned()]).await,
        async |aws| aws.target_health(&arn).await,
    );
    let attributes = said(attributes);
    if let Some(attributes) = &attributes {
        assert!(attributes.deregistration_delay.millis() >= 0);
    }
    let targets = said(health).flatten().unwrap_or_default();
    let words = |word| String::from_utf8_lossy(reply).matches(word).count();
    let healthy = targets.values().filter(|health| **health == TargetHealth::Healthy).count();
    assert!(healthy <= words("healthy") - words("unhealthy"));
    let groups = !said(groups).unwrap_or_default().is_empty() | said(named).flatten().is_some();
    let balancers = !said(balancers).unwrap_or_default().is_empty();
    groups | balancers | attributes.is_some() | !targets.is_empty()
}
