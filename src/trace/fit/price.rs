//! The minimal fit of a spot price: a calm regime and spikes above the on-demand price.

use super::{FitError, rounded};
use crate::rng::math::{ln, normal_quantile};
use crate::trace::profile::{CalmPrice, LognormalLaw, PriceProfile, PriceSpikes, Quantiles};
use crate::trace::statistics::{episodes_above, weighted_quantile, weighted_steps};
use crate::trace::{PriceSeries, PriceStatistics, price_statistics};
use crate::units::{Duration, Rate};

/// The calm price is looked at in this rhythm to measure its persistence, ...
const GRID: Duration = Duration::from_secs(300);
/// ... by its correlation over this many looks: one hour.
const LAG: usize = 12;

/// Measures the profile of a spot price trace relative to the on-demand price of its time.
///
/// Every parameter is the direct sample value: quantiles by time in the regime; changes and spikes per day of calm time; the
/// logarithm's standard deviation of calm gaps and its median and standard deviation of spike durations. The time constant
/// follows from the correlation r over one hour of the calm price's normal scores (by rank): -1 h / ln r. Needs a day and ten steps.
pub fn fit_price(series: &PriceSeries, on_demand: Rate, source: &str) -> Result<PriceProfile, FitError> {
    let steps = weighted_steps(series);
    let seconds: f64 = steps.iter().map(|(_, weight)| weight).sum();
    if seconds < 86_400.0 || steps.len() < 10 {
        let found = format!("{:.1} h in {} steps", seconds / 3600.0, steps.len());
        return Err(FitError::TooShort { found, needed: "a day and ten steps" });
    }
    let lowest = steps.iter().map(|(rate, _)| *rate).fold(f64::INFINITY, f64::min);
    if lowest <= 0.0 || on_demand.to_f64() <= 0.0 {
        return Err(FitError::Price(lowest.min(on_demand.to_f64()).to_string()));
    }
    let limit = on_demand.to_f64();
    let relative = steps.iter().map(|(rate, weight)| (rate / limit, *weight));
    let (high, calm): (Vec<_>, Vec<_>) = relative.partition(|(ratio, _)| *ratio > 1.0);
    if calm.len() < 10 {
        let found = format!("{} steps at or below the on-demand price", calm.len());
        return Err(FitError::TooShort { found, needed: "ten such steps" });
    }
    Ok(PriceProfile {
        source: source.to_string(),
        spikes: fit_spikes(&high, &episodes_above(series, on_demand), calm_days(&calm)),
        calm: fit_calm(series, on_demand, &calm),
        always_moves: false,
        measured: rounded_statistics(price_statistics(series, on_demand)),
    })
}

/// [`fit_price`] with what real markets have beyond it: times above on-demand by their own quantiles, for their tail is longer
/// than a lognormal law's; and every change of the calm price moves it.
pub fn fit_price_regimes(series: &PriceSeries, on_demand: Rate, source: &str) -> Result<PriceProfile, FitError> {
    let mut profile = fit_price(series, on_demand, source)?;
    profile.always_moves = true;
    if let Some(spikes) = &mut profile.spikes {
        let episodes = episodes_above(series, on_demand);
        let minutes = episodes.iter().filter(|seconds| **seconds > 0.0).map(|seconds| (seconds / 60.0, 1.0));
        spikes.durations = Some(quantiles(&minutes.collect::<Vec<_>>()));
    }
    Ok(profile)
}

fn calm_days(calm: &[(f64, f64)]) -> f64 {
    calm.iter().map(|(_, seconds)| seconds).sum::<f64>() / 86_400.0
}

fn fit_calm(series: &PriceSeries, on_demand: Rate, calm: &[(f64, f64)]) -> CalmPrice {
    let gaps: Vec<f64> = calm.iter().map(|(_, seconds)| *seconds).collect();
    CalmPrice {
        changes_per_day: rounded(calm.len() as f64 / calm_days(calm)),
        gap_log_sigma: rounded(LognormalLaw::of(&gaps).log_sigma),
        time_constant_hours: rounded(calm_time_constant(series, on_demand)),
        quantiles: quantiles(calm),
    }
}

