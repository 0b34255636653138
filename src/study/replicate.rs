//! Runs all replications of all candidates, spread over threads.
//!
//! A task is one replication of all or a few candidates: they share its requests, which are drawn once. Tasks are independent and
//! their outcomes are put in their places by number, so the number of threads changes nothing.

use super::background::left_elsewhere;
use super::incidents::incidents;
use super::invoice::{charges, tariff};
use super::patch_wave::WaveOutcome;
use super::paths::Sampling;
use super::summary::summarise;
use super::timeline::{bucket_length, fine_bucket_length, minute_bucket_length, time_line};
use super::words::{WITHOUT_TIME_LINES, stopped_early};
use crate::billing::{Ledger, bill};
use crate::engine::{Event, Lockstep, MinuteLoads, MixPlan, RunRecord, Simulation, Tables};
use crate::input::{Candidate, LoadedScenario};
use crate::market::MarketPath;
use crate::results::{MixInvoice, Results, Timeline, chosen};
use crate::scenario::{Fidelity, Scenario};
use crate::units::Duration;
use crate::workload::{DemandPath, RequestBlock, RequestLaws};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Time lines are kept of the first replications only; a later one is simulated again if it is named, and so is that of the best mix
/// where its time line is to be finer, and for its incidents.
const MOST_KEPT_TIME_LINES: u32 = 64;

/// Told of finished work, and asked whether to go on.
pub trait Progress: Sync {
    /// `finished` replications of a mix more are done.
    fn advance(&self, finished: u64);

    /// Whether simulating shall stop. It is asked for each block of requests.
    fn cancelled(&self) -> bool {
        false
    }
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
    /// The charges of each mix's named replication as rows of a FOCUS file (`charges.csv`).
    pub charges: String,
    /// The bill of each mix's named replication by month and item, in the order of the record.
    pub invoices: Vec<MixInvoice>,
    /// State changes of replication 0 of each mix in the order of the record, if they were asked for.
    pub events: Vec<MixEvents>,
    /// Whether nothing cancelled it. If something did, it is the study of the first replications, or time lines are missing.
    pub complete: bool,
}

/// A study was cancelled before two replications were finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped after {finished} of {wanted} replications")]
pub struct Interrupted {
    /// Replications that were finished for all mixes.
    pub finished: u32,
    /// Replications that were asked for.
    pub wanted: u32,
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
    /// What a patch wave did.
    pub(super) wave: Option<WaveOutcome>,
}

impl Outcome {
    /// What a planner minimises, in currency units: the bill, and what background work costs elsewhere that was left undone.
    pub(super) fn decisive_cost(&self, scenario: &Scenario) -> f64 {
        self.ledger.total().to_f64() + left_elsewhere(scenario, &self.run)
    }
}

/// A candidate made ready.
pub(super) struct Prepared<'a> {
    pub(super) candidate: &'a Candidate,
    pub(super) plan: MixPlan,
    /// Whether minutes can stand for its requests, if that is wanted at all.
    pub(super) fits_minutes: bool,
    /// The same without its patch wave, if it has one: simulated beside it.
    without_wave: Option<MixPlan>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(candidate: &'a Candidate) -> Self {
        let plan = MixPlan::new(&candidate.scenario, &candidate.mix, &candidate.prices);
        let without_wave = plan.patch_wave.is_some().then(|| MixPlan { patch_wave: None, ..plan.clone() });
        Self { candidate, plan, fits_minutes: Tables::check(&candidate.scenario).is_ok(), without_wave }
    }
}

/// How many requests all replications of all mixes will have, about.
pub fn expected_requests(input: &LoadedScenario) -> f64 {
    let one = Sampling::new(input).demand_path(input, 0).expected_requests();
    one * input.candidates.len() as f64 * f64::from(input.scenario.run.replications)
}

