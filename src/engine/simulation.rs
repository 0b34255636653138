//! The loop of a replication: requests between control events, and the control events themselves.

use super::calendar::{Calendar, Control};
use super::event::{Event, What};
use super::interval::IntervalKernel;
use super::kernel::{Kernel, SlotClass};
use super::meter::Meter;
use super::record::RunRecord;
use super::spot::SpotState;
use super::{MinuteLoads, MixPlan, Tables, TypePlan};
use crate::billing::Usage;
use crate::fleet::{Instance, PurchaseOption, State};
use crate::market::MarketPath;
use crate::scaling::{AlarmState, Controller, Decision, GroupView};
use crate::scenario::{AlarmMetric, InitialFleet, LatencyStatistic};
use crate::units::{Duration, SimTime};
use crate::workload::RequestBlock;
use std::collections::VecDeque;

/// One replication of one mix. Feed it the requests block by block, then [`Simulation::finish`] it.
#[derive(Debug)]
pub struct Simulation<'a> {
    pub(super) plan: &'a MixPlan,
    /// Prices and capacities of the plan's markets, by index.
    pub(super) markets: &'a [MarketPath],
    pub(super) replication: u32,
    pub(super) now: SimTime,
    /// Time of the next control event, in seconds; infinite when there is none.
    pub(super) next_control: f64,
    pub(super) calendar: Calendar,
    pub(super) kernel: Kernel,
    pub(super) meter: Meter,
    controller: Controller,
    unpublished: VecDeque<Vec<Option<f64>>>,
    pub(super) fleet: Vec<Instance>,
    /// Instances that are not terminated.
    pub(super) alive: Vec<u32>,
    pub(super) spot: SpotState,
    launched_on_demand: u64,
    launched_reserved: u64,
    last_activity_end: Option<SimTime>,
    bucket_seconds: f64,
    pub(super) usage: Vec<Usage>,
    pub(super) launches: u64,
    pub(super) launch_failures: u64,
    pub(super) interruptions: Vec<(SimTime, usize)>,
    pub(super) rebalance_signals: Vec<(SimTime, usize)>,
    scale_outs: u64,
    scale_ins: u64,
    running: u32,
    peak: u32,
    events: Option<Vec<Event>>,
}

impl<'a> Simulation<'a> {
    /// A replication of `plan` under the given prices and capacities, before its first request.
    ///
    /// `time_line` is the length of its intervals if a time line is wanted (a multiple of the metric period);
    /// `with_events` keeps every state change.
    pub fn new(
        plan: &'a MixPlan,
        markets: &'a [MarketPath],
        replication: u32,
        time_line: Option<Duration>,
        with_events: bool,
    ) -> Self {
        let kernel = Kernel::new(plan, replication);
        Self::with_kernel(kernel, plan, prices, replication, time_line, with_events)
    }

    fn with_kernel(
        kernel: Kernel,
        plan: &'a MixPlan,
        prices: &'a [Arc<PricePath>],
        replication: u32,
        time_line: Option<Duration>,
        with_events: bool,
    ) -> Self {
        let begin = SimTime::START - plan.warm_up;
        let mut simulation = Self {
            plan,
            markets,
            replication,
            now: begin,
            next_control: 0.0,
            calendar: Calendar::default(),
            kernel,
            meter: Meter::new(plan.late_after, begin, plan.horizon, time_line.is_some()),
            controller: Controller::new(&plan.scaling),
            unpublished: VecDeque::new(),
            fleet: Vec::new(),
            alive: Vec::new(),
            spot: SpotState::new(plan, replication, begin),
            launched_on_demand: 0,
            launched_reserved: 0,
            last_activity_end: None,
            bucket_seconds: time_line.map_or(f64::INFINITY, Duration::as_secs_f64),
            usage: Vec::new(),
            launches: 0,
            launch_failures: 0,
            interruptions: Vec::new(),
            rebalance_signals: Vec::new(),
            scale_outs: 0,
            scale_ins: 0,
            running: 0,
            peak: 0,
            events: with_events.then(Vec::new),
        };
        simulation.begin();
        simulation
    }

    /// A replication in the `interval` fidelity: `loads` is what arrives, `tables` say what becomes of it. It is not fed.
    pub fn by_interval(
        plan: &'a MixPlan,
        prices: &'a [Arc<PricePath>],
        replication: u32,
        time_line: Option<Duration>,
        loads: Arc<MinuteLoads>,
        tables: Arc<Tables>,
    ) -> Self {
        let kernel = Kernel::Interval(Box::new(IntervalKernel::new(plan, tables, loads)));
        Self::with_kernel(kernel, plan, prices, replication, time_line, false)
    }

