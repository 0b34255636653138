//! The `interval` fidelity against the `request` fidelity: the same scenarios, the same random numbers.
//!
//! `cargo test --release --test interval -- --nocapture` prints the table of docs/measured.md.

mod support;

use fleetmix::engine::{MinuteLoads, MixPlan, RunRecord, Simulation, Tables};
use fleetmix::scenario::{Mix, Prices, Scenario, validate};
use fleetmix::units::SimTime;
use fleetmix::workload::{DemandPath, RatePath, RatePiece, RequestBlock, RequestLaws};
use serde_json::{Value, json};
use std::sync::Arc;
use support::repeatable::long;

/// The share that may be late.
const ALLOWED: f64 = 0.05;

/// With more late requests than this a mix is overloaded far beyond any objective, and tables are not asked how far.
const MOST_LATE: f64 = 0.25;
/// A run in which more than this share fails is outside the tables' validity: its queue is full for long.
const MOST_FAILED: f64 = 0.01;

/// A day of a service that needs four instances of four slots for its mean rate.
struct Case {
    name: String,
    scenario: Arc<Scenario>,
    mix: Mix,
    /// Highest rate of the day over what four instances can serve.
    peak: f64,
}

fn scenario(discipline: &Value, work: &Value, scales: bool, limited: bool) -> Scenario {
    let mut document = json!({
        "format": 1, "name": "grid", "clock": { "start": "2016-03-07T00:00:00Z", "horizon": "1d" },
        "run": { "seed": 11, "replications": 1, "warm_up": "10m" },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 1.0 }] } },
        "service": { "work": work, "discipline": discipline },
        "objective": { "latency": "1s", "late_share": ALLOWED, "error_share": 0.01 },
        "instance_types": { "one": { "slots": 4, "drain_limit": "60s", "boot": { "stages": [
            { "provisioning": { "uniform": { "min": "6s", "max": "18s" } } }, { "os": { "constant": "75s" } }] } } },
        "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "a test", "types": {
            "one": { "on_demand": "1 USD/h" } } } },
        "billing": { "on_demand": { "per_hour": {} }, "spot": { "bid-2015": { "price_sampling": "instance_hour_start" } } },
        "pools": { "reserved": { "instance_type": "one" }, "on_demand": { "instance_type": "one" } },
        "scaling": { "min_total": 1, "max_total": 8,
            "metrics": { "period": "60s", "published_after": "60s" }, "alarms": {}, "policies": {} },
        "mixes": [{ "mix": "4 reserved" }]
    });
    if limited {
        document["service"]["queue_limit"] = json!(200);
        document["service"]["timeout"] = json!("5s");
    }
    if scales {
        document["scaling"]["alarms"] = json!({
            "hot": { "metric": { "cpu": "average" }, "above": 0.75, "datapoints_to_alarm": 2, "evaluation_periods": 3 },
            "slow": { "metric": { "latency": { "percentile": 95 } }, "above": "900ms",
                "datapoints_to_alarm": 2, "evaluation_periods": 3, "treat_missing_data": "notBreaching" },
            "cold": { "metric": { "cpu": "average" }, "below": 0.45, "datapoints_to_alarm": 5, "evaluation_periods": 5 }
        });
        document["scaling"]["policies"] = json!({
            "out": { "step": { "alarm": "hot", "warm_up": "120s", "steps": [{ "from": 0.0, "change": 1 }] } },
            "out-slow": { "step": { "alarm": "slow", "warm_up": "120s", "steps": [{ "from": "0ms", "change": 1 }] } },
            "in": { "simple": { "alarm": "cold", "unless_alarm": ["slow"], "change": -1, "cooldown": "300s" } }
        });
    }
    let scenario: Scenario = serde_json::from_value(document).expect("the scenario has its types");
    assert_eq!(validate(&scenario), []);
    scenario
}

fn cases() -> Vec<Case> {
    let disciplines = [
        ("fifo", json!("fifo")),
        ("least-outstanding", json!("least-outstanding")),
        ("processor-sharing", json!("processor-sharing")),
    ];
    let laws = [
        ("constant", json!({ "constant": "400ms" })),
        ("lognormal 0.6", json!({ "lognormal": { "mean": "320ms", "cv": 0.6 } })),
        ("exponential", json!({ "exponential": { "mean": "250ms" } })),
        ("hyperexp. 2", json!({ "hyperexponential": { "mean": "200ms", "cv": 2.0 } })),
    ];
    let mut cases = Vec::new();
    for (discipline, value) in &disciplines {
        for (law, work) in &laws {
            for (scales, mix) in [(false, "4 reserved"), (true, "2 reserved + on-demand")] {
                for peak in [0.8, 0.97, 1.1] {
                    // Without limits in the middle, so that a backlog may grow long; with them tables cannot stand for sharing.
                    let limited = peak != 0.97 && *discipline != "processor-sharing";
                    cases.push(Case {
                        name: format!("{discipline} | {law} | {} | {peak}", if scales { "on" } else { "off" }),
                        scenario: Arc::new(scenario(value, work, scales, limited)),
                        mix: mix.parse().expect("a mix"),
                        peak,
                    });
                }
            }
        }
    }
    cases
}

