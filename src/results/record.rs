//! `results.json`: the versioned record of a study.

use super::{BackgroundRecord, CausesRecord, PatchWaveRecord, ReplicationValues, SensitivityRecord};
use crate::units::{Currency, Duration, Instant, Term};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the shape of `results.json`.
pub const SCHEMA_VERSION: u32 = 1;

/// An estimate over replications.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// Mean over replications (for shares and percentiles: of all requests pooled).
    pub mean: f64,
    /// 95 % confidence interval; null with a single replication, which has none.
    pub ci95: Option<[f64; 2]>,
    /// Number of replications.
    pub n: u32,
}

/// The record of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Results {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// What was simulated.
    pub scenario: ScenarioRecord,
    /// The objective that mixes are held against.
    pub objective: ObjectiveRecord,
    /// Currency of every amount.
    pub currency: Currency,
    /// Date and source of the price list, in words.
    pub prices: String,
    /// What differs between replications, in words. Empty when there is only one.
    pub varied_between_replications: Vec<String>,
    /// Whether demand or markets differ between replications: only then intervals speak of risk.
    pub demand_or_market_varied: bool,
    /// One record a mix, in canonical order (by name).
    pub mixes: Vec<MixRecord>,
    /// Name of the mix that all others are compared with.
    pub baseline: Option<String>,
    /// Name of the cheapest mix that meets the objective (else of the cheapest for which that is unclear); null if all miss.
    pub best: Option<String>,
    /// Paired comparisons against the baseline and against the best.
    pub comparisons: Vec<Comparison>,
    /// What cost and late requests of a mix depend on, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<SensitivityRecord>,
    /// Files that were read.
    pub sources: Vec<SourceRecord>,
    /// What was assumed, in words: placements, preparations, rules.
    pub assumptions: Vec<String>,
    /// What a reader has to know before believing a number.
    pub warnings: Vec<String>,
}

/// What was simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ScenarioRecord {
    /// Name of the scenario.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Start of simulated time.
    pub start: Instant,
    /// Length of simulated time, in seconds.
    pub horizon_seconds: f64,
    /// Seed.
    pub seed: u32,
    /// Replications.
    pub replications: u32,
    /// `request` or `interval`.
    pub fidelity: String,
    /// Time zone of labels (IANA name).
    pub report_time_zone: String,
}

/// The objective that mixes are held against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ObjectiveRecord {
    /// A request slower than this is late, in seconds.
    pub latency_seconds: f64,
    /// Largest allowed late share of offered requests.
    pub late_share: f64,
    /// Largest allowed failed share of offered requests.
    pub error_share: f64,
}

/// What the intervals say of the objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveMet {
    /// Both shares' intervals lie within the limits.
    Met,
    /// At least one share's interval lies beyond its limit.
    Missed,
    /// The intervals allow either.
    Unclear,
}

/// One mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct MixRecord {
    /// Name in reports.
    pub name: String,
    /// The mix in its notation.
    pub mix: String,
    /// Settings that this mix overrides, by JSON pointer.
    pub set: serde_json::Map<String, serde_json::Value>,
    /// Whether the objective is met.
    pub objective_met: ObjectiveMet,
    /// Money over the horizon, amortised.
    pub cost: Cost,
    /// Requests by what became of them, over the horizon.
    pub requests: Requests,
    /// Time from arrival to completion of served requests.
    pub latency_seconds: Latency,
    /// Served late / offered.
    pub late_share: Estimate,
    /// Failed (rejected, timed out, lost) / offered.
    pub error_share: Estimate,
    /// Share of minutes with requests in which the objective held.
    pub attainment: Estimate,
    /// The same, weighted by requests.
    pub attainment_by_requests: Estimate,
    /// Busy slot-seconds / slot-seconds in service, over the horizon (plus idle CPU).
    pub cpu_utilization: Estimate,
    /// Instances.
    pub instances: InstanceCounts,
    /// What the parts of the mix are made of.
    pub pools: Vec<PoolRecord>,
    /// Its commitments, those owned before first.
    pub commitments: Vec<CommitmentRecord>,
    /// The replication that invoice and time line show: the one of median cost.
    pub named_replication: NamedReplication,
    /// What the scenario's patch wave did, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_wave: Option<PatchWaveRecord>,
    /// Why its requests are late, if it is the mix for which that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causes: Option<CausesRecord>,
    /// Figures of each replication; empty in records of earlier versions.
    #[serde(default, skip_serializing_if = "ReplicationValues::is_empty")]
    pub by_replication: ReplicationValues,
    /// What came of work that can wait, if the scenario has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<BackgroundRecord>,
}

/// One part of a mix, in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PoolRecord {
    /// `reserved`, `spot` or `on_demand`.
    pub pool: String,
    /// Instance type.
    pub instance_type: String,
    /// Price and terms in words, e.g. `1y-no-upfront, 0.658 USD/h`.
    pub terms: String,
    /// On-demand price of an instance-hour of this type; null in records of earlier versions.
    #[serde(default)]
    pub on_demand_hourly: Option<f64>,
}

