//! Percentiles of few samples.

pub use crate::scenario::LowSamples;

/// Fewest samples from which a percentile (above 0 and below 1) can be told: ten beyond it on its nearer side (RULES R73).
pub fn fewest_samples(percentile: f64) -> f64 {
    let beyond = if percentile >= 0.5 { 1.0 - percentile } else { percentile };
    // 1 - 0.99 is not exact; a hair beside a whole number is that number.
    let samples = 10.0 / beyond;
    if (samples - samples.round()).abs() < 1e-6 { samples.round() } else { samples }
}

/// Whether a datapoint of a percentile is looked at: always, or only if there are samples enough.
pub fn enough_samples(rule: LowSamples, percentile: f64, samples: u64) -> bool {
    rule == LowSamples::Evaluate || samples as f64 >= fewest_samples(percentile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_samples_lie_beyond() {
        assert_eq!([0.99, 0.5, 0.25].map(fewest_samples), [1000.0, 20.0, 40.0]);
        assert!(enough_samples(LowSamples::Evaluate, 0.99, 3));
        assert!(!enough_samples(LowSamples::Ignore, 0.95, 199) && enough_samples(LowSamples::Ignore, 0.95, 200));
    }
}
