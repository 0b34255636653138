//! `plan.json`: the cheapest mix that was found, and how sure that is.

use super::SourceRecord;
use crate::units::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Version of the shape of `plan.json`.
pub const PLAN_SCHEMA_VERSION: u32 = 1;

/// What a planner found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PlanRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of all random numbers.
    pub seed: u32,
    /// Currency of every amount.
    pub currency: Currency,
    /// Simulated hours of one replication.
    pub horizon_hours: f64,
    /// Whether nothing stopped it.
    pub complete: bool,
    /// The plan; null if no candidate was shown to meet the objective.
    pub plan: Option<PlannedMix>,
    /// What is claimed, with its confidence, sentence by sentence.
    pub claims: Vec<String>,
    /// How many candidates there were, and what became of them.
    pub candidates: CandidateCounts,
    /// Replications that were used.
    pub replications: ReplicationCounts,
    /// Every raced candidate, in order of mean cost.
    pub raced: Vec<RacedMix>,
    /// Candidates that no other beats in both cost and late requests, by the screening; of those that were not given up.
    pub frontier: Vec<ScreenedMix>,
    /// By how much the screening erred on the raced candidates.
    pub screening_error: Option<ScreeningError>,
    /// What stayed open, in words.
    pub unresolved: Vec<String>,
    /// A proven lower limit of the cost of any policy that meets the objective, and the plan's distance to it; null if none was computed.
    pub bound: Option<PlanBound>,
    /// Why there is no bound, where there is a plan but no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_bound: Option<String>,
    /// The best commitments for the plan's usage; null if there is nothing to buy.
    pub commitments: Option<Value>,
    /// Files that were read.
    pub sources: Vec<SourceRecord>,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedMix {
    /// Its name.
    pub name: String,
    /// The mix.
    pub mix: String,
    /// Settings that differ from the scenario's, by JSON pointer.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// Mean cost of a horizon on the fresh replications; of the race if there are none.
    pub cost: f64,
    /// Its upper confidence limit (95 %, one-sided).
    pub cost_upper: Option<f64>,
    /// The mean cost for a month of 730 h.
    pub per_month: f64,
    /// Share of late requests, in the mean over fresh replications.
    pub late_share: f64,
    /// Share of failed requests, in the mean over fresh replications.
    pub error_share: f64,
    /// Whether it was certified that it meets the objective: `t`, `distribution-free`, or `none`.
    pub certified: String,
}

/// What became of candidates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateCounts {
    /// All.
    pub searched: u64,
    /// Candidates that behave like another in every screened replication.
    pub alike: u64,
    /// Raced.
    pub raced: u64,
    /// Not simulated, because their commitments alone cost more than the upper limit of the plan's cost.
    pub too_dear: u64,
    /// Put aside by the screening, dearer or later than the plan by more than the measured error.
    pub put_aside: u64,
    /// Put aside by the screening, though within its measured error of the plan.
    pub put_aside_within_error: u64,
}

/// Replications that were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplicationCounts {
    /// Of single candidates, minute by minute, those given up included.
    pub screened: u64,
    /// Of these, how many were simulated: the others cannot differ from one that was, since no setting that tells them apart ever comes
    /// into play in that replication.
    pub simulated: u64,
    /// Candidates whose first one was given up before its end, since by then more requests were late or failed than twice what is allowed and
    /// the error of minutes besides.
    #[serde(default)]
    pub given_up: u64,
    /// Of single candidates, every request simulated, in the race.
    pub raced: u64,
    /// Of the winner, on fresh random numbers.
    pub certified: u64,
}

/// A raced candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RacedMix {
    /// Its name.
    pub name: String,
    /// Mean cost of a horizon.
    pub cost: f64,
    /// Share of late requests.
    pub late_share: f64,
    /// Share of failed requests.
    pub error_share: f64,
    /// Replications of it.
    pub replications: u32,
    /// What the race said of it, in words.
    pub verdict: String,
    /// How many other candidates behave like it.
    pub alike: u32,
}

/// A screened candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScreenedMix {
    /// Its name.
    pub name: String,
    /// Mean cost of a horizon, by minutes.
    pub cost: f64,
    /// Share of late requests, by minutes.
    pub late_share: f64,
    /// Share of failed requests, by minutes.
    pub error_share: f64,
}

/// The largest errors of the screening over the raced candidates, on the same random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScreeningError {
    /// Of the cost, as a share of it.
    pub cost: f64,
    /// Of the late share.
    pub late_share: f64,
    /// Of the error share.
    pub error_share: f64,
}

/// A proven lower limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanBound {
    /// Cost of a horizon that no policy within the assumptions goes below: the lower confidence limit (95 %, one-sided).
    pub cost: f64,
    /// The same for a month of 730 h.
    pub per_month: f64,
    /// Upper confidence limit of the plan's cost over this one, less 1; null where the bound is 0.
    pub gap: Option<f64>,
    /// Which policies it holds for, and what it leaves out, in sentences.
    pub assumptions: Vec<String>,
}
