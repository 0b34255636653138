//! The linear programme of purchases that hold from one date to another.
//!
//! min Σ fee·x + E\[uncovered(covered)\], covered = Σ of the purchases that hold. With the uncovered cost straight between whole
//! numbers it is a linear programme, and since the blocks in which a purchase holds follow each other, the ones of each column are
//! consecutive: the matrix is totally unimodular and a basic solution is whole. That is proved where all offers of a group cover the same
//! and the mean is minimised. Sizes that differ, worst cases, and a second stage of purchases that differ by world may leave
//! fractions; they are rounded and improved step by step, the programme is split at what is left of them (branch and bound), as far as
//! the work is worth it, and the least cost of a part that is not settled stays as a bound that no purchase can beat.

use super::split::{Limits, Part};
use super::{Choice, Curve, Problem};
use crate::plan::linear::{LinearError, Programme, Variable};
use std::ops::Range;

/// A commitment that can be bought any number of times.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// Usage that it covers.
    pub group: usize,
    /// How many levels of it each covers: 1 unless offers of different sizes stand for each other.
    pub covers: u32,
    /// Blocks in which it holds.
    pub blocks: Range<usize>,
    /// What each costs within the time that is planned, in the currency.
    pub fee: f64,
    /// The branch of worlds in which it is made: a purchase of the second stage, decided when the branch is known. `None` for one that is
    /// decided before, and made in all.
    pub branch: Option<usize>,
    /// How many can be bought, if that is limited.
    pub most: Option<u32>,
}

impl Purchase {
    /// One that is decided before anything is known, any number of times.
    pub fn new(group: usize, covers: u32, blocks: Range<usize>, fee: f64) -> Self {
        Self { group, covers, blocks, fee, branch: None, most: None }
    }

    /// Whether it is made in a branch.
    pub(super) fn made_in(&self, branch: usize) -> bool {
        self.branch.is_none_or(|own| own == branch)
    }
}

/// Improvements that are smaller, relative to the cost, are none.
const NOTHING: f64 = 1e-12;
/// Steps of the improvement: each makes the purchase cheaper, so it ends anyway.
const MOST_STEPS: usize = 10_000;

/// The cheapest purchase.
///
/// # Errors
/// If a fee or a curve is no number, or the solver fails.
pub fn solve(problem: &Problem) -> Result<Choice, LinearError> {
    let worth = problem.worth_solving();
    let limits: Limits = worth.iter().map(|index| (0, problem.most(&problem.purchases[*index]))).collect();
    let relaxed = problem.relaxed(&worth, limits)?;
    let mut counts = problem.rounded(&worth, &relaxed);
    let mut bound = relaxed.bound;
    if !relaxed.is_whole() || problem.objective(&counts) > bound + 1e-9 * (1.0 + bound.abs()) {
        problem.improve(&mut counts, &worth);
        bound = problem.split(&worth, relaxed, &mut counts);
    }
    let objective = problem.objective(&counts);
    Ok(Choice { counts, objective, bound: bound.min(objective) })
}

impl Problem {
    /// Purchases that can be made and are not the same as a cheaper one; of equal ones the first.
    pub(super) fn worth_solving(&self) -> Vec<usize> {
        let key = |one: &Purchase| (one.group, one.covers, one.blocks.clone(), one.branch);
        let same = |a: &Purchase, b: &Purchase| key(a) == key(b);
        let beaten = |index: usize, one: &Purchase| {
            self.purchases.iter().enumerate().any(|(other, purchase)| {
                same(purchase, one) && (purchase.fee < one.fee || purchase.fee == one.fee && other < index)
            })
        };
        let worth =
            |(index, one): &(usize, &Purchase)| !one.blocks.is_empty() && one.most != Some(0) && !beaten(*index, one);
        self.purchases.iter().enumerate().filter(worth).map(|(index, _)| index).collect()
    }

    /// The programme's solution where each purchase is made within limits, whole or not.
    pub(super) fn relaxed(&self, worth: &[usize], limits: Limits) -> Result<Part, LinearError> {
        let (values, bound) = match self.risk.weight == 0.0 {
            true => self.mean(worth, &limits)?,
            false => self.mean_and_tail(worth, &limits)?,
        };
        Ok(Part { limits, values, bound })
    }

    /// One variable for the count of each purchase, whose fee counts with a weight.
    fn counts_of(
        &self,
        programme: &mut Programme,
        worth: &[usize],
        limits: &[(u32, u32)],
        weight: f64,
    ) -> Vec<Variable> {
        let one = |(index, (least, most)): (&usize, &(u32, u32))| {
            let purchase = &self.purchases[*index];
            let cost = weight * self.probability_of(purchase) * purchase.fee;
            let count = programme.variable(cost, f64::from(*most));
            if *least > 0 {
                programme.at_least(vec![(count, 1.0)], f64::from(*least));
            }
            count
        };
        worth.iter().zip(limits).map(one).collect()
    }

    /// Demands of a block (with its group) that no more levels save than are covered, in a branch.
    fn row(
        &self,
        worth: &[usize],
        counts: &[Variable],
        (group, block): (usize, usize),
        branch: Option<usize>,
        saving: &[Variable],
    ) -> Vec<(Variable, f64)> {
        let made = |purchase: &Purchase| branch.is_none_or(|branch| purchase.made_in(branch));
        let holds = |purchase: &Purchase| purchase.group == group && purchase.blocks.contains(&block) && made(purchase);
        let held = worth.iter().zip(counts).filter(|(index, _)| holds(&self.purchases[**index]));
        let covers = held.map(|(index, count)| (*count, f64::from(self.purchases[*index].covers)));
        covers.chain(saving.iter().map(|saving| (*saving, -1.0))).collect()
    }

