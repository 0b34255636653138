//! A request on its way, and what holds for all of them.

use crate::units::{grid_at_or_after, on_grid};
use crate::workload::RequestBlock;

/// What holds for every request.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Rules {
    /// Requests that may wait, see each kernel for where.
    pub(super) queue_limit: Option<u32>,
    /// How long a client waits, in seconds, where requests bring no patience of their own.
    pub(super) timeout: f64,
    /// Whether a request that is lost with its instance is sent again.
    pub(super) retry: bool,
}

impl Rules {
    /// The timeout is rounded to the grid of request times.
    pub(in crate::engine) fn new(queue_limit: Option<u32>, timeout: f64, retry: bool) -> Self {
        Self { queue_limit, timeout: on_grid(timeout), retry }
    }
}

/// A request that waits, or that is served.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::engine) struct Client {
    /// Its number in the replication, in order of arrival.
    pub(super) number: u64,
    /// How often it was sent again.
    pub(super) attempt: u32,
    /// When it arrived first: its latency counts from there.
    pub(super) arrival: f64,
    /// When it was sent the last time: its patience counts from there.
    pub(super) since: f64,
    /// Work in seconds at speed 1.
    pub(super) work: f64,
    /// How long it waits.
    pub(super) patience: f64,
}

impl Client {
    /// When it gives up.
    #[inline(always)]
    pub(super) fn deadline(&self) -> f64 {
        self.since + self.patience
    }

    /// The same request, sent again at the first time of the grid from `now` on.
    pub(super) fn again(self, now: f64) -> Self {
        Self { attempt: self.attempt.saturating_add(1), since: grid_at_or_after(now), ..self }
    }
}

/// A request of a block, the `number`-th of its replication.
#[inline(always)]
pub(super) fn client_of(block: &RequestBlock, index: usize, number: u64, rules: &Rules) -> Client {
    let arrival = block.arrivals[index];
    let patience = block.patiences.get(index).copied().unwrap_or(rules.timeout);
    Client { number, attempt: 0, arrival, since: arrival, work: block.works[index], patience }
}

/// How long a request takes on an instance that needs `seconds_per_work`.
#[inline(always)]
pub(super) fn service_time(work: f64, seconds_per_work: f64) -> f64 {
    on_grid(work * seconds_per_work)
}

/// The smaller of two numbers: one instruction, where `f64::min` would also care for NaN.
#[inline(always)]
pub(super) fn earlier(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The larger of two numbers.
#[inline(always)]
pub(super) fn later(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
