//! Single requests with sizes, such as tokens in and out.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Requests since a first instant, with what each is made of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SizedRequests {
    /// Seconds since the first instant, in order.
    pub seconds: Vec<f64>,
    /// Length of the time in which every request is there, in seconds.
    pub length: f64,
    /// Of each size its name and the value of each request.
    pub sizes: Vec<(String, Vec<f64>)>,
}

/// Figures of requests, to hold generated ones against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestStatistics {
    /// Requests per second.
    pub per_second: f64,
    /// Variance over mean of the number of requests in a second: 1 if they came at random.
    pub dispersion_1s: f64,
    /// The same in ten seconds.
    pub dispersion_10s: f64,
    /// The same in a minute.
    pub dispersion_60s: f64,
    /// Share of the seconds without a request.
    pub silent_seconds: f64,
    /// Mean of each size.
    pub mean_sizes: BTreeMap<String, f64>,
}

/// The figures of requests; dispersions of whole windows only.
pub fn request_statistics(requests: &SizedRequests) -> RequestStatistics {
    let seconds = counts(requests, 1.0);
    let silent = seconds.iter().filter(|count| **count == 0.0).count() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    RequestStatistics {
        per_second: requests.seconds.len() as f64 / requests.length.max(f64::MIN_POSITIVE),
        dispersion_1s: dispersion(&seconds),
        dispersion_10s: dispersion(&counts(requests, 10.0)),
        dispersion_60s: dispersion(&counts(requests, 60.0)),
        silent_seconds: silent / seconds.len().max(1) as f64,
        mean_sizes: requests.sizes.iter().map(|(name, values)| (name.clone(), mean(values))).collect(),
    }
}

/// Requests in each window of so many seconds.
fn counts(requests: &SizedRequests, window: f64) -> Vec<f64> {
    let mut counts = vec![0.0; (requests.length / window) as usize];
    for second in &requests.seconds {
        if let Some(count) = counts.get_mut((second / window) as usize) {
            *count += 1.0;
        }
    }
    counts
}

fn dispersion(counts: &[f64]) -> f64 {
    let n = counts.len().max(1) as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / n;
    if mean > 0.0 { variance / mean } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_few_requests_follow_by_hand() {
        let sizes = vec![("tokens".to_string(), vec![1.0, 2.0, 6.0])];
        let requests = SizedRequests { seconds: vec![0.5, 0.6, 3.0], length: 4.0, sizes };
        let found = request_statistics(&requests);
        // Two, none, none, one: mean 3/4, variance 11/16.
        assert!((found.per_second - 0.75).abs() < 1e-12 && (found.dispersion_1s - 11.0 / 12.0).abs() < 1e-12);
        assert_eq!((found.silent_seconds, found.mean_sizes["tokens"]), (0.5, 3.0));
        assert_eq!((found.dispersion_10s, request_statistics(&SizedRequests::default()).per_second), (0.0, 0.0));
    }
}
