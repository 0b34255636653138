//! Changes of a rate series: scale, growth, clip, flash crowds.

use super::{AfterEnd, RateSeries};
use crate::scenario::{MAX_RATE, Transform};
use crate::units::{Duration, SimTime};

/// Most intervals of a series.
pub const MAX_INTERVALS: u64 = 10_000_000;

const YEAR_SECONDS: f64 = 365.0 * 86_400.0;

/// Why a series cannot be changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransformError {
    /// A mean of zero cannot be scaled.
    #[error("the trace has no requests at all, so it cannot be scaled to a mean")]
    NothingToScale,
    /// A rate left the range.
    #[error("the rate becomes {rate:e} requests per second at {} s; at most {MAX_RATE:e} can be simulated", .at.as_secs_f64())]
    TooHigh {
        /// The rate.
        rate: f64,
        /// When.
        at: SimTime,
    },
    /// The series would be too long.
    #[error("the series would have more than {MAX_INTERVALS} intervals up to the horizon")]
    TooLong,
}

/// The series after all transformations, in order.
///
/// What depends on time (growth, flash crowds) does not repeat with the trace: before the first of these, a series
/// that is held or repeated is written out up to `horizon`.
pub fn transformed(
    series: RateSeries,
    transforms: &[Transform],
    horizon: SimTime,
) -> Result<RateSeries, TransformError> {
    let mut series = series;
    for transform in transforms {
        series = match *transform {
            Transform::Scale(factor) => scaled(series, factor),
            Transform::ScaleToMean(mean) => {
                let found = series.per_second.iter().sum::<f64>() / series.per_second.len() as f64;
                if found <= 0.0 {
                    return Err(TransformError::NothingToScale);
                }
                if !found.is_finite() {
                    return Err(TransformError::TooHigh { rate: found, at: series.start });
                }
                scaled(series, mean / found)
            }
            Transform::GrowthPerYear(growth) => grown(written_out(series, horizon)?, growth),
            Transform::Clip(limit) => mapped(series, |_, rate| rate.min(limit)),
            Transform::FlashCrowd { at, peak_per_second, decay } => {
                let series = written_out(series, horizon)?;
                with_flash_crowd(series, SimTime::START + at, peak_per_second, decay)
            }
        };
    }
    match series.per_second.iter().position(|rate| !(0.0..=MAX_RATE).contains(rate)) {
        None => Ok(series),
        Some(index) => Err(TransformError::TooHigh { rate: series.per_second[index], at: start_of(&series, index) }),
    }
}

fn start_of(series: &RateSeries, index: usize) -> SimTime {
    series.start + series.interval.times(index as i64)
}

fn mapped(series: RateSeries, change: impl Fn(SimTime, f64) -> f64) -> RateSeries {
    let (start, interval) = (series.start, series.interval);
    let per_second = series.per_second.into_iter().enumerate();
    let per_second = per_second.map(|(index, rate)| change(start + interval.times(index as i64), rate)).collect();
    RateSeries { per_second, ..series }
}

fn scaled(series: RateSeries, factor: f64) -> RateSeries {
    mapped(series, |_, rate| rate * factor)
}

/// Continuous growth from the scenario's start, taken at the middle of each interval.
fn grown(series: RateSeries, growth: f64) -> RateSeries {
    let half = 0.5 * series.interval.as_secs_f64();
    mapped(series, |start, rate| {
        let years = (start.as_secs_f64() + half).max(0.0) / YEAR_SECONDS;
        rate * libm::pow(1.0 + growth, years)
    })
}

/// Adds the mean over each interval of `peak · exp(-(t - at) / decay)`, which begins at `at`.
fn with_flash_crowd(series: RateSeries, at: SimTime, peak: f64, decay: Duration) -> RateSeries {
    let (interval, decay) = (series.interval.as_secs_f64(), decay.as_secs_f64());
    mapped(series, |start, rate| {
        let end = (start - at).as_secs_f64() + interval;
        if end <= 0.0 {
            return rate;
        }
        let begin = (start - at).as_secs_f64().max(0.0);
        rate + peak * decay * (libm::exp(-begin / decay) - libm::exp(-end / decay)) / interval
    })
}

