//! Jobs with deadlines: what they meet in each replication, and what the policies make of it.

use super::paths::Sampling;
use super::replicate::{Interrupted, Progress};
use super::summary::{mean_of, ratio, source_record};
use crate::batch::{Job, JobOutcome, Market, Policy, Situation, is_too_large, optimum, simulate};
use crate::input::{Candidate, LoadedScenario};
use crate::market::MarketPath;
use crate::results::{BATCH_SCHEMA_VERSION, BatchRecord, Estimate, JobPolicyRecord};
use crate::rng::math::ln;
use crate::rng::{Purpose, Sampler, Stream};
use crate::scenario::{Interruptions, JobPolicy, JobSource, Jobs, ListedJob, SpotCapacity};
use crate::units::{Duration, Money, SimTime};
use crate::workload::sampler;
use rayon::prelude::*;

/// Why no batch was simulated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoBatch {
    /// The scenario has none.
    #[error("the scenario has no `jobs`")]
    NoJobs,
    /// Jobs have nowhere to wait for.
    #[error("the first mix ({0}) has no spot, which jobs would wait for")]
    NoSpot(String),
    /// None lies within the horizon.
    #[error("no job has its deadline within the horizon of {0}")]
    Empty(Duration),
    /// It was stopped.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What one replication came to.
struct Replication {
    jobs: Vec<Job>,
    left_out: usize,
    impossible: usize,
    /// Of each policy.
    outcomes: Vec<Vec<JobOutcome>>,
    on_demand: Money,
    optimum: Option<Money>,
    too_large: bool,
}

/// Simulates the jobs of a scenario under all of its policies on the current thread pool.
///
/// # Errors
/// If there is nothing to simulate, or it is cancelled.
pub fn batch(input: &LoadedScenario, progress: &dyn Progress) -> Result<BatchRecord, NoBatch> {
    let jobs = input.scenario.jobs.as_ref().ok_or(NoBatch::NoJobs)?;
    let candidate = &input.candidates[0];
    if candidate.scenario.pools.spot.is_none() || candidate.mix.spot_count() == 0 {
        return Err(NoBatch::NoSpot(candidate.name.clone()));
    }
    let sampling = Sampling::new(input);
    let wanted = input.scenario.run.replications;
    let sizes = match &jobs.source {
        JobSource::Poisson { work, .. } => Some(sampler(work)),
        _ => None,
    };
    let simulated: Vec<Option<Replication>> = (0..wanted)
        .into_par_iter()
        .map(|replication| {
            let markets = sampling.market_paths([(candidate, replication)]).pop().unwrap_or_default();
            let situation = situation(input, candidate, jobs, &markets);
            let listed = listed_jobs(input, jobs, sizes.as_ref(), replication);
            let done = run(&situation, jobs, &listed, progress)?;
            progress.advance(1);
            Some(done)
        })
        .collect();
    let finished = simulated.iter().flatten().count() as u32;
    let replications: Vec<Replication> = simulated.into_iter().flatten().collect();
    if finished < wanted {
        return Err(Interrupted { finished, wanted }.into());
    }
    if replications.iter().all(|replication| replication.jobs.is_empty()) {
        return Err(NoBatch::Empty(input.scenario.clock.horizon));
    }
    Ok(record(input, jobs, &replications))
}

/// The policy that a scenario names.
fn policy(named: JobPolicy) -> Policy {
    match named {
        JobPolicy::OnDemand => Policy::OnDemand,
        JobPolicy::SpotOnly => Policy::SpotOnly,
        JobPolicy::Greedy => Policy::Greedy,
        JobPolicy::UniformProgress => Policy::UniformProgress,
    }
}

/// The jobs of a replication, with exact times.
fn listed_jobs(input: &LoadedScenario, jobs: &Jobs, sizes: Option<&Sampler>, replication: u32) -> Vec<ListedJob> {
    let horizon = input.scenario.clock.horizon;
    match (&jobs.source, sizes) {
        (JobSource::List(listed), _) => listed.clone(),
        (JobSource::Trace(_), _) | (_, None) => input.jobs.to_vec(),
        (JobSource::Poisson { per_hour, slack, .. }, Some(sizes)) => {
            let numbers = Stream::new(input.scenario.run.seed, Purpose::Job);
            let (mut listed, mut seconds) = (Vec::new(), 0.0);
            for number in 0.. {
                let [gap, size] = numbers.uniforms(replication, number, 0);
                seconds -= ln(gap) * 3600.0 / per_hour;
                if seconds >= horizon.as_secs_f64() {
                    break;
                }
                let release = Duration::from_secs_f64_rounded_to_millis(seconds);
                let work = Duration::from_secs_f64_rounded_to_millis(sizes.draw(size));
                listed.push(ListedJob::with_slack(release, work, *slack));
            }
            listed
        }
    }
}

