//! The traces in two halves: the past, of which alone decisions may know, and the future.

use crate::input::{Candidate, LoadedScenario};
use crate::scenario::{BetweenReplications, PriceProcess, Scenario, SpotCapacity};
use crate::trace::{AfterEnd, ArrivalSeries, DemandSeries, RateSeries, StepSeries};
use crate::units::{Duration, Instant, Rate, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Shortest part that a backtest can speak of.
const SHORTEST: Duration = Duration::HOUR;

/// Why a scenario cannot be split there.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoSplit {
    /// There is no past, or no future.
    #[error(
        "the traces cover {from} to {to}, so they cannot be split at {split}: at least an hour is needed on each side"
    )]
    Outside {
        /// Where it was to be split.
        split: Instant,
        /// Where all traces have begun.
        from: Instant,
        /// Where the first of them ends.
        to: Instant,
    },
}

/// A stretch of the scenario's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: SimTime,
    pub(super) to: SimTime,
}

impl Stretch {
    pub(super) fn length(self) -> Duration {
        self.to - self.from
    }
}

/// Past and future of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Halves {
    /// The last horizon before the split, or what there is of it.
    pub(super) past: Stretch,
    /// The horizon from the split on, or what there is of it.
    pub(super) future: Stretch,
}

impl Halves {
    /// Splits the time that all traces cover. Within an interval of the demand the split is moved to its beginning, since its rate is
    /// known at its end only.
    pub(super) fn new(input: &LoadedScenario, split: Instant) -> Result<Self, NoSplit> {
        let scenario = &input.scenario;
        let (from, to) = covered(input);
        let outside = || NoSplit::Outside { split, from: at(scenario, from), to: at(scenario, to) };
        let since = split.unix_nanos() - scenario.clock.start.unix_nanos();
        let since = i64::try_from(since).map_err(|_| outside())?;
        let mut time = SimTime::from_nanos(since);
        if time < from || time > to {
            return Err(outside());
        }
        if let DemandSeries::Rates(series) = &*input.demand {
            let into = (time - series.start).nanos().rem_euclid(series.interval.nanos());
            time = time - Duration::from_nanos(into);
        }
        let past = Stretch { from: from.max(time - scenario.clock.horizon), to: time };
        let future = Stretch { from: time, to: to.min(time + scenario.clock.horizon) };
        if past.length() < SHORTEST || future.length() < SHORTEST {
            return Err(outside());
        }
        Ok(Self { past, future })
    }
}

/// The instant of a time of the scenario.
pub(super) fn at(scenario: &Scenario, time: SimTime) -> Instant {
    scenario.clock.start + time.since_start()
}

/// The time that the demand and every trace of the markets cover by themselves, without being held or repeated.
fn covered(input: &LoadedScenario) -> (SimTime, SimTime) {
    let mut covered = (input.demand.start(), input.demand.end());
    let mut narrow = |from: SimTime, to: SimTime| covered = (covered.0.max(from), covered.1.min(to));
    for candidate in &input.candidates {
        for (name, market) in &candidate.scenario.markets {
            if let (PriceProcess::Trace(_), Some(series)) = (&market.price, candidate.markets.get(name)) {
                narrow(series.steps[0].0, series.end);
            }
            if let (SpotCapacity::Trace(_), Some(series)) = (&market.capacity, candidate.capacities.get(name)) {
                narrow(series.steps[0].0, series.end);
            }
        }
    }
    covered
}

/// The past as a scenario: its traces end at the split, and days are drawn from them as the scenario says.
pub(super) fn past(input: &LoadedScenario, halves: Halves) -> LoadedScenario {
    let until = halves.past.to;
    let known = LoadedScenario {
        demand: Arc::new(demand_until(&input.demand, until)),
        candidates: each_market(input, |series| steps_until(series, until), |series| steps_until(series, until)),
        ..input.clone()
    };
    moved(&known, halves.past, &input.scenario.run.between_replications)
}

/// The future as a scenario: the demand and the prices that came, in every replication.
pub(super) fn future(input: &LoadedScenario, halves: Halves) -> LoadedScenario {
    moved(input, halves.future, &BetweenReplications::FixedTraces)
}

