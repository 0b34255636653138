//! What a run leaves behind.

use super::background::BackgroundRecord;
use super::{Asked, Event};
use crate::billing::Usage;
use crate::stats::Histogram;
use crate::units::SimTime;

/// Requests of the horizon by what became of them: offered = served + rejected + timed out + lost + in system at end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Arrived.
    pub offered: u64,
    /// Completed, late or not.
    pub served: u64,
    /// Turned away by the queue limit.
    pub rejected: u64,
    /// Left while waiting.
    pub timed_out: u64,
    /// Lost with their instance.
    pub lost: u64,
    /// Never completed: no server was left.
    pub in_system_at_end: u64,
    /// Of the served: later than the objective's latency.
    pub late: u64,
}

impl Counts {
    /// Rejected, timed out or lost.
    pub fn failed(&self) -> u64 {
        self.rejected + self.timed_out + self.lost
    }

    /// Whether every offered request is accounted for.
    pub fn conserved(&self) -> bool {
        self.offered == self.served + self.failed() + self.in_system_at_end
    }
}

/// One interval of the time line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// End of the interval; it begins where the one before ends.
    pub end: SimTime,
    /// 50th, 95th and 99th percentile of the latency of requests completed in it, in seconds; NaN when there were none.
    pub percentiles: [f64; 3],
    /// CPU utilisation of instances in service; NaN when there were none.
    pub cpu: f64,
    /// Mean instances in service: reserved, spot, on-demand.
    pub in_service: [f64; 3],
    /// Requests by arrival in the interval: offered, late, failed.
    pub requests: [u64; 3],
}

/// A patch wave as it went.
#[derive(Debug, Clone)]
pub struct WaveRecord {
    /// When the vulnerability became known.
    pub begun: SimTime,
    /// When instances could be replaced.
    pub replacing_from: SimTime,
    /// When the last instance without the updates was gone; `None` if that did not happen within the horizon.
    pub exposed_until: Option<SimTime>,
    /// When besides every replacement was in service.
    pub settled: Option<SimTime>,
    /// Instances that were replaced by the wave.
    pub replaced: u32,
    /// Instances in service when it began.
    pub in_service_before: u32,
    /// Fewest in service while it ran.
    pub fewest_in_service: u32,
    /// Latency of requests completed in the metric periods in which it ran.
    pub latency: Histogram,
}

/// A replication that was given up, since more requests were late or failed than were to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overrun {
    /// Late requests by then.
    pub late: u64,
    /// Failed requests by then.
    pub failed: u64,
    /// Most on-demand instances at once by then, as in [`RunRecord::most_on_demand`].
    pub most_on_demand: u32,
}

/// What one replication of one mix leaves behind.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Requests.
    pub counts: Counts,
    /// Latency of served requests.
    pub latency: Histogram,
    /// Sum of the latencies of served requests, in seconds.
    pub latency_sum: f64,
    /// Largest latency of a served request, in seconds.
    pub latency_max: f64,
    /// Minutes with requests; of these, minutes in which the objective held.
    pub minutes: [u64; 2],
    /// Requests of those minutes in which the objective held.
    pub requests_in_good_minutes: u64,
    /// CPU utilisation over the horizon: busy slot-seconds (with idle CPU) and slot-seconds in service.
    pub busy_and_capacity: [f64; 2],
    /// The usage log.
    pub usage: Vec<Usage>,
    /// Instances that began to run after the start.
    pub launches: u64,
    /// Launches that failed.
    pub launch_failures: u64,
    /// Notices to running spot instances: when, and in which market.
    pub interruptions: Vec<(SimTime, usize)>,
    /// Signals that a spot instance is at risk: when, and in which market.
    pub rebalance_signals: Vec<(SimTime, usize)>,
    /// What the policies asked for, in order.
    pub asked: Vec<Asked>,
    /// Actions that added on-demand.
    pub scale_outs: u64,
    /// Actions that removed on-demand.
    pub scale_ins: u64,
    /// Most instances running at once.
    pub peak: u32,
    /// Most on-demand instances of the group at once, on their way or in service. With any limit from here on up to the mix's own the
    /// replication would have been the same.
    pub most_on_demand: u32,
    /// The patch wave, if there was one.
    pub patch_wave: Option<WaveRecord>,
    /// Work that could wait, if there was any.
    pub background: Option<BackgroundRecord>,
    /// Late and failed requests by minute of arrival, if they were asked for.
    pub late_and_failed: Vec<[u32; 2]>,
    /// The time line, if it was asked for.
    pub buckets: Vec<Bucket>,
    /// State changes, if they were asked for.
    pub events: Vec<Event>,
}
