//! How savings plans are spent in one hour (RULES R30).

use crate::units::{Money, Rate};
use std::cmp::Ordering;

/// What a plan covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanKind {
    /// Instances of one family; spent before compute plans.
    Family(String),
    /// Every eligible usage.
    Compute,
}

/// A plan in an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it covers.
    pub kind: PlanKind,
    /// What it commits to spend in the hour, at the plan's rates.
    pub commitment: Money,
}

/// Usage that reservations left, in billions of its unit (instance-hours, say).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligible {
    /// Family, for plans of a family; empty if it has none.
    pub family: String,
    /// How much, in 10⁻⁹ of a unit.
    pub quantity: i128,
    /// On-demand price of a unit.
    pub on_demand: Rate,
    /// Price of a unit under each plan, `None` where the plan does not cover it.
    pub plan_rates: Vec<Option<Rate>>,
    /// Reserved capacity in which nothing ran: covered after all instances (RULES R5).
    pub idle: bool,
}

/// A plan's money that covered usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spending {
    /// Index of the plan.
    pub plan: usize,
    /// Index of the usage.
    pub usage: usize,
    /// Quantity, in 10⁻⁹ of a unit.
    pub quantity: i128,
    /// Money, at the plan's rate.
    pub spent: Money,
}

/// What plans did in an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanApplication {
    /// What was spent on what, in order.
    pub spendings: Vec<Spending>,
    /// Commitment of each plan that was spent on nothing.
    pub unused: Vec<Money>,
    /// Quantity of each usage that is left for the on-demand price, in 10⁻⁹ of a unit.
    pub uncovered: Vec<i128>,
}

/// Spends the plans of one hour.
///
/// Plans of a family come before compute plans. Of each kind, plans are spent at their own rates where the percentage off is highest,
/// at equal percentages where the rate is lowest, the last item partly; what is left can move neither to another hour nor
/// out of the family.
pub fn spend(plans: &[Plan], usage: &[Eligible]) -> PlanApplication {
    let mut application = PlanApplication {
        spendings: Vec::new(),
        unused: plans.iter().map(|plan| plan.commitment).collect(),
        uncovered: usage.iter().map(|item| item.quantity).collect(),
    };
    for (compute, idle) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut covered: Vec<(usize, usize, Rate)> = Vec::new();
        for (index, plan) in plans.iter().enumerate().filter(|(_, plan)| (plan.kind == PlanKind::Compute) == compute) {
            let items = usage.iter().enumerate().filter(|(_, item)| item.idle == idle && covers(plan, item));
            covered.extend(items.filter_map(|(at, item)| Some((index, at, item.plan_rates[index]?))));
        }
        covered.sort_by(|a, b| by_saving((usage[a.1].on_demand, a.2), (usage[b.1].on_demand, b.2)));
        for (plan, at, rate) in covered {
            application.spend_on(plan, at, rate);
        }
    }
    application
}

fn covers(plan: &Plan, item: &Eligible) -> bool {
    match &plan.kind {
        // What is free on-demand needs no plan, and has no percentage off.
        _ if item.on_demand <= Rate::ZERO => false,
        PlanKind::Compute => true,
        PlanKind::Family(family) => *family == item.family,
    }
}

/// Highest percentage off first, then the lowest rate; rates are (on-demand, plan).
fn by_saving(a: (Rate, Rate), b: (Rate, Rate)) -> Ordering {
    let nano = |rate: Rate| i128::from(rate.nano_per_hour());
    // plan / on-demand, compared without division.
    (nano(a.1) * nano(b.0)).cmp(&(nano(b.1) * nano(a.0))).then(a.1.cmp(&b.1))
}

impl PlanApplication {
    fn spend_on(&mut self, plan: usize, usage: usize, rate: Rate) {
        let (left, quantity) = (self.unused[plan], self.uncovered[usage]);
        if quantity <= 0 || left <= Money::ZERO && rate > Rate::ZERO {
            return;
        }
        let full = rate.charge_for_units(quantity);
        let (quantity, spent) = if full <= left {
            (quantity, full)
        } else {
            let affordable = left.nano() * NANO / i128::from(rate.nano_per_hour());
            (affordable.min(quantity), left)
        };
        self.unused[plan] = left - spent;
        self.uncovered[usage] -= quantity;
        self.spendings.push(Spending { plan, usage, quantity, spent });
    }

