//! The minimal fit of demand: rhythm, noise, flash crowds.

use super::flash_crowd::{Crowd, find_crowds};
use super::{FitError, median, rounded};
use crate::rng::math::{exp, ln};
use crate::trace::profile::{DemandNoise, DemandProfile, FlashCrowds, LognormalLaw};
use crate::trace::{RateSeries, generate::rhythm_at};
use crate::units::{Duration, Instant};

const HOURS_OF_WEEK: usize = 168;
/// What a residual is where all is as expected.
const EXPECTED: f64 = 1.0;

/// Measures the profile of a demand trace; `origin` is the instant of [`SimTime::START`](crate::units::SimTime::START).
///
/// Classical decomposition, made robust by hourly medians:
/// 1. *level*: mean of the hourly medians of the week around each hour (so a trend or growth is no rhythm); the first and
///    the last half week have no such window and are left out;
/// 2. *rhythm*: median over the weeks of hourly median / level, by hour of the week, scaled to mean 1;
/// 3. *residual*: rate / (level · rhythm), around 1;
/// 4. *flash crowds*: the residual averaged over five minutes is at least 1.5 times its median of the six hours around. Height:
///    its peak / that median - 1; decay: area of the rise / height, as for an exponential;
/// 5. *noise*, without flash crowds: autocovariance c of the residual. c(10 min) and c(60 min) give variance and time constant of
///    the slow part, c(0) minus that and minus the Poisson variance (1 / mean count) the fast part.
///
/// The mean is that of the whole trace. Needs two weeks, and an interval that divides an hour.
pub fn fit_demand(series: &RateSeries, origin: Instant, source: &str) -> Result<DemandProfile, FitError> {
    fit(series, origin, source, Wanted::default())
}

/// [`fit_demand`] for any trace, with what real ones have beyond it:
///
/// - *trend*: growth per week, the median of the slopes between daily means of the same weekday (Theil and Sen), from traces of two
///   weeks on;
/// - a trace too short for the hour of the week has the hour of the day (from two days on), or no rhythm at all;
/// - hours of the week without requests are silent hours, not an error;
/// - a flash crowd rises above what is expected, also where its surroundings are quiet, and none is higher or longer than the
///   largest that was found;
/// - the mean is that without flash crowds, in the middle of the trace.
pub fn fit_any_demand(series: &RateSeries, origin: Instant, source: &str) -> Result<DemandProfile, FitError> {
    let hours = (series.end() - series.start).as_hours_f64();
    let period = match hours {
        hours if hours >= 2.0 * HOURS_OF_WEEK as f64 => HOURS_OF_WEEK,
        hours if hours >= 48.0 => 24,
        _ => return fit_level(series, source),
    };
    let mut profile = fit(series, origin, source, Wanted { period, window: period, any: true })?;
    profile.growth_per_week = rounded(trend(series));
    // The mean of the growth over the whole trace, from -x to x around its middle.
    let x = 0.5 * ln(1.0 + profile.growth_per_week) * hours / HOURS_OF_WEEK as f64;
    let growth = if x.abs() > 1e-6 { (exp(x) - exp(-x)) / (2.0 * x) } else { 1.0 };
    profile.mean_per_second = rounded(profile.mean_per_second / growth);
    Ok(profile)
}

/// The profile of a trace too short for any rhythm: noise and flash crowds around its mean. The lags of its noise are one interval
/// and six.
fn fit_level(series: &RateSeries, source: &str) -> Result<DemandProfile, FitError> {
    let minutes = series.interval.as_secs_f64() / 60.0;
    let average = mean(series.per_second.iter().copied());
    if average <= 0.0 || series.per_second.len() < 60 {
        let found = format!("{} intervals with {average} requests per second", series.per_second.len());
        return Err(FitError::TooShort { found, needed: "60 intervals and some requests" });
    }
    let residual: Vec<f64> = series.per_second.iter().map(|rate| rate / average).collect();
    let poisson = 1.0 / (average * series.interval.as_secs_f64());
    let crowds = find_crowds(&residual, minutes, EXPECTED);
    let noise = noise(&residual, &crowds, minutes, poisson, (1, 6));
    let flat = [[1.0; 24]; 7];
    Ok(without_crowds(profile(series, source, flat, noise, &crowds, residual.len()), &crowds, residual.len()))
}

/// What a fit looks for.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    /// Hours after which the rhythm repeats.
    period: usize,
    /// Hours over which the level is averaged.
    window: usize,
    /// Whether the trace may be any: with silent hours, and with flash crowds out of quiet surroundings.
    any: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { period: HOURS_OF_WEEK, window: HOURS_OF_WEEK, any: false }
    }
}