/// What markets give and cost, step by step.
fn situation(input: &LoadedScenario, candidate: &Candidate, jobs: &Jobs, paths: &[MarketPath]) -> Situation {
    let scenario = &candidate.scenario;
    let steps = scenario.clock.horizon.nanos() / jobs.step.nanos();
    let on_demand = candidate.prices.types[&scenario.pools.on_demand.instance_type].on_demand.rate;
    let names = scenario.pools.spot.as_ref().map_or(&[][..], |pool| &pool.markets);
    let market = |(name, path): (&String, &MarketPath)| {
        let described = &input.candidates[0].scenario.markets[name];
        let most = if let SpotCapacity::Limit(limit) = described.capacity { limit } else { u32::MAX };
        let pool = scenario.pools.spot.as_ref();
        let highest = candidate.prices.types[&described.instance_type].on_demand;
        let highest = pool.map_or(highest, |pool| candidate.mix.max_spot_price(pool, highest)).rate;
        let mut market = Market::default();
        for step in 0..steps {
            let begin = SimTime::START + jobs.step.times(step);
            let end = begin + jobs.step;
            let pieces = pieces(path.price.steps(), path.price.index_at(begin), begin, end);
            let (mut cost, mut dearest) = (Money::ZERO, path.price.at(begin));
            for (rate, time) in pieces {
                cost += rate.charge_for(time);
                dearest = dearest.max(rate);
            }
            let least = path
                .capacity
                .as_ref()
                .map_or(most, |path| pieces_least(path.steps(), path.index_at(begin), end).min(most));
            market.cost.push(i64::try_from(cost.nano()).unwrap_or(i64::MAX));
            market.capacity.push(if dearest <= highest { least } else { 0 });
        }
        market
    };
    Situation {
        markets: names.iter().zip(paths).map(market).collect(),
        steps: steps as u32,
        on_demand: i64::try_from(on_demand.charge_for(jobs.step).nano()).unwrap_or(i64::MAX),
        restart: steps_up(jobs.restart, jobs.step),
        checkpoint: jobs.checkpoint_every.map(|every| steps_up(every, jobs.step)),
    }
}

/// The values of a step function between two times, with how long each holds.
fn pieces<T: Copy>(
    steps: &[(SimTime, T)],
    first: usize,
    begin: SimTime,
    end: SimTime,
) -> impl Iterator<Item = (T, Duration)> {
    let later = steps[first + 1..].iter().map(|(time, _)| *time).chain([SimTime::NEVER]);
    steps[first..]
        .iter()
        .zip(later)
        .take_while(move |((from, _), _)| *from < end)
        .map(move |((from, value), until)| (*value, until.min(end) - (*from).max(begin)))
}

/// The smallest value of a step function from its step `first` until `end`.
fn pieces_least(steps: &[(SimTime, u32)], first: usize, end: SimTime) -> u32 {
    let within = steps[first..].iter().enumerate().take_while(|(index, (from, _))| *index == 0 || *from < end);
    within.map(|(_, (_, value))| *value).min().unwrap_or(0)
}

/// Whole steps that a time takes.
fn steps_up(time: Duration, step: Duration) -> u32 {
    u32::try_from(time.rounded_up_to(step).nanos() / step.nanos()).unwrap_or(u32::MAX)
}

/// The jobs under every policy; `None` if it was cancelled.
fn run(situation: &Situation, jobs: &Jobs, listed: &[ListedJob], progress: &dyn Progress) -> Option<Replication> {
    let in_steps = listed.iter().map(|job| Job {
        release: steps_up(job.release, jobs.step),
        deadline: u32::try_from(job.deadline.nanos() / jobs.step.nanos()).unwrap_or(u32::MAX),
        work: steps_up(job.work, jobs.step).max(1),
    });
    let (within, beyond): (Vec<Job>, Vec<Job>) = in_steps.partition(|job| job.deadline <= situation.steps);
    let mut outcomes = Vec::new();
    for named in &jobs.policies {
        if progress.cancelled() {
            return None;
        }
        outcomes.push(simulate(situation, &within, policy(*named)));
    }
    let on_demand = simulate(situation, &within, Policy::OnDemand).iter().map(|outcome| outcome.cost).sum();
    let impossible = within.iter().filter(|job| !job.is_possible(situation.restart)).count();
    let too_large = within.iter().any(|job| is_too_large(situation, job));
    let optimum = if too_large || impossible > 0 {
        None
    } else {
        let least = |job: &Job| if progress.cancelled() { None } else { optimum(situation, job) };
        within.par_iter().map(least).collect::<Option<Vec<Money>>>().map(|costs| costs.into_iter().sum())
    };
    if progress.cancelled() {
        return None;
    }
    Some(Replication { jobs: within, left_out: beyond.len(), impossible, outcomes, on_demand, optimum, too_large })
}

