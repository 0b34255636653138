//! Runs all replications of all candidates, spread over threads.
//!
//! A task is one replication of a few candidates: they share its requests, which are drawn once. Tasks are independent and their
//! outcomes are put in their places by index, so the number of threads changes nothing.

use super::paths::Sampling;
use super::summary::summarise;
use super::timeline::{bucket_length, time_line};
use crate::billing::{Commitment, Ledger, Tariff, bill};
use crate::engine::{Event, MixPlan, RunRecord, Simulation};
use crate::input::{Candidate, LoadedScenario};
use crate::market::PricePath;
use crate::results::{Results, Timeline};
use crate::units::{Duration, SimTime};
use crate::workload::RequestBlock;
use rayon::prelude::*;
use std::sync::Arc;

/// Tasks wanted for each thread, so that none waits long for the last.
const TASKS_PER_THREAD: usize = 2;
/// With more replications time lines are not kept; the named replication is simulated again for its own.
const MOST_KEPT_TIME_LINES: u32 = 64;

/// Told of finished work.
pub trait Progress: Sync {
    /// `finished` replications of a mix more are done.
    fn advance(&self, finished: u64);
}

impl Progress for () {
    fn advance(&self, _finished: u64) {}
}

/// What a study yields.
#[derive(Debug, Clone)]
pub struct Study {
    /// The record.
    pub results: Results,
    /// The time line of each mix's named replication, in the order of the record.
    pub timelines: Vec<Timeline>,
    /// State changes of replication 0 of each mix in the order of the record, if they were asked for.
    pub events: Vec<MixEvents>,
}

/// State changes of one mix.
#[derive(Debug, Clone)]
pub struct MixEvents {
    /// Name of the mix.
    pub mix: String,
    /// Its state changes, in order.
    pub events: Vec<Event>,
}

/// One replication of one candidate: what happened and what it cost.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) run: RunRecord,
    pub(super) ledger: Ledger,
}

/// A candidate made ready.
pub(super) struct Prepared<'a> {
    pub(super) candidate: &'a Candidate,
    pub(super) plan: MixPlan,
}

/// Simulates a study on the current thread pool.
pub fn run(input: &LoadedScenario, with_events: bool, progress: &dyn Progress) -> Study {
    let sampling = Sampling::new(input);
    let mut prepared: Vec<Prepared> = input
        .candidates
        .iter()
        .map(|c| Prepared { candidate: c, plan: MixPlan::new(&c.scenario, &c.mix, &c.prices) })
        .collect();
    prepared.sort_by(|a, b| a.candidate.name.cmp(&b.candidate.name));
    let replications = input.scenario.run.replications;
    let keep_time_lines = replications <= MOST_KEPT_TIME_LINES;
    let wanted_tasks = TASKS_PER_THREAD * rayon::current_num_threads();
    let parts = wanted_tasks.div_ceil(replications as usize).min(prepared.len());
    let chunk_size = prepared.len().div_ceil(parts);
    let tasks: Vec<(u32, &[Prepared])> =
        (0..replications).flat_map(|r| prepared.chunks(chunk_size).map(move |chunk| (r, chunk))).collect();
    let outcomes: Vec<Vec<Outcome>> = tasks
        .into_par_iter()
        .map(|(replication, chunk)| {
            let wanted = Wanted { time_line: keep_time_lines, events: with_events && replication == 0 };
            let outcomes = simulate(input, &sampling, chunk, replication, wanted);
            progress.advance(chunk.len() as u64);
            outcomes
        })
        .collect();
    let mut by_mix = transpose(outcomes, prepared.len());
    let events = take_events(&prepared, &mut by_mix, with_events);
    let results = summarise(input, &sampling, &prepared, &by_mix);
    let timelines = prepared
        .par_iter()
        .zip(&by_mix)
        .zip(&results.mixes)
        .map(|((mix, outcomes), record)| {
            let named = record.named_replication.index;
            let again = (!keep_time_lines).then(|| {
                let wanted = Wanted { time_line: true, events: false };
                simulate(input, &sampling, std::slice::from_ref(mix), named, wanted).remove(0)
            });
            let outcome = again.as_ref().unwrap_or(&outcomes[named as usize]);
            time_line(mix, outcome, named, &sampling)
        })
        .collect();
    Study { results, timelines, events }
}

