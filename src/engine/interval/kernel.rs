//! The kernel that serves by tables.

use super::MINUTE;
use super::load::MinuteLoads;
use super::table::{Outcome, PERCENTILES, Table};
use super::tables::{ServerSet, Tables};
use crate::engine::MixPlan;
use crate::engine::kernel::{Booking, SlotClass};
use crate::scaling::{Datapoint, MetricWindow};
use crate::scenario::{AlarmMetric, LatencyStatistic};
use crate::units::SimTime;
use crate::workload::RequestBlock;
use std::sync::Arc;

/// What a set of servers can do, and what bounds its queue.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Limits {
    /// Seconds of work per second.
    pub(super) capacity: f64,
    /// Longest delay by the queue's limits, in seconds; infinite without them.
    longest_delay: f64,
    /// The objective's latency, in seconds.
    late_after: f64,
    /// Mean time in service, in seconds.
    mean_service: f64,
}

impl Limits {
    pub(super) fn new(plan: &MixPlan, mean_work: f64, set: &ServerSet) -> Self {
        let groups = set.groups.iter().map(|(speed, slots, count)| (f64::from_bits(*speed), f64::from(slots * count)));
        let (capacity, slots) = groups.fold((0.0, 0.0), |sum, (speed, slots)| (sum.0 + speed * slots, sum.1 + slots));
        let waiting = plan.queue_limit.map_or(f64::INFINITY, f64::from) * mean_work / capacity;
        Self {
            capacity,
            longest_delay: waiting.min(plan.timeout),
            late_after: plan.late_after,
            mean_service: mean_work * slots / capacity,
        }
    }

    /// The outcome of `seconds` with `work` by the fluid alone, and what it leaves in `flow`. `at_rest` is what there is without delay.
    pub(super) fn fluid(&self, flow: &mut Flow, work: f64, seconds: f64, at_rest: &Outcome) -> Outcome {
        if self.capacity <= 0.0 {
            let failed = if seconds > self.longest_delay { 1.0 } else { 0.0 };
            return Outcome { late: 1.0 - failed, failed, percentiles: [f64::NAN; 3] };
        }
        let from = flow.backlog / self.capacity;
        let slope = work / (self.capacity * seconds) - 1.0;
        let to = (from + slope * seconds).clamp(0.0, self.longest_delay);
        let overflow = (from + slope * seconds - self.longest_delay).max(0.0);
        let failed = if work > 0.0 { (overflow * self.capacity / work).min(1.0) } else { 0.0 };
        // Up to this delay a request of mean work is on time.
        let limit = (self.late_after - self.mean_service).max(0.0);
        let above = share_above(from, slope, seconds, limit);
        let late = (above + (1.0 - above) * at_rest.late).min(1.0 - failed);
        let mean = 0.5 * (from + to);
        Outcome { late, failed, percentiles: at_rest.percentiles.map(|latency| latency + mean) }
    }
}

/// The share of `seconds` in which a delay that begins at `from` and changes by `slope` per second is above `limit`.
fn share_above(from: f64, slope: f64, seconds: f64, limit: f64) -> f64 {
    let to = from + slope * seconds;
    match (from > limit, to > limit) {
        (true, true) => 1.0,
        (false, false) => 0.0,
        (true, false) => (from - limit) / (from - to),
        (false, true) => (to - limit) / (to - from),
    }
}

/// What one minute leaves to the next: a backlog, as if work were a fluid, or how busy it was.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Flow {
    /// Work that waits, in seconds at speed 1.
    backlog: f64,
    /// Utilisation of the last minute.
    utilisation: f64,
}

impl Flow {
    pub(super) fn with_carry(carry: f64, limits: &Limits) -> Self {
        if carry > 0.0 {
            let backlog = carry * limits.late_after * limits.capacity;
            Self { backlog: backlog.min(limits.longest_delay * limits.capacity), utilisation: 1.0 }
        } else {
            Self { backlog: 0.0, utilisation: 1.0 + carry }
        }
    }

    /// The coordinate of a table: the delay in units of the objective's latency, or how far below 1 the utilisation was.
    pub(super) fn carry(&self, limits: &Limits) -> f64 {
        if self.backlog > 0.0 && limits.capacity > 0.0 {
            self.backlog / (limits.capacity * limits.late_after.max(1e-9))
        } else {
            (self.utilisation - 1.0).min(0.0)
        }
    }