/// A day of rates: low at its beginning and end.
fn rates(case: &Case) -> RatePath {
    let capacity = 16.0 / case.scenario.service.work.mean_seconds();
    let piece = |step: i64| {
        let turn = std::f64::consts::TAU * (step as f64 + 0.5) / 288.0;
        let per_second = case.peak * capacity * (0.65 - 0.35 * libm::cos(turn));
        RatePiece { from: if step == 0 { -600.0 } else { step as f64 * 300.0 }, per_second }
    };
    RatePath::new((0..288).map(piece).collect(), SimTime::from_secs(86_400))
}

fn laws(scenario: &Scenario) -> RequestLaws {
    RequestLaws::new(scenario.demand.arrivals(), &scenario.service)
}

fn by_request(plan: &MixPlan, path: &DemandPath, scenario: &Scenario) -> RunRecord {
    let mut simulation = Simulation::new(plan, &[], 0, None, false);
    let mut requests = path.requests(&laws(scenario), scenario.run.seed, 0);
    let mut block = RequestBlock::default();
    while requests.next_block(&mut block) {
        simulation.feed(&block);
    }
    simulation.finish(requests.offered_by_minute())
}

fn by_interval(plan: &MixPlan, path: &DemandPath, scenario: &Scenario, tables: Arc<Tables>) -> RunRecord {
    let requests = path.requests(&laws(scenario), scenario.run.seed, 0);
    let loads = Arc::new(MinuteLoads::of(requests, 600.0));
    let offered = loads.clone();
    Simulation::by_interval(plan, &[], 0, loads, tables).finish(offered.offered_by_minute())
}

fn hours(record: &RunRecord) -> f64 {
    record.usage.iter().map(|run| run.length().as_hours_f64()).sum()
}

#[test]
fn late_shares_are_those_of_requests() {
    let (mut wrong, mut inside, mut outside) = (Vec::new(), 0, 0);
    // All of the grid takes minutes: every seventh case stands for it unless the long tests are wanted.
    let every = if long() { 1 } else { 7 };
    println!(
        "discipline | service | scaling | peak | late, request | late, interval | error | failed | hours, request | interval"
    );
    let mut tables: Option<(String, Arc<Tables>)> = None;
    for case in cases().into_iter().step_by(every) {
        let Prices::Inline(prices) = &case.scenario.prices else { panic!("inline prices") };
        let plan = MixPlan::new(&case.scenario, &case.mix, prices);
        let path = DemandPath::Rates(rates(&case));
        let kind = format!("{:?}", case.scenario.service);
        if tables.as_ref().is_none_or(|(known, _)| *known != kind) {
            tables = Some((kind, Arc::new(Tables::new(&case.scenario).expect("minutes can stand for these requests"))));
        }
        let tables = tables.as_ref().expect("made above").1.clone();
        let exact = by_request(&plan, &path, &case.scenario);
        let found = by_interval(&plan, &path, &case.scenario, tables);
        let offered = exact.counts.offered as f64;
        assert_eq!(exact.counts.offered, found.counts.offered);
        let share = |record: &RunRecord| record.counts.late as f64 / offered;
        let failed = |record: &RunRecord| record.counts.failed() as f64 / offered;
        let error = share(&found) - share(&exact);
        println!(
            "{} | {:.4} | {:.4} | {error:+.4} | {:+.4} | {:.1} | {:.1}",
            case.name,
            share(&exact),
            share(&found),
            failed(&found) - failed(&exact),
            hours(&exact),
            hours(&found)
        );
        // Where tables say themselves that a queue was full for long, or that there is no hope, requests have to be simulated.
        if failed(&found) > MOST_FAILED || share(&found) > MOST_LATE {
            outside += 1;
            continue;
        }
        inside += 1;
        let nearly_met = (0.5 * ALLOWED..2.0 * ALLOWED).contains(&share(&exact));
        let allowed = if nearly_met { (0.1 * ALLOWED).max(0.002) } else { 0.006 };
        if error.abs() > allowed {
            wrong.push(format!("{}: {error:+.4}", case.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    println!("{inside} cases within the tables' validity, {outside} outside");
    assert!(inside * every >= 60, "{inside} of the cases");
}
