//! The nouns: the policy.

use serde::{Deserialize, Serialize};

/// Fields as somebody gave them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PolicyFields {}

/// What a release was told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {}
