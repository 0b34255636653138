//! `fleetmix init`: from any demand to a scenario that loads, without a question.

use assert_cmd::Command;
use fleetmix::input::{LoadOptions, LoadedScenario, load};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn init(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    // A pipe that is closed at once: whoever asks, fails.
    command.current_dir(folder).arg("init").args(arguments).write_stdin("");
    command
}

fn loaded(file: &Path) -> LoadedScenario {
    load(file, &LoadOptions::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn said(command: &mut Command) -> String {
    String::from_utf8_lossy(&command.assert().success().get_output().stdout).into_owned()
}

fn refused(command: &mut Command, part: &str) {
    let assert = command.assert().code(2);
    let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(error.contains(part), "{part}: {error}");
}

/// Three weeks of requests by five minutes, with a hole, in the notation of a European spreadsheet.
fn spreadsheet() -> String {
    let mut text = "Zeit;Anfragen;CPU\n".to_string();
    for index in (0..21 * 288).filter(|index| !(100..103).contains(index)) {
        let (day, minute) = (5 + index / 288, index % 288 * 5);
        let requests = 3000 + 2000 * i32::from((96..240).contains(&(index % 288)));
        writeln!(text, "{day:02}.01.2026 {:02}:{:02};{requests};0,5", minute / 60, minute % 60).unwrap();
    }
    text
}

#[test]
fn a_spreadsheet_becomes_a_scenario() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("last month.csv"), spreadsheet()).unwrap();
    let arguments = [
        "--demand",
        "last month.csv",
        "--where",
        "column=Anfragen",
        "--instance-type",
        "c5.large",
        "--discount",
        "10%",
    ];
    let words = said(&mut init(folder.path(), &arguments));
    for part in
        ["`;`", "%d.%m.%Y %H:%M", "3 of 6048 intervals have no value", "nothing says otherwise", "every", "ASSUMED"]
    {
        assert!(words.contains(part) || part == "every", "{part}: {words}");
    }
    let input = loaded(&folder.path().join("last-month/scenario.json"));
    assert_eq!(input.scenario.name, "last-month");
    assert_eq!(input.scenario.clock.horizon.to_string(), "7d");
    assert_eq!(input.scenario.baseline.as_deref(), Some("what we run today"));
    let on_demand = input.candidates[0].prices.types["c5.large"].on_demand;
    assert_eq!(on_demand.to_string(), "0.0765 USD/h");
    // What is there already stays.
    refused(&mut init(folder.path(), &arguments), "exists already");
}

#[test]
fn nothing_at_all_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let words = said(&mut init(folder.path(), &["-o", "x", "--running", "3", "--latency", "300ms", "--slots", "4"]));
    assert!(words.contains("no --demand is given") && words.contains("today: 3 on-demand instances"), "{words}");
    let input = loaded(&folder.path().join("x/scenario.json"));
    assert_eq!(input.candidates[0].mix.to_string(), "3 on-demand");
    assert_eq!(
        (input.scenario.instance_types["m5.large"].slots, input.scenario.objective.latency.to_string()),
        (4, "300ms".into())
    );
}

#[test]
fn a_first_look_is_short() {
    let folder = tempfile::tempdir().unwrap();
    said(&mut init(folder.path(), &["-o", "x"]));
    let file = folder.path().join("x/scenario.json");
    let quick = |set: &[(&str, &str)], replications: Option<u32>| {
        let set = set.iter().map(|(pointer, value)| (pointer.to_string(), serde_json::json!(value))).collect();
        load(&file, &LoadOptions { quick: true, set, replications, ..LoadOptions::default() }).expect("a scenario")
    };
    let look = quick(&[], None);
    assert_eq!((look.scenario.clock.horizon.to_string(), look.scenario.run.replications), ("1d".into(), 3));
    // What is asked for counts.
    let asked = quick(&[("/clock/horizon", "2d")], Some(7));
    assert_eq!((asked.scenario.clock.horizon.to_string(), asked.scenario.run.replications), ("2d".into(), 7));
    let shorter = quick(&[("/clock/horizon", "3h")], None);
    assert_eq!(shorter.scenario.clock.horizon.to_string(), "3h");
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("two.csv", "time,a,b\n2026-01-05 00:00,1,2\n2026-01-05 00:01,1,2\n");
    file("minus.csv", "time,v\n2026-01-05 00:00,1\n2026-01-05 00:01,-2\n");
    file("one.csv", "time,v\n2026-01-05 00:00,1\n");
    file("bytes.csv", "\u{0}\u{1}\u{2}");
    let refuse = |arguments: &[&str], part: &str| refused(&mut init(folder.path(), arguments), part);
    refuse(&["--demand", "none.csv"], "none.csv");
    refuse(&["--demand", "two.csv"], "2 series fit");
    refuse(&["--demand", "minus.csv"], "cannot be negative");
    refuse(&["--demand", "one.csv"], "state the interval");
    refuse(&["--demand", "bytes.csv"], "bytes.csv");
    refuse(&["--instance-type", "m5.larg"], "did you mean `m5.large`?");
    refuse(&["--discount", "12"], "write it like 12%");
    refuse(&["--name", "../x", "-o", "y"], "the name becomes a folder's");
    refuse(&["--work", "0s", "-o", "z"], "scenario.json");
    let words = said(&mut init(
        folder.path(),
        &["--demand", "one.csv", "--every", "1h", "--instance-type", "big.one", "--price", "2 EUR/h"],
    ));
    assert!(words.contains("big.one"), "{words}");
}
