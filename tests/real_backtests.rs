//! Plans on the past of real demand and real prices, lived through what came.
//!
//! `cargo test --test real_backtests -- --nocapture` prints what was promised and what came; `FLEETMIX_LONG_TESTS=1` takes all of the demand.

mod support;

use fleetmix::input::{Document, LoadOptions, LoadedScenario, load_document};
use fleetmix::results::{BacktestRecord, Contender, ObjectiveMet, Rule};
use fleetmix::study::{Backtest, PlanSettings, Progress, Watcher};
use serde_json::{Value, json};
use std::path::Path;
use support::real_scenarios::{load_balancer_on_2021_spot, world_cup_on_2016_spot};
use support::repeatable::long;

struct Quiet;

impl Progress for Quiet {
    fn advance(&self, _finished: u64) {}
}

impl Watcher for Quiet {
    fn stage(&self, _words: &str, _steps: u64) {}
}

fn loaded(scenario: &Value, options: &LoadOptions) -> LoadedScenario {
    let document = Document::parse("scenario", &scenario.to_string()).unwrap();
    load_document(&document, Path::new(""), options).unwrap_or_else(|error| panic!("{error}"))
}

fn backtested(scenario: &Value, split: &str) -> BacktestRecord {
    let searched = loaded(scenario, &LoadOptions { search: true, ..LoadOptions::default() });
    let on_demand = loaded(scenario, &LoadOptions { mixes: vec!["on-demand".into()], ..LoadOptions::default() });
    let settings = PlanSettings { raced: 3, distribution_free: false, segments: false };
    let backtest = Backtest { searched: &searched, on_demand: &on_demand, split: split.parse().unwrap(), settings };
    backtest.run(&Quiet).unwrap_or_else(|error| panic!("{error}"))
}

/// How much is planned on and lived: three days in the short form.
fn days(whole: &str) -> &str {
    if long() { whole } else { "3d" }
}

/// The whole demand, or in the short form an eighth of it on instances with one slot.
fn sized(mut scenario: Value) -> Value {
    scenario["search"] = json!({ "reserved": { "from": 0, "to": 6 }, "spot": { "from": 0, "to": 4 },
        "on_demand_max": { "from": 0, "to": 0 } });
    if !long() {
        scenario["demand"]["rate_trace"]["transform"].as_array_mut().unwrap().push(json!({ "scale": 0.125 }));
        for kind in scenario["instance_types"].as_object_mut().unwrap().values_mut() {
            kind["slots"] = json!(1);
        }
    }
    scenario
}

fn print(name: &str, record: &BacktestRecord) {
    println!("\n{name}: planned on {} to {}, lived to {}", record.past.from, record.past.to, record.future.to);
    println!("rule | decision | promised a month | got | change | late promised | late got | failed got | objective");
    for one in &record.contenders {
        let promised = one.promised.as_ref();
        let amount = |value: f64| format!("{value:.0}");
        println!(
            "{:?} | {} | {} | {:.0} | {} | {} | {:.2} % | {:.4} % | {:?}",
            one.rule,
            one.decision,
            promised.map_or("-".into(), |promised| amount(promised.per_month.mean)),
            one.got.per_month.mean,
            promised.map_or("-".into(), |promised| format!(
                "{:+.1} %",
                100.0 * (one.got.per_month.mean / promised.per_month.mean - 1.0)
            )),
            promised.map_or("-".into(), |promised| format!("{:.2} %", 100.0 * promised.late_share.mean)),
            100.0 * one.got.late_share.mean,
            100.0 * one.got.error_share.mean,
            one.got.objective_met
        );
    }
    record.findings.iter().for_each(|words| println!("{words}"));
}

fn of(record: &BacktestRecord, rule: Rule) -> Option<&Contender> {
    record.contenders.iter().find(|one| one.rule == rule)
}

/// What holds whatever the traces did: nobody who knew the future pays much more than the plan, unless the plan missed the objective; and
/// if there is no plan, then buying everything on-demand, which is one of the candidates, was not good enough either.
fn assert_sound(record: &BacktestRecord) {
    for one in &record.contenders {
        assert!(one.got.cost.mean > 0.0 && (0.0..=1.0).contains(&one.got.late_share.mean), "{one:?}");
    }
    let promised = |one: &Contender| one.promised.clone().expect("the past was asked");
    let Some(plan) = of(record, Rule::Plan) else {
        let on_demand = of(record, Rule::OnDemandOnly).expect("it is always there");
        assert_ne!(promised(on_demand).objective_met, ObjectiveMet::Met);
        assert!(record.findings.iter().any(|words| words.contains("there is no plan")), "{:?}", record.findings);
        return;
    };
    assert!(promised(plan).cost.mean > 0.0);
    if let (Some(foresight), ObjectiveMet::Met) = (of(record, Rule::PerfectForesight), plan.got.objective_met) {
        let above = foresight.cost_above_plan.map_or(0.0, |difference| difference.mean);
        assert!(above <= 0.03 * plan.got.cost.mean, "{above} of {}", plan.got.cost.mean);
    }
}

#[test]
fn world_cup_demand_on_2016_spot() {
    let Some(data) = support::real_data() else { return };
    let mut scenario = sized(world_cup_on_2016_spot(&data));
    scenario["clock"] = json!({ "start": "2016-04-04T00:00:00Z", "horizon": days("7d") });
    let record = backtested(&scenario, "2016-04-11T00:00:00Z");
    print("World Cup demand, 2016 spot prices", &record);
    assert_eq!(record.past.hours, record.future.hours);
    assert_sound(&record);
}

#[test]
fn load_balancer_demand_on_2021_spot() {
    let Some(data) = support::real_data() else { return };
    let mut scenario = sized(load_balancer_on_2021_spot(&data));
    scenario["clock"] = json!({ "start": "2021-03-05T00:00:00Z", "horizon": days("6d") });
    // Work for about five instances in the mean, so that there is something to decide.
    scenario["service"]["work"] = json!({ "lognormal": { "mean": "320ms", "cv": 0.6 } });
    scenario["objective"]["latency"] = json!("1s");
    scenario["scaling"]["alarms"]["latency-high"]["above"] = json!("800ms");
    scenario["scaling"]["min_total"] = json!(1);
    let record = backtested(&scenario, "2021-03-11T00:00:00Z");
    print("Load balancer demand, 2021 spot prices", &record);
    assert_eq!(record.past.hours, record.future.hours);
    assert_sound(&record);
}
