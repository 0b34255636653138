//! What markets give to jobs and cost, step by step.

use crate::batch::{Market, Situation};
use crate::input::Candidate;
use crate::market::MarketPath;
use crate::scenario::{Jobs, SpotCapacity, SpotPool};
use crate::units::{Duration, Money, SimTime};

/// Whole steps within the horizon.
pub(super) fn steps_within(candidate: &Candidate, jobs: &Jobs) -> u32 {
    let steps = candidate.scenario.clock.horizon.nanos() / jobs.step.nanos();
    u32::try_from(steps).unwrap_or(u32::MAX)
}

/// Whole steps that a time takes.
pub(super) fn steps_up(time: Duration, step: Duration) -> u32 {
    u32::try_from(time.rounded_up_to(step).nanos() / step.nanos()).unwrap_or(u32::MAX)
}

/// The spot markets of a mix and on-demand.
pub(super) fn situation(candidate: &Candidate, jobs: &Jobs, paths: &[MarketPath]) -> Situation {
    let scenario = &candidate.scenario;
    let on_demand = candidate.prices.types[&scenario.pools.on_demand.instance_type].on_demand.rate;
    let markets = candidate.spot_pool().map_or_else(Vec::new, |pool| {
        let names = pool.markets.iter().zip(paths);
        names.map(|(name, path)| market(candidate, jobs, pool, name, path)).collect()
    });
    Situation {
        markets,
        steps: steps_within(candidate, jobs),
        on_demand: nano(on_demand.charge_for(jobs.step)),
        restart: steps_up(jobs.restart, jobs.step),
        checkpoint: jobs.checkpoint_every.map(|every| steps_up(every, jobs.step)),
    }
}

fn market(candidate: &Candidate, jobs: &Jobs, pool: &SpotPool, name: &str, path: &MarketPath) -> Market {
    let described = &candidate.scenario.markets[name];
    let most = if let SpotCapacity::Limit(limit) = described.capacity { limit } else { u32::MAX };
    let on_demand = candidate.prices.types[&described.instance_type].on_demand;
    let highest = candidate.mix.max_spot_price(pool, on_demand).rate;
    let mut market = Market::default();
    for step in 0..steps_within(candidate, jobs) {
        let begin = SimTime::START + jobs.step.times(step.into());
        let end = begin + jobs.step;
        let prices = || pieces(path.price.steps(), path.price.index_at(begin), begin, end);
        let cost: Money = prices().map(|(rate, time)| rate.charge_for(time)).sum();
        let capacity = path.capacity.as_ref().map_or(most, |path| {
            let counts = pieces(path.steps(), path.index_at(begin), begin, end).map(|(count, _)| count);
            counts.fold(most, u32::min)
        });
        let affordable = prices().all(|(rate, _)| rate <= highest);
        market.cost.push(nano(cost));
        market.capacity.push(if affordable { capacity } else { 0 });
    }
    market
}

fn nano(money: Money) -> i64 {
    i64::try_from(money.nano()).unwrap_or(i64::MAX)
}

/// The values of a step function between two times from its step `first` on, with how long each holds.
fn pieces<T: Copy>(
    steps: &[(SimTime, T)],
    first: usize,
    begin: SimTime,
    end: SimTime,
) -> impl Iterator<Item = (T, Duration)> {
    let later = steps[first + 1..].iter().map(|(time, _)| *time).chain([SimTime::NEVER]);
    steps[first..]
        .iter()
        .zip(later)
        .enumerate()
        .take_while(move |(index, ((from, _), _))| *index == 0 || *from < end)
        .map(move |(_, ((from, value), until))| (*value, until.min(end) - (*from).max(begin).min(end)))
}
