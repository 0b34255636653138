//! Screening: every candidate by the minute, ever more replications of ever fewer.

use super::{SCREENED_FROM, Watcher};
use crate::billing::bill;
use crate::engine::{MinuteLoads, MixPlan, Simulation, Tables};
use crate::input::Candidate;
use crate::market::{MarketPath, PricePath};
use crate::study::Interrupted;
use crate::study::invoice::tariff;
use crate::study::replicate::Origin;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Replications after which candidates are put aside, and how many go on at least.
const STAGES: [(u32, usize); 3] = [(1, 500), (3, 100), (8, 0)];
/// Error of a late share that the tables may have (see docs/measured.md), as a share of what is allowed and at least.
const LATE_ERROR: (f64, f64) = (0.1, 0.006);
/// Error of a failed share, likewise.
const FAILED_ERROR: (f64, f64) = (0.3, 1e-4);
/// Candidates dearer than the cheapest that surely keeps its limits by more than this share are not raced.
const COST_BAND: f64 = 0.03;
/// With few replications a candidate is put aside only if it misses a limit by this factor.
const SURELY: f64 = 2.0;

/// What the minutes of some replications come to, in the mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Screened {
    pub(super) cost: f64,
    pub(super) late: f64,
    pub(super) failed: f64,
}

/// A candidate that goes on to the race.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Chosen {
    /// Its place among all candidates.
    pub(super) candidate: usize,
    pub(super) screened: Screened,
    /// How many others behave like it.
    pub(super) alike: u32,
}

/// What the screening leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Screening {
    /// Of every candidate; of those put aside early by fewer replications.
    pub(super) screened: Vec<Screened>,
    pub(super) raced: Vec<Chosen>,
    /// Candidates that behave like another in every screened replication.
    pub(super) alike: u64,
    /// Replications of single candidates.
    pub(super) replications: u64,
}

impl Screened {
    /// Whether it misses a limit by more than the screening may err, with limits wider by `factor`.
    pub(super) fn surely_misses(&self, limits: [f64; 2], factor: f64) -> bool {
        let beyond =
            |value: f64, limit: f64, error: (f64, f64)| value > factor * limit + (error.0 * limit).max(error.1);
        beyond(self.late, limits[0], LATE_ERROR) || beyond(self.failed, limits[1], FAILED_ERROR)
    }

    /// Whether it keeps every limit by more than the screening may err.
    fn surely_keeps(&self, limits: [f64; 2]) -> bool {
        let within = |value: f64, limit: f64, error: (f64, f64)| {
            value + (error.0 * limit).max(error.1).min(0.5 * limit) <= limit
        };
        within(self.late, limits[0], LATE_ERROR) && within(self.failed, limits[1], FAILED_ERROR)
    }
}

