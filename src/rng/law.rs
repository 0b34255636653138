//! Random times by inversion: one uniform number gives one time, and a larger number never a shorter time.

use super::math::{exp, ln, normal_quantile};
use super::quantile_table::QuantileTable;
use std::sync::Arc;

/// A law of times in seconds that can be drawn from.
#[derive(Debug, Clone)]
pub enum Sampler {
    /// Always the same.
    Constant(f64),
    /// Uniform between two limits.
    Uniform {
        /// Shortest.
        min: f64,
        /// Longest.
        max: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// exp(mu + sigma·Z), Z standard normal.
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// A law whose quantile function is tabulated (gamma, hyperexponential).
    Tabulated(Arc<QuantileTable>),
}

impl Sampler {
    /// The lognormal law with this mean and coefficient of variation: sigma² = ln(1+cv²), mu = ln(mean) − sigma²/2.
    pub fn lognormal(mean: f64, cv: f64) -> Self {
        let variance = libm::log1p(cv * cv);
        Self::Lognormal { mu: libm::log(mean) - 0.5 * variance, sigma: variance.sqrt() }
    }

    /// The gamma law with this mean and coefficient of variation: shape 1/cv², scale mean·cv².
    pub fn gamma(mean: f64, cv: f64) -> Self {
        Self::Tabulated(Arc::new(QuantileTable::gamma(mean, cv)))
    }

    /// The two-phase hyperexponential law with balanced means, this mean and this coefficient of variation (above 1).
    pub fn hyperexponential(mean: f64, cv: f64) -> Self {
        Self::Tabulated(Arc::new(QuantileTable::hyperexponential(mean, cv)))
    }

    /// The time that belongs to the uniform number `u` of (0, 1), in seconds.
    #[inline]
    pub fn draw(&self, u: f64) -> f64 {
        match self {
            Sampler::Constant(value) => *value,
            Sampler::Uniform { min, max } => min + (max - min) * u,
            Sampler::Exponential { mean } => -mean * ln(u),
            Sampler::Lognormal { mu, sigma } => exp(mu + sigma * normal_quantile(u)),
            Sampler::Tabulated(table) => table.draw(u),
        }
    }

    /// Replaces each uniform number by its time: [`Sampler::draw`] of each, bit for bit.
    pub fn draw_all(&self, numbers: &mut [f64]) {
        match self {
            Sampler::Constant(value) => numbers.fill(*value),
            Sampler::Exponential { mean } => numbers.iter_mut().for_each(|u| *u = -mean * ln(*u)),
            Sampler::Lognormal { mu, sigma } => {
                numbers.iter_mut().for_each(|u| *u = normal_quantile(*u));
                numbers.iter_mut().for_each(|z| *z = exp(mu + sigma * *z));
            }
            _ => numbers.iter_mut().for_each(|u| *u = self.draw(*u)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};
    use rand_distr::Distribution;

    fn sample(law: &Sampler, n: u64) -> Vec<f64> {
        let stream = Stream::new(11, Purpose::Request);
        let mut values: Vec<f64> = (0..n).map(|i| law.draw(stream.uniform(0, i, 0))).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    /// The two-sample Kolmogorov-Smirnov distance.
    fn distance(a: &[f64], b: &[f64]) -> f64 {
        let (mut i, mut j, mut worst) = (0, 0, 0.0f64);
        while i < a.len() && j < b.len() {
            if a[i] <= b[j] {
                i += 1
            } else {
                j += 1
            }
            worst = worst.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
        }
        worst
    }

    fn oracle<D: Distribution<f64>>(law: D, n: usize) -> Vec<f64> {
        use rand::SeedableRng;
        let mut rng = rand::rngs::StdRng::seed_from_u64(5);
        let mut values: Vec<f64> = (0..n).map(|_| law.sample(&mut rng)).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    /// Against an independent implementation: 1.95·sqrt(2/n) is the 99.9 % limit of the distance.
    #[test]
    fn laws_agree_with_another_implementation() {
        let n = 40_000;
        let limit = 1.95 * (2.0 / n as f64).sqrt();
        let (mu, sigma) = (libm::log(0.32) - 0.5 * libm::log(2.0), libm::log(2.0f64).sqrt());
        let pairs: [(Sampler, Vec<f64>); 5] = [
            (Sampler::Exponential { mean: 2.0 }, oracle(rand_distr::Exp::new(0.5).unwrap(), n)),
            (Sampler::lognormal(0.32, 1.0), oracle(rand_distr::LogNormal::new(mu, sigma).unwrap(), n)),
            (Sampler::gamma(3.0, 0.5), oracle(rand_distr::Gamma::new(4.0, 0.75).unwrap(), n)),
            (Sampler::gamma(3.0, 2.0), oracle(rand_distr::Gamma::new(0.25, 12.0).unwrap(), n)),
            (Sampler::Uniform { min: 1.0, max: 3.0 }, oracle(rand_distr::Uniform::new(1.0, 3.0).unwrap(), n)),
        ];
        for (law, expected) in pairs {
            let d = distance(&sample(&law, n as u64), &expected);
            assert!(d < limit, "{law:?}: {d} > {limit}");
        }
    }

    #[test]
    fn a_hyperexponential_has_its_mean_and_variation() {
        let values = sample(&Sampler::hyperexponential(1.0, 2.0), 400_000);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        assert!((mean - 1.0).abs() < 0.015, "{mean}");
        assert!((square - 5.0).abs() < 0.25, "{square}");
    }

    #[test]
    fn drawing_many_is_the_same_as_drawing_one() {
        for law in [Sampler::Exponential { mean: 2.0 }, Sampler::lognormal(0.3, 1.5), Sampler::gamma(1.0, 0.7)] {
            let mut values: Vec<f64> = (1..100).map(|i| f64::from(i) / 100.0).collect();
            let expected: Vec<f64> = values.iter().map(|u| law.draw(*u)).collect();
            law.draw_all(&mut values);
            assert_eq!(values, expected);
        }
    }

    /// Golden bits: a change of any formula or constant shows here.
    #[test]
    fn the_bits_of_every_law_are_fixed() {
        let stream = Stream::new(1, Purpose::Request);
        let hash = |law: &Sampler| {
            (0..10_000u64).fold(0xcbf2_9ce4_8422_2325u64, |h, i| {
                (h ^ law.draw(stream.uniform(0, i, 0)).to_bits()).wrapping_mul(0x0100_0000_01b3)
            })
        };
        let laws = [
            Sampler::Uniform { min: 6.0, max: 18.0 },
            Sampler::Exponential { mean: 1.0 },
            Sampler::lognormal(0.32, 1.0),
            Sampler::gamma(1.0, 0.5),
            Sampler::hyperexponential(1.0, 2.0),
        ];
        let found: Vec<String> = laws.iter().map(|law| format!("{:016x}", hash(law))).collect();
        assert_eq!(found, GOLDEN, "the same seed now gives other times");
    }

    const GOLDEN: [&str; 5] =
        ["65ed87747b60eb7d", "5a42a53cf62b912b", "5c48242b8ec7444a", "8d41ecc9512667bd", "ddddff9850b36a7f"];
}
