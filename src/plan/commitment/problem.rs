//! A purchase problem: what can be bought, and what every purchase would cost.

use super::{Curve, Purchase, Risk};
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
