//! Patch waves: all instances are replaced because of a vulnerability.

use super::Law;
use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A vulnerability becomes known and every instance of the group is replaced by one with the updates.
///
/// Instances whose launch was requested before the updates were there are exposed until they are gone. Spot instances are ended first and
/// asked for again, whatever `replace` says, since a slot of the spot pool holds one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchWave {
    /// When the vulnerability becomes known, since the start.
    pub at: Duration,
    /// Time until instances can be launched with the updates: a new image is built and tested. None for updates at boot.
    #[serde(default)]
    pub prepare: Duration,
    /// Updates that an instance installs at boot, after all other stages. None if they are in its image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updates: Option<Law>,
    /// How an instance is replaced.
    #[serde(default)]
    pub replace: Replace,
    /// Instances that are replaced at once, 1 to 100000.
    #[serde(default = "one")]
    pub batch: u32,
    /// Share of the group (as large as it is when the wave begins) that stays in service, 0 to 1. One instance is replaced at a time
    /// even if that allows none.
    #[serde(default = "nine_tenths")]
    pub min_healthy: f64,
}

/// How an instance is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Replace {
    /// The old one leaves while the new one is launched.
    #[default]
    TerminateFirst,
    /// The old one leaves when the new one is in service: a surge of one batch.
    LaunchFirst,
}

fn one() -> u32 {
    1
}

fn nine_tenths() -> f64 {
    0.9
}
