//! Semantic checks: everything that types alone cannot express.
//!
//! One file per section of a scenario. Every check adds what it finds to [`Findings`] and goes on,
//! so that a reader sees all problems at once.

mod background;
mod chaos;
mod findings;
mod fleet;
mod jobs;
mod mixes;
mod money;
mod patch_wave;
mod scaling;
mod timing;
mod workload;

use super::{InlinePrices, Issue, Mix, Scenario};
use crate::units::Duration;
use findings::Findings;

/// Most replications of one study.
pub const MAX_REPLICATIONS: u32 = 1_000_000;
/// Most instances of one pool.
pub const MAX_INSTANCES: u32 = 100_000;
/// Longest horizon: ten years of 365 days.
pub const MAX_HORIZON: Duration = Duration::from_secs(10 * 365 * 86_400);
/// Longest of all other times (means, delays, periods): a year of 365 days.
pub const MAX_TIME: Duration = Duration::from_secs(365 * 86_400);
/// Most slots of one instance.
pub const MAX_SLOTS: u32 = 10_000;
/// Most datapoints that an alarm looks at.
pub const MAX_EVALUATION_PERIODS: u32 = 1_440;
/// Most values or quantiles of an empirical law.
pub const MAX_MEASURED: usize = 100_000;
/// Most jobs of a scenario.
pub const MAX_JOBS: usize = 1_000_000;
/// Highest rate of requests per second.
pub const MAX_RATE: f64 = 1e7;

/// All problems of a scenario, in document order of their sections.
pub fn validate(scenario: &Scenario) -> Vec<Issue> {
    let mut findings = Findings::default();
    timing::check_identity(scenario, &mut findings);
    timing::check_clock(&scenario.clock, &mut findings);
    timing::check_run(scenario, &mut findings);
    workload::check_demand(&scenario.demand, &mut findings);
    workload::check_service(&scenario.service, &mut findings);
    workload::check_objective(&scenario.objective, &mut findings);
    fleet::check_types(scenario, &mut findings);
    money::check_prices(scenario, &mut findings);
    money::check_billing(&scenario.billing, &mut findings);
    fleet::check_markets(scenario, &mut findings);
    fleet::check_pools(scenario, &mut findings);
    money::check_commitments(scenario, &mut findings);
    chaos::check(scenario, &mut findings);
    scaling::check(&scenario.scaling, &mut findings);
    patch_wave::check_balancer(scenario, &mut findings);
    patch_wave::check_wave(scenario, &mut findings);
    background::check(scenario, &mut findings);
    jobs::check(scenario, &mut findings);
    mixes::check_all(scenario, &mut findings);
    mixes::check_search(scenario, &mut findings);
    findings.into_issues()
}

/// Problems of a price list in a file of its own, by the places in it.
pub fn validate_prices(prices: &InlinePrices) -> Vec<Issue> {
    let mut findings = Findings::default();
    money::check_list(prices, "", &mut findings);
    findings.into_issues()
}

/// Problems of one mix in a scenario, at `pointer`.
pub fn validate_mix(scenario: &Scenario, mix: &Mix, pointer: &str) -> Vec<Issue> {
    let mut findings = Findings::default();
    mixes::check_mix(scenario, mix, pointer, &mut findings);
    findings.into_issues()
}

#[cfg(test)]
mod tests;
