//! Memory does not grow with the number of requests. A test of its own process: the peak is that of the whole process.
#![cfg(target_os = "linux")]

use fleetmix::input::{LoadOptions, load};
use fleetmix::study::run;
use serde_json::json;
use std::path::Path;

/// Peak of the resident memory of this process so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Simulates the shipped scenario's fleet at a constant rate; returns the requests of a mix.
fn simulate(horizon: &str, per_second: f64) -> f64 {
    let demand = json!({ "steps": { "steps": [{ "from": "0s", "per_second": per_second }] } });
    let options = LoadOptions {
        mixes: vec!["3 reserved + 2 spot + on-demand".to_string(), "7 reserved".to_string()],
        set: vec![
            ("/demand".to_string(), demand),
            ("/service/work".to_string(), json!({ "exponential": { "mean": "100ms" } })),
            ("/clock/horizon".to_string(), json!(horizon)),
            ("/run/between_replications".to_string(), json!("fixed_traces")),
        ],
        replications: Some(1),
        ..LoadOptions::default()
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    let input = load(&file, &options).unwrap();
    run(&input, false, &()).unwrap().results.mixes[0].requests.offered.mean
}

#[test]
fn a_hundred_times_the_requests_need_no_more_memory() {
    // Memory that threads keep for themselves is there before anything is measured.
    simulate("2h", 50.0);
    let few = simulate("2d", 0.5);
    let before = peak();
    let many = simulate("2d", 50.0);
    let grown = peak() - before;
    assert!(many > 8e6 && many > 90.0 * few, "{few} and {many} requests");
    // A byte for each request more would be eight times this.
    assert!(grown < 1024, "{grown} KiB more for {} requests more", many - few);
}
