//! Random small scenarios, and one replication of them.

use super::reference::{Change, Client};
use fleetmix::billing::{Invoice, Ledger, Tariff, bill, invoice};
use fleetmix::engine::{MixPlan, RunRecord, Simulation, What};
use fleetmix::fleet::PurchaseOption;
use fleetmix::market::{CapacityPath, MarketPath, PricePath};
use fleetmix::scenario::{PriceProcess, Prices, Scenario, SpotCapacity, validate};
use fleetmix::units::{Duration, SimTime, on_grid};
use fleetmix::workload::{RatePath, RatePiece, RequestBlock, RequestStream, sampler};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn seconds(milliseconds: u32) -> String {
    format!("{milliseconds}ms")
}

fn law(longest_milliseconds: u32) -> impl Strategy<Value = Value> {
    law_of(0..6, longest_milliseconds)
}

fn law_of(kinds: std::ops::Range<u32>, longest_milliseconds: u32) -> impl Strategy<Value = Value> {
    (kinds, 1..longest_milliseconds, 0.2..3.0f64).prop_map(|(kind, mean, cv)| {
        let mean = seconds(mean);
        match kind {
            0 => json!({ "constant": mean }),
            1 => json!({ "uniform": { "min": "0s", "max": mean } }),
            2 => json!({ "exponential": { "mean": mean } }),
            3 => json!({ "lognormal": { "mean": mean, "cv": cv } }),
            4 => json!({ "gamma": { "mean": mean, "cv": cv } }),
            _ => json!({ "hyperexponential": { "mean": mean, "cv": 1.0 + cv } }),
        }
    })
}

/// A delay: laws without a table of quantiles, which takes long to make.
fn delay(longest_milliseconds: u32) -> impl Strategy<Value = Value> {
    law_of(0..4, longest_milliseconds)
}

fn service() -> impl Strategy<Value = Value> {
    let limit = prop::option::of(prop_oneof![Just(0u32), 0..15u32]);
    (law(3000), limit, prop::option::of(1..15_000u32), prop::option::weighted(0.25, law(8000))).prop_map(
        |(work, limit, timeout, patience)| {
            let mut service = json!({ "work": work });
            match patience {
                Some(law) => service["patience"] = law,
                None => {
                    limit.into_iter().for_each(|limit| service["queue_limit"] = json!(limit));
                    timeout.into_iter().for_each(|timeout| service["timeout"] = json!(seconds(timeout)));
                }
            }
            service
        },
    )
}

fn demand() -> impl Strategy<Value = Value> {
    let rate = prop_oneof![4 => 0.05..6.0f64, 1 => Just(0.0)];
    let arrivals = prop_oneof![
        3 => Just(json!("poisson")),
        1 => Just(json!("deterministic")),
        1 => (0.3..3.0f64).prop_map(|cv| json!({ "gamma": { "cv": cv } })),
    ];
    (prop::collection::vec((rate, 30..900u32), 1..4), arrivals).prop_map(|(pieces, arrivals)| {
        let mut from = 0;
        let steps: Vec<Value> = pieces
            .into_iter()
            .map(|(rate, length)| {
                let step = json!({ "from": format!("{from}s"), "per_second": rate });
                from += length;
                step
            })
            .collect();
        json!({ "steps": { "steps": steps, "arrivals": arrivals } })
    })
}

fn instance_type() -> impl Strategy<Value = Value> {
    let stage = |name: &'static str| prop::option::of(delay(90_000).prop_map(move |law| json!({ name: law })));
    let boot = (stage("provisioning"), stage("os"), stage("health_check"), prop_oneof![Just(0.0), 0.0..0.6f64]);
    (1..4u32, 0.4..3.0f64, prop_oneof![Just(0u32), 0..90_000u32], boot).prop_map(
        |(slots, speed, drain, (provisioning, os, check, fails))| {
            let stages: Vec<Value> = [provisioning, os, check].into_iter().flatten().collect();
            json!({
                "slots": slots, "speed": speed, "drain_limit": seconds(drain),
                "boot": { "stages": stages, "failure_probability": fails }
            })
        },
    )
}

