//! Waiting times of the kernel against queueing theory: a record of a run holds sojourn times only.
//!
//! 20 replications, seeds fixed before looking, 99.99 % intervals: there are about 35 checks.

#[path = "../../tests/support/queueing.rs"]
mod queueing;

use super::kernel::{FifoKernel, Nowhere, Settings, SlotClass};
use crate::rng::Sampler;
use crate::scenario::Arrivals;
use crate::stats::mean_interval;
use crate::units::SimTime;
use crate::workload::{RatePath, RatePiece, RequestBlock, RequestStream};
use queueing::{Impatient, Mmc, Patience};

const LEVEL: f64 = 0.9999;
const REPLICATIONS: u32 = 20;
const REQUESTS: f64 = 100_000.0;

/// The waits that the requests of a replication are offered, one unit of work each in the mean; `patience` is the mean one.
fn offered_waits(lambda: f64, servers: u32, patience: Option<f64>, warm_up: f64, replication: u32) -> Vec<f64> {
    let end = SimTime::from_secs((REQUESTS / lambda) as i64);
    let path = RatePath::new(vec![RatePiece { from: -warm_up, per_second: lambda }], end);
    let exponential = |mean| Sampler::Exponential { mean };
    // A seed a system: with a common one all checks would err together.
    let seed = 1000 * servers + (100.0 * lambda) as u32;
    let mut stream = RequestStream::new(&path, Arrivals::Poisson, exponential(1.0), seed, replication);
    if let Some(mean) = patience {
        stream = stream.with_patience(exponential(mean), seed);
    }
    let settings = Settings { speeds: vec![1.0], queue_limit: None, timeout: f64::INFINITY, begin: -warm_up };
    let mut kernel = FifoKernel::new(&settings);
    kernel.add(0, servers, 1.0, SlotClass::Warm, -warm_up);
    let (mut block, mut one, mut waits) = (RequestBlock::default(), RequestBlock::default(), Vec::new());
    while stream.next_block(&mut block) {
        for (i, &arrival) in block.arrivals.iter().enumerate() {
            if arrival >= 0.0 {
                waits.push((kernel.next_free() - arrival).max(0.0));
            }
            one.arrivals = vec![arrival];
            one.works = vec![block.works[i]];
            one.patiences = block.patiences.get(i).copied().into_iter().collect();
            kernel.take(&one, 0, f64::INFINITY, &mut Nowhere);
        }
    }
    waits
}

/// The interval of a figure of each replication must hold the exact value.
fn holds(what: &str, replications: &[Vec<f64>], figure: impl Fn(&[f64]) -> f64, exact: f64) {
    let values: Vec<f64> = replications.iter().map(|waits| figure(waits)).collect();
    let [low, high] = mean_interval(&values, LEVEL).limits.unwrap();
    println!("{what}: {exact:.6} in [{low:.6}, {high:.6}]");
    assert!(low <= exact && exact <= high, "{what}: {exact} is not in [{low}, {high}]");
    assert!(high - low < 0.5 * exact, "{what}: [{low}, {high}] says too little of {exact}");
}

fn mean(waits: &[f64]) -> f64 {
    waits.iter().sum::<f64>() / waits.len() as f64
}

fn share_beyond(limit: f64) -> impl Fn(&[f64]) -> f64 {
    move |waits| waits.iter().filter(|wait| **wait > limit).count() as f64 / waits.len() as f64
}

fn quantile(q: f64) -> impl Fn(&[f64]) -> f64 {
    move |waits| {
        let mut sorted = waits.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[(q * sorted.len() as f64) as usize]
    }
}

#[test]
fn waits_of_mmc_are_erlangs() {
    for (servers, load) in [(1, 0.7), (2, 0.8), (5, 0.8), (14, 0.85), (50, 0.9), (200, 0.95)] {
        let queue = Mmc { lambda: load * f64::from(servers), mu: 1.0, servers };
        let waits: Vec<Vec<f64>> = (0..REPLICATIONS)
            .map(|r| offered_waits(queue.lambda, servers, None, 30.0 * queue.relaxation(), r))
            .collect();
        let name = |what: &str| format!("M/M/{servers} at {load}, {what}");
        holds(&name("mean wait"), &waits, mean, queue.mean_wait());
        holds(&name("P(W > 0)"), &waits, share_beyond(0.0), queue.wait_probability());
        for (q, what) in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")] {
            let exact = queue.wait_quantile(q);
            if exact > 0.0 {
                holds(&name(what), &waits, quantile(q), exact);
            }
        }
    }
}

/// Vectors erlanga-theta-eq-mu (0.17056) and erlanga-offered-tail (0.25645), and a small system in overload.
#[test]
fn offered_waits_of_impatient_clients_are_erlang_as() {
    for (lambda, servers, patience, t) in [(100.0, 110, 1.0, 0.05), (48.0, 50, 2.0, 0.1), (6.0, 5, 1.5, 0.5)] {
        let queue = Impatient::new(lambda, 1.0, servers, Patience::Exponential { mean: patience });
        let waits: Vec<Vec<f64>> =
            (0..REPLICATIONS).map(|r| offered_waits(lambda, servers, Some(patience), 100.0, r)).collect();
        for limit in [0.0, t] {
            let what = format!("M/M/{servers}+M at {lambda}, P(V > {limit})");
            holds(&what, &waits, share_beyond(limit), queue.offered_wait_tail(limit));
        }
    }
}
