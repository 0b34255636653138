//! What arrives in each minute of a replication.

use super::MINUTE;
use crate::workload::{RequestBlock, RequestSource};

/// What arrives in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::engine) struct MinuteLoad {
    /// Requests.
    pub(in crate::engine) requests: f64,
    /// Their work together, in seconds at speed 1.
    pub(in crate::engine) work: f64,
}

/// What arrives in each minute of a replication, the warm-up included.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MinuteLoads {
    /// Minutes before the start.
    before: usize,
    minutes: Vec<MinuteLoad>,
    offered: Vec<u32>,
}

impl MinuteLoads {
    /// Counts the requests of a replication that warms up for `warm_up` seconds before its start.
    pub fn of(mut requests: RequestSource, warm_up: f64) -> Self {
        let mut loads = Self::before(warm_up);
        let mut block = RequestBlock::default();
        while requests.next_block(&mut block) {
            loads.count(&block);
        }
        loads.offered = requests.offered_by_minute().to_vec();
        loads
    }

    /// No requests yet, after a warm-up of this many seconds.
    pub(super) fn before(warm_up: f64) -> Self {
        Self { before: (warm_up / MINUTE).ceil() as usize, ..Self::default() }
    }

    pub(super) fn count(&mut self, block: &RequestBlock) {
        let before = self.before as f64;
        for (arrival, work) in block.arrivals.iter().zip(&block.works) {
            let minute = (arrival / MINUTE + before).max(0.0) as usize;
            if minute >= self.minutes.len() {
                self.minutes.resize(minute + 1, MinuteLoad::default());
            }
            self.minutes[minute].requests += 1.0;
            self.minutes[minute].work += work;
        }
    }

    /// What arrives in the minute that begins `minute` minutes after the start.
    pub(super) fn at(&self, minute: i64) -> MinuteLoad {
        let index = usize::try_from(minute + self.before as i64).unwrap_or(0);
        self.minutes.get(index).copied().unwrap_or_default()
    }

    /// Requests of each minute since the start.
    pub fn offered_by_minute(&self) -> &[u32] {
        &self.offered
    }
}
