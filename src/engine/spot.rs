//! The spot pool of a replication: requests, prices, notices, interruptions.

use super::calendar::Control;
use super::event::What;
use super::{MixPlan, Simulation, SpotPlan};
use crate::billing::EndedBy;
use crate::fleet::{Instance, PurchaseOption, State};
use crate::market::HazardClock;
use crate::rng::{Purpose, Stream};
use crate::scenario::Allocation;
use crate::units::{Duration, Rate, SimTime};

/// A refused spot request, or a launch that failed, is repeated after this time.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(60);

/// What a slot of the spot pool holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holding {
    /// Nothing; a request is open.
    Empty { refused: bool },
    /// A market has accepted and will deliver.
    Accepted { market: usize },
    /// An instance.
    Instance(u32),
}

/// The state of the spot pool.
#[derive(Debug)]
pub(super) struct SpotState {
    slots: Vec<Holding>,
    /// Launches so far, by slot: addresses random numbers.
    launches: Vec<u64>,
    /// Interruptions of each slot alone, by market and slot.
    slot_hazards: Vec<Vec<HazardClock>>,
    /// Shocks by market.
    shocks: Vec<HazardClock>,
    fulfilments: Stream,
}

impl SpotState {
    pub(super) fn new(plan: &MixPlan, replication: u32, begin: SimTime) -> Self {
        let count = plan.spot.as_ref().map_or(0, |spot| spot.count);
        let markets = plan.spot.as_ref().map_or(&[][..], |spot| &spot.markets);
        let clock = |market: u32, process: u32, rate: f64| {
            HazardClock::new(plan.seed, replication, market, process, rate, begin)
        };
        Self {
            slots: vec![Holding::Empty { refused: false }; count as usize],
            launches: vec![0; count as usize],
            slot_hazards: markets
                .iter()
                .map(|m| (0..count).map(|slot| clock(m.number, 1 + slot, m.hazard.0)).collect())
                .collect(),
            shocks: markets.iter().map(|m| clock(m.number, 0, m.hazard.1)).collect(),
            fulfilments: Stream::new(plan.seed, Purpose::Fulfilment),
        }
    }

    /// Instances and deliveries of the pool in a market.
    fn held_in(&self, fleet: &[Instance], market: usize) -> u32 {
        let in_market = |holding: &&Holding| match **holding {
            Holding::Empty { .. } => false,
            Holding::Accepted { market: m } => m == market,
            Holding::Instance(number) => fleet[number as usize].market == Some(market),
        };
        self.slots.iter().filter(in_market).count() as u32
    }
}

