//! `fleetmix diff` and `fleetmix report` on stored studies: what they say, and what they refuse.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn fleetmix() -> Command {
    Command::cargo_bin("fleetmix").expect("the binary")
}

/// A quarter of a day of the base scenario in this folder.
fn study(folder: &Path, name: &str, settings: &[&str]) -> PathBuf {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base/scenario.json");
    let out = folder.join(name);
    let mut command = fleetmix();
    command.arg("compare").arg(scenario).args(["--replications", "4", "--quiet", "--set", "/clock/horizon=6h"]);
    settings.iter().for_each(|setting| {
        command.args(["--set", setting]);
    });
    command.arg("-o").arg(&out).assert().success();
    out
}

/// What a failing command says.
fn refusal(command: &mut Command) -> String {
    let output = command.assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn a_dearer_price_is_seen_through_the_noise_of_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = study(folder.path(), "old", &[]);
    let new = study(folder.path(), "new", &[r#"/prices/inline/types/m4.4xlarge/on_demand="1.2 USD/h""#]);
    let page = folder.path().join("changes.html");
    let output = fleetmix().arg("diff").args([&old, &new]).arg("--html").arg(&page).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).expect("text");
    assert!(text.contains("Cost rose by more than noise") && text.contains("Report: "), "{text}");
    assert!(fs::read_to_string(&page).expect("the page").contains("Cost rose"));
    let output = fleetmix().arg("diff").args([&old, &new]).args(["--format", "json"]).assert().success();
    let difference: Value = serde_json::from_slice(&output.get_output().stdout).expect("JSON");
    assert_eq!(difference["paired"], true);
    let mixes = difference["mixes"].as_array().expect("mixes");
    let find = |finding: &str| mixes.iter().filter(|mix| mix["cost_per_month"]["finding"] == finding).count();
    // Only what is bought on-demand is dearer, and never cheaper.
    assert!(find("rose") > 0 && find("fell") == 0, "{mixes:#?}");
    assert!(mixes.iter().all(|mix| mix["late_share"]["finding"] == "same"), "a price changes no request");
    let schema: Value = serde_json::from_slice(include_bytes!("../schema/diff.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&difference));
}

#[test]
fn what_is_no_study_is_refused_with_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = study(folder.path(), "old", &[]);
    let missing = folder.path().join("missing");
    assert!(refusal(fleetmix().arg("diff").args([&old, &missing])).contains("missing"));
    assert!(refusal(fleetmix().arg("report").arg(&missing)).contains("results.json"));
    let text = fs::read_to_string(old.join("results.json")).expect("results.json");
    let other = folder.path().join("other.json");
    fs::write(&other, text.replacen("\"schema_version\": 1", "\"schema_version\": 99", 1)).expect("a file");
    assert!(refusal(fleetmix().arg("diff").args([&old, &other])).contains("schema version 99"));
    fs::write(&other, text.replace("\"currency\": \"USD\"", "\"currency\": \"EUR\"")).expect("a file");
    assert!(refusal(fleetmix().arg("diff").args([&old, &other])).contains("EUR"));
    fs::write(&other, "{").expect("a file");
    assert!(refusal(fleetmix().arg("diff").args([&other, &old])).contains("other.json"));
    let before = fs::read(old.join("report.html")).expect("report.html");
    for broken in ["{", "{\"schema_version\":7,\"command\":\"\",\"timelines\":[],\"invoices\":[]}"] {
        fs::write(old.join("report.json"), broken).expect("a file");
        assert!(refusal(fleetmix().arg("report").arg(&old)).contains("report.json"), "{broken}");
    }
    assert!(fs::read(old.join("report.html")).expect("report.html") == before, "a report was replaced");
}

#[test]
fn a_record_without_time_lines_is_drawn_without_charts_over_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = study(folder.path(), "old", &[]);
    fs::remove_file(old.join("report.json")).expect("report.json");
    let output = fleetmix().arg("report").arg(&old).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).expect("text");
    assert!(text.contains("no report.json") && text.contains("Report: "), "{text}");
    assert!(!fs::read_to_string(old.join("report.html")).expect("report.html").contains("data-kind=\"latency\""));
}

#[test]
fn broken_time_lines_are_refused_and_never_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = study(folder.path(), "old", &[]);
    let whole: Value = serde_json::from_slice(&fs::read(old.join("report.json")).expect("report.json")).expect("JSON");
    let breaks: [(&str, Value); 5] = [
        ("/timelines/0/interval", 0.into()),
        ("/timelines/0/interval", i64::MAX.into()),
        ("/timelines/0/end", (-5).into()),
        ("/timelines/0/p95", serde_json::json!([])),
        ("/timelines/0/offered", serde_json::json!([1])),
    ];
    for (pointer, value) in breaks {
        let mut broken = whole.clone();
        *broken.pointer_mut(pointer).expect(pointer) = value.clone();
        fs::write(old.join("report.json"), broken.to_string()).expect("a file");
        assert!(refusal(fleetmix().arg("report").arg(&old)).contains("time line"), "{pointer} {value}");
    }
}

#[test]
fn pictures_of_every_chart() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = study(folder.path(), "old", &[]);
    fleetmix().arg("report").arg(&old).args(["--svg", "--quiet"]).assert().success().stdout("");
    let svgs = fs::read_dir(old.join("charts")).expect("charts").count();
    assert!(svgs >= 6, "{svgs} pictures");
    if cfg!(feature = "png") {
        fleetmix().arg("report").arg(&old).args(["--png", "--quiet"]).assert().success();
        let png = fs::read(old.join("charts/frontier.png")).expect("frontier.png");
        assert_eq!(&png[1..4], b"PNG");
        assert_eq!(u32::from_be_bytes(png[16..20].try_into().expect("four bytes")), 2496);
    }
}
