//! What the engine takes for a request, against the bare queue that has none of its features: `cargo bench --bench ratio`.
//!
//! Engine and bare queue take turns in one run, and what counts is the median of the ratios, so that noise hits both; times are the thread's
//! own. Beside it stand the fastest turn of each, which other programs on the machine disturb least, and their ratio. It fails where the
//! engine takes more than twice as long. All of them draw their requests: the same ones.

mod bare;
#[cfg(target_arch = "x86_64")]
mod bare_lanes;
mod system;

use bare::Bare;
use cpu_time::ThreadTime;
use fleetmix::workload::RequestBlock;
use std::hint::black_box;
use std::process::ExitCode;
use system::{Shape, System};

/// Requests of a replication: short, so that most turns are not disturbed.
const REQUESTS: u32 = 150_000;
/// The engine alone may take this many times as long as the bare queue.
const LIMIT: f64 = 2.0;

fn main() -> ExitCode {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let turns = if quick { 15 } else { 101 };
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let bench = Bench { turns, wanted };
    println!(
        "| replications | slots | load | extras | bare, ns | engine, ns | ratio | fastest: bare, ns | engine, ns | ratio |"
    );
    println!("|---|---:|---:|---|---:|---:|---:|---:|---:|---:|");
    let mut exceeded = false;
    for (load, extras) in [(0.8, false), (0.8, true), (1.3, true)] {
        for slots in [5, 16, 100, 1000] {
            let system = System::new(Shape { slots, extras, load }, REQUESTS);
            let ratio = bench.compare("one", &system, &mut || serve_bare(&system), &mut || {
                black_box(system.simulate(0));
            });
            exceeded |= ratio > LIMIT;
        }
    }
    lanes(&bench);
    trees(&bench);
    if exceeded {
        eprintln!("the engine takes more than {LIMIT} times as long as the bare queue");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Eight at once against eight bare queues at once.
#[cfg(target_arch = "x86_64")]
fn lanes(bench: &Bench) {
    if !bare_lanes::BareLanes::available() {
        println!("lanes are not measured: this processor has no AVX2");
        return;
    }
    for (load, extras) in [(0.8, false), (0.8, true), (1.3, true)] {
        for slots in [5, 12, 16] {
            let system = System::new(Shape { slots, extras, load }, REQUESTS / 4);
            bench.compare("eight", &system, &mut || serve_bare_lanes(&system, 8), &mut || {
                black_box(system.simulate_replications(8));
            });
            bench.compare("eight mixes", &system, &mut || serve_bare_lanes(&system, 1), &mut || {
                black_box(system.simulate_mixes(8));
            });
        }
    }
}

/// Four fleets of many slots on the same requests, against bare queues that serve each block one after the other.
fn trees(bench: &Bench) {
    for (load, extras) in [(0.8, false), (0.8, true), (1.3, true)] {
        for slots in [64, 100, 1000] {
            let system = System::new(Shape { slots, extras, load }, REQUESTS / 2);
            bench.compare("four mixes", &system, &mut || serve_bare_in_turn(&system, 4), &mut || {
                black_box(system.simulate_mixes(4));
            });
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn lanes(_bench: &Bench) {
    println!("lanes are not measured: the bare ones need AVX2");
}

struct Bench {
    turns: usize,
    /// Rows that hold one of these words; all if there are none.
    wanted: Vec<String>,
}

impl Bench {
    /// Measures both in turns, prints a row and returns the median ratio.
    fn compare(&self, what: &str, system: &System, bare: &mut dyn FnMut() -> u64, engine: &mut dyn FnMut()) -> f64 {
        let Shape { slots, extras, load } = system.shape;
        let name = format!("{what} | {slots} | {load} | {}", if extras { "all" } else { "none" });
        if !self.wanted.is_empty() && !self.wanted.iter().any(|word| name.contains(word)) {
            return 0.0;
        }
        let (mut served, mut times) = (0, Vec::new());
        for _ in 0..self.turns {
            let first = ThreadTime::now();
            served = bare();
            let bare_time = first.elapsed();
            let second = ThreadTime::now();
            engine();
            times.push([bare_time.as_secs_f64(), second.elapsed().as_secs_f64()]);
        }
        let nanoseconds = |seconds: f64| 1e9 * seconds / served as f64;
        let [bare, engine] = [0, 1].map(|which| nanoseconds(median(times.iter().map(|pair| pair[which]))));
        let fastest = |which: usize| times.iter().map(|pair| pair[which]).fold(f64::INFINITY, f64::min);
        let [bare_least, engine_least] = [0, 1].map(|which| nanoseconds(fastest(which)));
        let ratio = median(times.iter().map(|[bare, engine]| engine / bare));
        print!("| {name} | {bare:.1} | {engine:.1} | {ratio:.2} ");
        println!("| {bare_least:.1} | {engine_least:.1} | {:.2} |", engine_least / bare_least);
        ratio
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Draws and serves; returns how many requests there were.
fn serve_bare(system: &System) -> u64 {
    let (mut requests, mut block) = (system.requests(0), RequestBlock::default());
    let mut servers = Bare::new(system.shape.slots as usize, system.late_after());
    while requests.next_block(&mut block) {
        servers.feed(&block);
    }
    black_box(&servers.outcome).served
}

/// The same requests for so many queues, one after the other.
fn serve_bare_in_turn(system: &System, queues: usize) -> u64 {
    let (mut requests, mut block) = (system.requests(0), RequestBlock::default());
    let new = || Bare::new(system.shape.slots as usize, system.late_after());
    let mut servers: Vec<Bare> = std::iter::repeat_with(new).take(queues).collect();
    while requests.next_block(&mut block) {
        servers.iter_mut().for_each(|servers| servers.feed(&block));
    }
    servers.iter().map(|servers| black_box(&servers.outcome).served).sum()
}

/// The same for eight queues, with requests of their own or the same for all.
#[cfg(target_arch = "x86_64")]
fn serve_bare_lanes(system: &System, streams: u32) -> u64 {
    let mut requests: Vec<_> = (0..streams).map(|replication| system.requests(replication)).collect();
    let mut blocks = vec![RequestBlock::default(); streams as usize];
    let mut servers = bare_lanes::BareLanes::new(system.shape.slots as usize, system.late_after());
    // Streams end at different requests: what is left of the longer ones is not served.
    while requests.iter_mut().zip(&mut blocks).all(|(stream, block)| stream.next_block(block)) {
        servers.feed(&blocks);
    }
    black_box(&servers.outcomes).iter().map(|outcome| outcome.served).sum()
}
