//! Bills of small usage logs, by hand and over random ones.

use super::hourly::run;
use super::normalisation::Footprint;
use super::reservation::Scope;
use super::savings_plan::PlanKind;
use super::*;
use crate::fleet::PurchaseOption;
use crate::market::PricePath;
use crate::rng::repeatable::repeatable;
use crate::scenario::{Bid2015Billing, Billing, OnDemandBilling, SpotBilling, SustainedUse};
use crate::units::{Duration, Instant, Money, Rate, SimTime, Term};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn money(text: &str) -> Money {
    Money::from_nano(rate(text).nano_per_hour().into())
}

fn pool(instance_type: &str, on_demand: &str) -> PoolTariff {
    PoolTariff {
        instance_type: instance_type.into(),
        footprint: Footprint::of(instance_type, true),
        zone: "a".into(),
        on_demand: rate(on_demand),
        plan_rates: BTreeMap::from([("plan".into(), rate("0.5"))]),
    }
}

/// Two days of m4.large at 1 an hour that begin at ten past, without commitments.
fn tariff() -> Tariff {
    let price = Arc::new(PricePath::new(vec![(SimTime::START, rate("0.25"))]));
    Tariff {
        base: Some(pool("m4.large", "1")),
        on_demand: pool("m4.large", "1"),
        markets: vec![MarketTariff {
            name: "m".into(),
            zone: "a".into(),
            instance_type: "m4.large".into(),
            on_demand: Some(rate("1")),
            price,
        }],
        billing: Billing {
            on_demand: OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) },
            spot: SpotBilling::Bid2015(Bid2015Billing::default()),
            sustained_use: None,
        },
        commitments: Vec::new(),
        capacity: Vec::new(),
        start: "2016-03-07T00:10:00Z".parse::<Instant>().unwrap(),
        horizon: SimTime::from_secs(2 * DAY),
    }
}

fn reservation(instance_type: &str, count: u32, hourly: &str, upfront: &str) -> Commitment {
    Commitment {
        id: format!("r-{instance_type}"),
        benefit: Benefit::Reservation {
            scope: Scope::Regional,
            instance_type: instance_type.into(),
            footprint: Footprint::of(instance_type, true),
        },
        count,
        offer: Offer { term: Term::OneYear, hourly: rate(hourly), upfront: money(upfront) },
        until: SimTime::NEVER,
        owned: false,
    }
}

fn plan(commitment: &str) -> Commitment {
    Commitment {
        id: "p".into(),
        benefit: Benefit::Plan { kind: PlanKind::Compute, commitment: rate(commitment), rates: "plan".into() },
        ..reservation("", 1, commitment, "0")
    }
}

/// By hand: 3 × 48 h × (0.10 + 876/8760) = 28.80; on-demand 65 minutes = 2 h = 2; spot 2.5 h cut by the cloud = 0.50.
#[test]
fn a_small_bill_adds_up_to_the_cent() {
    let mut tariff = tariff();
    tariff.on_demand = pool("c4.large", "1");
    tariff.billing.on_demand = OnDemandBilling::PerHour {};
    tariff.commitments = vec![reservation("m4.large", 3, "0.1", "876")];
    let log = [
        run(0, PurchaseOption::Reserved, 0, 2 * DAY),
        run(1, PurchaseOption::Reserved, 0, 2 * DAY),
        run(2, PurchaseOption::Reserved, 0, DAY),
        run(3, PurchaseOption::OnDemand, 1000, 4900),
        Usage { ended_by: EndedBy::Cloud, ..run(4, PurchaseOption::Spot, 90_000, 99_000) },
    ];
    let ledger = bill(&log, &tariff);
    assert_eq!(ledger.total_of(CostPart::Reserved), money("28.8"));
    assert_eq!(ledger.total_of(CostPart::OnDemand), money("2"));
    assert_eq!(ledger.total_of(CostPart::Spot), money("0.5"));
    assert_eq!(ledger.total(), money("31.3"));
    // The third commitment covered nothing on the second day: 24 h × 0.20.
    assert_eq!(ledger.unused_commitment, money("4.8"));
    let days = ledger.by_day(2);
    assert_eq!(days.iter().flatten().copied().sum::<Money>(), ledger.total());
    assert_eq!(days[1][CostPart::Spot as usize], money("0.5"));
}

