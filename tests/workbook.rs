//! `workbook.xlsx`: every formula comes to the value that is stored beside it, to that of the results, and to LibreOffice's.

mod support;

use assert_cmd::Command;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use support::workbook::{Book, Value, forgetful, recalculated};
use tempfile::TempDir;

/// A day of the base scenario, with commitments that are owned and bought.
fn study() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/base/scenario.json");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("compare").arg(scenario).args(["--replications", "2", "--quiet", "--set", "/clock/horizon=1d"]);
    let settings = [
        r#"/commitments_owned=[{"reserved":{"instance_type":"m4.4xlarge","count":1,"term":"1y","upfront":"1000 USD","hourly":"0.3 USD/h","ends":"2016-03-07T02:20:00Z"}}]"#,
        r#"/prices/inline/types/m4.4xlarge/savings_plans={"compute":"0.7 USD/h"}"#,
        r#"/savings_plans=[{"covers":"compute","rates":"compute","commitment":"1.2 USD/h","term":"3y","upfront_share":0.5}]"#,
    ];
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.arg("-o").arg(folder.path().join("out")).assert().success();
    let out = folder.path().join("out");
    (folder, out)
}

fn results(out: &Path) -> Json {
    serde_json::from_slice(&fs::read(out.join("results.json")).expect("results.json")).expect("JSON")
}

/// Name and exact total of each mix.
fn totals(out: &Path) -> Vec<(String, f64)> {
    let text = |value: &Json| value.as_str().expect("a text").to_string();
    let mixes = results(out)["mixes"].as_array().expect("mixes").clone();
    let total = |mix: &Json| text(&mix["named_replication"]["total"]).parse().expect("a number");
    mixes.iter().map(|mix| (text(&mix["name"]), total(mix))).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.005
}

#[test]
fn every_formula_comes_to_what_is_stored_and_to_the_results() {
    let (_folder, out) = study();
    let bytes = fs::read(out.join("workbook.xlsx")).expect("workbook.xlsx");
    let book = Book::read(&bytes);
    let names: Vec<&str> = book.0.keys().map(String::as_str).collect();
    assert_eq!(names, ["Assumptions", "Commitments", "Invoice", "Mixes", "Summary", "Totals"]);
    let mut formulas = 0;
    for (sheet, cells) in &book.0 {
        for (at, cell) in cells.iter().filter(|(_, cell)| cell.formula.is_some()) {
            let Value::Number(stored) = cell.value else { panic!("{sheet} {at:?}: no stored value") };
            let computed = book.number(sheet, *at);
            assert!(close(stored, computed), "{sheet} {at:?}: {stored} stored, {computed} computed");
            formulas += 1;
        }
    }
    assert!(formulas > 40, "{formulas} formulas");
    let totals = totals(&out);
    let of_mix = |name: &str| -> (u32, f64) {
        let row =
            (1..200).find(|row| book.text("Totals", (*row, 1)) == name && book.text("Totals", (*row, 2)) == "all");
        let row = row.unwrap_or_else(|| panic!("no total of {name}"));
        (row, book.number("Totals", (row, 7)))
    };
    for (name, total) in &totals {
        let (row, sum) = of_mix(name);
        assert!(close(sum, *total), "{name}: {sum} in the workbook, {total} in the results");
        assert_eq!(book.number("Totals", (row, 11)), 0.0, "{name}: the workbook's own check");
    }
}

#[test]
fn libreoffice_recalculates_the_same_totals() {
    let (folder, out) = study();
    let bytes = forgetful(&fs::read(out.join("workbook.xlsx")).expect("workbook.xlsx"));
    let Some(rows) = recalculated(folder.path(), &bytes, 3) else {
        println!("skipped: LibreOffice (soffice) is not installed");
        return;
    };
    let totals = totals(&out);
    for (name, total) in &totals {
        let row = rows.iter().find(|row| row[0] == *name && row[1] == "all").unwrap_or_else(|| panic!("{rows:#?}"));
        let sum: f64 = row[6].parse().unwrap_or_else(|_| panic!("{row:?}"));
        assert!(close(sum, *total), "{name}: {sum} by LibreOffice, {total} in the results");
    }
}

#[test]
fn the_same_results_give_the_same_workbook() {
    let (_folder, out) = study();
    let again = out.with_file_name("again");
    let mut command = Command::cargo_bin("fleetmix").expect("the binary");
    command.arg("report").arg(&out).arg("--quiet").arg("-o").arg(&again).assert().success();
    for file in ["workbook.xlsx", "report.html", "frontier.svg", "mixes.csv", "timeline.csv"] {
        let same = fs::read(out.join(file)).expect(file) == fs::read(again.join(file)).expect(file);
        assert!(same, "{file} differs when it is drawn again");
    }
}
