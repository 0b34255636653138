//! What a study needs: the scenario, its traces and the candidate mixes.

use crate::results::SourceRecord;
use crate::scenario::{InlinePrices, Mix, Scenario};
use crate::trace::{PriceSeries, RateSeries};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scenario with everything that it refers to.
#[derive(Debug, Clone)]
pub struct StudyInput {
    /// The scenario.
    pub scenario: Scenario,
    /// Its demand.
    pub demand: Arc<RateSeries>,
    /// The mixes.
    pub candidates: Vec<Candidate>,
    /// Files that were read.
    pub sources: Vec<SourceRecord>,
    /// What was assumed when they were read, in words.
    pub assumptions: Vec<String>,
}

/// One mix with the scenario as its settings leave it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Name in reports.
    pub name: String,
    /// The mix.
    pub mix: Mix,
    /// Settings that it overrides.
    pub set: serde_json::Map<String, serde_json::Value>,
    /// The scenario with these settings.
    pub scenario: Arc<Scenario>,
    /// Its prices.
    pub prices: Arc<InlinePrices>,
    /// Prices of its markets over time, by name.
    pub markets: BTreeMap<String, Arc<PriceSeries>>,
}
