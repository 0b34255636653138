//! `backtest`: the plan knows the past only, promises are held against what came, and refusals say why.

use fleetmix::input::{LoadOptions, LoadedScenario, load};
use fleetmix::results::{BacktestRecord, ObjectiveMet, Rule};
use fleetmix::study::{Backtest, BacktestError, PlanSettings, Progress, Watcher};
use serde_json::{Value, json};

/// Twelve hours in two halves: two hours by turns at two rates, and a spot price.
fn scenario(rates: &[f64], spot: &[&str]) -> Value {
    let steps: Vec<Value> = rates
        .iter()
        .enumerate()
        .map(|(two_hours, rate)| json!({ "from": format!("{}h", 2 * two_hours), "per_second": rate }))
        .collect();
    let prices: Vec<Value> = spot
        .iter()
        .enumerate()
        .map(|(two_hours, price)| json!({ "from": format!("{}h", 2 * two_hours), "price": price }))
        .collect();
    json!({
        "format": 1, "name": "halves", "clock": { "start": "2016-03-07T00:00:00Z", "horizon": "12h" },
        "run": { "seed": 3, "replications": 2, "warm_up": "10m" },
        "demand": { "steps": { "steps": steps } },
        "service": { "work": { "exponential": { "mean": "500ms" } }, "queue_limit": 200 },
        "objective": { "latency": "3s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "one": { "slots": 1, "drain_limit": "60s", "boot": { "stages": [{ "os": { "constant": "60s" } }] } } },
        "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "a test", "types": { "one": {
            "on_demand": "1 USD/h", "reserved": { "1y": { "term": "1y", "upfront": "0 USD", "hourly": "0.6 USD/h" } } } } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "markets": { "m": { "instance_type": "one", "price": { "steps": prices },
            "interruptions": { "hazard": { "monthly_share": 0.05 } }, "fulfilment": { "constant": "10s" } } },
        "pools": { "reserved": { "instance_type": "one", "commitment": "1y" }, "spot": { "markets": ["m"] },
            "on_demand": { "instance_type": "one" } },
        "scaling": { "min_total": 1, "max_total": 7,
            "metrics": { "period": "60s", "published_after": "60s" },
            "alarms": {
                "high": { "metric": { "cpu": "average" }, "above": 0.85, "datapoints_to_alarm": 1, "evaluation_periods": 1 },
                "low": { "metric": { "cpu": "average" }, "below": 0.4, "datapoints_to_alarm": 5, "evaluation_periods": 5 }
            },
            "policies": {
                "out": { "step": { "alarm": "high", "steps": [{ "from": 0.0, "change": 1 }], "warm_up": "60s" } },
                "in": { "simple": { "alarm": "low", "change": -1, "cooldown": "300s" } }
            } },
        "search": { "reserved": { "from": 0, "to": 4 }, "spot": { "from": 0, "to": 1 }, "on_demand_max": { "from": 0, "to": 1 } },
        "mixes": [{ "mix": "2 reserved + on-demand" }]
    })
}

const CALM: [f64; 6] = [2.0, 5.0, 2.0, 5.0, 2.0, 5.0];
const CHEAP: [&str; 6] = ["0.7 USD/h"; 6];

fn loaded(document: &Value, options: &LoadOptions) -> LoadedScenario {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.json");
    std::fs::write(&file, document.to_string()).unwrap();
    load(&file, options).unwrap_or_else(|diagnostic| panic!("{:?}", diagnostic.problems))
}

struct Quiet;

impl Progress for Quiet {
    fn advance(&self, _finished: u64) {}
}

impl Watcher for Quiet {
    fn stage(&self, _words: &str, _steps: u64) {}
}

fn tried(document: &Value, split: &str) -> Result<BacktestRecord, BacktestError> {
    let searched = loaded(document, &LoadOptions { search: true, ..LoadOptions::default() });
    let on_demand = loaded(document, &LoadOptions { mixes: vec!["on-demand".into()], ..LoadOptions::default() });
    let settings = PlanSettings { raced: 3, distribution_free: false, segments: false };
    Backtest { searched: &searched, on_demand: &on_demand, split: split.parse().unwrap(), settings }.run(&Quiet)
}

fn backtested(document: &Value) -> BacktestRecord {
    tried(document, "2016-03-07T06:00:00Z").unwrap()
}

fn of(record: &BacktestRecord, rule: Rule) -> &fleetmix::results::Contender {
    record.contenders.iter().find(|contender| contender.rule == rule).unwrap_or_else(|| panic!("{rule:?}: {record:?}"))
}

/// What is decided and promised; with it nothing of the future can have been seen.
fn decided(record: &BacktestRecord) -> Value {
    let contenders = record.contenders.iter().filter(|contender| contender.rule != Rule::PerfectForesight);
    let contenders: Vec<Value> = contenders
        .map(|contender| json!([contender.rule, contender.decision, contender.set, contender.promised]))
        .collect();
    json!([contenders, record.claims, record.past])
}

