//! A mix made ready to simulate: everything that does not differ between replications.

use super::chaos::ChaosPlan;
use super::patch_wave::WavePlan;
use crate::fleet::BootPlan;
use crate::market::{HazardRates, per_second};
use crate::rng::Sampler;
use crate::scenario::{
    Allocation, CapacityRebalancing, CapacityReservation, Discipline, InitialFleet, InlinePrices, InstanceType,
    LoadBalancer, Market, Mix, OnDemandPart, OnInstanceLoss, OnLoss, OnReturn, Pools, Scaling, Scenario, SpotCapacity,
    SpotPool, WarmPool, WarmState,
};
use crate::units::{Duration, Instant, Rate, SimTime};
use crate::workload::sampler;

/// An instance type made ready.
#[derive(Debug, Clone)]
pub struct TypePlan {
    /// Requests served at once.
    pub slots: u32,
    /// Speed.
    pub speed: f64,
    /// CPU utilisation of an idle instance.
    pub idle_cpu: f64,
    /// How it boots.
    pub boot: BootPlan,
    /// Longest drain.
    pub drain_limit: Duration,
}

impl TypePlan {
    fn new(kind: &InstanceType, balancer: LoadBalancer, seed: u32) -> Self {
        Self {
            slots: kind.slots,
            speed: kind.speed,
            idle_cpu: kind.idle_cpu,
            boot: BootPlan::new(&kind.boot, seed),
            drain_limit: balancer.deregistration_delay.unwrap_or(kind.drain_limit),
        }
    }
}

/// A market made ready.
#[derive(Debug, Clone)]
pub struct MarketPlan {
    /// Its name.
    pub name: String,
    /// Its number among all markets of the scenario, for random numbers.
    pub number: u32,
    /// Its instance type.
    pub kind: TypePlan,
    /// Highest price accepted in it.
    pub max_price: Rate,
    /// Most instances it ever gives.
    pub capacity: u32,
    /// Interruptions per second.
    pub hazard: HazardRates,
    /// Share of the pool's common shocks that hit it.
    pub common_share: f64,
    /// Time from notice to end.
    pub notice: Duration,
    /// Delay of an accepted request.
    pub fulfilment: Sampler,
    /// Share of accepted requests that are not delivered.
    pub undelivered: f64,
    /// Signals before notices, if there are any.
    pub signals: Option<SignalPlan>,
}

/// Signals that an instance is at risk, made ready.
#[derive(Debug, Clone)]
pub struct SignalPlan {
    /// Time from signal to notice.
    pub lead: Sampler,
    /// Share of interruptions that are announced.
    pub announced: f64,
    /// False alarms per second of each instance.
    pub false_alarms: f64,
}

/// The spot part made ready.
#[derive(Debug, Clone)]
pub struct SpotPlan {
    /// Wanted instances, those beyond the mix included.
    pub count: u32,
    /// Who stands in for missing ones.
    pub on_loss: OnLoss,
    /// When a lost one is asked for again.
    pub on_return: OnReturn,
    /// Which market a request goes to.
    pub allocation: Allocation,
    /// What is done with an instance that is at risk or has its notice.
    pub rebalancing: CapacityRebalancing,
    /// The markets, in the order of the pool.
    pub markets: Vec<MarketPlan>,
    /// Shocks per second that may hit any of the scenario's markets.
    pub common_shocks: f64,
}

/// Reserved capacity made ready: launches in it do not fail (RULES R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacityPlan {
    /// Whether base and whether on-demand instances can run in it.
    pub base_and_on_demand: [bool; 2],
    /// How many.
    pub count: u32,
    /// Held from.
    pub from: SimTime,
    /// Held until.
    pub until: SimTime,
}

