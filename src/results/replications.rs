//! Figures of single replications: what a later study is compared with, pair by pair.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Figures of each replication of a mix, in the order of the replications.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplicationValues {
    /// Cost over the horizon, amortised.
    pub cost: Vec<f64>,
    /// Requests that arrived.
    pub offered: Vec<u64>,
    /// Requests that were served late.
    pub late: Vec<u64>,
    /// Requests that failed.
    pub failed: Vec<u64>,
    /// 95th percentile of the response time, in seconds.
    pub p95_seconds: Vec<f64>,
}

impl ReplicationValues {
    /// Whether no replication is told of, as in records of earlier versions.
    pub fn is_empty(&self) -> bool {
        self.cost.is_empty()
    }
}