    /// `seconds` with `work` pass; returns how much of the work has been done.
    pub(super) fn pass(&mut self, work: f64, seconds: f64, limits: &Limits) -> f64 {
        let possible = limits.capacity * seconds;
        let there = self.backlog + work;
        let done = there.min(possible);
        let most = if limits.capacity > 0.0 { limits.longest_delay * limits.capacity } else { f64::INFINITY };
        self.backlog = (there - done).min(most);
        if possible > 0.0 {
            let part = (seconds / MINUTE).min(1.0);
            self.utilisation += part * (work / possible - self.utilisation);
        }
        done
    }
}

/// An instance that serves.
#[derive(Debug, Clone, Copy)]
struct Server {
    instance: u32,
    slots: u32,
    speed: f64,
    class: SlotClass,
    /// Since when it takes no new requests, in seconds.
    retired: Option<f64>,
}

/// A count that grows by fractions and is booked in whole numbers, so that no fraction is lost.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    sum: f64,
    booked: u64,
}

impl Whole {
    fn add(&mut self, part: f64) -> u32 {
        self.sum += part;
        let new = (self.sum + 0.5) as u64 - self.booked;
        self.booked += new;
        new as u32
    }
}

/// Groups of a server set, what it can do, and its table.
type KnownSet = (Vec<(u64, u32, u32)>, Limits, Arc<Table>);

/// Serves by tables.
#[derive(Debug)]
pub(in crate::engine) struct IntervalKernel {
    tables: Arc<Tables>,
    loads: Arc<MinuteLoads>,
    plan: MixPlan,
    rules: Arc<str>,
    servers: Vec<Server>,
    /// Tables of the sets that there have been.
    sets: Vec<KnownSet>,
    current: Option<usize>,
    limits: Limits,
    /// Slots in service: warming, warm.
    slots: [f64; 2],
    flow: Flow,
    until: f64,
    late: Whole,
    failed: Whole,
    lost: Whole,
    /// Not booked yet: busy slot-seconds (warming, warm), and late and failed requests by minute.
    busy: [f64; 2],
    estimates: Vec<(usize, u32, u32)>,
    /// Latencies of stretches since the last time that they were booked, if they are wanted.
    latencies: Option<Vec<(u32, [f64; 3])>>,
    served: Whole,
    /// Of the period: requests, and their percentiles' sums.
    completed: f64,
    percentiles: [f64; 3],
    /// Percentiles that alarms watch, each with the table's percentile above it and the weight of that.
    watched: Vec<(f64, usize, f64)>,
}

impl IntervalKernel {
    pub(in crate::engine) fn new(plan: &MixPlan, tables: Arc<Tables>, loads: Arc<MinuteLoads>) -> Self {
        let begin = (SimTime::START - plan.warm_up).as_secs_f64();
        let rules = format!("{:?} {:?} {} {}", plan.discipline, plan.queue_limit, plan.timeout, plan.late_after);
        Self {
            tables,
            loads,
            plan: plan.clone(),
            rules: rules.into(),
            servers: Vec::new(),
            sets: Vec::new(),
            current: None,
            limits: Limits::default(),
            slots: [0.0; 2],
            flow: Flow::default(),
            until: begin,
            late: Whole::default(),
            failed: Whole::default(),
            lost: Whole::default(),
            busy: [0.0; 2],
            estimates: Vec::new(),
            latencies: None,
            served: Whole::default(),
            completed: 0.0,
            percentiles: [0.0; 3],
            watched: watched(plan),
        }
    }

    /// The same for what arrives from this time on, in seconds since the start.
    pub(in crate::engine) fn beginning_at(self, time: f64) -> Self {
        Self { until: time, ..self }
    }

    pub(in crate::engine) fn with_latencies(mut self) -> Self {
        self.latencies = Some(Vec::new());
        self
    }

    /// Requests are counted by the minute already.
    pub(in crate::engine) fn take(
        &mut self,
        block: &RequestBlock,
        _from: usize,
        _until: f64,
        _book: &mut impl Booking,
    ) -> usize {
        block.arrivals.len()
    }

    /// What waits at the end was late or not when it arrived.
    pub(in crate::engine) fn finish(&mut self, _book: &mut impl Booking) {}

