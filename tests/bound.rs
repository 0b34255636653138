//! `fleetmix bound --availability`: traces in, the clairvoyant optimum out.

use assert_cmd::Command;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("fleetmix").unwrap();
    let output = command.current_dir(folder).arg("bound").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json_of(folder: &Path, arguments: &[&str]) -> Value {
    let all: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let (code, output, errors) = run(folder, &all);
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&output).unwrap()
}

fn write(folder: &Path, name: &str, gap: u32, data: &[u32]) {
    let trace = json!({ "metadata": { "gap_seconds": gap }, "data": data });
    fs::write(folder.join(name), trace.to_string()).unwrap();
}

#[test]
fn a_zone_that_comes_and_goes() {
    let folder = tempfile::tempdir().unwrap();
    // Samples of five ticks: spot could be active in ticks 4 to 9 and in tick 19.
    write(folder.path(), "a.json", 150, &[4, 4, 0, 4]);
    let found = json_of(folder.path(), &["--availability", "a.json", "--window", "20"]);
    // On-demand takes over from tick 10 on, held since tick 6; going back for the last tick would cost five ticks of spot.
    assert_eq!(found["cost"], json!(f64::from(3 * 10 + 3 * 3 * 14)), "{found:#}");
    assert_eq!(found["reference"], json!(3.0 * 3.0 * 16.0));
    assert_eq!(found["places"][0]["held"], json!(30));
    assert_eq!(found["places"][1]["held"], json!(42));
}

#[test]
fn a_trace_begins_again_and_can_be_entered_later() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json", 60, &[4, 4, 4, 4, 0, 0]);
    let cost = |arguments: &[&str]| {
        let all: Vec<&str> = ["--availability", "a.json"].iter().chain(arguments).copied().collect();
        json_of(folder.path(), &all)["cost"].as_f64().unwrap()
    };
    // Twelve ticks a round: whole rounds change nothing.
    assert_eq!(cost(&["--window", "50", "--offset", "5"]), cost(&["--window", "50", "--offset", "29"]));
    // Eight ticks of spot and as many of on-demand, or on-demand alone where the first stretch is too short.
    assert_eq!(cost(&["--window", "12"]), 3.0 * 8.0 + 3.0 * 3.0 * 8.0);
    assert_eq!(cost(&["--window", "12", "--offset", "6"]), 3.0 * 3.0 * 12.0);
    // A dearer zone than on-demand is not used; free on-demand costs nothing.
    assert_eq!(cost(&["--window", "50", "--spot-price", "3.5"]), 3.0 * 3.0 * 50.0);
    assert_eq!(cost(&["--window", "50", "--on-demand-price", "0"]), 0.0);
    assert_eq!(cost(&["--window", "5", "--cold-start", "0", "--spot-price", "0.25"]), 3.0 * 5.0 * 0.25);
}

#[test]
fn the_schedule_is_what_is_paid_for() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json", 150, &[2, 0, 4, 1, 3, 3, 0, 0, 4]);
    write(folder.path(), "b.json", 90, &[0, 3, 3, 0, 1, 4, 4, 4]);
    let arguments = ["--availability", "a.json", "b.json", "--window", "200", "--schedule", "held.csv"];
    let found = json_of(folder.path(), &arguments);
    let table = fs::read_to_string(folder.path().join("held.csv")).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("tick,a.json,b.json,on-demand"));
    let rows: Vec<Vec<u32>> = lines.map(|line| line.split(',').skip(1).map(|n| n.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), 200);
    let cost: u32 = rows.iter().map(|held| held[0] + held[1] + 3 * held[2]).sum();
    assert_eq!(found["cost"], json!(f64::from(cost)));
    for tick in 4..200 {
        let active: u32 = (0..3).map(|place| (tick - 4..=tick).map(|t| rows[t][place]).min().unwrap()).sum();
        assert!(active >= 3, "{active} active in tick {tick}");
    }
    let (code, words, _) = run(folder.path(), &arguments[..5]);
    assert_eq!(code, 0);
    assert!(words.contains("ratio") && words.contains("reference"), "{words}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json", 150, &[4, 4]);
    fs::write(folder.path().join("broken.json"), "{\"metadata\": {}, \"data\": [1]}").unwrap();
    fs::write(folder.path().join("empty.json"), "{\"metadata\": {\"gap_seconds\": 30}, \"data\": []}").unwrap();
    let says = |arguments: &[&str], part: &str| {
        let (code, output, errors) = run(folder.path(), arguments);
        assert_eq!(code, 2, "{errors}");
        assert!(output.is_empty() && !errors.contains("panicked"), "{errors}");
        assert!(errors.contains(part), "{part:?} is not in:\n{errors}");
    };
    let with = |more: &[&str], part: &str| {
        let all: Vec<&str> = ["--availability", "a.json"].iter().chain(more).copied().collect();
        says(&all, part);
    };
    says(&["--availability", "missing.json"], "missing.json");
    says(&["--availability", "broken.json"], "gap_seconds");
    says(&["--availability", "empty.json"], "not a single count");
    with(&["--target", "5"], "--target 5 is more than --maximum 4");
    with(&["--tick", "0s"], "no time");
    with(&["--tick", "1h"], "0 whole ticks");
    with(&["--window", "4"], "--window 4");
    with(&["--spot-price", "-1"], "negative");
    with(&["--spot-price", "1", "--spot-price", "2"], "2 times for 1 traces");
    with(&["--schedule", "."], "not a regular file");
}

