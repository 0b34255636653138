//! What the planner counts against what a bill says, and its choice against every other.

use super::*;
use crate::billing::normalisation::Footprint;
use crate::billing::reservation::Scope;
use crate::billing::savings_plan::PlanKind;
use crate::billing::{Benefit, Charge, Commitment, EndedBy, Offer, PoolTariff, ReservedCapacity, Tariff, Usage, bill};
use crate::fleet::PurchaseOption;
use crate::rng::repeatable::repeatable;
use crate::scenario::{Bid2015Billing, Billing, OnDemandBilling, SpotBilling};
use crate::units::{Duration, Instant, Money, Rate, SimTime, Term};
use proptest::prelude::*;
use std::collections::BTreeMap;

const HOURS: usize = 30;

pub(super) fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

pub(super) fn pool(instance_type: &str, on_demand: &str, [plan, family]: [&str; 2]) -> PoolTariff {
    PoolTariff {
        instance_type: instance_type.into(),
        footprint: Footprint::of(instance_type, true),
        zone: String::new(),
        on_demand: rate(on_demand),
        plan_rates: BTreeMap::from([("plan".into(), rate(plan)), ("family".into(), rate(family))]),
    }
}

/// Thirty hours of m4.large at 1 an hour as the base and m4.xlarge at 2 on-demand.
pub(super) fn tariff(rule: OnDemandBilling) -> Tariff {
    Tariff {
        base: Some(pool("m4.large", "1", ["0.7", "0.6"])),
        on_demand: pool("m4.xlarge", "2", ["1.3", "1.5"]),
        markets: Vec::new(),
        billing: Billing {
            on_demand: rule,
            spot: SpotBilling::Bid2015(Bid2015Billing::default()),
            sustained_use: None,
        },
        commitments: Vec::new(),
        capacity: Vec::new(),
        start: "2016-03-07T00:00:00Z".parse::<Instant>().unwrap(),
        horizon: SimTime::from_secs(HOURS as i64 * 3600),
    }
}

pub(super) fn reservation(instance_type: &str, count: u32, owned: bool, hours: i64) -> Commitment {
    Commitment {
        id: instance_type.into(),
        benefit: Benefit::Reservation {
            scope: Scope::Regional,
            instance_type: instance_type.into(),
            footprint: Footprint::of(instance_type, true),
        },
        count,
        offer: Offer { term: Term::OneYear, hourly: rate("0.6"), upfront: Money::ZERO },
        until: if owned { SimTime::from_secs(hours * 3600) } else { SimTime::NEVER },
        owned,
    }
}

pub(super) fn plan(commitment: &str) -> Commitment {
    plan_of(PlanKind::Compute, "plan", commitment)
}

pub(super) fn plan_of(kind: PlanKind, rates: &str, commitment: &str) -> Commitment {
    let benefit = Benefit::Plan { kind, commitment: rate(commitment), rates: rates.into() };
    let offer = Offer { term: Term::OneYear, hourly: rate(commitment), upfront: Money::ZERO };
    Commitment { id: rates.into(), benefit, count: 1, offer, until: SimTime::NEVER, owned: false }
}

pub(super) fn settings(hours: usize, growth: Vec<Growth>) -> Settings {
    Settings { hours, dates: vec![0], growth, risk: Risk::NEUTRAL, discount_rate: None, decide_again: None }
}

pub(super) fn situation(logs: &[Vec<Usage>], tariff: &Tariff) -> Situation {
    let offered = |instance_type: &str| Offered {
        name: "offer".into(),
        instance_type: instance_type.into(),
        reach: Reach::Family,
        footprint: Footprint::of(instance_type, true),
        offer: reservation(instance_type, 1, false, 0).offer,
    };
    Situation {
        replications: logs.iter().map(|log| usage_by_type(log, tariff)).collect(),
        reserved: vec![offered("m4.large")],
        plans: vec![PlanOffered {
            rates: "plan".into(),
            kind: PlanKind::Compute,
            term: Term::OneYear,
            upfront_share: 0.0,
        }],
        owned: tariff.commitments.iter().filter(|one| one.owned).cloned().collect(),
        settings: settings(HOURS, Vec::new()),
    }
}

