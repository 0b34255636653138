//! How fast traces are read: `cargo bench --bench input`.
//!
//! Each file is made here, written to a temporary folder and loaded with a scenario that it is the demand of.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use flate2::{Compression, write::GzEncoder};
use fleetmix::input::{LoadOptions, load};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

const SCENARIO: &str = "scenarios/web-3-5-7/scenario.json";
const START: &str = "2016-03-07T00:00:00Z";
const END: &str = "2016-03-14T00:00:00Z";
const REQUESTS: u64 = 1_000_000;

/// Equally spaced requests over the week: each line from its number and its time in microseconds.
fn rows(header: &str, line: impl Fn(&mut String, u64)) -> Vec<u8> {
    let mut text = String::from(header);
    (0..REQUESTS).for_each(|i| line(&mut text, i * (7 * 86_400_000_000 / REQUESTS)));
    text.into_bytes()
}

fn seconds(with_sizes: bool) -> Vec<u8> {
    rows("", |text, micros| {
        let _ = write!(text, "{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let _ = if with_sizes { writeln!(text, ",0.{:04}", micros % 9973) } else { writeln!(text) };
    })
}

fn stamps() -> Vec<u8> {
    rows("time,work\n", |text, micros| {
        let seconds = micros / 1_000_000;
        let (day, hour, minute) = (7 + seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        let (second, micros) = (seconds % 60, micros % 1_000_000);
        let _ = writeln!(text, "2016-03-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06},0.{:04}", micros % 9973);
    })
}

/// 88 days of minutes.
fn minutes() -> Vec<u8> {
    let mut text = String::from("time,requests\n");
    (0..88 * 1440).for_each(|minute| {
        let _ = writeln!(text, "{},{}", 1_457_308_800 + 60 * minute, minute % 977);
    });
    text.into_bytes()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn arrivals(file: &Path, format: Value, sizes: &str) -> Value {
    let plain = format == json!({ "seconds": {} });
    let (from, to) = if plain { ("1970-01-01T00:00:00Z", "1970-01-08T00:00:00Z") } else { (START, END) };
    json!({ "arrival_trace": {
        "trace": {
            "file": file, "format": format, "place": { "trace_time": from, "at": START }, "gaps": "zero", "at_end": "error"
        },
        "sizes": sizes,
        "covers": { "from": from, "to": to }
    } })
}

fn load_with(demand: &Value) {
    let options = LoadOptions { set: vec![("/demand".to_string(), demand.clone())], ..LoadOptions::default() };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCENARIO);
    if let Err(diagnostic) = load(&file, &options) {
        panic!("{:?}", diagnostic.problems);
    }
}

fn input(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let csv = |value: &str| json!({ "csv": { "time": "time", "value": value, "time_zone": "UTC" } });
    let cases = [
        ("seconds", seconds(false), json!({ "seconds": {} }), "drawn"),
        ("seconds with sizes", seconds(true), json!({ "seconds": {} }), "from_trace"),
        ("seconds with sizes, gzip", packed(&seconds(true)), json!({ "seconds": {} }), "from_trace"),
        ("time stamps with sizes", stamps(), csv("work"), "from_trace"),
        ("time stamps with sizes, gzip", packed(&stamps()), csv("work"), "from_trace"),
    ];
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    for (index, (name, bytes, format, sizes)) in cases.into_iter().enumerate() {
        let file = folder.path().join(index.to_string());
        fs::write(&file, bytes).expect("a file");
        let demand = arrivals(&file, format, sizes);
        group.throughput(Throughput::Elements(REQUESTS));
        group.bench_with_input(BenchmarkId::new("requests", name), &demand, |b, demand| b.iter(|| load_with(demand)));
    }
    let file = folder.path().join("minutes");
    fs::write(&file, minutes()).expect("a file");
    let demand = json!({ "rate_trace": {
        "trace": { "file": file, "format": csv("requests"), "gaps": "error", "at_end": "error" },
        "value_is": { "count_per": "1m" }
    } });
    group.throughput(Throughput::Elements(88 * 1440));
    group.bench_with_input(BenchmarkId::new("minutes", "88 days"), &demand, |b, demand| b.iter(|| load_with(demand)));
    group.finish();
}

criterion_group! {
    name = benches;
    // Its plots want a font that plotters does not find as it is built here; the figures are what counts.
    config = Criterion::default().without_plots();
    targets = input
}
criterion_main!(benches);
