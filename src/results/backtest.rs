//! `backtest.json`: what was promised on the past, and what came of it.

use super::{Estimate, ObjectiveMet, ObjectiveRecord, SourceRecord};
use crate::units::{Currency, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Version of the shape of `backtest.json`.
pub const BACKTEST_SCHEMA_VERSION: u32 = 1;

/// What was decided on the past, and how it fared in the future.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BacktestRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the plans; what was decided is run under the next one.
    pub seed: u32,
    /// Currency of every amount.
    pub currency: Currency,
    /// The objective that decisions are held against.
    pub objective: ObjectiveRecord,
    /// What was found, in sentences.
    pub findings: Vec<String>,
    /// Where the traces are split. Nothing from then on was known to those who decided.
    pub split: Instant,
    /// The time that promises are about.
    pub past: Period,
    /// The time that came.
    pub future: Period,
    /// Who decided what, and how it fared; the plan first.
    pub contenders: Vec<Contender>,
    /// What the planner claimed of its plan, on the past alone.
    pub claims: Vec<String>,
    /// What a reader has to know before believing a number.
    pub warnings: Vec<String>,
    /// Files that were read.
    pub sources: Vec<SourceRecord>,
}

/// A part of the traces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
    /// Its length in hours.
    pub hours: f64,
    /// What differs between its replications, in words.
    pub varied: Vec<String>,
}

/// How a decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// By the planner, on the past.
    Plan,
    /// No commitments, no spot.
    OnDemandOnly,
    /// As many reserved as ran in each hour of the past, on-demand beyond.
    ReservedMinimum,
    /// As many reserved as ran in half of the hours of the past, on-demand beyond.
    ReservedMedian,
    /// By the planner, on the future itself: nobody can decide so.
    PerfectForesight,
}

/// A decision and how it fared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contender {
    /// How it was decided.
    pub rule: Rule,
    /// The decision in words: the mix and its settings.
    pub decision: String,
    /// The mix.
    pub mix: String,
    /// Settings that differ from the scenario's, by JSON pointer.
    pub set: Map<String, Value>,
    /// What it came to on the past; null where the past was not asked.
    pub promised: Option<Fared>,
    /// What it came to in the future.
    pub got: Fared,
    /// Cost in the future less that of the plan, paired by replication; null for the plan, and without one.
    pub cost_above_plan: Option<Estimate>,
}

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fared {
    /// Cost of the period.
    pub cost: Estimate,
    /// The same for 730 h.
    pub per_month: Estimate,
    /// Where the cost for 730 h of another such period lies with 95 % confidence, if periods vary as replications do; null if demand and prices do not
    /// vary, or the future is shorter than what was simulated.
    pub range_per_month: Option<[f64; 2]>,
    /// Late share of offered requests.
    pub late_share: Estimate,
    /// Failed share of offered requests.
    pub error_share: Estimate,
    /// What the intervals say of the objective.
    pub objective_met: ObjectiveMet,
}
