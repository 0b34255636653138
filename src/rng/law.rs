//! Random times by inversion: one uniform number gives one time, and a larger number never a shorter time.

use super::empirical::Quantiles;
use super::math::{exp, ln};
use super::normal::{normal_quantile, normal_quantiles};
use super::quantile_table::QuantileTable;
use crate::simd::{Isa, compiled_for_each_isa};
use std::sync::Arc;

/// A law of times in seconds that can be drawn from. Tables take long to build and are shared by clones.
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
    /// One of these times, in increasing order, each as likely as the others.
    Values(Arc<[f64]>),
    /// A law given by some of its quantiles.
    Quantiles(Arc<Quantiles>),
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

    /// The law that takes each of `values` (seconds) with the same probability.
    ///
    /// # Panics
    /// If there is no value.
    pub fn values(mut values: Vec<f64>) -> Self {
        assert!(!values.is_empty(), "a law of values has at least one value");
        values.sort_by(f64::total_cmp);
        Self::Values(values.into())
    }

    /// The law whose quantile function is linear between `points`, (probability, seconds).
    ///
    /// # Panics
    /// If the probabilities do not rise from 0 to 1.
    pub fn quantiles(points: &[(f64, f64)]) -> Self {
        Self::Quantiles(Arc::new(Quantiles::new(points)))
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
            Sampler::Values(values) => value_at(values, u),
            Sampler::Quantiles(quantiles) => quantiles.draw(u),
        }
    }

    /// Replaces each uniform number by its time: [`Sampler::draw`] of each, bit for bit.
    ///
    /// # Panics
    /// If the processor does not have `isa`.
    pub fn draw_all(&self, isa: Isa, numbers: &mut [f64]) {
        match self {
            Sampler::Constant(value) => numbers.fill(*value),
            Sampler::Uniform { min, max } => uniform(isa, *min, *max, numbers),
            Sampler::Exponential { mean } => exponential(isa, *mean, numbers),
            Sampler::Lognormal { mu, sigma } => lognormal(isa, *mu, *sigma, numbers),
            Sampler::Tabulated(table) => table.draw_all(isa, numbers),
            Sampler::Values(values) => numbers.iter_mut().for_each(|u| *u = value_at(values, *u)),
            Sampler::Quantiles(quantiles) => numbers.iter_mut().for_each(|u| *u = quantiles.draw(*u)),
        }
    }
}

#[inline]
fn value_at(values: &[f64], u: f64) -> f64 {
    values[((u * values.len() as f64) as usize).min(values.len() - 1)]
}

compiled_for_each_isa! {
    fn uniform(min: f64, max: f64, numbers: &mut [f64]) {
        numbers.iter_mut().for_each(|u| *u = min + (max - min) * *u);
    }
}

compiled_for_each_isa! {
    fn exponential(mean: f64, numbers: &mut [f64]) {
        numbers.iter_mut().for_each(|u| *u = -mean * ln(*u));
    }
}

compiled_for_each_isa! {
    fn lognormal(mu: f64, sigma: f64, numbers: &mut [f64]) {
        normal_quantiles(numbers);
        numbers.iter_mut().for_each(|z| *z = exp(mu + sigma * *z));
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

    fn every_law() -> [Sampler; 11] {
        [
            Sampler::Constant(0.25),
            Sampler::Uniform { min: 6.0, max: 18.0 },
            Sampler::Exponential { mean: 2.0 },
            Sampler::lognormal(0.3, 0.2),
            Sampler::lognormal(0.3, 1.5),
            Sampler::lognormal(1e6, 100.0),
            Sampler::gamma(1.0, 0.3),
            Sampler::gamma(1.0, 3.0),
            Sampler::hyperexponential(1.0, 2.0),
            Sampler::values(vec![3.0, 1.0, 2.0, 2.0, 7.0]),
            Sampler::quantiles(&[(0.0, 0.01), (0.5, 0.08), (0.9, 0.3), (1.0, 2.0)]),
        ]
    }

    /// Numbers of a stream, the ends of (0, 1) and their surroundings, and where the normal quantile changes its formula.
    fn numbers() -> Vec<f64> {
        let stream = Stream::new(3, Purpose::Boot);
        let mut numbers: Vec<f64> = (0..50_000).map(|i| stream.uniform(0, i, 0)).collect();
        let smallest = 0.5f64.powi(54);
        for place in
            [smallest, exp(-25.0), 1.4e-11, 1e-4, 0.075, 0.25, 0.5, 0.75, 0.925, 1.0 - 1.4e-11, 1.0 - exp(-25.0)]
        {
            let near = (-20i64..=20).map(|n| f64::from_bits(place.to_bits().wrapping_add_signed(n)));
            numbers.extend(near.filter(|u| *u >= smallest));
        }
        numbers.extend((1..200).map(|n| 1.0 - f64::from(n) * f64::EPSILON / 2.0));
        numbers.extend((1..200).map(|n| f64::from(n) * smallest));
        // Chunks full of tails.
        numbers.extend((1..3000).map(|n| exp(-0.0125 * f64::from(n))));
        numbers
    }

    #[test]
    fn drawing_many_is_the_same_as_drawing_one_with_every_instruction_set() {
        let numbers = numbers();
        for isa in Isa::ALL {
            if !isa.is_available() {
                eprintln!("not tested: this processor does not have {isa}");
                continue;
            }
            for law in every_law() {
                let mut drawn = numbers.clone();
                law.draw_all(isa, &mut drawn);
                for (u, time) in numbers.iter().zip(&drawn) {
                    assert_eq!(time.to_bits(), law.draw(*u).to_bits(), "{isa} {law:?} {u:e}");
                }
                for n in [0, 1, 2, 3, 5, 7, 9, 255, 257] {
                    let mut few = numbers[..n].to_vec();
                    law.draw_all(isa, &mut few);
                    assert_eq!(few, drawn[..n], "{isa} {law:?}: {n} numbers");
                }
            }
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