fn market() -> impl Strategy<Value = Value> {
    let steps = prop::collection::vec((10_000..900_000u32, prop::sample::select(vec![0.1, 0.9])), 0..6);
    let notice = prop::sample::select(vec![0u32, 0, 5, 30, 120]);
    let hazard = prop::option::of(prop::sample::select(vec![0.0, 0.5, 1.0]));
    let capacity = prop_oneof![
        2 => Just(json!("unlimited")),
        1 => (0..4u32).prop_map(|limit| json!({ "limit": limit })),
        2 => capacity_steps(),
    ];
    let across = prop::sample::select(vec![0.0, 0.5]);
    let failing = prop::sample::select(vec![0.0, 0.0, 0.4]);
    let behaviour = (notice, hazard, across, failing, prop::option::of(signals()));
    (steps, behaviour, capacity, delay(120_000)).prop_map(|(steps, behaviour, capacity, fulfilment)| {
        let (notice, shared, across, undelivered, signals) = behaviour;
        let mut time = 0;
        let mut prices = vec![json!({ "from": "0s", "price": "0.2 USD/h" })];
        for (length, price) in steps {
            time += length;
            prices.push(json!({ "from": seconds(time), "price": format!("{price} USD/h") }));
        }
        // As often as a share below 1 can say: once in 20 hours.
        let hazard = |shared| {
            json!({ "hazard": { "monthly_share": 1.0 - f64::EPSILON, "shared": shared, "across_markets": across } })
        };
        let mut market = json!({
            "instance_type": "spot", "price": { "steps": prices }, "notice": format!("{notice}s"),
            "interruptions": shared.map_or(json!("price_only"), hazard),
            "capacity": capacity, "undelivered": undelivered, "fulfilment": fulfilment
        });
        signals.into_iter().for_each(|signals| market["rebalance_signals"] = signals);
        market
    })
}

fn capacity_steps() -> impl Strategy<Value = Value> {
    prop::collection::vec((10_000..900_000u32, 0..5u32), 1..6).prop_map(|steps| {
        let mut from = 0;
        let step = |(length, instances): (u32, u32)| {
            let step = json!({ "from": seconds(from), "instances": instances });
            from += length;
            step
        };
        json!({ "steps": steps.into_iter().map(step).collect::<Vec<_>>() })
    })
}

fn signals() -> impl Strategy<Value = Value> {
    (delay(300_000), 0.0..1.0f64, prop::sample::select(vec![0.0, 10_000.0])).prop_map(|(lead, announced, often)| {
        json!({ "lead_time": lead, "announced": announced, "false_alarms_per_month": often })
    })
}

/// Failures, outages and mass interruptions within ten minutes.
fn chaos() -> impl Strategy<Value = Value> {
    let outage = (prop::sample::select(vec!["x", "y"]), 0..590u32, 1..900u32).prop_map(
        |(zone, from, lasts)| json!({ "zone": zone, "from": format!("{from}s"), "lasts": format!("{lasts}s") }),
    );
    let mass = (0..590u32, 0.1..1.0f64, 0..400u32).prop_map(
        |(at, share, closed)| json!({ "at": format!("{at}s"), "share": share, "closed_for": format!("{closed}s") }),
    );
    let failure = prop::option::of(60..2000u32);
    (failure, prop::collection::vec(outage, 0..3), prop::collection::vec(mass, 0..3), 0..90u32).prop_map(
        |(failure, outages, mass, replaced)| {
            let mut chaos = json!({
                "zone_outages": outages, "mass_interruptions": mass, "replaced_after": format!("{replaced}s")
            });
            if let Some(mean) = failure {
                chaos["instance_failure"] = json!({ "mean_time": format!("{mean}s") });
            }
            chaos
        },
    )
}

