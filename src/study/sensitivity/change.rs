//! A scenario in which one thing turned out otherwise.

use crate::input::{Candidate, LoadedScenario};
use crate::results::Factor;
use crate::scenario::{Boot, BootStage, Hazard, Interruptions, Scenario};
use crate::trace::{DemandSeries, RateSeries, StepSeries};
use crate::units::{Money, Rate};
use std::sync::Arc;

/// What random interruptions an instance meets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Interrupted {
    /// As often as the scenario says, times this.
    Times(f64),
    /// So often in 730 h, in every market.
    PerMonth(f64),
}

/// A change of a scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Change {
    /// None.
    AsItStands,
    /// A factor other than interruptions, multiplied.
    Multiplied(Factor, f64),
    /// Other interruptions.
    Interrupted(Interrupted),
}

impl Change {
    /// The scenario with this change.
    pub(super) fn of(self, input: &LoadedScenario) -> LoadedScenario {
        let mut input = input.clone();
        match self {
            Change::AsItStands => {}
            Change::Multiplied(Factor::Demand, by) => {
                if let DemandSeries::Rates(series) = &*input.demand {
                    let per_second = series.per_second.iter().map(|rate| rate * by).collect();
                    input.demand = Arc::new(DemandSeries::Rates(RateSeries { per_second, ..series.clone() }));
                }
            }
            Change::Multiplied(Factor::ReservedPrice, by) => each(&mut input, |candidate| reserved(candidate, by)),
            Change::Multiplied(Factor::OnDemandPrice, by) => each(&mut input, |candidate| on_demand(candidate, by)),
            Change::Multiplied(Factor::SpotPrice, by) => each(&mut input, |candidate| spot(candidate, by)),
            Change::Multiplied(Factor::BootTime, by) => scenarios(&mut input, |scenario| boots(scenario, by)),
            Change::Multiplied(Factor::ServiceTime, by) => scenarios(&mut input, |scenario| {
                scenario.instance_types.values_mut().for_each(|kind| kind.speed /= by);
            }),
            Change::Multiplied(Factor::Interruptions, by) => {
                return Change::Interrupted(Interrupted::Times(by)).of(&input);
            }
            Change::Interrupted(how) => scenarios(&mut input, |scenario| interrupted(scenario, how)),
        }
        input
    }
}

fn each(input: &mut LoadedScenario, change: impl Fn(&mut Candidate)) {
    input.candidates.iter_mut().for_each(change);
}

/// Changes the scenario and those of the candidates.
fn scenarios(input: &mut LoadedScenario, change: impl Fn(&mut Scenario)) {
    change(&mut input.scenario);
    each(input, |candidate| change(Arc::make_mut(&mut candidate.scenario)));
}

fn rate(rate: Rate, by: f64) -> Rate {
    Rate::from_nano_per_hour((rate.nano_per_hour() as f64 * by).round() as i64)
}

fn reserved(candidate: &mut Candidate, by: f64) {
    for prices in Arc::make_mut(&mut candidate.prices).types.values_mut() {
        for offer in prices.reserved.values_mut() {
            offer.hourly.rate = rate(offer.hourly.rate, by);
            offer.upfront.amount = Money::from_nano((offer.upfront.amount.nano() as f64 * by).round() as i128);
        }
    }
}

fn on_demand(candidate: &mut Candidate, by: f64) {
    for prices in Arc::make_mut(&mut candidate.prices).types.values_mut() {
        prices.on_demand.rate = rate(prices.on_demand.rate, by);
    }
}

fn spot(candidate: &mut Candidate, by: f64) {
    for series in candidate.markets.values_mut() {
        let steps = series.steps.iter().map(|(time, price)| (*time, rate(*price, by))).collect();
        *series = Arc::new(StepSeries { steps, ..**series });
    }
}

fn boots(scenario: &mut Scenario, by: f64) {
    for kind in scenario.instance_types.values_mut() {
        let stages = kind.boot.stages().iter().map(|stage| longer(stage, by)).collect();
        kind.boot = Boot { stages: Some(stages), preset: None, ..kind.boot.clone() };
    }
    if let Some(pool) = &mut scenario.pools.on_demand.warm_pool {
        pool.start = pool.start.times(by);
    }
}

fn longer(stage: &BootStage, by: f64) -> BootStage {
    let law = stage.law().times(by);
    match stage {
        BootStage::Provisioning(_) => BootStage::Provisioning(law),
        BootStage::Os(_) => BootStage::Os(law),
        BootStage::Configuration(_) => BootStage::Configuration(law),
        BootStage::SecurityUpdates(_) => BootStage::SecurityUpdates(law),
        BootStage::HealthCheck(_) => BootStage::HealthCheck(law),
    }
}

fn interrupted(scenario: &mut Scenario, how: Interrupted) {
    for market in scenario.markets.values_mut() {
        let known = market.interruptions.hazard();
        let now = known.map_or(0.0, |hazard| per_month(hazard.monthly_share));
        let wanted = match how {
            Interrupted::Times(by) => now * by,
            Interrupted::PerMonth(wanted) => wanted,
        };
        let hazard = known.unwrap_or(Hazard { monthly_share: 0.0, shared: 0.0, across_markets: 0.0 });
        market.interruptions = match wanted > 0.0 {
            true => Interruptions::Hazard(Hazard { monthly_share: -libm::expm1(-wanted), ..hazard }),
            false => Interruptions::PriceOnly,
        };
    }
}

/// Interruptions in 730 h of an instance that is replaced each time, from the share of instances that is interrupted in that time (RULES R110).
fn per_month(monthly_share: f64) -> f64 {
    -libm::log1p(-monthly_share)
}

/// The mean over the markets of the spot pool.
pub(super) fn interruptions_now(scenario: &Scenario) -> f64 {
    let Some(pool) = &scenario.pools.spot else { return 0.0 };
    let of = |name: &String| scenario.markets[name].interruptions.hazard().map_or(0.0, |h| per_month(h.monthly_share));
    pool.markets.iter().map(of).sum::<f64>() / pool.markets.len().max(1) as f64
}