pub(super) fn log() -> impl Strategy<Value = Vec<Usage>> {
    let run = (any::<bool>(), 0i64..HOURS as i64 * 3600, prop_oneof![1i64..60, 60i64..40_000]);
    prop::collection::vec(run, 1..8).prop_map(|runs| {
        let mut usage = Vec::new();
        for (number, (base, from, length)) in runs.into_iter().enumerate() {
            let option = if base { PurchaseOption::Reserved } else { PurchaseOption::OnDemand };
            let horizon = SimTime::from_secs(HOURS as i64 * 3600);
            let from = SimTime::from_secs(from);
            let (until, ended_by) = match from + Duration::from_secs(length) {
                end if end < horizon => (end, EndedBy::Owner),
                _ => (horizon, EndedBy::Horizon),
            };
            usage.push(Usage { instance: number as u32, option, market: None, from, until, ended_by });
        }
        usage
    })
}

/// What a bill says of the hours that are planned: of a run that is billed beyond the horizon, the part before it.
///
/// The minimum and started hours follow the run (RULES R2, R4), so what of them is missing at the horizon belongs to the hour after it.
pub(super) fn billed_within(usage: &[Usage], tariff: &Tariff) -> f64 {
    let ledger = bill(usage, tariff);
    let beyond = |charge: &Charge| match charge.rate {
        Some(rate) if charge.end > tariff.horizon => rate.charge_for(charge.end - charge.start.max(tariff.horizon)),
        _ => Money::ZERO,
    };
    (ledger.total() - ledger.charges.iter().map(beyond).sum()).to_f64()
}

#[test]
fn the_minimum_of_a_run_at_the_horizon_is_billed_and_not_planned() {
    let per_second = OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) };
    for (rule, billed) in [(per_second, 60.0), (OnDemandBilling::PerHour {}, 3600.0)] {
        let tariff = tariff(rule);
        let run = |until: i64, ended_by| Usage {
            instance: 0,
            option: PurchaseOption::OnDemand,
            market: None,
            from: SimTime::from_secs(107_942),
            until: SimTime::from_secs(until),
            ended_by,
        };
        let at_horizon = [run(108_000, EndedBy::Horizon)];
        let near = |a: f64, seconds: f64| (a - 2.0 * seconds / 3600.0).abs() < 1e-6;
        assert!(near(bill(&at_horizon, &tariff).total().to_f64(), billed), "its start owes the minimum");
        assert!(near(billed_within(&at_horizon, &tariff), 58.0));
        let search = Search::new(&situation(&[at_horizon.to_vec()], &tariff));
        assert!(near(search.costs(&search.nothing())[0].0, 58.0));
    }
    // Within the horizon the missing seconds are in the hour in which they pass: 5 s in the 29th, 55 s in the 30th.
    let tariff = tariff(per_second);
    let early = Usage {
        instance: 0,
        option: PurchaseOption::OnDemand,
        market: None,
        from: SimTime::from_secs(29 * 3600 - 5),
        until: SimTime::from_secs(29 * 3600 - 1),
        ended_by: EndedBy::Owner,
    };
    let hours = &usage_by_type(&[early], &tariff)[1].hours;
    assert!((hours[28] * 3600.0 - 5.0).abs() < 1e-9 && (hours[29] * 3600.0 - 55.0).abs() < 1e-9, "{hours:?}");
}

