//! The spot pool of a replication: requests, prices and deliveries. What takes instances away is in `interruption`.

use super::calendar::Control;
use super::event::What;
use super::interruption::Threats;
use super::rebalancing::Replaced;
use super::{MixPlan, Simulation, SpotPlan};
use crate::fleet::{Instance, PurchaseOption};
use crate::rng::{Purpose, Stream};
use crate::scaling::group::{SpotMarketView, SpotStrategy, rank_markets};
use crate::scenario::Allocation;
use crate::units::{Duration, Rate, SimTime};

/// A refused spot request, or a launch that failed, is repeated after this time.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(60);

/// What a slot of the spot pool holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
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
    pub(super) slots: Vec<Holding>,
    /// The step of each market's price that began last.
    price_steps: Vec<usize>,
    /// Launches so far, by slot: addresses random numbers.
    launches: Vec<u64>,
    /// Instances that hold no slot any more because another has been asked for in their place.
    pub(super) replaced: Vec<Replaced>,
    pub(super) threats: Threats,
    fulfilments: Stream,
    undelivered: Stream,
}

impl SpotState {
    pub(super) fn new(plan: &MixPlan, replication: u32, begin: SimTime) -> Self {
        let count = plan.spot.as_ref().map_or(0, |spot| spot.count);
        Self {
            slots: vec![Holding::Empty { refused: false }; count as usize],
            price_steps: vec![0; plan.spot.as_ref().map_or(0, |spot| spot.markets.len())],
            launches: vec![0; count as usize],
            replaced: Vec::new(),
            threats: Threats::new(plan, replication, begin),
            fulfilments: Stream::new(plan.seed, Purpose::Fulfilment),
            undelivered: Stream::new(plan.seed, Purpose::Undelivered),
        }
    }

    /// Instances that were replaced and held this slot before.
    pub(super) fn replaced_of(&self, slot: u32) -> impl Iterator<Item = u32> {
        self.replaced.iter().filter(move |replaced| replaced.slot == slot).map(|replaced| replaced.number)
    }

    /// Instances and deliveries of the pool.
    pub(super) fn held(&self) -> u32 {
        let held = self.slots.iter().filter(|holding| !matches!(holding, Holding::Empty { .. }));
        (held.count() + self.replaced.len()) as u32
    }

