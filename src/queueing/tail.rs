//! Tails: quantiles, and how fast the tail of a wait falls.

use super::phases::TwoPhases;
use super::{OutOfRange, check_positive, check_stable};

/// Where a falling `tail`, P(X > x) for x ≥ 0, comes down to 1 - `q`; 0 if it begins there, infinite for `q` ≥ 1.
pub fn quantile(tail: impl Fn(f64) -> f64, q: f64) -> f64 {
    let rest = 1.0 - q;
    if rest <= 0.0 {
        return f64::INFINITY;
    }
    if tail(0.0) <= rest {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while tail(high) > rest && high < f64::MAX / 2.0 {
        (low, high) = (high, 2.0 * high);
    }
    bisect(low, high, |x| tail(x) > rest)
}

/// The point between `low` and `high` up to which `before` holds.
pub(super) fn bisect(mut low: f64, mut high: f64, before: impl Fn(f64) -> bool) -> f64 {
    // More halvings than a double has values between two neighbouring powers of two, from any power of two.
    for _ in 0..1200 {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if before(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// A law of service times whose exponential moments are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ServiceLaw {
    /// All equal.
    Constant(f64),
    /// Two phases.
    Phases(TwoPhases),
}

impl ServiceLaw {
    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(time) => *time,
            Self::Phases(law) => law.mean(),
        }
    }

    /// E[e^(sS)] - 1 for s ≥ 0; infinite where the moment does not exist.
    fn exponential_moment_less_one(&self, s: f64) -> f64 {
        match self {
            Self::Constant(time) => libm::expm1(s * time),
            Self::Phases(law) => law.exponential_moment_less_one(s),
        }
    }
}

/// The rate η at which the tail of the wait in M/G/c falls, P(W > t) ≈ A e^(-ηt) for large t: the positive root of
/// λ (E[e^(ηS/c)] - 1) = η (H. C. Tijms, Stochastic Models, 1994; exact for M/D/c and M/PH/c).
pub fn decay_rate(arrivals: f64, servers: u32, service: &ServiceLaw) -> Result<f64, OutOfRange> {
    let count = f64::from(servers);
    check_positive(&[arrivals, count, service.mean()])?;
    check_stable(arrivals * service.mean(), count)?;
    // The left side is convex and below the right one up to the root.
    let below = |rate: f64| arrivals * service.exponential_moment_less_one(rate / count) < rate;
    let mut high = count / service.mean();
    while below(high) && high < f64::MAX / 2.0 {
        high *= 2.0;
    }
    Ok(bisect(0.0, high, below))
}

/// How many waiting requests have to be told apart: more are there with a probability below 10⁻¹⁷ of that of any.
///
/// Their number has a geometric tail of ratio λ/(λ + η) by the distributional form of Little's law (Haji and Newell, 1971).
pub(super) fn longest_queue(arrivals: f64, decay: f64) -> Result<usize, OutOfRange> {
    const ENOUGH: f64 = 40.0;
    const MOST: f64 = 4e6;
    let length = ENOUGH / libm::log1p(decay / arrivals);
    if length <= MOST { Ok(length as usize + 1) } else { Err(OutOfRange::TooLarge) }
}
