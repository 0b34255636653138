//! What must hold over the horizon.

use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The service level that a mix has to reach. Both shares are of the requests *offered*, so that shedding load never helps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// A request that takes longer than this, from arrival to completion, is late.
    pub latency: Duration,
    /// Largest share of offered requests that may be late (0.05 makes `latency` a limit on the 95th percentile).
    pub late_share: f64,
    /// Largest share of offered requests that may fail (rejected, timed out or lost).
    pub error_share: f64,
    /// What the shares are taken over.
    #[serde(default)]
    pub over: ObjectiveSpan,
}

/// What the shares of an objective are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveSpan {
    /// All requests of the horizon.
    #[default]
    Horizon,
}
