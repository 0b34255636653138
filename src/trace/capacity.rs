//! Figures of a series of instance counts.

use super::CountSeries;
use super::statistics::weighted_quantile;
use serde::{Deserialize, Serialize};

/// Figures of how many instances could be had, weighted by time. *Up* is any count above zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityStatistics {
    /// Length of the series in days.
    pub days: f64,
    /// Changes of the count per day.
    pub changes_per_day: f64,
    /// Share of time in which there was at least one.
    pub share_up: f64,
    /// Mean count.
    pub mean_count: f64,
    /// Median count.
    pub median_count: f64,
    /// 10th percentile of the count.
    pub p10_count: f64,
    /// Highest count.
    pub most: u32,
    /// Times of being up in 30 days.
    pub ups_per_30d: f64,
    /// Median time up, in hours; absent without a whole one.
    pub median_up_h: Option<f64>,
    /// Longest time up, in hours.
    pub longest_up_h: Option<f64>,
    /// Median time down, in hours; absent without a whole one.
    pub median_down_h: Option<f64>,
    /// Longest time down, in hours.
    pub longest_down_h: Option<f64>,
    /// Mean fall of the count where it falls.
    pub mean_fall: f64,
}

/// The figures of `series`. The first and the last time up or down count as long as they are seen.
pub fn capacity_statistics(series: &CountSeries) -> CapacityStatistics {
    let held: Vec<(f64, f64)> = series.held().map(|(count, seconds)| (f64::from(count), seconds)).collect();
    let seconds: f64 = held.iter().map(|(_, seconds)| seconds).sum();
    let days = seconds / 86_400.0;
    let per = |total: f64, of: f64| if of > 0.0 { total / of } else { 0.0 };
    let (ups, downs) = ups_and_downs(series);
    let hours = |times: &[f64]| times.iter().map(|seconds| seconds / 3600.0).collect::<Vec<f64>>();
    let median = |times: &[f64]| (!times.is_empty()).then(|| super::fit::median(&hours(times)));
    let longest = |times: &[f64]| hours(times).into_iter().reduce(f64::max);
    let steps = series.steps.windows(2).map(|pair| (pair[0].1, pair[1].1));
    let falls: Vec<f64> = steps.filter(|(a, b)| b < a).map(|(a, b)| f64::from(a - b)).collect();
    CapacityStatistics {
        days,
        changes_per_day: per((series.steps.len() - 1) as f64, days),
        share_up: per(ups.iter().fold(0.0, |sum, seconds| sum + seconds), seconds),
        mean_count: per(held.iter().map(|(count, seconds)| count * seconds).sum(), seconds),
        median_count: weighted_quantile(&held, 0.5),
        p10_count: weighted_quantile(&held, 0.1),
        most: series.steps.iter().map(|(_, count)| *count).max().unwrap_or(0),
        ups_per_30d: per(30.0 * ups.len() as f64, days),
        median_up_h: median(&ups),
        longest_up_h: longest(&ups),
        median_down_h: median(&downs),
        longest_down_h: longest(&downs),
        mean_fall: per(falls.iter().fold(0.0, |sum, fall| sum + fall), falls.len() as f64),
    }
}

/// Seconds of each uninterrupted time with and without an instance.
pub(super) fn ups_and_downs(series: &CountSeries) -> (Vec<f64>, Vec<f64>) {
    let (mut ups, mut downs) = (Vec::new(), Vec::new());
    let mut before = None;
    for (count, seconds) in series.held().filter(|(_, seconds)| *seconds > 0.0) {
        let up = count > 0;
        let times = if up { &mut ups } else { &mut downs };
        match times.last_mut() {
            Some(last) if before == Some(up) => *last += seconds,
            _ => times.push(seconds),
        }
        before = Some(up);
    }
    (ups, downs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::AfterEnd;
    use crate::units::SimTime;

    /// Ten hours: 2 for 4 h, 1 for 1 h, 0 for 2 h, 3 for 1 h, 0 for 2 h.
    #[test]
    fn figures_of_a_series_computed_by_hand() {
        let hours = |h: i64| SimTime::from_secs(h * 3600);
        let steps = vec![(hours(0), 2), (hours(4), 1), (hours(5), 0), (hours(7), 3), (hours(8), 0)];
        let found = capacity_statistics(&CountSeries { steps, end: hours(10), after_end: AfterEnd::Undefined });
        assert!((found.share_up - 0.6).abs() < 1e-12 && (found.mean_count - 1.2).abs() < 1e-12, "{found:?}");
        assert_eq!((found.median_up_h, found.longest_up_h), (Some(3.0), Some(5.0)));
        assert_eq!((found.median_down_h, found.longest_down_h), (Some(2.0), Some(2.0)));
        assert!((found.mean_fall - 5.0 / 3.0).abs() < 1e-12 && found.most == 3);
        assert!((found.changes_per_day - 9.6).abs() < 1e-9 && (found.ups_per_30d - 144.0).abs() < 1e-9);
        assert_eq!((found.median_count, found.p10_count), (1.0, 0.0));
    }
}
