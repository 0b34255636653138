//! The tables of a study, made when they are first wanted and kept.

use super::build::build;
use super::table::Table;
use crate::engine::MixPlan;
use crate::scenario::{Arrivals, Discipline, Scenario};
use crate::units::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Works whose mean is longer than this do not fit into minutes.
const LONGEST_MEAN_WORK: f64 = 6.0;

/// Instances that serve together: how many there are of each speed and number of slots, and by which rules they serve.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ServerSet {
    /// Bits of the speed, slots, instances; in increasing order.
    pub(super) groups: Vec<(u64, u32, u32)>,
    /// What distinguishes mixes with the same instances: discipline, limits of the queue.
    pub(super) rules: Arc<str>,
}

/// What serves the requests of a study in the `interval` fidelity, for all its mixes and replications.
///
/// A table depends on the scenario's seed and on its server set only, not on who wants it first.
#[derive(Debug)]
pub struct Tables {
    pub(super) scenario: Arc<Scenario>,
    pub(super) arrivals: Arrivals,
    pub(super) mean_work: f64,
    known: Mutex<HashMap<ServerSet, Arc<OnceLock<Arc<Table>>>>>,
}

impl Tables {
    /// No tables yet, for a scenario whose demand is a rate.
    ///
    /// # Errors
    /// In words, why minutes cannot stand for the requests of this scenario.
    pub fn new(scenario: Arc<Scenario>) -> Result<Self, String> {
        let Some(arrivals) = scenario.demand.arrivals() else {
            return Err("the requests themselves are given, and tables are made from rates".to_string());
        };
        let mean_work = scenario.service.work.mean_seconds();
        if mean_work > LONGEST_MEAN_WORK {
            return Err(format!("a request takes {mean_work} s in the mean, which is too long against a minute"));
        }
        if scenario.service.on_instance_loss == crate::scenario::OnInstanceLoss::Retry {
            return Err("requests that are lost come again".to_string());
        }
        if matches!(scenario.service.discipline, Discipline::PowerOf { choices: 1 }) {
            return Err("instances drawn blindly differ too much from one another".to_string());
        }
        let service = &scenario.service;
        let limited = service.queue_limit.is_some() || service.timeout.is_some() || service.patience.is_some();
        if service.discipline == Discipline::ProcessorSharing && limited {
            return Err("with processor sharing work is lost when clients leave, which depends on more than the load"
                .to_string());
        }
        let period = scenario.scaling.metrics.period;
        if period.nanos() % Duration::from_secs(60).nanos() != 0 {
            return Err(format!("metrics are taken every {period}, not in whole minutes"));
        }
        Ok(Self { scenario, arrivals, mean_work, known: Mutex::new(HashMap::new()) })
    }

    /// The table of a server set; `plan` is any mix that has such instances.
    pub(super) fn of(&self, set: &ServerSet, plan: &MixPlan) -> Arc<Table> {
        let cell = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(set.clone()).or_default().clone()
        };
        cell.get_or_init(|| Arc::new(build(self, set, plan))).clone()
    }

    /// How many tables have been made.
    pub fn count(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
