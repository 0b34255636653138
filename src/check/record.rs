//! `check.json`: what was checked, and what came of it.

use crate::units::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the shape of `check.json`.
pub const CHECK_SCHEMA_VERSION: u32 = 1;

/// The record of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CheckRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that checked.
    pub fleetmix_version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Version of fleetmix that wrote the baseline.
    pub baseline_version: String,
    /// Whether no figure failed.
    pub passed: bool,
    /// Whether the two results met the same chance.
    pub pairing: Pairing,
    /// Replications of the one that has fewer.
    pub replications: u32,
    /// Currency of costs.
    pub currency: Currency,
    /// How often the whole check may fail although nothing became worse than the limits allow.
    pub false_alarms: f64,
    /// A figure fails if it is beyond its limit with more confidence than this: 1 - false alarms / figures.
    pub required_confidence: f64,
    /// The figures.
    pub figures: Vec<CheckedFigure>,
    /// What a reader has to know.
    pub remarks: Vec<String>,
}

/// Whether two results met the same chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// The same seed: differences are taken replication by replication.
    ByReplication,
    /// Different seeds: differences of means.
    Independent,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Cost of a month of 730 h.
    Cost,
    /// Late / offered requests.
    LateShare,
    /// Failed / offered requests.
    ErrorShare,
}

impl Figure {
    /// The name in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Cost => "cost a month",
            Self::LateShare => "late share",
            Self::ErrorShare => "error share",
        }
    }
}

/// One figure of one mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckedFigure {
    /// Name of the mix.
    pub mix: String,
    /// What is checked.
    pub figure: Figure,
    /// Its value now.
    pub value: f64,
    /// Its value in the baseline; null if the mix is new.
    pub baseline: Option<f64>,
    /// What it may be.
    pub limit: f64,
    /// Where the limit is from, in words.
    pub rule: String,
    /// Confidence that it is beyond the limit, by a one-sided t test over replications.
    pub confidence_beyond: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// More likely within its limit than beyond.
    Passed,
    /// More likely beyond its limit, but not surely enough to fail.
    Unclear,
    /// Surely beyond its limit.
    Failed,
}

impl Verdict {
    /// The verdict of a confidence that a figure is beyond its limit.
    pub(super) fn of(confidence_beyond: f64, required: f64) -> Self {
        if confidence_beyond > required {
            Self::Failed
        } else if confidence_beyond > 0.5 {
            Self::Unclear
        } else {
            Self::Passed
        }
    }

    /// The word for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Unclear => "unclear",
            Self::Failed => "failed",
        }
    }
}
