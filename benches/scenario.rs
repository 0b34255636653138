//! How long the shipped scenario takes, from its file to its record: `cargo bench --bench scenario`.
//!
//! Six hours and one replication of all its mixes, on all cores.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fleetmix::input::{LoadOptions, LoadedScenario, load};
use fleetmix::study::{self, Study};
use serde_json::json;
use std::path::Path;

fn load_short() -> LoadedScenario {
    let options = LoadOptions {
        set: vec![("/clock/horizon".to_string(), json!("6h"))],
        replications: Some(1),
        ..LoadOptions::default()
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    match load(&file, &options) {
        Ok(input) => input,
        Err(diagnostic) => panic!("{:?}", diagnostic.problems),
    }
}

fn run(input: &LoadedScenario) -> Study {
    study::run(input, false, &()).unwrap_or_else(|error| panic!("{error}"))
}

fn scenario(criterion: &mut Criterion) {
    let input = load_short();
    let served: f64 = run(&input).results.mixes.iter().map(|mix| mix.requests.offered.mean).sum();
    let mut group = criterion.benchmark_group("web-3-5-7, six hours");
    group.bench_function("load", |bencher| bencher.iter(load_short));
    group.throughput(Throughput::Elements(served as u64));
    group.bench_function("run", |bencher| bencher.iter(|| run(&input)));
    group.finish();
}

criterion_group! {
    name = benches;
    // Its plots want a font that plotters does not find as it is built here; the figures are what counts.
    config = Criterion::default().without_plots();
    targets = scenario
}
criterion_main!(benches);
