//! Fits: from a real trace to the profile that a synthetic one is generated from.

mod capacity;
mod demand;
mod flash_crowd;
mod price;
mod requests;
mod service;

pub use capacity::fit_capacity;
pub use demand::{fit_any_demand, fit_demand};
pub use price::{fit_price, fit_price_regimes};
pub use requests::fit_requests;
pub use service::{Fitted, ServiceFit, ServiceQuestion, ServiceSample, fit_service};

use crate::rng::math::normal_quantile;

/// Why a trace cannot be fitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// Not enough of it.
    #[error("the trace covers {found}; the fit needs at least {needed}")]
    TooShort {
        /// What was found, in words.
        found: String,
        /// What is needed, in words.
        needed: &'static str,
    },
    /// The fit works on whole intervals of an hour.
    #[error("rows are {interval} apart; the fit needs a distance that divides an hour")]
    Interval {
        /// Distance between rows.
        interval: String,
    },
    /// There is an hour of the week for which nothing was measured.
    #[error("there are no requests in {0}; the fit needs some in every hour of the week")]
    Silent(String),
    /// A price that has no logarithm.
    #[error("the fit needs positive prices, found {0} per hour")]
    Price(String),
}

/// The median; the mean of the two middle values of an even number, 0 of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]),
    }
}

/// Normal scores by rank; equal values share the mean rank.
fn normal_scores(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut scores = vec![0.0; values.len()];
    let mut first = 0;
    for same in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let end = first + same.len();
        let rank = 0.5 * (first + end) as f64 / values.len() as f64;
        same.iter().for_each(|index| scores[*index] = normal_quantile(rank));
        first = end;
    }
    scores
}

/// Rounded to four significant digits: more would pretend to a precision that a fit does not have.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().expect("a formatted number is a number")
}
