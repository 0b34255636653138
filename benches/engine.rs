//! How fast requests are drawn and served: `cargo bench --bench engine`.
//!
//! `fifo` serves the same requests with the engine (alone, and four simulations side by side as a study feeds them) and with the bare
//! queue of [`bare`], which has none of its features. What they count agrees, which is checked first.

mod bare;

use bare::Bare;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fleetmix::engine::{MixPlan, RunRecord, Simulation};
use fleetmix::scenario::{Arrivals, Mix, Prices, Scenario, validate};
use fleetmix::units::SimTime;
use fleetmix::workload::{BLOCK, RatePath, RatePiece, RequestBlock, RequestStream, sampler};
use serde_json::json;
use std::hint::black_box;

/// Busy share of the servers.
const LOAD: f64 = 0.9;
/// Mean work in seconds: the shipped scenario's.
const MEAN_WORK: f64 = 0.32;
/// Blocks of requests, about 200,000 requests.
const BLOCKS: usize = 196;
/// Simulations fed together.
const TOGETHER: usize = 4;

/// One instance with `slots` slots under constant load.
struct System {
    slots: u32,
    scenario: Scenario,
    path: RatePath,
}

impl System {
    fn new(slots: u32) -> Self {
        let per_second = LOAD * f64::from(slots) / MEAN_WORK;
        // Enough for all blocks: a tenth longer than they take on average.
        let horizon = (1.1 * (BLOCKS * BLOCK) as f64 / per_second / 60.0).ceil() as i64 * 60;
        let tree = json!({
            "format": 1, "name": "bench",
            "clock": { "start": "2016-03-07T00:00:00Z", "horizon": format!("{horizon}s") },
            "run": { "seed": 1, "replications": 1, "warm_up": "0s" },
            "demand": { "steps": { "steps": [{ "from": "0s", "per_second": per_second }] } },
            "service": { "work": { "lognormal": { "mean": "320ms", "cv": 0.6 } } },
            "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
            "instance_types": { "m": { "slots": slots, "drain_limit": "60s", "boot": { "stages": [] } } },
            "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "bench", "types": { "m": {
                "on_demand": "1 USD/h", "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.5 USD/h" } }
            } } } },
            "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
            "pools": { "reserved": { "instance_type": "m", "commitment": "r" }, "on_demand": { "instance_type": "m" } },
            "scaling": { "min_total": 1, "max_total": 1, "metrics": { "period": "60s" } },
            "mixes": [{ "mix": "1 reserved" }]
        });
        let scenario: Scenario = serde_json::from_value(tree).expect("a scenario");
        assert_eq!(validate(&scenario), []);
        let end = SimTime::START + scenario.clock.horizon;
        let path = RatePath::new(vec![RatePiece { from: 0.0, per_second }], end);
        Self { slots, scenario, path }
    }

    fn plan(&self) -> MixPlan {
        let Prices::Inline(prices) = &self.scenario.prices else { unreachable!("prices are inline") };
        let mix: Mix = "1 reserved".parse().expect("a mix");
        MixPlan::new(&self.scenario, &mix, prices)
    }

    fn stream(&self, replication: u32) -> RequestStream<'_> {
        RequestStream::new(&self.path, Arrivals::Poisson, sampler(&self.scenario.service.work), 1, replication)
    }

    /// The requests of replication 0, and how many arrive in each minute.
    fn requests(&self) -> (Vec<RequestBlock>, Vec<u32>) {
        let mut stream = self.stream(0);
        let mut blocks = Vec::new();
        while blocks.len() < BLOCKS {
            let mut block = RequestBlock::default();
            assert!(stream.next_block(&mut block), "the horizon is long enough");
            blocks.push(block);
        }
        (blocks, stream.offered_by_minute().to_vec())
    }
}

fn simulate(plan: &MixPlan, blocks: &[RequestBlock], offered: &[u32]) -> RunRecord {
    let mut simulation = Simulation::new(plan, &[], 0, None, false);
    blocks.iter().for_each(|block| simulation.feed(block));
    simulation.finish(offered)
}

fn simulate_together(plan: &MixPlan, blocks: &[RequestBlock], offered: &[u32]) -> Vec<RunRecord> {
    let mut simulations: Vec<Simulation> = (0..TOGETHER).map(|_| Simulation::new(plan, &[], 0, None, false)).collect();
    blocks.iter().for_each(|block| simulations.iter_mut().for_each(|simulation| simulation.feed(block)));
    simulations.into_iter().map(|simulation| simulation.finish(offered)).collect()
}

fn serve_bare(slots: u32, late_after: f64, blocks: &[RequestBlock]) -> bare::Outcome {
    let mut servers = Bare::new(slots as usize, late_after);
    blocks.iter().for_each(|block| servers.feed(block));
    servers.finish()
}

/// Both count the same, or the comparison means nothing.
fn check(record: &RunRecord, bare: &bare::Outcome) {
    assert_eq!((record.counts.served, record.counts.late), (bare.served, bare.late));
    let mean = |sum: f64| sum / bare.served as f64;
    assert!((mean(record.latency_sum) - mean(bare.latency_sum)).abs() < 1e-9);
    assert!((record.latency_max - bare.latency_max).abs() < 1e-9);
}

fn fifo(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fifo");
    for slots in [5, 16, 100, 1000] {
        let system = System::new(slots);
        let (plan, (blocks, offered)) = (system.plan(), system.requests());
        let count: u64 = blocks.iter().map(|block| block.arrivals.len() as u64).sum();
        check(&simulate(&plan, &blocks, &offered), &serve_bare(system.slots, plan.late_after, &blocks));
        group.throughput(Throughput::Elements(count));
        group.bench_function(BenchmarkId::new("engine", slots), |bencher| {
            bencher.iter(|| simulate(black_box(&plan), &blocks, &offered));
        });
        group.bench_function(BenchmarkId::new("bare", slots), |bencher| {
            bencher.iter(|| serve_bare(black_box(slots), plan.late_after, &blocks));
        });
        group.throughput(Throughput::Elements(count * TOGETHER as u64));
        group.bench_function(BenchmarkId::new("engine, four together", slots), |bencher| {
            bencher.iter(|| simulate_together(black_box(&plan), &blocks, &offered));
        });
    }
    group.finish();
}

fn requests(criterion: &mut Criterion) {
    let system = System::new(100);
    let mut group = criterion.benchmark_group("requests");
    group.throughput(Throughput::Elements((BLOCKS * BLOCK) as u64));
    group.bench_function("poisson, lognormal", |bencher| {
        let mut block = RequestBlock::default();
        bencher.iter(|| {
            let mut stream = system.stream(black_box(1));
            for _ in 0..BLOCKS {
                assert!(stream.next_block(&mut block), "the horizon is long enough");
            }
            block.arrivals[0]
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    // Its plots want a font that plotters does not find as it is built here; the figures are what counts.
    config = Criterion::default().without_plots();
    targets = fifo, requests
}
criterion_main!(benches);
