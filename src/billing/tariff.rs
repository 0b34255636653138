//! What running time costs in one replication of one mix.

use super::normalisation::Footprint;
use super::reservation::{Scope, UnitTime};
use super::savings_plan::PlanKind;
use super::{Benefit, Commitment, Offer, ReservedCapacity};
use crate::market::PricePath;
use crate::scenario::{Billing, CommitmentScope, InlinePrices, Mix, OwnedCommitment, OwnedReservation, Scenario};
use crate::units::{Duration, Instant, Money, Rate, SimTime};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What running time costs in one replication of one mix.
#[derive(Debug, Clone)]
pub struct Tariff {
    /// Prices of base instances, if there are any.
    pub base: Option<PoolTariff>,
    /// Prices of on-demand instances.
    pub on_demand: PoolTariff,
    /// Prices of the spot markets, by index.
    pub markets: Vec<MarketTariff>,
    /// The rules.
    pub billing: Billing,
    /// Commitments, in the order in which they apply among equals: those owned first.
    pub commitments: Vec<Commitment>,
    /// Reserved capacity.
    pub capacity: Vec<ReservedCapacity>,
    /// Start of simulated time.
    pub start: Instant,
    /// End of simulated time.
    pub horizon: SimTime,
}

/// Prices of the instances of one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolTariff {
    /// Instance type.
    pub instance_type: String,
    /// Size of one instance in its family.
    pub footprint: Footprint,
    /// Zone, empty unless stated.
    pub zone: String,
    /// On-demand price.
    pub on_demand: Rate,
    /// Prices under savings plans, by the name of the plan's rates.
    pub plan_rates: BTreeMap<String, Rate>,
}

/// Prices of the instances of one market.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketTariff {
    /// Name of the market.
    pub name: String,
    /// Zone, for labels.
    pub zone: String,
    /// Instance type.
    pub instance_type: String,
    /// On-demand price of the type, for comparison, where the price list has it.
    pub on_demand: Option<Rate>,
    /// The price over time.
    pub price: Arc<PricePath>,
}

impl Tariff {
    /// The tariff of `mix`; `markets` are the prices of the spot pool's markets in their order.
    ///
    /// # Panics
    /// If the scenario with these prices does not pass [`crate::scenario::validate`].
    pub fn new(scenario: &Scenario, prices: &InlinePrices, mix: &Mix, markets: &[Arc<PricePath>]) -> Self {
        let pools = &scenario.pools;
        let pool = |instance_type: &str, zone: &str| PoolTariff {
            instance_type: instance_type.to_string(),
            footprint: Footprint::of(instance_type, true),
            zone: zone.to_string(),
            on_demand: prices.types[instance_type].on_demand.rate,
            plan_rates: prices.types[instance_type].plan_rates().collect(),
        };
        let base = pools.reserved.as_ref().filter(|_| mix.reserved > 0);
        let names = pools.spot.iter().flat_map(|pool| &pool.markets);
        Self {
            base: base.map(|base| pool(&base.instance_type, &base.zone)),
            on_demand: pool(&pools.on_demand.instance_type, &pools.on_demand.zone),
            markets: names
                .zip(markets)
                .map(|(name, price)| {
                    let market = &scenario.markets[name];
                    MarketTariff {
                        name: name.clone(),
                        zone: market.zone.clone(),
                        instance_type: market.instance_type.clone(),
                        on_demand: prices.types.get(&market.instance_type).map(|prices| prices.on_demand.rate),
                        price: price.clone(),
                    }
                })
                .collect(),
            billing: scenario.billing.clone(),
            commitments: commitments(scenario, prices, mix),
            capacity: scenario
                .capacity_reservations
                .iter()
                .zip(1..)
                .map(|(reserved, number)| ReservedCapacity {
                    id: format!("capacity-{number}"),
                    pool: pool(&reserved.instance_type, &reserved.zone),
                    count: reserved.count,
                    from: reserved.from.map_or(SimTime::START, |from| since_start(from, scenario.clock.start)),
                    until: reserved.until.map_or(SimTime::NEVER, |until| since_start(until, scenario.clock.start)),
                })
                .collect(),
            start: scenario.clock.start,
            horizon: SimTime::START + scenario.clock.horizon,
        }
    }

    /// Whether a commitment can cover an instance of this tariff.
    pub fn may_cover(&self, commitment: &Commitment) -> bool {
        self.base.iter().chain([&self.on_demand]).any(|pool| match &commitment.benefit {
            Benefit::Reservation { scope, instance_type, footprint } => {
                applies(scope, instance_type, footprint, &pool.instance_type, &pool.zone)
            }
            Benefit::Plan { kind, rates, .. } => {
                pool.plan_rates.contains_key(rates)
                    && match kind {
                        PlanKind::Compute => true,
                        PlanKind::Family(family) => family == pool.family(),
                    }
            }
        })
    }

    /// Whether instances of this tariff can run in reserved capacity.
    pub fn runs_in(&self, reserved: &ReservedCapacity) -> bool {
        self.base.iter().chain([&self.on_demand]).any(|pool| reserved.holds(pool))
    }

    /// Time from the clock hour before the start of simulated time to that start.
    pub fn since_clock_hour(&self) -> Duration {
        Duration::from_nanos(self.start.unix_nanos().rem_euclid(i128::from(Duration::HOUR.nanos())) as i64)
    }
}