    /// The initial fleet, and the first control events.
    fn begin(&mut self) {
        self.calendar.schedule(self.plan.horizon, Control::Horizon);
        let period = self.plan.scaling.metrics.period;
        let first_tick = (self.now.since_start() + Duration::from_nanos(1)).rounded_up_to(period);
        self.calendar.schedule(SimTime::START + first_tick, Control::Tick);
        let in_service = self.plan.initial_fleet == InitialFleet::MixInService;
        for _ in 0..self.plan.reserved.as_ref().map_or(0, |(count, _)| *count) {
            if in_service {
                self.start_in_service(Instance::pending(PurchaseOption::Reserved, None, None));
            } else {
                self.launch_reserved();
            }
        }
        self.begin_spot(in_service);
        self.begin_chaos();
        let (min, max) = self.plan.on_demand_limits;
        let missing = self.plan.scaling.min_total.saturating_sub(self.alive.len() as u32);
        for _ in 0..missing.max(min).min(max) {
            if in_service {
                self.start_in_service(Instance::pending(PurchaseOption::OnDemand, None, None));
            } else {
                self.launch_on_demand("the group's minimum");
            }
        }
        self.look_ahead();
    }

    /// Serves the next requests, in order of arrival, and handles the control events that come before them.
    pub fn feed(&mut self, block: &RequestBlock) {
        self.feed_from(block, 0);
    }

    /// [`Simulation::feed`] for the requests from index `from` on.
    pub(super) fn feed_from(&mut self, block: &RequestBlock, from: usize) {
        let mut next = from;
        loop {
            next = self.kernel.take(block, next, self.next_control, &mut self.meter);
            if next == block.arrivals.len() {
                break;
            }
            self.handle_control();
        }
    }

    /// Handles what remains to be handled and returns the record.
    ///
    /// `offered_by_minute` counts the requests that were fed, by minute of arrival since the start.
    pub fn finish(mut self, offered_by_minute: &[u32]) -> RunRecord {
        while self.next_control < f64::INFINITY {
            self.handle_control();
        }
        self.kernel.finish(&mut self.meter);
        self.meter.take_late_completions();
        let (minutes, requests_in_good_minutes) = self.meter.judge_minutes(offered_by_minute, self.plan.allowed_shares);
        let mut counts = self.meter.counts;
        counts.offered = offered_by_minute.iter().map(|&n| u64::from(n)).sum();
        if matches!(self.kernel, Kernel::Interval(_)) {
            counts.served = counts.offered.saturating_sub(counts.failed());
        }
        debug_assert!(counts.conserved(), "requests vanished or appeared: {counts:?}");
        RunRecord {
            counts,
            busy_and_capacity: self.meter.busy_and_capacity(),
            latency_sum: self.meter.latency_sum(),
            latency: self.meter.latency,
            latency_max: self.meter.latency_max,
            minutes,
            requests_in_good_minutes,
            usage: self.usage,
            launches: self.launches,
            launch_failures: self.launch_failures,
            interruptions: self.interruptions,
            rebalance_signals: self.rebalance_signals,
            scale_outs: self.scale_outs,
            scale_ins: self.scale_ins,
            peak: self.peak,
            buckets: self.meter.buckets,
            events: self.events.unwrap_or_default(),
        }
    }

    /// Handles the next control event, if there is one.
    #[cold]
    #[inline(never)]
    pub(super) fn handle_control(&mut self) {
        let Some((time, control)) = self.calendar.pop() else { return };
        self.now = time;
        self.meter.integrate(time);
        match control {
            Control::Tick => self.tick(),
            Control::Publish => self.publish(),
            Control::Running(instance) => self.running(instance),
            Control::InService(instance) => self.in_service(instance),
            Control::Warm(instance) => self.warm(instance),
            Control::DrainEnd(instance) => self.drain_end(instance),
            Control::TakenAway(instance) => self.taken_away(instance),
            Control::PriceStep { market, step } => self.price_step(market, step),
            Control::SpotRequest { slot } => self.spot_request(slot),
            Control::SpotFulfilled { slot, market } => self.spot_fulfilled(slot, market),
            Control::Shock { market } => self.shock(market),
            Control::SlotHazard { market, slot } => self.slot_hazard(market, slot),
            Control::CommonShock => self.common_shock(),
            Control::CapacityStep { market, step } => self.capacity_step(market, step),
            Control::RebalanceSignal { market, at_risk } => self.rebalance_signal(market, at_risk),
            Control::FalseAlarm { market, slot } => self.false_alarm(market, slot),
            Control::Failure(instance) => self.instance_failure(instance),
            Control::Replace => self.replace_failed(),
            Control::ZoneDown { outage } => self.zone_down(outage),
            Control::MassInterruption { number } => self.mass_interruption(number),
            Control::ReservedRequest => self.launch_reserved(),
            Control::Horizon => self.horizon(),
        }
        self.look_ahead();
    }

