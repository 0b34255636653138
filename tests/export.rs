//! `fleetmix export --best-of`: what was found before is what is applied.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

fn fleetmix(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.current_dir(folder).args(arguments);
    command
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let done = fleetmix(folder, arguments).assert().success();
    String::from_utf8_lossy(&done.get_output().stderr).into_owned()
}

const SHORT: [&str; 4] = ["--quick", "--quiet", "--set", "/clock/horizon=30m"];

/// Exports to the folder `export`; what is said on the way.
fn exported(folder: &Path, best_of: &str, more: &[&str]) -> String {
    let arguments = ["export", "app/scenario.json", "--best-of", best_of, "--format", "terraform", "-o", "export"];
    succeeds(folder, &[&arguments[..], more].concat())
}

/// The mix that was exported.
fn mix(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("export/main.tf")).unwrap();
    text.split('`').nth(1).expect("a mix").to_string()
}

#[test]
fn what_was_found_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    succeeds(folder, &["init", "-o", "app", "--running", "3"]);
    succeeds(folder, &[&["compare", "app/scenario.json", "-o", "found"][..], &SHORT].concat());
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("found/results.json")).unwrap()).unwrap();
    let best =
        results["mixes"].as_array().unwrap().iter().find(|mix| mix["name"] == results["best"]).expect("a best mix");
    for place in ["found", "found/results.json"] {
        let said = exported(folder, place, &[]);
        assert!(!said.contains("the results"), "nothing changed: {said}");
        assert_eq!(mix(folder), best["mix"].as_str().unwrap());
    }
    succeeds(folder, &[&["plan", "app/scenario.json", "-o", "found"][..], &SHORT].concat());
    let plan: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("found/plan.json")).unwrap()).unwrap();
    exported(folder, "found/plan.json", &[]);
    assert_eq!(mix(folder), plan["plan"]["mix"].as_str().unwrap());
    let refused = |best_of: &str, part: &str| {
        let arguments = ["export", "app/scenario.json", "--best-of", best_of, "--format", "aws"];
        let done = fleetmix(folder, &arguments).assert().code(2);
        let error = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(error.contains(part), "{part}: {error}");
    };
    refused("found", "name one of the two");
    refused("app", "neither results nor a plan");
    refused("app/demand.csv", "is not a fleetmix results file");
    refused("found/report.json", "is not a fleetmix results file");
    // What the results were made of has changed since.
    let demand = fs::read_to_string(folder.join("app/demand.csv")).unwrap();
    fs::write(folder.join("app/demand.csv"), demand.trim_end()).unwrap();
    let said = exported(folder, "found/results.json", &["--set", "/name=other"]);
    assert!(said.contains("the results were made with another demand than demand.csv"), "{said}");
    assert!(said.contains("this one is `other`"), "{said}");
}
