//! The least that a job could have paid by somebody who knows every price and every interruption beforehand.
//!
//! By dynamic programming over steps, backwards. The least cost to complete what is left depends on the step, the work that is left
//! and the instance that is held (none, on-demand, or one of a market). Holding an instance for a step does a step of work; taking one
//! first costs the steps of the restart, in all of which a market must give it. Nothing is lost to interruptions, since whoever knows
//! them leaves in time and saves. So it is a lower limit for every policy of [`super::simulate()`], exact for a job that has the
//! markets to itself; with several jobs in a market of little capacity it stays a lower limit.

use super::{Job, Situation};
use crate::units::Money;

/// Most cells that are computed for a job: steps × steps of work × kinds of instances.
const MOST_CELLS: u64 = 200_000_000;

/// Most cells that are kept at once: those of the steps of a restart.
const MOST_KEPT: u64 = 10_000_000;

/// More than any cost; sums of two stay within an `i64`.
const NEVER: i64 = i64::MAX / 4;

/// How many cells the optimum of a job takes: a second for 200 million, about.
pub fn cells(situation: &Situation, job: &Job) -> u64 {
    steps(situation, job).saturating_mul(layer(situation, job))
}

/// Whether the optimum of a job takes too much time or memory to be computed.
pub fn is_too_large(situation: &Situation, job: &Job) -> bool {
    let kept = u64::from(situation.restart).saturating_add(2).min(steps(situation, job));
    cells(situation, job) > MOST_CELLS || kept.saturating_mul(layer(situation, job)) > MOST_KEPT
}

fn steps(situation: &Situation, job: &Job) -> u64 {
    u64::from(job.deadline.min(situation.steps).saturating_sub(job.release))
}

/// Cells of one step.
fn layer(situation: &Situation, job: &Job) -> u64 {
    (u64::from(job.work) + 1).saturating_mul(situation.markets.len() as u64 + 2)
}

/// What an instance costs over stretches of steps, and whether it is there.
struct Prices {
    /// Sums of the costs up to each step.
    cost: Vec<i64>,
    /// Steps up to each in which it is not given.
    missing: Vec<u32>,
}

impl Prices {
    fn new(steps: impl Iterator<Item = (i64, bool)>) -> Self {
        let mut prices = Self { cost: vec![0], missing: vec![0] };
        let (mut cost, mut missing) = (0i64, 0);
        for (price, there) in steps {
            cost = cost.saturating_add(if there { price } else { 0 }).min(NEVER);
            missing += u32::from(!there);
            prices.cost.push(cost);
            prices.missing.push(missing);
        }
        prices
    }

    /// The cost of a stretch; [`NEVER`] if it is not given in all of its steps or goes beyond the deadline.
    fn of(&self, from: usize, length: usize) -> i64 {
        match (self.missing.get(from + length), self.cost.get(from + length)) {
            (Some(missing), Some(cost)) if *missing == self.missing[from] => cost - self.cost[from],
            _ => NEVER,
        }
    }
}

/// The least cost of completing a job by its deadline; `None` if nobody can.
pub fn optimum(situation: &Situation, job: &Job) -> Option<Money> {
    let end = job.deadline.min(situation.steps);
    let (release, end) = (job.release.min(end) as usize, end as usize);
    let steps = end - release;
    let (work, restart) = (job.work as usize, situation.restart as usize);
    if work + restart > steps {
        return None;
    }
    let on_demand = Prices::new((0..steps).map(|_| (situation.on_demand, true)));
    let markets = situation.markets.iter().map(|market| {
        let of = market.cost[release..end].iter().zip(&market.capacity[release..end]);
        Prices::new(of.map(|(cost, capacity)| (*cost, *capacity > 0)))
    });
    let kinds: Vec<Prices> = [on_demand].into_iter().chain(markets).collect();
    // Of each step that is still needed: the cost without an instance, then with one of each kind, by the work that is left.
    let width = work + 1;
    let kept = restart.max(1) + 1;
    let mut layers = vec![vec![NEVER; (kinds.len() + 1) * width]; kept];
    (0..=kinds.len()).for_each(|held| layers[steps % kept][held * width] = 0);
    for step in (0..steps).rev() {
        let mut layer = vec![NEVER; (kinds.len() + 1) * width];
        let later = &layers[(step + 1) % kept];
        // More than the steps that are left cannot be done.
        let most = work.min(steps - step);
        for (kind, prices) in (1..).zip(&kinds) {
            let price = prices.of(step, 1);
            let (own, from) = (&mut layer[kind * width..][..=most], &later[kind * width..][..most]);
            own[1..].iter_mut().zip(from).for_each(|(cost, later)| *cost = (price + later).min(NEVER));
        }
        let (idle, held) = layer.split_at_mut(width);
        idle[..=most].copy_from_slice(&later[..=most]);
        for (kind, prices) in (0..).zip(&kinds) {
            let begun = if restart == 0 {
                &held[kind * width..][..=most]
            } else if step + restart <= steps {
                &layers[(step + restart) % kept][(kind + 1) * width..][..=most]
            } else {
                continue;
            };
            let price = prices.of(step, restart);
            idle.iter_mut().zip(begun).for_each(|(cost, begun)| *cost = (*cost).min(price + begun));
        }
        idle[0] = 0;
        for kind in 0..kinds.len() {
            held[kind * width..][..width].iter_mut().zip(&*idle).for_each(|(cost, idle)| *cost = (*cost).min(*idle));
        }
        layers[step % kept] = layer;
    }
    let least = layers[0][work];
    (least < NEVER).then(|| Money::from_nano(least.into()))
}