proptest! {
    #![proptest_config(repeatable(256))]

    #[test]
    fn costs_are_those_of_the_bill(
        usage in log(),
        count in 0u32..6,
        cents in 0u32..500,
        owned in prop::option::of((1u32..3, 1i64..HOURS as i64)),
        by_the_hour in any::<bool>(),
    ) {
        let per_second = OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) };
        let mut tariff = tariff(if by_the_hour { OnDemandBilling::PerHour {} } else { per_second });
        tariff.commitments.extend(owned.map(|(count, hours)| reservation("m4.large", count, true, hours)));
        let search = Search::new(&situation(std::slice::from_ref(&usage), &tariff));
        let commitment = f64::from(cents) / 100.0;
        let bought = Bought { counts: vec![count], plans: vec![(0, commitment)], objective: 0.0, bound: None };
        tariff.commitments.extend([reservation("m4.large", count, false, 0), plan(&format!("{commitment:.2}"))]);
        let billed = billed_within(&usage, &tariff);
        let counted = search.costs(&bought)[0].0;
        prop_assert!((counted - billed).abs() < 1e-5 * (1.0 + billed), "{counted} against a bill of {billed}");
    }

    /// Two compute plans, or one of a family besides: each is better for another of the two types.
    #[test]
    fn several_plans_cost_what_the_bill_says(
        usage in log(),
        count in 0u32..3,
        cents in prop::array::uniform2(1u32..300),
        of_family in any::<bool>(),
    ) {
        let mut tariff = tariff(OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) });
        let kind = if of_family { PlanKind::Family("m4".into()) } else { PlanKind::Compute };
        let mut situation = situation(std::slice::from_ref(&usage), &tariff);
        situation.plans.push(PlanOffered { rates: "family".into(), kind: kind.clone(), ..situation.plans[0].clone() });
        let amounts = cents.map(|cents| f64::from(cents) / 100.0);
        let plans = vec![(0, amounts[0]), (1, amounts[1])];
        let search = Search::new(&situation);
        let counted = search.costs(&Bought { counts: vec![count], plans, objective: 0.0, bound: None })[0].0;
        tariff.commitments.extend([
            reservation("m4.large", count, false, 0),
            plan(&format!("{:.2}", amounts[0])),
            plan_of(kind, "family", &format!("{:.2}", amounts[1])),
        ]);
        let billed = billed_within(&usage, &tariff);
        prop_assert!((counted - billed).abs() < 1e-5 * (1.0 + billed), "{counted} against a bill of {billed}");
    }

    #[test]
    fn of_several_plans_little_is_left_to_gain(logs in prop::collection::vec(log(), 1..3)) {
        let tariff = tariff(OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) });
        let mut situation = situation(&logs, &tariff);
        let kind = PlanKind::Family("m4".into());
        situation.plans.push(PlanOffered { rates: "family".into(), kind, ..situation.plans[0].clone() });
        let search = Search::new(&situation);
        let best = search.best().unwrap();
        for count in 0..4 {
            for (first, second) in (0..12).flat_map(|first| (0..12).map(move |second| (first, second))) {
                let plans = vec![(0, f64::from(first) * 0.6), (1, f64::from(second) * 0.6)];
                let tried = Bought { counts: vec![count], plans, objective: 0.0, bound: None };
                let cost: f64 = search.costs(&tried).iter().map(|(cost, probability)| cost * probability).sum();
                prop_assert!(best.objective <= cost * 1.02 + 1e-9, "{best:?} against {tried:?} for {cost}");
            }
        }
    }

    /// Reservations for a family, a type or a type in a zone, and capacity that is reserved.
    #[test]
    fn what_reservations_reach_is_what_the_bill_covers(
        usage in log(),
        count in 0u32..4,
        reach in prop_oneof![
            Just(Reach::Family), Just(Reach::Type), Just(Reach::Zone("a".into())), Just(Reach::Zone("b".into()))
        ],
        capacity in prop::option::of((1u32..3, 0i64..20, 1i64..30)),
    ) {
        let mut tariff = tariff(OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) });
        tariff.on_demand = PoolTariff { zone: "b".into(), ..pool("m4.large", "1", ["0.7", "0.6"]) };
        tariff.base.iter_mut().for_each(|base| base.zone = "a".into());
        tariff.capacity.extend(capacity.map(|(count, from, until)| ReservedCapacity {
            id: "capacity-1".into(),
            pool: PoolTariff { zone: String::new(), ..tariff.on_demand.clone() },
            count,
            from: SimTime::from_secs(from * 3600 + 17),
            until: SimTime::from_secs(until * 3600 + 5),
        }));
        let mut situation = situation(std::slice::from_ref(&usage), &tariff);
        situation.reserved[0].reach = reach.clone();
        situation.reserved[0].footprint = Footprint::of("m4.large", reach == Reach::Family);
        let search = Search::new(&situation);
        let counted = search.costs(&Bought { counts: vec![count], plans: vec![], objective: 0.0, bound: None })[0].0;
        let mut bought = reservation("m4.large", count, false, 0);
        let scope = match &reach {
            Reach::Zone(zone) => Scope::Zonal { zone: zone.clone() },
            _ => Scope::Regional,
        };
        let footprint = situation.reserved[0].footprint.clone();
        bought.benefit = Benefit::Reservation { scope, instance_type: "m4.large".into(), footprint };
        tariff.commitments.push(bought);
        let billed = billed_within(&usage, &tariff);
        prop_assert!((counted - billed).abs() < 1e-5 * (1.0 + billed), "{counted} against a bill of {billed}");
    }

    #[test]
    fn no_purchase_of_reservations_and_plan_is_better(logs in prop::collection::vec(log(), 1..3)) {
        let tariff = tariff(OnDemandBilling::PerSecond { minimum: Duration::from_secs(60) });
        let search = Search::new(&situation(&logs, &tariff));
        let best = search.best().unwrap();
        for count in 0..8 {
            for step in 0..60 {
                let plans = vec![(0, f64::from(step) * 0.15)];
                let tried = Bought { counts: vec![count], plans, objective: 0.0, bound: None };
                let cost: f64 = search.costs(&tried).iter().map(|(cost, probability)| cost * probability).sum();
                prop_assert!(best.objective <= cost + 1e-9 * (1.0 + cost), "{best:?} against {tried:?} for {cost}");
            }
        }
        let expected: f64 = search.costs(&best).iter().map(|(cost, probability)| cost * probability).sum();
        prop_assert!((expected - best.objective).abs() < 1e-9 * (1.0 + expected));
        let effect = search.effect(&best);
        prop_assert!((0.0..=1.0 + 1e-12).contains(&effect.coverage));
    }
}

