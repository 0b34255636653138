//! Systems with a constant fleet and rate, simulated through the public interface, and checks against exact values.

use fleetmix::engine::{MixPlan, RunRecord, Simulation};
use fleetmix::scenario::{Arrivals, Mix, Prices, Scenario, validate};
use fleetmix::stats::mean_interval;
use fleetmix::units::{Duration, SimTime};
use fleetmix::workload::{RatePath, RatePiece, RequestBlock, RequestStream, sampler};
use serde_json::{Value, json};

/// Confidence of each check. There are about 120 checks of random figures in all: 99.99 % each keeps the chance of any false alarm
/// near 1 %.
pub const LEVEL: f64 = 0.9999;

/// One queue.
#[derive(Debug, Clone)]
pub struct System {
    /// Requests per second.
    pub lambda: f64,
    /// `work` of the scenario; the mean is one second throughout.
    pub work: Value,
    /// Slots of an instance.
    pub servers: u32,
    /// Instances, all of speed 1.
    pub instances: u32,
    /// Speed of one more instance, if there is one.
    pub another: Option<f64>,
    /// Other settings of `service`.
    pub service: Value,
    /// Seconds before counting begins.
    pub warm_up: f64,
    /// Requests counted in a replication, about.
    pub requests: f64,
    /// Replications.
    pub replications: u32,
    /// Latencies whose exceedance is counted exactly.
    pub thresholds: Vec<f64>,
    /// Seed.
    pub seed: u32,
}

impl System {
    /// Exponential work of mean 1 s, 20 replications of 250,000 requests.
    ///
    /// Each system has its own seed, by this rule: with a common one all checks would err together.
    pub fn new(lambda: f64, servers: u32, warm_up: f64) -> Self {
        Self {
            lambda,
            work: json!({"exponential": {"mean": "1s"}}),
            servers,
            instances: 1,
            another: None,
            service: json!({}),
            warm_up: warm_up.ceil(),
            requests: 2.5e5,
            replications: 20,
            thresholds: vec![1e6],
            seed: 1000 * servers + (100.0 * lambda) as u32,
        }
    }

    fn scenario(&self) -> Scenario {
        let mut service = self.service.clone();
        service["work"] = self.work.clone();
        let kind =
            |speed| json!({ "slots": self.servers, "speed": speed, "drain_limit": "60s", "boot": { "stages": [] } });
        let others = u32::from(self.another.is_some());
        let tree = json!({
            "format": 1, "name": "stationary",
            "clock": { "start": "2016-03-07T00:00:00Z", "horizon": format!("{}s", self.horizon()) },
            "run": { "seed": self.seed, "replications": self.replications, "warm_up": format!("{}s", self.warm_up) },
            "demand": { "steps": { "steps": [{ "from": "0s", "per_second": self.lambda }] } },
            "service": service,
            "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
            "instance_types": { "m": kind(1.0), "other": kind(self.another.unwrap_or(1.0)) },
            "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "test", "types": { "m": {
                "on_demand": "1 USD/h", "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.5 USD/h" } }
            }, "other": { "on_demand": "1 USD/h" } } } },
            "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
            "pools": { "reserved": { "instance_type": "m", "commitment": "r" }, "on_demand": { "instance_type": "other" } },
            "scaling": { "min_total": 1, "max_total": self.instances + others, "metrics": { "period": "1d" } },
            "mixes": [{ "mix": format!("{} reserved + {others}..{others} on-demand", self.instances) }]
        });
        let scenario: Scenario = serde_json::from_value(tree).expect("a scenario");
        assert_eq!(validate(&scenario), []);
        scenario
    }

    fn horizon(&self) -> i64 {
        (self.requests / self.lambda).ceil() as i64
    }

    /// All replications: the record, and how many requests exceeded each threshold.
    pub fn run(&self) -> Vec<Outcome> {
        let scenario = self.scenario();
        let Prices::Inline(prices) = &scenario.prices else { unreachable!("prices are inline") };
        let mix: Mix = scenario.mixes[0].mix;
        let plans: Vec<MixPlan> = self
            .thresholds
            .iter()
            .map(|threshold| MixPlan { late_after: *threshold, ..MixPlan::new(&scenario, &mix, prices) })
            .collect();
        let from = -self.warm_up;
        let end = SimTime::START + scenario.clock.horizon;
        let path = RatePath::new(vec![RatePiece { from, per_second: self.lambda }], end);
        (0..self.replications)
            .map(|replication| {
                let works = sampler(&scenario.service.work);
                let mut stream = RequestStream::new(&path, Arrivals::Poisson, works, self.seed, replication);
                if let Some(patience) = &scenario.service.patience {
                    stream = stream.with_patience(sampler(patience), self.seed);
                }
                let new = |plan| Simulation::new(plan, &[], replication, None::<Duration>, false);
                let mut simulations: Vec<Simulation> = plans.iter().map(new).collect();
                let mut block = RequestBlock::default();
                while stream.next_block(&mut block) {
                    simulations.iter_mut().for_each(|simulation| simulation.feed(&block));
                }
                let offered = stream.offered_by_minute();
                let mut records: Vec<RunRecord> = simulations.into_iter().map(|s| s.finish(offered)).collect();
                let exceeding = records.iter().map(|record| record.counts.late).collect();
                assert!(records[0].counts.conserved());
                Outcome { record: records.swap_remove(0), exceeding }
            })
            .collect()
    }
}

/// One replication.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What the simulation recorded.
    pub record: RunRecord,
    /// Requests slower than each threshold.
    pub exceeding: Vec<u64>,
}

impl Outcome {
    /// Mean latency of the served.
    pub fn mean_latency(&self) -> f64 {
        self.record.latency_sum / self.record.counts.served as f64
    }

    /// A share of the offered.
    pub fn share(&self, count: u64) -> f64 {
        count as f64 / self.record.counts.offered as f64
    }

    /// The share of the served that exceeded a threshold.
    pub fn exceeding(&self, threshold: usize) -> f64 {
        self.exceeding[threshold] as f64 / self.record.counts.served as f64
    }

    /// Busy share of the slots.
    pub fn utilisation(&self) -> f64 {
        self.record.busy_and_capacity[0] / self.record.busy_and_capacity[1]
    }
}

/// Collects deviations, so that one run shows them all.
#[derive(Debug, Default)]
pub struct Checks {
    deviations: Vec<String>,
}

impl Checks {
    /// The interval of independent `values` must hold `exact`, and be narrower than ±`precision`·`exact`.
    pub fn holds(&mut self, what: &str, values: impl Iterator<Item = f64>, exact: f64, precision: f64) {
        let interval = mean_interval(&values.collect::<Vec<f64>>(), LEVEL);
        let [low, high] = interval.limits.expect("several replications");
        let half = 0.5 * (high - low) / exact;
        let line = format!("{what}: {:.6} in [{low:.6}, {high:.6}] (±{:.2} %)", exact, 100.0 * half);
        println!("{line}");
        if !(low <= exact && exact <= high) {
            self.deviations.push(format!("{line} does not hold"));
        }
        if half > precision {
            self.deviations.push(format!("{line} says too little"));
        }
    }

    /// Fails with everything that deviated.
    pub fn finish(self) {
        assert!(self.deviations.is_empty(), "{:#?}", self.deviations);
    }
}
