//! `batch.json`: what jobs with deadlines cost under each policy.

use super::{Estimate, SourceRecord};
use crate::units::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the shape of `batch.json`.
pub const BATCH_SCHEMA_VERSION: u32 = 1;

/// What jobs cost under each policy. All policies met the same jobs and the same markets in each replication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BatchRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of all random numbers.
    pub seed: u32,
    /// Replications.
    pub replications: u32,
    /// Currency of every amount.
    pub currency: Currency,
    /// Time between two decisions, in seconds.
    pub step_seconds: f64,
    /// Jobs whose deadline lies within the horizon.
    pub jobs: Estimate,
    /// Jobs that were left out since their deadline lies behind the horizon.
    pub jobs_left_out: Estimate,
    /// Jobs among them that nobody can complete in time, since their deadline leaves no room for a restart.
    pub jobs_impossible: Estimate,
    /// Work of the jobs, in hours.
    pub work_hours: Estimate,
    /// The least that could have been paid by somebody who knows every price and interruption beforehand, for each job as if it had the
    /// markets to itself; null if it was not computed, then a warning says why.
    pub optimum: Option<Estimate>,
    /// The policies, in the order of the scenario.
    pub policies: Vec<JobPolicyRecord>,
    /// What was assumed, in words.
    pub assumptions: Vec<String>,
    /// What a reader has to know before believing a number.
    pub warnings: Vec<String>,
    /// Files that were read.
    pub sources: Vec<SourceRecord>,
}

/// Jobs under one policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct JobPolicyRecord {
    /// Its name.
    pub policy: String,
    /// Whether it promises deadlines that can be met.
    pub promises_deadlines: bool,
    /// What all jobs pay.
    pub cost: Estimate,
    /// Cost / what they would pay on on-demand from their release on - 1.
    pub against_on_demand: Estimate,
    /// Cost / the optimum - 1; null without an optimum.
    pub above_optimum: Option<Estimate>,
    /// Jobs that were not complete at their deadline / jobs.
    pub missed_share: Estimate,
    /// The same, as a number of jobs.
    pub missed: Estimate,
    /// Jobs that were not complete at the horizon.
    pub unfinished: Estimate,
    /// How often spot was taken away / jobs.
    pub interruptions_per_job: Estimate,
    /// Hours of work that were lost so.
    pub lost_work_hours: Estimate,
    /// Hours in which jobs held spot.
    pub spot_hours: Estimate,
    /// Hours in which jobs held on-demand.
    pub on_demand_hours: Estimate,
}
