//! `sensitivity`: effects that can be computed by hand, break-even points, and what the command writes.

use fleetmix::input::{LoadOptions, LoadedScenario, load};
use fleetmix::results::{Factor, FactorRecord, SensitivityRecord};
use fleetmix::study::{Chosen, Progress, Watcher, sensitivity};
use serde_json::{Value, json};

/// Five hours at a constant rate; bills are those of always the same instances, but for spot that is interrupted.
fn scenario() -> Value {
    json!({
        "format": 1, "name": "turns", "clock": { "start": "2016-03-07T00:00:00Z", "horizon": "5h" },
        "run": { "seed": 5, "replications": 4 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 5.0 }] } },
        "service": { "work": { "exponential": { "mean": "500ms" } }, "queue_limit": 50 },
        "objective": { "latency": "3s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "one": { "slots": 2, "drain_limit": "60s",
            "boot": { "stages": [{ "provisioning": { "constant": "60s" } }, { "os": { "constant": "10m" } }] } } },
        "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "a test", "types": { "one": {
            "on_demand": "1 USD/h", "reserved": { "1y": { "term": "1y", "upfront": "876 USD", "hourly": "0.5 USD/h" } } } } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": { "free_if_interrupted_within": "0s" } } },
        "markets": { "m": { "instance_type": "one", "price": { "constant": "0.5 USD/h" },
            "interruptions": { "hazard": { "monthly_share": 0.0 } }, "notice": "120s", "fulfilment": { "constant": "0s" } } },
        "pools": { "reserved": { "instance_type": "one", "commitment": "1y" },
            "spot": { "markets": ["m"], "max_price": "1 USD/h", "on_loss": "on-notice" }, "on_demand": { "instance_type": "one" } },
        "scaling": { "min_total": 0, "max_total": 9,
            "metrics": { "period": "60s", "published_after": "60s" }, "alarms": {}, "policies": {} },
        "mixes": [{ "mix": "1 reserved + 1 spot + on-demand" }, { "mix": "2 reserved" }, { "mix": "3 reserved" }]
    })
}

fn loaded(document: &Value) -> LoadedScenario {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.json");
    std::fs::write(&file, document.to_string()).unwrap();
    load(&file, &LoadOptions::default()).unwrap_or_else(|diagnostic| panic!("{:?}", diagnostic.problems))
}

struct Quiet;

impl Progress for Quiet {
    fn advance(&self, _finished: u64) {}
}

impl Watcher for Quiet {
    fn stage(&self, _words: &str, _steps: u64) {}
}

fn found(document: &Value, chosen: Chosen) -> SensitivityRecord {
    sensitivity(&loaded(document), chosen, &Quiet).unwrap()
}

fn of(record: &SensitivityRecord, factor: Factor) -> &FactorRecord {
    record.factors.iter().find(|one| one.factor == factor).unwrap_or_else(|| panic!("{factor:?}"))
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} and not {expected}");
}

/// One reserved instance costs 0.1 + 0.5 USD an hour, one on spot 0.5.
#[test]
fn prices_move_the_cost_by_what_is_bought_at_them() {
    let record = found(&scenario(), Chosen { mix: Some(0), rival: Some(1) });
    near(record.mix.per_month.mean, 730.0 * 1.1);
    near(record.rival.as_ref().unwrap().per_month.mean, 730.0 * 1.2);
    for (factor, hourly) in [(Factor::ReservedPrice, 0.6), (Factor::SpotPrice, 0.5), (Factor::OnDemandPrice, 0.0)] {
        let one = of(&record, factor);
        near(one.low.mix.cost_change.mean, -0.2 * 730.0 * hourly);
        near(one.high.mix.cost_change.mean, 0.2 * 730.0 * hourly);
        assert_eq!(one.high.mix.late_change.mean, 0.0, "prices delay nobody");
    }
    near(of(&record, Factor::ReservedPrice).low.rival.as_ref().unwrap().cost_change.mean, -0.4 * 730.0 * 0.6);
    // Nothing scales, so neither demand nor work move the cost; but more of them makes more requests late.
    for factor in [Factor::Demand, Factor::ServiceTime] {
        let one = of(&record, factor);
        assert_eq!(one.high.mix.cost_change.mean, 0.0);
        assert!(one.low.mix.late_change.mean < 0.0 && one.high.mix.late_change.mean > 0.0, "{one:?}");
    }
    // The largest first.
    assert_eq!(record.factors[0].factor, Factor::ReservedPrice);
    assert!(record.factors.windows(2).all(|pair| pair[0].largest_effect() >= pair[1].largest_effect()));
}