    /// Sees when the next control event is due.
    fn look_ahead(&mut self) {
        self.next_control = self.calendar.next_time().map_or(f64::INFINITY, SimTime::as_secs_f64);
    }

    /// The end of a metric period: its datapoints are taken and published later.
    fn tick(&mut self) {
        let settings = self.plan.scaling.metrics;
        if self.now == SimTime::START {
            self.peak = self.running;
        }
        self.kernel.settle(self.now.as_secs_f64(), &mut self.meter);
        self.meter.book_pending();
        let value = |metric: &AlarmMetric| match metric {
            AlarmMetric::Cpu(_) => self.meter.period_cpu(),
            AlarmMetric::Latency(LatencyStatistic::Percentile(p)) => match &self.kernel {
                Kernel::Interval(kernel) => kernel.period_percentile(*p),
                _ => self.meter.period_percentile(*p),
            },
        };
        let datapoints = self.controller.metrics().iter().map(value).collect();
        self.unpublished.push_back(datapoints);
        if let Kernel::Interval(kernel) = &mut self.kernel {
            kernel.end_period();
        }
        self.meter.end_period(self.now, self.bucket_seconds);
        self.calendar.schedule(self.now + settings.published_after, Control::Publish);
        self.calendar.schedule(self.now + settings.period, Control::Tick);
    }

    /// Datapoints become visible: alarms are evaluated and the controller decides.
    fn publish(&mut self) {
        let datapoints = self.unpublished.pop_front().expect("a period ended before its datapoints are published");
        for change in self.controller.observe(&datapoints) {
            let what = match change.state {
                AlarmState::Alarm => What::AlarmRaised,
                AlarmState::Ok => What::AlarmCleared,
                AlarmState::InsufficientData => What::AlarmWithoutData,
            };
            self.log(what, None, || format!("{}: {}", change.alarm, change.why));
        }
        match self.controller.decide(&self.group()) {
            Decision::Stay => {}
            Decision::Launch { count, why } => {
                self.scale_outs += u64::from(self.now >= SimTime::START);
                self.log(What::ScaleOut, None, || format!("+{count}: {why}"));
                (0..count).for_each(|_| self.launch_on_demand(&why));
            }
            Decision::Terminate { count, why } => self.scale_in(count, &why),
        }
    }

    /// What the controller sees of the group.
    pub(super) fn group(&self) -> GroupView {
        let mut group = GroupView {
            now: self.now,
            warm_total: 0,
            total: 0,
            on_demand: 0,
            on_demand_limits: self.plan.on_demand_limits,
            activity_in_progress: false,
            last_activity_end: self.last_activity_end,
        };
        for instance in self.alive.iter().map(|&i| &self.fleet[i as usize]) {
            let counts = instance.counts_in_group();
            group.total += u32::from(counts);
            group.warm_total += u32::from(counts && instance.warm);
            if instance.option == PurchaseOption::OnDemand {
                group.on_demand += u32::from(counts);
                group.activity_in_progress |= !instance.warm || instance.state != State::InService;
            }
        }
        group
    }

    /// Drains on-demand instances, the closest to their next instance-hour first (RULES R55): that hour is paid anyway.
    fn scale_in(&mut self, count: u32, why: &str) {
        let mut candidates: Vec<(i64, u32)> = self
            .alive
            .iter()
            .filter_map(|&number| {
                let instance = &self.fleet[number as usize];
                let serves = instance.option == PurchaseOption::OnDemand && instance.state == State::InService;
                let age = self.now - instance.running_since.filter(|_| serves)?;
                Some((-age.nanos().rem_euclid(Duration::HOUR.nanos()), number))
            })
            .collect();
        candidates.sort_unstable();
        candidates.truncate(count as usize);
        if candidates.is_empty() {
            return;
        }
        self.scale_ins += u64::from(self.now >= SimTime::START);
        self.log(What::ScaleIn, None, || format!("-{}: {why}", candidates.len()));
        for (_, number) in candidates {
            let last = self.stop_serving(number, || format!("scale-in: {why}"));
            let limit = self.now + self.kind_of(number).drain_limit;
            self.calendar.schedule(last.min(limit), Control::DrainEnd(number));
        }
    }

