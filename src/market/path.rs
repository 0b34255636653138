//! What a market is like in one replication: its price and what it can give.

use crate::units::{Rate, SimTime};
use std::sync::Arc;

/// A step function over a whole replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPath<T> {
    steps: Vec<(SimTime, T)>,
}

/// The price of a market in one replication.
pub type PricePath = StepPath<Rate>;

/// How many instances a market can give in one replication.
pub type CapacityPath = StepPath<u32>;

impl<T: Copy + PartialEq> StepPath<T> {
    /// A path of `steps` in increasing order of time; equal neighbours are merged.
    ///
    /// # Panics
    /// If there is no step.
    pub fn new(mut steps: Vec<(SimTime, T)>) -> Self {
        assert!(!steps.is_empty(), "a path has at least one step");
        steps.dedup_by(|later, earlier| later.1 == earlier.1);
        Self { steps }
    }

    /// The steps in order of time.
    pub fn steps(&self) -> &[(SimTime, T)] {
        &self.steps
    }

    /// The value at `time`; before the first step its value.
    pub fn at(&self, time: SimTime) -> T {
        self.steps[self.index_at(time)].1
    }

    /// The index of the step that holds at `time`, found from that of a step which began no later.
    pub fn index_from(&self, begun: usize, time: SimTime) -> usize {
        begun + self.steps[begun + 1..].iter().take_while(|(from, _)| *from <= time).count()
    }

    /// The index of the step that holds at `time`.
    pub fn index_at(&self, time: SimTime) -> usize {
        self.steps.partition_point(|(from, _)| *from <= time).saturating_sub(1)
    }
}

/// Price and capacity of a market in one replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketPath {
    /// The price.
    pub price: Arc<PricePath>,
    /// How many instances it can give, if that changes over time.
    pub capacity: Option<Arc<CapacityPath>>,
}

impl MarketPath {
    /// The same price, and as many instances as one likes at any time.
    pub fn without_limit(&self) -> Self {
        Self { price: Arc::clone(&self.price), capacity: None }
    }

    /// How many instances it can give at `time`; as many as one likes without a path of it.
    pub fn capacity_at(&self, time: SimTime) -> u32 {
        self.capacity.as_ref().map_or(u32::MAX, |path| path.at(time))
    }
}
