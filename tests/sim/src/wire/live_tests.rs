//! The world in real time: its events become invocations, real requests reach its fleets.

use std::time::Duration;

use super::lambda_tests::player;
use super::*;
use crate::world::{Hand, Style, World, fleet, target_group};

fn world() -> World {
    World::builder()
        .start(now())
        .load_balancer("front")
        .group(target_group("web").on("front").delay(0))
        .group(target_group("empty").on("front"))
        .group(target_group("slow").on("front").delay(0))
        .fleet(fleet("blue").of("shop").desired(2).attached_to("web"))
        .fleet(fleet("slug").of("snail").desired(1).attached_to("slow").request_seconds(1.5))
        .build()
}

/// Waits until it holds, at most five seconds.
async fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..500 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within five seconds");
}

#[tokio::test]
async fn what_falls_due_is_delivered_once_as_an_invocation() {
    let wire = Wire::start(world()).await.unwrap();
    let lambda = Lambda::deploy(&wire, player());
    let driver = wire.drive(&lambda);
    let green = fleet("green").of("shop").desired(1).launch_seconds(0);
    wire.world(|world| world.hand(Hand::CreateFleet(Box::new(green))));
    let delivered = eventually(|| Some(driver.delivered()).filter(|all| !all.is_empty())).await;
    assert_eq!(delivered.len(), 1);
    let event = &delivered[0].delivery.payload;
    assert_eq!(event["detail-type"], "EC2 Instance Launch Successful");
    assert_eq!(&delivered[0].answer.as_ref().unwrap()["echo"], event, "the function got it as it was sent");
}

#[tokio::test]
async fn real_requests_reach_fleets_and_are_cut_off_with_their_target() {
    let wire = Wire::start(world()).await.unwrap();
    let front = wire.front().await.unwrap();
    assert_eq!(front.hit("web").await, Hit::Answered(200, "blue".into()));
    assert_eq!(front.hit("empty").await, Hit::Answered(503, String::new()), "a group without a target");
    wire.world(|world| world.hand(Hand::Errors("blue".into(), 1.0)));
    assert_eq!(front.hit("web").await, Hit::Answered(500, "blue".into()), "its own error");
    let (cut, ()) = tokio::join!(front.hit("slow"), async {
        // While the request is under way its fleet is detached, without draining.
        tokio::time::sleep(Duration::from_millis(500)).await;
        wire.world(|world| world.hand(Hand::Detach("slug".into(), "slow".into(), Style::TargetGroups)));
    });
    assert_eq!(cut, Hit::Cut);
    assert!(wire.world(|world| world.tally_all().lost()) >= 1.0, "the world counts it as lost");
}