/// Screens all candidates and chooses at most `raced` for the race.
///
/// # Errors
/// If it is cancelled.
pub(super) fn screen(
    origin: &Origin,
    tables: &Arc<Tables>,
    all: &[Candidate],
    raced: usize,
    watcher: &dyn Watcher,
) -> Result<Screening, Interrupted> {
    let objective = &origin.input.scenario.objective;
    let limits = [objective.late_share, objective.error_share];
    let mut runs: Vec<Vec<Screened>> = vec![Vec::new(); all.len()];
    let mut left: Vec<usize> = (0..all.len()).collect();
    let (mut done, mut replications, mut alike) = (0, 0, HashMap::<Vec<[u64; 3]>, (usize, u32)>::new());
    let mut redundant = 0;
    for (until, keep) in STAGES {
        watcher.stage("screening", left.len() as u64 * u64::from(until - done));
        let mixes: Vec<&Candidate> = left.iter().map(|candidate| &all[*candidate]).collect();
        for replication in done..until {
            let new = by_minutes(origin, tables, &mixes, SCREENED_FROM + replication, watcher)
                .ok_or(Interrupted { finished: 0, wanted: until })?;
            replications += new.len() as u64;
            for (candidate, screened) in left.iter().zip(new) {
                runs[*candidate].push(screened);
            }
        }
        done = until;
        // Of candidates that behave alike the first stands for all.
        let bits = |one: &Screened| [one.cost, one.late, one.failed].map(f64::to_bits);
        let before = std::mem::take(&mut alike);
        for candidate in &left {
            let inherited = before.values().find(|(first, _)| first == candidate).map_or(0, |(_, count)| *count);
            let behaviour: Vec<[u64; 3]> = runs[*candidate].iter().map(bits).collect();
            alike
                .entry(behaviour)
                .and_modify(|(_, others)| *others += 1 + inherited)
                .or_insert((*candidate, inherited));
        }
        redundant += (left.len() - alike.len()) as u64;
        let surely = if done == 1 { SURELY } else { 1.0 };
        left = alike.values().map(|(first, _)| *first).collect();
        left.retain(|candidate| !mean(&runs[*candidate]).surely_misses(limits, surely));
        left.sort_by(|a, b| mean(&runs[*a]).cost.total_cmp(&mean(&runs[*b]).cost).then(a.cmp(b)));
        if keep > 0 {
            left.truncate(keep.max(4 * raced));
        }
    }
    let others: HashMap<usize, u32> = alike.values().copied().collect();
    let screened: Vec<Screened> = runs.iter().map(|runs| mean(runs)).collect();
    let enough = left.iter().map(|c| screened[*c]).filter(|one| one.surely_keeps(limits)).map(|one| one.cost).next();
    let dearest = enough.map_or(f64::INFINITY, |cost| cost * (1.0 + COST_BAND));
    let chosen = left.iter().filter(|candidate| screened[**candidate].cost <= dearest).take(raced);
    Ok(Screening {
        raced: chosen
            .map(|candidate| Chosen {
                candidate: *candidate,
                screened: screened[*candidate],
                alike: others.get(candidate).copied().unwrap_or(0),
            })
            .collect(),
        alike: redundant,
        screened,
        replications,
    })
}

fn mean(runs: &[Screened]) -> Screened {
    let n = runs.len().max(1) as f64;
    let of = |value: fn(&Screened) -> f64| runs.iter().map(value).sum::<f64>() / n;
    Screened { cost: of(|one| one.cost), late: of(|one| one.late), failed: of(|one| one.failed) }
}

/// One replication of some candidates by the minute; `None` if it was cancelled.
pub(super) fn by_minutes(
    origin: &Origin,
    tables: &Arc<Tables>,
    mixes: &[&Candidate],
    replication: u32,
    watcher: &dyn Watcher,
) -> Option<Vec<Screened>> {
    let Origin { input, sampling, laws } = origin;
    let scenario = &input.scenario;
    let path = sampling.demand_path(input, replication);
    let requests = path.requests(laws, scenario.run.seed, replication);
    let loads = Arc::new(MinuteLoads::of(requests, scenario.run.warm_up.as_secs_f64()));
    let offered: f64 = loads.offered_by_minute().iter().map(|count| f64::from(*count)).sum();
    // Candidates with the same settings have the same markets.
    let key = |candidate: &Candidate| (Arc::as_ptr(&candidate.scenario) as usize, candidate.mix.spot_count() > 0);
    let mut place_of = HashMap::new();
    let mut different: Vec<&Candidate> = Vec::new();
    for candidate in mixes {
        place_of.entry(key(candidate)).or_insert_with(|| {
            different.push(candidate);
            different.len() - 1
        });
    }
    let with_prices = |markets: Vec<MarketPath>| {
        let prices: Vec<Arc<PricePath>> = markets.iter().map(|market| market.price.clone()).collect();
        (markets, prices)
    };
    let paths = sampling.market_paths(different.into_iter().map(|candidate| (candidate, replication)));
    let paths: Vec<_> = paths.into_iter().map(with_prices).collect();
    mixes
        .par_iter()
        .map(|candidate| {
            if watcher.cancelled() {
                return None;
            }
            let (markets, prices) = &paths[place_of[&key(candidate)]];
            let plan = MixPlan::new(&candidate.scenario, &candidate.mix, &candidate.prices);
            let simulation = Simulation::by_interval(&plan, markets, replication, loads.clone(), tables.clone());
            let run = simulation.finish(loads.offered_by_minute());
            let cost = bill(&run.usage, &tariff(candidate, prices)).total().to_f64();
            let share = |count: u64| if offered > 0.0 { count as f64 / offered } else { 0.0 };
            watcher.advance(1);
            Some(Screened { cost, late: share(run.counts.late), failed: share(run.counts.failed()) })
        })
        .collect()
}
