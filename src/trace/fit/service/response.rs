//! Percentiles of the response time of M/G/c with lognormal work, in mean works.
//!
//! The wait is exponential beyond the probability of waiting, as in M/M/c, with its mean scaled by half of 1 + cv² (the approximation of
//! Lee and Longton, 1959); it is independent of the work, so the response's tail is the work's tail plus the waits that carry it over.

use crate::queueing::ErlangC;
use crate::rng::math::{exp, ln, normal_quantile};

/// Works of equal probability that stand for the law.
const POINTS: usize = 64;

/// A lognormal work of mean 1.
pub(super) struct Work {
    variation: f64,
    points: [f64; POINTS],
}

impl Work {
    pub(super) fn new(variation: f64) -> Self {
        let spread = ln(1.0 + variation * variation);
        let mut points = [0.0; POINTS];
        for (index, point) in points.iter_mut().enumerate() {
            let z = normal_quantile((index as f64 + 0.5) / POINTS as f64);
            *point = exp(spread.sqrt() * z - 0.5 * spread);
        }
        Self { variation, points }
    }

    /// The response time that is not exceeded with probability `q`, with `servers` slots busy in the share `load`; `None` if they cannot
    /// keep up.
    pub(super) fn response(&self, servers: u32, load: f64, q: f64) -> Option<f64> {
        if load >= 1.0 {
            return None;
        }
        let slots = f64::from(servers);
        let waits = ErlangC::new(servers, load * slots).wait_probability();
        let leaving = slots * (1.0 - load) * 2.0 / (1.0 + self.variation * self.variation);
        let tail = |time: f64| {
            let sum: f64 = self
                .points
                .iter()
                .map(|work| if *work > time { 1.0 } else { waits * exp(-leaving * (time - work)) })
                .sum();
            sum / POINTS as f64
        };
        let (mut low, mut high) = (0.0, 2.0 * self.points[POINTS - 1]);
        while tail(high) > 1.0 - q && high < 1e6 {
            high *= 2.0;
        }
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if tail(middle) > 1.0 - q { low = middle } else { high = middle }
        }
        Some(0.5 * (low + high))
    }
}
