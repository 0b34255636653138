//! Where real traces are, for the tests that need them. They are not part of the repository.

#![allow(dead_code, reason = "each test binary uses a part of this module")]

pub mod browser;
pub mod literal;
pub mod queueing;
pub mod random;
pub mod real_scenarios;
pub mod reference;
#[path = "../../src/rng/repeatable.rs"]
pub mod repeatable;
pub mod small;
pub mod stationary;
pub mod workbook;

use fleetmix::trace::{AfterEnd, PriceSeries, RateSeries};
use fleetmix::units::{Duration, Instant, Rate, SimTime};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder of real data: `FLEETMIX_REAL_DATA`, else `../shared/data` beside the crate.
///
/// Without such a folder it prints `skipped` and is `None`.
///
/// # Panics
/// If there is no such folder and `FLEETMIX_REQUIRE_REAL_DATA` is `1`.
pub fn real_data() -> Option<PathBuf> {
    let folder = match std::env::var_os("FLEETMIX_REAL_DATA") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
    };
    if folder.is_dir() {
        return Some(folder.canonicalize().expect("a folder has a path"));
    }
    let required = std::env::var_os("FLEETMIX_REQUIRE_REAL_DATA").is_some_and(|value| value == "1");
    assert!(!required, "no real data in {}", folder.display());
    println!("skipped: no real data in {}; set FLEETMIX_REAL_DATA", folder.display());
    None
}

/// Whether a figure is the number of a text to half a unit of its last decimal.
pub fn rounds_to(figure: f64, text: &str) -> bool {
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let half_unit = 0.5 * 10f64.powi(-(decimals as i32)) + 1e-9;
    let expected: f64 = text.parse().unwrap();
    (figure - expected).abs() <= half_unit
}

/// The rows of a CSV file, unpacked if need be, by column name.
pub fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = String::new();
    match path.extension() {
        Some(end) if end == "gz" => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text),
        _ => (&bytes[..]).read_to_string(&mut text),
    }
    .expect("text");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let named = |row: csv::StringRecord| header.iter().map(String::from).zip(row.iter().map(String::from)).collect();
    reader.records().map(|row| named(row.expect("a row"))).collect()
}

/// An instant from a stamp in UTC, with or without its offset.
pub fn instant(stamp: &str) -> Instant {
    let stamp = stamp.replace(' ', "T");
    if stamp.ends_with('Z') { stamp } else { stamp + "Z" }.parse().expect("a time stamp")
}

/// A price series from a CSV file, its first row at [`SimTime::START`].
pub fn price_series(path: &Path, time: &str, value: &str) -> PriceSeries {
    let rows = rows(path);
    let origin = instant(&rows[0][time]).unix_seconds();
    let step = |row: &BTreeMap<String, String>| {
        let rate = Rate::from_f64(row[value].parse().expect("a price")).expect("a rate");
        (SimTime::from_secs(instant(&row[time]).unix_seconds() - origin), rate)
    };
    let steps: Vec<_> = rows.iter().map(step).collect();
    let end = steps.last().expect("rows").0;
    PriceSeries { steps, end, after_end: AfterEnd::Undefined }
}

/// A rate series from counts per minute between two instants (the second excluded), missing minutes being zero.
pub fn rate_series(path: &Path, time: &str, value: &str, from: &str, to: &str) -> (RateSeries, Instant) {
    let origin = instant(from);
    let minutes = (instant(to).unix_seconds() - origin.unix_seconds()) / 60;
    let mut per_second = vec![0.0; minutes as usize];
    for row in rows(path) {
        let minute = (instant(&row[time]).unix_seconds() - origin.unix_seconds()).div_euclid(60);
        if (0..minutes).contains(&minute) {
            per_second[minute as usize] = row[value].parse::<f64>().expect("a count") / 60.0;
        }
    }
    let interval = Duration::from_secs(60);
    (RateSeries { start: SimTime::START, interval, per_second, after_end: AfterEnd::Undefined }, origin)
}
