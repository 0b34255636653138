//! Jobs under a policy, step by step.

use super::policy::{Held, View};
use super::{Job, Policy, Situation};
use crate::units::Money;

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobOutcome {
    /// What it paid.
    pub cost: Money,
    /// The step before which it was complete; `None` if it was not by the end.
    pub completed: Option<u32>,
    /// How often spot or an idle reserved instance was taken away from it.
    pub interruptions: u32,
    /// Steps of work that were lost so.
    pub lost: u32,
    /// Steps that it held an idle reserved instance.
    pub on_reserved: u32,
    /// Steps that it held spot.
    pub on_spot: u32,
    /// Steps that it held on-demand.
    pub on_demand: u32,
}

impl JobOutcome {
    /// Steps from its job's release to its completion beyond the work itself: waits, restarts, and work done again.
    pub fn delay(&self, job: &Job) -> Option<u32> {
        self.completed.map(|completed| completed.saturating_sub(job.release).saturating_sub(job.work))
    }

    /// Whether its job was not complete at the deadline.
    pub fn missed(&self, job: &Job) -> bool {
        self.completed.is_none_or(|completed| completed > job.deadline)
    }
}

/// A job that is under way.
struct Running {
    index: usize,
    /// Its market, on spot.
    market: Option<usize>,
    on_demand: bool,
    /// Steps until it goes on.
    restarting: u32,
    progress: u32,
    saved: u32,
}

impl Running {
    fn held(&self) -> Held {
        match (self.market, self.on_demand) {
            (Some(_), _) => Held::Spot,
            (None, true) => Held::OnDemand,
            (None, false) => Held::Nothing,
        }
    }

    /// What is saved once `progress` is reached.
    fn saved_at(&self, progress: u32, saved: u32, work: u32, checkpoint: Option<u32>) -> u32 {
        if progress == work {
            return work;
        }
        checkpoint.map_or(saved, |every| saved.max(progress - progress % every.max(1)))
    }

    /// What would be saved after a step in the market that it is in, or else in the `cheapest`.
    fn saved_after_spot(&self, situation: &Situation, work: u32, cheapest: Option<usize>) -> u32 {
        let (waits, saved) = match self.market {
            Some(_) => (self.restarting, self.saved),
            None => (situation.restart, self.progress),
        };
        let progress = self.progress + u32::from(waits == 0);
        match self.market.or(cheapest) {
            Some(market) if situation.markets[market].reserved => progress,
            _ => self.saved_at(progress, saved, work, situation.checkpoint),
        }
    }
}

/// What becomes of each of the jobs under a policy, in their order. Of jobs that want the same capacity those released first get it, of
/// these the first ones.
pub fn simulate(situation: &Situation, jobs: &[Job], policy: Policy) -> Vec<JobOutcome> {
    let mut outcomes = vec![JobOutcome::default(); jobs.len()];
    let mut costs = vec![0i128; jobs.len()];
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|index| jobs[*index].release);
    let mut waiting = order.into_iter().peekable();
    let mut running: Vec<Running> = Vec::new();
    let mut used = vec![0u32; situation.markets.len()];
    for now in 0..situation.steps {
        while let Some(index) = waiting.next_if(|index| jobs[*index].release <= now) {
            running.push(Running { index, market: None, on_demand: false, restarting: 0, progress: 0, saved: 0 });
        }
        take_away(situation, now, &mut running, &mut used, &mut outcomes);
        for job in &mut running {
            choose(situation, now, &jobs[job.index], policy, job, &mut used);
            let outcome = &mut outcomes[job.index];
            if let Some(market) = job.market {
                let market = &situation.markets[market];
                costs[job.index] += i128::from(market.cost[now as usize]);
                outcome.on_reserved += u32::from(market.reserved);
                outcome.on_spot += u32::from(!market.reserved);
            } else if job.on_demand {
                costs[job.index] += i128::from(situation.on_demand);
                outcome.on_demand += 1;
            } else {
                continue;
            }
            let work = jobs[job.index].work;
            if job.restarting > 0 {
                job.restarting -= 1;
            } else {
                job.progress += 1;
                job.saved = job.saved_at(job.progress, job.saved, work, situation.checkpoint);
            }
            if job.progress == work {
                outcome.completed = Some(now + 1);
            }
        }
        running.retain(|job| job.progress < jobs[job.index].work);
    }
    for (outcome, cost) in outcomes.iter_mut().zip(costs) {
        outcome.cost = Money::from_nano(cost);
    }
    outcomes
}

/// Takes away what the markets do not give in this step; counts what they still hold.
fn take_away(situation: &Situation, now: u32, running: &mut [Running], used: &mut [u32], outcomes: &mut [JobOutcome]) {
    used.fill(0);
    for job in running {
        let Some(market) = job.market else { continue };
        if used[market] < situation.markets[market].capacity[now as usize] {
            used[market] += 1;
            continue;
        }
        if situation.markets[market].reserved {
            job.saved = job.progress;
        }
        let outcome = &mut outcomes[job.index];
        outcome.interruptions += 1;
        outcome.lost += job.progress - job.saved;
        job.progress = job.saved;
        job.market = None;
    }
}

/// Lets a job choose where it is in this step.
fn choose(situation: &Situation, now: u32, job: &Job, policy: Policy, running: &mut Running, used: &mut [u32]) {
    let free = |market: &usize| used[*market] < situation.markets[*market].capacity[now as usize];
    let cheapest = (0..used.len()).filter(free).min_by_key(|market| situation.markets[*market].cost[now as usize]);
    let held = running.held();
    let view = View {
        now,
        release: job.release,
        deadline: job.deadline,
        work: job.work,
        progress: running.progress,
        restart: situation.restart,
        held,
        spot: running.market.is_some() || cheapest.is_some(),
        saved_after_spot: running.saved_after_spot(situation, job.work, cheapest),
    };
    let chosen = policy.decide(&view);
    if chosen == held {
        return;
    }
    // It leaves by itself and saves before.
    running.saved = running.progress;
    running.restarting = situation.restart;
    running.on_demand = chosen == Held::OnDemand;
    if let Some(market) = running.market.take() {
        used[market] -= 1;
    }
    if let (Held::Spot, Some(market)) = (chosen, cheapest) {
        used[market] += 1;
        running.market = Some(market);
    }
}
