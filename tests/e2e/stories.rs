//! The two stories that the product exists for.

use simulated_aws::api::StateValue;
use simulated_aws::world::Hand;

use crate::judge;
use crate::stand::{ALARM, GREEN, GROUP, LONG_BAKE, Stand};

/// A fleet with the tag is all that it takes: its launch event begins the release, which ends with green serving alone.
#[tokio::test]
async fn a_launch_event_begins_a_release_that_ends_with_green_serving_alone() {
    let stand = Stand::new().await;
    let driver = stand.events();
    stand.create_green();
    stand.world_until("begun by the event alone", |world| !world.announced().is_empty()).await;
    stand.check_until_ended().await;
    for event in driver.delivered() {
        assert!(event.answer.is_ok(), "{:?}", event.answer);
    }
    judge::released(&stand).await;
}

/// The alarm's event alone makes green leave; blue serves all along.
#[tokio::test]
async fn an_alarms_event_rolls_a_release_back() {
    let stand = Stand::with_bake(LONG_BAKE).await;
    let _driver = stand.events();
    stand.create_green();
    stand.world_until("begun by the event alone", |world| !world.announced().is_empty()).await;
    stand.check_until_stage("bake").await;
    stand.hand(Hand::SetAlarm(ALARM.into(), StateValue::Alarm));
    stand.world_until("detached by the event alone", |world| !world.healthy(GROUP).contains_key(GREEN)).await;
    stand.check_until_ended().await;
    judge::rolled_back(&stand, &["prepare", "attach", "bake", "rollback", "rollback_successful"]).await;
}
