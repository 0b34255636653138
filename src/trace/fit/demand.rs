//! The minimal fit of demand: rhythm, noise, flash crowds.

use super::flash_crowd::{Crowd, find_crowds};
use super::{FitError, median, rounded};
use crate::rng::math::{exp, ln};
use crate::trace::profile::{DemandNoise, DemandProfile, FlashCrowds, LognormalLaw};
use crate::trace::{RateSeries, generate::rhythm_at};
use crate::units::{Duration, Instant};

const HOURS_OF_WEEK: usize = 168;

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
    let per_hour = rows_per_hour(series)?;
    let hourly: Vec<f64> = series.per_second.chunks_exact(per_hour).map(median).collect();
    if hourly.len() < 2 * HOURS_OF_WEEK {
        let found = series.interval.times(series.per_second.len() as i64).to_string();
        return Err(FitError::TooShort { found, needed: "two weeks" });
    }
    let level = weekly_means(&hourly);
    let start = origin + series.start.since_start();
    let hour_of_week = rhythm(&hourly, &level, start)?;
    let residual = residuals(series, per_hour, &level, &hour_of_week, start);
    let minutes = series.interval.as_secs_f64() / 60.0;
    let crowds = find_crowds(&residual, minutes);
    let poisson = poisson_variance(series, per_hour, level.len());
    let weeks = residual.len() as f64 * minutes / (7.0 * 1440.0);
    Ok(DemandProfile {
        source: source.to_string(),
        mean_per_second: rounded(mean(series.per_second.iter().copied())),
        interval: series.interval,
        hour_of_week: hour_of_week.map(|day| day.map(rounded)),
        noise: noise(&residual, &crowds, minutes, poisson),
        flash_crowds: FlashCrowds {
            per_week: rounded(crowds.len() as f64 / weeks),
            height: rounded_law(crowds.iter().map(|crowd| crowd.height)),
            decay_minutes: rounded_law(crowds.iter().map(|crowd| crowd.decay_minutes)),
        },
    })
}

fn rows_per_hour(series: &RateSeries) -> Result<usize, FitError> {
    let (hour, interval) = (Duration::HOUR.nanos(), series.interval.nanos());
    if interval <= 0 || hour % interval != 0 {
        return Err(FitError::Interval { interval: series.interval.to_string() });
    }
    Ok((hour / interval) as usize)
}

/// Mean of the 168 hours around each hour that has them; the first belongs to hour 84.
fn weekly_means(hourly: &[f64]) -> Vec<f64> {
    hourly.windows(HOURS_OF_WEEK).map(|week| mean(week.iter().copied())).collect()
}

/// Hourly median / level by hour of the week, scaled to mean 1.
///
/// Hours count from the beginning of the trace and belong to the clock hour in which their middle lies.
fn rhythm(hourly: &[f64], level: &[f64], start: Instant) -> Result<[[f64; 24]; 7], FitError> {
    let mut ratios = vec![Vec::new(); HOURS_OF_WEEK];
    for (i, level) in level.iter().enumerate() {
        let hour = i + HOURS_OF_WEEK / 2;
        let middle = start + Duration::HOUR.times(hour as i64) + Duration::from_secs(1800);
        if *level <= 0.0 {
            return Err(FitError::Silent(format!("the week around {middle}")));
        }
        ratios[hour_of_week(middle)].push(hourly[hour] / level);
    }
    let medians: Vec<f64> = ratios.iter().map(|ratios| median(ratios)).collect();
    if let Some(silent) = medians.iter().position(|value| *value <= 0.0) {
        return Err(FitError::Silent(format!("hour {} of day {} of the week", silent % 24, silent / 24 + 1)));
    }
    let scale = 1.0 / mean(medians.iter().copied());
    Ok(std::array::from_fn(|day| std::array::from_fn(|hour| medians[day * 24 + hour] * scale)))
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
    start: Instant,
) -> Vec<f64> {
    let first = HOURS_OF_WEEK / 2 * per_hour;
    let expected = |i: usize| {
        let middle = start + series.interval.times(i as i64) + Duration::from_nanos(series.interval.nanos() / 2);
        level[(i - first) / per_hour] * rhythm_at(hour_of_week, middle)
    };
    (first..first + level.len() * per_hour).map(|i| series.per_second[i] / expected(i)).collect()
}

/// Mean of 1 / count: the variance that Poisson counts add to the residual.
fn poisson_variance(series: &RateSeries, per_hour: usize, hours: usize) -> f64 {
    let first = HOURS_OF_WEEK / 2 * per_hour;
    let counts = series.per_second[first..first + hours * per_hour].chunks_exact(per_hour).map(median);
    mean(counts.map(|rate| 1.0 / (rate * series.interval.as_secs_f64()).max(1.0)))
}

/// Slow and fast noise from three autocovariances of the residual outside flash crowds.
fn noise(residual: &[f64], crowds: &[Crowd], minutes: f64, poisson: f64) -> DemandNoise {
    let mut ordinary = vec![true; residual.len()];
    for crowd in crowds {
        ordinary[crowd.first..crowd.end].fill(false);
    }
    let centre = mean(residual.iter().zip(&ordinary).filter(|(_, keep)| **keep).map(|(r, _)| *r));
    let covariance = |lag: usize| {
        let pairs = (lag..residual.len()).filter(|i| ordinary[*i] && ordinary[i - lag]);
        mean(pairs.map(|i| (residual[i] / centre - 1.0) * (residual[i - lag] / centre - 1.0)))
    };
    let (near, far) = ((10.0 / minutes).ceil() as usize, (60.0 / minutes).ceil() as usize);
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
    LognormalLaw { median: rounded(law.median), log_sigma: rounded(law.log_sigma) }
}

/// The mean; 0 of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0u64), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}