/// The same rates up to `horizon` without holding or repeating.
fn written_out(mut series: RateSeries, horizon: SimTime) -> Result<RateSeries, TransformError> {
    if series.after_end == AfterEnd::Undefined || series.end() >= horizon {
        return Ok(series);
    }
    let missing = (horizon - series.end()).rounded_up_to(series.interval).nanos() / series.interval.nanos();
    let length = series.per_second.len();
    if length as u64 + missing as u64 > MAX_INTERVALS {
        return Err(TransformError::TooLong);
    }
    let rest: Vec<f64> = (0..missing as usize).map(|index| series.at(start_of(&series, length + index))).collect();
    series.per_second.extend(rest);
    series.after_end = AfterEnd::Hold;
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(per_second: &[f64], after_end: AfterEnd) -> RateSeries {
        let interval = Duration::from_secs(60);
        RateSeries { start: SimTime::START, interval, per_second: per_second.to_vec(), after_end }
    }

    fn rates(series: RateSeries, transforms: &[Transform]) -> Vec<f64> {
        transformed(series, transforms, SimTime::from_secs(240)).unwrap().per_second
    }

    #[test]
    fn transformations_apply_in_order() {
        let both = [Transform::ScaleToMean(2.0), Transform::Clip(2.5)];
        assert_eq!(rates(series(&[1.0, 3.0], AfterEnd::Hold), &both), [1.0, 2.5]);
        let other_way = [Transform::Clip(2.0), Transform::Scale(10.0)];
        assert_eq!(rates(series(&[1.0, 3.0], AfterEnd::Hold), &other_way), [10.0, 20.0]);
    }

    #[test]
    fn a_flash_crowd_does_not_repeat_with_the_trace_and_keeps_its_area() {
        let crowd =
            Transform::FlashCrowd { at: Duration::from_secs(90), peak_per_second: 10.0, decay: Duration::from_secs(1) };
        let found = rates(series(&[1.0, 2.0], AfterEnd::Repeat), &[crowd]);
        assert_eq!((found[0], found.len()), (1.0, 4));
        // Nearly all of the crowd (area 10 · 1 s) falls into the half minute after 90 s.
        assert!((found[1] - (2.0 + 10.0 / 60.0)).abs() < 1e-9, "{found:?}");
        assert!((found[2] - 1.0).abs() < 1e-9 && (found[3] - 2.0).abs() < 1e-9);
    }

    #[test]
    fn growth_is_continuous_over_the_year() {
        let year = Duration::from_secs(365 * 86_400);
        let half =
            RateSeries { start: SimTime::START, interval: year, per_second: vec![1.0], after_end: AfterEnd::Undefined };
        let found = transformed(half, &[Transform::GrowthPerYear(0.44)], SimTime::START + year).unwrap();
        assert!((found.per_second[0] - 1.2).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn impossible_results_are_errors() {
        let run = |transform| transformed(series(&[0.0], AfterEnd::Repeat), &[transform], SimTime::from_secs(60));
        assert_eq!(run(Transform::ScaleToMean(1.0)), Err(TransformError::NothingToScale));
        let huge = series(&[f64::MAX, f64::MAX], AfterEnd::Hold);
        let huge = transformed(huge, &[Transform::ScaleToMean(1.0)], SimTime::START);
        assert!(matches!(huge, Err(TransformError::TooHigh { .. })));
        let high = transformed(series(&[1.0], AfterEnd::Hold), &[Transform::Scale(1e300)], SimTime::START);
        assert!(matches!(high, Err(TransformError::TooHigh { .. })));
        let long = transformed(
            series(&[1.0], AfterEnd::Repeat),
            &[Transform::GrowthPerYear(0.1)],
            SimTime::from_secs(60 * 10_000_001),
        );
        assert_eq!(long, Err(TransformError::TooLong));
    }
}