/// Two instances for every hour, a year that is planned, bought for 0.6 an hour instead of 1.
fn steady(growth: Vec<Growth>) -> Situation {
    let tariff = tariff(OnDemandBilling::PerHour {});
    let end = tariff.horizon;
    let run = |instance| Usage {
        instance,
        option: PurchaseOption::Reserved,
        market: None,
        from: SimTime::START,
        until: end,
        ended_by: EndedBy::Horizon,
    };
    let mut situation = situation(&[vec![run(0), run(1)]], &tariff);
    situation.plans.clear();
    situation.settings = settings(12 * MONTH, growth);
    situation
}

#[test]
fn a_year_by_hand() {
    let found = recommend(&steady(Vec::new()), 2).unwrap();
    assert_eq!(found.reserve.iter().map(|row| row.count).collect::<Vec<_>>(), [2]);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(near(found.cost_of_nothing, 2.0 * 8760.0) && near(found.cost, 1.2 * 8760.0), "{found:?}");
    assert!(near(found.savings.mean, 0.8 * 8760.0) && found.savings.probability_of_loss == 0.0);
    assert!(near(found.coverage, 1.0) && near(found.reserved_utilization.unwrap(), 1.0) && near(found.regret, 0.0));
    // A month without two reservations costs 2 × 730 × 0.4; nothing is learnt by then.
    let waiting = found.waiting.unwrap();
    assert!(near(waiting.cost(), 584.0) && near(waiting.option_value(), 0.0), "{waiting:?}");
    let ladder = found.ladder.unwrap();
    assert_eq!((ladder.months, ladder.end_together), (2, [1, 2]));
    assert_eq!(ladder.rungs.iter().map(|rung| (rung.month, rung.count)).collect::<Vec<_>>(), [(0, 1), (1, 1)]);
    assert!(near(ladder.extra_cost, 292.0));
    // Each of two levels spends 8760; the fee is 0.6 of that.
    let rules = found.without_foresight.unwrap();
    assert!(near(rules.with_hindsight, found.cost) && near(rules.at_break_even, 2.0 * found.cost), "{rules:?}");
    assert!(near(rules.at_random, rules.ratio_at_random * found.cost), "{rules:?}");
    assert!(found.curve.iter().any(|point| point.count == Some(1) && near(point.savings.mean, 0.4 * 8760.0)));
}

