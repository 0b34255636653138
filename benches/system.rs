//! A service whose fleet changes every minute, for the benches.

use fleetmix::engine::{Lockstep, MixPlan, RunRecord, Simulation};
use fleetmix::market::{MarketPath, PricePath};
use fleetmix::scenario::{Arrivals, Mix, Prices, Scenario, validate};
use fleetmix::units::{Rate, SimTime};
use fleetmix::workload::{RatePath, RatePiece, RequestBlock, RequestStream, sampler};
use serde_json::json;
use std::sync::Arc;

/// Requests per second: 12,000 between two ticks.
const PER_SECOND: f64 = 200.0;

/// What the fleet is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Slots while the spot instance is there.
    pub slots: u32,
    /// Two speeds, patience, a queue limit, and requests that are lost with their instance.
    pub extras: bool,
    /// Busy share of the slots, if all were equally fast and none turned away.
    pub load: f64,
}

/// A base of all slots but one, and a spot instance of one slot that goes and comes back minute by minute.
#[derive(Debug)]
pub struct System {
    /// What it is like.
    pub shape: Shape,
    scenario: Scenario,
    path: RatePath,
    markets: Vec<MarketPath>,
    plan: MixPlan,
}

impl System {
    /// With about `requests` requests.
    pub fn new(shape: Shape, requests: u32) -> Self {
        Self::with_prices(shape, requests, true)
    }

    /// A fleet that does not change.
    #[allow(dead_code, reason = "not every bench uses it")]
    pub fn constant(slots: u32, load: f64, requests: u32) -> Self {
        Self::with_prices(Shape { slots, extras: false, load }, requests, false)
    }

    fn with_prices(shape: Shape, requests: u32, change: bool) -> Self {
        let price = |minute: i64| 0.1 + if change { (minute % 2) as f64 } else { 0.0 };
        let Shape { slots, extras, load } = shape;
        let minutes = (f64::from(requests) / PER_SECOND / 60.0).ceil() as i64;
        let mean = load * (f64::from(slots) - 0.5) / PER_SECOND;
        let mut service = json!({ "work": { "exponential": { "mean": format!("{}us", (mean * 1e6).round()) } } });
        if extras {
            service["timeout"] = json!(format!("{}us", (3e6 * mean).round()));
            service["queue_limit"] = json!(20);
        }
        let steps: Vec<_> = (0..minutes)
            .map(|minute| json!({ "from": format!("{minute}m"), "price": format!("{} USD/h", price(minute)) }))
            .collect();
        let tree = json!({
            "format": 1, "name": "bench",
            "clock": { "start": "2016-03-07T00:00:00Z", "horizon": format!("{minutes}m") },
            "run": { "seed": 1, "replications": 1, "warm_up": "0s" },
            "demand": { "steps": { "steps": [{ "from": "0s", "per_second": PER_SECOND }] } },
            "service": service,
            "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
            "instance_types": {
                "base": { "slots": slots - 1, "drain_limit": "60s", "boot": { "stages": [] } },
                "spot": { "slots": 1, "speed": if extras { 1.5 } else { 1.0 }, "drain_limit": "60s", "boot": { "stages": [] } }
            },
            "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "bench", "types": {
                "base": { "on_demand": "1 USD/h", "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.5 USD/h" } } },
                "spot": { "on_demand": "1 USD/h" }
            } } },
            "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
            "markets": { "m": {
                "instance_type": "spot", "price": { "steps": steps }, "notice": if extras { "0s" } else { "30s" },
                "interruptions": "price_only", "capacity": "unlimited", "fulfilment": { "constant": "0s" }
            } },
            "pools": {
                "reserved": { "instance_type": "base", "commitment": "r" },
                "spot": { "markets": ["m"], "max_price": "0.5 USD/h" },
                "on_demand": { "instance_type": "base" }
            },
            "scaling": { "min_total": 1, "max_total": 2, "metrics": { "period": "60s" } },
            "mixes": [{ "mix": "1 reserved + 1 spot" }]
        });
        let scenario: Scenario = serde_json::from_value(tree).expect("a scenario");
        assert_eq!(validate(&scenario), []);
        let Prices::Inline(prices) = &scenario.prices else { unreachable!("prices are inline") };
        let mix: Mix = "1 reserved + 1 spot".parse().expect("a mix");
        let plan = MixPlan::new(&scenario, &mix, prices);
        let steps = (0..minutes).map(|minute| {
            let price = Rate::from_f64(price(minute)).expect("a rate");
            (SimTime::from_secs(60 * minute), price)
        });
        let price = Arc::new(PricePath::new(steps.collect()));
        let markets = vec![MarketPath { price, capacity: None }];
        let end = SimTime::START + scenario.clock.horizon;
        let path = RatePath::new(vec![RatePiece { from: 0.0, per_second: PER_SECOND }], end);
        Self { shape, scenario, path, markets, plan }
    }

    /// Latency above which a request is late, in seconds.
    pub fn late_after(&self) -> f64 {
        self.plan.late_after
    }

    /// The requests of a replication.
    pub fn requests(&self, replication: u32) -> RequestStream<'_> {
        RequestStream::new(&self.path, Arrivals::Poisson, sampler(&self.scenario.service.work), 1, replication)
    }

    fn simulation(&self, replication: u32) -> Simulation<'_> {
        Simulation::new(&self.plan, &self.markets, replication, None, false)
    }

    /// Draws and simulates a replication.
    pub fn simulate(&self, replication: u32) -> RunRecord {
        let (mut requests, mut block) = (self.requests(replication), RequestBlock::default());
        let mut simulation = self.simulation(replication);
        while requests.next_block(&mut block) {
            simulation.feed(&block);
        }
        simulation.finish(requests.offered_by_minute())
    }

    /// Draws and simulates replications together.
    pub fn simulate_replications(&self, count: u32) -> Vec<RunRecord> {
        let mut requests: Vec<RequestStream> = (0..count).map(|replication| self.requests(replication)).collect();
        let mut together = Lockstep::new((0..count).map(|replication| self.simulation(replication)).collect());
        let mut blocks = vec![RequestBlock::default(); count as usize];
        loop {
            let mut more = false;
            for (stream, block) in requests.iter_mut().zip(&mut blocks) {
                more |= stream.next_block(block);
            }
            if !more {
                break;
            }
            together.feed_each(&blocks.iter().collect::<Vec<_>>());
        }
        let simulations = together.into_simulations().into_iter().zip(&requests);
        simulations.map(|(simulation, requests)| simulation.finish(requests.offered_by_minute())).collect()
    }

    /// Draws the requests of a replication and simulates several fleets on them together.
    pub fn simulate_mixes(&self, count: u32) -> Vec<RunRecord> {
        let (mut requests, mut block) = (self.requests(0), RequestBlock::default());
        let mut together = Lockstep::new((0..count).map(|_| self.simulation(0)).collect());
        while requests.next_block(&mut block) {
            together.feed(&block);
        }
        let offered = requests.offered_by_minute();
        together.into_simulations().into_iter().map(|simulation| simulation.finish(offered)).collect()
    }
}