fn fit(series: &RateSeries, origin: Instant, source: &str, wanted: Wanted) -> Result<DemandProfile, FitError> {
    let per_hour = rows_per_hour(series)?;
    let hourly: Vec<f64> = series.per_second.chunks_exact(per_hour).map(median).collect();
    if hourly.len() < 2 * wanted.window || hourly.is_empty() {
        let found = series.interval.times(series.per_second.len() as i64).to_string();
        let needed = if wanted.any { "an hour" } else { "two weeks" };
        return Err(FitError::TooShort { found, needed });
    }
    let level = running_means(&hourly, wanted.window);
    let start = origin + series.start.since_start();
    let hour_of_week = rhythm(&hourly, &level, start, wanted)?;
    let residual = residuals(series, per_hour, &level, &hour_of_week, (start, wanted.window));
    let minutes = series.interval.as_secs_f64() / 60.0;
    let crowds = find_crowds(&residual, minutes, if wanted.any { EXPECTED } else { 0.0 });
    let poisson = poisson_variance(series, per_hour, level.len(), wanted.window);
    let near = (10.0 / minutes).ceil() as usize;
    let far = ((60.0 / minutes).ceil() as usize).max(near + 1);
    let noise = noise(&residual, &crowds, minutes, poisson, (near, far));
    let found = profile(series, source, hour_of_week, noise, &crowds, residual.len());
    Ok(if wanted.any { without_crowds(found, &crowds, residual.len()) } else { found })
}

/// A profile whose mean is that without the flash crowds, and whose crowds are at most as large as those that were found.
fn without_crowds(mut profile: DemandProfile, crowds: &[Crowd], intervals: usize) -> DemandProfile {
    let minutes = intervals as f64 * profile.interval.as_secs_f64() / 60.0;
    let area: f64 = crowds.iter().map(|crowd| crowd.height * crowd.decay_minutes).sum();
    profile.mean_per_second = rounded(profile.mean_per_second / (1.0 + area / minutes));
    let most = |value: fn(&Crowd) -> f64| crowds.iter().map(value).reduce(f64::max).map(rounded);
    profile.flash_crowds.height.most = most(|crowd| crowd.height);
    profile.flash_crowds.decay_minutes.most = most(|crowd| crowd.decay_minutes);
    profile
}

/// The profile of what was measured in `intervals` intervals.
fn profile(
    series: &RateSeries,
    source: &str,
    hour_of_week: [[f64; 24]; 7],
    noise: DemandNoise,
    crowds: &[Crowd],
    intervals: usize,
) -> DemandProfile {
    let weeks = intervals as f64 * (series.interval.as_secs_f64() / 60.0) / (7.0 * 1440.0);
    DemandProfile {
        source: source.to_string(),
        growth_per_week: 0.0,
        mean_per_second: rounded(mean(series.per_second.iter().copied())),
        interval: series.interval,
        hour_of_week: hour_of_week.map(|day| day.map(rounded)),
        noise,
        flash_crowds: FlashCrowds {
            per_week: rounded(crowds.len() as f64 / weeks),
            height: rounded_law(crowds.iter().map(|crowd| crowd.height)),
            decay_minutes: rounded_law(crowds.iter().map(|crowd| crowd.decay_minutes)),
        },
    }
}

fn rows_per_hour(series: &RateSeries) -> Result<usize, FitError> {
    let (hour, interval) = (Duration::HOUR.nanos(), series.interval.nanos());
    if interval <= 0 || hour % interval != 0 {
        return Err(FitError::Interval { interval: series.interval.to_string() });
    }
    Ok((hour / interval) as usize)
}

/// Mean of the `window` hours around each hour that has them; the first belongs to hour `window / 2`.
fn running_means(hourly: &[f64], window: usize) -> Vec<f64> {
    hourly.windows(window).map(|hours| mean(hours.iter().copied())).collect()
}

/// Growth per week as a factor less one: the median slope between daily means.
fn trend(series: &RateSeries) -> f64 {
    let per_day = (Duration::DAY.nanos() / series.interval.nanos()).max(1) as usize;
    let days: Vec<f64> = series.per_second.chunks_exact(per_day).map(|day| mean(day.iter().copied())).collect();
    if days.len() < 14 {
        return 0.0;
    }
    let mut slopes = Vec::new();
    let logs: Vec<Option<f64>> = days.iter().map(|day| (*day > 0.0).then(|| ln(*day))).collect();
    for (first, a) in logs.iter().enumerate() {
        // Days of the same weekday only: the rhythm is no trend.
        for (weeks, b) in (1..).zip(logs.iter().skip(first + 7).step_by(7)) {
            slopes.extend(a.zip(*b).map(|(a, b)| (b - a) / f64::from(weeks)));
        }
    }
    exp(median(&slopes)) - 1.0
}

