//! Block bootstrap over days: which part of the traces each block of a replication is taken from.

use crate::rng::{Purpose, Stream};
use crate::units::{Duration, SimTime};

/// A block of the horizon and the time of the traces that it is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSource {
    /// Beginning of the block.
    pub start: SimTime,
    /// End of the block.
    pub end: SimTime,
    /// Beginning of its source.
    pub source: SimTime,
}

/// Draws the source of each block of `horizon`, whole weeks away from the block itself so that weekday and time of day are kept,
/// from what lies within `available`.
///
/// A block that has no source (the traces are shorter than a week) is taken from its own time.
pub fn draw_blocks(
    horizon: SimTime,
    block: Duration,
    available: (SimTime, SimTime),
    seed: u32,
    replication: u32,
) -> Vec<BlockSource> {
    let numbers = Stream::new(seed, Purpose::Resample);
    let week = Duration::DAY.times(7);
    let mut blocks = Vec::new();
    let mut start = SimTime::START;
    while start < horizon {
        let end = (start + block).min(horizon);
        let first = -(start - available.0).nanos().div_euclid(week.nanos());
        let last = (available.1 - end).nanos().div_euclid(week.nanos());
        let source = if last >= first {
            let u = numbers.uniform(replication, blocks.len() as u64, 0);
            let choice = first + (u * (last - first + 1) as f64) as i64;
            start + week.times(choice)
        } else {
            start
        };
        blocks.push(BlockSource { start, end, source });
        start = end;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn blocks_keep_their_weekday_and_use_every_week() {
        let day = |d: i64| SimTime::from_secs(d * 86_400);
        let available = (day(-3), day(25));
        let mut weeks = BTreeSet::new();
        for replication in 0..200 {
            let blocks = draw_blocks(day(7), Duration::DAY, available, 1, replication);
            assert_eq!(blocks.len(), 7);
            for block in blocks {
                let shift = (block.source - block.start).nanos();
                assert_eq!(shift.rem_euclid(7 * 86_400_000_000_000), 0);
                assert!(block.source >= available.0 && block.source + Duration::DAY <= available.1);
                weeks.insert((block.start, shift));
            }
        }
        // Monday (day 0) can come from weeks 0 to 3, Thursday to Saturday (days 4 to 6) also from week -1, but not from week 3.
        assert_eq!(weeks.len(), 4 * 4 + 3 * 4);
    }

    #[test]
    fn traces_shorter_than_a_week_are_taken_as_they_are() {
        let end = SimTime::from_secs(3 * 86_400);
        let blocks = draw_blocks(end, Duration::DAY, (SimTime::START, end), 1, 0);
        assert!(blocks.iter().all(|block| block.source == block.start));
    }
}
