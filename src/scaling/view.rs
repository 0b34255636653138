//! What a controller sees and what it answers.

use super::tracker::Datapoint;
use crate::scenario::AlarmMetric;
use crate::units::{Duration, SimTime};

/// A metric as an alarm wants it: its statistic over the last `period`, whenever metrics are published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricWindow {
    /// What is measured.
    pub metric: AlarmMetric,
    /// Length of a datapoint.
    pub period: Duration,
}

/// What becomes visible when metrics are published.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    /// End of the period that they tell of.
    pub until: SimTime,
    /// A datapoint for each of the metrics that the controller wants, in its order.
    pub datapoints: Vec<Datapoint>,
    /// Busy instances in the period: CPU utilisation times instances in service; `None` when there were none.
    pub load: Option<f64>,
}

/// The state of the group when a decision is taken. Instances that drain or have a notice do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupView {
    /// Now.
    pub now: SimTime,
    /// Instances of all pools in service whose warm-up is over.
    pub warm_total: u32,
    /// Requested, booting and serving instances of all pools.
    pub total: u32,
    /// Requested, booting and serving on-demand instances.
    pub on_demand: u32,
    /// Fewest and most on-demand instances that the mix allows.
    pub on_demand_limits: (u32, u32),
    /// On-demand instances that stand in for missing spot: policies do not remove them.
    pub standing_in: u32,
    /// Whether an on-demand instance is on its way: launching, warming up or draining.
    pub activity_in_progress: bool,
    /// When the last on-demand instance finished launching or terminating.
    pub last_activity_end: Option<SimTime>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Nothing.
    Stay,
    /// Start on-demand instances.
    Launch {
        /// How many.
        count: u32,
        /// When what caused it began: the first of the breaching datapoints that an alarm waits for. Now if no alarm was waited for.
        since: SimTime,
        /// The observation that caused it.
        why: String,
    },
    /// Drain and stop on-demand instances.
    Terminate {
        /// How many.
        count: u32,
        /// The observation that caused it.
        why: String,
    },
}
