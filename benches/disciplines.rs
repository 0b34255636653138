//! What a request costs under each discipline, its drawing not included: `cargo bench --bench disciplines`.
//!
//! One-slot instances at a load of 0.9, half of them 1.5 times as fast under `fifo-fastest`; 200 requests a second and a tick a minute,
//! so 12,000 requests between two ticks. The disciplines take turns, so that noise hits all of them; the table shows the thread's own
//! time in the fastest turn and the median, and the median ratio. Beside them the bare queue, which knows no instances.
//!
//! Names in the arguments choose disciplines: `cargo bench --bench disciplines -- least-outstanding`.
//!
//! Nanoseconds belong to a machine, so the last column is what can be carried from one to another: each with the drawing of its
//! requests, over the bare queue with the same.

mod bare;

use bare::Bare;
use cpu_time::ThreadTime;
use fleetmix::engine::{MixPlan, Simulation};
use fleetmix::scenario::{Arrivals, Prices, Scenario, validate};
use fleetmix::units::SimTime;
use fleetmix::workload::{RatePath, RatePiece, RequestBlock, RequestStream, sampler};
use serde_json::{Value, json};
use std::hint::black_box;

const PER_SECOND: f64 = 200.0;
const LOAD: f64 = 0.9;

/// Instances, and the requests that they get.
struct System {
    scenario: Scenario,
    plan: MixPlan,
    path: RatePath,
    blocks: Vec<RequestBlock>,
    offered: Vec<u32>,
}

impl System {
    fn new(discipline: &Value, instances: u32, requests: u32) -> Self {
        let minutes = (f64::from(requests) / PER_SECOND / 60.0).ceil() as i64;
        let fast = if discipline == "fifo-fastest" { instances / 2 } else { 0 };
        let capacity = f64::from(instances - fast) + 1.5 * f64::from(fast);
        let mean = LOAD * capacity / PER_SECOND;
        let kind = |speed| json!({ "slots": 1, "speed": speed, "drain_limit": "60s", "boot": { "stages": [] } });
        let tree = json!({
            "format": 1, "name": "bench",
            "clock": { "start": "2016-03-07T00:00:00Z", "horizon": format!("{minutes}m") },
            "run": { "seed": 1, "replications": 1, "warm_up": "0s" },
            "demand": { "steps": { "steps": [{ "from": "0s", "per_second": PER_SECOND }] } },
            "service": {
                "work": { "exponential": { "mean": format!("{}us", (mean * 1e6).round()) } }, "discipline": discipline
            },
            "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
            "instance_types": { "base": kind(1.0), "fast": kind(1.5) },
            "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "bench", "types": {
                "base": { "on_demand": "1 USD/h", "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.5 USD/h" } } },
                "fast": { "on_demand": "1 USD/h" }
            } } },
            "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
            "pools": {
                "reserved": { "instance_type": "base", "commitment": "r" },
                "on_demand": { "instance_type": if fast > 0 { "fast" } else { "base" } }
            },
            "scaling": { "min_total": 1, "max_total": instances, "metrics": { "period": "60s" } },
            "mixes": [{ "mix": format!("{} reserved + {fast}..{fast} on-demand", instances - fast) }]
        });
        let scenario: Scenario = serde_json::from_value(tree).expect("a scenario");
        assert_eq!(validate(&scenario), []);
        let Prices::Inline(prices) = &scenario.prices else { unreachable!("prices are inline") };
        let plan = MixPlan::new(&scenario, &scenario.mixes[0].mix, prices);
        let end = SimTime::START + scenario.clock.horizon;
        let path = RatePath::new(vec![RatePiece { from: 0.0, per_second: PER_SECOND }], end);
        let mut blocks = Vec::new();
        let offered = draw(&scenario, &path, |block| blocks.push(block.clone()));
        Self { scenario, plan, path, blocks, offered }
    }

    fn draw(&self) {
        black_box(draw(&self.scenario, &self.path, |block| {
            black_box(block);
        }));
    }

    fn requests(&self) -> f64 {
        self.offered.iter().map(|count| f64::from(*count)).sum()
    }

    fn simulate(&self) {
        let mut simulation = Simulation::new(&self.plan, &[], 0, None, false);
        self.blocks.iter().for_each(|block| simulation.feed(block));
        let record = black_box(simulation.finish(&self.offered));
        assert_eq!(record.counts.served, record.counts.offered);
    }

    fn serve_bare(&self, slots: u32) {
        let mut servers = Bare::new(slots as usize, self.scenario.objective.latency.as_secs_f64());
        self.blocks.iter().for_each(|block| servers.feed(block));
        black_box(&servers.outcome);
    }
}