#[test]
fn one_reservation_covers_four_quarters_of_an_hour_at_once() {
    let mut tariff = tariff();
    tariff.horizon = SimTime::from_secs(HOUR);
    tariff.start = "2016-03-07T00:00:00Z".parse().unwrap();
    tariff.commitments = vec![reservation("m4.large", 1, "0.1", "0")];
    let log: Vec<Usage> = (0..4).map(|i| run(i, PurchaseOption::OnDemand, 0, 900)).collect();
    let ledger = bill(&log, &tariff);
    assert_eq!((ledger.total(), ledger.unused_commitment), (money("0.1"), Money::ZERO));
    // A fifth is paid on-demand, and only it.
    let log: Vec<Usage> = (0..5).map(|i| run(i, PurchaseOption::OnDemand, 0, 900)).collect();
    assert_eq!(bill(&log, &tariff).total(), money("0.35"));
}

#[test]
fn idle_commitments_cover_on_demand_of_the_family_and_half_an_instance_may_be() {
    let mut tariff = tariff();
    tariff.horizon = SimTime::from_secs(HOUR);
    tariff.start = "2016-03-07T00:00:00Z".parse().unwrap();
    tariff.on_demand = pool("m4.xlarge", "2");
    tariff.commitments = vec![reservation("m4.large", 1, "0.1", "0")];
    let log = [run(0, PurchaseOption::OnDemand, 0, HOUR)];
    assert_eq!(bill(&log, &tariff).total(), money("1.1"));
    tariff.on_demand = pool("c4.large", "2");
    let ledger = bill(&log, &tariff);
    assert_eq!((ledger.total(), ledger.unused_commitment), (money("2.1"), money("0.1")));
}

#[test]
fn owned_commitments_cover_until_they_end_and_their_money_is_sunk() {
    let mut tariff = tariff();
    let ends = SimTime::from_secs(DAY);
    tariff.commitments = vec![Commitment { owned: true, until: ends, ..reservation("m4.large", 1, "0.4", "0") }];
    let log = [run(0, PurchaseOption::Reserved, 0, 2 * DAY)];
    let invoice = invoice(&log, &tariff);
    assert_eq!(invoice.ledger.total(), money("24"));
    assert_eq!(invoice.ledger.sunk, money("9.6"));
    assert_eq!(invoice.owned.iter().map(|charge| charge.amount).sum::<Money>(), money("9.6"));
    assert_eq!(invoice.ledger.unused_commitment, Money::ZERO);
}

#[test]
fn a_plan_is_spent_at_its_rates_after_reservations_and_overage_is_on_demand() {
    let mut tariff = tariff();
    tariff.horizon = SimTime::from_secs(HOUR);
    tariff.start = "2016-03-07T00:00:00Z".parse().unwrap();
    tariff.commitments = vec![plan("0.75"), reservation("m4.large", 1, "0.3", "0")];
    let log: Vec<Usage> = (0..3).map(|i| run(i, PurchaseOption::OnDemand, 0, HOUR)).collect();
    // One by the reservation (0.30), 1.5 by the plan (0.75), half an hour on-demand (0.50).
    let ledger = bill(&log, &tariff);
    assert_eq!(ledger.total_of(CostPart::SavingsPlan), money("0.75"));
    assert_eq!(ledger.total_of(CostPart::OnDemand), money("0.5"));
    assert_eq!((ledger.total(), ledger.unused_commitment), (money("1.55"), Money::ZERO));
    let idle = bill(&log[..1], &tariff);
    assert_eq!((idle.total(), idle.unused_commitment), (money("1.05"), money("0.75")));
}

#[test]
fn sustained_use_is_a_discount_on_the_month() {
    let mut tariff = tariff();
    tariff.base = None;
    tariff.start = "2026-04-01T00:00:00Z".parse().unwrap();
    tariff.horizon = SimTime::from_secs(30 * DAY);
    tariff.billing.sustained_use = Some(SustainedUse { multipliers: vec![1.0, 0.8, 0.6, 0.4] });
    // Two halves of April, one after the other: one inferred instance for the whole month, 30 % off.
    let log = [run(0, PurchaseOption::OnDemand, 0, 15 * DAY), run(1, PurchaseOption::OnDemand, 15 * DAY, 30 * DAY)];
    assert_eq!(bill(&log, &tariff).total(), money("504"));
    // Half a month: 10 % off. Begun in the middle of the month the other half is in May: 10 % off each time.
    assert_eq!(bill(&log[..1], &tariff).total(), money("324"));
    tariff.start = "2026-04-16T00:00:00Z".parse().unwrap();
    let total = bill(&log, &tariff).total();
    assert!(money("640") < total && total < money("660"), "{total}");
}

