//! What is counted while a replication runs.

use super::kernel::{Booking, REJECTED, SlotClass, TIMED_OUT};
use super::record::{Bucket, Counts};
use crate::simd::{Isa, compiled_for_each_isa};
use crate::stats::Histogram;
use crate::units::{Duration, GRID, SimTime, steps_of_grid};

/// Sums over one metric period, or over several.
#[derive(Debug, Clone, Copy, Default)]
struct Integrals {
    /// Busy slot-seconds by class of slot.
    busy: [f64; 3],
    /// Slot-seconds in service: warming, warm.
    capacity: [f64; 2],
    /// Slot-seconds in service × idle CPU: warming, warm.
    idle: [f64; 2],
    /// Instance-seconds in service by purchase option.
    in_service: [f64; 3],
}

impl Integrals {
    fn add(&mut self, other: &Integrals) {
        for i in 0..3 {
            self.busy[i] += other.busy[i];
            self.in_service[i] += other.in_service[i];
        }
        for i in 0..2 {
            self.capacity[i] += other.capacity[i];
            self.idle[i] += other.idle[i];
        }
    }

    /// Busy (with idle CPU) and capacity of everything in service.
    fn utilisation(&self) -> [f64; 2] {
        let capacity = self.capacity[0] + self.capacity[1];
        let busy = self.busy[SlotClass::Warming as usize] + self.busy[SlotClass::Warm as usize];
        [(busy + self.idle[0] + self.idle[1]).min(capacity), capacity]
    }
}

/// What is in service now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct InService {
    /// Slots: warming, warm.
    pub(super) slots: [f64; 2],
    /// Slots × idle CPU: warming, warm.
    pub(super) idle: [f64; 2],
    /// Instances by purchase option.
    pub(super) instances: [u32; 3],
}

/// Completions that are booked together.
const TOGETHER: usize = 256;

/// Completions that are not booked yet. None of the sums that they go into depends on an order.
#[derive(Debug)]
struct Pending {
    arrivals: [f64; TOGETHER],
    latencies: [f64; TOGETHER],
    /// Less than [`TOGETHER`] between two calls.
    count: usize,
}

/// The counters of a replication.
#[derive(Debug)]
pub(super) struct Meter {
    late_after: f64,
    pending: Box<Pending>,
    pub(super) counts: Counts,
    /// Completions of the current period.
    period_latency: Histogram,
    /// Of these, requests that arrived during the warm-up: visible to alarms, not counted.
    uncounted: Histogram,
    any_uncounted: bool,
    pub(super) latency: Histogram,
    /// In steps of the grid of request times: exact.
    latency_sum: u64,
    pub(super) latency_max: f64,
    late_by_minute: Vec<u32>,
    failed_by_minute: Vec<u32>,
    period: Integrals,
    horizon: Integrals,
    pub(super) in_service: InService,
    /// Up to when capacity is integrated.
    integrated_until: SimTime,
    bucket: Option<OpenBucket>,
    pub(super) buckets: Vec<Bucket>,
}

#[derive(Debug)]
struct OpenBucket {
    latency: Histogram,
    sums: Integrals,
    start: SimTime,
}

impl Booking for Meter {
    #[inline(always)]
    fn completed(&mut self, arrival: f64, finish: f64) {
        let pending = &mut *self.pending;
        // The mask changes nothing, but no bounds have to be checked behind it.
        let index = pending.count & (TOGETHER - 1);
        pending.arrivals[index] = arrival;
        pending.latencies[index] = finish - arrival;
        pending.count = index + 1;
        if pending.count == TOGETHER {
            self.book_pending();
        }
    }

    fn book_all(&mut self, arrivals: &[f64], outcomes: &[f64]) {
        let isa = Isa::best();
        self.period_latency.add_all(isa, outcomes);
        let counted = arrivals.partition_point(|arrival| *arrival < 0.0);
        outcomes[..counted].iter().filter(|x| **x >= 0.0).for_each(|latency| self.uncounted_completion(*latency));
        let (mut arrivals, mut outcomes) = (&arrivals[counted..], &outcomes[counted..]);
        while let Some(first) = arrivals.first() {
            let minute = (first / 60.0) as usize;
            let ends = (minute + 1) as f64 * 60.0;
            let length = if arrivals[arrivals.len() - 1] < ends {
                arrivals.len()
            } else {
                arrivals.partition_point(|arrival| *arrival < ends)
            };
            let tally = tally(isa, &outcomes[..length], self.late_after);
            self.latency_sum += tally.sum;
            self.latency_max = self.latency_max.max(tally.max);
            self.counts.late += tally.late;
            self.counts.timed_out += tally.timed_out;
            self.counts.rejected += tally.rejected;
            self.late_by_minute[minute] += tally.late as u32;
            self.failed_by_minute[minute] += (tally.timed_out + tally.rejected) as u32;
            (arrivals, outcomes) = (&arrivals[length..], &outcomes[length..]);
        }
    }

