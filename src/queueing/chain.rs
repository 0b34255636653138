//! The stationary law of a Markov chain whose jumps are short.

use super::OutOfRange;

/// Most rates that are kept.
const MOST_RATES: usize = 12_000_000;
/// Most additions of an elimination: about a second.
const MOST_WORK: f64 = 1e9;

/// A chain on 0, 1, …, in continuous time or in steps, with jumps of limited length.
///
/// State reduction takes the states away from the last to the first (W. K. Grassmann, M. I. Taksar and D. P. Heyman, Operations
/// Research 33, 1985): it only adds, multiplies and divides positive numbers, so nothing cancels, and jumps stay as short as they were.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    states: usize,
    down: usize,
    up: usize,
    rates: Vec<f64>,
}

impl Chain {
    /// A chain of `states` states without jumps, which will go at most `down` states down and `up` states up.
    pub(super) fn new(states: usize, down: usize, up: usize) -> Result<Self, OutOfRange> {
        let rates = states.checked_mul(down + up + 1).filter(|rates| *rates <= MOST_RATES && states > 0);
        let rates = rates.ok_or(OutOfRange::TooLarge)?;
        if states as f64 * down as f64 * up as f64 > MOST_WORK {
            return Err(OutOfRange::TooLarge);
        }
        Ok(Self { states, down, up, rates: vec![0.0; rates] })
    }

    fn width(&self) -> usize {
        self.down + self.up + 1
    }

    /// Adds jumps at a rate, or with a probability in chains that go in steps; those beyond the last state do not happen.
    pub(super) fn add(&mut self, from: usize, to: usize, rate: f64) {
        if to < self.states {
            let place = from * self.width() + to + self.down - from;
            self.rates[place] += rate;
        }
    }

    /// The share of time in each state. Every state must be reached from every other.
    pub(super) fn stationary(mut self) -> Vec<f64> {
        let (width, down, up) = (self.width(), self.down, self.up);
        for state in (1..self.states).rev() {
            let (lower, row) = self.rates.split_at_mut(state * width);
            let depth = down.min(state);
            // Jumps down from the state, the farthest first.
            let leaving = &row[down - depth..down];
            let total: f64 = leaving.iter().sum();
            for from in state.saturating_sub(up)..state {
                let row = &mut lower[from * width..(from + 1) * width];
                let here = state + down - from;
                let share = row[here] / total;
                row[here] = share;
                for (rate, onward) in row[here - depth..here].iter_mut().zip(leaving) {
                    *rate += share * onward;
                }
            }
        }
        // States before `counting` have vanished beside the others.
        let (mut law, mut counting) = (vec![1.0], 0);
        for state in 1..self.states {
            let from = state.saturating_sub(up)..state;
            let weight: f64 = from.map(|from| law[from] * self.rates[from * width + state + down - from]).sum();
            law.push(weight);
            if weight > 1e200 {
                law[counting..].iter_mut().for_each(|weight| *weight *= 1e-200);
                counting += law[counting..].iter().take_while(|weight| **weight == 0.0).count();
            }
        }
        let total: f64 = law.iter().sum();
        law.iter_mut().for_each(|weight| *weight /= total);
        law
    }
}

/// The stationary law of a birth-death process on 0 to `last`.
pub(super) fn birth_death(last: usize, birth: f64, death: impl Fn(usize) -> f64) -> Result<Vec<f64>, OutOfRange> {
    let mut chain = Chain::new(last + 1, 1, 1)?;
    for state in 1..=last {
        chain.add(state - 1, state, birth);
        chain.add(state, state - 1, death(state));
    }
    Ok(chain.stationary())
}

/// The sum of law(n) · (n - c) over n > c: the mean number that wait.
pub(super) fn mean_excess(law: &[f64], servers: usize) -> f64 {
    law.iter().enumerate().skip(servers).map(|(n, share)| share * (n - servers) as f64).sum()
}
