//! What the tests of the wire share: a world that follows a script, and one client of each SDK.

use std::collections::VecDeque;

use super::*;
use crate::api::{Call, Reply, Served};

/// A world that gives prepared answers and remembers what it was asked.
#[derive(Default)]
pub(super) struct Script {
    answers: VecDeque<Served>,
    asked: Vec<Call>,
}

impl Aws for Script {
    fn now(&self) -> Millis {
        AT
    }

    fn advance_to(&mut self, _: Millis) {}

    fn serve(&mut self, call: &Call) -> Served {
        self.asked.push(call.clone());
        self.answers.pop_front().unwrap_or(Served::Ok(Reply::Done))
    }
}

pub(super) async fn wire(answers: impl IntoIterator<Item = Served>) -> Wire<Script> {
    Wire::start(Script { answers: answers.into_iter().collect(), asked: Vec::new() }).await.unwrap()
}

pub(super) fn asked(wire: &Wire<Script>) -> Vec<Call> {
    wire.world(|script| std::mem::take(&mut script.asked))
}

/// One client of each SDK, configured alike.
macro_rules! client {
    ($sdk:ident, $wire:expr, $attempts:expr) => {{
        let config = $sdk::Config::builder()
            .endpoint_url($wire.endpoint())
            .region($sdk::config::Region::new("eu-west-1"))
            .credentials_provider($sdk::config::Credentials::new("AKIDTEST", "secret", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config($sdk::config::retry::RetryConfig::standard().with_max_attempts($attempts))
            .build();
        $sdk::Client::from_conf(config)
    }};
    ($sdk:ident, $wire:expr) => {
        client!($sdk, $wire, 1)
    };
}

pub(super) use client;

/// The moment that the script's world stands at.
pub(super) const AT: Millis = 1_764_000_000_123;

/// Quotes, markup, control characters and other alphabets travel unharmed in both directions.
pub(super) const ODD: &str = "blue <&\"'> \u{00e9}\u{1f980} {\"json\": *} \ttab";
