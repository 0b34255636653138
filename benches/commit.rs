//! How long the best purchase takes: `cargo bench --bench commit`.
//!
//! A year of hours with days, weeks and a season, twenty offers, and a purchase date in each month.

use criterion::{Criterion, criterion_group, criterion_main};
use fleetmix::billing::Offer;
use fleetmix::billing::normalisation::Footprint;
use fleetmix::billing::savings_plan::PlanKind;
use fleetmix::plan::commitment::{
    Growth, MONTH, Offered, PlanOffered, Reach, Risk, Search, Settings, Situation, TypeUsage, recommend,
};
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
        group.bench_function(name, |bencher| bencher.iter(|| Search::new(&situation).reservations()));
    }
    group.finish();
    let mut group = criterion.benchmark_group("offers that cover usage in common, twelve purchase dates");
    group.sample_size(10);
    for (name, plans) in [("zone, type and family", false), ("zone, type and family, two savings plans", true)] {
        let situation = overlapping(plans);
        group.bench_function(name, |bencher| bencher.iter(|| Search::new(&situation).best()));
    }
    group.finish();
    let mut group = criterion.benchmark_group("growth of 0.8, 1 and 1.5 a year, twelve purchase dates");
    group.sample_size(10);
    for (name, decide_again) in [("bought whatever grows", None), ("decided again after six months", Some(6 * MONTH))] {
        let situation = growing(situation(3, Risk::NEUTRAL), decide_again);
        group.bench_function(name, |bencher| bencher.iter(|| Search::new(&situation).best()));
    }
    let in_common = growing(overlapping(false), None);
    group.bench_function("zone, type and family", |bencher| bencher.iter(|| Search::new(&in_common).best()));
    group.finish();
    let mut group = criterion.benchmark_group("all that is printed: curves, regret, waiting, a ladder of six months");
    group.sample_size(10);
    for (name, situation) in [
        ("one replication", situation(1, Risk::NEUTRAL)),
        ("three replications and growths", growing(situation(3, Risk::NEUTRAL), None)),
        ("zone, type and family, two savings plans", overlapping(true)),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| recommend(&situation, 6)));
    }
    group.finish();
}

/// The same situation with three growths that may come.
fn growing(mut situation: Situation, decide_again: Option<usize>) -> Situation {
    situation.settings.growth =
        [(0.3, 0.8), (0.5, 1.0), (0.2, 1.5)].map(|(probability, per_year)| Growth { probability, per_year }).into();
    situation.settings.decide_again = decide_again;
    situation
}

/// Each type in two zones; of its five offers one is for a zone, one for the type and three for the family. The narrower are cheaper.
fn overlapping(plans: bool) -> Situation {
    let mut all = situation(1, Risk::NEUTRAL);
    let in_zone = |one: &TypeUsage, zone: &str, share: f64| TypeUsage {
        zone: zone.to_string(),
        plan_rates: BTreeMap::from([("compute".to_string(), 0.066), ("family".to_string(), 0.062)]),
        hours: one.hours.iter().map(|instances| share * instances).collect(),
        ..one.clone()
    };
    let types = all.replications[0].clone();
    all.replications = vec![types.iter().flat_map(|one| [in_zone(one, "a", 0.6), in_zone(one, "b", 0.4)]).collect()];
    for (index, offered) in all.reserved.iter_mut().enumerate() {
        let (reach, discount) = match index % 5 {
            0 => (Reach::Zone("a".to_string()), 0.97),
            1 => (Reach::Type, 0.99),
            _ => (Reach::Family, 1.0),
        };
        offered.footprint = Footprint::of(&offered.instance_type, reach == Reach::Family);
        offered.reach = reach;
        offered.offer.hourly = Rate::from_f64(discount * offered.offer.effective_hourly()).unwrap_or(Rate::ZERO);
        offered.offer.upfront = Money::ZERO;
    }
    // A smaller size beside each type: the family's offers reach further than the type's.
    let smaller: Vec<TypeUsage> = types
        .iter()
        .map(|one| {
            let instance_type = one.instance_type.replace("large", "medium");
            let footprint = Footprint::of(&instance_type, true);
            let plan_rates = BTreeMap::from([("compute".to_string(), 0.033), ("family".to_string(), 0.031)]);
            TypeUsage { footprint, instance_type, plan_rates, on_demand: 0.048, ..in_zone(one, "b", 0.2) }
        })
        .collect();
    all.replications[0].extend(smaller);
    if plans {
        let plan =
            |rates: &str, kind| PlanOffered { rates: rates.to_string(), kind, term: Term::OneYear, upfront_share: 0.0 };
        all.plans = vec![plan("compute", PlanKind::Compute), plan("family", PlanKind::Family("m5".to_string()))];
    }
    all
}

criterion_group! {
    name = benches;
    // Its plots want a font that plotters does not find as it is built here; the figures are what counts.
    config = Criterion::default().without_plots();
    targets = commit
}
criterion_main!(benches);