/// Without interruptions the mix is cheaper by 0.003 USD an hour, 2.19 USD a month. At each one an on-demand instance is paid from 60 s after the notice, when it
/// is provisioned, until spot serves again: the old one is gone after 120 s, the next one is provisioned in 60 s, unpaid, and boots for 600 s. So each costs 720 s of
/// on-demand, less 60 s of spot.
#[test]
fn the_break_even_rate_of_interruptions_is_where_the_bills_meet() {
    let mut document = scenario();
    document["markets"]["m"]["price"] = json!({ "constant": "0.597 USD/h" });
    document["demand"]["steps"]["steps"][0]["per_second"] = json!(0.002);
    document["scaling"]["metrics"]["period"] = json!("1h");
    document["clock"]["horizon"] = json!("30d");
    document["run"]["replications"] = json!(20);
    let record = found(&document, Chosen { mix: Some(0), rival: Some(1) });
    let turns = record.interruptions.as_ref().unwrap();
    assert_eq!(turns.now, 0.0);
    let rates: Vec<f64> = turns.points.iter().map(|point| point.per_month).collect();
    assert!(rates.windows(2).all(|pair| pair[0] < pair[1]) && rates.len() >= 7, "{rates:?}");
    let turn = turns.dearer_than_rival.unwrap();
    let at = turn.at.unwrap_or_else(|| panic!("{turn:?}"));
    let expected = 2.19 / (720.0 / 3600.0 - 0.597 * 60.0 / 3600.0);
    // Twenty months have about 230 of them, so that the rate is known to a fifteenth.
    assert!((at / expected - 1.0).abs() < 0.2, "{at} and not {expected}");
    assert!(turn.between[0].is_some_and(|low| low < at) && turn.between[1].is_none_or(|high| high > at), "{turn:?}");
    // With a dearer rival none of the rates that are tried turns the decision.
    let record = found(&scenario(), Chosen { mix: Some(0), rival: Some(1) });
    assert_eq!(record.interruptions.unwrap().dearer_than_rival.unwrap().at, None);
}

#[test]
fn commitments_pay_if_they_are_used_for_long_enough() {
    let record = found(&scenario(), Chosen { mix: Some(1), rival: None });
    let [commitment] = record.commitments.as_slice() else { panic!("{:?}", record.commitments) };
    near(commitment.term_months, 12.0);
    // A whole term costs 0.6 USD an hour, on-demand 1: 60 % of twelve months. The upfront payment saves half a dollar an hour.
    near(commitment.must_last_months.unwrap(), 7.2);
    near(commitment.must_last_months_low_demand.unwrap(), 7.2);
    near(commitment.upfront_earned_back_months.unwrap(), 876.0 / (0.5 * 730.0));
    assert!(record.interruptions.is_none(), "it has no spot");
}

#[test]
fn the_cheapest_mix_that_meets_the_objective_is_looked_at() {
    let record = found(&scenario(), Chosen::default());
    assert_eq!(record.mix.name, "1 reserved + 1 spot + on-demand");
    assert_eq!(record.rival.unwrap().name, "2 reserved");
    // More than two instances can serve.
    let mut busy = scenario();
    busy["demand"]["steps"]["steps"][0]["per_second"] = json!(9.0);
    let record = found(&busy, Chosen::default());
    assert_eq!(record.mix.name, "3 reserved");
}

#[test]
fn the_command_writes_record_and_picture() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenario.json"), scenario().to_string()).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("fleetmix").unwrap();
        command.current_dir(folder.path()).args(["sensitivity", "scenario.json", "-o", "out"]).args(arguments);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, words, error) = run(&["--mix", "1 reserved + 1 spot + on-demand", "--against", "4 reserved"]);
    assert_eq!(code, Some(0), "{error}");
    for part in ["Rival:  4 reserved", "Cost depends most on", "reserved price", "█", "random interruptions"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let picture = std::fs::read_to_string(folder.path().join("out/sensitivity.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains("reserved price"));
    let file = std::fs::read_to_string(folder.path().join("out/sensitivity.json")).unwrap();
    let again =
        ["--mix", "1 reserved + 1 spot + on-demand", "--against", "4 reserved", "--format", "json", "--threads", "1"];
    assert_eq!(run(&again).1, file);
    let schema: Value = serde_json::from_str(include_str!("../schema/sensitivity.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&file).unwrap()));
    for (arguments, part) in [
        (["--mix", "2 reserved", "--against", "2 reserved"], "same mix"),
        (["--mix", "2 reserverd", "--against", "3 reserved"], "reserved"),
    ] {
        let (code, words, error) = run(&arguments);
        assert!(code == Some(2) && words.is_empty() && error.contains(part), "{error}");
    }
}

/// The report has the same record: the study decides on the rival as `sensitivity` does.
#[test]
fn compare_tells_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.json");
    std::fs::write(&file, scenario().to_string()).unwrap();
    let run = |command: &str, option: Option<&str>, out: &str| {
        let mut fleetmix = assert_cmd::Command::cargo_bin("fleetmix").unwrap();
        let out = folder.path().join(out);
        fleetmix.arg(command).arg(&file).args(option).args(["--quiet", "-o"]).arg(&out).assert().success();
        out
    };
    let read = |path: std::path::PathBuf| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let alone = read(run("sensitivity", None, "alone").join("sensitivity.json"));
    let out = run("compare", Some("--sensitivity"), "out");
    let results = read(out.join("results.json"));
    assert_eq!(results["sensitivity"], alone);
    assert_eq!(alone["mix"]["name"], results["best"]);
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("What the answer depends on</h3>") && page.contains("Cost depends most on"));
    assert!(page.contains("compare") && page.contains("--sensitivity</pre>"), "the command is told");
    let named = read(run("compare", Some("--sensitivity=2 reserved"), "named").join("results.json"));
    assert_eq!(named["sensitivity"]["mix"]["name"], "2 reserved");
    let plain = read(run("compare", None, "plain").join("results.json"));
    assert!(plain.get("sensitivity").is_none());
}
