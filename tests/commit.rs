//! `fleetmix commit` as a user runs it: the same bytes for any number of threads, figures that fit each other, clear refusals.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A day of the shipped scenario.
fn commit(folder: &Path, arguments: &[&str]) -> Command {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("commit").arg(scenario).args(["--mix", "3 reserved + on-demand", "--set", "/clock/horizon=1d"]);
    command.args(["--replications", "2", "--quiet", "-o"]).arg(folder).args(arguments);
    command
}

fn json(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let output = commit(folder.path(), arguments).args(["--format", "json"]).assert().success();
    serde_json::from_slice(&output.get_output().stdout).expect("JSON")
}

fn figure(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or_else(|| panic!("{name} in {value:#}"))
}

#[test]
fn figures_fit_each_other() {
    let found = json(&[]);
    let saved = figure(&found["savings"], "mean");
    assert!((figure(&found, "cost_of_nothing") - figure(&found, "cost") - saved).abs() < 1e-6 * saved.abs());
    // Three instances always run, so at least three are worth reserving at 0.658 instead of 0.958, and all upfront is cheapest.
    let reserve = found["reserve"].as_array().expect("reservations");
    assert!(reserve.iter().all(|row| row["name"] == "1y-all-upfront") && saved > 0.0);
    assert!(reserve.iter().map(|row| row["count"].as_u64().expect("a count")).sum::<u64>() >= 3);
    let best =
        found["curve"].as_array().expect("a curve").iter().map(|point| figure(point, "mean")).fold(0.0, f64::max);
    assert!((best - saved).abs() < 1e-6 * saved, "one offer: the top of its curve is the recommendation");
    assert!(figure(&found, "gap") == 0.0 && figure(&found, "regret") >= 0.0);
    assert!(found["remarks"][0].as_str().expect("a sentence").contains("24 hours are repeated for 12 months"));
    assert_eq!((figure(&found, "planned_hours"), figure(&found, "simulated_hours")), (8760.0, 24.0));
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let bytes = |threads: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let growth =
            ["--threads", threads, "--growth", "0.5:0.5", "--growth", "0.5:2", "--risk", "0.4", "--tail", "0.5"];
        commit(folder.path(), &growth).args(["--buy-in", "3", "--ladder", "3"]).assert().success();
        ["commit.json", "commit-curve.csv"].map(|name| fs::read(folder.path().join(name)).expect("a file"))
    };
    let one = bytes("1");
    assert!(one == bytes("3") && one == bytes("1"));
    let found: Value = serde_json::from_slice(&one[0]).expect("JSON");
    assert!(figure(&found["waiting"], "later") >= figure(&found["waiting"], "later_and_wiser") - 1e-6);
    assert!(figure(&found["ladder"], "extra_cost").is_finite() && found["ladder"]["months"] == 3);
}

