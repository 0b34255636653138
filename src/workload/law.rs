//! From the description of a law to something that can be drawn from.

use crate::rng::Sampler;
use crate::scenario::Law;

/// The sampler of a law, in seconds.
pub fn sampler(law: &Law) -> Sampler {
    match *law {
        Law::Constant(time) => Sampler::Constant(time.as_secs_f64()),
        Law::Uniform { min, max } => Sampler::Uniform { min: min.as_secs_f64(), max: max.as_secs_f64() },
        Law::Exponential { mean } => Sampler::Exponential { mean: mean.as_secs_f64() },
        Law::Lognormal { mean, cv } => Sampler::lognormal(mean.as_secs_f64(), cv),
        Law::Gamma { mean, cv } => Sampler::gamma(mean.as_secs_f64(), cv),
        Law::Hyperexponential { mean, cv } => Sampler::hyperexponential(mean.as_secs_f64(), cv),
    }
}
