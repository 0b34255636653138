//! Block bootstrap: new series from pieces of old ones, the same pieces for all that belong together.

use super::{AfterEnd, StepSeries};
use crate::rng::{Purpose, Stream};
use crate::units::{Duration, SimTime};

/// A block of a new series and the time that it is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSource {
    /// Beginning of the block.
    pub start: SimTime,
    /// End of the block.
    pub end: SimTime,
    /// Beginning of its source.
    pub source: SimTime,
}

/// How blocks are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// Where the new series ends; it begins at [`SimTime::START`].
    pub end: SimTime,
    /// Length of a block.
    pub block: Duration,
    /// A block moves by multiples of this: a week keeps the weekday, a day the time of day.
    pub step: Duration,
    /// What blocks are taken from.
    pub available: (SimTime, SimTime),
}

impl Blocks {
    /// Draws blocks for a new trace.
    pub fn of_seed(&self, seed: u32) -> Vec<BlockSource> {
        self.draw(&Stream::new(seed, Purpose::TraceResample), 0)
    }

    /// Draws the source of each block, whole steps away from the block itself, from what lies within what is available.
    ///
    /// A block that has no source is taken from its own time.
    pub fn draw(&self, numbers: &Stream, replication: u32) -> Vec<BlockSource> {
        let mut blocks = Vec::new();
        let mut start = SimTime::START;
        while start < self.end {
            let end = (start + self.block).min(self.end);
            let first = -(start - self.available.0).nanos().div_euclid(self.step.nanos());
            let last = (self.available.1 - end).nanos().div_euclid(self.step.nanos());
            let source = if last >= first {
                let u = numbers.uniform(replication, blocks.len() as u64, 0);
                start + self.step.times(first + (u * (last - first + 1) as f64) as i64)
            } else {
                start
            };
            blocks.push(BlockSource { start, end, source });
            start = end;
        }
        blocks
    }
}

/// The series that the blocks make of `series`. Series that are given the same blocks keep what they have to do with each other.
pub fn resampled<T: Copy + PartialEq>(series: &StepSeries<T>, blocks: &[BlockSource]) -> StepSeries<T> {
    let mut steps: Vec<(SimTime, T)> = Vec::new();
    for block in blocks {
        let to = block.source + (block.end - block.start);
        let within = series.steps.iter().filter(|(time, _)| *time > block.source && *time < to);
        let moved = within.map(|(time, value)| (block.start + (*time - block.source), *value));
        for (time, value) in [(block.start, series.at(block.source))].into_iter().chain(moved) {
            if steps.last().is_none_or(|(_, before)| *before != value) {
                steps.push((time, value));
            }
        }
    }
    let end = blocks.last().map_or(SimTime::START, |block| block.end);
    StepSeries { steps, end, after_end: AfterEnd::Undefined }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const WEEK: Duration = Duration::DAY.times(7);

    fn day(day: i64) -> SimTime {
        SimTime::from_secs(day * 86_400)
    }

    #[test]
    fn blocks_keep_their_weekday_and_use_every_week() {
        let blocks = Blocks { end: day(7), block: Duration::DAY, step: WEEK, available: (day(-3), day(25)) };
        let numbers = Stream::new(1, Purpose::Resample);
        let mut weeks = BTreeSet::new();
        for replication in 0..200 {
            let drawn = blocks.draw(&numbers, replication);
            assert_eq!(drawn.len(), 7);
            for block in drawn {
                let shift = (block.source - block.start).nanos();
                assert_eq!(shift.rem_euclid(WEEK.nanos()), 0);
                assert!(block.source >= blocks.available.0 && block.source + Duration::DAY <= blocks.available.1);
                weeks.insert((block.start, shift));
            }
        }
        // Monday (day 0) can come from weeks 0 to 3, Thursday to Saturday (days 4 to 6) also from week -1, but not from week 3.
        assert_eq!(weeks.len(), 4 * 4 + 3 * 4);
    }

    #[test]
    fn traces_shorter_than_a_step_are_taken_as_they_are() {
        let blocks = Blocks { end: day(3), block: Duration::DAY, step: WEEK, available: (SimTime::START, day(3)) };
        let drawn = blocks.draw(&Stream::new(1, Purpose::Resample), 0);
        assert!(drawn.iter().all(|block| block.source == block.start));
    }

    /// Two markets that always have the same value have it in every new series, whatever the days are.
    #[test]
    fn what_belongs_together_stays_together() {
        let hours = |n: i64| SimTime::from_secs(n * 3600);
        let steps = |factor: u32| (0..240).map(|n| (hours(n), n as u32 * factor)).collect();
        let series = |factor| StepSeries { steps: steps(factor), end: hours(240), after_end: AfterEnd::Undefined };
        let blocks = Blocks { end: day(30), block: Duration::DAY, step: Duration::DAY, available: (day(0), day(10)) };
        let drawn = blocks.of_seed(5);
        let (one, two) = (resampled(&series(1), &drawn), resampled(&series(2), &drawn));
        assert_eq!(one.end, day(30));
        for n in 0..720 {
            let (a, b) = (one.at(hours(n)), two.at(hours(n)));
            assert_eq!((2 * a, i64::from(a) % 24), (b, n % 24), "hour {n}");
        }
        assert!(one.steps.iter().map(|(_, value)| value / 24).collect::<BTreeSet<_>>().len() == 10);
    }
}
