//! Calibration figures of a price series.

use super::PriceSeries;
use crate::units::Rate;
use serde::{Deserialize, Serialize};

/// Figures of a spot price series relative to the on-demand price, weighted by time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceStatistics {
    /// Length of the series in days.
    pub days: f64,
    /// Changes of price per day.
    pub changes_per_day: f64,
    /// Median price / on-demand price.
    pub median_over_od: f64,
    /// 90th percentile / on-demand price.
    pub p90_over_od: f64,
    /// 99th percentile / on-demand price.
    pub p99_over_od: f64,
    /// Highest price / on-demand price.
    pub max_over_od: f64,
    /// Share of time with a price above on-demand.
    pub frac_time_above_od: f64,
    /// Times that the price rose above on-demand.
    pub episodes_above_od: u32,
    /// The same in 30 days.
    pub episodes_per_30d: f64,
    /// Median time above on-demand, in minutes; absent without an episode.
    pub median_episode_min: Option<f64>,
    /// Longest time above on-demand, in hours; absent without an episode.
    pub max_episode_h: Option<f64>,
    /// Mean price / on-demand price.
    pub mean_price_over_od: f64,
}

/// The figures of `series`, from its first step to its end, relative to `on_demand`.
///
/// The price at the very end has no duration: it counts for the highest price only. A series of no length yields zeros.
pub fn price_statistics(series: &PriceSeries, on_demand: Rate) -> PriceStatistics {
    let steps = weighted_steps(series);
    let seconds: f64 = steps.iter().map(|(_, weight)| weight).sum();
    let days = seconds / 86_400.0;
    let per = |total: f64, of: f64| if of > 0.0 { total / of } else { 0.0 };
    let over = |rate: f64| rate / on_demand.to_f64();
    let changes = series.steps.windows(2).filter(|pair| pair[0].1 != pair[1].1).count();
    let episodes = episodes_above(series, on_demand);
    let quantile = |share: f64| over(weighted_quantile(&steps, share));
    let minutes: Vec<f64> = episodes.iter().map(|seconds| seconds / 60.0).collect();
    let longest = minutes.iter().fold(0.0, |a, b| f64::max(a, *b));
    PriceStatistics {
        days,
        changes_per_day: per(changes as f64, days),
        median_over_od: quantile(0.5),
        p90_over_od: quantile(0.9),
        p99_over_od: quantile(0.99),
        max_over_od: over(series.steps.iter().map(|(_, rate)| rate.to_f64()).fold(0.0, f64::max)),
        frac_time_above_od: per(episodes.iter().sum(), seconds),
        episodes_above_od: episodes.len() as u32,
        episodes_per_30d: per(episodes.len() as f64 * 30.0, days),
        median_episode_min: (!minutes.is_empty()).then(|| super::fit::median(&minutes)),
        max_episode_h: (!minutes.is_empty()).then_some(longest / 60.0),
        mean_price_over_od: over(per(steps.iter().map(|(rate, weight)| rate * weight).sum(), seconds)),
    }
}

/// Prices in currency units per hour with the seconds that each held.
pub(super) fn weighted_steps(series: &PriceSeries) -> Vec<(f64, f64)> {
    series.held().map(|(rate, seconds)| (rate.to_f64(), seconds)).collect()
}

/// The lowest value below or at which the values of the share `share` of the weight lie; 0 without values.
pub(super) fn weighted_quantile(values: &[(f64, f64)], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = share * sorted.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut sum = 0.0;
    for (value, weight) in &sorted {
        sum += weight;
        if sum >= wanted {
            return *value;
        }
    }
    sorted.last().map_or(0.0, |(value, _)| *value)
}

/// The seconds of each uninterrupted time above `limit`.
pub(super) fn episodes_above(series: &PriceSeries, limit: Rate) -> Vec<f64> {
    let mut episodes = Vec::new();
    let mut above = false;
    for ((_, rate), (_, seconds)) in series.steps.iter().zip(weighted_steps(series)) {
        match (*rate > limit, above) {
            (true, true) => *episodes.last_mut().expect("an episode has begun") += seconds,
            (true, false) => episodes.push(seconds),
            (false, _) => {}
        }
        above = *rate > limit;
    }
    episodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::AfterEnd;
    use crate::units::SimTime;

    /// Ten hours: 0.5 for 6 h, 2 for 1 h, 0.5 for 1 h, 3 for 1.5 h and 2 for 0.5 h, on-demand 1 per hour.
    #[test]
    fn figures_of_a_series_computed_by_hand() {
        let rate = |r: f64| Rate::from_f64(r).unwrap();
        let hours = |h: f64| SimTime::from_secs((h * 3600.0) as i64);
        let series = PriceSeries {
            steps: vec![
                (hours(0.0), rate(0.5)),
                (hours(6.0), rate(2.0)),
                (hours(7.0), rate(0.5)),
                (hours(8.0), rate(3.0)),
                (hours(9.5), rate(2.0)),
            ],
            end: hours(10.0),
            after_end: AfterEnd::Undefined,
        };
        let found = price_statistics(&series, rate(1.0));
        assert_eq!((found.median_over_od, found.p90_over_od, found.max_over_od), (0.5, 3.0, 3.0));
        assert_eq!(
            (found.episodes_above_od, found.median_episode_min, found.max_episode_h),
            (2, Some(90.0), Some(2.0))
        );
        assert!((found.frac_time_above_od - 0.3).abs() < 1e-12);
        assert!((found.mean_price_over_od - 1.1).abs() < 1e-12, "{found:?}");
        assert!((found.changes_per_day - 9.6).abs() < 1e-12);
    }
}
