//! Stored files, tried with the sample study.

use super::sample;
use crate::report::html;
use crate::results::{StoredReport, mixes_csv, read_results, timeline_csv, write_study};
use crate::units::SimTime;
use std::fs;

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(String::from).collect()).collect()
}

#[test]
fn each_estimate_has_three_columns() {
    let (mut results, _) = sample::week();
    results.mixes[0].name = "a, \"b\"\nc".into();
    results.mixes[1].name = "=HYPERLINK(\"x\")".into();
    results.mixes[1].late_share.ci95 = None;
    let rows = rows(&mixes_csv(&results));
    assert_eq!(rows.len(), 1 + results.mixes.len());
    assert_eq!(rows[0][..6], ["name", "mix", "objective_met", "cost_total", "cost_total_low", "cost_total_high"]);
    assert_eq!(rows[1][0], "a, \"b\"\nc");
    assert_eq!(rows[2][0], "'=HYPERLINK(\"x\")");
    let column = rows[0].iter().position(|name| name == "late_share").unwrap();
    assert_eq!(rows[2][column..column + 3], ["0.028", "", ""]);
    assert_eq!(rows[1][3].parse::<f64>().unwrap(), results.mixes[0].cost.total.mean);
}

#[test]
fn each_interval_has_a_row_in_utc() {
    let (results, mut timelines) = sample::week();
    timelines[0].points[1].p95 = f64::NAN;
    let rows = rows(&timeline_csv(&results, &timelines));
    assert_eq!(rows.len(), 1 + 3 * 2016);
    let header = "mix,replication,start,end,offered,late,failed,p50,p95,p99,cpu,reserved,spot,on_demand";
    assert_eq!(rows[0].join(","), header);
    assert_eq!(rows[2][1..4], ["12", "2016-03-07T00:05:00Z", "2016-03-07T00:10:00Z"]);
    assert_eq!(rows[2][8], "");
}

#[test]
fn background_work_has_columns_where_there_is_some() {
    let (mut results, _) = sample::week();
    let plain = rows(&mixes_csv(&results));
    results.mixes[1].background = Some(sample::background(4.0, 10.0));
    let table = rows(&mixes_csv(&results));
    let column = |name: &str| table[0].iter().position(|head| head == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(table[0].len(), plain[0].len() + 30);
    assert_eq!(table[2][column("background_work_done_seconds")], "3600000");
    assert_eq!(table[2][column("background_cost_elsewhere")], "");
    assert!(table[1][plain[0].len()..].iter().all(String::is_empty));
    assert!(table.iter().zip(&plain).all(|(row, before)| row[..before.len()] == before[..]));
}

#[test]
fn a_study_is_written_whole_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("reports/week");
    let (results, _) = sample::week();
    let json = serde_json::to_vec(&results).unwrap();
    write_study(&target, &[("results.json", &json), ("mixes.csv", b"x")]).unwrap();
    assert!(read_results(&target.join("results.json")).unwrap() == results);
    write_study(&target, &[("mixes.csv", b"y")]).unwrap();
    assert_eq!(fs::read(target.join("mixes.csv")).unwrap(), b"y");
    assert_eq!(fs::read_dir(&target).unwrap().count(), 2);
}

#[test]
fn a_failure_leaves_nothing_behind_and_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("b.csv")).unwrap();
    let error = write_study(folder.path(), &[("a.csv", b"1"), ("b.csv", b"2")]).unwrap_err().to_string();
    assert!(error.contains("b.csv"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::write(folder.path().join("file"), b"").unwrap();
    let error = write_study(&folder.path().join("file/sub"), &[]).unwrap_err().to_string();
    assert!(error.contains("cannot create") && error.contains("file/sub"), "{error}");
}

#[test]
fn a_stored_report_is_read_again_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let (results, mut timelines) = sample::week();
    // An interval without requests, and a horizon that cuts the last one short.
    timelines[0].points[3].p95 = f64::NAN;
    timelines[1].points.last_mut().unwrap().end = SimTime::from_secs(604_701);
    timelines[2].points.clear();
    let stored = sample::stored(&timelines);
    fs::write(&file, stored.json()).unwrap();
    let again = StoredReport::read(&file).unwrap();
    // A number that is none does not equal itself.
    assert!(again.timelines[0].points[3].p95.is_nan());
    assert_eq!(format!("{again:?}"), format!("{stored:?}"));
    assert!(html(&results, &again) == html(&results, &stored));
}