/// A mix made ready to simulate.
#[derive(Debug, Clone)]
pub struct MixPlan {
    /// Seed of all random numbers.
    pub seed: u32,
    /// The real instant at which simulated time starts.
    pub start: Instant,
    /// Simulated time before the start.
    pub warm_up: Duration,
    /// End of simulated time.
    pub horizon: SimTime,
    /// The fleet when time starts.
    pub initial_fleet: InitialFleet,
    /// Base instances and their type.
    pub reserved: Option<(u32, TypePlan)>,
    /// Spot.
    pub spot: Option<SpotPlan>,
    /// Type of on-demand instances.
    pub on_demand: TypePlan,
    /// Reserved capacity.
    pub capacity: Vec<CapacityPlan>,
    /// Fewest and most on-demand instances.
    pub on_demand_limits: (u32, u32),
    /// Who serves whom.
    pub discipline: Discipline,
    /// Whether a request that is lost with its instance is sent again.
    pub retry: bool,
    /// Requests that may wait.
    pub queue_limit: Option<u32>,
    /// How long a client waits, in seconds; infinite without a timeout. Random patience comes with the requests.
    pub timeout: f64,
    /// Whether requests bring a random patience.
    pub random_patience: bool,
    /// The objective's latency, in seconds.
    pub late_after: f64,
    /// Largest late and failed share that the objective allows.
    pub allowed_shares: [f64; 2],
    /// The load balancer.
    pub balancer: LoadBalancer,
    /// Instances that wait to be needed.
    pub warm_pool: Option<WarmPlan>,
    /// A patch wave.
    pub patch_wave: Option<WavePlan>,
    /// Whether late and failed requests are kept by minute.
    pub keeps_minutes: bool,
    /// Alarms and policies.
    pub scaling: Scaling,
    /// What goes wrong on purpose.
    pub chaos: ChaosPlan,
}

/// A warm pool made ready.
#[derive(Debug, Clone)]
pub struct WarmPlan {
    /// Whether its instances run, and are billed, while they wait.
    pub runs: bool,
    /// Most instances of the group and the pool together; the group's maximum if that is `None`.
    pub max_prepared: Option<u32>,
    /// Time until a waiting instance runs.
    pub start: Sampler,
}

impl WarmPlan {
    fn new(pool: &WarmPool) -> Self {
        Self { runs: pool.state == WarmState::Running, max_prepared: pool.max_prepared, start: sampler(&pool.start) }
    }
}

impl MixPlan {
    /// Speeds of the instances that the mix may have, each once, in increasing order.
    pub fn speeds(&self) -> Vec<f64> {
        let spot = self.spot.iter().flat_map(|plan| &plan.markets).map(|market| &market.kind);
        let kinds = self.reserved.iter().map(|(_, kind)| kind).chain(spot).chain([&self.on_demand]);
        let failed = self.balancer.health_check.map(|_| super::failed::SPEED);
        let mut speeds: Vec<f64> = kinds.map(|kind| kind.speed).chain(failed).collect();
        speeds.sort_unstable_by(f64::total_cmp);
        speeds.dedup();
        speeds
    }

    /// Makes `mix` ready under a scenario that has been validated with it.
    ///
    /// # Panics
    /// If the scenario was not validated (a named type, market or price is missing).
    pub fn new(scenario: &Scenario, mix: &Mix, prices: &InlinePrices) -> Self {
        let seed = scenario.run.seed;
        let balancer = scenario.service.load_balancer.unwrap_or_default();
        let kind = |name: &str| TypePlan::new(&scenario.instance_types[name], balancer, seed);
        let base = scenario.pools.reserved.as_ref().filter(|_| mix.reserved > 0);
        let no_on_demand = OnDemandPart { min: 0, max: Some(0) };
        let part = mix.on_demand.unwrap_or(no_on_demand);
        Self {
            seed,
            start: scenario.clock.start,
            warm_up: scenario.run.warm_up,
            horizon: SimTime::START + scenario.clock.horizon,
            initial_fleet: scenario.run.initial_fleet,
            reserved: base.map(|pool| (mix.reserved, kind(&pool.instance_type))),
            spot: scenario.pools.spot.as_ref().filter(|_| mix.spot_count() > 0).map(|pool| SpotPlan {
                count: mix.spot_count() + pool.on_loss.extra(),
                on_loss: pool.on_loss,
                on_return: pool.on_return,
                allocation: pool.allocation,
                rebalancing: pool.capacity_rebalancing,
                markets: pool.markets.iter().map(|name| market_plan(scenario, mix, prices, pool, name)).collect(),
                common_shocks: common_shocks(scenario),
            }),
            on_demand: kind(&scenario.pools.on_demand.instance_type),
            capacity: scenario.capacity_reservations.iter().map(|reserved| capacity(scenario, reserved)).collect(),
            on_demand_limits: (part.min, part.max.unwrap_or(u32::MAX)),
            discipline: scenario.service.discipline,
            retry: scenario.service.on_instance_loss == OnInstanceLoss::Retry,
            queue_limit: scenario.service.queue_limit,
            timeout: scenario.service.timeout.map_or(f64::INFINITY, Duration::as_secs_f64),
            random_patience: scenario.service.patience.is_some(),
            late_after: scenario.objective.latency.as_secs_f64(),
            allowed_shares: [scenario.objective.late_share, scenario.objective.error_share],
            balancer,
            warm_pool: scenario.pools.on_demand.warm_pool.as_ref().map(WarmPlan::new),
            patch_wave: scenario.patch_wave.as_ref().map(|wave| WavePlan::new(wave, seed)),
            keeps_minutes: scenario.patch_wave.is_some(),
            scaling: scenario.scaling.clone(),
            chaos: ChaosPlan::new(scenario),
        }
    }
}