    pub(in crate::engine) fn add(&mut self, instance: u32, slots: u32, speed: f64, class: SlotClass, now: f64) {
        self.advance(now);
        self.servers.push(Server { instance, slots, speed, class, retired: None });
        self.changed();
    }

    pub(in crate::engine) fn reclassify(
        &mut self,
        instance: u32,
        class: SlotClass,
        now: f64,
        _book: &mut impl Booking,
    ) {
        self.advance(now);
        self.servers.iter_mut().filter(|s| s.instance == instance).for_each(|server| server.class = class);
        self.changed();
    }

    /// Returns when its last request will be complete, about.
    pub(in crate::engine) fn retire(&mut self, instance: u32, now: f64, _book: &mut impl Booking) -> f64 {
        self.advance(now);
        let Some(server) = self.servers.iter_mut().find(|server| server.instance == instance) else { return now };
        server.retired = Some(now);
        let last = now + self.tables.mean_work / server.speed * (1.0 + 0.5 * libm::log(f64::from(server.slots)));
        self.changed();
        last
    }

    pub(in crate::engine) fn remove(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> u32 {
        self.advance(now);
        let Some(index) = self.servers.iter().position(|server| server.instance == instance) else { return 0 };
        let server = self.servers.swap_remove(index);
        let since = server.retired.map_or(0.0, |retired| now - retired);
        let mean = self.tables.mean_work / server.speed;
        let left = self.flow.utilisation.min(1.0) * f64::from(server.slots) * libm::exp(-since / mean);
        let lost = if since > 20.0 * mean { 0 } else { self.lost.add(left) };
        for _ in 0..lost {
            book.lost(now);
        }
        self.changed();
        lost
    }

    /// The set of servers is another one.
    fn changed(&mut self) {
        let mut groups: Vec<(u64, u32, u32)> = Vec::new();
        self.slots = [0.0; 2];
        for server in self.servers.iter().filter(|server| server.retired.is_none()) {
            let speed = server.speed.to_bits();
            match groups.iter_mut().find(|(s, slots, _)| *s == speed && *slots == server.slots) {
                Some((_, _, count)) => *count += 1,
                None => groups.push((speed, server.slots, 1)),
            }
            self.slots[usize::from(server.class == SlotClass::Warm)] += f64::from(server.slots);
        }
        if groups.is_empty() {
            (self.current, self.limits) = (None, Limits { longest_delay: self.plan.timeout, ..Limits::default() });
            return;
        }
        groups.sort_unstable();
        let known = self.sets.iter().position(|(known, ..)| *known == groups);
        let index = known.unwrap_or_else(|| {
            let set = ServerSet { groups: groups.clone(), rules: self.rules.clone() };
            let limits = Limits::new(&self.plan, self.tables.mean_work, &set);
            self.sets.push((groups, limits, self.tables.of(&set, &self.plan)));
            self.sets.len() - 1
        });
        (self.current, self.limits) = (Some(index), self.sets[index].1);
    }

    /// Books what has been served by `now`.
    pub(in crate::engine) fn settle(&mut self, now: f64, book: &mut impl Booking) {
        self.advance(now);
        let [warming, warm] = std::mem::take(&mut self.busy);
        book.busy(SlotClass::Warming, warming);
        book.busy(SlotClass::Warm, warm);
        self.estimates.drain(..).for_each(|(minute, late, failed)| book.estimated(minute, late, failed));
        for (requests, percentiles) in self.latencies.iter_mut().flat_map(|latencies| latencies.drain(..)) {
            for (count, latency) in spread(requests, percentiles) {
                book.estimated_latency(count, latency);
            }
        }
    }

    /// Serves up to `now`, minute by minute.
    fn advance(&mut self, now: f64) {
        while self.until < now {
            let minute = (self.until / MINUTE).floor();
            let end = ((minute + 1.0) * MINUTE).min(now);
            self.stretch(minute as i64, end - self.until);
            self.until = end;
        }
    }

    fn stretch(&mut self, minute: i64, seconds: f64) {
        let load = self.loads.at(minute);
        let part = seconds / MINUTE;
        let (work, requests) = (load.work * part, load.requests * part);
        let outcome = match self.current {
            Some(set) => {
                let utilisation = load.work / (self.limits.capacity * MINUTE);
                let table = &self.sets[set].2;
                table.outcome(utilisation, self.flow.carry(&self.limits)).unwrap_or_else(|| {
                    let at_rest = table.outcome(0.4, -0.4).unwrap_or_default();
                    self.limits.fluid(&mut self.flow.clone(), work, seconds, &at_rest)
                })
            }
            None => self.limits.fluid(&mut self.flow.clone(), work, seconds, &Outcome::default()),
        };
        let done = self.flow.pass(work, seconds, &self.limits);
        if self.limits.capacity > 0.0 {
            let busy = done / self.limits.capacity;
            self.busy[0] += busy * self.slots[0];
            self.busy[1] += busy * self.slots[1];
            self.completed += requests;
            for (sum, value) in self.percentiles.iter_mut().zip(outcome.percentiles) {
                *sum += requests * value;
            }
        }
        if minute >= 0 {
            let late = self.late.add(requests * outcome.late);
            let failed = self.failed.add(requests * outcome.failed);
            self.estimates.push((minute as usize, late, failed));
            if let Some(latencies) = self.latencies.as_mut().filter(|_| self.limits.capacity > 0.0) {
                latencies.push((self.served.add(requests * (1.0 - outcome.failed)), outcome.percentiles));
            }
        }
    }

    /// A metric period ends: its latencies are written into the datapoints of the metrics that watch them.
    pub(in crate::engine) fn end_period(&mut self, metrics: &[MetricWindow], datapoints: &mut [Datapoint]) {
        for (metric, datapoint) in metrics.iter().zip(datapoints) {
            if let AlarmMetric::Latency(LatencyStatistic::Percentile(percentile)) = metric.metric {
                let value = self.period_percentile(percentile);
                *datapoint = Datapoint { value, samples: (self.completed + 0.5) as u64 };
            }
        }
        (self.completed, self.percentiles) = (0.0, [0.0; 3]);
    }

    /// A percentile of the latency of the period that an alarm watches; `None` when nothing was served.
    fn period_percentile(&self, percentile: f64) -> Option<f64> {
        if self.completed <= 0.0 {
            return None;
        }
        let (_, upper, weight) = *self.watched.iter().find(|(watched, ..)| *watched == percentile)?;
        let value = |index: usize| self.percentiles[index] / self.completed;
        Some((value(upper - 1) + weight * (value(upper) - value(upper - 1))).max(0.0))
    }
}

/// Latencies that stand for `requests` of these percentiles, each with how many it stands for. Between and beyond the percentiles the tail is
/// taken to be exponential.
fn spread(requests: u32, percentiles: [f64; 3]) -> impl Iterator<Item = (u32, f64)> {
    const PARTS: u32 = 24;
    let depth = |share: f64| -libm::log1p(-share);
    let depths = PERCENTILES.map(depth);
    let parts = requests.min(PARTS);
    (0..parts).map(move |part| {
        let at = depth((f64::from(part) + 0.5) / f64::from(parts));
        let latency = if at <= depths[0] {
            percentiles[0] * at / depths[0]
        } else {
            let upper = if at <= depths[1] { 1 } else { 2 };
            let weight = (at - depths[upper - 1]) / (depths[upper] - depths[upper - 1]);
            percentiles[upper - 1] + weight * (percentiles[upper] - percentiles[upper - 1])
        };
        let before = |part: u32| u64::from(part) * u64::from(requests) / u64::from(parts);
        ((before(part + 1) - before(part)) as u32, latency.max(0.0))
    })
}

/// The percentiles that alarms watch. Between and beyond those of the tables the tail is taken to be exponential.
fn watched(plan: &MixPlan) -> Vec<(f64, usize, f64)> {
    let depth = |share: f64| -libm::log1p(-share.min(0.9999));
    let of = |percentile: f64| {
        let upper = if percentile / 100.0 <= PERCENTILES[1] { 1 } else { 2 };
        let (low, high) = (depth(PERCENTILES[upper - 1]), depth(PERCENTILES[upper]));
        (percentile, upper, (depth(percentile / 100.0) - low) / (high - low))
    };
    let alarms = plan.scaling.alarms.values();
    alarms
        .filter_map(|alarm| match alarm.metric {
            AlarmMetric::Latency(LatencyStatistic::Percentile(percentile)) => Some(of(percentile)),
            AlarmMetric::Cpu(_) => None,
        })
        .collect()
}
