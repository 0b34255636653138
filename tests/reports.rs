//! The reports of the shipped scenarios in `reports/shipped` are what this version makes. `reports/README.md` says how to renew them.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A kept report of a scenario.
struct Kept {
    scenario: &'static str,
    /// What `compare` was told besides.
    arguments: &'static [&'static str],
    /// What is kept of it besides the page.
    pictures: &'static [&'static str],
}

const fn kept(scenario: &'static str, arguments: &'static [&'static str]) -> Kept {
    Kept { scenario, arguments, pictures: &[] }
}

/// Made again by every test run.
const QUICK: [Kept; 5] = [
    kept("azure-like", &["--quick"]),
    kept("interrupted-peak", &["--replications", "2"]),
    kept("llm-spot", &["--quick"]),
    kept("microscaling", &["--quick"]),
    kept("patch-wave", &["--replications", "2"]),
];

/// Made again with `FLEETMIX_LONG_TESTS=1`.
const SLOW: [Kept; 3] = [
    kept("gcp-like", &["--quick", "--causes", "--sensitivity"]),
    kept("microscaling-large", &["--quick", "--set", "/clock/horizon=30m"]),
    Kept {
        scenario: "web-3-5-7",
        arguments: &["--replications", "3", "--set", "/clock/horizon=2d", "--causes"],
        pictures: &["frontier.svg", "saving.svg"],
    },
];

/// Scenarios of jobs with deadlines, which have no page: their records are kept.
const JOBS: [&str; 2] = ["batch-beside-service", "batch-deadlines"];

/// More than this is not kept.
const MOST_BYTES: usize = 1_000_000;

fn fleetmix() -> Command {
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Compares a file with the one that is kept, or keeps it if reports are to be renewed.
fn check(made: &Path, kept: &Path) {
    let made = fs::read_to_string(made).unwrap_or_else(|error| panic!("{}: {error}", made.display()));
    assert!(made.len() < MOST_BYTES, "{}: {} bytes", kept.display(), made.len());
    if std::env::var_os("FLEETMIX_UPDATE_REPORTS").is_some() {
        fs::create_dir_all(kept.parent().expect("a folder")).expect("a folder");
        fs::write(kept, &made).expect("a file");
    }
    let stored = fs::read_to_string(kept).unwrap_or_default();
    let line = stored.lines().zip(made.lines()).position(|(kept, made)| kept != made);
    assert!(
        stored == made,
        "{} is out of date, first in line {:?}; see reports/README.md",
        kept.display(),
        line.map(|line| line + 1)
    );
}

fn folder_of(scenario: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/shipped").join(scenario)
}

fn check_report(kept: &Kept) {
    let made: TempDir = tempfile::tempdir().expect("a folder");
    let mut compare = fleetmix();
    compare.arg("compare").arg(format!("scenarios/{}/scenario.json", kept.scenario)).args(kept.arguments);
    compare.args(["--quiet", "-o"]).arg(made.path()).assert().success();
    let folder = folder_of(kept.scenario);
    check(&made.path().join("report.html"), &folder.join("report.html"));
    if !kept.pictures.is_empty() {
        fleetmix().arg("report").arg(made.path()).args(["--svg", "--quiet"]).assert().success();
    }
    for picture in kept.pictures {
        check(&made.path().join("charts").join(picture), &folder.join(picture));
    }
}

#[test]
fn kept_reports_are_current() {
    QUICK.iter().for_each(check_report);
}

#[test]
fn kept_reports_that_take_longer_are_current() {
    if std::env::var_os("FLEETMIX_LONG_TESTS").is_none_or(|value| value != "1") {
        println!("skipped: set FLEETMIX_LONG_TESTS=1");
        return;
    }
    SLOW.iter().for_each(check_report);
}

#[test]
fn kept_records_of_jobs_are_current() {
    for scenario in JOBS {
        let made = tempfile::tempdir().expect("a folder");
        let mut batch = fleetmix();
        batch.arg("batch").arg(format!("scenarios/{scenario}/scenario.json")).args(["--quick", "--quiet", "-o"]);
        batch.arg(made.path()).assert().success();
        check(&made.path().join("batch.json"), &folder_of(scenario).join("batch.json"));
    }
}

/// Every shipped scenario has something kept, and README.md says how each was made.
#[test]
fn every_shipped_scenario_has_a_kept_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("reports/README.md")).expect("reports/README.md");
    for entry in fs::read_dir(root.join("scenarios")).expect("scenarios").map(|entry| entry.expect("a folder")) {
        let name = entry.file_name().into_string().expect("a plain name");
        if !entry.path().join("scenario.json").exists() {
            continue;
        }
        assert!(folder_of(&name).is_dir(), "reports/shipped/{name} is missing");
        assert!(readme.contains(&format!("(shipped/{name})")), "reports/README.md does not name {name}");
    }
    for kept in QUICK.iter().chain(&SLOW) {
        let command =
            format!("fleetmix compare scenarios/{}/scenario.json {}", kept.scenario, kept.arguments.join(" "));
        assert!(readme.contains(&format!("`{command}`")), "reports/README.md does not say `{command}`");
    }
    for scenario in JOBS {
        let command = format!("fleetmix batch scenarios/{scenario}/scenario.json --quick");
        assert!(readme.contains(&format!("`{command}`")), "reports/README.md does not say `{command}`");
    }
}
