//! What goes wrong on purpose: instances and zones that fail, markets that take back many instances at once.
//!
//! A failure comes without notice: what the instance worked on is lost. It is paid for like one that its owner ends. Another is
//! requested in its place when a health check has seen it, unless the group's limits are reached meanwhile.

use super::calendar::Control;
use super::event::What;
use super::spot::RETRY_AFTER;
use super::{MarketPlan, Simulation, SpotPlan};
use crate::billing::EndedBy;
use crate::fleet::{Instance, PurchaseOption, State};
use crate::rng::math::ln;
use crate::rng::{Purpose, Stream};
use crate::scenario::{MassInterruption, Scenario, ZoneOutage};
use crate::units::{Duration, SimTime};

/// The scenario's chaos made ready.
#[derive(Debug, Clone, Default)]
pub struct ChaosPlan {
    /// Mean time that an instance runs before it fails, in seconds.
    mean_time: Option<f64>,
    replaced_after: Duration,
    outages: Vec<OutagePlan>,
    mass: Vec<MassPlan>,
}

/// A zone outage, by whom it hits.
#[derive(Debug, Clone)]
struct OutagePlan {
    zone: String,
    from: SimTime,
    until: SimTime,
    base: bool,
    on_demand: bool,
    /// By the index of the pool's market.
    markets: Vec<bool>,
}

#[derive(Debug, Clone)]
struct MassPlan {
    at: SimTime,
    closed_until: SimTime,
    share: f64,
    /// By the index of the pool's market.
    markets: Vec<bool>,
}

impl ChaosPlan {
    /// The chaos of a scenario that has been validated.
    pub fn new(scenario: &Scenario) -> Self {
        let Some(chaos) = &scenario.chaos else { return Self::default() };
        let pools = &scenario.pools;
        let names = pools.spot.as_ref().map_or(&[][..], |pool| &pool.markets);
        let outage = |outage: &ZoneOutage| OutagePlan {
            zone: outage.zone.clone(),
            from: SimTime::START + outage.from,
            until: SimTime::START + outage.from + outage.lasts,
            base: pools.reserved.as_ref().is_some_and(|pool| pool.zone == outage.zone),
            on_demand: pools.on_demand.zone == outage.zone,
            markets: names.iter().map(|name| scenario.markets[name].zone == outage.zone).collect(),
        };
        let mass = |mass: &MassInterruption| MassPlan {
            at: SimTime::START + mass.at,
            closed_until: SimTime::START + mass.at + mass.closed_for,
            share: mass.share,
            markets: names.iter().map(|name| mass.markets.is_empty() || mass.markets.contains(name)).collect(),
        };
        Self {
            mean_time: chaos.instance_failure.map(|failure| failure.mean_time.as_secs_f64()),
            replaced_after: chaos.replaced_after,
            outages: chaos.zone_outages.iter().map(outage).collect(),
            mass: chaos.mass_interruptions.iter().map(mass).collect(),
        }
    }
}

impl OutagePlan {
    fn hits(&self, instance: &Instance) -> bool {
        match (instance.option, instance.market) {
            (PurchaseOption::Reserved, _) => self.base,
            (PurchaseOption::Spot, Some(market)) => self.markets[market],
            _ => self.on_demand,
        }
    }

    fn lasts_at(&self, time: SimTime) -> bool {
        self.from <= time && time < self.until
    }
}

