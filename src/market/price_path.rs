//! The price of a market in one replication.

use crate::units::{Rate, SimTime};

/// A price as a step function over a whole replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePath {
    steps: Vec<(SimTime, Rate)>,
}

impl PricePath {
    /// A path of `steps` in increasing order of time; equal neighbours are merged.
    ///
    /// # Panics
    /// If there is no step.
    pub fn new(mut steps: Vec<(SimTime, Rate)>) -> Self {
        assert!(!steps.is_empty(), "a price path has at least one step");
        steps.dedup_by(|later, earlier| later.1 == earlier.1);
        Self { steps }
    }

    /// The steps in order of time.
    pub fn steps(&self) -> &[(SimTime, Rate)] {
        &self.steps
    }

    /// The price at `time`; before the first step its value.
    pub fn at(&self, time: SimTime) -> Rate {
        self.steps[self.index_at(time)].1
    }

    /// The index of the step that holds at `time`.
    pub fn index_at(&self, time: SimTime) -> usize {
        self.steps.partition_point(|(from, _)| *from <= time).saturating_sub(1)
    }
}
