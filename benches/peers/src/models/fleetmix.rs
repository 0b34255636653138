//! fleetmix through its library: one replication of a mix of one instance whose slots are the servers.
//!
//! It does more than is asked for here: metric ticks, alarms, utilisation, the ledger's usage log.

use crate::system::{MEAN_SERVICE, Measured, System};
use fleetmix::engine::{MixPlan, Simulation};
use fleetmix::scenario::{Arrivals, Mix, Prices, Scenario, validate};
use fleetmix::units::SimTime;
use fleetmix::workload::{RatePath, RatePiece, RequestBlock, RequestStream, sampler};
use serde_json::json;
use std::error::Error;
use std::time::Instant;

fn scenario(system: &System) -> Result<Scenario, Box<dyn Error>> {
    let milliseconds = |seconds: f64| format!("{}ms", (seconds * 1000.0).round());
    let tree = json!({
        "format": 1, "name": "peers",
        "clock": { "start": "2016-03-07T00:00:00Z", "horizon": milliseconds(system.end() - system.warm_up()) },
        "run": { "seed": system.seed, "replications": 1, "warm_up": milliseconds(system.warm_up()) },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": system.arrival_rate() }] } },
        "service": { "work": { "exponential": { "mean": milliseconds(MEAN_SERVICE) } } },
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "m": { "slots": system.servers, "drain_limit": "60s", "boot": { "stages": [] } } },
        "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "peers", "types": { "m": {
            "on_demand": "1 USD/h", "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": "0.5 USD/h" } }
        } } } },
        "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": {} } },
        "pools": { "reserved": { "instance_type": "m", "commitment": "r" }, "on_demand": { "instance_type": "m" } },
        "scaling": { "min_total": 1, "max_total": 1, "metrics": { "period": "60s" } },
        "mixes": [{ "mix": "1 reserved" }]
    });
    let scenario: Scenario = serde_json::from_value(tree)?;
    let issues = validate(&scenario);
    if issues.is_empty() { Ok(scenario) } else { Err(format!("{issues:?}").into()) }
}

pub fn simulate(system: &System) -> Result<Measured, Box<dyn Error>> {
    let scenario = scenario(system)?;
    let Prices::Inline(prices) = &scenario.prices else { return Err("prices are not inline".into()) };
    let mix: Mix = "1 reserved".parse()?;
    let plan = MixPlan::new(&scenario, &mix, prices);
    let from = -scenario.run.warm_up.as_secs_f64();
    let end = SimTime::START + scenario.clock.horizon;
    let path = RatePath::new(vec![RatePiece { from, per_second: system.arrival_rate() }], end);
    let requests = || RequestStream::new(&path, Arrivals::Poisson, sampler(&scenario.service.work), system.seed, 0);

    let mut block = RequestBlock::default();
    let begin = Instant::now();
    let mut stream = requests();
    let mut simulation = Simulation::new(&plan, &[], 0, None, false);
    while stream.next_block(&mut block) {
        simulation.feed(&block);
    }
    let record = simulation.finish(stream.offered_by_minute());
    let took = begin.elapsed();

    // The record has times in the system. What is service in them is drawn once more.
    let (mut all, mut counted, mut work) = (0, 0, 0.0);
    let mut stream = requests();
    while stream.next_block(&mut block) {
        all += block.works.len() as u64;
        let past_warm_up = block.arrivals.iter().zip(&block.works).filter(|(arrival, _)| **arrival >= 0.0);
        for (_, seconds) in past_warm_up {
            counted += 1;
            work += seconds;
        }
    }
    if record.counts.served != counted {
        return Err(format!("{} served, {counted} offered", record.counts.served).into());
    }
    Ok(Measured {
        requests: all,
        seconds: took.as_secs_f64(),
        mean_wait: (record.latency_sum - work) / counted as f64,
        p95_sojourn: record.latency.quantile(0.95),
    })
}
