//! The bare queue: a fixed number of equal servers and nothing else, as a measure of what the engine's features cost.
//!
//! The recursion of Kiefer and Wolfowitz as fast as it goes without control events, fleet, identity, queue limit or patience: 5 or 12
//! free times in a sorted list, others in a winner tree whose keys hold the server's number in their lowest bits. It counts requests
//! and late ones, sums latencies and fills a histogram. [`BareLanes`] serves eight queues in the lanes of AVX2 vectors.

use fleetmix::workload::{BLOCK, RequestBlock};

/// What became of the requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Requests served.
    pub served: u64,
    /// Of these, later than the limit.
    pub late: u64,
    /// Sum of the latencies in seconds.
    pub latency_sum: f64,
    histogram: Box<[u32; 4096]>,
    late_after: f64,
}

impl Outcome {
    /// Nothing yet.
    pub fn new(late_after: f64) -> Self {
        Self { served: 0, late: 0, latency_sum: 0.0, histogram: Box::new([0; 4096]), late_after }
    }

    /// Counts requests with these latencies in seconds.
    pub fn book(&mut self, latencies: &[f64]) {
        let mut sums = [0.0; 4];
        let mut late = 0;
        for part in latencies.chunks(4) {
            part.iter().zip(&mut sums).for_each(|(latency, sum)| *sum += latency);
            late += part.iter().filter(|latency| **latency > self.late_after).count() as u64;
        }
        for latency in latencies {
            let bin = (latency.to_bits() >> 46).saturating_sub(1006 << 6) & 4095;
            self.histogram[bin as usize] += 1;
        }
        self.served += latencies.len() as u64;
        self.late += late;
        self.latency_sum += sums.iter().sum::<f64>();
    }
}

/// First-come, first-served servers, free from the start.
pub struct Bare {
    free: Vec<f64>,
    servers: usize,
    latencies: Vec<f64>,
    /// What became of the requests so far.
    pub outcome: Outcome,
}

/// Times are positive, so that keys are ordered as their bits are.
const FIRST: f64 = 1.0;

impl Bare {
    /// A queue before `servers` servers.
    pub fn new(servers: usize, late_after: f64) -> Self {
        let free = if matches!(servers, 5 | 12) { vec![FIRST; servers] } else { tree::new(servers) };
        Self { free, servers, latencies: vec![0.0; BLOCK], outcome: Outcome::new(late_after) }
    }

    /// Serves the next requests, in order of arrival.
    pub fn feed(&mut self, block: &RequestBlock) {
        match self.servers {
            5 => self.feed_sorted::<5>(block),
            12 => self.feed_sorted::<12>(block),
            servers => tree::feed(&mut self.free, servers, block, &mut self.latencies),
        }
        self.outcome.book(&self.latencies[..block.arrivals.len()]);
    }

    fn feed_sorted<const C: usize>(&mut self, block: &RequestBlock) {
        let mut f: [f64; C] = std::array::from_fn(|k| self.free[k]);
        for ((arrival, work), latency) in block.arrivals.iter().zip(&block.works).zip(&mut self.latencies) {
            let arrival = arrival + FIRST;
            let finish = larger(f[0], arrival) + work;
            *latency = finish - arrival;
            for k in 0..C - 1 {
                f[k] = larger(f[k], smaller(finish, f[k + 1]));
            }
            f[C - 1] = larger(f[C - 1], finish);
        }
        self.free.copy_from_slice(&f);
    }
}

#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Each node holds the smallest key of its four children; leaves first, the root last.
mod tree {
    use super::{FIRST, RequestBlock, larger, smaller};

    fn levels(servers: usize) -> u32 {
        (1..).find(|levels| 1 << (2 * levels) >= servers).expect("a power of four")
    }

    pub fn new(servers: usize) -> Vec<f64> {
        let mut nodes: Vec<f64> = (0..1usize << (2 * levels(servers)))
            .map(|i| if i < servers { f64::from_bits(FIRST.to_bits() | i as u64) } else { f64::INFINITY })
            .collect();
        let mut level = 0..nodes.len();
        while level.len() > 1 {
            let winners: Vec<f64> =
                nodes[level.clone()].chunks(4).map(|four| four.iter().copied().fold(f64::INFINITY, smaller)).collect();
            level = level.end..level.end + winners.len();
            nodes.extend(winners);
        }
        nodes
    }

    pub fn feed(nodes: &mut [f64], servers: usize, block: &RequestBlock, latencies: &mut [f64]) {
        let levels = levels(servers);
        let mask = (1u64 << (2 * levels)) - 1;
        let mut root = nodes[nodes.len() - 1];
        for ((arrival, work), latency) in block.arrivals.iter().zip(&block.works).zip(latencies) {
            let arrival = arrival + FIRST;
            let finish = larger(clear(root, mask), arrival) + work;
            *latency = finish - arrival;
            let mut node = (root.to_bits() & mask) as usize;
            root = set(finish, keep(root, mask));
            let mut level = 0;
            for height in (1..=levels).rev() {
                // SAFETY: a level has 4^height nodes, and the number of a server is below that.
                unsafe {
                    *nodes.get_unchecked_mut(level + node) = root;
                    let other = |bits: usize| *nodes.get_unchecked(level + (node ^ bits));
                    root = smaller(root, smaller(other(1), smaller(other(2), other(3))));
                }
                level += 1 << (2 * height);
                node >>= 2;
            }
        }
        *nodes.last_mut().expect("a root") = root;
    }

    // Bits are masked in vector registers: the way through an integer register and back takes longer than all the rest.
    #[cfg(target_arch = "x86_64")]
    use std::arch::x86_64::{_mm_and_pd, _mm_andnot_pd, _mm_cvtsd_f64, _mm_or_pd, _mm_set_sd};

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn clear(x: f64, mask: u64) -> f64 {
        unsafe { _mm_cvtsd_f64(_mm_andnot_pd(_mm_set_sd(f64::from_bits(mask)), _mm_set_sd(x))) }
    }
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn keep(x: f64, mask: u64) -> f64 {
        unsafe { _mm_cvtsd_f64(_mm_and_pd(_mm_set_sd(f64::from_bits(mask)), _mm_set_sd(x))) }
    }
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn set(x: f64, bits: f64) -> f64 {
        unsafe { _mm_cvtsd_f64(_mm_or_pd(_mm_set_sd(bits), _mm_set_sd(x))) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    fn clear(x: f64, mask: u64) -> f64 {
        f64::from_bits(x.to_bits() & !mask)
    }
    #[cfg(not(target_arch = "x86_64"))]
    fn keep(x: f64, mask: u64) -> f64 {
        f64::from_bits(x.to_bits() & mask)
    }
    #[cfg(not(target_arch = "x86_64"))]
    fn set(x: f64, bits: f64) -> f64 {
        f64::from_bits(x.to_bits() | bits.to_bits())
    }
}