    /// The mean: all worlds, or all of a branch, in one curve for each group and block.
    fn mean(&self, worth: &[usize], limits: &[(u32, u32)]) -> Result<(Vec<f64>, f64), LinearError> {
        let mut programme = Programme::default();
        let counts = self.counts_of(&mut programme, worth, limits, 1.0);
        let mut uncovered = 0.0;
        let second_stage = self.purchases.iter().any(|purchase| purchase.branch.is_some());
        let branches = if second_stage { (0..self.branches()).map(Some).collect() } else { vec![None] };
        for branch in branches {
            for (group, curves) in self.expected(branch).iter().enumerate() {
                for (block, curve) in curves.iter().enumerate() {
                    let saving = savings(&mut programme, curve, 1.0);
                    programme.at_least(self.row(worth, &counts, (group, block), branch, &saving), 0.0);
                    uncovered += curve.uncovered(0);
                }
            }
        }
        let solution = programme.minimise()?;
        Ok((counts.iter().map(|count| solution.value(*count)).collect(), uncovered + solution.cost))
    }

    /// The mean and the worst cases: min over t of t + E\[(cost - t)⁺\] / (1 - level) is the mean of the worst cases
    /// (Rockafellar and Uryasev 2000).
    fn mean_and_tail(&self, worth: &[usize], limits: &[(u32, u32)]) -> Result<(Vec<f64>, f64), LinearError> {
        let mut programme = Programme::default();
        let risk = self.risk;
        let share = (1.0 - risk.level).max(1e-9);
        let counts = self.counts_of(&mut programme, worth, limits, 1.0 - risk.weight);
        let fees = |branch: usize| {
            let made = counts.iter().zip(worth).filter(move |(_, index)| self.purchases[**index].made_in(branch));
            made.map(|(count, index)| (*count, -self.purchases[*index].fee)).collect::<Vec<_>>()
        };
        let threshold = programme.variable(risk.weight, f64::INFINITY);
        let mut uncovered = 0.0;
        for world in &self.worlds {
            let beyond = programme.variable(risk.weight * world.probability / share, f64::INFINITY);
            let mut row = fees(world.branch);
            row.extend([(threshold, 1.0), (beyond, 1.0)]);
            let mut left = 0.0;
            for (group, curves) in world.curves.iter().enumerate() {
                for (block, curve) in curves.iter().enumerate() {
                    let saving = savings(&mut programme, curve, (1.0 - risk.weight) * world.probability);
                    row.extend(saving.iter().zip(curve.concave()).map(|(saving, (value, _))| (*saving, value)));
                    let branch = Some(world.branch);
                    programme.at_least(self.row(worth, &counts, (group, block), branch, &saving), 0.0);
                    left += curve.uncovered(0);
                }
            }
            // threshold + beyond >= cost of this world.
            programme.at_least(row, left);
            uncovered += (1.0 - risk.weight) * world.probability * left;
        }
        let solution = programme.minimise()?;
        Ok((counts.iter().map(|count| solution.value(*count)).collect(), uncovered + solution.cost))
    }

    /// Takes the best single step (one more, one less, one instead of another) as long as there is one.
    pub(super) fn improve(&self, counts: &mut Vec<u32>, worth: &[usize]) {
        let mut best = self.objective(counts);
        let most: Vec<u32> = self.purchases.iter().map(|purchase| purchase.most.unwrap_or(u32::MAX)).collect();
        for _ in 0..MOST_STEPS {
            let mut step: Option<(f64, Vec<u32>)> = None;
            for more in worth.iter().map(|index| Some(*index)).chain([None]) {
                for less in worth.iter().map(|index| Some(*index)).chain([None]) {
                    let Some(tried) = changed(counts, more, less).filter(|tried| within(tried, &most)) else {
                        continue;
                    };
                    let objective = self.objective(&tried);
                    let wanted = step.as_ref().map_or(best - NOTHING * best.abs(), |(found, _)| *found);
                    if objective < wanted {
                        step = Some((objective, tried));
                    }
                }
            }
            let Some((objective, tried)) = step else { return };
            (best, *counts) = (objective, tried);
        }
    }
}

/// One variable for each run of equal savings, which it saves up to its length.
fn savings(programme: &mut Programme, curve: &Curve, weight: f64) -> Vec<Variable> {
    let runs = curve.concave().into_iter();
    runs.map(|(saving, length)| programme.variable(-saving * weight, length)).collect()
}

fn within(counts: &[u32], most: &[u32]) -> bool {
    counts.iter().zip(most).all(|(count, most)| count <= most)
}

fn changed(counts: &[u32], more: Option<usize>, less: Option<usize>) -> Option<Vec<u32>> {
    if more == less {
        return None;
    }
    let mut tried = counts.to_vec();
    if let Some(index) = less {
        tried[index] = tried[index].checked_sub(1)?;
    }
    if let Some(index) = more {
        tried[index] = tried[index].checked_add(1)?;
    }
    Some(tried)
}