fn scaling() -> impl Strategy<Value = Value> {
    let times = (prop::sample::select(vec![10u32, 30, 60]), 0..90u32, 0..180u32, 0..300u32);
    let latency = prop::option::of(100..3000u32);
    (times, (0..3u32, 0..6u32), (0.05..0.9f64, 0.05..0.9f64), latency, 1..3i32).prop_map(
        |((period, published, warm_up, cooldown), (min, more), (high, low), latency, step)| {
            let mut scaling = json!({
                "min_total": min, "max_total": min + more,
                "metrics": { "period": format!("{period}s"), "published_after": format!("{published}s") },
                "alarms": {
                    "hot": { "metric": { "cpu": "average" }, "above": high.max(low),
                        "datapoints_to_alarm": 1, "evaluation_periods": 2 },
                    "cold": { "metric": { "cpu": "average" }, "below": high.min(low),
                        "datapoints_to_alarm": 2, "evaluation_periods": 2 }
                },
                "policies": {
                    "out": { "step": { "alarm": "hot", "warm_up": format!("{warm_up}s"),
                        "steps": [{ "from": 0, "change": step }] } },
                    "in": { "simple": { "alarm": "cold", "change": -step, "cooldown": format!("{cooldown}s") } }
                }
            });
            if let Some(limit) = latency {
                scaling["alarms"]["slow"] = json!({
                    "metric": { "latency": { "percentile": 95 } }, "above": seconds(limit),
                    "datapoints_to_alarm": 1, "evaluation_periods": 1, "treat_missing_data": "notBreaching"
                });
                scaling["policies"]["out-slow"] = json!({ "step": {
                    "alarm": "slow", "warm_up": format!("{warm_up}s"), "steps": [{ "from": "0ms", "change": 1 }]
                } });
            }
            scaling
        },
    )
}

fn run() -> impl Strategy<Value = Value> {
    let warm_up = prop::sample::select(vec![0u32, 0, 90, 300]);
    (any::<u16>(), prop::bool::weighted(0.7), warm_up).prop_map(|(seed, in_service, warm_up)| {
        let fleet = if in_service { "mix_in_service" } else { "empty" };
        json!({ "seed": seed, "replications": 1, "warm_up": format!("{warm_up}s"), "initial_fleet": fleet })
    })
}

/// Who stands in for lost spot, when it is asked for again, and a patch wave.
fn control() -> impl Strategy<Value = (Value, Value, Option<Value>)> {
    let on_loss = prop_oneof![
        2 => Just(json!("alarm-only")),
        1 => Just(json!("on-notice")),
        1 => (1..300u32).prop_map(|seconds| json!({ "after": format!("{seconds}s") })),
        1 => (1..3u32).prop_map(|extra| json!({ "overprovision": { "extra": extra } })),
    ];
    let on_return = prop_oneof![
        2 => Just(json!("request_at_once")),
        1 => (1..400u32).prop_map(|seconds| json!({ "after": format!("{seconds}s") })),
    ];
    let times = (0..500u32, 0..200u32, prop::option::of(delay(60_000)));
    let wave = (times, any::<bool>(), 1..4u32, 0.0..1.0f64).prop_map(
        |((at, prepare, updates), launch_first, batch, min_healthy)| {
            let mut wave = json!({
                "at": format!("{at}s"), "prepare": format!("{prepare}s"), "batch": batch, "min_healthy": min_healthy,
                "replace": if launch_first { "launch_first" } else { "terminate_first" }
            });
            updates.into_iter().for_each(|law| wave["updates"] = law);
            wave
        },
    );
    (on_loss, on_return, prop::option::weighted(0.3, wave))
}

