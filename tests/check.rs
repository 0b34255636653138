//! `fleetmix check`: only what is certain fails.

use assert_cmd::Command;
use fleetmix::check::{Figure, Limits, Verdict, check};
use fleetmix::input::{Document, LoadOptions, load_document};
use fleetmix::results::Results;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Two hours of one small instance beside a spot instance, in a folder of its own.
fn scenario(folder: &Path) -> PathBuf {
    let text = r#"{
        "format": 1, "name": "small",
        "clock": { "start": "2026-01-05T00:00:00Z", "horizon": "2h" },
        "run": { "seed": 1, "replications": 6 },
        "demand": { "steps": { "steps": [{ "from": "0s", "per_second": 3.0 }, { "from": "1h", "per_second": 5.0 }] } },
        "service": { "work": { "lognormal": { "mean": "200ms", "cv": 1.0 } } },
        "objective": { "latency": "1s", "late_share": 0.05, "error_share": 0.001 },
        "instance_types": { "m": { "slots": 1, "boot": { "preset": "baked-image" }, "drain_limit": "60s" } },
        "prices": { "inline": { "currency": "USD", "date": "2026", "source": "test", "types": { "m": { "on_demand": "0.1 USD/h" } } } },
        "billing": { "on_demand": { "per_second": {} }, "spot": { "modern": {} } },
        "pools": { "on_demand": { "instance_type": "m" } },
        "scaling": {
            "min_total": 1, "max_total": 6, "metrics": { "period": "60s" },
            "policies": { "cpu": { "target_tracking": { "metric": { "cpu": "average" }, "target": 0.5, "warm_up": "60s" } } }
        },
        "mixes": [{ "mix": "on-demand" }, { "mix": "3 on-demand" }]
    }"#;
    let file = folder.join("scenario.json");
    fs::write(&file, text).unwrap();
    file
}

fn fleetmix(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.args(arguments).arg("--quiet");
    command
}

/// A stored result and its scenario.
fn baseline(folder: &Path) -> (PathBuf, PathBuf) {
    let scenario = scenario(folder);
    let out = folder.join("base");
    fleetmix(&["compare", scenario.to_str().unwrap(), "-o", out.to_str().unwrap()]).assert().success();
    (scenario, out.join("results.json"))
}

