//! The reports of the shipped scenarios in `reports/shipped` are what this version makes. `reports/README.md` says how to renew them.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

/// A scenario and the arguments that its kept report was made with.
const REPORTS: [(&str, &[&str]); 4] = [
    ("interrupted-peak", &["--replications", "3"]),
    ("patch-wave", &["--replications", "3"]),
    ("gcp-like", &[]),
    ("azure-like", &[]),
];

#[test]
fn kept_reports_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("FLEETMIX_UPDATE_REPORTS").is_some();
    for (name, arguments) in REPORTS {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::cargo_bin("fleetmix").expect("the binary");
        command.current_dir(root).arg("compare").arg(format!("scenarios/{name}/scenario.json")).args(arguments);
        command.args(["--quiet", "-o"]).arg(folder.path()).assert().success();
        let made = fs::read_to_string(folder.path().join("report.html")).expect("report.html");
        let kept = root.join("reports/shipped").join(name);
        if update {
            fs::create_dir_all(&kept).expect("a folder");
            fs::write(kept.join("report.html"), &made).expect("a file");
        }
        let kept = fs::read_to_string(kept.join("report.html")).unwrap_or_default();
        let line = kept.lines().zip(made.lines()).position(|(kept, made)| kept != made);
        assert!(
            kept == made,
            "reports/shipped/{name}/report.html is out of date, first in line {:?}; see reports/README.md",
            line.map(|line| line + 1)
        );
    }
}