/// Draws all requests; returns their numbers by minute.
fn draw(scenario: &Scenario, path: &RatePath, mut each: impl FnMut(&RequestBlock)) -> Vec<u32> {
    let mut stream = RequestStream::new(path, Arrivals::Poisson, sampler(&scenario.service.work), 1, 0);
    let mut block = RequestBlock::default();
    while stream.next_block(&mut block) {
        each(&block);
    }
    stream.offered_by_minute().to_vec()
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (requests, turns) = if quick { (60_000, 25) } else { (120_000, 101) };
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut disciplines = vec![
        json!("fifo"),
        json!("fifo-fastest"),
        json!("least-outstanding"),
        json!("round-robin"),
        json!({ "power-of": { "choices": 2 } }),
        json!("processor-sharing"),
    ];
    if !named.is_empty() {
        disciplines.retain(|discipline| named.iter().any(|name| discipline.to_string().contains(name)));
    }
    assert!(!disciplines.is_empty(), "a name of a discipline, or of several, was expected, found {named:?}");
    println!("| discipline | instances | fastest, ns | ratio to the bare queue | median, ns | ratio | both drawn |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for instances in [5, 100, 1000] {
        let systems: Vec<System> =
            disciplines.iter().map(|discipline| System::new(discipline, instances, requests)).collect();
        let mut times = vec![Vec::new(); systems.len() + 1];
        let mut drawing = Vec::new();
        for _ in 0..turns {
            drawing.push(nanoseconds(systems[0].requests(), &|| systems[0].draw()));
            let bare: &dyn Fn() = &|| systems[0].serve_bare(instances);
            times[0].push(nanoseconds(systems[0].requests(), bare));
            for (times, system) in times[1..].iter_mut().zip(&systems) {
                times.push(nanoseconds(system.requests(), &|| system.simulate()));
            }
        }
        let names = std::iter::once("bare queue".to_string()).chain(disciplines.iter().map(Value::to_string));
        let bare = times[0].clone();
        let fastest_bare = bare.iter().copied().fold(f64::INFINITY, f64::min);
        println!("| drawing | {instances} | | | {:.1} | | |", median(&mut drawing.clone()));
        for (name, mut times) in names.zip(times) {
            let ratio = median(&mut times.iter().zip(&bare).map(|(time, bare)| time / bare).collect::<Vec<f64>>());
            let drawn = times.iter().zip(&bare).zip(&drawing);
            let drawn =
                median(&mut drawn.map(|((time, bare), draw)| (time + draw) / (bare + draw)).collect::<Vec<f64>>());
            let middle = median(&mut times);
            let name = name.replace('"', "");
            let fastest = times[0];
            print!("| {name} | {instances} | {fastest:.1} | {:.1} ", fastest / fastest_bare);
            println!("| {middle:.1} | {ratio:.1} | {drawn:.2} |");
        }
    }
}

/// The median; sorts the numbers.
fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// What `work` takes for each of `requests`.
fn nanoseconds(requests: f64, work: &dyn Fn()) -> f64 {
    let begin = ThreadTime::now();
    work();
    begin.elapsed().as_secs_f64() * 1e9 / requests
}