/// Simulates a study on the current thread pool.
///
/// When it is cancelled, the replications before the first one that is not finished for all mixes are the study: the same
/// record as if no more had been asked for.
///
/// # Errors
/// If it is cancelled before two replications are finished.
pub fn run(input: &LoadedScenario, with_events: bool, progress: &dyn Progress) -> Result<Study, Interrupted> {
    let origin = Origin::new(input);
    let mut prepared: Vec<Prepared> = input.candidates.iter().map(Prepared::new).collect();
    prepared.sort_by(|a, b| a.candidate.name.cmp(&b.candidate.name));
    let wanted = input.scenario.run.replications;
    let mut done: Vec<(Task, Vec<Outcome>)> = tasks(wanted, prepared.len(), rayon::current_num_threads())
        .par_bridge()
        .filter_map(|task| {
            let replication = task.replication;
            let bucket = (replication < MOST_KEPT_TIME_LINES).then(|| bucket_length(&input.scenario));
            let keep = Wanted { time_line: bucket, events: with_events && replication == 0, ..Wanted::default() };
            let mixes = &prepared[task.mixes.clone()];
            let outcomes = simulate(&origin, mixes, replication, keep, progress)?;
            progress.advance(mixes.len() as u64);
            Some((task, outcomes))
        })
        .collect();
    done.sort_by_key(|(task, _)| (task.replication, task.mixes.start));
    let mut by_mix: Vec<Vec<Outcome>> = prepared.iter().map(|_| Vec::new()).collect();
    for (task, outcomes) in done {
        for (mix, outcome) in task.mixes.zip(outcomes) {
            if by_mix[mix].len() == task.replication as usize {
                by_mix[mix].push(outcome);
            }
        }
    }
    let finished = by_mix.iter().map(Vec::len).min().unwrap_or(0);
    by_mix.iter_mut().for_each(|outcomes| outcomes.truncate(finished));
    let finished = finished as u32;
    let complete = finished == wanted;
    if !complete && finished < 2 {
        return Err(Interrupted { finished, wanted });
    }
    let events = take_events(&prepared, &mut by_mix, with_events);
    let mut of_these = input.clone();
    of_these.scenario.run.replications = finished;
    let mut results = summarise(&of_these, &origin.sampling, &prepared, &by_mix);
    let named = |mix: usize| results.mixes[mix].named_replication.index;
    let prices = origin.sampling.price_paths(prepared.iter().enumerate().map(|(i, mix)| (mix.candidate, named(i))));
    let (charges, invoices) = charges(input, &prepared, &by_mix, &results.mixes, &prices);
    let timelines: Vec<Timeline> = prepared
        .par_iter()
        .zip(&by_mix)
        .zip(&results.mixes)
        .zip(&prices)
        .filter_map(|(((mix, outcomes), record), prices)| {
            let named = record.named_replication.index;
            let kept = &outcomes[named as usize];
            let coarse = bucket_length(&input.scenario);
            let of_chosen = chosen(&results).is_some_and(|chosen| chosen.name == record.name);
            let length = if of_chosen { fine_bucket_length(&input.scenario) } else { coarse };
            let again = |length| {
                let keep = Wanted { time_line: Some(length), events: false, ahead: true };
                let again = simulate(&origin, std::slice::from_ref(mix), named, keep, progress)?;
                again.first().map(|outcome| time_line(mix, outcome, named, prices))
            };
            let whole = || {
                let known = length == coarse && named < MOST_KEPT_TIME_LINES;
                if known { Some(time_line(mix, kept, named, prices)) } else { again(length) }
            };
            let minutes = minute_bucket_length(&input.scenario);
            if !of_chosen || minutes >= length {
                return whole();
            }
            let (line, by_minute) = rayon::join(whole, || again(minutes));
            Some(Timeline { incidents: incidents(&by_minute?, &input.scenario.objective), ..line? })
        })
        .collect();
    let drawn = timelines.len() == prepared.len();
    if !drawn {
        results.warnings.insert(0, WITHOUT_TIME_LINES.to_string());
    }
    if !complete {
        results.warnings.insert(0, stopped_early(finished, wanted));
    }
    Ok(Study { results, timelines, charges, invoices, events, complete: complete && drawn })
}

/// One replication of some of the mixes.
struct Task {
    replication: u32,
    mixes: Range<usize>,
}

/// All tasks, in the order in which they are begun.
///
/// Each thread gets the same number of whole replications; what is left over is divided by mixes. Whole ones come first, and
/// are never divided without need, since every part draws the replication's requests again.
fn tasks(replications: u32, mixes: usize, threads: usize) -> impl Iterator<Item = Task> + Send {
    let left_over = replications as usize % threads;
    let parts = threads.div_ceil(left_over.max(1)).min(mixes);
    let whole = replications - left_over as u32;
    (0..replications).flat_map(move |replication| {
        let parts = if replication < whole { 1 } else { parts };
        (0..parts).map(move |part| Task { replication, mixes: part * mixes / parts..(part + 1) * mixes / parts })
    })
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

/// What is kept of a replication, and how it is run; by default as little as can be, by one thread.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// The length of the time line's intervals, if it is to have one.
    pub(super) time_line: Option<Duration>,
    pub(super) events: bool,
    /// Whether a second thread draws requests while this one serves: for runs that others wait for.
    pub(super) ahead: bool,
}

