//! Probability laws of times.

use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The law of a random time (work per request, a boot stage, a fulfilment delay).
///
/// `cv` is the coefficient of variation: standard deviation / mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
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
}

impl Law {
    /// The mean of the law, in seconds.
    pub fn mean_seconds(&self) -> f64 {
        match *self {
            Law::Constant(time) => time.as_secs_f64(),
            Law::Uniform { min, max } => 0.5 * (min.as_secs_f64() + max.as_secs_f64()),
            Law::Exponential { mean }
            | Law::Lognormal { mean, .. }
            | Law::Gamma { mean, .. }
            | Law::Hyperexponential { mean, .. } => mean.as_secs_f64(),
        }
    }
}
