//! Coverage where the truth is known, and against runs of every request.

use super::by_segments;
use super::design::{Part, Segment, design};
use crate::engine::Tables;
use crate::input::{LoadOptions, load};
use crate::rng::repeatable::long;
use crate::rng::{Purpose, Stream};
use crate::stats::{StratifiedTotal, Stratum};
use crate::study::replicate::{Origin, Prepared, Wanted, simulate};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// A made-up population: what tables expect of each segment, and what they are off by.
struct Population {
    segments: Vec<Segment>,
    off_by: Vec<f64>,
}

impl Population {
    /// `size` segments whose burdens spread over a factor of about `spread`; tables are off by `bias` of it, more or less by its root, and by all of it besides in the
    /// first of each `rare` segments.
    fn new(number: u32, size: usize, spread: f64, bias: f64, rare: usize) -> Self {
        let numbers = Stream::new(number, Purpose::Request);
        let uniform = |segment: usize, draw: u32| numbers.uniform(0, segment as u64, draw);
        let normal =
            |segment: usize, draw: u32| (0..12).map(|part| uniform(segment, 12 * draw + part)).sum::<f64>() - 6.0;
        let burden = |segment: usize| 1000.0 * libm::exp(0.25 * spread.ln() * normal(segment, 1));
        let off = |segment: usize| {
            let burden = burden(segment);
            let jump = if segment.is_multiple_of(rare) { burden } else { 0.0 };
            bias * burden + 3.0 * burden.sqrt() * normal(segment, 2) + jump
        };
        let most = 20_000.0;
        let segment =
            |segment: usize| Segment { burden: burden(segment), offered: 1e6, critical: burden(segment) > most };
        Self { segments: (0..size).map(segment).collect(), off_by: (0..size).map(off).collect() }
    }

    fn estimate(&self, repetition: u32) -> StratifiedTotal {
        let numbers = Stream::new(7, Purpose::Segments);
        let parts = design(&self.segments, |segment| numbers.uniform(repetition, segment as u64, 0));
        let values = |part: &Part| part.taken.iter().map(|segment| self.off_by[*segment]).collect();
        let strata: Vec<Stratum> =
            parts.iter().map(|part| Stratum { members: part.members, values: values(part) }).collect();
        StratifiedTotal::new(&strata)
    }
}

/// Of 95 % intervals 93 to 97 % hold the truth, and the estimates are right in the mean. Where tables are off by as much again in a few segments that nothing tells apart,
/// a sample may have none of them: then it is fewer. `--nocapture` prints the table of docs/measured.md.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let populations = [
        ("a year, even", 930, Population::new(1, 365, 2.0, 0.05, 1000)),
        ("a year, uneven", 930, Population::new(2, 365, 20.0, 0.05, 1000)),
        ("a year, very uneven", 930, Population::new(3, 365, 100.0, -0.2, 1000)),
        ("a year, rare jumps", 920, Population::new(4, 365, 5.0, 0.05, 12)),
    ];
    println!("population | segments | taken | bias / standard error | coverage of 1,000");
    for (name, least, population) in &populations {
        let truth: f64 = population.off_by.iter().sum();
        let runs: Vec<StratifiedTotal> = (0..1000).map(|repetition| population.estimate(repetition)).collect();
        let held = runs.iter().filter(|run| {
            let [low, high] = run.interval(0.95).limits.unwrap();
            low <= truth && truth <= high
        });
        let held = held.count();
        let mean = runs.iter().map(|run| run.estimate).sum::<f64>() / 1000.0;
        let error = (runs.iter().map(|run| (run.estimate - truth).powi(2)).sum::<f64>() / 1000.0).sqrt();
        let bias = (mean - truth) / error;
        let taken: usize = design(&population.segments, |segment| segment as f64).iter().map(|p| p.taken.len()).sum();
        println!("{name} | {} | {taken} | {bias:+.3} | {:.1} %", population.segments.len(), held as f64 / 10.0);
        // 3.3 standard errors of the mean of a thousand.
        assert!(bias.abs() < 0.105, "{name}: {bias}");
        assert!((*least..=970).contains(&held), "{name}: {held} of 1000");
    }
}

