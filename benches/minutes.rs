//! What a simulated minute of a mix takes in the `interval` fidelity, control plane and bill included: `cargo bench --bench minutes`.
//!
//! Mixes of the shipped scenario meet its week. Tables and the requests' loads are there beforehand, as for all candidates of a search
//! but the first; times are the thread's own, the best of several turns and their median.

use cpu_time::ThreadTime;
use fleetmix::billing::{Tariff, bill};
use fleetmix::engine::{MinuteLoads, MixPlan, Simulation, Tables};
use fleetmix::input::{Candidate, LoadOptions, LoadedScenario, load};
use fleetmix::market::{MarketPath, StepPath};
use fleetmix::trace::{DemandSeries, StepSeries};
use fleetmix::units::SimTime;
use fleetmix::workload::{DemandPath, RatePath, RatePiece, RequestLaws};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

const MIXES: [&str; 12] = [
    "on-demand",
    "2 reserved + on-demand",
    "3 reserved + on-demand",
    "3 reserved + 0..2 on-demand",
    "3 reserved + 1 spot(max 0.20 USD/h) + on-demand",
    "3 reserved + 2 spot(max 0.40 USD/h) + on-demand",
    "3 reserved + 4 spot + on-demand",
    "2 reserved + 5 spot + on-demand",
    "4 reserved + 3 spot",
    "5 reserved + 1 spot + on-demand",
    "5 reserved",
    "7 reserved",
];

fn loaded() -> LoadedScenario {
    let mixes = MIXES.iter().map(|mix| mix.to_string()).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    match load(&file, &LoadOptions { mixes, ..LoadOptions::default() }) {
        Ok(input) => input,
        Err(diagnostic) => panic!("{:?}", diagnostic.problems),
    }
}

/// The first week of the demand trace.
fn demand(input: &LoadedScenario, horizon: SimTime) -> DemandPath<'_> {
    let DemandSeries::Rates(series) = &*input.demand else { panic!("the shipped demand is a rate") };
    let pieces = series.per_second.iter().enumerate().map(|(index, rate)| {
        let from = series.start + series.interval.times(index as i64);
        RatePiece { from: from.as_secs_f64(), per_second: *rate }
    });
    let mut pieces: Vec<RatePiece> = pieces.take_while(|piece| piece.from < horizon.as_secs_f64()).collect();
    pieces[0].from = -input.scenario.run.warm_up.as_secs_f64();
    DemandPath::Rates(RatePath::new(pieces, horizon))
}

fn path<T: Copy + PartialEq>(series: &StepSeries<T>, begin: SimTime) -> Arc<StepPath<T>> {
    let mut steps = series.steps.clone();
    steps[0].0 = steps[0].0.min(begin);
    Arc::new(StepPath::new(steps))
}

fn markets(candidate: &Candidate) -> Vec<MarketPath> {
    let begin = SimTime::START - candidate.scenario.run.warm_up;
    let names = candidate.spot_pool().map_or(&[][..], |pool| &pool.markets);
    let market = |name: &String| MarketPath {
        price: path(&candidate.markets[name], begin),
        capacity: candidate.capacities.get(name).map(|series| path(series, begin)),
    };
    names.iter().map(market).collect()
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let turns = if quick { 5 } else { 41 };
    let input = loaded();
    let scenario = &input.scenario;
    let horizon = SimTime::START + scenario.clock.horizon;
    let demand = demand(&input, horizon);
    let laws = RequestLaws::new(scenario.demand.arrivals(), &scenario.service);
    let requests = demand.requests(&laws, scenario.run.seed, 0);
    let loads = Arc::new(MinuteLoads::of(requests, scenario.run.warm_up.as_secs_f64()));
    let tables = Arc::new(Tables::new(scenario).expect("minutes can stand for the shipped scenario"));
    let minutes = (scenario.clock.horizon.as_secs_f64() + scenario.run.warm_up.as_secs_f64()) / 60.0;
    let run = |candidate: &Candidate, markets: &[MarketPath]| {
        let plan = MixPlan::new(&candidate.scenario, &candidate.mix, &candidate.prices);
        let simulation = Simulation::by_interval(&plan, markets, 0, loads.clone(), tables.clone());
        let record = simulation.finish(loads.offered_by_minute());
        let prices: Vec<_> = markets.iter().map(|market| market.price.clone()).collect();
        let tariff = Tariff::new(&candidate.scenario, &candidate.prices, &candidate.mix, &prices);
        (bill(&record.usage, &tariff).total(), record)
    };
    println!("| mix | best, ns a minute | median | scale-outs | launches | interruptions |");
    println!("|---|---:|---:|---:|---:|---:|");
    let (mut bests, mut medians) = (0.0, 0.0);
    for candidate in &input.candidates {
        let markets = markets(candidate);
        let (_, record) = run(candidate, &markets);
        let mut times: Vec<f64> = (0..turns)
            .map(|_| {
                let begin = ThreadTime::now();
                black_box(run(candidate, &markets));
                begin.elapsed().as_secs_f64() * 1e9 / minutes
            })
            .collect();
        times.sort_by(f64::total_cmp);
        (bests, medians) = (bests + times[0], medians + times[turns / 2]);
        let launches = record.launches;
        println!(
            "| {} | {:.0} | {:.0} | {} | {launches} | {} |",
            candidate.name,
            times[0],
            times[turns / 2],
            record.scale_outs,
            record.interruptions.len()
        );
    }
    let count = input.candidates.len() as f64;
    println!("| mean | {:.0} | {:.0} | | | |", bests / count, medians / count);
}
