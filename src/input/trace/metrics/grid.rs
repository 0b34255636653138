//! Samples on an even grid of time.

use super::MetricSeries;
use crate::trace::MAX_INTERVALS;
use crate::units::Duration;
use std::collections::BTreeMap;

/// A series with one place for each interval.
#[derive(Debug, Clone, PartialEq)]
pub struct EvenSeries {
    /// Beginning of the first interval, in nanoseconds since 1970.
    pub start: i64,
    /// Length of an interval.
    pub interval: Duration,
    /// Values; `None` where the file has none.
    pub values: Vec<Option<f64>>,
    /// What was strange and how it was understood.
    pub remarks: Vec<String>,
}

impl EvenSeries {
    /// How many intervals have no value.
    pub fn missing(&self) -> usize {
        self.values.iter().filter(|value| value.is_none()).count()
    }
}

impl MetricSeries {
    /// The distance that most neighbouring samples have; `None` with a single sample.
    pub fn interval(&self) -> Option<Duration> {
        let mut distances: BTreeMap<i64, usize> = BTreeMap::new();
        for pair in self.samples.windows(2) {
            *distances.entry(pair[1].0.saturating_sub(pair[0].0)).or_default() += 1;
        }
        let most = distances.into_iter().max_by_key(|(distance, count)| (*count, std::cmp::Reverse(*distance)));
        most.map(|(distance, _)| Duration::from_nanos(distance))
    }

    /// The samples on a grid of `every`, the distance that most of them have unless given. Those beside the grid are put into the
    /// interval that they fall in, where several are added up if `counts`, and averaged else.
    pub fn even(&self, every: Option<Duration>, counts: bool) -> Result<EvenSeries, String> {
        let alone = || "a single sample does not tell how long it holds; state the interval".to_string();
        let interval = every.or_else(|| self.interval()).ok_or_else(alone)?;
        let (step, first) = (interval.nanos(), self.samples[0].0);
        if step <= 0 {
            return Err(format!("an interval must be longer than 0s, found {interval}"));
        }
        let beside = self.samples.iter().filter(|(time, _)| time.saturating_sub(first).rem_euclid(step) != 0).count();
        let start = if beside == 0 { first } else { first.div_euclid(step) * step };
        let last = self.samples[self.samples.len() - 1].0;
        let length = (i128::from(last) - i128::from(start)) / i128::from(step) + 1;
        if length > i128::from(MAX_INTERVALS) {
            return Err(format!(
                "the samples span {length} intervals of {interval}; at most {MAX_INTERVALS} can be used"
            ));
        }
        let mut sums = vec![(0.0, 0u32); length as usize];
        for (time, value) in &self.samples {
            let (sum, count) = &mut sums[((i128::from(*time) - i128::from(start)) / i128::from(step)) as usize];
            (*sum, *count) = (*sum + value, *count + 1);
        }
        let mut remarks = Vec::new();
        if beside > 0 {
            let joined = if counts { "added up" } else { "averaged" };
            remarks.push(format!(
                "{beside} of {} samples lie beside a grid of {interval}: each counts in the interval it falls in, several \
                 in one are {joined}",
                self.samples.len()
            ));
        }
        let value = |(sum, count): (f64, u32)| match count {
            0 => None,
            _ if counts => Some(sum),
            _ => Some(sum / f64::from(count)),
        };
        Ok(EvenSeries { start, interval, values: sums.into_iter().map(value).collect(), remarks })
    }
}