/// Any small scenario with one mix.
pub fn scenario() -> impl Strategy<Value = Value> {
    let mix = (
        prop_oneof![2 => Just(0u32), 3 => 1..4u32],
        0..4u32,
        prop_oneof![2 => Just((0u32, 0u32)), 3 => (0..3u32, 0..4u32)],
    );
    let types = (instance_type(), instance_type(), instance_type());
    let billing = (any::<bool>(), any::<bool>(), 0..3600u32);
    let sections = (service(), demand(), scaling(), run(), control(), prop::option::of(chaos()));
    (sections, types, (market(), prop::option::of(market())), mix, billing, 600..3600u32).prop_map(
        |(
            (service, demand, scaling, run, (on_loss, on_return, wave), chaos),
            (base, spot, on_demand),
            (first, second),
            mix,
            billing,
            horizon,
        )| {
            let (reserved, spots, (min, more)) = mix;
            let (hourly, modern, minute) = billing;
            let mut markets = json!({ "a": first });
            second.into_iter().for_each(|market| markets["b"] = market);
            let names: Vec<String> = markets.as_object().expect("an object").keys().cloned().collect();
            for name in names.iter().filter(|_| modern) {
                let market = &mut markets[name];
                if market["interruptions"] == "price_only" && market["capacity"] == "unlimited" {
                    market["capacity"] = json!({ "limit": 3 });
                }
            }
            let offers = json!({ "r": { "term": "1y", "upfront": "876.54 USD", "hourly": "0.1234567 USD/h" } });
            let most = if reserved + spots == 0 { min + more.max(1) } else { min + more };
            markets["a"]["zone"] = json!("x");
            let mut tree = json!({
                "format": 1, "name": "small",
                "clock": { "start": format!("2016-03-07T00:{:02}:{:02}Z", minute / 60, minute % 60),
                    "horizon": format!("{horizon}s") },
                "run": run, "demand": demand, "service": service,
                "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.01 },
                "instance_types": { "base": base, "spot": spot, "more": on_demand },
                "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "test", "types": {
                    "base": { "on_demand": "0.958 USD/h", "reserved": offers },
                    "spot": { "on_demand": "0.3 USD/h" },
                    "more": { "on_demand": "0.777777777 USD/h" }
                } } },
                "billing": {
                    "on_demand": if hourly { json!({ "per_hour": {} }) } else { json!({ "per_second": {} }) },
                    "spot": if modern { json!({ "modern": {} }) } else { json!({ "bid-2015": {} }) }
                },
                "markets": markets,
                "pools": {
                    "reserved": { "instance_type": "base", "commitment": "r", "zone": "x" },
                    "spot": { "markets": names, "max_price": "0.3 USD/h", "on_loss": on_loss, "on_return": on_return },
                    "on_demand": { "instance_type": "more", "zone": "y" }
                },
                "scaling": scaling,
                "patch_wave": wave,
                "mixes": [{ "mix": format!("{reserved} reserved + {spots} spot + {min}..{most} on-demand") }]
            });
            chaos.into_iter().for_each(|chaos| tree["chaos"] = chaos);
            tree
        },
    )
}

