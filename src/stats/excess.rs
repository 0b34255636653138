//! How sure it is that a mean is above zero.

use super::interval::{mean_and_error, welch};
use statrs::distribution::{ContinuousCDF, FisherSnedecor};
use statrs::function::beta::beta_reg;

/// The confidence with which the mean of independent values is above zero: one less the level at which a one-sided t test would still
/// reject the contrary. Without any variation it is 0 or 1.
///
/// # Panics
/// If there are fewer than two values.
pub fn confidence_above_zero(values: &[f64]) -> f64 {
    assert!(values.len() >= 2, "one value says nothing of its variation");
    let (mean, error) = mean_and_error(values);
    student(mean, error, (values.len() - 1) as f64)
}

/// The same of the mean of `values` less that of `others`, two independent samples (Welch's test).
///
/// # Panics
/// If one of them has fewer than two values.
pub fn confidence_of_difference(values: &[f64], others: &[f64]) -> f64 {
    assert!(values.len() >= 2 && others.len() >= 2, "one value says nothing of its variation");
    let (difference, error, freedom) = welch(others, values);
    student(difference, error, freedom)
}

/// The distribution function of Student's law at `mean / error`. An error that is only rounding counts as none.
fn student(mean: f64, error: f64, freedom: f64) -> f64 {
    if error <= 1e-12 * mean.abs() {
        return if mean > 0.0 { 1.0 } else { 0.0 };
    }
    let t = mean / error;
    let tail = 0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The value that a variable of the F distribution exceeds with probability `tail`.
///
/// # Panics
/// If `tail` is not between 0 and 1 or a degree of freedom is not positive.
pub fn f_upper(tail: f64, over: f64, under: f64) -> f64 {
    assert!(tail > 0.0 && tail < 1.0, "a quantile at {tail}");
    let law = FisherSnedecor::new(over, under).expect("degrees of freedom are positive");
    law.inverse_cdf(1.0 - tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidences_are_those_of_tables() {
        // t = 2.132 is the upper 5 % of four degrees of freedom, 6.314 that of one.
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        close(student(2.131_847, 1.0, 4.0), 0.95);
        close(student(-6.313_752, 1.0, 1.0), 0.05);
        assert_eq!(confidence_above_zero(&[0.0, 0.0]), 0.0);
        assert_eq!(confidence_above_zero(&[2.0, 2.0]), 1.0);
        close(confidence_above_zero(&[-1.0, 1.0]), 0.5);
        close(confidence_of_difference(&[1.0, 3.0], &[1.0, 3.0]), 0.5);
        assert_eq!(confidence_of_difference(&[2.0, 2.0], &[1.0, 1.0]), 1.0);
        close(f_upper(0.05, 2.0, 10.0), 4.102_82);
        // Equal variances and sizes: as many degrees of freedom as a common t test has.
        let (mean, error) = (2.0, (2.0f64 * 5.0 / 3.0 / 4.0).sqrt());
        close(confidence_of_difference(&[3.0, 4.0, 5.0, 6.0], &[1.0, 2.0, 3.0, 4.0]), student(mean, error, 6.0));
    }
}
