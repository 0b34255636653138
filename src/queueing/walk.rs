//! The law of a birth-death process after some time, by uniformisation.

use super::OutOfRange;
use super::poisson::Poisson;

/// Most multiplications: about a second.
const MOST_WORK: f64 = 5e8;
/// Jumps of one stretch of time.
const STRETCH: f64 = 400.0;
/// States at the end of a law whose probability is below this are left out.
const NEGLIGIBLE: f64 = 1e-20;

/// The rates at which a state is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rates {
    /// To the next state.
    pub(super) up: f64,
    /// To the state before; none from state 0.
    pub(super) down: f64,
    /// For ever.
    pub(super) out: f64,
}

/// A law after some time, and its mean over that time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Passage {
    pub(super) end: Vec<f64>,
    pub(super) mean: Vec<f64>,
}

/// Follows `law` for `time`. No state is left at a rate above `fastest`.
///
/// The process is one of steps at the instants of a Poisson process of rate `fastest` (A. Jensen, 1953), so its law is a mixture of those
/// after k steps with Poisson weights, and its mean over the time one with the weights P(more than k steps) / (mean steps).
pub(super) fn walk(
    law: Vec<f64>,
    time: f64,
    fastest: f64,
    rates: impl Fn(usize) -> Rates,
) -> Result<Passage, OutOfRange> {
    let jumps = fastest * time;
    if !(0.0..MOST_WORK).contains(&jumps) {
        return Err(OutOfRange::TooLarge);
    }
    if jumps == 0.0 {
        return Ok(Passage { mean: law.clone(), end: law });
    }
    let stretches = (jumps / STRETCH).ceil();
    let steps = Poisson::new(jumps / stretches)?;
    let work_of = |states: usize| (states + steps.last() + 1) as f64 * (steps.last() + 1) as f64;
    if stretches * work_of(1) > MOST_WORK {
        return Err(OutOfRange::TooLarge);
    }
    let mut passage = Passage { end: law, mean: Vec::new() };
    let mut work = 0.0;
    for _ in 0..stretches as u64 {
        let states = passage.end.len() + steps.last() + 1;
        work += work_of(passage.end.len());
        if work > MOST_WORK {
            return Err(OutOfRange::TooLarge);
        }
        let kernel = Kernel::new(states, fastest, &rates);
        stretch(&mut passage, states, &kernel, &steps, 1.0 / jumps);
    }
    Ok(passage)
}

/// The probabilities of one step.
struct Kernel {
    up: Vec<f64>,
    down: Vec<f64>,
    stay: Vec<f64>,
}

impl Kernel {
    fn new(states: usize, fastest: f64, rates: impl Fn(usize) -> Rates) -> Self {
        let mut kernel = Self { up: Vec::new(), down: Vec::new(), stay: Vec::new() };
        for state in 0..states {
            let rates = rates(state);
            let down = if state > 0 { rates.down } else { 0.0 };
            kernel.up.push(rates.up / fastest);
            kernel.down.push(down / fastest);
            kernel.stay.push((1.0 - (rates.up + down + rates.out) / fastest).max(0.0));
        }
        kernel
    }

    fn step(&self, law: &[f64], next: &mut [f64]) {
        let last = law.len() - 1;
        for state in 0..=last {
            let mut probability = law[state] * self.stay[state];
            if state > 0 {
                probability += law[state - 1] * self.up[state - 1];
            }
            if state < last {
                probability += law[state + 1] * self.down[state + 1];
            }
            next[state] = probability;
        }
    }
}

/// One stretch: within it no more states can be reached than there are.
fn stretch(passage: &mut Passage, states: usize, kernel: &Kernel, steps: &Poisson, weight: f64) {
    let mut law = std::mem::take(&mut passage.end);
    law.resize(states, 0.0);
    if passage.mean.len() < states {
        passage.mean.resize(states, 0.0);
    }
    let (mut end, mut next) = (vec![0.0; states], vec![0.0; states]);
    for step in 0..=steps.last() {
        let (now, later) = (steps.at(step), weight * (1.0 - steps.at_most(step)));
        for (state, probability) in law.iter().enumerate() {
            end[state] += now * probability;
            passage.mean[state] += later * probability;
        }
        kernel.step(&law, &mut next);
        std::mem::swap(&mut law, &mut next);
    }
    let counting = end.iter().rposition(|probability| *probability > NEGLIGIBLE).map_or(1, |last| last + 1);
    end.truncate(counting);
    passage.end = end;
}
