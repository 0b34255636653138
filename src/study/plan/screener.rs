//! One replication of many candidates: by the minute, or by the request where minutes cannot stand for a candidate's requests.

use super::Watcher;
use super::screening::Screened;
use super::sharing::{Kin, kin};
use crate::billing::bill;
use crate::engine::{MinuteLoads, MixPlan, Moments, Overrun, Simulation, Tables};
use crate::input::Candidate;
use crate::market::{MarketPath, PricePath};
use crate::study::invoice::tariff;
use crate::study::replicate::{Origin, Outcome, Prepared, Wanted, simulate};
use crate::workload::DemandPath;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Candidates that are simulated together by the request.
const TOGETHER: usize = 8;

/// So many requests are drawn one by one within a moment, and with fewer than that a minute is not drawn as a whole.
const FEW_REQUESTS: f64 = 2e6;
const FEW_A_MINUTE: f64 = 100.0;

/// Shares of late and failed requests beyond which a candidate's replication by the minute is given up.
pub(super) type Hopeless = Option<[f64; 2]>;

/// What a candidate's minutes are filled with. Demand and market are the replication's own in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filling {
    /// The requests that the replication has by the request.
    ItsRequests,
    /// Sums that scatter like those of requests, drawn minute by minute where there are many.
    Minutes,
    /// What is to be expected.
    Mean,
}

/// Screens candidates.
pub(super) struct Screener<'a> {
    pub(super) origin: &'a Origin<'a>,
    /// `None` if no candidate can be screened by the minute.
    pub(super) tables: Option<Arc<Tables>>,
    pub(super) watcher: &'a dyn Watcher,
}

/// Some candidates of a search, by index.
type Found = Vec<(usize, Screened)>;

