//! What all jobs of a replication came to under one policy.

use crate::batch::{Job, JobOutcome};
use crate::units::Money;

/// Sums over jobs; times are in steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) cost: Money,
    pub(super) missed: u64,
    pub(super) unfinished: u64,
    pub(super) interruptions: u64,
    pub(super) lost: u64,
    pub(super) on_reserved: u64,
    pub(super) on_spot: u64,
    pub(super) on_demand: u64,
    pub(super) completed: u64,
    /// Of the jobs that were completed.
    pub(super) delay: u64,
}

impl Sums {
    pub(super) fn of(jobs: &[Job], outcomes: &[JobOutcome]) -> Self {
        let mut sums = Self::default();
        for (job, outcome) in jobs.iter().zip(outcomes) {
            sums.cost += outcome.cost;
            sums.missed += u64::from(outcome.missed(job));
            sums.unfinished += u64::from(outcome.completed.is_none());
            sums.completed += u64::from(outcome.completed.is_some());
            sums.interruptions += u64::from(outcome.interruptions);
            sums.lost += u64::from(outcome.lost);
            sums.on_reserved += u64::from(outcome.on_reserved);
            sums.on_spot += u64::from(outcome.on_spot);
            sums.on_demand += u64::from(outcome.on_demand);
            sums.delay += u64::from(outcome.delay(job).unwrap_or(0));
        }
        sums
    }

    /// Share of the steps with an instance that were on on-demand, as its two parts.
    pub(super) fn on_demand_of_held(&self) -> [f64; 2] {
        [self.on_demand, self.on_reserved + self.on_spot + self.on_demand].map(|steps| steps as f64)
    }
}
