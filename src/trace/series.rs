//! Time series on the scenario's time axis.

use crate::units::{Duration, Rate, SimTime};

/// What a series is beyond its last value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterEnd {
    /// Undefined: whoever asks has checked that the series is long enough.
    Undefined,
    /// The last value holds.
    Hold,
    /// It starts again.
    Repeat,
}

/// Requests per second in consecutive intervals of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct RateSeries {
    /// Beginning of the first interval (may lie before the scenario's start).
    pub start: SimTime,
    /// Length of an interval.
    pub interval: Duration,
    /// Requests per second in each interval, finite and not negative.
    pub per_second: Vec<f64>,
    /// What follows the last interval.
    pub after_end: AfterEnd,
}

impl RateSeries {
    /// End of the last interval.
    pub fn end(&self) -> SimTime {
        self.start + self.interval.times(self.per_second.len() as i64)
    }

    /// The rate at `time` in requests per second; before the start the first value, beyond an undefined end the last.
    pub fn at(&self, time: SimTime) -> f64 {
        let offset = (time - self.start).nanos().div_euclid(self.interval.nanos());
        let length = self.per_second.len() as i64;
        let index = match self.after_end {
            AfterEnd::Repeat if offset >= length => offset.rem_euclid(length),
            _ => offset.clamp(0, length - 1),
        };
        self.per_second[index as usize]
    }
}

/// A step function: `steps[i].1` holds from `steps[i].0` to the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSeries<T> {
    /// Times in strictly increasing order, and values. Never empty.
    pub steps: Vec<(SimTime, T)>,
    /// Where the series ends (exclusive), for repetition and coverage; for traces of records the last one's time.
    pub end: SimTime,
    /// What follows the end.
    pub after_end: AfterEnd,
}

/// A price over time.
pub type PriceSeries = StepSeries<Rate>;

/// How many instances there are, or could be had, over time.
pub type CountSeries = StepSeries<u32>;

impl<T: Copy> StepSeries<T> {
    /// The value at `time`; before the first step its value.
    pub fn at(&self, time: SimTime) -> T {
        let time = match self.after_end {
            AfterEnd::Repeat if time >= self.end => {
                let (first, length) = (self.steps[0].0, self.end - self.steps[0].0);
                first + Duration::from_nanos((time - first).nanos().rem_euclid(length.nanos()))
            }
            _ => time,
        };
        let index = self.steps.partition_point(|(start, _)| *start <= time);
        self.steps[index.saturating_sub(1)].1
    }

    /// Each value with the seconds for which it held.
    pub fn held(&self) -> impl Iterator<Item = (T, f64)> + '_ {
        let ends = self.steps.iter().skip(1).map(|(time, _)| *time).chain([self.end]);
        self.steps.iter().zip(ends).map(|((from, value), end)| (*value, (end - *from).as_secs_f64()))
    }

    /// The part from `from` to `to`, at whose beginning the value that holds there begins; `None` if there is no such time.
    pub fn within(&self, from: SimTime, to: SimTime) -> Option<Self> {
        let later = self.steps.iter().filter(|(time, _)| *time > from && *time <= to);
        let steps = [(from, self.at(from))].into_iter().chain(later.copied()).collect();
        (from < to).then_some(Self { steps, end: to, after_end: AfterEnd::Undefined })
    }
}
