//! How much faster a study is with more threads: `cargo bench --bench threads`.
//!
//! One day and eight replications of all mixes of the shipped scenario, with one thread and with as many as there are cores (or as the
//! last argument says), in turns. Two figures, because a loaded machine spoils the first: the time on the clock, and the processor time of the
//! busiest thread. The latter is what the clock would show if every thread had a core for itself, as long as nobody waits for
//! another; what is done by one thread only (drawing paths, summing up) is in it.

use cpu_time::ThreadTime;
use fleetmix::input::{LoadOptions, LoadedScenario, load};
use fleetmix::study;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::json;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a study took.
#[derive(Clone, Copy)]
struct Times {
    /// On the clock.
    clock: f64,
    /// Processor time of the busiest thread.
    busiest: f64,
    /// Processor time of all threads.
    all: f64,
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let threads = std::env::args().filter_map(|argument| argument.parse().ok()).next_back().unwrap_or(cores.max(2));
    let input = load_day(if quick { "3h" } else { "24h" });
    let pools = [1, threads].map(pool);
    let turns: Vec<[Times; 2]> =
        (0..if quick { 3 } else { 9 }).map(|_| pools.each_ref().map(|pool| run(pool, &input))).collect();
    println!(
        "| seconds | 1 thread | {threads} threads | times as fast | median of the turns |\n|---|---:|---:|---:|---:|"
    );
    row("on the clock, best", &turns, |times| times.clock);
    row("processor time of the busiest thread, best", &turns, |times| times.busiest);
    row("processor time of all threads, best", &turns, |times| times.all);
}

fn load_day(horizon: &str) -> LoadedScenario {
    let options = LoadOptions {
        set: vec![("/clock/horizon".to_string(), json!(horizon))],
        replications: Some(8),
        ..LoadOptions::default()
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    load(&file, &options).unwrap_or_else(|diagnostic| panic!("{:?}", diagnostic.problems))
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap_or_else(|error| panic!("{error}"))
}

fn run(pool: &ThreadPool, input: &LoadedScenario) -> Times {
    let before = processor_times(pool);
    let begin = Instant::now();
    let study = pool.install(|| study::run(input, false, &())).unwrap_or_else(|error| panic!("{error}"));
    let clock = begin.elapsed().as_secs_f64();
    black_box(&study.results);
    let used = processor_times(pool).into_iter().zip(before).map(|(after, before)| (after - before).as_secs_f64());
    let (busiest, all) = used.fold((0.0, 0.0), |(most, sum): (f64, f64), used| (most.max(used), sum + used));
    Times { clock, busiest, all }
}

/// What each thread of the pool has used up to now.
fn processor_times(pool: &ThreadPool) -> Vec<Duration> {
    pool.broadcast(|_| ThreadTime::now().as_duration())
}

fn row(what: &str, turns: &[[Times; 2]], of: fn(Times) -> f64) {
    let best = [0, 1].map(|which| turns.iter().map(|turn| of(turn[which])).fold(f64::INFINITY, f64::min));
    let mut ratios: Vec<f64> = turns.iter().map(|[one, more]| of(*one) / of(*more)).collect();
    ratios.sort_by(f64::total_cmp);
    let [one, more] = best;
    println!("| {what} | {one:.3} | {more:.3} | {:.2} | {:.2} |", one / more, ratios[ratios.len() / 2]);
}