/// The scenario with its start at the beginning of `stretch` and its horizon at the end.
fn moved(input: &LoadedScenario, stretch: Stretch, between: &BetweenReplications) -> LoadedScenario {
    let by = stretch.from.since_start();
    let of_scenario = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        scenario.clock.start = scenario.clock.start + by;
        scenario.clock.horizon = stretch.length();
        scenario.run.between_replications = between.clone();
        scenario
    };
    // Candidates that share a scenario go on sharing it.
    let mut scenarios: Vec<(Arc<Scenario>, Arc<Scenario>)> = Vec::new();
    let mut candidates = each_market(input, |series| steps_earlier(series, by), |series| steps_earlier(series, by));
    for candidate in &mut candidates {
        let known = scenarios.iter().find(|(old, _)| Arc::ptr_eq(old, &candidate.scenario));
        candidate.scenario = match known {
            Some((_, new)) => Arc::clone(new),
            None => {
                let new = Arc::new(of_scenario(&candidate.scenario));
                scenarios.push((Arc::clone(&candidate.scenario), Arc::clone(&new)));
                new
            }
        };
    }
    LoadedScenario {
        scenario: of_scenario(&input.scenario),
        demand: Arc::new(demand_earlier(&input.demand, by)),
        candidates,
        ..input.clone()
    }
}

/// The candidates with every series of their markets changed, each shared series once.
fn each_market(
    input: &LoadedScenario,
    price: impl Fn(&StepSeries<Rate>) -> StepSeries<Rate>,
    capacity: impl Fn(&StepSeries<u32>) -> StepSeries<u32>,
) -> Vec<Candidate> {
    let (mut prices, mut capacities) = (Changed(Vec::new()), Changed(Vec::new()));
    let changed = |candidate: &Candidate| Candidate {
        markets: prices.all(&candidate.markets, &price),
        capacities: capacities.all(&candidate.capacities, &capacity),
        ..candidate.clone()
    };
    input.candidates.iter().map(changed).collect()
}

/// Series that were changed already.
struct Changed<T>(Vec<[Arc<StepSeries<T>>; 2]>);

impl<T: Copy> Changed<T> {
    fn all(
        &mut self,
        series: &BTreeMap<String, Arc<StepSeries<T>>>,
        change: impl Fn(&StepSeries<T>) -> StepSeries<T>,
    ) -> BTreeMap<String, Arc<StepSeries<T>>> {
        let mut one = |old: &Arc<StepSeries<T>>| {
            if let Some([_, new]) = self.0.iter().find(|[other, _]| Arc::ptr_eq(other, old)) {
                return Arc::clone(new);
            }
            let new = Arc::new(change(old));
            self.0.push([Arc::clone(old), Arc::clone(&new)]);
            new
        };
        series.iter().map(|(name, series)| (name.clone(), one(series))).collect()
    }
}

/// What is known at `until`: a price or a capacity that changes then is not.
fn steps_until<T: Copy>(series: &StepSeries<T>, until: SimTime) -> StepSeries<T> {
    let known = series.steps.partition_point(|(time, _)| *time < until).max(1);
    let cut = series.end > until;
    StepSeries {
        steps: series.steps[..known].to_vec(),
        end: series.end.min(until),
        after_end: if cut { AfterEnd::Undefined } else { series.after_end },
    }
}

fn steps_earlier<T: Copy>(series: &StepSeries<T>, by: Duration) -> StepSeries<T> {
    StepSeries {
        steps: series.steps.iter().map(|(time, value)| (*time - by, *value)).collect(),
        end: series.end - by,
        after_end: series.after_end,
    }
}

fn demand_until(demand: &DemandSeries, until: SimTime) -> DemandSeries {
    match demand {
        DemandSeries::Rates(series) => {
            let known = ((until - series.start).nanos() / series.interval.nanos()).max(1) as usize;
            let per_second = series.per_second[..known.min(series.per_second.len())].to_vec();
            DemandSeries::Rates(RateSeries { per_second, after_end: AfterEnd::Undefined, ..*series })
        }
        DemandSeries::Arrivals(series) => {
            let known = series.arrivals.partition_point(|time| *time < until);
            DemandSeries::Arrivals(ArrivalSeries {
                arrivals: series.arrivals[..known].to_vec(),
                works: series.works.as_ref().map(|works| works[..known].to_vec()),
                end: series.end.min(until),
                after_end: AfterEnd::Undefined,
                ..*series
            })
        }
    }
}

fn demand_earlier(demand: &DemandSeries, by: Duration) -> DemandSeries {
    match demand {
        DemandSeries::Rates(series) => DemandSeries::Rates(RateSeries { start: series.start - by, ..series.clone() }),
        DemandSeries::Arrivals(series) => DemandSeries::Arrivals(ArrivalSeries {
            arrivals: series.arrivals.iter().map(|time| *time - by).collect(),
            start: series.start - by,
            end: series.end - by,
            ..series.clone()
        }),
    }
}