    fn lost(&mut self, arrival: f64) {
        if arrival >= 0.0 {
            self.counts.lost += 1;
            self.failed_by_minute[(arrival / 60.0) as usize] += 1;
        }
    }

    fn rejected(&mut self, arrival: f64) {
        if arrival >= 0.0 {
            self.counts.rejected += 1;
            self.failed_by_minute[(arrival / 60.0) as usize] += 1;
        }
    }

    fn timed_out(&mut self, arrival: f64) {
        if arrival >= 0.0 {
            self.counts.timed_out += 1;
            self.failed_by_minute[(arrival / 60.0) as usize] += 1;
        }
    }

    fn estimated(&mut self, minute: usize, late: u32, failed: u32) {
        self.counts.late += u64::from(late);
        self.counts.timed_out += u64::from(failed);
        if let Some(count) = self.late_by_minute.get_mut(minute) {
            *count += late;
            self.failed_by_minute[minute] += failed;
        }
    }

    fn estimated_latency(&mut self, requests: u32, latency: f64) {
        self.period_latency.add_times(latency, u64::from(requests));
        self.latency_sum += u64::from(requests) * steps_of_grid(latency);
        self.latency_max = self.latency_max.max(latency);
    }

    fn in_system_at_end(&mut self, arrival: f64) {
        if arrival >= 0.0 {
            self.counts.in_system_at_end += 1;
        }
    }

    #[inline(always)]
    fn busy(&mut self, class: SlotClass, seconds: f64) {
        self.period.busy[class as usize] += seconds;
    }
}

/// What some requests come to.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    late: u64,
    timed_out: u64,
    rejected: u64,
    /// In steps of the grid.
    sum: u64,
    max: f64,
}

compiled_for_each_isa! {
    /// Sum and maximum of the latencies among the outcomes, and how many there are of each kind.
    fn tally(outcomes: &[f64], late_after: f64) -> Tally {
        // Sums and maxima of integers: the compiler may take them in any order.
        let (mut late, mut timed_out, mut rejected, mut sum, mut max) = (0, 0, 0, 0u64, 0);
        for outcome in outcomes {
            let latency = if *outcome > 0.0 { *outcome } else { 0.0 };
            late += u64::from(latency > late_after);
            timed_out += u64::from(*outcome == TIMED_OUT);
            rejected += u64::from(*outcome == REJECTED);
            sum = sum.wrapping_add(steps_of_grid(latency));
            // Positive doubles have the order of their bits.
            max = i64::max(max, latency.to_bits() as i64);
        }
        Tally { late, timed_out, rejected, sum, max: f64::from_bits(max as u64) }
    }
}

compiled_for_each_isa! {
    /// How many of the latencies are above `late_after` and belong to requests that arrived in the minute after `begin`.
    fn late_within(arrivals: &[f64], latencies: &[f64], late_after: f64, begin: f64) -> f64 {
        let end = begin + 60.0;
        let mut late = [0.0; 8];
        let (arrivals, latencies) = (arrivals.as_chunks::<8>(), latencies.as_chunks::<8>());
        let (mut last_arrivals, mut last_latencies) = ([0.0; 8], [-1.0; 8]);
        last_arrivals[..arrivals.1.len()].copy_from_slice(arrivals.1);
        last_latencies[..latencies.1.len()].copy_from_slice(latencies.1);
        let parts = arrivals.0.iter().zip(latencies.0).chain([(&last_arrivals, &last_latencies)]);
        for (arrivals, latencies) in parts {
            for lane in 0..8 {
                let within = (arrivals[lane] >= begin) & (arrivals[lane] < end) & (latencies[lane] > late_after);
                late[lane] += if within { 1.0 } else { 0.0 };
            }
        }
        late.iter().sum()
    }
}

