//! A version as its fleet was tagged: what a judge knows of its policy.

use simulated_aws::api::Millis;
use std::collections::BTreeMap;

/// The tag that says how long a release bakes.
pub const BAKE: &str = "cutover:bake-time-seconds";

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
    /// What its bake was tagged with later, in seconds: which of them its release began with isn't known.
    pub retagged: Vec<u32>,
}

impl Version {
    /// A field of its policy that is a number.
    pub fn number(&self, field: &str) -> u32 {
        self.policy.get(field).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// How long its bake may be meant to be, in seconds.
    pub fn bakes(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.number("bake_time_seconds")).chain(self.retagged.iter().copied())
    }

    /// The longest that it may bake, in seconds.
    pub fn longest_bake(&self) -> u32 {
        let extended = self.policy.get("extend_bake").is_some_and(|word| word == "true");
        self.bakes().max().unwrap_or(0).max(if extended { EXTENDED } else { 0 })
    }
}
