//! What takes spot instances away besides the price: hazards, shocks, a capacity that falls; and the signals before it.
//!
//! Interruptions belong to a market and a slot of the pool, never to a launch. A signal is an observation: the group may act on
//! it, the cloud does not.

use super::calendar::{AtRisk, Control};
use super::event::What;
use super::spot::Holding;
use super::{MixPlan, Simulation};
use crate::billing::EndedBy;
use crate::fleet::State;
use crate::market::HazardClock;
use crate::rng::{Purpose, Stream};
use crate::units::{Duration, SimTime};
use std::collections::BTreeSet;

/// The clock of common shocks belongs to no market.
const NO_MARKET: u32 = u32::MAX;
/// Clocks of false alarms, from this process on.
const FALSE_ALARMS: u32 = 1 << 31;
/// Where the signals before the steps of a capacity are addressed.
const CAPACITY_STEPS: u64 = u32::MAX as u64;

/// What the markets of a pool will do to it.
#[derive(Debug)]
pub(super) struct Threats {
    /// Interruptions of each slot alone, by market and slot.
    slots: Vec<Vec<HazardClock>>,
    /// Shocks by market.
    shocks: Vec<HazardClock>,
    /// Shocks that hit several markets.
    common: HazardClock,
    /// False alarms, by market and slot.
    false_alarms: Vec<Vec<HazardClock>>,
    hits: Stream,
    signals: Stream,
    /// Instances that were said to be at risk.
    at_risk: BTreeSet<u32>,
}

impl Threats {
    pub(super) fn new(plan: &MixPlan, replication: u32, begin: SimTime) -> Self {
        let count = plan.spot.as_ref().map_or(0, |spot| spot.count);
        let markets = plan.spot.as_ref().map_or(&[][..], |spot| &spot.markets);
        let clock = |market: u32, process: u32, rate: f64| {
            HazardClock::new(plan.seed, replication, market, process, rate, begin)
        };
        let false_alarms = |rate: Option<f64>| rate.unwrap_or(0.0);
        Self {
            slots: markets
                .iter()
                .map(|m| (0..count).map(|slot| clock(m.number, 1 + slot, m.hazard.alone)).collect())
                .collect(),
            shocks: markets.iter().map(|m| clock(m.number, 0, m.hazard.market)).collect(),
            common: clock(NO_MARKET, 0, plan.spot.as_ref().map_or(0.0, |spot| spot.common_shocks)),
            false_alarms: markets
                .iter()
                .map(|m| {
                    let rate = false_alarms(m.signals.as_ref().map(|signals| signals.false_alarms));
                    (0..count).map(|slot| clock(m.number, FALSE_ALARMS + slot, rate)).collect()
                })
                .collect(),
            hits: Stream::new(plan.seed, Purpose::CommonShock),
            signals: Stream::new(plan.seed, Purpose::RebalanceSignal),
            at_risk: BTreeSet::new(),
        }
    }
}

