//! The fit of single requests: gaps between them, how these hang together, and sizes.

use super::{FitError, normal_scores, rounded};
use crate::rng::math::{exp, ln};
use crate::trace::profile::{Quantiles, RequestGaps, RequestProfile, RequestSize};
use crate::trace::requests::{RequestStatistics, SizedRequests, request_statistics};
use crate::trace::statistics::weighted_quantile;

/// The shortest gap, in seconds: equal times have no logarithm.
const SHORTEST: f64 = 1e-6;
/// The smallest size.
const SMALLEST: f64 = 1.0;
/// Requests apart at which the correlation of gaps is measured.
const NEAR: usize = 5;
const FAR: usize = 100;

/// Measures the profile of recorded requests.
///
/// Gaps and sizes are their sample's quantiles. Gaps hang together as a slow score and a fresh one: the correlation of their normal scores
/// by rank, five and a hundred requests apart, gives the slow one's share and how much of it a request passes on. A size hangs together with the
/// first by the correlation of the normal scores. Needs a thousand requests.
///
/// # Errors
/// If there are fewer.
pub fn fit_requests(requests: &SizedRequests, source: &str) -> Result<RequestProfile, FitError> {
    if requests.seconds.len() < 1000 {
        let found = format!("{} requests", requests.seconds.len());
        return Err(FitError::TooShort { found, needed: "a thousand requests" });
    }
    let gaps: Vec<f64> = requests.seconds.windows(2).map(|pair| (pair[1] - pair[0]).max(SHORTEST)).collect();
    let scored = normal_scores(&gaps);
    let (near, far) = (correlation(&scored, NEAR), correlation(&scored, FAR));
    let (slow_share, kept) = match (near > 0.0, far > 0.0) {
        (true, true) => {
            let fall = ln(far.min(near) / near) / (FAR - NEAR) as f64;
            ((near * exp(-fall * NEAR as f64)).min(1.0), exp(fall))
        }
        // It is gone before a hundred requests: within ten or so.
        (true, false) => (near, 0.9),
        (false, _) => (0.0, 0.0),
    };
    let first = requests.sizes.first().map(|(_, values)| normal_scores(values)).unwrap_or_default();
    let sizes = requests.sizes.iter().map(|(name, values)| {
        let values: Vec<f64> = values.iter().map(|value| value.max(SMALLEST)).collect();
        let own = normal_scores(&values);
        let products: f64 = first.iter().zip(&own).map(|(a, b)| a * b).sum();
        let squares: f64 = first.iter().map(|a| a * a).sum::<f64>() * own.iter().map(|b| b * b).sum::<f64>();
        let with_first = if squares > 0.0 { rounded(products / squares.sqrt()).clamp(-1.0, 1.0) } else { 0.0 };
        RequestSize { name: name.clone(), with_first, quantiles: quantiles(&values) }
    });
    Ok(RequestProfile {
        source: source.to_string(),
        gaps: RequestGaps {
            mean_seconds: rounded(gaps.iter().sum::<f64>() / gaps.len() as f64),
            quantiles: quantiles(&gaps),
            slow_share: rounded(slow_share),
            kept: rounded(kept),
        },
        sizes: sizes.collect(),
        measured: rounded_statistics(request_statistics(requests)),
    })
}

/// Quantiles at every twentieth and in the tails; the maximum stands for the last.
fn quantiles(values: &[f64]) -> Quantiles {
    let mut sorted: Vec<(f64, f64)> = values.iter().map(|value| (*value, 1.0)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let shares = [0.001, 0.01].into_iter().chain((1..20).map(|part| f64::from(part) / 20.0)).chain([0.99, 0.999]);
    let mut found: Vec<(f64, f64)> = shares.map(|share| (share, rounded(weighted_quantile(&sorted, share)))).collect();
    found.push((0.9999, rounded(sorted.last().map_or(0.0, |(value, _)| *value))));
    Quantiles(found)
}

/// The correlation of scores so many apart.
fn correlation(scores: &[f64], apart: usize) -> f64 {
    let products: f64 = scores.iter().zip(&scores[apart..]).map(|(a, b)| a * b).sum();
    let squares: f64 = scores.iter().map(|a| a * a).sum();
    let pairs = (scores.len() - apart) as f64 / scores.len() as f64;
    if squares > 0.0 { products / pairs / squares } else { 0.0 }
}

fn rounded_statistics(found: RequestStatistics) -> RequestStatistics {
    RequestStatistics {
        per_second: rounded(found.per_second),
        dispersion_1s: rounded(found.dispersion_1s),
        dispersion_10s: rounded(found.dispersion_10s),
        dispersion_60s: rounded(found.dispersion_60s),
        silent_seconds: rounded(found.silent_seconds),
        mean_sizes: found.mean_sizes.into_iter().map(|(name, mean)| (name, rounded(mean))).collect(),
    }
}