fn checked(scenario: &Path, baseline: &Path, folder: &Path, more: &[&str]) -> (i32, Value) {
    let out = folder.join("check");
    let arguments =
        ["check", scenario.to_str().unwrap(), "--baseline", baseline.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let output = fleetmix(&arguments).args(more).output().expect("it runs");
    let record =
        fs::read(out.join("check.json")).map(|bytes| serde_json::from_slice(&bytes).expect("JSON")).unwrap_or_default();
    (output.status.code().expect("a code"), record)
}

#[test]
fn the_same_passes_and_worse_fails() {
    let folder = tempfile::tempdir().unwrap();
    let (scenario, baseline) = baseline(folder.path());
    let (code, record) = checked(&scenario, &baseline, folder.path(), &[]);
    assert_eq!((code, &record["passed"], &record["pairing"]), (0, &Value::Bool(true), &Value::from("by_replication")));
    let figures = record["figures"].as_array().unwrap();
    let of_baseline = figures.iter().filter(|figure| figure["rule"].as_str().unwrap().contains("above the baseline"));
    // Not a bit differs; what is left is how much the allowed two per cent of each replication's cost differ.
    assert!(
        of_baseline.clone().count() == 6
            && of_baseline.clone().all(|figure| figure["confidence_beyond"].as_f64().unwrap() < 1e-3),
        "{figures:#?}"
    );
    // Work that takes a third longer needs more instances, and makes more requests late.
    let (code, record) = checked(&scenario, &baseline, folder.path(), &["--set", "/service/work/lognormal/mean=260ms"]);
    assert_eq!((code, &record["passed"]), (1, &Value::Bool(false)));
    let failed: Vec<&Value> =
        record["figures"].as_array().unwrap().iter().filter(|figure| figure["verdict"] == "failed").collect();
    assert!(failed.iter().any(|figure| figure["figure"] == "late_share"), "{failed:#?}");
    let junit = fs::read_to_string(folder.path().join("check/check.junit.xml")).unwrap();
    let document = roxmltree::Document::parse(&junit).expect("XML");
    let failures = document.descendants().filter(|node| node.has_tag_name("failure")).count();
    assert_eq!(failures, failed.len());
    assert_eq!(document.root_element().attribute("failures"), Some(failures.to_string().as_str()));
    assert!(fs::read_to_string(folder.path().join("check/check.md")).unwrap().contains("**failed**"));
    // Limits that allow it let it pass; a fixed limit that nothing can keep fails.
    let limits = folder.path().join("limits.json");
    let wide = r#"{"cost_rise": 9, "late_share_rise": 1, "objective": false}"#;
    fs::write(&limits, wide).unwrap();
    let limited = ["--limits", limits.to_str().unwrap()];
    let slower = ["--set", "/service/work/lognormal/mean=260ms"];
    assert_eq!(checked(&scenario, &baseline, folder.path(), &[&limited[..], &slower[..]].concat()).0, 0);
    fs::write(&limits, r#"{"cost_per_month": 1}"#).unwrap();
    assert_eq!(checked(&scenario, &baseline, folder.path(), &limited).0, 1);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (scenario, baseline) = baseline(folder.path());
    let refused = |more: &[&str], part: &str| {
        let arguments = ["check", scenario.to_str().unwrap(), "--baseline", baseline.to_str().unwrap()];
        let assert = fleetmix(&arguments).args(more).args(["-o", folder.path().to_str().unwrap()]).assert().code(2);
        let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(error.contains(part), "{part}: {error}");
    };
    refused(&["--set", "/clock/horizon=1h"], "the baseline simulated");
    refused(&["--set", r#"/mixes=[{"mix": "2 on-demand"}]"#], "no mix of the scenario is in the baseline");
    refused(&["--replications", "1"], "single replication");
    let limits = folder.path().join("limits.json");
    fs::write(&limits, "{\"rise\": 1}").unwrap();
    refused(&["--limits", limits.to_str().unwrap()], "unknown field `rise`");
    fs::write(&limits, "{}").unwrap();
    let arguments = ["check", scenario.to_str().unwrap(), "--baseline", limits.to_str().unwrap()];
    fleetmix(&arguments).assert().code(2);
}

/// Results of the small scenario on a seed.
fn results(document: &Document, folder: &Path, seed: u32) -> Results {
    let options = LoadOptions { seed: Some(seed), ..LoadOptions::default() };
    let input = load_document(document, folder, &options).expect("a scenario");
    fleetmix::study::run(&input, false, &()).expect("a study").results
}

/// Two results of the same scenario on different seeds differ by chance alone. With no rise allowed every figure stands just at its
/// limit, the worst case: the share of checks that fail must stay below the stated rate.
#[test]
fn false_alarms_are_as_rare_as_stated() {
    const CHECKS: u32 = 150;
    let folder = tempfile::tempdir().unwrap();
    let file = scenario(folder.path());
    let document = Document::read(&file).unwrap();
    let limits = Limits {
        cost_rise: Some(0.0),
        late_share_rise: Some(0.0),
        error_share_rise: Some(0.0),
        objective: false,
        ..Limits::default()
    };
    let mut alarms = 0;
    let mut before = results(&document, folder.path(), 0);
    for seed in 1..=CHECKS {
        let new = results(&document, folder.path(), seed);
        alarms += u32::from(!check(&new, &before, &limits).expect("comparable").passed);
        before = new;
    }
    // At a true rate of 5 % more than 15 of 150 have a probability of 0.4 %.
    println!("{alarms} of {CHECKS} checks of two simulated hours failed although nothing changed");
    assert!(alarms <= 15, "{alarms} false alarms of {CHECKS}");
}

/// The same on paired figures that are drawn: many more checks, skewed laws, few replications.
#[test]
fn false_alarms_of_paired_figures_are_as_rare_as_stated() {
    const CHECKS: u32 = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let document = Document::read(&scenario(folder.path())).unwrap();
    let template = results(&document, folder.path(), 1);
    let mut random = StdRng::seed_from_u64(7);
    let limits = Limits {
        cost_rise: Some(0.0),
        error_share_rise: None,
        late_share_rise: Some(0.0),
        objective: false,
        ..Limits::default()
    };
    for replications in [3usize, 6, 20] {
        let mut alarms = 0;
        for _ in 0..CHECKS {
            let (mut new, mut before) = (template.clone(), template.clone());
            for results in [&mut new, &mut before] {
                results.scenario.replications = replications as u32;
            }
            for mix in 0..new.mixes.len() {
                // Half of a cost is common to both; exponential times are as skewed as late requests in bursts.
                let mut skewed = || -random.random::<f64>().max(1e-12).ln();
                let common: Vec<f64> = (0..replications).map(|_| 100.0 + skewed()).collect();
                for results in [&mut new, &mut before] {
                    let figures = &mut results.mixes[mix].by_replication;
                    figures.cost = common.iter().map(|cost| cost + skewed()).collect();
                    figures.offered = vec![10_000; replications];
                    figures.failed = vec![0; replications];
                    figures.late = (0..replications).map(|_| (100.0 * skewed()) as u64).collect();
                }
            }
            alarms += u32::from(!check(&new, &before, &limits).expect("comparable").passed);
        }
        let rate = f64::from(alarms) / f64::from(CHECKS);
        println!(
            "{replications} replications: {:.2} % of {CHECKS} checks failed although nothing changed",
            rate * 100.0
        );
        assert!(rate <= 0.055, "{rate} with {replications} replications");
    }
}

#[test]
fn a_real_change_is_found_and_a_small_one_is_unclear() {
    let folder = tempfile::tempdir().unwrap();
    let document = Document::read(&scenario(folder.path())).unwrap();
    let before = results(&document, folder.path(), 1);
    let mut new = before.clone();
    for mix in &mut new.mixes {
        let wobble = [0.97, 1.04, 1.01, 1.05, 0.98, 1.03];
        mix.by_replication.cost.iter_mut().zip(wobble).for_each(|(cost, factor)| *cost *= factor);
    }
    let limits = Limits { cost_rise: Some(0.0), ..Limits::default() };
    let record = check(&new, &before, &limits).expect("comparable");
    let costs: Vec<Verdict> =
        record.figures.iter().filter(|figure| figure.figure == Figure::Cost).map(|figure| figure.verdict).collect();
    assert!(record.passed && costs.iter().all(|verdict| *verdict == Verdict::Unclear), "{costs:?}");
}