/// A scenario with every time a whole number of seconds, most of them of ten: arrivals, completions, deadlines, ticks, prices and
/// boots fall on the same instants.
pub fn on_whole_seconds(mut tree: Value) -> Value {
    let whole = |text: &Value, step: f64| {
        let milliseconds: f64 =
            text.as_str().expect("a time").trim_end_matches("ms").trim_end_matches('s').parse().expect("a number");
        let seconds =
            if text.as_str().is_some_and(|text| text.ends_with("ms")) { milliseconds / 1000.0 } else { milliseconds };
        json!(format!("{}s", ((seconds / step).ceil() * step).max(step)))
    };
    let service = tree["service"].as_object_mut().expect("an object");
    service["work"] = json!({ "constant": "2s" });
    service.remove("patience");
    if let Some(timeout) = service.get_mut("timeout") {
        *timeout = whole(timeout, 1.0);
    }
    let demand = &mut tree["demand"]["steps"];
    demand["arrivals"] = json!("deterministic");
    for step in demand["steps"].as_array_mut().expect("steps") {
        step["per_second"] = json!(step["per_second"].as_f64().expect("a rate").ceil().min(2.0));
        if step["from"] != "0s" {
            step["from"] = whole(&step["from"], 10.0);
        }
    }
    for kind in tree["instance_types"].as_object_mut().expect("types").values_mut() {
        kind["speed"] = json!(if kind["speed"].as_f64().expect("a speed") < 1.5 { 1.0 } else { 2.0 });
        kind["drain_limit"] = whole(&kind["drain_limit"], 10.0);
        for stage in kind["boot"]["stages"].as_array_mut().expect("stages") {
            stage.as_object_mut().expect("a stage").values_mut().for_each(|law| *law = json!({ "constant": "10s" }));
        }
    }
    for market in tree["markets"].as_object_mut().expect("markets").values_mut() {
        market["fulfilment"] = json!({ "constant": "0s" });
        for (index, step) in market["price"]["steps"].as_array_mut().expect("steps").iter_mut().enumerate() {
            if index > 0 {
                step["from"] = whole(&step["from"], 10.0);
            }
        }
        let mut last = 0.0;
        for step in market.pointer_mut("/capacity/steps").and_then(Value::as_array_mut).into_iter().flatten().skip(1) {
            let from = whole(&step["from"], 10.0);
            let from: f64 = from.as_str().expect("a time").trim_end_matches('s').parse().expect("a number");
            last = from.max(last + 10.0);
            step["from"] = json!(format!("{last}s"));
        }
    }
    tree["scaling"]["metrics"] = json!({ "period": "10s", "published_after": "10s" });
    tree
}

/// A scenario made ready for its first mix.
#[derive(Debug)]
pub struct Small {
    /// The scenario.
    pub scenario: Scenario,
    markets: Vec<MarketPath>,
    plan: MixPlan,
}

/// What a replication left behind.
#[derive(Debug)]
pub struct Replication {
    /// The record.
    pub record: RunRecord,
    /// The bill.
    pub ledger: Ledger,
    /// The bill with every use of a commitment.
    pub invoice: Invoice,
    /// Every request, those of the warm-up included.
    pub clients: Vec<Client>,
}

impl Small {
    /// Checks a scenario and makes it ready.
    pub fn new(tree: &Value) -> Self {
        let scenario: Scenario =
            serde_json::from_value(tree.clone()).unwrap_or_else(|error| panic!("{error}: {tree:#}"));
        assert_eq!(validate(&scenario), [], "{tree:#}");
        let Prices::Inline(prices) = &scenario.prices else { unreachable!("prices are inline") };
        let plan = MixPlan::new(&scenario, &scenario.mixes[0].mix, prices);
        let pool = scenario.pools.spot.as_ref().expect("a spot pool");
        let begin = SimTime::START - scenario.run.warm_up;
        let path = |name: &String| {
            let PriceProcess::Steps(steps) = &scenario.markets[name].price else { unreachable!("prices have steps") };
            let mut steps: Vec<_> = steps.iter().map(|step| (SimTime::START + step.from, step.price.rate)).collect();
            steps[0].0 = begin;
            let price = Arc::new(PricePath::new(steps));
            let SpotCapacity::Steps(steps) = &scenario.markets[name].capacity else {
                return MarketPath { price, capacity: None };
            };
            let mut steps: Vec<_> = steps.iter().map(|step| (SimTime::START + step.from, step.instances)).collect();
            steps[0].0 = begin;
            MarketPath { price, capacity: Some(Arc::new(CapacityPath::new(steps))) }
        };
        let markets = pool.markets.iter().map(path).collect();
        Self { scenario, markets, plan }
    }

    /// End of simulated time, in seconds.
    pub fn horizon(&self) -> f64 {
        self.scenario.clock.horizon.as_secs_f64()
    }

