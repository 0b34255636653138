//! Jobs with deadlines: what they meet in each replication, and what the policies make of it.

mod market;
mod record;
mod reserved;
mod search;
mod sums;

use super::replicate::{Interrupted, Origin, Progress};
use crate::batch::{Job, Policy, Situation, cells, is_too_large, optimum, simulate};
use crate::input::{Candidate, LoadedScenario};
use crate::results::BatchRecord;
use crate::rng::math::ln;
use crate::rng::{Purpose, Sampler, Stream};
use crate::scenario::{CountRange, JobPolicy, JobSource, Jobs, ListedJob};
use crate::units::{Duration, Money};
use crate::workload::sampler;
use market::{situation, steps_up};
use rayon::prelude::*;
use search::Search;
use sums::Sums;

/// Most cells of the optimum for all jobs of a replication: some ten seconds.
const MOST_CELLS_OF_ALL: u64 = 4_000_000_000;

/// Why no batch was simulated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoBatch {
    /// The scenario has none.
    #[error("the scenario has no `jobs`")]
    NoJobs,
    /// Jobs have nowhere to wait for.
    #[error("the first mix ({0}) has no spot, and there are no reserved instances: jobs have nothing to wait for")]
    NoSpot(String),
    /// Nothing can be bought for them.
    #[error("no reserved instances can be bought for jobs: {0}")]
    NoOffer(String),
    /// None lies within the horizon.
    #[error("no job has its deadline within the horizon of {0}")]
    Empty(Duration),
    /// It was stopped.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What jobs meet in one replication.
struct Encounter {
    situation: Situation,
    /// Owned reserved instances that the service leaves, by step.
    idle: Vec<u32>,
    within: Vec<Job>,
    left_out: usize,
}

/// What one replication came to.
struct Replication {
    jobs: usize,
    left_out: usize,
    impossible: usize,
    /// Steps of work of all jobs.
    work: u64,
    /// Steps in which owned reserved instances are idle, each counted.
    idle: u64,
    /// Of each policy.
    policies: Vec<Sums>,
    on_demand: Money,
    no_wait: Money,
    optimum: Option<Money>,
    too_large: bool,
}

/// Simulates the jobs of a scenario under all of its policies on the current thread pool. With `reserved` every number of the range of
/// reserved instances is bought for the jobs alone, as an alternative; the record is of the cheapest.
///
/// # Errors
/// If there is nothing to simulate, or it is cancelled.
pub fn batch(
    input: &LoadedScenario,
    reserved: Option<CountRange>,
    progress: &dyn Progress,
) -> Result<BatchRecord, NoBatch> {
    let jobs = input.scenario.jobs.as_ref().ok_or(NoBatch::NoJobs)?;
    let candidate = &input.candidates[0];
    let has_reserved = reserved.is_some_and(|range| range.to > 0) || !reserved::owned(candidate).is_empty();
    if candidate.mix.spot_count() == 0 && !has_reserved {
        return Err(NoBatch::NoSpot(candidate.name.clone()));
    }
    let wanted = reserved.map(|range| Search::new(candidate, range)).transpose().map_err(NoBatch::NoOffer)?;
    let origin = Origin::new(input);
    let sizes = match &jobs.source {
        JobSource::Poisson { work, .. } => Some(sampler(work)),
        _ => None,
    };
    let encounter = |replication| {
        let markets = origin.sampling.market_paths([(candidate, replication)]).pop().unwrap_or_default();
        let situation = situation(candidate, jobs, &markets);
        let idle = reserved::idle(&origin, candidate, jobs, replication, progress)?;
        let listed = listed_jobs(input, jobs, sizes.as_ref(), replication);
        let in_steps = listed.iter().map(|job| Job {
            release: steps_up(job.release, jobs.step),
            deadline: u32::try_from(job.deadline.nanos() / jobs.step.nanos()).unwrap_or(u32::MAX),
            work: steps_up(job.work, jobs.step).max(1),
        });
        let (within, beyond): (Vec<Job>, Vec<Job>) = in_steps.partition(|job| job.deadline <= situation.steps);
        Some(Encounter { situation, idle, within, left_out: beyond.len() })
    };
    let encounters = of_each(input, progress, encounter)?;
    let met = |replication: u32| &encounters[replication as usize];
    let searched = match &wanted {
        Some(search) if search.is_a_choice() => {
            Some(of_each(input, progress, |replication| search.run(jobs, met(replication), progress))?)
        }
        _ => None,
    };
    let bought = wanted.as_ref().map(|search| search.cheapest(jobs, searched.as_deref()));
    let count = bought.as_ref().map_or(0, |bought| bought.count);
    let replications = of_each(input, progress, |replication| {
        let done = run(jobs, met(replication), count, progress)?;
        progress.advance(1);
        Some(done)
    })?;
    if replications.iter().all(|replication| replication.jobs == 0) {
        return Err(NoBatch::Empty(input.scenario.clock.horizon));
    }
    let search = wanted.as_ref().zip(searched).map(|(search, runs)| search.record(input, jobs, &runs));
    Ok(record::record(input, jobs, &replications, bought.as_ref(), search))
}

