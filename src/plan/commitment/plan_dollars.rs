//! The best commitment of a savings plan, in the currency per hour.
//!
//! A plan is due in every hour, and each unit of it that is spent saves on-demand money: the most where the discount is highest, which is
//! where it is spent first (RULES R30). So the cost is convex in the commitment, a straight line between the amounts at which some hour
//! runs out of usage of some discount, and lowest at one of these or at nothing. Reservations come before plans: what is
//! planned for here is what they leave.

use super::Risk;

/// Usage of one price within an hour, left by reservations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eligible {
    /// What it would cost under the plan, in the currency per hour.
    pub at_plan_rates: f64,
    /// What it costs on-demand, per hour.
    pub on_demand: f64,
}

/// Usage of an hour: what the plan covers, in the order in which it is spent, and how often the hour comes.
#[derive(Debug, Clone, PartialEq)]
pub struct Hour {
    /// By discount, the highest first.
    pub eligible: Vec<Eligible>,
    /// How many such hours there are.
    pub count: f64,
}

/// The cost of a commitment over many hours.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanCurve {
    /// Commitments at which the slope changes, ascending, with the cost there.
    points: Vec<(f64, f64)>,
    /// What one more unit costs over all hours: the slope beyond the last point.
    due: f64,
}

impl PlanCurve {
    /// The curve of hours. `due` is what a commitment of one costs in all of them: their number unless payments are discounted;
    /// `besides` is paid whatever is committed to.
    pub fn new<'a>(hours: impl IntoIterator<Item = &'a Hour>, due: f64, besides: f64) -> Self {
        // (commitment, how much less a further unit saves in all hours).
        let mut breaks: Vec<(f64, f64)> = Vec::new();
        let (mut cost, mut saves) = (besides, 0.0);
        for hour in hours {
            cost += hour.count * hour.eligible.iter().map(|usage| usage.on_demand).sum::<f64>();
            let mut spent = 0.0;
            for usage in hour.eligible.iter().filter(|usage| usage.at_plan_rates > 0.0) {
                let saved = hour.count * usage.on_demand / usage.at_plan_rates;
                if spent > 0.0 {
                    breaks.push((spent, -saved));
                } else {
                    saves += saved;
                }
                spent += usage.at_plan_rates;
                breaks.push((spent, saved));
            }
        }
        breaks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut points = vec![(0.0, cost)];
        let mut at = 0.0;
        for (commitment, less) in breaks {
            if commitment > at {
                cost += (due - saves) * (commitment - at);
                at = commitment;
                points.push((at, cost));
            }
            saves -= less;
        }
        Self { points, due }
    }

    /// The cost of a commitment, and of what it leaves.
    pub fn cost(&self, commitment: f64) -> f64 {
        let next = self.points.partition_point(|(at, _)| *at <= commitment);
        let (at, cost) = self.points[next.saturating_sub(1)];
        match self.points.get(next) {
            Some((to, end)) => cost + (end - cost) * (commitment - at) / (to - at),
            None => cost + self.due * (commitment - at),
        }
    }

    /// Where the slope changes, with the cost there.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }
}

/// The best commitment and what is minimised there, over worlds with their probabilities.
///
/// With the mean alone it is a point where the slope changes, and of equal ones the least. With risk the best may lie between them, where
/// two worlds change their order; it is found to the last digits, since the objective is convex.
pub fn best(worlds: &[(PlanCurve, f64)], risk: Risk) -> (f64, f64) {
    let objective = |commitment: f64| {
        let costs: Vec<(f64, f64)> =
            worlds.iter().map(|(curve, probability)| (curve.cost(commitment), *probability)).collect();
        risk.of(&costs)
    };
    let places: Vec<f64> =
        worlds.iter().flat_map(|(curve, _)| curve.points().iter().map(|(commitment, _)| *commitment)).collect();
    let (mut best, around) = lowest_with_neighbours(places, &objective);
    if risk.weight > 0.0 {
        let [mut from, mut until] = around;
        for _ in 0..200 {
            let (a, b) = (from + (until - from) / 3.0, until - (until - from) / 3.0);
            if objective(b) < objective(a) { from = a } else { until = b }
        }
        let between = (from, objective(from));
        if between.1 < best.1 * (1.0 - 1e-12) {
            best = between;
        }
    }
    best
}

