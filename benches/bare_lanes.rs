//! Eight bare queues in the lanes of AVX2 vectors, as a measure of what control events cost the engine's lanes.

#![cfg(target_arch = "x86_64")]

use crate::bare::Outcome;
use fleetmix::workload::{BLOCK, RequestBlock};
use std::arch::x86_64::*;

/// Queues that are served together.
pub const LANES: usize = 8;
/// Servers of a queue at most.
const MOST: usize = 16;
/// Times are positive.
const FIRST: f64 = 1.0;

/// Eight queues of as many servers each, free from the start, without identity.
pub struct BareLanes {
    free: Vec<[f64; LANES]>,
    arrivals: Vec<[f64; LANES]>,
    works: Vec<[f64; LANES]>,
    latencies: Vec<[f64; LANES]>,
    column: Vec<f64>,
    /// What became of the requests of each.
    pub outcomes: Vec<Outcome>,
}

impl BareLanes {
    /// Whether this processor has AVX2.
    pub fn available() -> bool {
        is_x86_feature_detected!("avx2")
    }

    /// Eight queues before `servers` servers.
    ///
    /// # Panics
    /// With more than 16.
    pub fn new(servers: usize, late_after: f64) -> Self {
        assert!(servers <= MOST, "at most {MOST} servers");
        let room = [5, 12, MOST].into_iter().find(|room| servers <= *room).unwrap_or(MOST);
        let mut free = vec![[FIRST; LANES]; servers];
        // A server that is never free serves nobody.
        free.resize(room, [f64::INFINITY; LANES]);
        let rows = || vec![[0.0; LANES]; BLOCK];
        Self {
            free,
            arrivals: rows(),
            works: rows(),
            latencies: rows(),
            column: vec![0.0; BLOCK],
            outcomes: (0..LANES).map(|_| Outcome::new(late_after)).collect(),
        }
    }

    /// Serves the next requests of each queue (of all, if there is one block); blocks are equally long.
    pub fn feed(&mut self, blocks: &[RequestBlock]) {
        let length = blocks.iter().map(|block| block.arrivals.len()).min().expect("a block");
        let shared = (blocks.len() == 1).then_some(&blocks[0]);
        for (lane, block) in blocks.iter().enumerate().filter(|_| shared.is_none()) {
            for (j, (arrival, work)) in block.arrivals.iter().zip(&block.works).take(length).enumerate() {
                self.arrivals[j][lane] = arrival + FIRST;
                self.works[j][lane] = *work;
            }
        }
        // SAFETY: `available` is asked before.
        unsafe {
            match self.free.len() {
                5 => self.serve::<5>(length, shared),
                12 => self.serve::<12>(length, shared),
                _ => self.serve::<MOST>(length, shared),
            }
        }
        for (lane, outcome) in self.outcomes.iter_mut().enumerate() {
            let column = &mut self.column[..length];
            column.iter_mut().zip(&self.latencies).for_each(|(latency, row)| *latency = row[lane]);
            outcome.book(column);
        }
    }

    #[target_feature(enable = "avx2")]
    fn serve<const C: usize>(&mut self, length: usize, shared: Option<&RequestBlock>) {
        let load =
            |row: &[f64; LANES]| unsafe { [_mm256_loadu_pd(row.as_ptr()), _mm256_loadu_pd(row.as_ptr().add(4))] };
        let mut f: [[__m256d; 2]; C] = std::array::from_fn(|k| load(&self.free[k]));
        for j in 0..length {
            let (arrival, work) = match shared {
                Some(block) => ([_mm256_set1_pd(block.arrivals[j] + FIRST); 2], [_mm256_set1_pd(block.works[j]); 2]),
                None => (load(&self.arrivals[j]), load(&self.works[j])),
            };
            for half in 0..2 {
                let finish = _mm256_add_pd(_mm256_max_pd(f[0][half], arrival[half]), work[half]);
                let latency = _mm256_sub_pd(finish, arrival[half]);
                // SAFETY: half a row.
                unsafe { _mm256_storeu_pd(self.latencies[j].as_mut_ptr().add(4 * half), latency) };
                for k in 0..C - 1 {
                    f[k][half] = _mm256_max_pd(f[k][half], _mm256_min_pd(finish, f[k + 1][half]));
                }
                f[C - 1][half] = _mm256_max_pd(f[C - 1][half], finish);
            }
        }
        for (row, halves) in self.free.iter_mut().zip(f) {
            // SAFETY: two halves make a row.
            unsafe {
                _mm256_storeu_pd(row.as_mut_ptr(), halves[0]);
                _mm256_storeu_pd(row.as_mut_ptr().add(4), halves[1]);
            }
        }
    }
}
