//! The checked-in schemas are current, and the scenarios in this repository fit them.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn checked_in(name: &str) -> Value {
    let path = root().join(format!("schema/{name}.schema.json"));
    let text = fs::read_to_string(&path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn assert_current(name: &str, current: Value) {
    assert!(
        checked_in(name) == current,
        "schema/{name}.schema.json is out of date; run: cargo run -- schema {name} > schema/{name}.schema.json"
    );
}

#[test]
fn checked_in_schemas_are_current() {
    assert_current("scenario", schemars::schema_for!(fleetmix::scenario::Scenario).to_value());
    assert_current("results", schemars::schema_for!(fleetmix::results::Results).to_value());
    assert_current("commit", schemars::schema_for!(fleetmix::study::CommitRecord).to_value());
    assert_current("diff", schemars::schema_for!(fleetmix::difference::Difference).to_value());
    assert_current("check", schemars::schema_for!(fleetmix::check::CheckRecord).to_value());
    assert_current("sweep", schemars::schema_for!(fleetmix::results::SweepRecord).to_value());
    assert_current("plan", schemars::schema_for!(fleetmix::results::PlanRecord).to_value());
    assert_current("backtest", schemars::schema_for!(fleetmix::results::BacktestRecord).to_value());
    assert_current("sensitivity", schemars::schema_for!(fleetmix::results::SensitivityRecord).to_value());
    assert_current("batch", schemars::schema_for!(fleetmix::results::BatchRecord).to_value());
    assert_current("reconcile", schemars::schema_for!(fleetmix::study::Reconciliation).to_value());
    assert_current("replay", schemars::schema_for!(fleetmix::report::replay::ReplayRecord).to_value());
    assert_current("limits", schemars::schema_for!(fleetmix::check::Limits).to_value());
}

/// All files named `scenario.json` below a folder.
fn scenarios(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scenarios(&path, found);
        } else if path.file_name().is_some_and(|name| name == "scenario.json") {
            found.push(path);
        }
    }
}

#[test]
fn scenarios_fit_the_schema() {
    let mut files = Vec::new();
    scenarios(&root().join("scenarios"), &mut files);
    scenarios(&root().join("tests/fixtures"), &mut files);
    assert!(!files.is_empty());
    let schema = checked_in("scenario");
    let validator = jsonschema::validator_for(&schema).unwrap();
    for file in files {
        let document = fleetmix::input::Document::read(&file).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&document.tree).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

#[test]
fn the_schema_refuses_unknown_keys_and_wrong_units() {
    let validator = jsonschema::validator_for(&checked_in("scenario")).unwrap();
    let document = fleetmix::input::Document::read(&root().join("tests/fixtures/base/scenario.json")).unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut tree = document.tree.clone();
        *tree.pointer_mut(pointer).unwrap() = value;
        tree
    };
    assert!(validator.is_valid(&document.tree));
    assert!(!validator.is_valid(&changed("/objective/latency", "1 week".into())));
    assert!(!validator.is_valid(&changed("/run", serde_json::json!({"seed": 1, "replications": 1, "sed": 2}))));
}

#[test]
fn the_command_prints_the_schema_and_a_reader_may_leave() {
    let program = env!("CARGO_BIN_EXE_fleetmix");
    for name in [
        "scenario",
        "results",
        "commit",
        "diff",
        "plan",
        "backtest",
        "sensitivity",
        "batch",
        "check",
        "sweep",
        "reconcile",
        "replay",
        "limits",
    ] {
        let output = std::process::Command::new(program).args(["schema", name]).output().unwrap();
        let file = root().join(format!("schema/{name}.schema.json"));
        assert!(output.status.success() && output.stdout == fs::read(file).unwrap(), "schema {name}");
    }
    let mut child = std::process::Command::new(program)
        .args(["schema", "scenario"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
