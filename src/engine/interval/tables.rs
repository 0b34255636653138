//! The tables of a study, made when they are first wanted and kept.

use super::build::build;
use super::table::Table;
use crate::engine::MixPlan;
use crate::scenario::{Alarm, AlarmMetric, Discipline, OnInstanceLoss, Scenario};
use crate::units::Duration;
use crate::workload::RequestLaws;
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
    pub(super) laws: RequestLaws,
    pub(super) mean_work: f64,
    known: Mutex<HashMap<ServerSet, Arc<OnceLock<Arc<Table>>>>>,
}

impl Tables {
    /// No tables yet, for a scenario whose demand is a rate.
    ///
    /// # Errors
    /// In words, why minutes cannot stand for the requests of this scenario.
    pub fn new(scenario: &Scenario) -> Result<Self, String> {
        Self::check(scenario)?;
        let laws = RequestLaws::new(scenario.demand.arrivals(), &scenario.service);
        let mean_work = scenario.service.work.mean_seconds();
        Ok(Self { laws, mean_work, known: Mutex::new(HashMap::new()) })
    }

    /// Whether minutes can stand for the requests of a scenario.
    ///
    /// # Errors
    /// In words, why they cannot.
    pub fn check(scenario: &Scenario) -> Result<(), String> {
        let service = &scenario.service;
        let balancer = service.load_balancer.unwrap_or_default();
        let limited = service.queue_limit.is_some() || service.timeout.is_some();
        let mean_work = service.work.mean_seconds();
        let period = scenario.scaling.metrics.period;
        let longer = |alarm: &Alarm| {
            matches!(alarm.metric, AlarmMetric::Latency(_)) && alarm.period.is_some_and(|other| other != period)
        };
        let why = if scenario.demand.arrivals().is_none() {
            "the requests themselves are given, and tables are made from rates"
        } else if mean_work > LONGEST_MEAN_WORK {
            return Err(format!("a request takes {mean_work} s in the mean, which is too long against a minute"));
        } else if service.on_instance_loss == OnInstanceLoss::Retry {
            "requests that are lost come again"
        } else if service.patience.is_some() {
            "clients give up after random times, so that a backlog does not say how many do"
        } else if matches!(service.discipline, Discipline::PowerOf { choices: 1 }) {
            "instances drawn blindly differ too much from one another"
        } else if service.discipline == Discipline::ProcessorSharing && limited {
            "with processor sharing work is lost when clients leave, which depends on more than the load"
        } else if balancer.health_check.is_some() {
            "failed instances get requests until health checks find them"
        } else if balancer.slow_start.is_some() {
            "new instances get their share of requests slowly, so that what a set serves depends on its age"
        } else if scenario.chaos.is_some() {
            "with chaos instances fail in the middle of requests, which tables know nothing of"
        } else if scenario.patch_wave.is_some() {
            "a patch wave is compared with the same run without it, request by request"
        } else if scenario.background.is_some() {
            "containers for requests come and go within seconds, beside work that can wait"
        } else if period.nanos() % Duration::from_secs(60).nanos() != 0 {
            return Err(format!("metrics are taken every {period}, not in whole minutes"));
        } else if scenario.scaling.alarms.values().any(longer) {
            "an alarm watches the latency of several periods together"
        } else {
            return Ok(());
        };
        Err(why.to_string())
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
