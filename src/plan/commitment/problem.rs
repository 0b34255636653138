//! A purchase problem: what can be bought, and what every purchase would cost.

use super::{Curve, Purchase, Risk, solve};
use crate::plan::linear::LinearError;
use std::ops::Range;

/// One course that things may take.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// Its probability.
    pub probability: f64,
    /// Which purchases of a second stage are made in it.
    pub branch: usize,
    /// Uncovered cost by group (usage that the same commitments cover) and block (time in which the same purchases hold).
    pub curves: Vec<Vec<Curve>>,
}

/// What can be bought, and the worlds of which one will come. All worlds have the same groups and blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What can be bought.
    pub purchases: Vec<Purchase>,
    /// What may come; probabilities add up to 1.
    pub worlds: Vec<World>,
    /// How much the worst cases count.
    pub risk: Risk,
}

/// A purchase and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// How many of each purchase.
    pub counts: Vec<u32>,
    /// What is minimised: the expected cost, or with risk the mean of it and of the worst cases.
    pub objective: f64,
    /// No purchase costs less than this.
    pub bound: f64,
}

impl Problem {
    /// The cost in each world with its probability: what is paid for commitments and for what they leave uncovered.
    pub fn costs(&self, counts: &[u32]) -> Vec<(f64, f64)> {
        let of_branch = |branch| (self.fees(counts, branch), self.covered(counts, branch));
        let branches: Vec<(f64, Vec<Vec<u64>>)> = (0..self.branches()).map(of_branch).collect();
        let of = |world: &World| {
            let (fees, covered) = &branches[world.branch];
            let curves = world.curves.iter().zip(covered).flat_map(|(curves, covered)| curves.iter().zip(covered));
            fees + curves.map(|(curve, covered)| curve.uncovered(*covered)).sum::<f64>()
        };
        self.worlds.iter().map(|world| (of(world), world.probability)).collect()
    }

    /// What is minimised.
    pub fn objective(&self, counts: &[u32]) -> f64 {
        self.risk.of(&self.costs(counts))
    }

    /// What a purchase of these counts is paid in a branch.
    pub fn fees(&self, counts: &[u32], branch: usize) -> f64 {
        let made = self.purchases.iter().zip(counts).filter(|(purchase, _)| purchase.made_in(branch));
        made.map(|(purchase, count)| purchase.fee * f64::from(*count)).sum()
    }

    /// How much is covered by group and block in a branch.
    pub fn covered(&self, counts: &[u32], branch: usize) -> Vec<Vec<u64>> {
        let mut covered: Vec<Vec<u64>> = self.shape().iter().map(|blocks| vec![0; *blocks]).collect();
        for (purchase, count) in self.purchases.iter().zip(counts).filter(|(purchase, _)| purchase.made_in(branch)) {
            let units = u64::from(*count) * u64::from(purchase.covers);
            covered[purchase.group][purchase.blocks.clone()].iter_mut().for_each(|sum| *sum += units);
        }
        covered
    }

    /// The number of blocks of each group.
    pub(super) fn shape(&self) -> Vec<usize> {
        self.worlds.first().map_or(Vec::new(), |world| world.curves.iter().map(Vec::len).collect())
    }

    /// The cheapest purchase. The mean is the sum of what groups cost, and no purchase covers two of them: each group then has a programme of its
    /// own, which together take a fraction of the time of one. Worst cases are those of the sum.
    ///
    /// # Errors
    /// Those of [`solve`].
    pub(super) fn cheapest(&self) -> Result<Choice, LinearError> {
        if self.risk.weight > 0.0 {
            return solve(self);
        }
        let mut counts = vec![0; self.purchases.len()];
        let mut bound = 0.0;
        for group in 0..self.shape().len() {
            let (problem, places) = self.of_group(group);
            if problem.worth_solving().is_empty() {
                bound += problem.objective(&vec![0; places.len()]);
                continue;
            }
            let choice = solve(&problem)?;
            places.iter().zip(choice.counts).for_each(|(place, count)| counts[*place] = count);
            bound += choice.bound;
        }
        let objective = self.objective(&counts);
        Ok(Choice { counts, objective, bound: f64::min(bound, objective) })
    }