/// Scenarios for which the bound is not proven say so, and which of their settings is the reason.
#[test]
fn what_no_proof_covers_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    let scenario = scenario.to_str().unwrap();
    let bound = |settings: &[&str]| {
        let arguments = [scenario, "--replications", "4", "--quiet", "--set", "/clock/horizon=\"2h\""];
        let settings = settings.iter().flat_map(|setting| ["--set", *setting]);
        run(folder.path(), &arguments.into_iter().chain(settings).collect::<Vec<_>>())
    };
    let refuses = |settings: &[&str], parts: &[&str]| {
        let (code, _, errors) = bound(settings);
        assert_eq!(code, 2, "{settings:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
        // Errors are wrapped at the width of the terminal.
        let words = errors.split(['\n', ' ', '│', '|']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        for part in parts {
            assert!(words.contains(part), "{part:?} is not in:\n{errors}");
        }
    };
    let two_mixes =
        r#"/mixes=[{"mix": "3 reserved + 2 spot"}, {"mix": "3 reserved + 2 spot", "name": "other", "set": {"#;
    let other = |setting: &str| format!("{two_mixes}{setting}}}}}]");
    let mass = r#"/chaos={"mass_interruptions": [{"at": "30m"}]}"#;
    let modern = r#"/billing/spot={"modern": {"free_if_interrupted_within": "0s"}}"#;
    let baseline = "/baseline=null";

    let (code, words, errors) = bound(&[]);
    assert_eq!(code, 0, "{words}{errors}");
    // The hour in which an instance is taken away is free, and nobody pays who knows when that will be.
    refuses(&[mass], &["no bound", "market use1b", "no price crossings"]);
    let hazard = r#"/markets/use1b/interruptions={"hazard": {"monthly_share": 0.1, "shared": 0.5}}"#;
    let (code, _, errors) = bound(&[mass, modern, hazard]);
    assert_eq!(code, 0, "without free hours it is covered: {errors}");
    refuses(&[baseline, &other(r#""/markets/use1b/notice": "60s""#)], &["no bound", "market use1b", "other"]);
    let steps = r#""/markets/use1b/price": {"steps": [{"from": "0s", "price": "0.3 USD/h"}]}"#;
    let demand = r#"/run/between_replications={"resample_blocks": {"block": "1d", "of": ["demand"]}}"#;
    refuses(&[baseline, demand, &other(steps)], &["no bound", "not the same prices and notice"]);
    assert_eq!(bound(&[baseline, &other(r#""/pools/spot/max_price": "0.5 USD/h""#)]).0, 0, "maxima may differ");
    // Thirty requests of half an hour each second keep more servers busy than are tried.
    let long = [
        r#"/service/work={"constant": "30m"}"#,
        r#"/objective/latency="40m""#,
        r#"/service/timeout="10m""#,
        "/instance_types/m4.4xlarge/slots=1",
    ];
    refuses(&long, &["no bound", "no more than 10000 are tried"]);
}
