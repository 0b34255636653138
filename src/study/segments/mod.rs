//! Long horizons: minutes by tables everywhere, and every request on a sample of days.
//!
//! What the minutes of a day are off by is found on the sampled days and expanded to all of them: with the tables' total T, and the difference d
//! between requests and tables on a sampled day, the estimate is T + Σ M·mean(d) over strata of M days each. It is unbiased but for
//! what a day inherits from the one before beyond the lead time, whatever the tables are off by; how far they are off decides only how wide the interval is.
//! Days that the tables take to be critical are all simulated.

mod design;
#[cfg(test)]
mod tests;

use super::invoice::tariff;
use super::replicate::{Origin, Progress};
use crate::billing::bill;
use crate::engine::{MixPlan, RunRecord, Segmented, Simulation, Tables};
use crate::input::Candidate;
use crate::market::MarketPath;
use crate::rng::{Purpose, Stream};
use crate::stats::{StratifiedTotal, Stratum};
use crate::units::{Duration, Money, SimTime};
use crate::workload::RequestBlock;
use design::{Part, Segment, design};
use rayon::prelude::*;
use std::sync::Arc;

/// A day with more late or failed requests than this multiple of what is allowed is critical.
const CRITICAL: f64 = 2.0;
/// Time simulated before a sampled day, so that its queue and its metrics are what they would be. Queues of M/M/c forget where they began within
/// about eighty mean works at load 0.95, which are 8 minutes at the longest works that tables take.
const LEAD: Duration = Duration::from_secs(1800);
/// Minutes of a day.
const MINUTES: usize = 1440;

/// What is estimated: cost, late and failed requests.
const FIGURES: usize = 3;

/// What one replication of a mix comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SegmentedRun {
    /// Requests.
    pub(super) offered: f64,
    /// Cost, late and failed requests of the horizon.
    pub(super) totals: [StratifiedTotal; FIGURES],
    /// The same by the tables alone.
    pub(super) by_minutes: [f64; FIGURES],
    /// Days whose requests were simulated, and all days.
    pub(super) days: [usize; 2],
}

/// A run by the day.
struct Days(Vec<[f64; FIGURES]>);

impl Days {
    fn new(run: &RunRecord, candidate: &Candidate, markets: &[MarketPath], days: usize) -> Self {
        let prices: Vec<_> = markets.iter().map(|market| market.price.clone()).collect();
        let costs = bill(&run.usage, &tariff(candidate, &prices)).by_day(days);
        let minutes = |day: usize| run.late_and_failed.iter().skip(day * MINUTES).take(MINUTES);
        let sum = |day: usize, part: usize| minutes(day).map(|minute| f64::from(minute[part])).sum::<f64>();
        let figures = |(day, costs): (usize, &[Money; 4])| {
            [costs.iter().copied().sum::<Money>().to_f64(), sum(day, 0), sum(day, 1)]
        };
        Self(costs.iter().enumerate().map(figures).collect())
    }

    fn total(&self, figure: usize) -> f64 {
        self.0.iter().map(|day| day[figure]).sum()
    }
}

