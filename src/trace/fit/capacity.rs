//! The fit of a capacity: times up and down, and the count while up.

use super::{FitError, normal_scores, rounded};
use crate::rng::math::ln;
use crate::trace::capacity::ups_and_downs;
use crate::trace::profile::{CapacityLevel, CapacityProfile, Quantiles};
use crate::trace::statistics::weighted_quantile;
use crate::trace::{CapacityStatistics, CountSeries, capacity_statistics};
use crate::units::Duration;

/// Counts are looked at this many times a day to measure their persistence.
const LOOKS_PER_HOUR: i64 = 12;

/// Measures the profile of a series of counts.
///
/// Quantiles of the times up and of the times down are the sample's. While up, the count is measured like a price: its quantiles by
/// time, its changes per hour, and the time constant of its normal scores by rank from their correlation over one hour. Needs
/// ten hours and four changes.
pub fn fit_capacity(series: &CountSeries, source: &str) -> Result<CapacityProfile, FitError> {
    let seconds: f64 = series.held().map(|(_, seconds)| seconds).sum();
    if seconds < 36_000.0 || series.steps.len() < 5 {
        let found = format!("{:.1} h with {} changes", seconds / 3600.0, series.steps.len() - 1);
        return Err(FitError::TooShort { found, needed: "ten hours and four changes" });
    }
    let (ups, downs) = ups_and_downs(series);
    let minutes = |times: &[f64]| times.iter().map(|seconds| (seconds / 60.0, 1.0)).collect::<Vec<_>>();
    let measured = rounded_statistics(capacity_statistics(series));
    Ok(CapacityProfile {
        source: source.to_string(),
        up_minutes: quantiles(&minutes(&ups)),
        down_minutes: (!downs.is_empty()).then(|| quantiles(&minutes(&downs))),
        level: level(series, ups.iter().sum()),
        measured,
    })
}

/// The count while up; one that is always the same has no changes.
fn level(series: &CountSeries, seconds_up: f64) -> CapacityLevel {
    let up: Vec<(f64, f64)> =
        series.held().filter(|(count, _)| *count > 0).map(|(count, seconds)| (f64::from(count), seconds)).collect();
    let within = series.steps.windows(2).filter(|pair| pair[0].1 > 0 && pair[1].1 > 0).count();
    CapacityLevel {
        changes_per_hour: rounded(if seconds_up > 0.0 { within as f64 * 3600.0 / seconds_up } else { 0.0 }),
        time_constant_hours: rounded(time_constant(series)),
        counts: quantiles(&up),
    }
}

/// The quantiles of (value, weight), the maximum in the place of the last.
fn quantiles(values: &[(f64, f64)]) -> Quantiles {
    let highest = values.iter().map(|(value, _)| *value).fold(0.0, f64::max);
    let mut found: Vec<(f64, f64)> =
        Quantiles::SHARES.iter().map(|share| (*share, rounded(weighted_quantile(values, *share)))).collect();
    found.last_mut().expect("there are shares").1 = rounded(highest);
    Quantiles(found)
}

/// Hours in which the correlation of the count's normal scores falls to 1/e while up, between a minute and a month.
fn time_constant(series: &CountSeries) -> f64 {
    let look = Duration::from_nanos(Duration::HOUR.nanos() / LOOKS_PER_HOUR);
    let looks = ((series.end - series.steps[0].0).nanos() / look.nanos()) as usize;
    let counts: Vec<u32> = (0..looks).map(|i| series.at(series.steps[0].0 + look.times(i as i64))).collect();
    let up: Vec<usize> = (0..looks).filter(|i| counts[*i] > 0).collect();
    let ranked = normal_scores(&up.iter().map(|i| f64::from(counts[*i])).collect::<Vec<_>>());
    let mut scores = vec![None; looks];
    up.iter().zip(ranked).for_each(|(i, score)| scores[*i] = Some(score));
    let lag = LOOKS_PER_HOUR as usize;
    let pairs = (lag..looks).filter_map(|i| Some((scores[i - lag]?, scores[i]?)));
    let (products, squares) =
        pairs.fold((0.0, 0.0), |(p, s), (a, b): (f64, f64)| (p + a * b, s + 0.5 * (a * a + b * b)));
    let correlation = if squares > 0.0 { products / squares } else { 0.0 };
    if correlation <= 0.0 { 1.0 / 60.0 } else { (-1.0 / ln(correlation.min(0.9999))).clamp(1.0 / 60.0, 730.0) }
}

fn rounded_statistics(found: CapacityStatistics) -> CapacityStatistics {
    CapacityStatistics {
        days: rounded(found.days),
        changes_per_day: rounded(found.changes_per_day),
        share_up: rounded(found.share_up),
        mean_count: rounded(found.mean_count),
        ups_per_30d: rounded(found.ups_per_30d),
        median_up_h: found.median_up_h.map(rounded),
        longest_up_h: found.longest_up_h.map(rounded),
        median_down_h: found.median_down_h.map(rounded),
        longest_down_h: found.longest_down_h.map(rounded),
        mean_fall: rounded(found.mean_fall),
        ..found
    }
}