impl Simulation<'_> {
    /// The first interruptions, steps of capacity and signals.
    pub(super) fn begin_threats(&mut self) {
        let plan = self.spot_plan();
        for market in 0..plan.markets.len() {
            self.schedule_shock(market);
            for slot in 0..plan.count {
                self.schedule_slot_hazard(market, slot);
                self.schedule_false_alarm(market, slot);
            }
            self.schedule_capacity(market);
        }
        self.schedule_common_shock();
    }

    fn schedule_slot_hazard(&mut self, market: usize, slot: u32) {
        let clock = &mut self.spot.threats.slots[market][slot as usize];
        if let Some(time) = clock.next_time() {
            let address = clock.address();
            self.calendar.schedule(time, Control::SlotHazard { market, slot });
            self.schedule_signal(market, AtRisk::Slot(slot), time, address);
        }
    }

    fn schedule_shock(&mut self, market: usize) {
        let clock = &mut self.spot.threats.shocks[market];
        if let Some(time) = clock.next_time() {
            let address = clock.address();
            self.calendar.schedule(time, Control::Shock { market });
            self.schedule_signal(market, AtRisk::Beyond(0), time, address);
        }
    }

    fn schedule_common_shock(&mut self) {
        let clock = &mut self.spot.threats.common;
        if let Some(time) = clock.next_time() {
            let (entity, draw) = clock.address();
            self.calendar.schedule(time, Control::CommonShock);
            for market in 0..self.spot_plan().markets.len() {
                if self.is_hit(market) {
                    // Each market announces it or not, by a number of its own.
                    let number = u64::from(self.spot_plan().markets[market].number);
                    let address = (entity - 1 - number, draw);
                    self.schedule_signal(market, AtRisk::Beyond(0), time, address);
                }
            }
        }
    }

    /// Whether the common shock that was drawn last hits a market. One number for all: those with fewer shocks share theirs.
    fn is_hit(&self, market: usize) -> bool {
        let (entity, draw) = self.spot.threats.common.address();
        self.spot.threats.hits.uniform(self.replication, entity, draw) < self.spot_plan().markets[market].common_share
    }

    fn schedule_false_alarm(&mut self, market: usize, slot: u32) {
        if let Some(time) = self.spot.threats.false_alarms[market][slot as usize].next_time() {
            self.calendar.schedule(time, Control::FalseAlarm { market, slot });
        }
    }

    /// The first step of a market's capacity, and the signals before all that lower it.
    fn schedule_capacity(&mut self, market: usize) {
        let Some(path) = &self.markets[market].capacity else { return };
        let first = path.index_at(self.now) + 1;
        self.schedule_capacity_step(market, first);
        if self.spot_plan().markets[market].signals.is_some() {
            let entity = (u64::from(self.spot_plan().markets[market].number) << 32) | CAPACITY_STEPS;
            for (step, pair) in path.steps().windows(2).enumerate().skip(first - 1) {
                if pair[1].1 < pair[0].1 {
                    self.schedule_signal(market, AtRisk::Beyond(pair[1].1), pair[1].0, (entity, step as u32));
                }
            }
        }
    }

    fn schedule_capacity_step(&mut self, market: usize, step: usize) {
        let next = self.markets[market].capacity.as_ref().and_then(|path| path.steps().get(step));
        if let Some((time, _)) = next {
            self.calendar.schedule(*time, Control::CapacityStep { market, step });
        }
    }

    /// Announces what will happen at `time`, if the market does so; `address` is that of the event's random numbers.
    fn schedule_signal(&mut self, market: usize, at_risk: AtRisk, time: SimTime, address: (u64, u32)) {
        let Some(plan) = &self.spot_plan().markets[market].signals else { return };
        let [announced, lead] = self.spot.threats.signals.uniforms(self.replication, address.0, address.1);
        if announced < plan.announced {
            let lead = Duration::from_secs_f64_rounded_to_millis(plan.lead.draw(lead));
            self.calendar.schedule((time - lead).max(self.now), Control::RebalanceSignal { market, at_risk });
        }
    }

    /// A shock hits every instance of a market.
    pub(super) fn shock(&mut self, market: usize) {
        self.schedule_shock(market);
        self.give_notice_in(market, "the market takes back capacity");
    }

    /// A shock hits every instance of some markets.
    pub(super) fn common_shock(&mut self) {
        let hit: Vec<usize> = (0..self.spot_plan().markets.len()).filter(|market| self.is_hit(*market)).collect();
        self.schedule_common_shock();
        for market in hit {
            self.give_notice_in(market, "several markets take back capacity");
        }
    }

    /// One slot's instance is hit, if it is in this market.
    pub(super) fn slot_hazard(&mut self, market: usize, slot: u32) {
        self.schedule_slot_hazard(market, slot);
        if let Some(number) = self.instance_in(market, slot) {
            self.give_notice(number, "the market takes back this instance");
        }
    }

    /// A market's capacity changes; what does not fit gets its notice.
    pub(super) fn capacity_step(&mut self, market: usize, step: usize) {
        self.schedule_capacity_step(market, step + 1);
        let capacity = self.markets[market].capacity_at(self.now);
        let beyond = self.beyond(market, capacity);
        if beyond.is_empty() {
            return;
        }
        let plan = self.spot_plan();
        let words = || format!("market {} can give {capacity}", plan.markets[market].name);
        self.log(What::CapacityFell, None, words);
        for number in beyond {
            self.give_notice(number, &words());
        }
    }

    /// Instances of a market without notice that do not fit `capacity`: those of the highest slots.
    fn beyond(&self, market: usize, capacity: u32) -> Vec<u32> {
        let slots = 0..self.spot.slots.len() as u32;
        let here = slots.flat_map(|slot| self.instances_in(market, slot));
        here.filter(|&number| !self.fleet[number as usize].has_notice).skip(capacity as usize).collect()
    }

    /// The instances of a slot in a market: those that were replaced, then the one that it holds.
    fn instances_in(&self, market: usize, slot: u32) -> impl Iterator<Item = u32> {
        let holder = match self.spot.slots[slot as usize] {
            Holding::Instance(number) => Some(number),
            Holding::Empty { .. } | Holding::Accepted { .. } => None,
        };
        let here = move |number: &u32| self.fleet[*number as usize].market == Some(market);
        self.spot.replaced_of(slot).chain(holder).filter(here)
    }

    /// The instance of a slot in a market that is hit next: the oldest without notice.
    fn instance_in(&self, market: usize, slot: u32) -> Option<u32> {
        self.instances_in(market, slot).find(|&number| !self.fleet[number as usize].has_notice)
    }

    /// A market says whom it will take back.
    pub(super) fn rebalance_signal(&mut self, market: usize, at_risk: AtRisk) {
        let instances = match at_risk {
            AtRisk::Slot(slot) => self.instance_in(market, slot).into_iter().collect(),
            AtRisk::Beyond(capacity) => self.beyond(market, capacity),
        };
        for number in instances {
            self.signal(number, market);
        }
    }

    /// A market is wrong about an instance.
    pub(super) fn false_alarm(&mut self, market: usize, slot: u32) {
        self.schedule_false_alarm(market, slot);
        if let Some(number) = self.instance_in(market, slot) {
            self.signal(number, market);
        }
    }

    /// An instance that runs is said to be at risk, once.
    fn signal(&mut self, number: u32, market: usize) {
        let runs = matches!(self.fleet[number as usize].state, State::Booting | State::InService);
        if !runs || !self.spot.threats.at_risk.insert(number) {
            return;
        }
        if self.now >= SimTime::START {
            self.rebalance_signals.push((self.now, market));
        }
        self.log(What::RebalanceSignal, Some(number), || "the market says that it may take it back".to_string());
        self.rebalance(number);
    }

    /// A share of a market's instances gets its notice, rounded up, from the highest slot down.
    pub(super) fn take_share(&mut self, market: usize, share: f64, why: &str) {
        let all = self.beyond(market, 0).len();
        let kept = all - (share * all as f64).ceil() as usize;
        for number in self.beyond(market, kept as u32) {
            self.give_notice(number, why);
        }
    }

    /// Every instance of a market gets its notice.
    pub(super) fn give_notice_in(&mut self, market: usize, why: &str) {
        for number in self.beyond(market, 0) {
            self.give_notice(number, why);
        }
    }

    /// The cloud announces that it takes an instance away. It drains at once; a notice once given is carried out.
    pub(super) fn give_notice(&mut self, number: u32, why: &str) {
        let instance = &self.fleet[number as usize];
        if instance.has_notice {
            return;
        }
        let market = instance.market.expect("a spot instance has a market");
        let state = instance.state;
        self.fleet[number as usize].has_notice = true;
        self.log(What::Notice, Some(number), || why.to_string());
        if state == State::Pending {
            // It never ran: the request is simply open again.
            self.taken_away(number);
            return;
        }
        if self.now >= SimTime::START {
            self.interruptions.push((self.now, market));
        }
        let notice = self.spot_plan().markets[market].notice;
        match state {
            State::InService if notice == Duration::ZERO && self.plan.balancer.health_check.is_some() => {
                self.fail(number);
            }
            State::InService => {
                self.stop_serving(number, || "notice".to_string());
                self.deregister_within(number, notice);
            }
            _ => self.fleet[number as usize].state = State::Draining,
        }
        self.calendar.schedule(self.now + notice, Control::TakenAway(number));
        if let Some(slot) = self.slot_of(number).filter(|slot| !self.slot_serves(*slot)) {
            self.spot_is_lost(slot);
        }
        self.rebalance(number);
    }

    /// The notice is over: the instance is gone and its slot asks again at once.
    pub(super) fn taken_away(&mut self, number: u32) {
        if self.fleet[number as usize].state == State::Terminated {
            return;
        }
        self.terminate(number, EndedBy::Cloud, "taken away by the cloud");
        if let Some(slot) = self.fleet[number as usize].spot_slot {
            self.spot_slot_is_empty(slot, self.spot_plan().on_return.wait());
            self.spot_is_lost(slot);
        }
    }
}