impl<'a> Simulation<'a> {
    /// The spot part of the plan.
    ///
    /// # Panics
    /// If the mix has none; only events of the spot pool ask for it.
    pub(super) fn spot_plan(&self) -> &'a SpotPlan {
        self.plan.spot.as_ref().expect("the mix has spot instances")
    }

    /// The first instances or requests, price steps and interruptions.
    pub(super) fn begin_spot(&mut self, in_service: bool) {
        let Some(plan) = &self.plan.spot else { return };
        for slot in 0..plan.count {
            match self.choose_market().filter(|_| in_service) {
                Some(market) => {
                    let instance = Instance::pending(PurchaseOption::Spot, Some(slot), Some(market));
                    let number = self.start_in_service(instance);
                    self.spot.slots[slot as usize] = Holding::Instance(number);
                }
                None => self.calendar.schedule(self.now, Control::SpotRequest { slot }),
            }
        }
        for market in 0..plan.markets.len() {
            self.schedule_price_step(market, self.prices[market].index_at(self.now) + 1);
            if let Some(time) = self.spot.shocks[market].next_time() {
                self.calendar.schedule(time, Control::Shock { market });
            }
            for slot in 0..plan.count {
                self.schedule_slot_hazard(market, slot);
            }
        }
    }

    fn schedule_price_step(&mut self, market: usize, step: usize) {
        if let Some((time, _)) = self.prices[market].steps().get(step) {
            self.calendar.schedule(*time, Control::PriceStep { market, step });
        }
    }

    fn schedule_slot_hazard(&mut self, market: usize, slot: u32) {
        if let Some(time) = self.spot.slot_hazards[market][slot as usize].next_time() {
            self.calendar.schedule(time, Control::SlotHazard { market, slot });
        }
    }

    /// The market that a request goes to now; `None` when every price is above its maximum or every market is full.
    fn choose_market(&self) -> Option<usize> {
        let plan = self.spot_plan();
        let open = |market: &usize| {
            let limits = &plan.markets[*market];
            self.prices[*market].at(self.now) <= limits.max_price
                && self.spot.held_in(&self.fleet, *market) < limits.capacity
        };
        (0..plan.markets.len()).filter(open).min_by_key(|&market| {
            let price = self.prices[market].at(self.now);
            match plan.allocation {
                Allocation::LowestPrice => (0, price),
                Allocation::Diversified => (self.spot.held_in(&self.fleet, market), price),
            }
        })
    }

    /// An open request is looked at: a market accepts it, or it is repeated.
    pub(super) fn spot_request(&mut self, slot: u32) {
        let Some(market) = self.choose_market() else {
            if self.spot.slots[slot as usize] != (Holding::Empty { refused: true }) {
                self.log(What::SpotRefused, None, || "every price is above its maximum or every market is full".into());
            }
            self.spot.slots[slot as usize] = Holding::Empty { refused: true };
            self.calendar.schedule(self.now + RETRY_AFTER, Control::SpotRequest { slot });
            self.spot_is_lost(slot);
            self.wave_without_slot(slot);
            return;
        };
        self.spot.slots[slot as usize] = Holding::Accepted { market };
        self.spot.launches[slot as usize] += 1;
        let entity = self.launch_address(slot);
        let u = self.spot.fulfilments.uniform(self.replication, entity, 0);
        let delay = self.spot_plan().markets[market].fulfilment.draw(u);
        let time = self.now + Duration::from_secs_f64_rounded_to_millis(delay);
        self.calendar.schedule(time, Control::SpotFulfilled { slot, market });
    }

    fn launch_address(&self, slot: u32) -> u64 {
        (1 << 56) | (u64::from(slot) << 32) | self.spot.launches[slot as usize]
    }

    /// A market delivers, unless its price has risen above the maximum meanwhile.
    pub(super) fn spot_fulfilled(&mut self, slot: u32, market: usize) {
        let plan = &self.spot_plan().markets[market];
        let price = self.prices[market].at(self.now);
        if price > plan.max_price {
            self.spot_slot_is_empty(slot, RETRY_AFTER);
            return;
        }
        let instance = Instance::pending(PurchaseOption::Spot, Some(slot), Some(market));
        let why = format!("market {} at {price}, maximum {}", plan.name, plan.max_price);
        let number = self.request(instance, self.launch_address(slot), &why);
        self.spot.slots[slot as usize] = Holding::Instance(number);
    }

    /// A slot of the pool asks for an instance again after `wait`.
    pub(super) fn spot_slot_is_empty(&mut self, slot: u32, wait: Duration) {
        self.spot.slots[slot as usize] = Holding::Empty { refused: false };
        self.calendar.schedule(self.now + wait, Control::SpotRequest { slot });
    }

    /// A market's price changes; above the maximum its instances get their notice.
    pub(super) fn price_step(&mut self, market: usize, step: usize) {
        self.schedule_price_step(market, step + 1);
        let plan = &self.spot_plan().markets[market];
        let steps = self.prices[market].steps();
        let (before, price) = (steps[step - 1].1, steps[step].1);
        let above = |price: Rate| price > plan.max_price;
        let words = || format!("market {}: price {price}, maximum {}", plan.name, plan.max_price);
        match (above(before), above(price)) {
            (false, true) => {
                self.log(What::PriceAboveMaximum, None, words);
                self.give_notice_in(market, &words());
            }
            (true, false) => self.log(What::PriceWithinMaximum, None, words),
            _ => {}
        }
    }

    /// A shock hits every instance of a market.
    pub(super) fn shock(&mut self, market: usize) {
        if let Some(time) = self.spot.shocks[market].next_time() {
            self.calendar.schedule(time, Control::Shock { market });
        }
        self.give_notice_in(market, "the market takes back capacity");
    }

    /// One slot's instance is hit, if it is in this market.
    pub(super) fn slot_hazard(&mut self, market: usize, slot: u32) {
        self.schedule_slot_hazard(market, slot);
        if let Holding::Instance(number) = self.spot.slots[slot as usize]
            && self.fleet[number as usize].market == Some(market)
        {
            self.give_notice(number, "the market takes back this instance");
        }
    }

    fn give_notice_in(&mut self, market: usize, why: &str) {
        for slot in 0..self.spot.slots.len() {
            if let Holding::Instance(number) = self.spot.slots[slot]
                && self.fleet[number as usize].market == Some(market)
            {
                self.give_notice(number, why);
            }
        }
    }

    /// The cloud announces that it takes an instance away. It drains at once; a notice once given is carried out.
    fn give_notice(&mut self, number: u32, why: &str) {
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
        if let Some(slot) = self.fleet[number as usize].spot_slot {
            self.spot_is_lost(slot);
        }
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