/// Spikes from their steps (ratio, seconds) and the seconds of each episode.
fn fit_spikes(steps: &[(f64, f64)], episodes: &[f64], calm_days: f64) -> Option<PriceSpikes> {
    let minutes: Vec<f64> = episodes.iter().map(|seconds| seconds / 60.0).filter(|minutes| *minutes > 0.0).collect();
    if minutes.is_empty() {
        return None;
    }
    let law = LognormalLaw::of(&minutes);
    let changes_within = steps.len().saturating_sub(minutes.len()) as f64;
    Some(PriceSpikes {
        per_day: rounded(minutes.len() as f64 / calm_days),
        duration_minutes: LognormalLaw { median: rounded(law.median), log_sigma: rounded(law.log_sigma), most: None },
        durations: None,
        changes_per_hour: rounded(changes_within / (minutes.iter().sum::<f64>() / 60.0)),
        quantiles: quantiles(steps),
    })
}

/// The quantiles of (value, weight); in the place of the last, the maximum.
fn quantiles(values: &[(f64, f64)]) -> Quantiles {
    let highest = values.iter().map(|(value, _)| *value).fold(0.0, f64::max);
    let mut quantiles: Vec<(f64, f64)> =
        Quantiles::SHARES.iter().map(|share| (*share, rounded(weighted_quantile(values, *share)))).collect();
    quantiles.last_mut().expect("there are shares").1 = rounded(highest);
    Quantiles(quantiles)
}

/// Hours in which the correlation of the calm price's normal scores falls to 1/e, between a minute and a month.
fn calm_time_constant(series: &PriceSeries, on_demand: Rate) -> f64 {
    let start = series.steps[0].0;
    let looks = ((series.end - start).nanos() / GRID.nanos()) as usize;
    let prices: Vec<Rate> = (0..looks).map(|i| series.at(start + GRID.times(i as i64))).collect();
    let mut order: Vec<usize> = (0..looks).filter(|i| prices[*i] <= on_demand).collect();
    order.sort_by_key(|i| prices[*i]);
    let mut scores = vec![None; looks];
    for (rank, look) in order.iter().enumerate() {
        scores[*look] = Some(normal_quantile((rank as f64 + 0.5) / order.len() as f64));
    }
    let pairs = (LAG..looks).filter_map(|i| Some((scores[i - LAG]?, scores[i]?)));
    let (products, squares) =
        pairs.fold((0.0, 0.0), |(p, s), (a, b): (f64, f64)| (p + a * b, s + 0.5 * (a * a + b * b)));
    let correlation = if squares > 0.0 { products / squares } else { 0.0 };
    let hours = LAG as f64 * GRID.as_hours_f64();
    if correlation <= 0.0 { 1.0 / 60.0 } else { (-hours / ln(correlation.min(0.9999))).clamp(1.0 / 60.0, 730.0) }
}

fn rounded_statistics(found: PriceStatistics) -> PriceStatistics {
    PriceStatistics {
        days: rounded(found.days),
        changes_per_day: rounded(found.changes_per_day),
        median_over_od: rounded(found.median_over_od),
        p90_over_od: rounded(found.p90_over_od),
        p99_over_od: rounded(found.p99_over_od),
        max_over_od: rounded(found.max_over_od),
        frac_time_above_od: rounded(found.frac_time_above_od),
        episodes_above_od: found.episodes_above_od,
        episodes_per_30d: rounded(found.episodes_per_30d),
        median_episode_min: found.median_episode_min.map(rounded),
        max_episode_h: found.max_episode_h.map(rounded),
        mean_price_over_od: rounded(found.mean_price_over_od),
    }
}