#[test]
fn a_savings_plan_of_the_scenario_is_an_offer() {
    let found = json(&[
        "--set",
        "/prices/inline/types/m4.4xlarge/reserved={}",
        "--set",
        "/prices/inline/types/m4.4xlarge/savings_plans={\"compute-1y\": \"0.6 USD/h\"}",
        "--set",
        "/savings_plans=[{\"covers\": \"compute\", \"rates\": \"compute-1y\", \"commitment\": \"0.1 USD/h\", \"term\": \"1y\"}]",
        "--set",
        "/pools/reserved={\"instance_type\": \"m4.4xlarge\"}",
    ]);
    let commitment = figure(&found["savings_plans"][0], "commitment");
    assert!(commitment >= 3.0 * 0.6 - 1e-9, "three instances always run: {commitment}");
    assert!(found["reserve"].as_array().expect("a list").is_empty());
    assert!(figure(&found["savings"], "mean") > 0.0 && figure(&found, "plan_utilization") > 0.5);
    let (gap, cost) = (figure(&found, "gap"), figure(&found, "cost"));
    assert!((0.0..1e-3 * cost).contains(&gap), "one plan for one type is bought at its best amount: {gap} of {cost}");
    assert!((figure(&found, "plan_break_even_utilization") - 0.6 / 0.958).abs() < 1e-9);
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for (arguments, message) in [
        (&["--growth", "0.5:1"][..], "add up to 0.5"),
        (&["--growth", "much"], "write a probability"),
        (&["--months", "6", "--buy-in", "7"], "--buy-in 7"),
        (&["--decide-again", "3"], "more than one --growth"),
        (&["--decide-again", "12", "--growth", "0.5:1", "--growth", "0.5:2"], "--decide-again 12"),
        (&["--set", "/pools/reserved/scope={\"zonal\":\"nowhere\"}"], "no commitment that covers m4.4xlarge"),
        (&["--risk", "2"], "from 0 to 1"),
        (&["--risk", "0.5", "--tail", "1"], "no worst cases"),
        (&["--set", "/clock/horizon=30m"], "no whole clock hour"),
        (
            &[
                "--set",
                "/prices/inline/types/m4.4xlarge/reserved={}",
                "--set",
                "/pools/reserved={\"instance_type\": \"m4.4xlarge\"}",
            ],
            "no commitment that covers m4.4xlarge",
        ),
    ] {
        let refused = commit(folder.path(), arguments).assert().code(2);
        let text = String::from_utf8_lossy(&refused.get_output().stderr).replace('\n', " ");
        let words = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(words.contains(message), "{message}: {words}");
        assert!(!folder.path().join("commit.json").exists());
    }
}

#[test]
fn the_record_fits_its_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read(root.join("schema/commit.schema.json")).expect("the schema");
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).expect("JSON")).expect("a schema");
    let growth = ["--growth", "0.5:0.5", "--growth", "0.5:2", "--decide-again", "3", "--ladder", "2"];
    for arguments in [&[][..], &growth[..]] {
        let found = json(arguments);
        let errors: Vec<String> = validator.iter_errors(&found).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(found["schema_version"], 1);
        let mut wrong = found.clone();
        wrong["cost"] = "much".into();
        assert!(!validator.is_valid(&wrong));
    }
}

#[test]
fn every_figure_of_a_decision_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = [
        "--set",
        "/prices/inline/types/m4.4xlarge/reserved/1y-no-upfront={\"term\": \"1y\", \"upfront\": \"0 USD\", \"hourly\": \"0.658 USD/h\"}",
        "--set",
        "/discount_rate=0.01",
        "--growth",
        "0.5:0.5",
        "--growth",
        "0.5:2",
        "--decide-again",
        "3",
        "--ladder",
        "2",
    ];
    let output = commit(folder.path(), &rows).assert().success();
    let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    for part in [
        "pays from",
        "upfront earns",
        "worth today",
        "worth at the start",
        "buying nothing",
        "saved",
        "coverage",
        "reserved time used",
        "chance that it costs more than buying nothing",
        "regret",
        "waiting a month",
        "the option to wait",
        "deciding on month 3",
        "Spread over 2 months",
        "chance of loss",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn strange_offers_and_scopes_are_remarked_upon() {
    let dear = "/prices/inline/types/m4.4xlarge/reserved/dear={\"term\": \"1y\", \"upfront\": \"0 USD\", \"hourly\": \"1.552 USD/h\"}";
    let zonal = "/prices/inline/types/m4.4xlarge/reserved/fixed={\"term\": \"1y\", \"upfront\": \"0 USD\", \"hourly\": \"0.5 USD/h\", \"scope\": \"regional_fixed_size\"}";
    let found = json(&["--set", dear, "--set", zonal]);
    let remarks = found["remarks"].to_string();
    assert!(
        remarks.contains("The offer dear of m4.4xlarge costs more than on-demand") && remarks.contains("-62 %"),
        "{remarks}"
    );
    // Both cover the same usage, and the cheaper one wins.
    assert!(found["reserve"].as_array().expect("a list").iter().all(|row| row["covers"] == "type"), "{found:#}");
}
