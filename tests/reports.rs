//! The reports of the shipped scenarios in `reports/shipped` are what this version makes. `reports/README.md` says how to renew them.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

/// A scenario, the arguments that its kept report was made with, and the pictures that are kept beside it.
const REPORTS: [(&str, &[&str], &[&str]); 2] = [
    ("web-3-5-7", &["--replications", "3", "--set", "/clock/horizon=2d"], &["frontier.svg", "saving.svg"]),
    ("patch-wave", &["--replications", "2"], &[]),
];

#[test]
fn kept_reports_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("FLEETMIX_UPDATE_REPORTS").is_some();
    for (name, arguments, pictures) in REPORTS {
        let folder = tempfile::tempdir().expect("a folder");
        let fleetmix = || Command::cargo_bin("fleetmix").expect("the binary");
        let mut compare = fleetmix();
        compare.current_dir(root).arg("compare").arg(format!("scenarios/{name}/scenario.json")).args(arguments);
        compare.args(["--quiet", "-o"]).arg(folder.path()).assert().success();
        fleetmix().arg("report").arg(folder.path()).args(["--svg", "--quiet"]).assert().success();
        let kept = root.join("reports/shipped").join(name);
        let pictures = pictures.iter().map(|picture| (*picture, folder.path().join("charts").join(picture)));
        for (file, made) in pictures.chain([("report.html", folder.path().join("report.html"))]) {
            let made = fs::read_to_string(made).expect(file);
            if update {
                fs::create_dir_all(&kept).expect("a folder");
                fs::write(kept.join(file), &made).expect("a file");
            }
            let kept = fs::read_to_string(kept.join(file)).unwrap_or_default();
            let line = kept.lines().zip(made.lines()).position(|(kept, made)| kept != made);
            assert!(
                kept == made,
                "reports/shipped/{name}/{file} is out of date, first in line {:?}; see reports/README.md",
                line.map(|line| line + 1)
            );
        }
    }
}
