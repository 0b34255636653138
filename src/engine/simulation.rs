//! The loop of a replication: requests between control events, and the control events themselves.

use super::background::Hosts;
use super::calendar::{Calendar, Control};
use super::event::{Event, What};
use super::interval::IntervalKernel;
use super::kernel::{Kernel, SlotClass};
use super::meter::Meter;
use super::metrics::MetricHistory;
use super::patch_wave::WaveState;
use super::record::{Overrun, RunRecord};
use super::spot::SpotState;
use super::{Asked, MinuteLoads, MixPlan, Tables, TypePlan};
use crate::billing::Usage;
use crate::fleet::{Instance, PurchaseOption, State};
use crate::market::MarketPath;
use crate::scaling::{Controller, Datapoint, GroupView, Observations, SpotCover};
use crate::scenario::InitialFleet;
use crate::units::{Duration, SimTime};
use crate::workload::RequestBlock;
use std::collections::VecDeque;
use std::sync::Arc;

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
    pub(super) controller: Controller,
    pub(super) history: MetricHistory,
    pub(super) unpublished: VecDeque<Observations>,
    /// Datapoints that have been published: their memory is used again.
    pub(super) spare_datapoints: Vec<Datapoint>,
    /// The group as the controller saw it last, if nothing has happened since.
    pub(super) known_group: Option<GroupView>,
    /// When metrics were published last.
    pub(super) published: SimTime,
    /// On-demand instances that stand in for missing spot.
    pub(super) cover: SpotCover,
    /// Failed instances that the balancer does not know of.
    pub(super) failed: Vec<u32>,
    /// Base and on-demand instances that failed on purpose, as long as no other was asked for in their place: the group counts them.
    pub(super) unreplaced: [u32; 2],
    pub(super) wave: Option<WaveState>,
    /// The containers, where instances are hosts.
    pub(super) hosts: Option<Hosts>,
    pub(super) fleet: Vec<Instance>,
    /// Instances that are not terminated.
    pub(super) alive: Vec<u32>,
    pub(super) spot: SpotState,
    pub(super) launched_on_demand: u64,
    launched_reserved: u64,
    pub(super) last_activity_end: Option<SimTime>,
    pub(super) bucket_seconds: f64,
    pub(super) usage: Vec<Usage>,
    pub(super) launches: u64,
    pub(super) launch_failures: u64,
    pub(super) interruptions: Vec<(SimTime, usize)>,
    pub(super) rebalance_signals: Vec<(SimTime, usize)>,
    /// What the policies asked for.
    pub(super) asked: Vec<Asked>,
    /// Whether another run's policies are followed.
    pub(super) follows: bool,
    pub(super) scale_outs: u64,
    pub(super) scale_ins: u64,
    pub(super) running: u32,
    pub(super) peak: u32,
    most_on_demand: u32,
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
        Self::with_kernel(kernel, plan, markets, replication, time_line, with_events)
    }

    /// The same with any kernel that serves the plan.
    pub(super) fn with_kernel(
        kernel: Kernel,
        plan: &'a MixPlan,
        markets: &'a [MarketPath],
        replication: u32,
        time_line: Option<Duration>,
        with_events: bool,
    ) -> Self {
        let begin = SimTime::START - plan.warm_up;
        let controller = Controller::new(&plan.scaling, plan.start, begin);
        let controller = if with_events { controller } else { controller.without_reasons() };
        let (on_loss, slots) = plan.spot.as_ref().map_or_else(Default::default, |spot| (spot.on_loss, spot.count));
        let mut simulation = Self {
            plan,
            markets,
            replication,
            now: begin,
            next_control: 0.0,
            calendar: Calendar::default(),
            kernel,
            meter: Meter::new(plan.late_after, begin, plan.horizon, time_line.is_some()),
            history: MetricHistory::new(controller.metrics(), plan.scaling.metrics.period),
            controller,
            unpublished: VecDeque::new(),
            spare_datapoints: Vec::new(),
            known_group: None,
            published: begin,
            cover: SpotCover::new(on_loss, slots, begin),
            failed: Vec::new(),
            unreplaced: [0; 2],
            wave: None,
            hosts: plan.background.as_ref().map(|background| Hosts::new(background, plan.seed, replication)),
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
            asked: Vec::new(),
            follows: false,
            scale_outs: 0,
            scale_ins: 0,
            running: 0,
            peak: 0,
            most_on_demand: 0,
            events: with_events.then(Vec::new),
        };
        simulation.begin();
        simulation
    }

    /// A replication in the `interval` fidelity: `loads` is what arrives, `tables` say what becomes of it. It need not be fed. Late and failed
    /// requests are counted, but no latencies.
    pub fn by_interval(
        plan: &'a MixPlan,
        markets: &'a [MarketPath],
        replication: u32,
        loads: Arc<MinuteLoads>,
        tables: Arc<Tables>,
    ) -> Self {
        let kernel = Kernel::Interval(Box::new(IntervalKernel::new(plan, tables, loads)));
        Self::with_kernel(kernel, plan, markets, replication, None, false)
    }

    /// The same with latencies, as far as percentiles of minutes say something of them; otherwise like [`Simulation::new`].
    pub fn by_interval_with_latencies(
        plan: &'a MixPlan,
        markets: &'a [MarketPath],
        replication: u32,
        (loads, tables): (Arc<MinuteLoads>, Arc<Tables>),
        time_line: Option<Duration>,
        with_events: bool,
    ) -> Self {
        let kernel = IntervalKernel::new(plan, tables, loads).with_latencies();
        Self::with_kernel(Kernel::Interval(Box::new(kernel)), plan, markets, replication, time_line, with_events)
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
                self.launch_reserved("base instances always run");
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
        self.most_on_demand = self.group().on_demand;
        self.cover_spot();
        self.schedule_decision();
        self.schedule_wave();
        self.schedule_containers();
        self.fill_warm_pool();
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
            counts.served = counts.offered.saturating_sub(counts.failed() + counts.in_system_at_end);
        }
        debug_assert!(counts.conserved(), "requests vanished or appeared: {counts:?}");
        let late_and_failed = if self.plan.keeps_minutes { self.meter.late_and_failed() } else { Vec::new() };
        let served_seconds = self.meter.busy_seconds();
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
            asked: self.asked,
            scale_outs: self.scale_outs,
            scale_ins: self.scale_ins,
            peak: self.peak,
            most_on_demand: self.most_on_demand,
            patch_wave: self.wave.map(|wave| wave.record),
            background: self.hosts.map(|hosts| hosts.record(served_seconds)),
            late_and_failed,
            buckets: self.meter.buckets,
            events: self.events.unwrap_or_default(),
        }
    }

    /// [`Simulation::finish`] for one that need not be fed, unless more than `most` requests are late, or failed: then it is given up.
    ///
    /// # Errors
    /// How many there were when it was given up.
    pub fn finish_within(mut self, offered_by_minute: &[u32], most: [u64; 2]) -> Result<RunRecord, Overrun> {
        while self.next_control < f64::INFINITY {
            self.handle_control();
            let (late, failed) = (self.meter.counts.late, self.meter.counts.failed());
            if late > most[0] || failed > most[1] {
                return Err(Overrun { late, failed, most_on_demand: self.most_on_demand });
            }
        }
        Ok(self.finish(offered_by_minute))
    }

    /// Handles the next control event, if there is one.
    #[cold]
    #[inline(never)]
    pub(super) fn handle_control(&mut self) {
        let Some((time, control)) = self.calendar.pop() else { return };
        self.now = time;
        self.meter.integrate(time);
        if !matches!(control, Control::Tick | Control::Publish) || self.plan.warm_pool.is_some() {
            self.known_group = None;
        }
        match control {
            Control::Tick => self.tick(),
            Control::Publish => self.publish(),
            Control::Decide => self.decide_at_its_time(),
            Control::DecideAgain => self.decided_again(),
            Control::Followed { change } => self.followed(change),
            Control::CoverSpot => self.cover_spot(),
            Control::Running(instance) => self.running(instance),
            Control::InService(instance) => self.in_service(instance),
            Control::Warm(instance) => self.warm(instance),
            Control::DrainEnd(instance) => self.drain_end(instance),
            Control::TakenAway(instance) => self.taken_away(instance),
            Control::PriceStep { market, step } => self.price_step(market, step),
            Control::SpotRequest { slot } => self.spot_request(slot, None),
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
            Control::ReservedRequest => self.replace_failed_base(),
            Control::WaveKnown => self.wave_known(),
            Control::WaveReady => self.wave_step(),
            Control::Deregistered(instance) => self.deregistered(instance),
            Control::FoundFailed(instance) => self.found_failed(instance),
            Control::Containers => self.decide_on_containers(),
            Control::ContainerReady(container) => self.container_ready(container),
            Control::ContainerEmpty(container) => self.container_empty(container),
            Control::TaskDone(container) => self.task_done(container),
            Control::Horizon => self.horizon(),
        }
        self.look_ahead();
    }

    /// Sees when the next control event is due.
    pub(super) fn look_ahead(&mut self) {
        self.next_control = self.calendar.next_time().map_or(f64::INFINITY, SimTime::as_secs_f64);
    }

    /// Takes an instance out of service; returns when its last request will be complete.
    pub(super) fn stop_serving(&mut self, number: u32, why: impl FnOnce() -> String) -> SimTime {
        self.change_service(number, false);
        let last = self.retire(number);
        self.fleet[number as usize].state = State::Draining;
        self.wave_counts();
        self.log(What::Draining, Some(number), why);
        first_instant_at_or_after(last).max(self.now)
    }

    fn drain_end(&mut self, number: u32) {
        if self.fleet[number as usize].state != State::Draining {
            return;
        }
        self.terminate(number, crate::billing::EndedBy::Owner, "drained");
        self.last_activity_end = Some(self.now);
        if let Some(slot) = self.fleet[number as usize].spot_slot {
            self.spot_slot_is_empty(slot, Duration::ZERO);
        }
    }

    fn warm(&mut self, number: u32) {
        if self.fleet[number as usize].state != State::InService {
            return;
        }
        self.change_service(number, false);
        self.fleet[number as usize].warm = true;
        self.change_service(number, true);
        self.reclassify(number, SlotClass::Warm);
    }

    /// Money, instances and alarms stop; requests that arrived are still served.
    fn horizon(&mut self) {
        self.kernel.settle(self.now.as_secs_f64(), &mut self.meter);
        self.meter.end_period(self.now, f64::INFINITY);
        self.meter.close_bucket(self.now);
        for number in std::mem::take(&mut self.failed) {
            self.kernel.remove(number, self.now.as_secs_f64(), &mut self.meter);
        }
        self.end_background();
        for number in std::mem::take(&mut self.alive) {
            self.log_usage(number, crate::billing::EndedBy::Horizon);
        }
        self.calendar.clear();
        self.log(What::Horizon, None, || "simulated time ends".to_string());
    }

    /// Launches an on-demand instance, from the warm pool if one waits there; returns its number.
    pub(super) fn launch_on_demand(&mut self, why: &str) -> u32 {
        let number = self.take_from_warm_pool(why).unwrap_or_else(|| {
            let launch = self.next_on_demand_launch();
            self.request(Instance::pending(PurchaseOption::OnDemand, None, None), launch, why)
        });
        self.most_on_demand = self.most_on_demand.max(self.group().on_demand);
        number
    }

    /// The address of the next on-demand launch's random boot.
    pub(super) fn next_on_demand_launch(&mut self) -> u64 {
        self.launched_on_demand += 1;
        (2 << 56) | self.launched_on_demand
    }

    /// Launches a base instance; returns its number.
    pub(super) fn launch_reserved(&mut self, why: &str) -> u32 {
        let launch = self.next_reserved_launch();
        self.request(Instance::pending(PurchaseOption::Reserved, None, None), launch, why)
    }

    /// The address of the next base instance's random boot.
    pub(super) fn next_reserved_launch(&mut self) -> u64 {
        self.launched_reserved += 1;
        (3 << 56) | self.launched_reserved
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
pub(super) fn first_instant_at_or_after(seconds: f64) -> SimTime {
    let nanos = (seconds * 1e9).ceil();
    if nanos >= i64::MAX as f64 {
        return SimTime::NEVER;
    }
    let instant = SimTime::from_nanos(nanos as i64);
    if instant.as_secs_f64() >= seconds { instant } else { instant + Duration::from_nanos(1) }
}
