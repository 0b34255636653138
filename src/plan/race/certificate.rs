//! Whether a candidate keeps its limits, shown on replications that had no part in choosing it.

use super::looks::mean_and_error;
use super::{LIMITS, Sample, student_upper};

/// Upper confidence limits of a candidate's means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Mean cost.
    pub cost: f64,
    /// Its upper limit.
    pub cost_upper: f64,
    /// Upper limits of the slacks.
    pub slacks_upper: [f64; LIMITS],
}

impl Bounds {
    /// Whether every limit is kept.
    pub fn kept(&self) -> bool {
        self.slacks_upper.iter().all(|slack| *slack <= 0.0)
    }
}

/// One-sided t limits of the means of fresh samples, each wrong with probability `error` at most if the means are normal.
///
/// The limits need not be shared among the slacks: that all are kept is claimed only if each is, so it is wrong only if one that is
/// missed passes its own test.
///
/// # Panics
/// If there are fewer than two samples.
pub fn certify(samples: &[Sample], error: f64) -> Bounds {
    assert!(samples.len() >= 2, "a certificate needs at least two replications");
    let t = student_upper(error, samples.len() as f64 - 1.0);
    let (cost, cost_error) = mean_and_error(samples.iter().map(|sample| sample.cost));
    let slack = |limit: usize| {
        let (mean, error) = mean_and_error(samples.iter().map(|sample| sample.slacks[limit]));
        mean + t * error
    };
    Bounds { cost, cost_upper: cost + t * cost_error, slacks_upper: std::array::from_fn(slack) }
}

/// Evidence that a mean share is below what is allowed, for any law of the shares: a bet against that.
///
/// Each replication multiplies the stake by 1 + 0.9 (allowed - share) / (1 - allowed), which a share above what is allowed makes
/// smaller in the mean. So it ever reaches 1 / error with probability `error` at most if the mean is not below (Ville's inequality), and one
/// may look after each replication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    allowed: f64,
    /// The natural logarithm of the stake.
    log_stake: f64,
}

impl Evidence {
    /// No evidence yet that a share is below `allowed` in the mean.
    pub fn new(allowed: f64) -> Self {
        Self { allowed, log_stake: 0.0 }
    }

    /// Takes in the share of a replication.
    pub fn add(&mut self, share: f64) {
        let bet = 0.9 / (1.0 - self.allowed);
        self.log_stake += libm::log((1.0 + bet * (self.allowed - share)).max(0.0));
    }

    /// Whether the evidence suffices for this probability of error.
    pub fn suffices(&self, error: f64) -> bool {
        self.log_stake >= -libm::log(error)
    }
}
