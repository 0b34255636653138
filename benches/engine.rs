//! How fast requests are simulated, drawing included: `cargo bench --bench engine`.
//!
//! `alone` is one replication, `eight replications` and `eight mixes` advance together (the latter on the same requests); each beside
//! the bare queue that has none of the engine's features, for fleets without and with all extras. What engine and bare queue count
//! in a fleet that does not change is compared first. Ratios of one run: `cargo bench --bench ratio`.

mod bare;
mod system;

use bare::Bare;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fleetmix::workload::RequestBlock;
use std::hint::black_box;
use system::{Shape, System};

/// Requests of a replication.
const REQUESTS: u32 = 150_000;

fn serve_bare(system: &System) -> Bare {
    let (mut requests, mut block) = (system.requests(0), RequestBlock::default());
    let mut servers = Bare::new(system.shape.slots as usize, system.late_after());
    while requests.next_block(&mut block) {
        servers.feed(&block);
    }
    servers
}

/// Both count the same, or a comparison means nothing.
fn check(slots: u32) {
    let system = System::constant(slots, 0.9, REQUESTS);
    let (record, bare) = (system.simulate(0), serve_bare(&system).outcome);
    assert_eq!((record.counts.served, record.counts.late), (bare.served, bare.late));
    let mean = |sum: f64| sum / bare.served as f64;
    assert!((mean(record.latency_sum) - mean(bare.latency_sum)).abs() < 1e-9);
}

fn fifo(criterion: &mut Criterion) {
    for slots in [5, 16, 100, 1000] {
        check(slots);
        for (name, extras, load) in [("none", false, 0.8), ("all", true, 0.8), ("all, overload", true, 1.3)] {
            let system = System::new(Shape { slots, extras, load }, REQUESTS);
            let requests = serve_bare(&system).outcome.served;
            let mut group = criterion.benchmark_group(format!("{slots} slots, extras: {name}"));
            group.throughput(Throughput::Elements(requests));
            group.bench_function("bare", |bencher| bencher.iter(|| serve_bare(black_box(&system)).outcome.served));
            group.bench_function("alone", |bencher| bencher.iter(|| black_box(&system).simulate(0)));
            group.throughput(Throughput::Elements(8 * requests));
            group.bench_function(BenchmarkId::new("eight", "replications"), |bencher| {
                bencher.iter(|| black_box(&system).simulate_replications(8));
            });
            group.bench_function(BenchmarkId::new("eight", "mixes"), |bencher| {
                bencher.iter(|| black_box(&system).simulate_mixes(8));
            });
            group.finish();
        }
    }
}

criterion_group! {
    name = benches;
    // Its plots want a font that plotters does not find as it is built here; the figures are what counts.
    config = Criterion::default().without_plots();
    targets = fifo
}
criterion_main!(benches);
