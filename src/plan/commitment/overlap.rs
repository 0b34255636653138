//! Reservations that cover usage in common: of a type in a zone, of a type, of a family.
//!
//! For those of one rank (none lies within another) the rest being given, the programme of [`solve`](super::solve) is whole and exact, so the ranks are
//! solved in turn: the narrower ones cover first, and the others see what is left. That starts from each rank alone and from the rounded
//! optimum of the relaxed problem, ends when no rank can be improved, and single changes are tried last. The relaxed problem is the bound.

use super::advice::{Bought, curve, moved};
use super::layout::Hours;
use super::{Choice, Curve, Problem, Purchase, Search, World};
use crate::plan::linear::LinearError;

/// Costs that are lower by less than this, relative to them, are no better.
const NOTHING: f64 = 1e-10;
/// After so many purchases the search of single changes ends.
const MOST_TRIES: usize = 300;

impl Search {
    /// The best reservations found, with the bound of the relaxed problem.
    pub(super) fn overlapping(&self) -> Result<Choice, LinearError> {
        let ranks = self.layout.ranks();
        let most = ranks.iter().copied().max().unwrap_or(0);
        let nothing = vec![0; self.problem.purchases.len()];
        let mut best = self.in_turn(nothing.clone(), &ranks)?;
        for rank in 0..=most {
            let alone = self.with_rank(&nothing, &ranks, rank)?;
            self.keep_cheaper(&mut best, self.in_turn(alone, &ranks)?);
        }
        let relaxed = self.relaxed(&best.1, false);
        if let Some(relaxed) = &relaxed {
            self.keep_cheaper(&mut best, self.in_turn(relaxed.rounded(), &ranks)?);
        }
        let near =
            |index: usize| best.1[index] > 0 || relaxed.as_ref().is_some_and(|relaxed| relaxed.counts[index] > 1e-6);
        let worth: Vec<usize> = self.problem.worth_solving().into_iter().filter(|index| near(*index)).collect();
        self.single_changes(&mut best, &worth);
        let (objective, counts) = best;
        let bound = relaxed.map_or(f64::NEG_INFINITY, |relaxed| relaxed.bound.min(objective));
        Ok(Choice { counts, objective, bound })
    }

    fn keep_cheaper(&self, best: &mut (f64, Vec<u32>), found: (f64, Vec<u32>)) {
        if found.0 < best.0 - NOTHING * best.0.abs() {
            *best = found;
        }
    }

    fn objective(&self, counts: &[u32]) -> f64 {
        let bought = Bought { counts: counts.to_vec(), plans: Vec::new(), objective: 0.0, bound: None };
        self.objective_of(&bought)
    }

    /// Solves rank after rank as long as it helps.
    fn in_turn(&self, start: Vec<u32>, ranks: &[usize]) -> Result<(f64, Vec<u32>), LinearError> {
        let mut best = (self.objective(&start), start);
        let most = ranks.iter().copied().max().unwrap_or(0);
        loop {
            let before = best.0;
            for rank in (0..=most).rev() {
                let counts = self.with_rank(&best.1, ranks, rank)?;
                self.keep_cheaper(&mut best, (self.objective(&counts), counts));
            }
            if best.0 >= before {
                return Ok(best);
            }
        }
    }

    /// The same with the best counts of one rank.
    fn with_rank(&self, counts: &[u32], ranks: &[usize], rank: usize) -> Result<Vec<u32>, LinearError> {
        let free = |purchase: &Purchase| ranks[purchase.group] == rank;
        let solved = self.given(counts, |group| ranks[group] == rank).cheapest()?.counts;
        let all = self.problem.purchases.iter().zip(counts).zip(solved);
        Ok(all.map(|((purchase, given), solved)| if free(purchase) { solved } else { *given }).collect())
    }

    /// The problem of some groups, none of which lies within another, on what the others leave.
    fn given(&self, counts: &[u32], free: impl Fn(usize) -> bool) -> Problem {
        let groups = self.layout.groups.len();
        let in_free =
            |kind: &usize| (0..groups).any(|group| free(group) && self.layout.groups[group].kinds.contains(kind));
        let others: Vec<usize> = (0..self.layout.kinds.len()).filter(|kind| !in_free(kind)).collect();
        let curves = self.by_course(counts, |(course, _, covered)| {
            let mut curves = vec![Vec::new(); groups + 1];
            for (block, hours) in course.hours.iter().enumerate() {
                let left: Vec<(&Hours, Vec<f64>)> = hours
                    .iter()
                    .map(|hour| {
                        let mut levels = hour.levels.clone();
                        let held = |group: usize| if free(group) { 0.0 } else { covered[group][block] as f64 };
                        self.layout.cover(&mut levels, held);
                        (hour, levels)
                    })
                    .collect();
                let of =
                    |kinds: &[usize]| curve(&self.layout, kinds, left.iter().map(|(hour, left)| (*hour, &left[..])));
                for (group, curves) in curves.iter_mut().enumerate().take(groups) {
                    curves.push(if free(group) { of(&self.layout.groups[group].kinds) } else { Curve::default() });
                }
                curves[groups].push(of(&others));
            }
            curves
        });
        let worlds = self.problem.worlds.iter().zip(curves).map(|(world, curves)| World { curves, ..world.clone() });
        let limited = |purchase: &Purchase| match free(purchase.group) {
            true => purchase.clone(),
            false => Purchase { most: Some(0), ..purchase.clone() },
        };
        let purchases = self.problem.purchases.iter().map(limited).collect();
        Problem { purchases, worlds: worlds.collect(), risk: self.risk }
    }

    /// One more, one less, or one instead of another, as long as it helps.
    fn single_changes(&self, best: &mut (f64, Vec<u32>), worth: &[usize]) {
        let limit = |index: usize| self.problem.purchases[index].most.unwrap_or(u32::MAX);
        let mut tries = 0;
        loop {
            let before = best.0;
            for index in worth {
                let [more, less] = moved(&best.1, *index, 1);
                let more = more.filter(|counts| counts[*index] <= limit(*index));
                let swaps = worth.iter().filter(|other| *other != index).filter_map(|other| {
                    moved(less.as_deref()?, *other, 1)[0].clone().filter(|counts| counts[*other] <= limit(*other))
                });
                let tried: Vec<Vec<u32>> = swaps.chain(more).chain(less.clone()).collect();
                for counts in tried {
                    tries += 1;
                    self.keep_cheaper(best, (self.objective(&counts), counts));
                }
                if tries > MOST_TRIES {
                    return;
                }
            }
            if best.0 >= before {
                return;
            }
        }
    }
}
