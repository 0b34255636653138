//! Unused capacity by hand, and its bill under commitments.

use super::*;
use crate::billing::normalisation::Footprint;
use crate::billing::reservation::Scope;
use crate::billing::{Benefit, Commitment, CostPart, EndedBy, Offer, bill, invoice};
use crate::fleet::PurchaseOption;
use crate::rng::repeatable::repeatable;
use crate::scenario::{Bid2015Billing, Billing, OnDemandBilling, SpotBilling};
use crate::units::{Instant, Money, Rate, Term};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn pool(zone: &str) -> PoolTariff {
    PoolTariff {
        instance_type: "m4.large".into(),
        footprint: Footprint::of("m4.large", true),
        zone: zone.into(),
        on_demand: Rate::from_nano_per_hour(3_600_000_000),
        plan_rates: BTreeMap::new(),
    }
}

/// Two hours from ten past; a second of m4.large costs a thousandth.
fn tariff(capacity: &[(u32, i64, i64)]) -> Tariff {
    let of = |(count, from, until): &(u32, i64, i64)| ReservedCapacity {
        id: "capacity".into(),
        pool: pool(""),
        count: *count,
        from: SimTime::from_secs(*from),
        until: SimTime::from_secs(*until),
    };
    Tariff {
        base: None,
        on_demand: pool("a"),
        markets: Vec::new(),
        billing: Billing {
            on_demand: OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) },
            spot: SpotBilling::Bid2015(Bid2015Billing::default()),
            sustained_use: None,
        },
        commitments: Vec::new(),
        capacity: capacity.iter().map(of).collect(),
        start: "2016-03-07T00:10:00Z".parse::<Instant>().unwrap(),
        horizon: SimTime::from_secs(7200),
    }
}

fn run(instance: u32, from: i64, until: i64) -> Usage {
    Usage {
        instance,
        option: PurchaseOption::OnDemand,
        market: None,
        from: SimTime::from_secs(from),
        until: SimTime::from_secs(until),
        ended_by: EndedBy::Owner,
    }
}

fn seconds(idle: &[Idle]) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> =
        idle.iter().map(|one| (one.from.nanos() / 1_000_000_000, one.until.nanos() / 1_000_000_000)).collect();
    all.sort_unstable();
    all
}

#[test]
fn what_runs_takes_the_place_of_what_is_unused() {
    let usage = [run(0, 0, 1000), run(1, 600, 4000)];
    assert_eq!(seconds(&idle(&usage, &tariff(&[(2, 300, 3000)]))), [(300, 600), (1000, 3000)]);
    // More run than are reserved; nobody runs at all; a reservation that ended before.
    assert_eq!(seconds(&idle(&usage, &tariff(&[(1, 700, 900)]))), []);
    assert_eq!(seconds(&idle(&[], &tariff(&[(2, 0, 9000)]))), [(0, 7200), (0, 7200)]);
    assert_eq!(seconds(&idle(&usage, &tariff(&[(2, 0, 0)]))), []);
    // The second reservation is filled by what the first leaves.
    assert_eq!(seconds(&idle(&usage, &tariff(&[(1, 0, 2000), (1, 0, 2000)]))), [(0, 600), (1000, 2000)]);
    let elsewhere = Tariff {
        capacity: vec![ReservedCapacity { pool: pool("b"), ..tariff(&[(1, 0, 7200)]).capacity[0].clone() }],
        ..tariff(&[])
    };
    assert_eq!(seconds(&idle(&usage, &elsewhere)), [(0, 7200)]);
}

#[test]
fn a_reserved_hour_covers_unused_capacity_after_instances() {
    let mut tariff = tariff(&[(2, 0, 7200)]);
    tariff.commitments.push(Commitment {
        id: "r".into(),
        benefit: Benefit::Reservation {
            scope: Scope::Regional,
            instance_type: "m4.large".into(),
            footprint: Footprint::of("m4.large", true),
        },
        count: 1,
        offer: Offer { term: Term::OneYear, hourly: Rate::from_nano_per_hour(1_000_000_000), upfront: Money::ZERO },
        until: SimTime::NEVER,
        owned: false,
    });
    // Half of the time an instance runs: the reservation covers it, and the capacity's first unused place in the other half.
    let billed = invoice(&[run(0, 0, 3600)], &tariff);
    assert_eq!(billed.ledger.total_of(CostPart::OnDemand), Money::from_nano(7_200_000_000));
    assert_eq!(billed.ledger.total_of(CostPart::Reserved), Money::from_nano(2_000_000_000));
    assert_eq!(billed.ledger.unused_commitment, Money::ZERO);
    // With the commitment in the same zone only, nothing of the capacity is covered.
    if let Benefit::Reservation { scope, .. } = &mut tariff.commitments[0].benefit {
        *scope = Scope::Zonal { zone: "a".into() };
    }
    let zonal = bill(&[run(0, 0, 3600)], &tariff);
    assert_eq!(zonal.total_of(CostPart::OnDemand), Money::from_nano(10_800_000_000));
    assert_eq!(zonal.unused_commitment, Money::from_nano(1_000_000_000));
}

proptest! {
    #![proptest_config(repeatable(256))]

    /// Reserved time is what runs in it and what does not.
    #[test]
    fn nothing_is_charged_twice_or_not_at_all(
        runs in prop::collection::vec((0i64..7200, 1i64..5000), 0..8),
        count in 1u32..5,
        window in (0i64..7200, 0i64..9000),
    ) {
        let usage: Vec<Usage> =
            (0..).zip(runs).map(|(number, (from, length))| run(number, from, (from + length).min(7200))).collect();
        let tariff = tariff(&[(count, window.0, window.1)]);
        let unused: i64 = seconds(&idle(&usage, &tariff)).iter().map(|(from, until)| until - from).sum();
        let at = |second: i64| {
            let running = usage.iter().filter(|run| {
                run.from <= SimTime::from_secs(second) && SimTime::from_secs(second) < run.until
            });
            let held = (window.0..window.1.min(7200)).contains(&second);
            if held { i64::from(count) - (running.count() as i64).min(i64::from(count)) } else { 0 }
        };
        prop_assert_eq!(unused, (0..7200).map(at).sum::<i64>());
        let running: i64 = usage.iter().map(|run| (run.length().nanos() / 1_000_000_000).max(60)).sum();
        prop_assert_eq!(bill(&usage, &tariff).total(), Money::from_nano(i128::from(running + unused) * 1_000_000));
    }
}