    /// The problem of one group alone, and the places of its purchases in this one.
    fn of_group(&self, group: usize) -> (Problem, Vec<usize>) {
        let own = self.purchases.iter().enumerate().filter(|(_, purchase)| purchase.group == group);
        let (places, purchases) = own.map(|(place, one)| (place, Purchase { group: 0, ..one.clone() })).unzip();
        let world = |world: &World| World { curves: vec![world.curves[group].clone()], ..*world };
        (Problem { purchases, worlds: self.worlds.iter().map(world).collect(), risk: self.risk }, places)
    }

    /// The number of branches.
    pub(super) fn branches(&self) -> usize {
        self.worlds.iter().map(|world| world.branch + 1).max().unwrap_or(0)
    }

    /// The probability that a purchase is made.
    pub(super) fn probability_of(&self, purchase: &Purchase) -> f64 {
        match purchase.branch {
            None => 1.0,
            Some(_) => {
                let worlds = self.worlds.iter().filter(|world| purchase.made_in(world.branch));
                worlds.map(|world| world.probability).sum()
            }
        }
    }

    /// The expected curve of each group and block, of all worlds or those of a branch.
    pub(super) fn expected(&self, branch: Option<usize>) -> Vec<Vec<Curve>> {
        let of = |group: usize, block: usize| {
            let worlds = self.worlds.iter().filter(|world| branch.is_none_or(|branch| branch == world.branch));
            Curve::weighted(worlds.map(|world| (&world.curves[group][block], world.probability)))
        };
        let shape = self.shape();
        shape.iter().enumerate().map(|(group, blocks)| (0..*blocks).map(|block| of(group, block)).collect()).collect()
    }

    /// The largest number of a purchase that could still save something.
    pub(super) fn most(&self, purchase: &Purchase) -> u32 {
        let curves = self.worlds.iter().flat_map(|world| &world.curves[purchase.group][purchase.blocks.clone()]);
        let levels = curves.map(Curve::most).max().unwrap_or(0);
        let useful = u32::try_from(levels.div_ceil(u64::from(purchase.covers.max(1)))).unwrap_or(u32::MAX);
        useful.min(purchase.most.unwrap_or(u32::MAX))
    }
}

/// Cuts time into blocks at these places.
pub fn blocks(mut cuts: Vec<usize>, until: usize) -> Vec<Range<usize>> {
    cuts.extend([0, until]);
    cuts.retain(|cut| *cut <= until);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Segment;
    use super::*;
    use crate::rng::repeatable::repeatable;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(repeatable(128))]

        /// Two worlds, three groups, two blocks; of each group an offer for both blocks and one for the second.
        #[test]
        fn group_by_group_is_as_cheap_as_all_at_once(
            usage in prop::collection::vec(prop::collection::vec(0.0f64..5.0, 6), 2),
            fees in prop::collection::vec(0.1f64..2.0, 6),
        ) {
            let curve = |instances: f64| Curve::new([[Segment { instances, price: 1.0 }].as_slice()]);
            let world = |(branch, usage): (usize, Vec<f64>)| World {
                probability: 0.5,
                branch,
                curves: usage.chunks(2).map(|blocks| blocks.iter().copied().map(curve).collect()).collect(),
            };
            let offers = |group: usize| {
                [Purchase::new(group, 1, 0..2, fees[2 * group]), Purchase::new(group, 1, 1..2, fees[2 * group + 1])]
            };
            let purchases = (0..3).rev().flat_map(offers).collect();
            let worlds = usage.into_iter().enumerate().map(world).collect();
            let problem = Problem { purchases, worlds, risk: Risk::NEUTRAL };
            let (together, apart) = (solve(&problem).unwrap(), problem.cheapest().unwrap());
            let near = |a: f64, b: f64| (a - b).abs() < 1e-7 * (1.0 + b.abs());
            prop_assert!(near(apart.objective, together.objective), "{apart:?} against {together:?}");
            prop_assert!(near(apart.bound, together.bound) && near(apart.objective, problem.objective(&apart.counts)));
        }
    }
}