/// One replication of some candidates; `None` if it was cancelled.
pub(super) fn by_segments(
    origin: &Origin,
    tables: &Arc<Tables>,
    candidates: &[&Candidate],
    replication: u32,
    progress: &dyn Progress,
) -> Option<Vec<SegmentedRun>> {
    let Origin { input, sampling, laws, .. } = origin;
    let scenario = &input.scenario;
    let seed = scenario.run.seed;
    let path = sampling.demand_path(input, replication);
    let loads = origin.minutes(&path, replication);
    let offered = loads.offered_by_minute();
    let days = offered.len().div_ceil(MINUTES).max(1);
    let markets = sampling.market_paths(candidates.iter().map(|candidate| (*candidate, replication)));
    let plan = |candidate: &&Candidate| MixPlan {
        keeps_minutes: true,
        ..MixPlan::new(&candidate.scenario, &candidate.mix, &candidate.prices)
    };
    let plans: Vec<MixPlan> = candidates.iter().map(plan).collect();
    let minutes: Option<Vec<Days>> = plans
        .par_iter()
        .zip(&markets)
        .zip(candidates)
        .map(|((plan, markets), candidate)| {
            if progress.cancelled() {
                return None;
            }
            let simulation = Simulation::by_interval(plan, markets, replication, loads.clone(), tables.clone());
            Some(Days::new(&simulation.finish(offered), candidate, markets, days))
        })
        .collect();
    let minutes = minutes?;
    let numbers = Stream::new(seed, Purpose::Segments);
    let designs: Vec<Vec<Part>> = minutes
        .iter()
        .zip(candidates)
        .map(|(days, candidate)| {
            let segments = segments(days, offered, candidate);
            design(&segments, |day| numbers.uniform(replication, day as u64, 0))
        })
        .collect();
    let mut simulations: Vec<Segmented> = plans
        .iter()
        .zip(&markets)
        .zip(&designs)
        .map(|((plan, markets), parts)| {
            Segmented::new(plan, markets, replication, loads.clone(), tables.clone(), spans(plan, parts))
        })
        .collect();
    let mut requests = path.requests(laws, seed, replication);
    let mut block = RequestBlock::default();
    while requests.next_block(&mut block) {
        if progress.cancelled() {
            return None;
        }
        simulations.iter_mut().for_each(|simulation| simulation.feed(&block));
    }
    let requests = simulations
        .into_iter()
        .zip(candidates)
        .zip(&markets)
        .map(|((simulation, candidate), markets)| Days::new(&simulation.finish(offered), candidate, markets, days));
    let all: f64 = offered.iter().map(|count| f64::from(*count)).sum();
    let estimates = requests.zip(minutes.iter().zip(&designs));
    Some(estimates.map(|(requests, (minutes, parts))| estimate(all, minutes, &requests, parts)).collect())
}

/// The days as the design knows them.
fn segments(days: &Days, offered: &[u32], candidate: &Candidate) -> Vec<Segment> {
    let objective = &candidate.scenario.objective;
    let segment = |(day, [_, late, failed]): (usize, &[f64; FIGURES])| {
        let minutes = offered.iter().skip(day * MINUTES).take(MINUTES);
        let offered: f64 = minutes.map(|count| f64::from(*count)).sum();
        let beyond = |count: f64, allowed: f64| count > CRITICAL * allowed * offered;
        let critical = beyond(*late, objective.late_share) || beyond(*failed, objective.error_share);
        Segment { burden: late + failed, offered, critical }
    };
    days.0.iter().enumerate().map(segment).collect()
}

/// The taken days with their lead, those that meet joined.
fn spans(plan: &MixPlan, parts: &[Part]) -> Vec<(SimTime, SimTime)> {
    let mut taken: Vec<usize> = parts.iter().flat_map(|part| part.taken.iter().copied()).collect();
    taken.sort_unstable();
    let mut spans: Vec<(SimTime, SimTime)> = Vec::new();
    for day in taken {
        let begin = SimTime::START + Duration::DAY.times(day as i64);
        let from = (begin - LEAD).max(SimTime::START - plan.warm_up);
        let until = (begin + Duration::DAY).min(plan.horizon);
        match spans.last_mut() {
            Some(last) if from <= last.1 => last.1 = until,
            _ => spans.push((from, until)),
        }
    }
    spans
}

/// The tables' totals, and what the taken days say that they are off by.
fn estimate(offered: f64, minutes: &Days, requests: &Days, parts: &[Part]) -> SegmentedRun {
    let off_by = |figure: usize| -> StratifiedTotal {
        let difference = |day: &usize| requests.0[*day][figure] - minutes.0[*day][figure];
        let stratum =
            |part: &Part| Stratum { members: part.members, values: part.taken.iter().map(difference).collect() };
        StratifiedTotal::new(&parts.iter().map(stratum).collect::<Vec<_>>())
    };
    let total = |figure: usize| {
        let off = off_by(figure);
        StratifiedTotal { estimate: minutes.total(figure) + off.estimate, ..off }
    };
    SegmentedRun {
        offered,
        totals: std::array::from_fn(total),
        by_minutes: std::array::from_fn(|figure| minutes.total(figure)),
        days: [parts.iter().map(|part| part.taken.len()).sum(), minutes.0.len()],
    }
}
