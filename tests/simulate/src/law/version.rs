//! A version as its fleet was tagged: what a judge knows of its policy.

use simulated_aws::api::Millis;
use std::collections::BTreeMap;

/// The longest that a bake is lengthened to for slow alarms.
const EXTENDED: u32 = 3_600;

/// What a judge knows of one version.
#[derive(Clone, Debug, Default)]
pub(super) struct Version {
    /// The fleet.
    pub green: String,
    /// When it appeared.
    pub at: Millis,
    /// Its policy, as it was tagged.
    pub policy: BTreeMap<&'static str, String>,
    /// What its fields were tagged with later: which of them its release began with isn't known.
    pub retagged: Vec<(Millis, String, u32)>,
}

impl Version {
    /// As it was until a moment: what is tagged later changes nothing any more.
    pub fn until(mut self, at: Millis) -> Self {
        self.retagged.retain(|(tagged, ..)| *tagged <= at);
        self
    }

    /// What a number of its policy may be meant to be.
    fn numbers(&self, field: &str) -> impl Iterator<Item = u32> {
        let tagged = self.policy.get(field).and_then(|value| value.parse().ok());
        let later = self.retagged.iter().filter(move |(_, of, _)| of == field).map(|(_, _, value)| *value);
        later.chain(tagged)
    }

    /// The least that it may be.
    pub fn least(&self, field: &str) -> u32 {
        self.numbers(field).min().unwrap_or(0)
    }

    /// The most that it may be.
    pub fn most(&self, field: &str) -> u32 {
        self.numbers(field).max().unwrap_or(0)
    }

    /// Whether its bake is lengthened for slow alarms.
    pub fn extends_bake(&self) -> bool {
        self.policy.get("extend_bake").is_some_and(|word| word == "true")
    }

    /// The longest that it may bake, in seconds.
    pub fn longest_bake(&self) -> u32 {
        self.most("bake_time_seconds").max(if self.extends_bake() { EXTENDED } else { 0 })
    }
}
