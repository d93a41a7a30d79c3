//! The warm-up: TLS handshakes in the function's init, where Lambda gives the whole CPU, instead of in the first
//! invocation, at a seventh of a core.

use super::Clients;
use aws_sdk_dynamodb::types::AttributeValue;
use std::time::Duration;

/// The most that it may delay the first invocation.
const AT_MOST: Duration = Duration::from_secs(2);

impl Clients {
    /// Opens a connection to each service that every invocation reads, by a small read of each, side by side. What
    /// they answer doesn't matter, errors neither. EventBridge has no read that the function's role may call; it is
    /// needed last and only when something changed.
    pub async fn warm_up(&self, table: &str) {
        let reads = async {
            let fleets = self.autoscaling.describe_auto_scaling_groups().max_records(1);
            let groups = self.elbv2.describe_target_groups().page_size(1);
            let alarms = self.cloudwatch.describe_alarms().max_records(1);
            let nobody = || AttributeValue::S("-".to_owned());
            let item = self.dynamodb.get_item().table_name(table).key("application", nobody()).key("item", nobody());
            tokio::join!(fleets.send(), groups.send(), alarms.send(), item.send())
        };
        if tokio::time::timeout(AT_MOST, reads).await.is_err() {
            tracing::debug!("the warm-up took longer than {AT_MOST:?} and was left");
        }
    }
}