impl Screener<'_> {
    /// Whether minutes can stand for the requests of a candidate.
    pub(super) fn by_minutes(&self, candidate: &Candidate) -> bool {
        self.tables.is_some() && Tables::check(&candidate.scenario).is_ok()
    }

    /// One replication of some candidates, and how many of them were simulated; `None` if it was cancelled.
    pub(super) fn replication(
        &self,
        mixes: &[&Candidate],
        replication: u32,
        filling: Filling,
        hopeless: Hopeless,
    ) -> Option<(Vec<Screened>, u64)> {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            (0..mixes.len()).partition(|index| self.by_minutes(mixes[*index]));
        let (mut found, mut simulated) = (self.requests(mixes, &outside, replication)?, outside.len() as u64);
        if let Some(tables) = self.tables.as_ref().filter(|_| !inside.is_empty()) {
            let loads = self.loads(replication, filling);
            let (by_minutes, runs) = self.minutes(tables, &loads, mixes, &inside, (replication, hopeless))?;
            found.extend(by_minutes);
            simulated += runs;
        }
        found.sort_unstable_by_key(|(index, _)| *index);
        Some((found.into_iter().map(|(_, screened)| screened).collect(), simulated))
    }

    fn requests(&self, mixes: &[&Candidate], wanted: &[usize], replication: u32) -> Option<Found> {
        let together = |indices: &[usize]| {
            let prepared: Vec<Prepared> = indices.iter().map(|index| Prepared::new(mixes[*index])).collect();
            let outcomes = simulate(self.origin, &prepared, replication, Wanted::default(), self.watcher)?;
            self.watcher.advance(indices.len() as u64);
            let screened = |outcome: &Outcome| {
                let counts = &outcome.run.counts;
                let share = |count: u64| count as f64 / counts.offered.max(1) as f64;
                Screened {
                    cost: outcome.decisive_cost(&self.origin.input.scenario),
                    late: share(counts.late),
                    failed: share(counts.failed() + counts.in_system_at_end),
                    given_up: false,
                }
            };
            Some(indices.iter().copied().zip(outcomes.iter().map(screened)).collect())
        };
        let found: Vec<Found> = wanted.par_chunks(TOGETHER).map(together).collect::<Option<_>>()?;
        Some(found.concat())
    }

    /// What arrives in each minute of a replication.
    fn loads(&self, replication: u32, filling: Filling) -> Arc<MinuteLoads> {
        let Origin { input, sampling, .. } = self.origin;
        let (path, run) = (sampling.demand_path(input, replication), &input.scenario.run);
        let horizon = input.scenario.clock.horizon.as_secs_f64();
        let expected = path.expected_requests();
        let many = expected > FEW_REQUESTS && expected > FEW_A_MINUTE * horizon / 60.0;
        match (&path, Moments::of(&input.scenario), filling) {
            (DemandPath::Rates(path), Some(moments), Filling::Mean) => {
                Arc::new(MinuteLoads::expected(path, &moments, run.warm_up.as_secs_f64()))
            }
            (DemandPath::Rates(path), Some(moments), Filling::Minutes) if many => {
                Arc::new(MinuteLoads::drawn(path, &moments, run.seed, replication, run.warm_up.as_secs_f64()))
            }
            _ => self.origin.minutes(&path, replication),
        }
    }

    /// By the minute, and how many runs that took.
    fn minutes(
        &self,
        tables: &Arc<Tables>,
        loads: &Arc<MinuteLoads>,
        mixes: &[&Candidate],
        wanted: &[usize],
        (replication, hopeless): (u32, Hopeless),
    ) -> Option<(Found, u64)> {
        let offered: f64 = loads.offered_by_minute().iter().map(|count| f64::from(*count)).sum();
        let most = hopeless.map_or([u64::MAX; 2], |shares| shares.map(|share| (share * offered) as u64));
        let mixes: Vec<&Candidate> = wanted.iter().map(|index| mixes[*index]).collect();
        let paths = Paths::new(self.origin, &mixes, replication);
        let share = |count: u64| if offered > 0.0 { count as f64 / offered } else { 0.0 };
        let simulate = |kin: &Kin| {
            let (mut found, mut runs) = (Vec::new(), 0);
            let run = |index: usize| {
                let candidate = mixes[index];
                let plan = MixPlan::new(&candidate.scenario, &candidate.mix, &candidate.prices);
                let markets = &paths.of(candidate).0;
                let one = Simulation::by_interval(&plan, markets, replication, loads.clone(), tables.clone());
                (!self.watcher.cancelled()).then(|| one.finish_within(loads.offered_by_minute(), most))
            };
            kin.simulate(run, |run, same| {
                runs += 1;
                self.watcher.advance(same.len() as u64);
                let record = match run {
                    Ok(record) => record,
                    Err(Overrun { late, failed, .. }) => {
                        let [late, failed] = [late, failed].map(|count| share(*count));
                        let screened = Screened { cost: 0.0, late, failed, given_up: true };
                        found.extend(same.iter().map(|index| (wanted[*index], screened)));
                        return;
                    }
                };
                let (late, failed) = (share(record.counts.late), share(record.counts.failed()));
                // What differs between them besides limits and maxima is what they pay.
                let mut costs: Vec<(*const _, f64)> = Vec::new();
                for index in same {
                    let settings = Arc::as_ptr(&mixes[*index].scenario);
                    let known = costs.iter().find(|(other, _)| *other == settings).map(|(_, cost)| *cost);
                    let cost = known.unwrap_or_else(|| {
                        let tariff = tariff(mixes[*index], &paths.of(mixes[*index]).1);
                        let cost = bill(&record.usage, &tariff).total().to_f64();
                        costs.push((settings, cost));
                        cost
                    });
                    found.push((wanted[*index], Screened { cost, late, failed, given_up: false }));
                }
            })?;
            Some((found, runs))
        };
        let groups = kin(&mixes, |candidate| &paths.of(candidate).0);
        let found: Vec<(Found, u64)> = groups.par_iter().with_max_len(1).map(simulate).collect::<Option<_>>()?;
        let runs = found.iter().map(|(_, runs)| runs).sum();
        Some((found.into_iter().flat_map(|(found, _)| found).collect(), runs))
    }
}

/// Markets and their prices of a replication: candidates with the same settings have the same.
struct Paths {
    place_of: HashMap<(usize, bool), usize>,
    paths: Vec<(Vec<MarketPath>, Vec<Arc<PricePath>>)>,
}

impl Paths {
    fn new(origin: &Origin, mixes: &[&Candidate], replication: u32) -> Self {
        let mut place_of = HashMap::new();
        let mut different: Vec<&Candidate> = Vec::new();
        for candidate in mixes {
            place_of.entry(Self::key(candidate)).or_insert_with(|| {
                different.push(candidate);
                different.len() - 1
            });
        }
        let with_prices = |markets: Vec<MarketPath>| {
            let prices = markets.iter().map(|market| market.price.clone()).collect();
            (markets, prices)
        };
        let paths = origin.sampling.market_paths(different.into_iter().map(|candidate| (candidate, replication)));
        Self { place_of, paths: paths.into_iter().map(with_prices).collect() }
    }

    fn key(candidate: &Candidate) -> (usize, bool) {
        (Arc::as_ptr(&candidate.scenario) as usize, candidate.mix.spot_count() > 0)
    }

    fn of(&self, candidate: &Candidate) -> &(Vec<MarketPath>, Vec<Arc<PricePath>>) {
        &self.paths[self.place_of[&Self::key(candidate)]]
    }
}
