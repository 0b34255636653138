//! Reserved capacity in a scenario: launches that cannot fail, charges for what is unused, and what refuses it.

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;
use support::rows;

const RESERVED: &str = r#"/capacity_reservations=[{"instance_type":"m4.4xlarge","count":9}]"#;
const FAILING: &str = "/instance_types/m4.4xlarge/boot/failure_probability=0.9";

fn compare(folder: &Path, settings: &[&str]) -> Command {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base/scenario.json");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("compare").arg(scenario).args(["--replications", "1", "--quiet", "--set", "/clock/horizon=1d", "-o"]);
    command.arg(folder).args(["--mix", "1 reserved + on-demand"]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command
}

fn mix(folder: &Path) -> Value {
    let text = fs::read(folder.join("results.json")).expect("results.json");
    let results: Value = serde_json::from_slice(&text).expect("JSON");
    results["mixes"][0].clone()
}

#[test]
fn launches_within_it_do_not_fail() {
    let failures = |settings: &[&str]| {
        let folder = tempfile::tempdir().expect("a folder");
        compare(folder.path(), settings).assert().success();
        mix(folder.path())["instances"]["launch_failures"]["mean"].as_f64().expect("a figure")
    };
    assert!(failures(&[FAILING]) > 0.0);
    assert_eq!(failures(&[FAILING, RESERVED]), 0.0);
    // Held until before the first scale-out, it is of no use then.
    let ended = RESERVED.replace("9}", r#"9,"until":"2016-03-07T00:00:01Z"}"#);
    assert!(failures(&[FAILING, &ended]) > 0.0);
    let other_zone = RESERVED.replace("9}", r#"9,"zone":"nowhere"}"#);
    assert!(failures(&[FAILING, &other_zone]) > 0.0);
}

#[test]
fn what_is_unused_is_charged_and_adds_up() {
    let folder = tempfile::tempdir().expect("a folder");
    compare(folder.path(), &[RESERVED]).assert().success();
    let mix = mix(folder.path());
    let rows = rows(&folder.path().join("charges.csv"));
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let unused: Vec<_> = rows.iter().filter(|row| row["CapacityReservationId"] == "capacity-1").collect();
    assert!(unused.len() >= 24 && unused.iter().all(|row| row["CapacityReservationStatus"] == "Unused"));
    let hours: f64 = unused.iter().map(|row| number(&row["PricingQuantity"])).sum();
    let ran = &mix["instances"]["hours"];
    let ran = ["reserved", "on_demand"].map(|name| ran[name]["mean"].as_f64().expect("a figure")).iter().sum::<f64>();
    assert!((hours + ran - 9.0 * 24.0).abs() < 1e-6, "{hours} unused and {ran} used of 216");
    let effective: f64 = rows.iter().map(|row| number(&row["EffectiveCost"])).sum();
    let total = number(mix["named_replication"]["total"].as_str().expect("a total"));
    assert!((effective - total).abs() < 1e-6, "{effective} against {total}");
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for (setting, message) in [
        (r#"/capacity_reservations=[{"instance_type":"m4.4xlarge","count":0}]"#, "found 0"),
        (r#"/capacity_reservations=[{"instance_type":"m4.huge","count":1}]"#, "m4.huge"),
        (
            r#"/capacity_reservations=[{"instance_type":"m4.4xlarge","count":1,"from":"2016-03-08T00:00:00Z","until":"2016-03-07T00:00:00Z"}]"#,
            "is not after",
        ),
    ] {
        let refused = compare(folder.path(), &[setting]).assert().code(2);
        let text = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(text.contains(message), "{message}: {text}");
    }
}
