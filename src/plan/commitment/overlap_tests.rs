//! Offers that cover usage in common, and plans, against bills and against every other purchase.

use super::bill_tests::{billed_within, log, plan, pool, rate, reservation, settings, situation, tariff};
use super::*;
use crate::billing::normalisation::Footprint;
use crate::billing::reservation::Scope;
use crate::billing::savings_plan::PlanKind;
use crate::billing::{Benefit, Offer, PoolTariff, Tariff, Usage};
use crate::rng::repeatable::repeatable;
use crate::scenario::OnDemandBilling;
use crate::units::Duration;
use proptest::prelude::*;

const HOURS: usize = 30;

/// m4.large in zone a as the base; on-demand the same in zone b, or the next size there.
fn two_zones(larger: bool) -> Tariff {
    let mut tariff = tariff(OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) });
    let same = pool("m4.large", "1", ["0.7", "0.6"]);
    let on_demand = if larger { tariff.on_demand.clone() } else { same };
    tariff.on_demand = PoolTariff { zone: "b".into(), ..on_demand };
    tariff.base.iter_mut().for_each(|base| base.zone = "a".into());
    tariff
}

const REACHES: [&str; 3] = ["zone", "type", "family"];

fn reach(name: &str) -> Reach {
    match name {
        "zone" => Reach::Zone("a".into()),
        "type" => Reach::Type,
        _ => Reach::Family,
    }
}

/// An offer of m4.large for each reach at its price an hour.
fn with_offers(logs: &[Vec<Usage>], tariff: &Tariff, prices: [f64; 3]) -> Situation {
    let mut situation = situation(logs, tariff);
    situation.plans.clear();
    situation.reserved = REACHES
        .into_iter()
        .zip(prices)
        .map(|(name, price)| Offered {
            name: name.into(),
            instance_type: "m4.large".into(),
            reach: reach(name),
            footprint: Footprint::of("m4.large", name == "family"),
            offer: Offer { hourly: rate(&format!("{price:.4}")), ..reservation("m4.large", 1, false, 0).offer },
        })
        .collect();
    situation
}

fn mean(search: &Search, counts: &[u32], plans: &[(usize, f64)]) -> f64 {
    let bought = Bought { counts: counts.to_vec(), plans: plans.to_vec(), objective: 0.0, bound: None };
    search.costs(&bought).iter().map(|(cost, probability)| cost * probability).sum()
}

/// Every tuple of numbers below `most`.
fn tuples(length: usize, most: u32) -> impl Iterator<Item = Vec<u32>> {
    let all = most.pow(length as u32);
    (0..all).map(move |number| (0..length).map(|place| number / most.pow(place as u32) % most).collect())
}

/// Cheaper the narrower: each reach is worth something.
fn prices() -> impl Strategy<Value = [f64; 3]> {
    prop::array::uniform3(0.3f64..0.9).prop_map(|mut prices| {
        prices.sort_by(f64::total_cmp);
        prices
    })
}

