//! Several savings plans at once.
//!
//! They are spent in the order of the cloud, not in the order that would be cheapest, so their joint cost need not be convex. Amounts and
//! counts of reservations are therefore improved one at a time, from the best single plan on, until no single change helps.

use super::Search;
use super::advice::{Bought, moved, plan_hour};
use super::layout::{Course, by_saving};
use super::plan_dollars::{PlanCurve, lowest};
use crate::billing::savings_plan::PlanKind;

/// A plan (its place among those bought) spent on a kind of usage at a price.
pub(super) type Spending = (usize, usize, f64);

/// Spends plans on what is left of each kind of usage; what is left unspent of all.
pub(super) fn spend(order: &[Spending], plans: &[(usize, f64)], left: &mut [f64]) -> f64 {
    let mut unspent: Vec<f64> = plans.iter().map(|(_, commitment)| *commitment).collect();
    for (place, kind, rate) in order.iter().filter(|(_, _, rate)| *rate > 0.0) {
        let part = left[*kind].min(unspent[*place] / rate);
        left[*kind] -= part;
        unspent[*place] -= part * rate;
    }
    unspent.into_iter().sum()
}

impl Search {
    /// The order in which plans are spent: those of a family first, then the highest percentage off, at equal ones the lowest price
    /// (RULES R30).
    pub(super) fn spending_order(&self, plans: &[(usize, f64)]) -> Vec<Spending> {
        let kinds = &self.layout.kinds;
        let of_plan = |(place, (plan, _)): (usize, &(usize, f64))| {
            let covered = by_saving(kinds, |kind| kind.plan_rates[*plan]);
            covered.into_iter().map(move |(kind, rate)| (place, kind, rate)).collect::<Vec<_>>()
        };
        let mut order: Vec<Spending> = plans.iter().enumerate().flat_map(of_plan).collect();
        let compute = |place: usize| self.plans[plans[place].0].kind == PlanKind::Compute;
        let paid = |(_, kind, rate): &Spending| rate / kinds[*kind].on_demand;
        order.sort_by(|a, b| {
            compute(a.0).cmp(&compute(b.0)).then(paid(a).total_cmp(&paid(b))).then(a.2.total_cmp(&b.2))
        });
        order
    }

    /// The cost of a purchase in each course with its probability, hour by hour.
    pub(super) fn costs_by_hours(&self, bought: &Bought) -> Vec<(f64, f64)> {
        let order = self.spending_order(&bought.plans);
        let due: f64 = bought.plans.iter().map(|(plan, commitment)| commitment * self.due[*plan]).sum();
        self.by_course(&bought.counts, |(course, fees, covered)| {
            let mut cost = fees + due;
            for (_, hour, mut left) in self.left(course, covered) {
                spend(&order, &bought.plans, &mut left);
                cost += hour.worth * self.layout.on_demand(&left);
            }
            (cost, course.probability)
        })
    }

    /// Improves a purchase by further plans.
    pub(super) fn with_more_plans(&self, start: Bought, movable: &[usize]) -> Bought {
        let mut best = start;
        loop {
            let before = best.objective;
            for plan in 0..self.plans.len() {
                let found = self.with_amount_of(&best, plan);
                self.keep_better(&mut best, found);
            }
            if best.plans.len() > 1 {
                for index in movable {
                    for counts in moved(&best.counts, *index, 1).into_iter().flatten() {
                        let found = Bought { counts, ..best.clone() };
                        self.keep_better(&mut best, found);
                    }
                }
            }
            if best.objective >= before {
                return best;
            }
        }
    }

    fn keep_better(&self, best: &mut Bought, found: Bought) {
        let objective = self.objective_of(&found);
        if objective < best.objective - 1e-9 * best.objective.abs() {
            *best = Bought { objective, ..found };
        }
    }

    /// The same with the best amount of one plan, the others as they are.
    ///
    /// The amounts that are tried are those at which some hour runs out of what the plan covers, before and after the others.
    fn with_amount_of(&self, bought: &Bought, plan: usize) -> Bought {
        let mut others = bought.clone();
        others.plans.retain(|(other, _)| *other != plan);
        let with = |commitment: f64| {
            let mut tried = others.clone();
            tried.plans.extend((commitment > 0.0).then_some((plan, commitment)));
            tried.plans.sort_by_key(|(plan, _)| *plan);
            tried
        };
        let after_others = self.curves_after(&others, plan);
        let alone = self.plan_curves(plan, &others.counts);
        let curves = after_others.iter().chain(alone.iter().map(|(curve, _)| curve));
        let places: Vec<f64> = curves.flat_map(|curve| curve.points().iter().map(|point| point.0)).collect();
        let (commitment, _) = lowest(places, |commitment| self.objective_of(&with(commitment)));
        with(commitment)
    }

    /// The curve of a plan in each course, on what reservations and other plans leave.
    fn curves_after(&self, others: &Bought, plan: usize) -> Vec<PlanCurve> {
        let kinds = &self.layout.kinds;
        let order = self.spending_order(&others.plans);
        let own = by_saving(kinds, |kind| kind.plan_rates[plan]);
        self.by_course(&others.counts, |(course, fees, covered): (&Course, f64, &[Vec<u64>])| {
            let hours: Vec<_> = self
                .left(course, covered)
                .map(|(_, hour, mut left)| {
                    spend(&order, &others.plans, &mut left);
                    plan_hour(kinds, &own, hour.worth, &left)
                })
                .collect();
            PlanCurve::new(&hours, self.due[plan], fees)
        })
    }
}