    /// What is left at on-demand prices.
    pub fn on_demand(&self, usage: &[Eligible]) -> Money {
        usage.iter().zip(&self.uncovered).map(|(item, quantity)| item.on_demand.charge_for_units(*quantity)).sum()
    }
}

const NANO: i128 = 1_000_000_000;

/// How many instances an hourly commitment covers, in 10⁻⁹: it is spent at the discounted rate (RULES R30).
///
/// # Panics
/// If the rate is not positive.
pub fn instances_covered(commitment: Rate, plan_rate: Rate) -> i128 {
    Money::from_nano(i128::from(commitment.nano_per_hour()) * NANO)
        .scaled(1, i128::from(plan_rate.nano_per_hour()))
        .nano()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    fn money(text: &str) -> Money {
        Money::from_nano(rate(text).nano_per_hour().into())
    }

    fn item(family: &str, count: i128, on_demand: &str, plan: &str, plans: usize) -> Eligible {
        let plan_rates = vec![Some(rate(plan)); plans];
        Eligible { family: family.into(), quantity: count * NANO, on_demand: rate(on_demand), plan_rates, idle: false }
    }

    /// By hand: 4 × 0.70 at 30 % off, then 0.20 of the 1.20 that the next at 25 % off would cost.
    #[test]
    fn the_highest_percentage_is_spent_first_and_the_last_item_partly() {
        let usage = [item("a", 10, "0.16", "0.12", 1), item("b", 4, "1", "0.7", 1)];
        let applied = spend(&[Plan { kind: PlanKind::Compute, commitment: money("3") }], &usage);
        assert_eq!(
            applied.spendings.iter().map(|s| (s.usage, s.spent)).collect::<Vec<_>>(),
            [(1, money("2.8")), (0, money("0.2")),]
        );
        assert_eq!(applied.unused, [Money::ZERO]);
        // 0.2 / 0.12 of 10 are covered; the rest costs (10 - 1.666666666) × 0.16.
        assert_eq!(applied.on_demand(&usage), Money::from_nano(1_333_333_333));
    }

    #[test]
    fn a_family_plan_comes_first_and_its_leftover_stays() {
        let plans = [
            Plan { kind: PlanKind::Compute, commitment: money("1") },
            Plan { kind: PlanKind::Family("b".into()), commitment: money("3") },
        ];
        let usage = [item("a", 1, "1", "0.8", 2), item("b", 4, "1", "0.6", 2)];
        let applied = spend(&plans, &usage);
        assert_eq!(applied.unused, [money("0.2"), money("0.6")]);
        assert_eq!(applied.uncovered, [0, 0]);
    }

    /// Whatever their order in the list: 50 % off before 25 %.
    #[test]
    fn of_several_compute_plans_the_higher_percentage_is_spent_first() {
        let usage = |rates: [&str; 2]| {
            vec![Eligible { plan_rates: rates.map(|text| Some(rate(text))).to_vec(), ..item("", 2, "1", "1", 0) }]
        };
        let plans = |money_of: [&str; 2]| {
            money_of.map(|text| Plan { kind: PlanKind::Compute, commitment: money(text) }).to_vec()
        };
        let applied = spend(&plans(["1.5", "0.5"]), &usage(["0.75", "0.5"]));
        assert_eq!(applied.spendings.iter().map(|s| s.plan).collect::<Vec<_>>(), [1, 0]);
        assert_eq!((applied.unused, applied.uncovered), (vec![money("0.75"), Money::ZERO], vec![0]));
        let turned = spend(&plans(["0.5", "1.5"]), &usage(["0.5", "0.75"]));
        assert_eq!(turned.unused, [Money::ZERO, money("0.75")]);
    }

    #[test]
    fn at_equal_percentages_the_lowest_rate_comes_first() {
        let usage = [item("", 1, "0.4", "0.3", 1), item("", 1, "0.04", "0.03", 1)];
        let applied = spend(&[Plan { kind: PlanKind::Compute, commitment: money("0.03") }], &usage);
        assert_eq!(applied.uncovered, [NANO, 0]);
        assert_eq!(instances_covered(rate("1"), rate("0.4")), 2_500_000_000);
    }
}
