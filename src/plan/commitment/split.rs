//! Branch and bound: purchases whose programme leaves fractions, made whole.
//!
//! A count that is 2.4 in the cheapest solution is at most 2 or at least 3 in every purchase, so the programme is split in two, and of
//! all parts the one of the least cost again. What is cheapest when no part costs less is the best purchase.

use super::Problem;

/// The least and the most of each purchase.
pub(super) type Limits = Vec<(u32, u32)>;

/// Part of the programme: its solution within limits, whose counts need not be whole.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Within which it was sought.
    pub limits: Limits,
    /// How many of each purchase.
    pub values: Vec<f64>,
    /// Its cost: no whole purchase within the limits costs less.
    pub bound: f64,
}

/// How far from a whole number a count may be to be taken as one.
const WHOLE: f64 = 1e-6;
/// A part that could be cheaper by less than this, relative to the cost, is settled.
const CLOSE: f64 = 1e-6;
/// Programmes that are solved at most.
const MOST_PROGRAMMES: usize = 300;
/// Coefficients of the programmes that are solved at most: the splitting takes about as long as the first programme of a year.
const MOST_COEFFICIENTS: usize = 300_000;

impl Part {
    /// Whether all counts are whole.
    pub(super) fn is_whole(&self) -> bool {
        self.values.iter().all(|value| fraction(*value) <= WHOLE)
    }

    /// The two parts at the count that is farthest from a whole number; none if all are whole.
    fn parts(&self) -> Option<[Limits; 2]> {
        let counts = self.values.iter().enumerate().filter(|(_, value)| fraction(**value) > WHOLE);
        let (place, value) = counts.max_by(|a, b| fraction(*a.1).total_cmp(&fraction(*b.1)))?;
        let [mut fewer, mut more] = [self.limits.clone(), self.limits.clone()];
        fewer[place].1 = value.floor() as u32;
        more[place].0 = value.ceil() as u32;
        Some([fewer, more])
    }
}

impl Problem {
    /// The counts of a solution, each at the nearest whole number.
    pub(super) fn rounded(&self, worth: &[usize], relaxed: &Part) -> Vec<u32> {
        let mut counts = vec![0; self.purchases.len()];
        worth.iter().zip(&relaxed.values).for_each(|(index, value)| counts[*index] = value.round() as u32);
        counts
    }

    /// Makes the counts cheaper where a part of the first programme allows it; returns what no purchase costs less than.
    pub(super) fn split(&self, worth: &[usize], first: Part, counts: &mut Vec<u32>) -> f64 {
        let mut best = self.objective(counts);
        let mut open = vec![first];
        let mut left = self.programmes(worth);
        loop {
            let Some(place) = (0..open.len()).min_by(|a, b| open[*a].bound.total_cmp(&open[*b].bound)) else {
                return best;
            };
            let bound = open[place].bound;
            if left < 2 || bound >= best - CLOSE * best.abs() {
                return bound;
            }
            // All counts are whole and yet it costs more than the programme says: nothing can be split.
            let Some(parts) = open[place].parts() else { return bound };
            let Ok(parts) = parts.into_iter().map(|limits| self.relaxed(worth, limits)).collect::<Result<Vec<_>, _>>()
            else {
                return bound;
            };
            open.swap_remove(place);
            left -= 2;
            for part in parts {
                let rounded = self.rounded(worth, &part);
                let objective = self.objective(&rounded);
                if objective < best {
                    (best, *counts) = (objective, rounded);
                }
                // A part lies within the one that was split, whatever the solver's last digits say.
                open.push(Part { bound: part.bound.max(bound), ..part });
            }
        }
    }

    /// How many programmes are worth their work.
    fn programmes(&self, worth: &[usize]) -> usize {
        let blocks = |index: &usize| self.purchases[*index].blocks.len() + 1;
        let coefficients = worth.iter().map(blocks).sum::<usize>() * self.worlds.len();
        (MOST_COEFFICIENTS / coefficients.max(1)).min(MOST_PROGRAMMES)
    }
}

fn fraction(value: f64) -> f64 {
    (value - value.round()).abs()
}