/// Every replication, in order.
fn of_each<T: Send>(
    input: &LoadedScenario,
    progress: &dyn Progress,
    one: impl Fn(u32) -> Option<T> + Sync,
) -> Result<Vec<T>, Interrupted> {
    let wanted = input.scenario.run.replications;
    let done: Vec<Option<T>> = (0..wanted)
        .into_par_iter()
        .map(|replication| if progress.cancelled() { None } else { one(replication) })
        .collect();
    let finished = done.iter().flatten().count() as u32;
    let all: Option<Vec<T>> = done.into_iter().collect();
    all.ok_or(Interrupted { finished, wanted })
}

/// The policy that a scenario names.
fn policy(named: JobPolicy) -> Policy {
    match named {
        JobPolicy::OnDemand => Policy::OnDemand,
        JobPolicy::NoWait => Policy::NoWait,
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

/// The jobs under every policy, with so many instances bought for them; `None` if it was cancelled.
fn run(jobs: &Jobs, encounter: &Encounter, bought: u32, progress: &dyn Progress) -> Option<Replication> {
    let Encounter { idle, within, left_out, .. } = encounter;
    let situation = reserved::with_reserved(&encounter.situation, idle, bought);
    let sums = |policy: Policy| {
        if progress.cancelled() { None } else { Some(Sums::of(within, &simulate(&situation, within, policy))) }
    };
    let policies = jobs.policies.iter().map(|named| sums(policy(*named))).collect::<Option<Vec<Sums>>>()?;
    let of = |wanted: JobPolicy| match jobs.policies.iter().position(|named| *named == wanted) {
        Some(index) => Some(policies[index].cost),
        None => sums(policy(wanted)).map(|sums| sums.cost),
    };
    let (on_demand, no_wait) = (of(JobPolicy::OnDemand)?, of(JobPolicy::NoWait)?);
    let impossible = within.iter().filter(|job| !job.is_possible(situation.restart)).count();
    let all_cells = within.iter().fold(0, |sum: u64, job| sum.saturating_add(cells(&situation, job)));
    let too_large = all_cells > MOST_CELLS_OF_ALL || within.iter().any(|job| is_too_large(&situation, job));
    let optimum = if too_large || impossible > 0 {
        None
    } else {
        let least = |job: &Job| if progress.cancelled() { None } else { optimum(&situation, job) };
        within.par_iter().map(least).collect::<Option<Vec<Money>>>().map(|costs| costs.into_iter().sum())
    };
    Some(Replication {
        jobs: within.len(),
        left_out: *left_out,
        impossible,
        work: within.iter().map(|job| u64::from(job.work)).sum(),
        idle: idle.iter().map(|count| u64::from(*count)).sum(),
        policies,
        on_demand,
        no_wait,
        optimum,
        too_large,
    })
}

/// The type of on-demand instances, and of the reservations that jobs use.
fn type_of(candidate: &Candidate) -> &str {
    &candidate.scenario.pools.on_demand.instance_type
}