#[test]
fn critical_and_heavy_segments_are_always_taken() {
    let population = Population::new(9, 200, 50.0, 0.0, 1000);
    for repetition in 0..50 {
        let numbers = Stream::new(1, Purpose::Segments);
        let parts = design(&population.segments, |segment| numbers.uniform(repetition, segment as u64, 0));
        let taken: Vec<usize> = parts.iter().flat_map(|part| part.taken.iter().copied()).collect();
        let members: usize = parts.iter().map(|part| part.members).sum();
        assert_eq!(members, 200);
        let mut order: Vec<usize> = (0..200).collect();
        order.sort_by(|a, b| population.segments[*b].burden.total_cmp(&population.segments[*a].burden));
        assert!(order[..10].iter().all(|segment| taken.contains(segment)));
        let critical = (0..200).filter(|segment| population.segments[*segment].critical);
        assert!(critical.into_iter().all(|segment| taken.contains(&segment)));
        assert!(taken.len() < 60, "{}", taken.len());
    }
}

/// Weeks of the shipped scenario by segments against every request of the same replication: within four standard errors (and what rounding to
/// whole requests by the minute can do), and nearer than minutes alone.
#[test]
fn weeks_by_segments_are_what_every_request_comes_to() {
    let long = long();
    let (days, replications, scale) = if long { (28, 6, 1.0) } else { (21, 1, 0.25) };
    // A quarter of the demand on instances of a quarter of the slots, in the short form.
    let options = LoadOptions {
        mixes: vec!["2 reserved + 2 spot + on-demand".to_string(), "on-demand".to_string()],
        set: vec![
            ("/clock/horizon".to_string(), json!(format!("{days}d"))),
            ("/demand/rate_trace/transform".to_string(), json!([{ "scale": scale }])),
            ("/instance_types/m4.4xlarge/slots".to_string(), json!((4.0 * scale) as u32)),
        ],
        ..LoadOptions::default()
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
    let input = load(&file, &options).unwrap_or_else(|error| panic!("{error}"));
    let origin = Origin::new(&input);
    let tables = Arc::new(Tables::new(&input.scenario).unwrap());
    let candidates: Vec<_> = input.candidates.iter().collect();
    let prepared: Vec<Prepared> = input.candidates.iter().map(Prepared::new).collect();
    let (mut held, mut checks, mut errors) = (0, 0, [0.0f64; 2]);
    println!("mix | replication | figure | every request | by segments | ± (95 %) | by minutes | days");
    for replication in 0..replications {
        let found = by_segments(&origin, &tables, &candidates, replication, &()).unwrap();
        let exact = simulate(&origin, &prepared, replication, Wanted::default(), &()).unwrap();
        for ((found, exact), candidate) in found.iter().zip(&exact).zip(&candidates) {
            let counts = &exact.run.counts;
            let truth = [exact.ledger.total().to_f64(), counts.late as f64, counts.failed() as f64];
            assert_eq!(found.offered, counts.offered as f64);
            for (figure, truth) in truth.into_iter().enumerate() {
                let total = &found.totals[figure];
                let interval = total.interval(0.95);
                let [low, high] = interval.limits.unwrap();
                println!(
                    "{} | {replication} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {} of {}",
                    candidate.name,
                    ["cost", "late", "failed"][figure],
                    truth,
                    interval.estimate,
                    0.5 * (high - low),
                    found.by_minutes[figure],
                    found.days[0],
                    found.days[1]
                );
                checks += 1;
                held += u32::from(low <= truth && truth <= high);
                let slack = 0.001 * truth * f64::from(figure == 0) + 2e-5 * found.offered * f64::from(figure > 0);
                let off = (interval.estimate - truth).abs();
                assert!(off <= 4.0 * total.variance.sqrt() + slack, "{} {figure}: off by {off}", candidate.name);
            }
            let share = |late: f64| (late - truth[1]).abs() / found.offered;
            errors[0] += share(found.totals[1].estimate);
            errors[1] += share(found.by_minutes[1]);
        }
    }
    println!("{held} of {checks} intervals hold what every request comes to; mean error of the late share {errors:?}");
    assert!(errors[0] < errors[1].max(4e-4 * f64::from(replications)), "{errors:?}");
}