fn record(input: &LoadedScenario, jobs: &Jobs, replications: &[Replication]) -> BatchRecord {
    let scenario = &input.scenario;
    let mean = |value: &dyn Fn(&Replication) -> f64| mean_of(&replications.iter().map(value).collect::<Vec<_>>());
    let hours = |steps: u64| steps as f64 * jobs.step.as_hours_f64();
    let optima: Option<Vec<f64>> = replications.iter().map(|of| Some(of.optimum?.to_f64())).collect();
    let policies = jobs.policies.iter().enumerate();
    BatchRecord {
        schema_version: BATCH_SCHEMA_VERSION,
        fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
        scenario: scenario.name.clone(),
        seed: scenario.run.seed,
        replications: scenario.run.replications,
        currency: scenario.prices.currency(),
        step_seconds: jobs.step.as_secs_f64(),
        jobs: mean(&|of| of.jobs.len() as f64),
        jobs_left_out: mean(&|of| of.left_out as f64),
        jobs_impossible: mean(&|of| of.impossible as f64),
        work_hours: mean(&|of| hours(of.jobs.iter().map(|job| u64::from(job.work)).sum())),
        optimum: optima.as_ref().map(|optima| mean_of(optima)),
        policies: policies
            .map(|(index, named)| policy_record(jobs, *named, index, replications, optima.as_deref()))
            .collect(),
        assumptions: assumptions(input, jobs),
        warnings: warnings(input, jobs, replications),
        sources: input.sources.iter().map(source_record).collect(),
    }
}

fn policy_record(
    jobs: &Jobs,
    named: JobPolicy,
    index: usize,
    replications: &[Replication],
    optima: Option<&[f64]>,
) -> JobPolicyRecord {
    type Sum<'a> = &'a dyn Fn(&Job, &JobOutcome) -> f64;
    let sums = |value: Sum| -> Vec<f64> {
        let of = |one: &Replication| one.jobs.iter().zip(&one.outcomes[index]).map(|(job, of)| value(job, of)).sum();
        replications.iter().map(of).collect()
    };
    let costs: Vec<f64> = replications
        .iter()
        .map(|one| one.outcomes[index].iter().map(|outcome| outcome.cost).sum::<Money>().to_f64())
        .collect();
    let on_demand: Vec<f64> = replications.iter().map(|one| one.on_demand.to_f64()).collect();
    let count: Vec<f64> = replications.iter().map(|one| one.jobs.len() as f64).collect();
    let hours = |steps: u32| f64::from(steps) * jobs.step.as_hours_f64();
    let missed = sums(&|job, of| f64::from(u8::from(of.missed(job))));
    JobPolicyRecord {
        policy: named.name().to_string(),
        promises_deadlines: policy(named).promises_deadlines(),
        cost: mean_of(&costs),
        against_on_demand: beyond(&costs, &on_demand),
        above_optimum: optima.map(|optima| beyond(&costs, optima)),
        missed_share: ratio(&missed, &count),
        missed: mean_of(&missed),
        unfinished: mean_of(&sums(&|_, of| f64::from(u8::from(of.completed.is_none())))),
        interruptions_per_job: ratio(&sums(&|_, of| f64::from(of.interruptions)), &count),
        lost_work_hours: mean_of(&sums(&|_, of| hours(of.lost))),
        spot_hours: mean_of(&sums(&|_, of| hours(of.on_spot))),
        on_demand_hours: mean_of(&sums(&|_, of| hours(of.on_demand))),
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
            "No optimum is stated: a job is too long for steps of {}. Give a longer /jobs/step.",
            jobs.step
        ));
    }
    if input.scenario.run.replications == 1 {
        words.push("With one replication there are no intervals.".to_string());
    }
    words
}