/// All upfront is 3 % cheaper, which is less than the interest of 8 % that it costs.
#[test]
fn with_a_discount_rate_offers_are_compared_by_what_they_are_worth() {
    let mut situation = steady(Vec::new());
    let upfront = Money::from_nano((0.97 * 0.6 * 8760.0 * 1e9) as i128);
    let all_upfront = Offer { term: Term::OneYear, hourly: Rate::ZERO, upfront };
    situation.reserved.push(Offered { name: "upfront".into(), offer: all_upfront, ..situation.reserved[0].clone() });
    let names = |found: &Recommendation| found.reserve.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&recommend(&situation, 1).unwrap()), ["upfront"]);
    situation.settings.discount_rate = Some(0.08);
    let found = recommend(&situation, 1).unwrap();
    assert_eq!(names(&found), ["offer"]);
    let year = 730.0 * crate::billing::finance::annuity(0.08, 12.0);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6 * b;
    assert!(near(found.cost_of_nothing, 2.0 * year) && near(found.cost, 1.2 * year), "{found:?}");
    let row = &found.reserve[0];
    assert!(near(row.net_present_value.unwrap(), 0.6 * year) && near(row.charged, 0.6 * year), "{row:?}");
    assert!(row.return_on_upfront.is_none());
}

/// A three-year offer in a plan of a year is charged a third of what it costs.
#[test]
fn terms_beyond_the_time_planned_are_charged_for_their_share() {
    let mut situation = steady(Vec::new());
    let offer = Offer { term: Term::ThreeYears, hourly: Rate::ZERO, upfront: Money::from_nano(3_000_000_000_000) };
    situation.reserved = vec![Offered { name: "3y".into(), offer, ..situation.reserved[0].clone() }];
    let found = recommend(&situation, 1).unwrap();
    assert!((found.reserve[0].charged - 1000.0).abs() < 1e-6 && (found.cost - 2000.0).abs() < 1e-6, "{found:?}");
}

#[test]
fn what_is_decided_again_is_decided_for_the_growth_that_came() {
    let growth = |per_year| Growth { probability: 0.5, per_year };
    let mut situation = steady(vec![growth(0.05), growth(4.0)]);
    let at_once = recommend(&situation, 1).unwrap();
    situation.settings.decide_again = Some(3 * MONTH);
    let found = recommend(&situation, 1).unwrap();
    let second = found.second_stage.unwrap();
    assert!(second.month == 3 && second.value > 100.0 && found.cost < at_once.cost, "{second:?}");
    assert!(found.reserve.iter().any(|row| row.if_growth == Some(4.0) && row.month == 3), "{:?}", found.reserve);
    assert!(found.reserve.iter().all(|row| row.if_growth != Some(0.05)), "nothing more is needed where usage falls");
    // Costs of both courses by hand would be those of purchases that are made in one of them only.
    assert!(found.regret < at_once.regret, "{} against {}", found.regret, at_once.regret);
}

#[test]
fn a_ladder_keeps_to_its_part_and_buys_what_is_worth_it() {
    let found = recommend(&steady(vec![Growth { probability: 1.0, per_year: 3.0 }]), 3).unwrap();
    let at_once: u32 = found.reserve.iter().map(|row| row.count).sum();
    let ladder = found.ladder.unwrap();
    let most = at_once.div_ceil(3);
    assert!(ladder.rungs.iter().all(|rung| rung.count <= most) && ladder.end_together[0] <= most, "{ladder:?}");
    assert!(ladder.end_together[1] == at_once && ladder.extra_cost < 0.0, "more is bought later: {ladder:?}");
}

#[test]
fn waiting_is_worth_more_where_growth_is_uncertain() {
    let fall = Growth { probability: 0.5, per_year: 0.02 };
    let rise = Growth { probability: 0.5, per_year: 3.0 };
    let uncertain = waiting(&steady(vec![fall, rise])).unwrap().unwrap();
    assert!(uncertain.option_value() > 100.0, "{uncertain:?}");
    let found = recommend(&steady(vec![fall, rise]), 1).unwrap();
    assert!(found.regret > 0.0 && found.savings.mean > 0.0, "{found:?}");
}

#[test]
fn a_horizon_that_begins_within_an_hour_keeps_whole_hours_only() {
    let mut tariff = tariff(OnDemandBilling::PerHour {});
    tariff.start = "2016-03-07T00:20:00Z".parse().unwrap();
    let usage = usage_by_type(&[], &tariff);
    assert_eq!(usage.iter().map(|one| one.hours.len()).collect::<Vec<_>>(), [HOURS - 1, HOURS - 1]);
    tariff.horizon = SimTime::from_secs(3000);
    assert!(usage_by_type(&[], &tariff).iter().all(|one| one.hours.is_empty()));
}
