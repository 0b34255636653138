//! What the engine takes for a request, against the bare queue that has none of its features: `cargo bench --bench ratio`.
//!
//! Engine and bare queue take turns in one run, and what counts is the median of the ratios, so that noise hits both. It fails where
//! the engine takes more than twice as long. All of them draw their requests: the same ones.

mod bare;
#[cfg(target_arch = "x86_64")]
mod bare_lanes;
mod system;

use bare::Bare;
use fleetmix::workload::RequestBlock;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;
use system::{Shape, System};

/// The engine alone may take this many times as long as the bare queue.
const LIMIT: f64 = 2.0;

fn main() -> ExitCode {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (requests, turns) = if quick { (150_000, 5) } else { (600_000, 15) };
    println!("| replications | slots | load | extras | bare, ns | engine, ns | ratio |");
    println!("|---|---:|---:|---|---:|---:|---:|");
    let mut exceeded = false;
    for (load, extras) in [(0.8, false), (0.8, true), (1.3, true)] {
        for slots in [5, 16, 100, 1000] {
            let system = System::new(Shape { slots, extras, load }, requests);
            let ratio = compare(&system, "one", turns, 1, &mut || serve_bare(&system), &mut || {
                black_box(system.simulate(0));
            });
            exceeded |= ratio > LIMIT;
        }
    }
    lanes(requests / 4, turns);
    if exceeded {
        eprintln!("the engine takes more than {LIMIT} times as long as the bare queue");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Eight at once against eight bare queues at once.
#[cfg(target_arch = "x86_64")]
fn lanes(requests: u32, turns: usize) {
    if !bare_lanes::BareLanes::available() {
        println!("lanes are not measured: this processor has no AVX2");
        return;
    }
    for (load, extras) in [(0.8, false), (0.8, true), (1.3, true)] {
        for slots in [5, 12, 16] {
            let system = System::new(Shape { slots, extras, load }, requests);
            compare(&system, "eight", turns, 8, &mut || serve_bare_lanes(&system, 8), &mut || {
                black_box(system.simulate_replications(8));
            });
            compare(&system, "eight mixes", turns, 8, &mut || serve_bare_lanes(&system, 1), &mut || {
                black_box(system.simulate_mixes(8));
            });
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn lanes(_requests: u32, _turns: usize) {
    println!("lanes are not measured: the bare ones need AVX2");
}

/// Measures both in turns, prints a row and returns the median ratio.
fn compare(
    system: &System,
    what: &str,
    turns: usize,
    replications: u32,
    bare: &mut dyn FnMut() -> u64,
    engine: &mut dyn FnMut(),
) -> f64 {
    let mut served = 0;
    let mut times = Vec::new();
    for _ in 0..turns {
        let first = Instant::now();
        served = bare();
        let second = Instant::now();
        engine();
        times.push([(second - first).as_secs_f64(), second.elapsed().as_secs_f64()]);
    }
    let per_request = |which: usize| 1e9 * median(times.iter().map(|pair| pair[which])) / served as f64;
    let ratio = median(times.iter().map(|[bare, engine]| engine / bare));
    let Shape { slots, extras, load } = system.shape;
    let extras = if extras { "all" } else { "none" };
    let _ = replications;
    println!("| {what} | {slots} | {load} | {extras} | {:.1} | {:.1} | {ratio:.2} |", per_request(0), per_request(1));
    ratio
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