fn any_run() -> impl Strategy<Value = (u32, i64, i64)> {
    (0..2u32, 0..2 * DAY - 1, 1..DAY)
}

proptest! {
    #![proptest_config(repeatable(64))]

    /// For each commitment what was used and what was not add up to its charges; covered and charged time to billed time.
    #[test]
    fn no_nano_dollar_of_a_commitment_vanishes(
        runs in prop::collection::vec(any_run(), 0..12),
        reserved in 0..3u32,
        owned in 0..3u32,
        commitment in 1..3000i64,
        ends in 1..3 * DAY,
        hourly in any::<bool>(),
    ) {
        let mut tariff = tariff();
        tariff.on_demand = pool("m4.2xlarge", "3.7");
        if hourly {
            tariff.billing.on_demand = OnDemandBilling::PerHour {};
        }
        let mut plan = plan("0.1");
        plan.offer = Offer { term: Term::ThreeYears, hourly: rate("0.033333333"), upfront: money("777.77") };
        if let Benefit::Plan { commitment: hourly, .. } = &mut plan.benefit {
            *hourly = Rate::from_nano_per_hour(commitment * 1_000_003);
        }
        tariff.commitments = vec![
            Commitment { owned: true, until: SimTime::from_secs(ends), ..reservation("m4.xlarge", owned, "0.071", "313.13") },
            plan,
            reservation("m4.large", reserved, "0.057", "101.01"),
        ];
        let log: Vec<Usage> = runs
            .iter()
            .zip(0..)
            .map(|((option, from, length), instance)| {
                let option = if *option == 0 { PurchaseOption::Reserved } else { PurchaseOption::OnDemand };
                run(instance, option, *from, (from + length).min(2 * DAY))
            })
            .collect();
        let invoice = invoice(&log, &tariff);
        prop_assert_eq!(&invoice.ledger, &bill(&log, &tariff));
        let rows = || invoice.ledger.charges.iter().chain(&invoice.owned);
        for index in 0..tariff.commitments.len() {
            let due: Money = rows().filter(|row| row.commitment == Some(index)).map(|row| row.amount).sum();
            let uses = invoice.uses.iter().filter(|one| one.commitment == index);
            prop_assert_eq!(uses.clone().map(|one| one.amount).sum::<Money>(), due);
            prop_assert!(uses.clone().all(|one| one.part > 0 && one.amount >= Money::ZERO));
        }
        let unused: Money =
            invoice.uses.iter().filter(|one| one.covered == Covered::Nothing && one.commitment > 0).map(|one| one.amount).sum();
        prop_assert_eq!(unused, invoice.ledger.unused_commitment);
        let hours = focus::rows(&invoice, &log, &tariff);
        let days = focus::by_day(hours.clone(), tariff.start);
        let sums = |rows: &[focus::FocusRow]| {
            let sum = |part: fn(&focus::FocusRow) -> Money| rows.iter().map(part).sum::<Money>();
            [sum(|row| row.billed), sum(|row| row.effective), sum(|row| row.list)]
        };
        prop_assert_eq!(sums(&hours), sums(&days));
        prop_assert!(days.len() <= hours.len());
        prop_assert_eq!(sums(&hours)[1], invoice.ledger.total() + invoice.ledger.sunk);
        for (index, one) in log.iter().enumerate() {
            let charged = rows().filter(|row| row.instance == Some(one.instance)).map(|row| row.quantity).sum::<Duration>();
            let covered = invoice.uses.iter().filter(|row| row.covered == Covered::Run(index)).map(|row| row.time).sum::<Duration>();
            let billed = billed_time(one.length(), tariff.billing.on_demand);
            let missing = billed - (charged + covered);
            // Each row cuts off a fraction of a nanosecond.
            prop_assert!((0..200).contains(&missing.nanos()), "{} of {}", missing, billed);
        }
    }
}
