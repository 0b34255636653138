//! The bare queue: a fixed number of equal servers and nothing else, as a measure of what the engine's features cost.
//!
//! The recursion of Kiefer and Wolfowitz on a heap of the times at which servers become free: a request starts at
//! `max(arrival, smallest)`, and the smallest is replaced by the end of its service. No control events, no fleet, no queue limit, no
//! patience, no busy time, no minutes and no histogram: it counts requests, late ones and the sum of latencies.

use fleetmix::workload::RequestBlock;

/// Children of a node. Four keep the heap flat, and stand side by side in memory.
const CHILDREN: usize = 4;

/// First-come, first-served servers.
#[derive(Debug, Clone)]
pub struct Bare {
    /// When each server is free: a heap with the smallest first.
    free: Vec<f64>,
    late_after: f64,
    outcome: Outcome,
}

/// What became of the requests.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outcome {
    /// Requests served.
    pub served: u64,
    /// Of these, later than the limit.
    pub late: u64,
    /// Sum of the latencies in seconds.
    pub latency_sum: f64,
    /// Largest latency in seconds.
    pub latency_max: f64,
}

impl Bare {
    /// `servers` servers, free from the start.
    pub fn new(servers: usize, late_after: f64) -> Self {
        Self { free: vec![0.0; servers], late_after, outcome: Outcome::default() }
    }

    /// Serves the next requests, in order of arrival.
    pub fn feed(&mut self, block: &RequestBlock) {
        for (&arrival, &work) in block.arrivals.iter().zip(&block.works) {
            let smallest = self.free[0];
            let start = if arrival > smallest { arrival } else { smallest };
            let finish = start + work;
            self.replace_smallest(finish);
            self.book(finish - arrival);
        }
    }

    /// What became of the requests so far; all that were accepted are completed some day.
    pub fn finish(self) -> Outcome {
        self.outcome
    }

    #[inline(always)]
    fn book(&mut self, latency: f64) {
        let outcome = &mut self.outcome;
        outcome.served += 1;
        outcome.late += u64::from(latency > self.late_after);
        outcome.latency_sum += latency;
        outcome.latency_max = outcome.latency_max.max(latency);
    }

    /// Puts `time` in the place of the smallest: it sinks until no child is smaller.
    #[inline(always)]
    fn replace_smallest(&mut self, time: f64) {
        let free = &mut self.free[..];
        let mut node = 0;
        loop {
            let first = CHILDREN * node + 1;
            if first >= free.len() {
                break;
            }
            let children = &free[first..free.len().min(first + CHILDREN)];
            let (mut smallest, mut which) = (children[0], 0);
            for (index, &child) in children.iter().enumerate().skip(1) {
                if child < smallest {
                    (smallest, which) = (child, index);
                }
            }
            if time <= smallest {
                break;
            }
            free[node] = smallest;
            node = first + which;
        }
        free[node] = time;
    }
}
