//! The laws as they are drawn in bulk, against their distribution functions; and the uniform numbers for evenness and independence.
//!
//! Seeds are fixed, so each test passes or fails for ever. Limits are those that chance exceeds once in 10,000 tests.

use fleetmix::rng::{Purpose, Sampler, Stream};
use fleetmix::simd::Isa;
use statrs::distribution::{ChiSquared, ContinuousCDF, Gamma, LogNormal};

const DRAWS: usize = 100_000;
/// Two-sided limit of a standard normal variable.
const NORMAL_LIMIT: f64 = 3.891;

/// Both uniform numbers of the first blocks of a stream.
fn uniforms(seed: u32, replication: u32) -> (Vec<f64>, Vec<f64>) {
    let (mut a, mut b) = (vec![0.0; DRAWS], vec![0.0; DRAWS]);
    Stream::new(seed, Purpose::Request).fill_uniforms(Isa::best(), replication, 0, &mut a, &mut b);
    (a, b)
}

/// The one-sample test of Kolmogorov and Smirnov, of times drawn from each of the block's two numbers.
fn assert_follows(name: &str, law: &Sampler, distribution: impl Fn(f64) -> f64) {
    let (a, b) = uniforms(20_160_307, 5);
    // P(√n · D > x) tends to 2·exp(-2x²).
    let limit = ((2e4f64.ln() / 2.0) / DRAWS as f64).sqrt();
    for mut times in [a, b] {
        law.draw_all(Isa::best(), &mut times);
        times.sort_by(f64::total_cmp);
        let distance = times.iter().enumerate().fold(0.0f64, |worst, (i, time)| {
            let (below, p) = (i as f64 / DRAWS as f64, distribution(*time));
            worst.max(p - below).max(below + 1.0 / DRAWS as f64 - p)
        });
        assert!(distance < limit, "{name}: {distance} > {limit}");
    }
}

#[test]
fn uniform_times_follow_their_law() {
    let law = Sampler::Uniform { min: 6.0, max: 18.0 };
    assert_follows("uniform", &law, |x| ((x - 6.0) / 12.0).clamp(0.0, 1.0));
}

#[test]
fn exponential_times_follow_their_law() {
    assert_follows("exponential", &Sampler::Exponential { mean: 0.32 }, |x| -(-x / 0.32).exp_m1());
}

#[test]
fn lognormal_times_follow_their_law() {
    for (mean, cv) in [(0.32, 0.6), (2.0, 3.0)] {
        // The variance of the logarithm is ln(1 + cv²).
        let variance = f64::ln_1p(cv * cv);
        let exact = LogNormal::new(f64::ln(mean) - variance / 2.0, variance.sqrt()).unwrap();
        assert_follows("lognormal", &Sampler::lognormal(mean, cv), |x| exact.cdf(x));
    }
}

#[test]
fn gamma_times_follow_their_law() {
    for cv in [0.3, 1.0, 2.0] {
        let exact = Gamma::new(1.0 / (cv * cv), 1.0 / (0.32 * cv * cv)).unwrap();
        assert_follows(&format!("gamma {cv}"), &Sampler::gamma(0.32, cv), |x| exact.cdf(x));
    }
}

/// Balanced means: phase i has the probability pᵢ and the rate 2pᵢ/mean.
#[test]
fn hyperexponential_times_follow_their_law() {
    for cv in [1.2f64, 2.0, 5.0] {
        let p = 0.5 * (1.0 + ((cv * cv - 1.0) / (cv * cv + 1.0)).sqrt());
        let below = |p: f64, x: f64| -p * (-2.0 * p * x / 0.32).exp_m1();
        let law = Sampler::hyperexponential(0.32, cv);
        assert_follows(&format!("hyperexponential {cv}"), &law, |x| below(p, x) + below(1.0 - p, x));
    }
}

#[test]
fn quantiles_give_the_law_that_is_linear_between_them() {
    let points = [(0.0, 0.01), (0.5, 0.08), (0.9, 0.3), (0.99, 0.9), (1.0, 2.0)];
    let distribution = |x: f64| {
        let after = points.iter().position(|point| x <= point.1).expect("no time is longer than the longest");
        let ((p0, x0), (p1, x1)) = (points[after.max(1) - 1], points[after.max(1)]);
        p0 + (p1 - p0) * (x - x0) / (x1 - x0)
    };
    assert_follows("quantiles", &Sampler::quantiles(&points), distribution);
}

/// The sum of (found − expected)²/expected must not exceed its limit, nor be too small to be chance.
fn assert_even(name: &str, cells: usize, found: impl Iterator<Item = usize>) {
    let (mut counts, mut n) = (vec![0u32; cells], 0);
    found.for_each(|cell| {
        counts[cell] += 1;
        n += 1;
    });
    let expected = f64::from(n) / cells as f64;
    let sum: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    let law = ChiSquared::new((cells - 1) as f64).unwrap();
    let (least, most) = (law.inverse_cdf(0.5e-4), law.inverse_cdf(1.0 - 0.5e-4));
    assert!((least..most).contains(&sum), "{name}: {sum} is not within {least} .. {most}");
}

/// Which of `parts` equal parts of (0, 1).
fn part(u: f64, parts: usize) -> usize {
    (u * parts as f64) as usize
}

#[test]
fn values_are_equally_likely() {
    let (mut times, _) = uniforms(7, 0);
    Sampler::values((0..37).rev().map(f64::from).collect()).draw_all(Isa::best(), &mut times);
    assert_even("values", 37, times.iter().map(|time| *time as usize));
}

#[test]
fn high_and_low_bits_of_uniform_numbers_are_even() {
    let (a, b) = uniforms(1, 0);
    for (which, numbers) in [("the first number", a), ("the second number", b)] {
        assert_even(&format!("high bits of {which}"), 256, numbers.iter().map(|u| part(*u, 256)));
        // The lowest of the 53 bits is rounded away from one half on: the eight above it.
        let low_bits = |u: &f64| ((u * (1u64 << 53) as f64) as u64 >> 1 & 0xff) as usize;
        assert_even(&format!("low bits of {which}"), 256, numbers.iter().map(low_bits));
    }
}

/// By pairs in 16·16 cells, and by the correlation, which is about normal with variance 1/n.
fn assert_independent(name: &str, a: &[f64], b: &[f64]) {
    assert_even(name, 256, a.iter().zip(b).map(|(a, b)| 16 * part(*a, 16) + part(*b, 16)));
    let covariance = a.iter().zip(b).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum::<f64>() / a.len() as f64;
    let score = 12.0 * covariance * (a.len() as f64).sqrt();
    assert!(score.abs() < NORMAL_LIMIT, "{name}: correlation of {score} standard deviations");
}

#[test]
fn uniform_numbers_are_independent_of_their_neighbours() {
    let (a, b) = uniforms(1, 0);
    assert_independent("the two of a block", &a, &b);
    for lag in [1, 2, 8, 1024] {
        assert_independent(&format!("first numbers, {lag} apart"), &a[lag..], &a[..DRAWS - lag]);
        assert_independent(&format!("second numbers, {lag} apart"), &b[lag..], &b[..DRAWS - lag]);
        assert_independent(&format!("first and second, {lag} apart"), &a[lag..], &b[..DRAWS - lag]);
    }
    assert_independent("replications", &a, &uniforms(1, 1).0);
    assert_independent("seeds", &a, &uniforms(2, 0).0);
}
