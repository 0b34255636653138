//! What a patch wave did to a mix.

use super::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A patch wave: means over replications. What is compared with "without" is the same mix under the same random numbers without the wave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PatchWaveRecord {
    /// From the vulnerability's being known until the last instance without the updates is gone, at most until the horizon.
    pub exposure_seconds: Estimate,
    /// Replications in which some were left at the horizon.
    pub unfinished: u32,
    /// Instances that the wave replaced.
    pub replaced: Estimate,
    /// Instances in service when it began.
    pub in_service_before: Estimate,
    /// Fewest in service until every replacement served.
    pub fewest_in_service: Estimate,
    /// The share of the instances in service that was missing at worst.
    pub capacity_dip: Estimate,
    /// 95th percentile of the response time of requests completed while it ran, in seconds.
    pub p95_seconds: Estimate,
    /// Late / offered in the minutes in which instances were replaced.
    pub late_share: Estimate,
    /// The same in these minutes without the wave.
    pub late_share_without: Estimate,
    /// Failed / offered in the minutes in which instances were replaced.
    pub error_share: Estimate,
    /// The same in these minutes without the wave.
    pub error_share_without: Estimate,
    /// By how much the late share of these minutes is above the objective's; zero if it is not.
    pub late_beyond_objective: f64,
    /// By how much the failed share of these minutes is above the objective's; zero if it is not.
    pub error_beyond_objective: f64,
    /// Instance-seconds over the horizon beyond those without the wave.
    pub extra_instance_seconds: Estimate,
    /// Cost over the horizon beyond that without the wave.
    pub extra_cost: Estimate,
}

impl PatchWaveRecord {
    /// Whether the objective holds in the minutes in which the wave runs.
    pub fn keeps_objective(&self) -> bool {
        self.late_beyond_objective == 0.0 && self.error_beyond_objective == 0.0
    }
}