    /// The rate of requests.
    pub fn rates(&self) -> RatePath {
        let fleetmix::scenario::Demand::Steps { steps, .. } = &self.scenario.demand else {
            unreachable!("demand has steps")
        };
        let mut pieces: Vec<RatePiece> =
            steps.iter().map(|step| RatePiece { from: step.from.as_secs_f64(), per_second: step.per_second }).collect();
        pieces[0].from = -self.scenario.run.warm_up.as_secs_f64();
        RatePath::new(pieces, SimTime::START + self.scenario.clock.horizon)
    }

    /// The requests of a replication.
    pub fn requests<'a>(&self, rates: &'a RatePath, replication: u32) -> RequestStream<'a> {
        let (service, seed) = (&self.scenario.service, self.scenario.run.seed);
        let arrivals = self.scenario.demand.arrivals();
        let stream = RequestStream::new(rates, arrivals.unwrap_or_default(), sampler(&service.work), seed, replication);
        match &service.patience {
            Some(patience) => stream.with_patience(sampler(patience), seed),
            None => stream,
        }
    }

    /// A replication before its first request, with events and a time line by minutes.
    pub fn simulation(&self, replication: u32) -> Simulation<'_> {
        Simulation::new(&self.plan, &self.markets, replication, Some(Duration::from_secs(60)), true)
    }

    /// One replication, with its events and a time line by minutes.
    pub fn run(&self, replication: u32) -> Replication {
        let rates = self.rates();
        let mut stream = self.requests(&rates, replication);
        let timeout = on_grid(self.scenario.service.timeout.map_or(f64::INFINITY, Duration::as_secs_f64));
        let mut simulation = self.simulation(replication);
        let (mut block, mut clients) = (RequestBlock::default(), Vec::new());
        while stream.next_block(&mut block) {
            simulation.feed(&block);
            clients.extend((0..block.arrivals.len()).map(|i| Client {
                arrival: block.arrivals[i],
                work: block.works[i],
                patience: block.patiences.get(i).copied().unwrap_or(timeout),
            }));
        }
        let record = simulation.finish(stream.offered_by_minute());
        let ledger = bill(&record.usage, &self.tariff());
        let invoice = invoice(&record.usage, &self.tariff());
        assert_eq!(ledger, invoice.ledger);
        Replication { record, ledger, invoice, clients }
    }

    /// What running time costs.
    pub fn tariff(&self) -> Tariff {
        let Prices::Inline(prices) = &self.scenario.prices else { unreachable!("prices are inline") };
        let markets: Vec<_> = self.markets.iter().map(|market| market.price.clone()).collect();
        Tariff::new(&self.scenario, prices, &self.scenario.mixes[0].mix, &markets)
    }

    /// Whether an instance leaves in the instant in which it enters, as one does that a patch wave replaces at once. The literal simulation
    /// lets it enter at the next time of the grid, when it has left already.
    pub fn any_leaves_at_once(&self, record: &RunRecord) -> bool {
        let changes = self.changes(record);
        let entered = |number: u32, time: f64| {
            changes.iter().any(|(t, change)| {
                *t == time && matches!(change, Change::Enter { instance, .. } if *instance == number)
            })
        };
        changes.iter().any(|(t, change)| matches!(change, Change::Drain { instance } if entered(*instance, *t)))
    }

    /// The fleet as the events of a run tell it.
    pub fn changes(&self, record: &RunRecord) -> Vec<(f64, Change)> {
        let kind = |option: PurchaseOption| {
            let name = match option {
                PurchaseOption::Reserved => "base",
                PurchaseOption::Spot => "spot",
                PurchaseOption::OnDemand => "more",
            };
            &self.scenario.instance_types[name]
        };
        let change = |event: &fleetmix::engine::Event| {
            let (instance, kind) = (event.instance?, kind(event.pool?));
            let change = match event.what {
                What::InService => Change::Enter { instance, slots: kind.slots, speed: kind.speed },
                What::Draining => Change::Drain { instance },
                What::Terminated => Change::Gone { instance },
                _ => return None,
            };
            Some((event.time.as_secs_f64(), change))
        };
        record.events.iter().filter_map(change).collect()
    }
}