/// Hourly median / level by hour of the week, scaled to mean 1.
///
/// Hours count from the beginning of the trace and belong to the clock hour in which their middle lies.
fn rhythm(hourly: &[f64], level: &[f64], start: Instant, wanted: Wanted) -> Result<[[f64; 24]; 7], FitError> {
    let mut ratios = vec![Vec::new(); HOURS_OF_WEEK];
    for (i, level) in level.iter().enumerate() {
        let hour = i + wanted.window / 2;
        let middle = start + Duration::HOUR.times(hour as i64) + Duration::from_secs(1800);
        if *level <= 0.0 {
            if wanted.any {
                continue;
            }
            return Err(FitError::Silent(format!("the week around {middle}")));
        }
        for same in (hour_of_week(middle) % wanted.period..HOURS_OF_WEEK).step_by(wanted.period) {
            ratios[same].push(hourly[hour] / level);
        }
    }
    let medians: Vec<f64> = ratios.iter().map(|ratios| median(ratios)).collect();
    if let Some(silent) = medians.iter().position(|value| *value <= 0.0).filter(|_| !wanted.any) {
        return Err(FitError::Silent(format!("hour {} of day {} of the week", silent % 24, silent / 24 + 1)));
    }
    let average = mean(medians.iter().copied());
    if average <= 0.0 {
        return Err(FitError::Silent("most hours of the week".to_string()));
    }
    Ok(std::array::from_fn(|day| std::array::from_fn(|hour| medians[day * 24 + hour] * (1.0 / average))))
}

/// The hour of the week that `instant` lies in, 0 being Monday 0 to 1 h UTC. 1970-01-01 was a Thursday.
fn hour_of_week(instant: Instant) -> usize {
    (instant.unix_seconds() / 3600 + 3 * 24).rem_euclid(HOURS_OF_WEEK as i64) as usize
}

/// Rate / (level · rhythm) of each interval of the hours that have a level.
fn residuals(
    series: &RateSeries,
    per_hour: usize,
    level: &[f64],
    hour_of_week: &[[f64; 24]; 7],
    (start, window): (Instant, usize),
) -> Vec<f64> {
    let first = window / 2 * per_hour;
    let expected = |i: usize| {
        let middle = start + series.interval.times(i as i64) + Duration::from_nanos(series.interval.nanos() / 2);
        level[(i - first) / per_hour] * rhythm_at(hour_of_week, middle)
    };
    // Where nothing is expected nothing is learnt: as expected.
    let ratio = |i: usize| match expected(i) {
        expected if expected > 0.0 => series.per_second[i] / expected,
        _ => 1.0,
    };
    (first..first + level.len() * per_hour).map(ratio).collect()
}

/// Mean of 1 / count: the variance that Poisson counts add to the residual.
fn poisson_variance(series: &RateSeries, per_hour: usize, hours: usize, window: usize) -> f64 {
    let first = window / 2 * per_hour;
    let counts = series.per_second[first..first + hours * per_hour].chunks_exact(per_hour).map(median);
    mean(counts.map(|rate| 1.0 / (rate * series.interval.as_secs_f64()).max(1.0)))
}

/// Slow and fast noise from three autocovariances of the residual outside flash crowds: at no lag, and at those that are given in
/// intervals.
fn noise(residual: &[f64], crowds: &[Crowd], minutes: f64, poisson: f64, (near, far): (usize, usize)) -> DemandNoise {
    let mut ordinary = vec![true; residual.len()];
    for crowd in crowds {
        ordinary[crowd.first..crowd.end].fill(false);
    }
    let centre = mean(residual.iter().zip(&ordinary).filter(|(_, keep)| **keep).map(|(r, _)| *r));
    let covariance = |lag: usize| {
        let pairs = (lag..residual.len()).filter(|i| ordinary[*i] && ordinary[i - lag]);
        mean(pairs.map(|i| (residual[i] / centre - 1.0) * (residual[i - lag] / centre - 1.0)))
    };
    let (at_near, at_far) = (covariance(near).max(0.0), covariance(far).max(0.0));
    let distance = (far - near) as f64 * minutes;
    let slow_minutes = match at_far / at_near {
        share if share > 0.0 && share < 1.0 => (-distance / ln(share)).clamp(1.0, 1440.0),
        share if share >= 1.0 => 1440.0,
        _ => 10.0,
    };
    let slow = at_near * exp(near as f64 * minutes / slow_minutes);
    let fast = (covariance(0) - slow - poisson).max(0.0);
    DemandNoise { slow_cv: rounded(slow.sqrt()), slow_minutes: rounded(slow_minutes), fast_cv: rounded(fast.sqrt()) }
}

fn rounded_law(values: impl Iterator<Item = f64>) -> LognormalLaw {
    let law = LognormalLaw::of(&values.collect::<Vec<_>>());
    LognormalLaw { median: rounded(law.median), log_sigma: rounded(law.log_sigma), most: None }
}

/// The mean; 0 of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0u64), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}
