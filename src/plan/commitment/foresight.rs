//! What reservations cost whoever does not know the usage and follows a rule.

use super::online::Prices;
use super::{Curve, Search};
use schemars::JsonSchema;
use serde::Serialize;

/// Expected cost of rules that see the past only, in the currency over the time that is planned. A reservation that is bought late costs as
/// much as one that is bought at the start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct WithoutForesight {
    /// With the best reservations for each course.
    pub with_hindsight: f64,
    /// Each level of usage reserved once it has cost as much on-demand as a reservation.
    pub at_break_even: f64,
    /// What that costs at worst, in multiples of the least.
    pub ratio_at_break_even: f64,
    /// Each level reserved at a random threshold: the mean over thresholds.
    pub at_random: f64,
    /// What that costs at worst, in multiples of the least.
    pub ratio_at_random: f64,
}

impl Search {
    /// The rules with the cheapest offer of each group that holds for all of the time planned.
    ///
    /// `None` also where offers cover usage in common: a level then has more than one price.
    ///
    /// Everything is in the fee, so a level costs what it has spent and no rule needs its hours. `None` if no group has such an offer
    /// of one level.
    pub fn without_foresight(&self) -> Option<WithoutForesight> {
        if !self.layout.is_separate() {
            return None;
        }
        let problem = self.problem();
        let fees: Vec<Option<f64>> = problem
            .shape()
            .into_iter()
            .enumerate()
            .map(|(group, blocks)| {
                let whole = problem.purchases.iter().filter(|one| one.group == group && one.blocks == (0..blocks));
                whole.filter(|one| one.covers == 1 && one.fee > 0.0).map(|one| one.fee).min_by(f64::total_cmp)
            })
            .collect();
        fees.iter().flatten().next()?;
        let prices = Prices { hour: 1.0, alpha: 0.0 };
        let mut rules = WithoutForesight {
            with_hindsight: 0.0,
            at_break_even: 0.0,
            ratio_at_break_even: prices.ratio_at_break_even(),
            at_random: 0.0,
            ratio_at_random: prices.ratio_at_random(),
        };
        for world in &problem.worlds {
            for (curves, fee) in world.curves.iter().zip(&fees) {
                for spent in Curve::weighted(curves.iter().map(|curve| (curve, 1.0))).savings() {
                    let Some(fee) = fee else {
                        rules.add(world.probability, [*spent; 3]);
                        continue;
                    };
                    let spend = spent / fee;
                    let at_break_even = prices.season(spend, Some(prices.break_even()));
                    let costs = [prices.season_at_least(spend), at_break_even, prices.season_at_random(spend)];
                    rules.add(world.probability, costs.map(|cost| fee * cost));
                }
            }
        }
        Some(rules)
    }
}

impl WithoutForesight {
    fn add(&mut self, probability: f64, [least, at_break_even, at_random]: [f64; 3]) {
        self.with_hindsight += probability * least;
        self.at_break_even += probability * at_break_even;
        self.at_random += probability * at_random;
    }
}
