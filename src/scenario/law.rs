//! Probability laws of times.

use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The law of a random time (work per request, a boot stage, a fulfilment delay).
///
/// `cv` is the coefficient of variation: standard deviation / mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Law {
    /// Always the same time.
    Constant(Duration),
    /// Any time between two limits, equally likely.
    Uniform {
        /// Shortest time.
        min: Duration,
        /// Longest time.
        max: Duration,
    },
    /// Exponential (cv 1).
    Exponential {
        /// Mean time.
        mean: Duration,
    },
    /// Lognormal.
    Lognormal {
        /// Mean time.
        mean: Duration,
        /// Coefficient of variation.
        cv: f64,
    },
    /// Gamma.
    Gamma {
        /// Mean time.
        mean: Duration,
        /// Coefficient of variation.
        cv: f64,
    },
    /// Two-phase hyperexponential with balanced means (cv above 1).
    Hyperexponential {
        /// Mean time.
        mean: Duration,
        /// Coefficient of variation, above 1.
        cv: f64,
    },
    /// What was measured.
    Empirical(Empirical),
}

/// A law given by what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Empirical {
    /// Times that were measured, in any order: each is as likely as the others.
    Values(Vec<Duration>),
    /// Pairs of a probability and the time that is not exceeded with it, such as `[0.99, "800ms"]`; between them times are linear in the probability.
    ///
    /// Probabilities rise from 0 (the shortest time) to 1 (the longest), times do not fall.
    Quantiles(Vec<(f64, Duration)>),
}

impl Empirical {
    /// The mean of the law, in seconds.
    pub fn mean_seconds(&self) -> f64 {
        match self {
            Empirical::Values(values) => {
                values.iter().map(|time| time.as_secs_f64()).sum::<f64>() / values.len() as f64
            }
            Empirical::Quantiles(points) => {
                let part = |pair: &[(f64, Duration)]| {
                    let ((from, shorter), (to, longer)) = (pair[0], pair[1]);
                    (to - from) * 0.5 * (shorter.as_secs_f64() + longer.as_secs_f64())
                };
                points.windows(2).map(part).sum()
            }
        }
    }
}

impl Law {
    /// The law with every time `factor` times as long, to the nearest nanosecond.
    pub fn times(&self, factor: f64) -> Law {
        let of = |time: &Duration| Duration::from_nanos((time.nanos() as f64 * factor).round() as i64);
        match self {
            Law::Constant(time) => Law::Constant(of(time)),
            Law::Uniform { min, max } => Law::Uniform { min: of(min), max: of(max) },
            Law::Exponential { mean } => Law::Exponential { mean: of(mean) },
            Law::Lognormal { mean, cv } => Law::Lognormal { mean: of(mean), cv: *cv },
            Law::Gamma { mean, cv } => Law::Gamma { mean: of(mean), cv: *cv },
            Law::Hyperexponential { mean, cv } => Law::Hyperexponential { mean: of(mean), cv: *cv },
            Law::Empirical(Empirical::Values(times)) => {
                Law::Empirical(Empirical::Values(times.iter().map(of).collect()))
            }
            Law::Empirical(Empirical::Quantiles(points)) => {
                let points = points.iter().map(|(probability, time)| (*probability, of(time)));
                Law::Empirical(Empirical::Quantiles(points.collect()))
            }
        }
    }

    /// The mean of the law, in seconds.
    pub fn mean_seconds(&self) -> f64 {
        match self {
            Law::Constant(time) => time.as_secs_f64(),
            Law::Uniform { min, max } => 0.5 * (min.as_secs_f64() + max.as_secs_f64()),
            Law::Exponential { mean }
            | Law::Lognormal { mean, .. }
            | Law::Gamma { mean, .. }
            | Law::Hyperexponential { mean, .. } => mean.as_secs_f64(),
            Law::Empirical(empirical) => empirical.mean_seconds(),
        }
    }

    /// The coefficient of variation of the law: its standard deviation as a share of its mean; 0 for a mean of 0.
    pub fn cv(&self) -> f64 {
        let mean = self.mean_seconds();
        let of_moments = |square: f64| if mean > 0.0 { (square / (mean * mean) - 1.0).max(0.0).sqrt() } else { 0.0 };
        // The mean square of a time that is anywhere between two with the same probability.
        let between = |min: f64, max: f64| (min * min + min * max + max * max) / 3.0;
        match self {
            Law::Constant(_) => 0.0,
            Law::Uniform { min, max } => of_moments(between(min.as_secs_f64(), max.as_secs_f64())),
            Law::Exponential { .. } => 1.0,
            Law::Lognormal { cv, .. } | Law::Gamma { cv, .. } | Law::Hyperexponential { cv, .. } => *cv,
            Law::Empirical(Empirical::Values(times)) => {
                of_moments(times.iter().map(|time| time.as_secs_f64().powi(2)).sum::<f64>() / times.len() as f64)
            }
            Law::Empirical(Empirical::Quantiles(points)) => {
                let part = |pair: &[(f64, Duration)]| {
                    (pair[1].0 - pair[0].0) * between(pair[0].1.as_secs_f64(), pair[1].1.as_secs_f64())
                };
                of_moments(points.windows(2).map(part).sum())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empirical_laws_are_read_and_have_their_mean() {
        let law = |text: &str| serde_json::from_str::<Law>(text).unwrap();
        let values = law(r#"{"empirical": {"values": ["120ms", "80ms", "100ms"]}}"#);
        assert!((values.mean_seconds() - 0.1).abs() < 1e-12);
        let quantiles = law(r#"{"empirical": {"quantiles": [[0.0, "10ms"], [0.5, "80ms"], [1.0, "2s"]]}}"#);
        // Half of (10 + 80) / 2 ms and half of (80 + 2000) / 2 ms.
        assert!((quantiles.mean_seconds() - 0.5425).abs() < 1e-12);
        // Squares 0.0144, 0.0064 and 0.01; half of 0.0073 / 3 and half of 4.1664 / 3.
        assert!((values.cv() - (0.0308 / 3.0 / 0.01 - 1.0f64).sqrt()).abs() < 1e-12);
        assert!((quantiles.cv() - (4.1737 / 6.0 / 0.5425f64.powi(2) - 1.0).sqrt()).abs() < 1e-12);
        let uniform = law(r#"{"uniform": {"min": "0s", "max": "2s"}}"#);
        assert!((uniform.cv() - 1.0 / 3.0f64.sqrt()).abs() < 1e-12);
        assert!(serde_json::from_str::<Law>(r#"{"empirical": {"quantiles": [[0.0]]}}"#).is_err());
    }
}