/// Where the requests and prices of all replications come from.
pub(super) struct Origin<'a> {
    pub(super) input: &'a LoadedScenario,
    pub(super) sampling: Sampling,
    pub(super) laws: RequestLaws,
    /// In the `interval` fidelity, where tables can be made.
    pub(super) tables: Option<Arc<Tables>>,
}

impl<'a> Origin<'a> {
    pub(super) fn new(input: &'a LoadedScenario) -> Self {
        let tables = match input.scenario.run.fidelity {
            Fidelity::Request => None,
            Fidelity::Interval => Tables::new(&input.scenario).ok().map(Arc::new),
        };
        Self { tables, ..Self::by_request(input) }
    }

    /// Every request is simulated, whatever the scenario says.
    pub(super) fn by_request(input: &'a LoadedScenario) -> Self {
        let laws = RequestLaws::new(input.scenario.demand.arrivals(), &input.scenario.service);
        Self { input, sampling: Sampling::new(input), laws, tables: None }
    }

    /// What arrives in each minute of a replication on this path.
    pub(super) fn minutes(&self, path: &DemandPath, replication: u32) -> Arc<MinuteLoads> {
        let run = &self.input.scenario.run;
        Arc::new(MinuteLoads::of(path.requests(&self.laws, run.seed, replication), run.warm_up.as_secs_f64()))
    }
}

/// One replication of some candidates on the same requests; `None` if it was cancelled.
pub(super) fn simulate(
    origin: &Origin,
    mixes: &[Prepared],
    replication: u32,
    wanted: Wanted,
    progress: &dyn Progress,
) -> Option<Vec<Outcome>> {
    if progress.cancelled() {
        return None;
    }
    let Origin { input, sampling, tables, .. } = origin;
    let markets = sampling.market_paths(mixes.iter().map(|mix| (mix.candidate, replication)));
    let any_by_minutes = tables.as_ref().filter(|_| mixes.iter().any(|mix| mix.fits_minutes));
    let minutes = any_by_minutes.map(|tables| {
        let path = sampling.demand_path(input, replication);
        (origin.minutes(&path, replication), tables.clone())
    });
    let all_by_minutes = mixes.iter().all(|mix| mix.fits_minutes && minutes.is_some());
    let simulations = simulations(mixes, &markets, replication, minutes.as_ref(), wanted);
    let (runs, offered) = match &minutes {
        Some((loads, _)) if all_by_minutes => {
            let offered = loads.offered_by_minute();
            (simulations.into_iter().map(|simulation| simulation.finish(offered)).collect(), offered.to_vec())
        }
        _ => serve(origin, replication, simulations, wanted.ahead, progress, |_| {})?,
    };
    Some(outcomes(mixes, &markets, runs, &offered))
}

/// What [`simulate`] gives for each of some replications, by replication, with as little as can be kept and in less time.
///
/// # Panics
/// If minutes stand for the requests of anything.
pub(super) fn simulate_together(
    origin: &Origin,
    mixes: &[Prepared],
    replications: Range<u32>,
    progress: &dyn Progress,
) -> Option<Vec<Vec<Outcome>>> {
    let Origin { input, sampling, laws, tables } = origin;
    assert!(tables.is_none(), "minutes are not simulated together");
    let markets: Vec<_> = replications
        .clone()
        .map(|replication| sampling.market_paths(mixes.iter().map(|mix| (mix.candidate, replication))))
        .collect();
    let paths: Vec<DemandPath> =
        replications.clone().map(|replication| sampling.demand_path(input, replication)).collect();
    let mut sources: Vec<_> = paths
        .iter()
        .zip(replications.clone())
        .map(|(path, replication)| (path.requests(laws, input.scenario.run.seed, replication), RequestBlock::default()))
        .collect();
    let (mut all, mut source_of) = (Vec::new(), Vec::new());
    for (source, (markets, replication)) in markets.iter().zip(replications).enumerate() {
        all.extend(simulations(mixes, markets, replication, None, Wanted::default()));
        source_of.resize(all.len(), source);
    }
    let mut together = Lockstep::new(all);
    loop {
        if progress.cancelled() {
            return None;
        }
        if !sources.iter_mut().fold(false, |more, (requests, block)| requests.next_block(block) | more) {
            break;
        }
        let blocks: Vec<&RequestBlock> = source_of.iter().map(|source| &sources[*source].1).collect();
        together.feed_each(&blocks);
    }
    let mut runs: Vec<Vec<RunRecord>> = sources.iter().map(|_| Vec::new()).collect();
    for (source, simulation) in source_of.into_iter().zip(together.into_simulations()) {
        runs[source].push(simulation.finish(sources[source].0.offered_by_minute()));
    }
    let of_each = runs.into_iter().zip(&markets).zip(&sources);
    let of_each = of_each.map(|((runs, markets), source)| outcomes(mixes, markets, runs, source.0.offered_by_minute()));
    Some(of_each.collect())
}