impl Tariff {
    /// Time from the clock hour before `time` to it.
    pub(super) fn since_clock_hour_of(&self, time: SimTime) -> Duration {
        let since = (time.since_start() + self.since_clock_hour()).nanos();
        Duration::from_nanos(since.rem_euclid(Duration::HOUR.nanos()))
    }
}

/// What is owned, then what the mix buys: plans, and reservations for the base that those owned leave uncovered.
fn commitments(scenario: &Scenario, prices: &InlinePrices, mix: &Mix) -> Vec<Commitment> {
    let start = scenario.clock.start;
    let mut all: Vec<Commitment> = scenario
        .commitments_owned
        .iter()
        .zip(1..)
        .map(|(owned, number)| owned_commitment(owned, number, start))
        .collect();
    all.retain(|commitment| commitment.until > SimTime::START);
    let plans = scenario.savings_plans.iter().zip(1..);
    all.extend(plans.map(|(plan, number)| Commitment::savings_plan(plan, format!("plan-{number}"))));
    let base = scenario.pools.reserved.as_ref().filter(|_| mix.reserved > 0);
    if let Some((pool, name)) = base.and_then(|pool| Some((pool, pool.commitment.as_ref()?))) {
        let owned: u32 = all.iter().map(|owned| instances_covered(owned, &pool.instance_type, &pool.zone)).sum();
        let count = mix.reserved.saturating_sub(owned);
        if count > 0 {
            let offer = &prices.types[&pool.instance_type].reserved[name];
            let (scope, footprint) = scope(offer.scope.as_ref().unwrap_or(&pool.scope), &pool.instance_type);
            all.push(Commitment {
                id: format!("reserved-{}-{name}", pool.instance_type),
                benefit: Benefit::Reservation { scope, instance_type: pool.instance_type.clone(), footprint },
                count,
                offer: Offer::from(offer),
                until: SimTime::NEVER,
                owned: false,
            });
        }
    }
    all
}

/// How many base instances a reservation covers.
fn instances_covered(commitment: &Commitment, wanted: &str, zone: &str) -> u32 {
    let Benefit::Reservation { scope, instance_type, footprint } = &commitment.benefit else { return 0 };
    if !applies(scope, instance_type, footprint, wanted, zone) {
        return 0;
    }
    let units = u64::from(commitment.count) * u64::from(footprint.quarters);
    (units / u64::from(Footprint::of(wanted, true).quarters)) as u32
}

/// Whether a reservation can cover instances of the `wanted` type in a zone.
fn applies(scope: &Scope, instance_type: &str, footprint: &Footprint, wanted: &str, zone: &str) -> bool {
    match scope {
        Scope::Zonal { zone: own } => own == zone && instance_type == wanted,
        Scope::Regional => instance_type == wanted || footprint.family == Footprint::of(wanted, true).family,
    }
}

/// Where a commitment applies, and its size there.
fn scope(scope: &CommitmentScope, instance_type: &str) -> (Scope, Footprint) {
    let (scope, flexible) = match scope {
        CommitmentScope::Regional => (Scope::Regional, true),
        CommitmentScope::RegionalFixedSize => (Scope::Regional, false),
        CommitmentScope::Zonal(zone) => (Scope::Zonal { zone: zone.clone() }, false),
    };
    (scope, Footprint::of(instance_type, flexible))
}

/// An instant as simulated time; the start for what was before, never for what is far beyond.
fn since_start(instant: Instant, start: Instant) -> SimTime {
    let since = (instant.unix_nanos() - start.unix_nanos()).clamp(0, i128::from(SimTime::NEVER.nanos()));
    SimTime::from_nanos(since as i64)
}

fn owned_commitment(owned: &OwnedCommitment, number: usize, start: Instant) -> Commitment {
    let until = |ends: Instant| since_start(ends, start);
    match owned {
        OwnedCommitment::Reserved(OwnedReservation {
            instance_type,
            count,
            term,
            upfront,
            hourly,
            scope: at,
            ends,
        }) => {
            let (scope, footprint) = scope(at, instance_type);
            Commitment {
                id: format!("owned-{number}"),
                benefit: Benefit::Reservation { scope, instance_type: instance_type.clone(), footprint },
                count: *count,
                offer: Offer { term: *term, upfront: upfront.amount, hourly: hourly.rate },
                until: until(*ends),
                owned: true,
            }
        }
        OwnedCommitment::SavingsPlan { plan, ends } => {
            Commitment { until: until(*ends), owned: true, ..Commitment::savings_plan(plan, format!("owned-{number}")) }
        }
    }
}

impl PoolTariff {
    /// Family of the type, for savings plans of a family.
    pub(super) fn family(&self) -> &str {
        self.instance_type.split_once('.').map_or(self.instance_type.as_str(), |(family, _)| family)
    }

    /// What `time` of its instances costs on-demand.
    pub(super) fn price_of(&self, time: UnitTime) -> Money {
        let hour = i128::from(Duration::HOUR.nanos()) * i128::from(self.footprint.quarters);
        Money::from_nano(self.on_demand.nano_per_hour().into()).scaled(time.0, hour)
    }
}