impl Meter {
    pub(super) fn new(late_after: f64, begin: SimTime, horizon: SimTime, with_time_line: bool) -> Self {
        let minutes = (horizon.as_secs_f64() / 60.0).ceil() as usize;
        Self {
            late_after,
            pending: Box::new(Pending { arrivals: [0.0; TOGETHER], latencies: [0.0; TOGETHER], count: 0 }),
            counts: Counts::default(),
            period_latency: Histogram::default(),
            uncounted: Histogram::default(),
            any_uncounted: false,
            latency: Histogram::default(),
            latency_sum: 0,
            latency_max: 0.0,
            late_by_minute: vec![0; minutes],
            failed_by_minute: vec![0; minutes],
            period: Integrals::default(),
            horizon: Integrals::default(),
            in_service: InService::default(),
            integrated_until: begin,
            bucket: with_time_line.then(|| OpenBucket {
                latency: Histogram::default(),
                sums: Integrals::default(),
                start: SimTime::START,
            }),
            buckets: Vec::new(),
        }
    }

    /// Books completions that wait for it. Comes before their histogram is read.
    #[inline(never)]
    pub(super) fn book_pending(&mut self) {
        let count = std::mem::take(&mut self.pending.count);
        if count == 0 {
            return;
        }
        let isa = Isa::best();
        self.period_latency.add_all(isa, &self.pending.latencies[..count]);
        let warm_up = self.pending.arrivals[..count].iter().fold(false, |any, arrival| any | (*arrival < 0.0));
        if warm_up {
            for index in 0..count {
                if self.pending.arrivals[index] < 0.0 {
                    self.uncounted_completion(self.pending.latencies[index]);
                    // A negative latency is no completion: what follows leaves it out.
                    self.pending.latencies[index] = -1.0;
                }
            }
        }
        let pending = &*self.pending;
        let Tally { late, sum, max, .. } = tally(isa, &pending.latencies[..count], self.late_after);
        self.latency_sum += sum;
        self.latency_max = self.latency_max.max(max);
        self.counts.late += late;
        self.book_late_by_minute(isa, count, late as u32);
    }

    /// Adds `late` requests among the first `count` pending ones to their minutes.
    fn book_late_by_minute(&mut self, isa: Isa, count: usize, late: u32) {
        let (arrivals, latencies) = (&self.pending.arrivals[..count], &self.pending.latencies[..count]);
        let mut left = late;
        if left == 0 {
            return;
        }
        // Requests that are completed together have mostly arrived in the same minute, or in two.
        let first =
            arrivals.iter().fold(f64::INFINITY, |first, arrival| if *arrival < first { *arrival } else { first });
        let mut minute = (first.max(0.0) / 60.0) as usize;
        while left > 0 {
            let within = late_within(isa, arrivals, latencies, self.late_after, minute as f64 * 60.0) as u32;
            self.late_by_minute[minute] += within;
            left -= within;
            minute += 1;
        }
    }

    /// A completion of a request that arrived during the warm-up.
    #[cold]
    fn uncounted_completion(&mut self, latency: f64) {
        self.uncounted.add(latency);
        self.any_uncounted = true;
    }

    /// Sum of the latencies of served requests, in seconds.
    pub(super) fn latency_sum(&self) -> f64 {
        self.latency_sum as f64 * GRID
    }

    /// Integrates capacity up to `now`, before it changes.
    pub(super) fn integrate(&mut self, now: SimTime) {
        let elapsed = now - self.integrated_until;
        if elapsed == Duration::ZERO {
            return;
        }
        let seconds = elapsed.as_secs_f64();
        self.integrated_until = now;
        for i in 0..2 {
            self.period.capacity[i] += seconds * self.in_service.slots[i];
            self.period.idle[i] += seconds * self.in_service.idle[i];
        }
        for i in 0..3 {
            self.period.in_service[i] += seconds * f64::from(self.in_service.instances[i]);
        }
    }

    /// The CPU metric of the current period is the ratio of these: busy (with idle CPU) and all slot-seconds of warm instances in service.
    pub(super) fn period_busy_and_capacity(&self) -> [f64; 2] {
        [self.period.busy[SlotClass::Warm as usize] + self.period.idle[1], self.period.capacity[1]]
    }

    /// Busy instances in the current period of length `period`: utilisation of all in service, times how many there were.
    pub(super) fn period_load(&self, period: Duration) -> Option<f64> {
        let [busy, capacity] = self.period.utilisation();
        let instances: f64 = self.period.in_service.iter().sum::<f64>() / period.as_secs_f64();
        (capacity > 0.0).then(|| busy / capacity * instances)
    }

