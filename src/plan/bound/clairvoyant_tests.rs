//! The flow against a general linear programme, and cases by hand.

use super::clairvoyant::{Demand, Zone, optimum};
use crate::plan::linear::Programme;
use proptest::prelude::*;

const PUBLISHED: Demand = Demand { target: 3, maximum: 4, cold_start: 4, on_demand: 3 };

/// The same question as a linear programme: units held, units active, and at least the target.
fn by_linear_programme(zones: &[Zone], ticks: usize, demand: &Demand) -> f64 {
    let mut programme = Programme::default();
    let target = f64::from(demand.target);
    let mut covering: Vec<Vec<_>> = vec![Vec::new(); ticks];
    let on_demand = Zone { available: vec![demand.target; ticks], price: demand.on_demand };
    for (zone, maximum) in zones.iter().map(|zone| (zone, demand.maximum)).chain([(&on_demand, demand.target)]) {
        let held: Vec<_> = zone.available[..ticks]
            .iter()
            .map(|units| programme.variable(zone.price as f64, f64::from((*units).min(maximum))))
            .collect();
        for tick in demand.cold_start..ticks {
            let active = programme.variable(0.0, target);
            for held in &held[tick - demand.cold_start..=tick] {
                programme.at_least(vec![(*held, 1.0), (active, -1.0)], 0.0);
            }
            covering[tick].push((active, 1.0));
        }
    }
    for active in covering.into_iter().skip(demand.cold_start) {
        programme.at_least(active, target);
    }
    programme.minimise().unwrap().cost
}

/// That what is held keeps the rules and costs what is said.
fn check(zones: &[Zone], ticks: usize, demand: &Demand) -> u128 {
    let best = optimum(zones, ticks, demand).unwrap();
    let (on_demand, spot) = best.held.split_last().unwrap();
    let mut cost: u128 = on_demand.iter().map(|units| u128::from(*units) * u128::from(demand.on_demand)).sum();
    for (held, zone) in spot.iter().zip(zones) {
        assert!(held.iter().zip(&zone.available).all(|(held, units)| held <= units && *held <= demand.maximum));
        cost += held.iter().map(|units| u128::from(*units) * u128::from(zone.price)).sum::<u128>();
    }
    for tick in demand.cold_start..ticks {
        let active = |held: &Vec<u32>| *held[tick - demand.cold_start..=tick].iter().min().unwrap();
        assert!(best.held.iter().map(active).sum::<u32>() >= demand.target, "too few in tick {tick}");
    }
    assert_eq!(best.cost, cost);
    cost
}

/// Capacity that stays for a while and then jumps.
fn availability(ticks: usize) -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec((0u32..6, 1usize..12), 1..12).prop_map(move |stretches| {
        let all = stretches.iter().flat_map(|(units, length)| std::iter::repeat_n(*units, *length));
        all.cycle().take(ticks).collect()
    })
}

#[test]
fn the_flow_costs_what_a_general_linear_programme_finds() {
    let zone = |ticks| (availability(ticks), 0u64..5).prop_map(|(available, price)| Zone { available, price });
    let case = (0usize..45).prop_flat_map(move |ticks| {
        (prop::collection::vec(zone(ticks), 0..4), Just(ticks), 0u32..5, 0u32..5, 0usize..6, 0u64..8)
    });
    proptest!(ProptestConfig::with_cases(300), |((zones, ticks, target, maximum, cold_start, on_demand) in case)| {
        let demand = Demand { target, maximum, cold_start, on_demand };
        let cost = check(&zones, ticks, &demand) as f64;
        let general = by_linear_programme(&zones, ticks, &demand);
        prop_assert!((cost - general).abs() < 1e-6 * cost.max(1.0), "{cost} instead of {general}");
    });
}

#[test]
fn without_spot_everything_is_on_demand() {
    assert_eq!(check(&[], 2880, &PUBLISHED), 3 * 3 * 2880);
    let none = Zone { available: vec![0; 2880], price: 1 };
    assert_eq!(check(&[none], 2880, &PUBLISHED), 3 * 3 * 2880);
}

#[test]
fn a_zone_that_always_has_capacity_serves_alone() {
    let zone = Zone { available: vec![4; 100], price: 1 };
    assert_eq!(check(std::slice::from_ref(&zone), 100, &PUBLISHED), 300);
    // Two of three units, the third on-demand.
    let scarce = Zone { available: vec![2; 100], price: 1 };
    assert_eq!(check(&[scarce], 100, &PUBLISHED), 200 + 300);
}

#[test]
fn a_change_of_zones_costs_the_cold_start_twice() {
    let available =
        |from: usize, until: usize| (0..60).map(move |tick| if (from..until).contains(&tick) { 4 } else { 0 });
    let zone = |from, until| Zone { available: available(from, until).collect(), price: 1 };
    // The second zone has to be there four ticks before the first one ends.
    assert_eq!(check(&[zone(0, 30), zone(26, 60)], 60, &PUBLISHED), 3 * (60 + 4));
    // Otherwise on-demand stands in: one tick after its own cold start.
    assert_eq!(check(&[zone(0, 30), zone(27, 60)], 60, &PUBLISHED), 3 * (30 + 33) + 3 * 3 * 5);
}

#[test]
fn numbers_that_cannot_be_counted_are_refused() {
    let zone = Zone { available: vec![1; 10], price: u64::MAX };
    assert_eq!(optimum(&[zone], 10, &PUBLISHED), None);
}
