//! What a comparison of two studies says.

use crate::results::ObjectiveMet;
use crate::units::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the shape of a difference.
pub const DIFFERENCE_SCHEMA_VERSION: u32 = 1;

/// A new study against an old one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Difference {
    /// Version of this shape.
    pub schema_version: u32,
    /// Name of the old scenario.
    pub old: String,
    /// Name of the new scenario.
    pub new: String,
    /// Currency of every amount.
    pub currency: Currency,
    /// Whether replications are compared pair by pair: same seed, and as many of them.
    pub paired: bool,
    /// What was set differently.
    pub settings: Vec<ChangedSetting>,
    /// Mixes of both studies, by name.
    pub mixes: Vec<MixDifference>,
    /// Mixes of the old study only.
    pub gone: Vec<String>,
    /// Mixes of the new study only.
    pub added: Vec<String>,
    /// The best mix of the old study and of the new one.
    pub best: [Option<String>; 2],
    /// What a reader has to know before believing it.
    pub notes: Vec<String>,
}

/// Something that was set differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedSetting {
    /// What.
    pub what: String,
    /// In the old study.
    pub old: String,
    /// In the new study.
    pub new: String,
}

/// How a mix changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct MixDifference {
    /// Its name.
    pub name: String,
    /// Cost of a month of 730 h.
    pub cost_per_month: Change,
    /// Late / offered.
    pub late_share: Change,
    /// Failed / offered.
    pub error_share: Change,
    /// 95th percentile of the response time, in seconds; the interval is that of its mean over replications.
    pub p95_seconds: Change,
    /// Whether the objective was met, and is.
    pub objective_met: [ObjectiveMet; 2],
}

/// How a figure changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// In the old study.
    pub old: f64,
    /// In the new study.
    pub new: f64,
    /// New less old.
    pub difference: f64,
    /// 95 % confidence interval of the difference; null if single replications are not known.
    pub ci95: Option<[f64; 2]>,
    /// What the interval says.
    pub finding: Finding,
}

/// What an interval says of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It rose by more than noise: the whole interval is above zero.
    Rose,
    /// It fell by more than noise: the whole interval is below zero.
    Fell,
    /// It may be noise: the interval holds zero.
    WithinNoise,
    /// Nothing changed, in any replication.
    Same,
    /// There is no interval.
    Unknown,
}
