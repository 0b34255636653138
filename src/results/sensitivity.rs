//! `sensitivity.json`: what cost and late requests depend on most, and where decisions turn.

use super::{Estimate, ObjectiveMet, ObjectiveRecord, SourceRecord};
use crate::units::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the shape of `sensitivity.json`.
pub const SENSITIVITY_SCHEMA_VERSION: u32 = 1;

/// How a mix and its rival react to what may turn out otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SensitivityRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed; every variation has the same random numbers.
    pub seed: u32,
    /// Replications of each variation.
    pub replications: u32,
    /// Currency of every amount.
    pub currency: Currency,
    /// The objective.
    pub objective: ObjectiveRecord,
    /// What was found, in sentences.
    pub findings: Vec<String>,
    /// The mix that is looked at, as the scenario stands.
    pub mix: Reaction,
    /// The mix that would be taken in its place, as the scenario stands.
    pub rival: Option<Reaction>,
    /// One factor at a time, the one that moves the mix's cost most first.
    pub factors: Vec<FactorRecord>,
    /// How often spot may be interrupted; null without spot in the mix.
    pub interruptions: Option<InterruptionBreakEven>,
    /// How long the mix's commitments have to be used.
    pub commitments: Vec<CommitmentBreakEven>,
    /// What was assumed of the variations, in words.
    pub assumptions: Vec<String>,
    /// Files that were read.
    pub sources: Vec<SourceRecord>,
}

/// What may turn out otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Prices of reserved offers, upfront and by the hour.
    ReservedPrice,
    /// Prices of all spot markets; maximum prices stay.
    SpotPrice,
    /// On-demand prices, and maximum spot prices that follow them.
    OnDemandPrice,
    /// The rate of requests.
    Demand,
    /// Every stage of a boot.
    BootTime,
    /// How often spot is interrupted at random.
    Interruptions,
    /// How long a request takes.
    ServiceTime,
}

impl Factor {
    /// What it is called in tables and charts.
    pub fn name(self) -> &'static str {
        match self {
            Factor::ReservedPrice => "reserved price",
            Factor::SpotPrice => "spot price",
            Factor::OnDemandPrice => "on-demand price",
            Factor::Demand => "demand",
            Factor::BootTime => "boot time",
            Factor::Interruptions => "interruptions",
            Factor::ServiceTime => "service time",
        }
    }
}

/// One factor, lower and higher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FactorRecord {
    /// Which.
    pub factor: Factor,
    /// With less of it.
    pub low: Variation,
    /// With more of it.
    pub high: Variation,
}

impl FactorRecord {
    /// The larger of its two effects on the mix's cost.
    pub fn largest_effect(&self) -> f64 {
        self.low.mix.cost_change.mean.abs().max(self.high.mix.cost_change.mean.abs())
    }
}

/// A factor that is changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Variation {
    /// How, in words: `+20 %`.
    pub change: String,
    /// What the mix comes to.
    pub mix: Reaction,
    /// What its rival comes to.
    pub rival: Option<Reaction>,
}

/// What a mix comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reaction {
    /// Name of the mix.
    pub name: String,
    /// Cost for 730 h.
    pub per_month: Estimate,
    /// Cost for 730 h less that as the scenario stands, paired by replication.
    pub cost_change: Estimate,
    /// Late share of offered requests.
    pub late_share: Estimate,
    /// Mean over replications of the late share less that as the scenario stands, paired.
    pub late_change: Estimate,
    /// Failed share of offered requests.
    pub error_share: Estimate,
    /// What the intervals say of the objective.
    pub objective_met: ObjectiveMet,
}

/// How often spot may be interrupted before the decision turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InterruptionBreakEven {
    /// Random interruptions of an instance in 730 h, as the scenario stands.
    pub now: f64,
    /// From where on the mix costs more than its rival; null without a rival.
    pub dearer_than_rival: Option<Turn>,
    /// From where on too many requests are late.
    pub too_many_late: Turn,
    /// From where on too many requests fail.
    pub too_many_failed: Turn,
    /// What was simulated, by rising rate.
    pub points: Vec<InterruptionPoint>,
}

/// Where something turns, in random interruptions of an instance in 730 h.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Turn {
    /// Where the estimate turns: 0 if it has turned without any, null if it does not turn up to `up_to`.
    pub at: Option<f64>,
    /// Where the estimate's 95 % interval allows it to turn; an end is null where it lies beyond `up_to`.
    pub between: [Option<f64>; 2],
    /// The highest rate that was tried.
    pub up_to: f64,
}

/// One rate of interruptions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InterruptionPoint {
    /// Random interruptions of an instance in 730 h.
    pub per_month: f64,
    /// Cost of the mix for 730 h.
    pub cost: Estimate,
    /// That less the cost of its rival, paired by replication.
    pub above_rival: Option<Estimate>,
    /// Late share of the mix.
    pub late_share: Estimate,
    /// Failed share of the mix.
    pub error_share: Estimate,
}

/// How long a commitment has to be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommitmentBreakEven {
    /// Its name in `charges.csv`.
    pub id: String,
    /// How many.
    pub count: u32,
    /// Months of the term, of 730 h.
    pub term_months: f64,
    /// Used share of what it costs, in the replication of median cost.
    pub utilization: Option<f64>,
    /// Months of such use, from its beginning, after which on-demand would have cost as much as the whole term does; more than the term if it never pays, null if it
    /// is not used at all or is no reservation.
    pub must_last_months: Option<f64>,
    /// The same with the lower demand.
    pub must_last_months_low_demand: Option<f64>,
    /// The same with the higher demand.
    pub must_last_months_high_demand: Option<f64>,
    /// Months after which an upfront payment is earned back; null without one that ever is.
    pub upfront_earned_back_months: Option<f64>,
}