impl Simulation<'_> {
    /// The events that are known beforehand.
    pub(super) fn begin_chaos(&mut self) {
        for (outage, plan) in self.plan.chaos.outages.iter().enumerate() {
            self.calendar.schedule(plan.from, Control::ZoneDown { outage });
        }
        for (number, plan) in self.plan.chaos.mass.iter().enumerate() {
            self.calendar.schedule(plan.at, Control::MassInterruption { number });
        }
    }

    /// Whether a market gives nothing now: its zone is down, or it has just taken back many.
    pub(super) fn is_market_closed(&self, market: usize) -> bool {
        let chaos = &self.plan.chaos;
        chaos.outages.iter().any(|outage| outage.markets[market] && outage.lasts_at(self.now))
            || chaos.mass.iter().any(|mass| mass.markets[market] && mass.at <= self.now && self.now < mass.closed_until)
    }

    /// Whether the zone of an instance is down.
    pub(super) fn is_zone_down(&self, number: u32) -> bool {
        self.plan.chaos.outages.iter().any(|o| o.lasts_at(self.now) && o.hits(&self.fleet[number as usize]))
    }

    /// Draws when an instance that begins to run fails.
    pub(super) fn schedule_failure(&mut self, number: u32) {
        let Some(mean) = self.plan.chaos.mean_time else { return };
        let instance = &self.fleet[number as usize];
        // The initial fleet has no launches; an instance is known by its pool and place.
        let initial = (6 << 56) | ((instance.option as u64) << 48) | u64::from(instance.spot_slot.unwrap_or(number));
        let entity = if instance.launch == 0 { initial } else { instance.launch };
        let u = Stream::new(self.plan.seed, Purpose::InstanceFailure).uniform(self.replication, entity, 0);
        let seconds = -ln(u) * mean;
        if seconds < (self.plan.horizon - self.now).as_secs_f64() {
            let time = self.now + Duration::from_secs_f64_rounded_to_millis(seconds);
            self.calendar.schedule(time, Control::Failure(number));
        }
    }

    /// An instance fails by itself.
    pub(super) fn instance_failure(&mut self, number: u32) {
        self.fail_at_once(number, "it failed");
    }

    /// A zone goes down with all its instances.
    pub(super) fn zone_down(&mut self, outage: usize) {
        let plan = &self.plan.chaos.outages[outage];
        self.log(What::ZoneDown, None, || format!("{} until {}", plan.zone, plan.until.since_start()));
        let hit = |number: &u32| plan.hits(&self.fleet[*number as usize]);
        let hit: Vec<u32> = self.alive.iter().copied().filter(hit).collect();
        for number in hit {
            self.fail_at_once(number, "its zone is down");
        }
    }

    /// An instance that runs is gone at once; one that was not to go is replaced, as soon as its failure is found.
    ///
    /// Where the balancer checks health it goes on sending to it until then.
    fn fail_at_once(&mut self, number: u32, why: &str) {
        let instance = &self.fleet[number as usize];
        let (state, option, slot) = (instance.state, instance.option, instance.spot_slot);
        if !matches!(state, State::Booting | State::InService | State::Draining) {
            return;
        }
        self.log(What::InstanceFailed, Some(number), || why.to_string());
        let mut found = Duration::ZERO;
        if state == State::InService && self.plan.balancer.health_check.is_some() {
            found = self.fail(number);
        } else if state == State::InService {
            self.stop_serving(number, || why.to_string());
        }
        self.terminate(number, EndedBy::Owner, why);
        let wait = self.plan.chaos.replaced_after.max(found);
        match (option, slot) {
            (PurchaseOption::Reserved, _) => {
                self.unreplaced[0] += 1;
                self.calendar.schedule(self.now + wait, Control::ReservedRequest);
            }
            (PurchaseOption::Spot, Some(slot)) => self.spot_slot_is_empty(slot, wait),
            // Another has been asked for in its place.
            (PurchaseOption::Spot, None) => {}
            (PurchaseOption::OnDemand, _) if state != State::Draining => {
                self.unreplaced[1] += 1;
                self.calendar.schedule(self.now + wait, Control::Replace);
            }
            (PurchaseOption::OnDemand, _) => {}
        }
    }

    /// An on-demand instance takes the place of one that failed, if the group has room and the zone is up.
    pub(super) fn replace_failed(&mut self) {
        if self.plan.chaos.outages.iter().any(|outage| outage.on_demand && outage.lasts_at(self.now)) {
            self.calendar.schedule(self.now + RETRY_AFTER, Control::Replace);
            return;
        }
        self.unreplaced[1] -= 1;
        let group = self.group();
        if group.on_demand < group.on_demand_limits.1 && group.total < self.plan.scaling.max_total {
            self.launch_on_demand("in the place of one that failed");
        }
    }

    /// A base instance takes the place of one that failed.
    pub(super) fn replace_failed_base(&mut self) {
        self.unreplaced[0] -= 1;
        self.launch_reserved("in the place of one that failed");
    }

    /// Markets take back a share of their instances.
    pub(super) fn mass_interruption(&mut self, number: usize) {
        let plan = &self.plan.chaos.mass[number];
        let markets: &[MarketPlan] = self.plan.spot.as_ref().map_or(&[], |spot: &SpotPlan| &spot.markets);
        let hit: Vec<usize> = (0..markets.len()).filter(|market| plan.markets[*market]).collect();
        self.log(What::MassInterruption, None, || {
            let names: Vec<&str> = hit.iter().map(|market| markets[*market].name.as_str()).collect();
            format!("{} % of {}", plan.share * 100.0, names.join(", "))
        });
        for market in hit {
            self.take_share(market, plan.share, "mass interruption");
        }
    }
}