    /// Takes an instance out of service; returns when its last request will be complete.
    pub(super) fn stop_serving(&mut self, number: u32, why: impl FnOnce() -> String) -> SimTime {
        self.change_service(number, false);
        let last = self.kernel.retire(number, self.now.as_secs_f64(), &mut self.meter);
        self.fleet[number as usize].state = State::Draining;
        self.log(What::Draining, Some(number), why);
        first_instant_at_or_after(last).max(self.now)
    }

    fn drain_end(&mut self, number: u32) {
        if self.fleet[number as usize].state == State::Terminated {
            return;
        }
        self.terminate(number, crate::billing::EndedBy::Owner, "drained");
        self.last_activity_end = Some(self.now);
    }

    fn warm(&mut self, number: u32) {
        if self.fleet[number as usize].state != State::InService {
            return;
        }
        self.change_service(number, false);
        self.fleet[number as usize].warm = true;
        self.change_service(number, true);
        self.kernel.reclassify(number, SlotClass::Warm, self.now.as_secs_f64(), &mut self.meter);
    }

    /// Money, instances and alarms stop; requests that arrived are still served.
    fn horizon(&mut self) {
        self.kernel.settle(self.now.as_secs_f64(), &mut self.meter);
        self.meter.end_period(self.now, f64::INFINITY);
        self.meter.close_bucket(self.now);
        for number in std::mem::take(&mut self.alive) {
            self.log_usage(number, crate::billing::EndedBy::Horizon);
        }
        self.calendar.clear();
        self.log(What::Horizon, None, || "simulated time ends".to_string());
    }

    pub(super) fn launch_on_demand(&mut self, why: &str) {
        self.launched_on_demand += 1;
        let launch = (2 << 56) | self.launched_on_demand;
        self.request(Instance::pending(PurchaseOption::OnDemand, None, None), launch, why);
    }

    pub(super) fn launch_reserved(&mut self) {
        self.launched_reserved += 1;
        let launch = (3 << 56) | self.launched_reserved;
        self.request(Instance::pending(PurchaseOption::Reserved, None, None), launch, "base instances always run");
    }

    /// The type of an instance.
    pub(super) fn kind_of(&self, number: u32) -> &'a TypePlan {
        let instance = &self.fleet[number as usize];
        match (instance.option, instance.market) {
            (PurchaseOption::Spot, Some(market)) => &self.spot_plan().markets[market].kind,
            (PurchaseOption::Reserved, _) => &self.plan.reserved.as_ref().expect("the mix has a base").1,
            _ => &self.plan.on_demand,
        }
    }

    /// Notes that an on-demand launch is complete.
    pub(super) fn launch_finished(&mut self, number: u32) {
        if self.fleet[number as usize].option == PurchaseOption::OnDemand {
            self.last_activity_end = Some(self.now);
        }
    }

    pub(super) fn warm_up(&self) -> Duration {
        self.controller.warm_up()
    }

    /// Counts an instance that starts (+1) or stops (-1) running.
    pub(super) fn count_running(&mut self, change: i32) {
        self.running = self.running.wrapping_add_signed(change);
        if self.now >= SimTime::START {
            self.peak = self.peak.max(self.running);
        }
    }

    /// Keeps a state change, if they are wanted.
    pub(super) fn log(&mut self, what: What, instance: Option<u32>, why: impl FnOnce() -> String) {
        if let Some(events) = &mut self.events {
            events.push(Event {
                time: self.now,
                what,
                instance,
                pool: instance.map(|number| self.fleet[number as usize].option),
                why: why(),
                in_service: self.meter.in_service.instances,
            });
        }
    }
}

/// The first instant that is not before `seconds` when both are compared in seconds.
fn first_instant_at_or_after(seconds: f64) -> SimTime {
    let nanos = (seconds * 1e9).ceil();
    if nanos >= i64::MAX as f64 {
        return SimTime::NEVER;
    }
    let instant = SimTime::from_nanos(nanos as i64);
    if instant.as_secs_f64() >= seconds { instant } else { instant + Duration::from_nanos(1) }
}