/// A commitment: how it is paid and when it pays. Money is in currency units, for each of `count`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommitmentRecord {
    /// Its name in `charges.csv`.
    pub id: String,
    /// How many.
    pub count: u32,
    /// Bought before: its money is sunk.
    pub owned: bool,
    /// Its term.
    pub term: Term,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment: String,
    /// Paid at the beginning.
    pub upfront: f64,
    /// Due by the hour.
    pub hourly: f64,
    /// By the hour with the upfront payment spread over the term, without the cost of capital.
    pub effective_hourly: f64,
    /// Used share of what it costs, in the named replication.
    pub utilization: Option<f64>,
    /// Share of hours that must be used for it to cost as much as on-demand; null for savings plans.
    pub break_even_utilization: Option<f64>,
    /// Months after which the upfront payment is earned back at that utilisation; null if it never is.
    pub break_even_months: Option<f64>,
    /// What its payments are worth today, if the scenario states a discount rate; monthly payments at the end of each month.
    pub net_present_value: Option<f64>,
    /// Annual return of paying upfront instead of by the hour: against the offer of the same term with the least upfront.
    pub return_on_upfront: Option<f64>,
}

/// Money over the horizon in currency units, amortised view.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Everything.
    pub total: Estimate,
    /// Commitments.
    pub reserved: Estimate,
    /// Spot.
    pub spot: Estimate,
    /// On-demand.
    pub on_demand: Estimate,
    /// Savings plans.
    pub savings_plan: Estimate,
    /// Everything else.
    pub other: Estimate,
    /// Of which commitment that covered nothing.
    pub unused_commitment: Estimate,
    /// Beside the total: what commitments that were owned before cost, whatever is decided.
    pub sunk_commitment: Estimate,
    /// What is paid within the horizon (cash view): upfront payments in full, where the other figures spread them over the term.
    pub cash: Estimate,
    /// Total scaled to a month of 730 h.
    pub per_month: Estimate,
}

/// Requests over the horizon: offered = served + rejected + timed out + lost + in system at end, in every replication.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Requests {
    /// Arrived.
    pub offered: Estimate,
    /// Completed, late or not.
    pub served: Estimate,
    /// Turned away by the queue limit.
    pub rejected: Estimate,
    /// Left while waiting.
    pub timed_out: Estimate,
    /// Lost with their instance.
    pub lost: Estimate,
    /// Never completed: no server was left.
    pub in_system_at_end: Estimate,
}

/// Time from arrival to completion of served requests, in seconds. Percentiles are of all requests pooled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// Mean.
    pub mean: Estimate,
    /// Median.
    pub p50: Estimate,
    /// 90th percentile.
    pub p90: Estimate,
    /// 95th percentile.
    pub p95: Estimate,
    /// 99th percentile.
    pub p99: Estimate,
    /// 99.9th percentile.
    pub p999: Estimate,
    /// Largest, mean over replications.
    pub max: Estimate,
}

/// Instances over the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceCounts {
    /// Running (billed or committed) hours.
    pub hours: InstanceHours,
    /// Instances that began to run.
    pub launches: Estimate,
    /// Launches that failed.
    pub launch_failures: Estimate,
    /// Spot instances taken away.
    pub interruptions: Estimate,
    /// Actions that added on-demand.
    pub scale_outs: Estimate,
    /// Actions that removed on-demand.
    pub scale_ins: Estimate,
    /// Most instances running at once.
    pub peak: Estimate,
}

/// Running hours by purchase option.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceHours {
    /// Base instances.
    pub reserved: Estimate,
    /// Spot.
    pub spot: Estimate,
    /// On-demand.
    pub on_demand: Estimate,
}

/// The replication that invoice and time line show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedReplication {
    /// Its index, from 0.
    pub index: u32,
    /// Its exact total as a plain decimal.
    pub total: String,
}

/// A paired comparison: both mixes met the same demand, the same work and the same market in each replication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Name of a mix.
    pub a: String,
    /// Name of the mix it is compared with.
    pub b: String,
    /// Cost of a minus cost of b over the horizon.
    pub cost_difference: Estimate,
    /// Share of replications in which a is cheaper; null when neither demand nor market varied.
    pub probability_a_cheaper: Option<Estimate>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceRecord {
    /// What it is used as: `demand`, `market use1b`, `prices`.
    pub role: String,
    /// Path as written in the scenario.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Rows that were used.
    pub rows: u64,
}

impl ScenarioRecord {
    /// The length of simulated time.
    pub fn horizon(&self) -> Duration {
        Duration::from_nanos((self.horizon_seconds * 1e9) as i64)
    }
}
