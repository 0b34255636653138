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
    /// Hours of owned reservations that the service leaves to jobs; null where none are owned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_reserved: Option<IdleReserved>,
    /// Reserved instances that were bought for the jobs; null unless that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bought_reserved: Option<BoughtReserved>,
    /// Every number of reserved instances that was tried; null unless there was a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_search: Option<ReservedSearch>,
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
    /// What all jobs pay for spot and on-demand.
    pub cost: Estimate,
    /// The same and what was bought for the jobs / hours of their work.
    pub per_work_hour: Estimate,
    /// Cost / what they would pay on on-demand from their release on - 1.
    pub against_on_demand: Estimate,
    /// What they would pay if none waited (policy `no-wait`) - cost.
    pub saved_by_waiting: Estimate,
    /// Cost / the optimum - 1; null without an optimum, or where that is 0.
    pub above_optimum: Option<Estimate>,
    /// Jobs that were not complete at their deadline / jobs.
    pub missed_share: Estimate,
    /// The same, as a number of jobs.
    pub missed: Estimate,
    /// Jobs that were not complete at the horizon.
    pub unfinished: Estimate,
    /// Mean time from release to completion beyond the work itself, in seconds: waits, restarts, work done again; of the
    /// jobs that were completed.
    pub delay_seconds: Estimate,
    /// How often spot or an idle reserved hour was taken away / jobs.
    pub interruptions_per_job: Estimate,
    /// Hours of work that were lost so.
    pub lost_work_hours: Estimate,
    /// Hours in which jobs held reserved instances.
    pub reserved_hours: Estimate,
    /// Hours in which jobs held spot.
    pub spot_hours: Estimate,
    /// Hours in which jobs held on-demand.
    pub on_demand_hours: Estimate,
}

/// Owned reservations beside a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IdleReserved {
    /// Instance type.
    pub instance_type: String,
    /// How many are owned.
    pub owned: u32,
    /// The mix whose instances have them first.
    pub mix: String,
    /// Instance-hours that it leaves.
    pub idle_hours: Estimate,
}

/// Reserved instances that were bought for jobs alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BoughtReserved {
    /// Instance type.
    pub instance_type: String,
    /// Name of the offer in the price list.
    pub commitment: String,
    /// How many.
    pub instances: u32,
    /// What they cost over the horizon, used or not, with upfront payments spread over the term.
    pub cost: f64,
}

/// Numbers of reserved instances for jobs, on the same jobs and markets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReservedSearch {
    /// Every number with every policy.
    pub points: Vec<ReservedPoint>,
    /// The cheapest number of each policy.
    pub cheapest: Vec<CheapestReserved>,
    /// What Erlang's formula says where no job waits; null where jobs are not at random times, or have spot or owned reservations, too.
    pub formula: Option<ErlangRecord>,
}

/// A number of reserved instances under a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReservedPoint {
    /// Reserved instances.
    pub instances: u32,
    /// Name of the policy.
    pub policy: String,
    /// What the instances and the jobs cost.
    pub total: Estimate,
    /// The same / hours of work.
    pub per_work_hour: Estimate,
    /// Time on on-demand / time on any instance.
    pub on_demand_share: Estimate,
    /// Mean time from release to completion beyond the work itself, in seconds, of the jobs that were completed.
    pub delay_seconds: Estimate,
    /// Jobs that were not complete at their deadline / jobs.
    pub missed_share: Estimate,
}

/// The best number of a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheapestReserved {
    /// Name of the policy.
    pub policy: String,
    /// Reserved instances.
    pub instances: u32,
    /// What these and the jobs cost / hours of work.
    pub per_work_hour: Estimate,
}

/// Jobs that do not wait, by Erlang's formula.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ErlangRecord {
    /// Instances that the jobs keep busy in the mean.
    pub load: f64,
    /// The cheapest number of reserved instances.
    pub instances: u32,
    /// Share of the work that on-demand does then.
    pub on_demand_share: f64,
    /// What that costs / hours of work.
    pub per_work_hour: f64,
}
