//! From the description of a law to something that can be drawn from.

use crate::rng::Sampler;
use crate::scenario::{Empirical, Law};

/// The sampler of a law that has been validated, in seconds.
///
/// Gamma and hyperexponential laws are tabulated, which takes about a millisecond: clones share the table.
///
/// # Panics
/// If an empirical law was not validated (it has no values, or its probabilities do not rise from 0 to 1).
pub fn sampler(law: &Law) -> Sampler {
    match *law {
        Law::Constant(time) => Sampler::Constant(time.as_secs_f64()),
        Law::Uniform { min, max } => Sampler::Uniform { min: min.as_secs_f64(), max: max.as_secs_f64() },
        Law::Exponential { mean } => Sampler::Exponential { mean: mean.as_secs_f64() },
        Law::Lognormal { mean, cv } => Sampler::lognormal(mean.as_secs_f64(), cv),
        Law::Gamma { mean, cv } => Sampler::gamma(mean.as_secs_f64(), cv),
        Law::Hyperexponential { mean, cv } => Sampler::hyperexponential(mean.as_secs_f64(), cv),
        Law::Empirical(Empirical::Values(ref values)) => {
            Sampler::values(values.iter().map(|time| time.as_secs_f64()).collect())
        }
        Law::Empirical(Empirical::Quantiles(ref points)) => {
            let in_seconds: Vec<(f64, f64)> = points.iter().map(|(p, time)| (*p, time.as_secs_f64())).collect();
            Sampler::quantiles(&in_seconds)
        }
    }
}
