//! The record of a batch.

use super::search::Bought;
use super::sums::Sums;
use super::{Replication, policy, reserved, type_of};
use crate::input::LoadedScenario;
use crate::results::{
    BATCH_SCHEMA_VERSION, BatchRecord, BoughtReserved, Estimate, IdleReserved, JobPolicyRecord, ReservedSearch,
};
use crate::scenario::{Interruptions, JobPolicy, Jobs};
use crate::study::summary::{mean_of, ratio, source_record};
use crate::units::Duration;

/// From steps to time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    step: Duration,
}

impl Scale {
    pub(super) fn new(step: Duration) -> Self {
        Self { step }
    }

    pub(super) fn hours(self, steps: u64) -> f64 {
        steps as f64 * self.step.as_hours_f64()
    }

    pub(super) fn seconds(self, steps: u64) -> f64 {
        steps as f64 * self.step.as_secs_f64()
    }
}

pub(super) fn record(
    input: &LoadedScenario,
    jobs: &Jobs,
    replications: &[Replication],
    bought: Option<&Bought>,
    reserved_search: Option<ReservedSearch>,
) -> BatchRecord {
    let scenario = &input.scenario;
    let scale = Scale::new(jobs.step);
    let mean = |value: &dyn Fn(&Replication) -> f64| mean_of(&replications.iter().map(value).collect::<Vec<_>>());
    let optima: Option<Vec<f64>> = replications.iter().map(|of| Some(of.optimum?.to_f64())).collect();
    let hours = scenario.clock.horizon.as_hours_f64();
    let paid = bought.map_or(0.0, |bought| bought.hourly * f64::from(bought.count) * hours);
    let policies = jobs.policies.iter().enumerate();
    let owned: u32 = reserved::owned(&input.candidates[0]).iter().map(|(count, _)| count).sum();
    BatchRecord {
        schema_version: BATCH_SCHEMA_VERSION,
        fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
        scenario: scenario.name.clone(),
        seed: scenario.run.seed,
        replications: scenario.run.replications,
        currency: scenario.prices.currency(),
        step_seconds: jobs.step.as_secs_f64(),
        jobs: mean(&|of| of.jobs as f64),
        jobs_left_out: mean(&|of| of.left_out as f64),
        jobs_impossible: mean(&|of| of.impossible as f64),
        work_hours: mean(&|of| scale.hours(of.work)),
        idle_reserved: (owned > 0).then(|| IdleReserved {
            instance_type: type_of(&input.candidates[0]).to_string(),
            owned,
            mix: input.candidates[0].name.clone(),
            idle_hours: mean(&|of| scale.hours(of.idle)),
        }),
        bought_reserved: bought.map(|bought| BoughtReserved {
            instance_type: type_of(&input.candidates[0]).to_string(),
            commitment: bought.commitment.clone(),
            instances: bought.count,
            cost: paid,
        }),
        reserved_search,
        optimum: optima.as_ref().map(|optima| mean_of(optima)),
        policies: policies
            .map(|(index, named)| {
                let sums: Vec<Sums> = replications.iter().map(|of| of.policies[index]).collect();
                policy_record(*named, &sums, replications, optima.as_deref(), paid, scale)
            })
            .collect(),
        assumptions: assumptions(input, jobs),
        warnings: warnings(input, jobs, replications),
        sources: input.sources.iter().map(source_record).collect(),
    }
}

