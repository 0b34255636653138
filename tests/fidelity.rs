//! `compare` by the minute: close to the same by the request, honest about how close, and by the request where minutes cannot stand for them.

use fleetmix::input::{LoadOptions, LoadedScenario, load};
use fleetmix::results::Results;
use fleetmix::study;
use serde_json::{Value, json};
use std::path::Path;

fn loaded(fidelity: &str, set: &[(&str, Value)]) -> LoadedScenario {
    let mixes = ["3 reserved + 2 spot + on-demand", "3 reserved + on-demand", "7 reserved"];
    let set = set.iter().map(|(pointer, value)| (pointer.to_string(), value.clone()));
    let options = LoadOptions {
        mixes: mixes.map(str::to_string).to_vec(),
        set: [("/clock/horizon".to_string(), json!("1d")), ("/run/fidelity".to_string(), json!(fidelity))]
            .into_iter()
            .chain(set)
            .collect(),
        replications: Some(2),
        ..LoadOptions::default()
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    load(&file, &options).unwrap_or_else(|diagnostic| panic!("{:?}", diagnostic.problems))
}

fn results(fidelity: &str, set: &[(&str, Value)], threads: usize) -> Results {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| study::run(&loaded(fidelity, set), false, &())).unwrap().results
}

#[test]
fn minutes_come_close_to_requests() {
    let (requests, minutes) = (results("request", &[], 2), results("interval", &[], 2));
    assert_eq!((requests.scenario.fidelity.as_str(), minutes.scenario.fidelity.as_str()), ("request", "interval"));
    assert!(minutes.warnings.iter().any(|words| words.contains("tables in place of requests")));
    for (one, other) in requests.mixes.iter().zip(&minutes.mixes) {
        assert_eq!(one.name, other.name);
        assert_eq!(one.requests.offered, other.requests.offered);
        let off = |of: fn(&fleetmix::results::MixRecord) -> f64| (of(other) / of(one) - 1.0).abs();
        assert!(off(|mix| mix.cost.total.mean) < 0.02, "{}: {:?} {:?}", one.name, one.cost.total, other.cost.total);
        let p95 = [one, other].map(|mix| mix.latency_seconds.p95.mean);
        // Pieced together of the percentiles of minutes: where many requests wait long it is no more than a hint.
        assert!(off(|mix| mix.latency_seconds.p95.mean) < 0.25, "{}: {p95:?}", one.name);
        let means = [one, other].map(|mix| mix.latency_seconds.mean.mean);
        assert!(off(|mix| mix.latency_seconds.mean.mean) < 0.25, "{}: {means:?}", one.name);
        assert!(off(|mix| mix.cpu_utilization.mean) < 0.02, "{}", one.name);
        assert!((one.late_share.mean - other.late_share.mean).abs() < 0.006, "{}", one.name);
    }
    assert_eq!(results("interval", &[], 1), minutes, "any number of threads");
}

#[test]
fn what_minutes_cannot_stand_for_is_simulated() {
    let set = [("/service/on_instance_loss", json!("retry"))];
    let (requests, minutes) = (results("request", &set, 2), results("interval", &set, 2));
    assert_eq!(requests.mixes, minutes.mixes);
    let said = |words: &&String| words.contains("request by request") && words.contains("come again");
    assert_eq!(minutes.warnings.iter().filter(said).count(), minutes.mixes.len());
}
