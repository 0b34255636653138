//! Upper quantiles of Student's law, far into the tail.

use statrs::function::beta::beta_reg;

/// The t that a Student variable with `freedom` degrees of freedom exceeds with probability `tail`.
///
/// It is found by halving on the tail itself, since 1 - `tail` has no digits left for the small probabilities of many comparisons.
///
/// # Panics
/// If `tail` is not above 0 and at most 0.5, or there is no degree of freedom.
pub fn student_upper(tail: f64, freedom: f64) -> f64 {
    assert!(tail > 0.0 && tail <= 0.5 && freedom >= 1.0, "a quantile at {tail} with {freedom} degrees of freedom");
    let exceeded = |t: f64| 0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t));
    let (mut low, mut high) = (0.0, 1.0);
    while exceeded(high) > tail && high < 1e150 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if exceeded(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