fn policy_record(
    named: JobPolicy,
    sums: &[Sums],
    replications: &[Replication],
    optima: Option<&[f64]>,
    paid: f64,
    scale: Scale,
) -> JobPolicyRecord {
    let of = |value: &dyn Fn(&Sums) -> f64| -> Vec<f64> { sums.iter().map(value).collect() };
    let each = |value: &dyn Fn(&Replication) -> f64| -> Vec<f64> { replications.iter().map(value).collect() };
    let costs = of(&|sums| sums.cost.to_f64());
    let saved = replications.iter().zip(&costs).map(|(of, cost)| of.no_wait.to_f64() - cost);
    let with_reserved: Vec<f64> = costs.iter().map(|cost| cost + paid).collect();
    let count = each(&|of| of.jobs as f64);
    let completed = of(&|sums| sums.completed as f64);
    let missed = of(&|sums| sums.missed as f64);
    JobPolicyRecord {
        policy: named.name().to_string(),
        promises_deadlines: policy(named).promises_deadlines(),
        cost: mean_of(&costs),
        per_work_hour: ratio(&with_reserved, &each(&|of| scale.hours(of.work))),
        against_on_demand: beyond(&costs, &each(&|of| of.on_demand.to_f64())),
        saved_by_waiting: mean_of(&saved.collect::<Vec<_>>()),
        above_optimum: optima
            .filter(|optima| optima.iter().any(|cost| *cost > 0.0))
            .map(|optima| beyond(&costs, optima)),
        missed_share: ratio(&missed, &count),
        missed: mean_of(&missed),
        unfinished: mean_of(&of(&|sums| sums.unfinished as f64)),
        delay_seconds: ratio(&of(&|sums| scale.seconds(sums.delay)), &completed),
        interruptions_per_job: ratio(&of(&|sums| sums.interruptions as f64), &count),
        lost_work_hours: mean_of(&of(&|sums| scale.hours(sums.lost))),
        reserved_hours: mean_of(&of(&|sums| scale.hours(sums.on_reserved))),
        spot_hours: mean_of(&of(&|sums| scale.hours(sums.on_spot))),
        on_demand_hours: mean_of(&of(&|sums| scale.hours(sums.on_demand))),
    }
}

/// The ratio of two sums over replications less one; 0 where nobody pays anything.
fn beyond(over: &[f64], under: &[f64]) -> Estimate {
    let ratio = if under.iter().sum::<f64>() > 0.0 { ratio(over, under) } else { mean_of(&vec![1.0; under.len()]) };
    Estimate { mean: ratio.mean - 1.0, ci95: ratio.ci95.map(|limits| limits.map(|limit| limit - 1.0)), ..ratio }
}

fn assumptions(input: &LoadedScenario, jobs: &Jobs) -> Vec<String> {
    let mut words = input.notes.clone();
    words.push(format!(
        "Jobs choose every {}: releases, work and restarts are rounded up to whole steps, deadlines down. Spot is there in a step if the \
         market gives it, at the highest price or below, for the whole step.",
        jobs.step
    ));
    words.push(
        "A job pays for each step that it holds an instance, at the price of the market or of on-demand: no least charge, no hours \
         that are free because of an interruption, no commitments."
            .to_string(),
    );
    words.push(match jobs.checkpoint_every {
        Some(every) => format!("A job saves after every {every} of work, and when it leaves an instance by itself."),
        None => "A job saves only when it leaves an instance by itself.".to_string(),
    });
    if !reserved::owned(&input.candidates[0]).is_empty() {
        words.push(format!(
            "Owned reservations are idle as far as {} leaves them: base and on-demand instances of their type come first, and jobs give \
             an hour back when these need it, after they have saved. Other sizes of the family are not counted.",
            input.candidates[0].name
        ));
    }
    words.push(
        "A job that has begun on spot or on-demand stays there when a reserved instance becomes idle: billing would let the reservation \
         cover it, so what jobs pay beside reserved instances is stated too high rather than too low."
            .to_string(),
    );
    words
}

fn warnings(input: &LoadedScenario, jobs: &Jobs, replications: &[Replication]) -> Vec<String> {
    let mut words = Vec::new();
    let markets = input.scenario.pools.spot.iter().flat_map(|pool| &pool.markets);
    let random = markets.filter(|name| input.scenario.markets[*name].interruptions != Interruptions::PriceOnly);
    let random: Vec<&str> = random.map(String::as_str).collect();
    if !random.is_empty() {
        words.push(format!(
            "Random interruptions of {} are no part of this: only prices and capacities take spot away from jobs.",
            random.join(", ")
        ));
    }
    if replications.iter().any(|of| of.left_out > 0) {
        words.push("Jobs whose deadline lies behind the horizon are left out.".to_string());
    }
    if replications.iter().any(|of| of.impossible > 0) {
        words.push(
            "Some deadlines leave no room for a restart, so nobody can meet them: no optimum is stated.".to_string(),
        );
    }
    if replications.iter().any(|of| of.too_large) {
        words.push(format!(
            "No optimum is stated: jobs are too long or too many for steps of {}. Give a longer /jobs/step.",
            jobs.step
        ));
    }
    if input.scenario.run.replications == 1 {
        words.push("With one replication there are no intervals.".to_string());
    }
    words
}