#[test]
fn another_future_changes_no_decision_and_no_promise() {
    let record = backtested(&scenario(&CALM, &CHEAP));
    let busier = backtested(&scenario(&[2.0, 5.0, 2.0, 8.0, 6.0, 10.0], &CHEAP));
    let mut dear = CHEAP;
    dear[3..].fill("0.9 USD/h");
    let dearer = backtested(&scenario(&CALM, &dear));
    assert_eq!(decided(&record), decided(&busier));
    assert_eq!(decided(&record), decided(&dearer));
    // What came is another thing, and so is what whoever knew it would have done.
    let got = |record: &BacktestRecord, rule: Rule| of(record, rule).got.cost.mean;
    assert!(got(&busier, Rule::OnDemandOnly) > 1.3 * got(&record, Rule::OnDemandOnly));
    assert_ne!(of(&busier, Rule::PerfectForesight).decision, of(&record, Rule::PerfectForesight).decision);
    // Another past changes the decision.
    let other = backtested(&scenario(&[6.0, 8.0, 6.0, 5.0, 2.0, 5.0], &CHEAP));
    assert_ne!(decided(&record), decided(&other));
}

#[test]
fn a_future_like_the_past_keeps_the_promise() {
    let record = backtested(&scenario(&[2.0, 5.0, 2.0, 2.0, 5.0, 2.0], &CHEAP));
    assert_eq!((record.past.hours, record.future.hours), (6.0, 6.0));
    assert_eq!(record.past.to, record.split);
    let plan = &record.contenders[0];
    assert_eq!(plan.rule, Rule::Plan);
    let promised = plan.promised.as_ref().unwrap();
    assert!((plan.got.cost.mean / promised.cost.mean - 1.0).abs() < 0.05, "{plan:?}");
    assert_ne!(plan.got.objective_met, ObjectiveMet::Missed);
    // Costs of 6 h and of 730 h.
    assert!((plan.got.per_month.mean / plan.got.cost.mean - 730.0 / 6.0).abs() < 1e-9);
    // Fixed traces say nothing of how much periods vary.
    assert_eq!(promised.range_per_month, None);
    // Nobody who knew the future would have paid more, and the plan is cheaper than no plan.
    let foresight = of(&record, Rule::PerfectForesight);
    assert!(foresight.cost_above_plan.is_none_or(|difference| difference.mean <= 0.03 * plan.got.cost.mean));
    assert!(of(&record, Rule::OnDemandOnly).cost_above_plan.unwrap().mean > 0.0);
    assert!(foresight.promised.is_none());
}

/// The least usage of the past is what ran in each of its hours, the median what ran in half of them.
#[test]
fn rules_of_thumb_read_the_usage_of_the_past() {
    // Half a second of work: 1 a second keeps half an instance busy, 4 a second two. Three would stand at 67 %, which some minute of the four
    // hours carries beyond 85 %; four stand at 50 %, which is not below 40 % for five minutes.
    let record = backtested(&scenario(&[1.0, 4.0, 4.0, 6.0, 6.0, 6.0], &CHEAP));
    let (least, median) = (of(&record, Rule::ReservedMinimum), of(&record, Rule::ReservedMedian));
    assert_eq!((least.mix.as_str(), median.mix.as_str()), ("1 reserved + on-demand", "4 reserved + on-demand"));
}

#[test]
fn a_split_without_past_or_future_is_refused() {
    for split in ["2016-03-07T00:30:00Z", "2016-03-07T12:00:00Z", "2016-03-06T00:00:00Z", "2019-01-01T00:00:00Z"] {
        let error = tried(&scenario(&CALM, &CHEAP), split).unwrap_err();
        assert!(matches!(error, BacktestError::Split(_)), "{split}: {error}");
        assert!(error.to_string().contains("2016-03-07T00:00:00Z to 2016-03-07T12:00:00Z"), "{error}");
    }
}

#[test]
fn the_command_writes_the_record_and_says_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenario.json"), scenario(&CALM, &CHEAP).to_string()).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("fleetmix").unwrap();
        command.current_dir(folder.path()).args(["backtest", "scenario.json", "-o", "out"]).args(arguments);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, words, _) = run(&["--split", "2016-03-07T06:00:00Z", "--race", "3"]);
    assert_eq!(code, Some(0), "{words}");
    for part in ["Planned on", "It promised", "perfect foresight", "reserved = median", "got a month"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let file = std::fs::read_to_string(folder.path().join("out/backtest.json")).unwrap();
    let (_, json, _) = run(&["--split", "2016-03-07T06:00:00Z", "--race", "3", "--format", "json", "--threads", "1"]);
    assert_eq!(json, file);
    let schema: Value = serde_json::from_str(include_str!("../schema/backtest.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&file).unwrap()));
    let (code, words, error) = run(&["--split", "2017-03-07T06:00:00Z"]);
    assert!(code == Some(2) && words.is_empty() && error.contains("the traces cover"), "{error}");
    let (code, _, error) = run(&["--split", "yesterday"]);
    assert!(code == Some(2) && error.contains("2016-03-07T00:00:00Z"), "{error}");
}