    /// Instances and deliveries of the pool in a market.
    fn held_in(&self, fleet: &[Instance], market: usize) -> u32 {
        let in_market = |holding: &&Holding| match **holding {
            Holding::Empty { .. } => false,
            Holding::Accepted { market: m } => m == market,
            Holding::Instance(number) => fleet[number as usize].market == Some(market),
        };
        let replaced = self.replaced.iter().filter(|one| fleet[one.number as usize].market == Some(market));
        (self.slots.iter().filter(in_market).count() + replaced.count()) as u32
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
            match self.choose_market(None).filter(|_| in_service) {
                Some(market) => {
                    let instance = Instance::pending(PurchaseOption::Spot, Some(slot), Some(market));
                    let number = self.start_in_service(instance);
                    self.spot.slots[slot as usize] = Holding::Instance(number);
                }
                None => self.calendar.schedule(self.now, Control::SpotRequest { slot }),
            }
        }
        for market in 0..plan.markets.len() {
            let step = self.markets[market].price.index_at(self.now);
            self.spot.price_steps[market] = step;
            self.schedule_price_step(market, step + 1);
        }
        self.begin_threats();
    }

    fn schedule_price_step(&mut self, market: usize, step: usize) {
        if let Some((time, _)) = self.markets[market].price.steps().get(step) {
            self.calendar.schedule(*time, Control::PriceStep { market, step });
        }
    }

    /// The price of a market.
    fn price_of(&self, market: usize) -> Rate {
        // A step that begins now may be an event that is still to come.
        let path = &self.markets[market].price;
        path.steps()[path.index_from(self.spot.price_steps[market], self.now)].1
    }

    /// How many instances a market can give now.
    pub(super) fn capacity_of(&self, market: usize) -> u32 {
        if self.is_market_closed(market) {
            return 0;
        }
        self.spot_plan().markets[market].capacity.min(self.markets[market].capacity_at(self.now))
    }

    /// The market that a request goes to now, not `except`; `None` when every price is above its maximum or every market is full.
    pub(super) fn choose_market(&self, except: Option<usize>) -> Option<usize> {
        let plan = self.spot_plan();
        let accepts = |market: usize| {
            let price = self.price_of(market);
            if price > plan.markets[market].max_price {
                return None;
            }
            let (held, capacity) = (self.spot.held_in(&self.fleet, market), self.capacity_of(market));
            (held < capacity)
                .then(|| (market, SpotMarketView { price, weight: 1, spare: f64::from(capacity - held), held }))
        };
        let mut open = (0..plan.markets.len()).filter(|market| Some(*market) != except).filter_map(accepts);
        // Most requests find one market or none.
        let (first, second) = (open.next()?, open.next());
        let Some(second) = second else { return Some(first.0) };
        let (open, views): (Vec<usize>, Vec<SpotMarketView>) = [first, second].into_iter().chain(open).unzip();
        let strategy = match plan.allocation {
            Allocation::LowestPrice => SpotStrategy::LowestPrice { pools: 1 },
            Allocation::Diversified => SpotStrategy::Diversified,
            Allocation::CapacityOptimized => SpotStrategy::CapacityOptimized,
            Allocation::PriceCapacityOptimized => SpotStrategy::PriceCapacityOptimized,
        };
        rank_markets(strategy, &views).first().map(|best| open[*best])
    }

    /// An open request is looked at: a market other than `except` accepts it, or it is repeated.
    pub(super) fn spot_request(&mut self, slot: u32, except: Option<usize>) {
        let Some(market) = self.choose_market(except) else {
            if self.spot.slots[slot as usize] != (Holding::Empty { refused: true }) {
                self.log(What::SpotRefused, None, || "every price is above its maximum or every market is full".into());
            }
            self.spot.slots[slot as usize] = Holding::Empty { refused: true };
            self.calendar.schedule(self.now + RETRY_AFTER, Control::SpotRequest { slot });
            if !self.slot_serves(slot) {
                self.spot_is_lost(slot);
            }
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

    /// A market delivers, unless its price has risen above the maximum or its capacity has fallen meanwhile.
    pub(super) fn spot_fulfilled(&mut self, slot: u32, market: usize) {
        let plan = &self.spot_plan().markets[market];
        let price = self.price_of(market);
        let launch = self.launch_address(slot);
        if price > plan.max_price || self.spot.held_in(&self.fleet, market) > self.capacity_of(market) {
            self.spot_slot_is_empty(slot, RETRY_AFTER);
            return;
        }
        if plan.undelivered > 0.0 && self.spot.undelivered.uniform(self.replication, launch, 0) < plan.undelivered {
            self.launch_failures += u64::from(self.now >= SimTime::START);
            self.log(What::Undelivered, None, || format!("market {} does not deliver what it accepted", plan.name));
            self.spot_slot_is_empty(slot, RETRY_AFTER);
            return;
        }
        let instance = Instance::pending(PurchaseOption::Spot, Some(slot), Some(market));
        let old = self.spot.replaced_of(slot).last().map(|old| format!(", in the place of {old}")).unwrap_or_default();
        let why = format!("market {} at {price}, maximum {}{old}", plan.name, plan.max_price);
        let number = self.request(instance, launch, &why);
        self.spot.slots[slot as usize] = Holding::Instance(number);
    }

    /// A slot of the pool asks for an instance again after `wait`.
    pub(super) fn spot_slot_is_empty(&mut self, slot: u32, wait: Duration) {
        self.spot.slots[slot as usize] = Holding::Empty { refused: false };
        self.calendar.schedule(self.now + wait, Control::SpotRequest { slot });
    }

    /// A market's price changes; above the maximum its instances get their notice.
    pub(super) fn price_step(&mut self, market: usize, step: usize) {
        self.spot.price_steps[market] = step;
        self.schedule_price_step(market, step + 1);
        let plan = &self.spot_plan().markets[market];
        let steps = self.markets[market].price.steps();
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
}