    /// The latencies of requests completed in the current period.
    pub(super) fn period_latency(&self) -> &Histogram {
        debug_assert_eq!(self.pending.count, 0, "completions are booked before they are looked at");
        &self.period_latency
    }

    /// Ends the current period at `now` (integrated and settled) and starts the next.
    ///
    /// What lies before the start is forgotten; a bucket of the time line ends when it is `bucket_seconds` long.
    pub(super) fn end_period(&mut self, now: SimTime, bucket_seconds: f64) {
        self.book_pending();
        if now > SimTime::START {
            self.take_latencies();
            self.horizon.add(&self.period);
            if let Some(bucket) = &mut self.bucket {
                bucket.sums.add(&self.period);
            }
        } else {
            self.period_latency.clear();
            self.forget_uncounted();
        }
        self.period = Integrals::default();
        let length = self.bucket.as_ref().map_or(0.0, |bucket| (now - bucket.start).as_secs_f64());
        if length >= bucket_seconds {
            self.close_bucket(now);
        }
    }

    fn take_latencies(&mut self) {
        if let Some(bucket) = &mut self.bucket {
            bucket.latency.merge(&self.period_latency);
        }
        self.latency.merge(&self.period_latency);
        self.period_latency.clear();
        if self.any_uncounted {
            self.latency.subtract(&self.uncounted);
            self.forget_uncounted();
        }
    }

    fn forget_uncounted(&mut self) {
        self.uncounted.clear();
        self.any_uncounted = false;
    }

    /// Completions after the horizon: counted, not part of the time line. Completes the counts.
    pub(super) fn take_late_completions(&mut self) {
        self.bucket = None;
        self.book_pending();
        self.take_latencies();
        self.counts.served = self.latency.total();
    }

    /// Late and failed requests by minute of arrival.
    pub(super) fn late_and_failed(&self) -> Vec<[u32; 2]> {
        self.late_by_minute.iter().zip(&self.failed_by_minute).map(|(late, failed)| [*late, *failed]).collect()
    }

    /// Ends the open bucket of the time line at `now`.
    pub(super) fn close_bucket(&mut self, now: SimTime) {
        let Some(bucket) = &mut self.bucket else { return };
        let seconds = (now - bucket.start).as_secs_f64();
        if seconds <= 0.0 {
            return;
        }
        let [busy, capacity] = bucket.sums.utilisation();
        self.buckets.push(Bucket {
            end: now,
            percentiles: [0.50, 0.95, 0.99].map(|q| bucket.latency.quantile(q)),
            cpu: busy / capacity,
            in_service: bucket.sums.in_service.map(|sum| sum / seconds),
            requests: [0; 3],
        });
        bucket.latency.clear();
        bucket.sums = Integrals::default();
        bucket.start = now;
    }

    /// Seconds for which slots served requests over the horizon, draining ones included.
    pub(super) fn busy_seconds(&self) -> f64 {
        self.horizon.busy.iter().sum()
    }

    /// Busy (with idle CPU) and capacity in service over the horizon, in slot-seconds.
    pub(super) fn busy_and_capacity(&self) -> [f64; 2] {
        self.horizon.utilisation()
    }

    /// Minutes with requests, minutes in which the objective held, and the requests of the latter; fills the buckets' requests.
    pub(super) fn judge_minutes(&mut self, offered: &[u32], allowed_shares: [f64; 2]) -> ([u64; 2], u64) {
        let (mut minutes, mut good_requests) = ([0; 2], 0);
        let mut bucket = 0;
        for (minute, &offered) in offered.iter().enumerate() {
            let (late, failed) = (self.late_by_minute[minute], self.failed_by_minute[minute]);
            let begins = SimTime::from_secs(minute as i64 * 60);
            while self.buckets.get(bucket).is_some_and(|b| b.end <= begins) {
                bucket += 1;
            }
            if let Some(b) = self.buckets.get_mut(bucket) {
                for (sum, count) in b.requests.iter_mut().zip([offered, late, failed]) {
                    *sum += u64::from(count);
                }
            }
            if offered == 0 {
                continue;
            }
            minutes[0] += 1;
            let share = |count: u32| f64::from(count) / f64::from(offered);
            if share(late) <= allowed_shares[0] && share(failed) <= allowed_shares[1] {
                minutes[1] += 1;
                good_requests += u64::from(offered);
            }
        }
        (minutes, good_requests)
    }
}