/// The place with the lowest value of a convex function, of equal ones the least; 0 if there are no places.
pub(super) fn lowest(places: Vec<f64>, objective: impl Fn(f64) -> f64) -> (f64, f64) {
    lowest_with_neighbours(places, &objective).0
}

/// The same with the places before and after it.
fn lowest_with_neighbours(mut places: Vec<f64>, objective: &impl Fn(f64) -> f64) -> ((f64, f64), [f64; 2]) {
    places.sort_by(f64::total_cmp);
    places.dedup();
    if places.is_empty() {
        return ((0.0, 0.0), [0.0; 2]);
    }
    // Convex: the first place from which it no longer falls.
    let (mut low, mut high) = (0, places.len() - 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if objective(places[middle + 1]) < objective(places[middle]) { low = middle + 1 } else { high = middle }
    }
    let around = [places[low.saturating_sub(1)], places[(low + 1).min(places.len() - 1)]];
    ((places[low], objective(places[low])), around)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::repeatable::repeatable;
    use proptest::prelude::*;

    fn hour(usage: &[(f64, f64)]) -> Hour {
        let eligible = usage.iter().map(|(plan, on_demand)| Eligible { at_plan_rates: *plan, on_demand: *on_demand });
        Hour { eligible: eligible.collect(), count: 1.0 }
    }

    #[test]
    fn one_discount_by_hand() {
        // On-demand costs 1.4 times as much: the largest commitment that 1/1.4 of the hours use up.
        let hours: Vec<Hour> = [3.0, 5.0, 1.0, 4.0].map(|spend| hour(&[(spend, 1.4 * spend)])).to_vec();
        let curve = PlanCurve::new(&hours, 4.0, 0.0);
        assert!((curve.cost(3.0) - (12.0 + 1.4 * 3.0)).abs() < 1e-12);
        assert!((curve.cost(7.0) - 28.0).abs() < 1e-12 && (curve.cost(0.0) - 1.4 * 13.0).abs() < 1e-12);
        let (commitment, cost) = best(&[(curve, 1.0)], Risk::NEUTRAL);
        assert!(commitment == 3.0 && (cost - 16.2).abs() < 1e-12, "{commitment}: {cost}");
        assert_eq!(best(&[(PlanCurve::new(&[], 0.0, 0.0), 1.0)], Risk::NEUTRAL), (0.0, 0.0));
    }

    proptest! {
        #![proptest_config(repeatable(256))]

        #[test]
        fn no_commitment_on_a_grid_is_better(
            spends in prop::collection::vec(prop::collection::vec((0.0f64..5.0, 0.0f64..5.0), 2), 1..8),
            weight in prop_oneof![Just(0.0), 0.1f64..1.0],
        ) {
            // Two discounts: 1/2 and 3/4; a world for each list.
            let worlds: Vec<(Vec<Hour>, f64)> = spends
                .iter()
                .map(|hours| hours.iter().map(|(a, b)| hour(&[(*a, 2.0 * a), (*b, 4.0 / 3.0 * b)])).collect())
                .map(|hours| (hours, 1.0 / spends.len() as f64))
                .collect();
            let risk = Risk { weight, level: 0.7 };
            let direct = |commitment: f64| {
                let of = |hours: &Vec<Hour>| -> f64 {
                    hours.iter().map(|hour| {
                        let mut left = commitment;
                        commitment + hour.eligible.iter().map(|usage| {
                            let spent = left.min(usage.at_plan_rates);
                            left -= spent;
                            if usage.at_plan_rates > 0.0 { usage.on_demand * (1.0 - spent / usage.at_plan_rates) } else { 0.0 }
                        }).sum::<f64>()
                    }).sum()
                };
                risk.of(&worlds.iter().map(|(hours, probability)| (of(hours), *probability)).collect::<Vec<_>>())
            };
            let curves: Vec<(PlanCurve, f64)> =
                worlds.iter().map(|(hours, probability)| (PlanCurve::new(hours, hours.len() as f64, 0.0), *probability)).collect();
            let (commitment, cost) = best(&curves, risk);
            prop_assert!((direct(commitment) - cost).abs() < 1e-9 * (1.0 + cost));
            for step in 0..=200 {
                let tried = f64::from(step) * 0.06;
                prop_assert!(direct(tried) >= cost - 1e-9 * (1.0 + cost), "{tried}: {} below {cost} at {commitment}", direct(tried));
            }
        }
    }
}
