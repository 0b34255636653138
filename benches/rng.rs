//! How fast requests are drawn: `cargo bench --bench rng`.
//!
//! `request` draws whole requests, placed in time and counted by the minute; `law` turns uniform numbers into times, and `uniforms`
//! makes two numbers of each block of the generator. Everything with each instruction set that the processor has.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fleetmix::rng::{Purpose, Sampler, Stream};
use fleetmix::scenario::Arrivals;
use fleetmix::simd::Isa;
use fleetmix::units::SimTime;
use fleetmix::workload::{BLOCK, RatePath, RatePiece, RequestBlock, RequestStream};
use std::hint::black_box;

/// Every law, with a mean of about 0.3 s.
fn laws() -> Vec<(&'static str, Sampler)> {
    let values = (0..1000).map(|i| 0.0006 * f64::from(i)).collect();
    let quantiles = [(0.0, 0.01), (0.5, 0.2), (0.9, 0.6), (0.99, 1.5), (1.0, 4.0)];
    vec![
        ("constant", Sampler::Constant(0.3)),
        ("uniform", Sampler::Uniform { min: 0.1, max: 0.5 }),
        ("exponential", Sampler::Exponential { mean: 0.3 }),
        ("lognormal", Sampler::lognormal(0.3, 0.6)),
        ("gamma", Sampler::gamma(0.3, 0.6)),
        ("hyperexponential", Sampler::hyperexponential(0.3, 2.0)),
        ("empirical values", Sampler::values(values)),
        ("empirical quantiles", Sampler::quantiles(&quantiles)),
    ]
}

/// A month of minutes, each with a rate of its own around 1000 per second.
fn month() -> RatePath {
    let minute = |i: i32| RatePiece { from: 60.0 * f64::from(i), per_second: 1000.0 + f64::from(i % 7) };
    RatePath::new((0..43_200).map(minute).collect(), SimTime::from_secs(43_200 * 60))
}

fn requests(criterion: &mut Criterion) {
    let path = month();
    let mut group = criterion.benchmark_group("request");
    group.throughput(Throughput::Elements(BLOCK as u64));
    for (name, law) in laws() {
        for isa in Isa::available() {
            let stream = || RequestStream::new(&path, Arrivals::Poisson, law.clone(), 1, 0).with_isa(*isa);
            let (mut requests, mut block) = (stream(), RequestBlock::default());
            group.bench_function(BenchmarkId::new(name, isa), |bencher| {
                bencher.iter(|| {
                    if !requests.next_block(&mut block) {
                        requests = stream();
                    }
                    black_box(&block);
                });
            });
        }
    }
    group.finish();
}

fn times(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("law");
    group.throughput(Throughput::Elements(BLOCK as u64));
    let (mut uniforms, mut spare) = ([0.0; BLOCK], [0.0; BLOCK]);
    Stream::new(1, Purpose::Request).fill_uniforms(Isa::best(), 0, 0, &mut uniforms, &mut spare);
    let mut drawn = uniforms;
    for (name, law) in laws() {
        for isa in Isa::available() {
            group.bench_function(BenchmarkId::new(name, isa), |bencher| {
                bencher.iter(|| {
                    drawn.copy_from_slice(black_box(&uniforms));
                    law.draw_all(*isa, &mut drawn);
                    black_box(&drawn);
                });
            });
        }
    }
    group.finish();
}

fn uniforms(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("uniforms");
    group.throughput(Throughput::Elements(BLOCK as u64));
    let stream = Stream::new(1, Purpose::Request);
    let (mut a, mut b, mut first) = ([0.0; BLOCK], [0.0; BLOCK], 0);
    for isa in Isa::available() {
        group.bench_function(BenchmarkId::new("two", isa), |bencher| {
            bencher.iter(|| {
                stream.fill_uniforms(*isa, 0, first, &mut a, &mut b);
                first += BLOCK as u64;
                black_box((&a, &b));
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    // Its plots want a font that plotters does not find as it is built here; the figures are what counts.
    config = Criterion::default().without_plots();
    targets = requests, times, uniforms
}
criterion_main!(benches);