fn capacity(scenario: &Scenario, reserved: &CapacityReservation) -> CapacityPlan {
    let Pools { reserved: base, on_demand, .. } = &scenario.pools;
    let holds = |instance_type: &str, zone: &str| {
        reserved.instance_type == instance_type && (reserved.zone.is_empty() || reserved.zone == zone)
    };
    let time = |instant: Instant| {
        let since = instant.unix_nanos() - scenario.clock.start.unix_nanos();
        let longest = i128::from(SimTime::NEVER.nanos());
        SimTime::from_nanos(since.clamp(-longest, longest) as i64)
    };
    CapacityPlan {
        base_and_on_demand: [
            base.as_ref().is_some_and(|pool| holds(&pool.instance_type, &pool.zone)),
            holds(&on_demand.instance_type, &on_demand.zone),
        ],
        count: reserved.count,
        from: reserved.from.map_or(SimTime::START - scenario.run.warm_up, time),
        until: reserved.until.map_or(SimTime::NEVER, time),
    }
}

fn market_plan(scenario: &Scenario, mix: &Mix, prices: &InlinePrices, pool: &SpotPool, name: &str) -> MarketPlan {
    let market = &scenario.markets[name];
    let hazard = hazard_rates(market);
    let max_price = mix.max_spot_price(pool, prices.types[&market.instance_type].on_demand);
    MarketPlan {
        name: name.to_string(),
        number: scenario.markets.keys().position(|key| key == name).expect("the market exists") as u32,
        kind: TypePlan::new(
            &scenario.instance_types[&market.instance_type],
            scenario.service.load_balancer.unwrap_or_default(),
            scenario.run.seed,
        ),
        max_price: max_price.rate,
        capacity: match market.capacity {
            SpotCapacity::Limit(limit) => limit,
            SpotCapacity::Unlimited | SpotCapacity::Trace(_) | SpotCapacity::Steps(_) => u32::MAX,
        },
        hazard,
        common_share: if hazard.common > 0.0 { hazard.common / common_shocks(scenario) } else { 0.0 },
        notice: market.notice,
        fulfilment: sampler(&market.fulfilment),
        undelivered: market.undelivered,
        signals: market.rebalance_signals.as_ref().map(|signals| SignalPlan {
            lead: sampler(&signals.lead_time),
            announced: signals.announced,
            false_alarms: per_second(signals.false_alarms_per_month),
        }),
    }
}

fn hazard_rates(market: &Market) -> HazardRates {
    market.interruptions.hazard().map_or(HazardRates::default(), |hazard| HazardRates::new(&hazard))
}

/// The rate of common shocks: that of the market that has most. Of these, another market is hit by its share.
fn common_shocks(scenario: &Scenario) -> f64 {
    scenario.markets.values().map(|market| hazard_rates(market).common).fold(0.0, f64::max)
}