proptest! {
    #![proptest_config(repeatable(128))]

    #[test]
    fn together_they_cost_what_the_bill_says(
        usage in log(),
        larger in any::<bool>(),
        counts in prop::array::uniform3(0u32..4),
        cents in prop::option::of(1u32..300),
        prices in prices(),
    ) {
        let mut tariff = two_zones(larger);
        let mut situation = with_offers(std::slice::from_ref(&usage), &tariff, prices);
        situation.plans = super::bill_tests::situation(&[], &tariff).plans;
        let search = Search::new(&situation);
        let amount = cents.map(|cents| f64::from(cents) / 100.0);
        let plans: Vec<(usize, f64)> = amount.iter().map(|amount| (0, *amount)).collect();
        let counted = mean(&search, &counts, &plans);
        for (offered, count) in situation.reserved.iter().zip(counts) {
            let scope = match &offered.reach {
                Reach::Zone(zone) => Scope::Zonal { zone: zone.clone() },
                _ => Scope::Regional,
            };
            let (instance_type, footprint) = ("m4.large".into(), offered.footprint.clone());
            let mut bought = reservation("m4.large", count, false, 0);
            bought.benefit = Benefit::Reservation { scope, instance_type, footprint };
            bought.offer = offered.offer;
            bought.id = offered.name.clone();
            tariff.commitments.push(bought);
        }
        tariff.commitments.extend(amount.map(|amount| plan(&format!("{amount:.2}"))));
        let billed = billed_within(&usage, &tariff);
        prop_assert!((counted - billed).abs() < 1e-5 * (1.0 + billed), "{counted} against a bill of {billed}");
    }

    #[test]
    fn no_other_purchase_of_overlapping_offers_is_better(
        logs in prop::collection::vec(log(), 1..3),
        larger in any::<bool>(),
        prices in prices(),
    ) {
        let situation = with_offers(&logs, &two_zones(larger), prices);
        let search = Search::new(&situation);
        let best = search.best().unwrap();
        let bound = best.bound.unwrap();
        let least = tuples(3, 6).map(|counts| mean(&search, &counts, &[])).fold(f64::INFINITY, f64::min);
        prop_assert!(bound <= least + 1e-7 * (1.0 + least), "a bound of {bound} above {least}");
        prop_assert!(best.objective <= least + 1e-7 * (1.0 + least), "{best:?} against {least}");
        prop_assert!((mean(&search, &best.counts, &[]) - best.objective).abs() < 1e-9 * (1.0 + least));
    }

    /// Two dates, and two reaches at each of them: terms that end apart.
    #[test]
    fn with_several_dates_little_is_left_to_gain(logs in prop::collection::vec(log(), 1..3), prices in prices()) {
        let mut situation = with_offers(&logs, &two_zones(false), prices);
        situation.reserved.remove(1);
        situation.settings.dates = vec![0, HOURS / 2];
        let search = Search::new(&situation);
        let best = search.best().unwrap();
        let least = tuples(4, 4).map(|counts| mean(&search, &counts, &[])).fold(f64::INFINITY, f64::min);
        let bound = best.bound.unwrap();
        prop_assert!(bound <= least + 1e-7 * (1.0 + least) && bound >= 0.5 * least, "a bound of {bound}: {least}");
        prop_assert!(best.objective <= 1.005 * least + 1e-9, "{best:?} against {least}");
    }

    /// Reservations of two reaches and two plans on a grid.
    #[test]
    fn the_bound_holds_with_plans(logs in prop::collection::vec(log(), 1..2), of_family in any::<bool>(), prices in prices()) {
        let tariff = two_zones(true);
        let mut situation = with_offers(&logs, &tariff, prices);
        situation.reserved.remove(1);
        let compute = super::bill_tests::situation(&[], &tariff).plans.remove(0);
        let kind = if of_family { PlanKind::Family("m4".into()) } else { PlanKind::Compute };
        situation.plans = vec![compute.clone(), PlanOffered { rates: "family".into(), kind, ..compute }];
        let search = Search::new(&situation);
        let best = search.best().unwrap();
        let mut least = f64::INFINITY;
        for counts in tuples(2, 4) {
            for amounts in tuples(2, 10) {
                let plans: Vec<(usize, f64)> = (0..).zip(amounts.iter().map(|step| 0.5 * f64::from(*step))).collect();
                least = least.min(mean(&search, &counts, &plans));
            }
        }
        let bound = best.bound.unwrap();
        prop_assert!(bound <= least.min(best.objective) + 1e-7 * (1.0 + least), "a bound of {bound} above {least}");
        prop_assert!(best.objective <= 1.005 * least + 1e-9, "{best:?} against {least}");
    }
}

/// Three in zone a around the clock, two more in zone b by day: the narrow and cheap offer for the first, the wide one for the others.
#[test]
fn each_reach_is_bought_for_what_it_covers_best() {
    let usage = |zone: &str, hours: Vec<f64>| TypeUsage {
        instance_type: "m4.large".into(),
        zone: zone.into(),
        footprint: Footprint::of("m4.large", true),
        on_demand: 1.0,
        plan_rates: Default::default(),
        hours,
    };
    let day = |hour: usize| if hour % 24 < 18 { 2.0 } else { 0.0 };
    let mut situation = with_offers(&[], &two_zones(false), [0.5, 0.55, 0.6]);
    situation.replications = vec![vec![usage("a", vec![3.0; 48]), usage("b", (0..48).map(day).collect())]];
    situation.settings = settings(48, Vec::new());
    let found = recommend(&situation, 1).unwrap();
    let bought: Vec<(&str, u32)> = found.reserve.iter().map(|row| (row.name.as_str(), row.count)).collect();
    // Type and family cover the same usage here, and of the same only the cheaper is bought.
    assert_eq!(bought, [("zone", 3), ("type", 2)]);
    let expected = 48.0 * (3.0 * 0.5 + 2.0 * 0.55);
    assert!((found.cost - expected).abs() < 1e-9 && found.gap.unwrap() < 1e-3 * expected, "{found:?}");
    // One more in zone a covers nothing. One less takes one of the others there, and one in zone b is paid on-demand by day.
    let zone = &found.reserve[0];
    assert!((zone.one_more_costs - 48.0 * 0.5).abs() < 1e-9, "{zone:?}");
    assert!((zone.one_less_costs - (36.0 - 48.0 * 0.5)).abs() < 1e-9, "{zone:?}");
    assert!(found.without_foresight.is_none());
}