/// The simulations of some candidates in their markets; behind them those of the ones with a patch wave without it.
fn simulations<'a>(
    mixes: &'a [Prepared],
    markets: &'a [Vec<MarketPath>],
    replication: u32,
    minutes: Option<&(Arc<MinuteLoads>, Arc<Tables>)>,
    wanted: Wanted,
) -> Vec<Simulation<'a>> {
    let as_it_is = mixes.iter().zip(markets).map(|(mix, markets)| match minutes {
        Some(minutes) if mix.fits_minutes => Simulation::by_interval_with_latencies(
            &mix.plan,
            markets,
            replication,
            minutes.clone(),
            wanted.time_line,
            wanted.events,
        ),
        _ => Simulation::new(&mix.plan, markets, replication, wanted.time_line, wanted.events),
    });
    let without_wave = mixes.iter().zip(markets).filter_map(|(mix, markets)| {
        Some(Simulation::new(mix.without_wave.as_ref()?, markets, replication, None, false))
    });
    as_it_is.chain(without_wave).collect()
}

/// What the runs of [`simulations`] come to, with their bills.
fn outcomes(
    mixes: &[Prepared],
    markets: &[Vec<MarketPath>],
    mut runs: Vec<RunRecord>,
    offered: &[u32],
) -> Vec<Outcome> {
    let mut without_waves = runs.split_off(mixes.len()).into_iter();
    let outcome = |(run, (mix, markets)): (RunRecord, (&Prepared, &Vec<MarketPath>))| {
        let prices: Vec<_> = markets.iter().map(|market| market.price.clone()).collect();
        let tariff = tariff(mix.candidate, &prices);
        let ledger = bill(&run.usage, &tariff);
        let without = mix.without_wave.as_ref().and_then(|_| without_waves.next());
        let wave = run.patch_wave.as_ref().zip(without).map(|(wave, without)| {
            let bills = [&ledger, &bill(&without.usage, &tariff)];
            WaveOutcome::new(wave, [&run, &without], bills, offered, mix.plan.horizon)
        });
        Outcome { run, ledger, wave }
    };
    runs.into_iter().zip(mixes.iter().zip(markets)).map(outcome).collect()
}

/// Blocks that are drawn while as many are served.
const AHEAD: usize = 32;

/// Feeds the requests of a replication to simulations, which a second thread draws `ahead` if so wanted; `each` sees every block. Returns what
/// they leave behind, and the requests by minute; `None` if it was cancelled.
pub(super) fn serve(
    origin: &Origin,
    replication: u32,
    simulations: Vec<Simulation>,
    ahead: bool,
    progress: &dyn Progress,
    mut each: impl FnMut(&RequestBlock) + Send,
) -> Option<(Vec<RunRecord>, Vec<u32>)> {
    let Origin { input, sampling, laws, .. } = origin;
    let path = sampling.demand_path(input, replication);
    let mut requests = path.requests(laws, input.scenario.run.seed, replication);
    let mut together = Lockstep::new(simulations);
    let mut feed = |blocks: &[RequestBlock]| {
        for block in blocks.iter().take_while(|_| !progress.cancelled()) {
            each(block);
            together.feed(block);
        }
    };
    let mut draw = |blocks: &mut Vec<RequestBlock>, most: usize| {
        blocks.resize_with(most, RequestBlock::default);
        let drawn = blocks.iter_mut().position(|block| !requests.next_block(block));
        blocks.truncate(drawn.unwrap_or(most));
    };
    let (mut blocks, mut next) = (Vec::new(), Vec::new());
    let most = if ahead { AHEAD } else { 1 };
    draw(&mut blocks, most);
    while !progress.cancelled() && !blocks.is_empty() {
        if ahead {
            rayon::join(|| feed(&blocks), || draw(&mut next, most));
            std::mem::swap(&mut blocks, &mut next);
        } else {
            feed(&blocks);
            draw(&mut blocks, most);
        }
    }
    if progress.cancelled() {
        return None;
    }
    let offered = requests.offered_by_minute();
    let runs = together.into_simulations().into_iter().map(|simulation| simulation.finish(offered)).collect();
    Some((runs, offered.to_vec()))
}