/// From tasks in the order of replications to outcomes by mix and replication.
fn transpose(tasks: Vec<Vec<Outcome>>, mixes: usize) -> Vec<Vec<Outcome>> {
    let mut by_mix: Vec<Vec<Outcome>> = (0..mixes).map(|_| Vec::new()).collect();
    for (index, outcome) in tasks.into_iter().flatten().enumerate() {
        by_mix[index % mixes].push(outcome);
    }
    by_mix
}

fn take_events(prepared: &[Prepared], by_mix: &mut [Vec<Outcome>], wanted: bool) -> Vec<MixEvents> {
    if !wanted {
        return Vec::new();
    }
    let mixes = prepared.iter().zip(by_mix);
    mixes
        .map(|(mix, outcomes)| MixEvents {
            mix: mix.candidate.name.clone(),
            events: std::mem::take(&mut outcomes[0].run.events),
        })
        .collect()
}

#[derive(Debug, Clone, Copy)]
struct Wanted {
    time_line: bool,
    events: bool,
}

/// One replication of some candidates on the same requests.
fn simulate(
    input: &LoadedScenario,
    sampling: &Sampling,
    mixes: &[Prepared],
    replication: u32,
    wanted: Wanted,
) -> Vec<Outcome> {
    let scenario = &input.scenario;
    let path = sampling.demand_path(input, replication);
    let prices: Vec<Vec<Arc<PricePath>>> =
        mixes.iter().map(|mix| sampling.price_paths(mix.candidate, replication)).collect();
    let bucket = wanted.time_line.then(|| bucket_length(scenario));
    let mut simulations: Vec<Simulation> = mixes
        .iter()
        .zip(&prices)
        .map(|(mix, prices)| Simulation::new(&mix.plan, prices, replication, bucket, wanted.events))
        .collect();
    let mut requests = path.requests(&scenario.service, scenario.run.seed, replication);
    let mut block = RequestBlock::default();
    while requests.next_block(&mut block) {
        Simulation::feed_all(&mut simulations, &block);
    }
    let offered = requests.offered_by_minute();
    simulations
        .into_iter()
        .zip(mixes.iter().zip(&prices))
        .map(|(simulation, (mix, prices))| {
            let run = simulation.finish(offered);
            let ledger = bill(&run.usage, &tariff(mix.candidate, prices));
            Outcome { run, ledger }
        })
        .collect()
}

/// What running time costs under a candidate's scenario.
fn tariff(candidate: &Candidate, markets: &[Arc<PricePath>]) -> Tariff {
    let scenario = &candidate.scenario;
    let prices = &candidate.prices.types;
    let base = scenario.pools.reserved.as_ref().filter(|_| candidate.mix.reserved > 0);
    let start = scenario.clock.start.unix_nanos().rem_euclid(i128::from(Duration::HOUR.nanos()));
    Tariff {
        on_demand: prices[&scenario.pools.on_demand.instance_type].on_demand.rate,
        billing: scenario.billing,
        markets: markets.to_vec(),
        commitment: base.map(|pool| {
            let offer = &prices[&pool.instance_type].reserved[&pool.commitment];
            Commitment {
                count: candidate.mix.reserved,
                hourly: offer.hourly.rate,
                upfront: offer.upfront.amount,
                term: offer.term,
            }
        }),
        horizon: SimTime::START + scenario.clock.horizon,
        since_clock_hour: Duration::from_nanos(start as i64),
    }
}
