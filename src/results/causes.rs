//! Why requests of a mix are late or fail.

use super::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Causes of late and of failed requests: the same runs again, each with one cause switched off under the same random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CausesRecord {
    /// Of the requests that were served late.
    pub late: CauseSplit,
    /// Of the late ones: those whose work alone takes longer than the objective's latency on the mix's fastest instance, so that no fleet
    /// of this kind serves them in time. They are part of `too_small_a_fleet`.
    pub late_by_work_alone: Estimate,
    /// Of the requests that failed.
    pub failed: CauseSplit,
}

impl CausesRecord {
    /// A record of these parts.
    pub fn new(late: CauseSplit, late_by_work_alone: Estimate, failed: CauseSplit) -> Self {
        Self { late, late_by_work_alone, failed }
    }
}

/// Requests of a replication by cause. In every replication the five parts add up to the total.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CauseSplit {
    /// All.
    pub total: Estimate,
    /// What there would be less if spot were always to be had and never taken back, and nothing failed by itself or with its zone.
    pub interruption: Estimate,
    /// What there would be less if each instance served at the moment in which it is asked for.
    pub boot_delay: Estimate,
    /// What there would be less if each launch were asked for when the breach began for which the alarms waited.
    pub alarm_delay: Estimate,
    /// What is left without these three.
    pub too_small_a_fleet: Estimate,
    /// The total without the four parts: negative where one cause does harm only together with another, so that both parts count the same
    /// requests; positive where either alone is enough, so that switching off one changes little.
    pub interaction: Estimate,
}

impl CauseSplit {
    /// The five parts, with their names for people.
    pub fn parts(&self) -> [(&'static str, Estimate); 5] {
        [
            ("interruption", self.interruption),
            ("boot delay", self.boot_delay),
            ("alarm delay", self.alarm_delay),
            ("too small a fleet", self.too_small_a_fleet),
            ("interaction", self.interaction),
        ]
    }
}
