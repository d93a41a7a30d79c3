//! Elastic Load Balancing's replies: target groups, load balancers, the health of targets.

use super::autoscaling::said;
use crate::aws::answering;
use cutover::observe::Reads;
use cutover::release::{TargetGroupArn, TargetHealth};

/// Read whole, or unread with a line that says why; a target is healthy only by ELB's word.
pub fn holds(reply: &[u8]) {
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
    said(groups);
    said(named);
    if let Some(attributes) = said(attributes) {
        assert!(attributes.deregistration_delay.millis() >= 0);
    }
    said(balancers);
    let healthy = |health: &TargetHealth| *health == TargetHealth::Healthy;
    if let Some(Some(targets)) = said(health) {
        let said = |word| String::from_utf8_lossy(reply).matches(word).count();
        assert!(targets.values().filter(|health| healthy(health)).count() <= said("healthy") - said("unhealthy"));
    }
}
