//! What came of work that could wait.

use super::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Work that can wait, over the horizon. Work is in seconds on an instance of speed 1, times are those of containers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BackgroundRecord {
    /// Work that was done and kept; what is not saved at the horizon counts.
    pub work_done_seconds: Estimate,
    /// Work that was done and lost, because a container was killed before it saved.
    pub work_lost_seconds: Estimate,
    /// Time in which containers with work that can wait started and did nothing yet.
    pub starting_seconds: Estimate,
    /// Tasks that were completed.
    pub tasks_done: Estimate,
    /// Containers that were killed: for requests, or with their host.
    pub containers_killed: Estimate,
    /// Containers that were started for requests.
    pub containers_started_for_requests: Estimate,
    /// Mean time that a container takes to start, in seconds: a setting.
    pub container_start_seconds: f64,
    /// Work done / hours of the horizon, in hours: how many slots of speed 1 it is worth.
    pub work_per_hour: Estimate,
    /// Share of the slot-seconds in service in which requests were served or work was done, kept or not.
    pub host_utilization: Estimate,
    /// What the work costs elsewhere that came due and was not done here; null unless the scenario says so. No part of the mix's cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_elsewhere: Option<Estimate>,
    /// Total cost / hours of useful work: slot-hours in which requests were served, and work done.
    pub cost_per_useful_hour: Estimate,
}
