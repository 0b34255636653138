//! The control plane of a replication: metrics become visible, alarms are evaluated, decisions are carried out.

use super::calendar::Control;
use super::event::What;
use super::kernel::Kernel;
use super::{Asked, Simulation};
use crate::billing::EndedBy;
use crate::fleet::{PurchaseOption, State};
use crate::scaling::group::{Leaver, TerminationPolicy, choose_leavers};
use crate::scaling::{AlarmState, CoverChange, Decision, GroupView, Observations};
use crate::scenario::Termination;
use crate::units::{Duration, SimTime};

/// Standing alarms act again after this time, also when metrics are published less often (RULES R71).
const DECIDED_EVERY: Duration = Duration::from_secs(60);

impl Simulation<'_> {
    /// The end of a metric period: its datapoints are taken and published later.
    pub(super) fn tick(&mut self) {
        let settings = self.plan.scaling.metrics;
        if self.now == SimTime::START {
            self.peak = self.running;
        }
        self.kernel.settle(self.now.as_secs_f64(), &mut self.meter);
        self.meter.book_pending();
        let mut datapoints = std::mem::take(&mut self.spare_datapoints);
        self.history.datapoints(self.controller.metrics(), &self.meter, &mut datapoints);
        if let Kernel::Interval(kernel) = &mut self.kernel {
            kernel.end_period(self.controller.metrics(), &mut datapoints);
        }
        let observations = Observations {
            until: self.now,
            datapoints,
            load: if self.controller.wants_load() { self.meter.period_load(settings.period) } else { None },
        };
        self.unpublished.push_back(observations);
        self.wave_latencies();
        self.fill_warm_pool();
        self.meter.end_period(self.now, self.bucket_seconds);
        self.calendar.schedule(self.now + settings.published_after, Control::Publish);
        self.calendar.schedule(self.now + settings.period, Control::Tick);
    }

    /// Datapoints become visible: alarms are evaluated and the controller decides.
    pub(super) fn publish(&mut self) {
        let observations = self.unpublished.pop_front().expect("a period ended before its datapoints are published");
        for change in self.controller.observe(&observations) {
            let what = match change.state {
                AlarmState::Alarm => What::AlarmRaised,
                AlarmState::Ok => What::AlarmCleared,
                AlarmState::InsufficientData => What::AlarmWithoutData,
            };
            self.log(what, None, || format!("{}: {}", change.alarm, change.why));
        }
        self.spare_datapoints = observations.datapoints;
        self.published = self.now;
        self.decide();
        self.decide_again();
    }

    /// Between two publications that are far apart, decisions are taken every minute.
    fn decide_again(&mut self) {
        let next = self.now + DECIDED_EVERY;
        if next < self.published + self.plan.scaling.metrics.period {
            self.calendar.schedule(next, Control::DecideAgain);
        }
    }

    pub(super) fn decided_again(&mut self) {
        self.decide();
        self.decide_again();
    }

    /// A scheduled action or another hour of a forecast is due.
    pub(super) fn decide_at_its_time(&mut self) {
        self.decide();
        self.schedule_decision();
    }

    /// Sees when the controller wants to decide whatever is published.
    pub(super) fn schedule_decision(&mut self) {
        if let Some(time) = self.controller.next_time(self.now) {
            self.calendar.schedule(time, Control::Decide);
        }
    }

    fn decide(&mut self) {
        let group = GroupView { now: self.now, ..self.known_group.unwrap_or_else(|| self.group()) };
        self.known_group = Some(group);
        let decision = self.controller.decide(&group);
        if self.follows {
            return;
        }
        if decision != Decision::Stay {
            self.known_group = None;
        }
        match decision {
            Decision::Stay => {}
            Decision::Launch { count, since, why } => {
                self.asked.push(Asked { at: self.now, since, change: count as i32 });
                self.scale_outs += u64::from(self.now >= SimTime::START);
                self.log(What::ScaleOut, None, || format!("+{count}: {why}"));
                for _ in 0..count {
                    self.launch_on_demand(&why);
                }
            }
            Decision::Terminate { count, why } => self.scale_in(count, &why),
        }
    }

    /// What the controller sees of the group: what has failed and is not found counts.
    pub(super) fn group(&self) -> GroupView {
        let [base, on_demand] = self.unreplaced;
        let mut group = GroupView {
            now: self.now,
            warm_total: 0,
            total: base + on_demand,
            on_demand,
            on_demand_limits: self.plan.on_demand_limits,
            standing_in: self.cover.standing_in(),
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

    /// Drains on-demand instances, by the scenario's rule (RULES R55).
    pub(super) fn scale_in(&mut self, count: u32, why: &str) {
        let candidates = self.serving_on_demand(count);
        if candidates.is_empty() {
            return;
        }
        self.asked.push(Asked { at: self.now, since: self.now, change: -(candidates.len() as i32) });
        self.scale_ins += u64::from(self.now >= SimTime::START);
        self.log(What::ScaleIn, None, || format!("-{}: {why}", candidates.len()));
        for number in candidates {
            self.drain(number, &format!("scale-in: {why}"));
        }
    }

    /// Up to `count` on-demand instances in service, in the order in which they leave.
    fn serving_on_demand(&self, count: u32) -> Vec<u32> {
        let leaver = |&number: &u32| {
            let instance = &self.fleet[number as usize];
            let serves = instance.option == PurchaseOption::OnDemand && instance.state == State::InService;
            let age = self.now - instance.running_since.filter(|_| serves)?;
            Some(Leaver { number, zone: "", age, template: u32::from(instance.patched), rank: 0 })
        };
        let candidates: Vec<Leaver> = self.alive.iter().filter_map(leaver).collect();
        let policy = match self.plan.scaling.termination {
            Termination::Default => TerminationPolicy::Default,
            Termination::ClosestToNextInstanceHour => TerminationPolicy::ClosestToNextInstanceHour,
            Termination::OldestInstance => TerminationPolicy::OldestInstance,
            Termination::NewestInstance => TerminationPolicy::NewestInstance,
        };
        choose_leavers(policy, &candidates, count as usize)
    }

    /// Takes an instance out of service, to be ended with its last request or at its limit.
    pub(super) fn drain(&mut self, number: u32, why: &str) {
        let last = self.stop_serving(number, || why.to_string());
        let limit = self.now + self.kind_of(number).drain_limit;
        self.calendar.schedule(last.min(limit), Control::DrainEnd(number));
    }

    /// A spot slot has lost its instance, or is refused one: on-demand may have to stand in.
    pub(super) fn spot_is_lost(&mut self, slot: u32) {
        self.cover.lost(slot, self.now);
        self.cover_spot();
    }

    /// Starts or ends on-demand instances that stand in for missing spot.
    pub(super) fn cover_spot(&mut self) {
        let (missing, wanted) = (self.cover.missing(), self.plan.spot.as_ref().map_or(0, |spot| spot.count));
        match self.cover.decide(self.now) {
            Some(CoverChange::Launch(count)) => {
                let room = self.plan.on_demand_limits.1.saturating_sub(self.group().on_demand);
                let count = count.min(room);
                let why = format!("stands in for spot: {missing} of {wanted} spot instances are missing");
                for _ in 0..count {
                    self.launch_on_demand(&why);
                }
            }
            Some(CoverChange::Release(count)) => {
                let why = format!("stood in for spot: {missing} of {wanted} spot instances are missing now");
                self.release(count, &why);
            }
            None => {}
        }
        if let Some(time) = self.cover.next_time(self.now) {
            self.calendar.schedule(time, Control::CoverSpot);
        }
    }

    /// Ends on-demand instances that are not needed any more: first those that are still on their way. The group's minimum stays.
    fn release(&mut self, count: u32, why: &str) {
        let group = self.group();
        let spare = group.total.saturating_sub(self.controller.limits().min_total);
        let spare = spare.min(group.on_demand.saturating_sub(group.on_demand_limits.0));
        let mut left = count.min(spare);
        for state in [State::Pending, State::Booting] {
            let on_their_way: Vec<u32> = self
                .alive
                .iter()
                .copied()
                .filter(|&number| {
                    let instance = &self.fleet[number as usize];
                    instance.option == PurchaseOption::OnDemand && instance.state == state
                })
                .collect();
            // The last one that was requested goes first.
            for number in on_their_way.into_iter().rev().take(left as usize) {
                self.terminate(number, EndedBy::Owner, why);
                left -= 1;
            }
        }
        for number in self.serving_on_demand(left) {
            self.drain(number, why);
        }
    }
}
