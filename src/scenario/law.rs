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
        assert!(serde_json::from_str::<Law>(r#"{"empirical": {"quantiles": [[0.0]]}}"#).is_err());
    }
}
