//! How long the best purchase takes: `cargo bench --bench commit`.
//!
//! A year of hours with days, weeks and a season, twenty offers, and a purchase date in each month.

use criterion::{Criterion, criterion_group, criterion_main};
use fleetmix::billing::Offer;
use fleetmix::billing::normalisation::Footprint;
use fleetmix::plan::commitment::{MONTH, Offered, Reach, Risk, Search, Settings, Situation, TypeUsage, solve};
use fleetmix::units::{Money, Rate, Term};
use std::collections::BTreeMap;
use std::f64::consts::TAU;

const HOURS: usize = 12 * MONTH;

fn usage(replication: usize) -> Vec<TypeUsage> {
    let types = ["m5.large", "c5.large", "r5.large", "m6i.large"];
    let of = |(index, name): (usize, &&str)| TypeUsage {
        instance_type: (*name).to_string(),
        zone: String::new(),
        footprint: Footprint::of(name, true),
        on_demand: 0.096,
        plan_rates: BTreeMap::new(),
        hours: (0..HOURS)
            .map(|hour| {
                let at = hour as f64;
                let noise = ((hour * 7919 + index * 104_729 + replication * 15_485_863) % 1000) as f64 / 1000.0;
                let day = 1.0 + 0.4 * (TAU * at / 24.0).sin() + 0.2 * (TAU * at / 168.0).sin();
                let season = 1.0 + 0.3 * (TAU * at / HOURS as f64).sin();
                60.0 * day * season + 5.0 * noise
            })
            .collect(),
    };
    types.iter().enumerate().map(of).collect()
}

/// Five offers of each of four types.
fn situation(replications: usize, risk: Risk) -> Situation {
    let replications: Vec<Vec<TypeUsage>> = (0..replications).map(usage).collect();
    let offers = [(Term::OneYear, 0.0, 0.0600), (Term::OneYear, 250.0, 0.0290), (Term::OneYear, 490.0, 0.0)];
    let longer = [(Term::ThreeYears, 0.0, 0.0480), (Term::ThreeYears, 1000.0, 0.0)];
    let offered = |one: &TypeUsage, (term, upfront, hourly): (Term, f64, f64)| Offered {
        name: format!("{term:?} {upfront}"),
        instance_type: one.instance_type.clone(),
        reach: Reach::Family,
        footprint: one.footprint.clone(),
        offer: Offer {
            term,
            upfront: Money::from_nano((upfront * 1e9) as i128),
            hourly: Rate::from_f64(hourly).unwrap_or(Rate::ZERO),
        },
    };
    let of_type =
        |one: &TypeUsage| offers.into_iter().chain(longer).map(|offer| offered(one, offer)).collect::<Vec<_>>();
    let reserved = replications[0].iter().flat_map(of_type).collect();
    let dates = (0..12).map(|month| month * MONTH).collect();
    let settings = Settings { hours: HOURS, dates, growth: Vec::new(), risk, discount_rate: None, decide_again: None };
    Situation { replications, reserved, plans: Vec::new(), owned: Vec::new(), settings }
}

fn commit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a year of hours, 20 offers, 12 purchase dates");
    group.sample_size(10);
    for (name, replications, risk) in [
        ("one replication", 1, Risk::NEUTRAL),
        ("twenty replications", 20, Risk::NEUTRAL),
        ("three replications, mean and worst cases", 3, Risk { weight: 0.5, level: 0.6 }),
    ] {
        let situation = situation(replications, risk);
        group.bench_function(name, |bencher| bencher.iter(|| solve(Search::new(&situation).problem())));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    // Its plots want a font that plotters does not find as it is built here; the figures are what counts.
    config = Criterion::default().without_plots();
    targets = commit
}
criterion_main!(benches);
