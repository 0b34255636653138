//! `fleetmix bound`: the least that any policy could have paid.

mod availability;
mod words;

use crate::cli::args::BoundArguments;
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::{pretty_json, print_record};
use crate::cli::progress::Progress;
use crate::input::load;
use crate::results::{ObjectiveMet, Results};
use crate::study::{self, Interrupted, NO_SHARPER_BOUND, NoBound, ScenarioBound, scenario_bound};
use serde::Serialize;
use words::words;

/// What is printed as JSON.
#[derive(Serialize)]
struct Record<'a> {
    scenario: &'a str,
    currency: String,
    /// The bound from work alone.
    bound: &'a ScenarioBound,
    /// Why there is no sharper one.
    no_sharper_bound: &'a str,
    mixes: Vec<Gap>,
}

/// How far a mix is from the bound.
#[derive(Serialize)]
struct Gap {
    mix: String,
    objective_met: ObjectiveMet,
    per_month: f64,
    /// Upper end of its 95 % interval.
    upper_limit: f64,
    /// Upper limit of its cost / lower limit of the bound - 1; null where the bound is 0.
    gap: Option<f64>,
}

pub(in crate::cli) fn run(arguments: &BoundArguments) -> Result<(), Failure> {
    match &arguments.scenario {
        Some(scenario) => of_scenario(scenario, arguments),
        None => availability::run(&arguments.availability, &arguments.terms, arguments.study.format),
    }
}

fn of_scenario(scenario: &std::path::Path, arguments: &BoundArguments) -> Result<(), Failure> {
    let study = &arguments.study;
    let input = load(scenario, &study.load_options(arguments.mixes.clone()))?;
    let pool = study.thread_pool()?;
    let replications = u64::from(input.scenario.run.replications);
    let steps = replications * (input.candidates.len() as u64 + 1);
    let progress = Progress::new(steps, study.quiet, interrupt::watch()?);
    let bound = pool.install(|| scenario_bound(&input, &progress)).map_err(|reason| no_bound(&reason))?;
    let compared = pool.install(|| study::run(&input, false, &progress)).map_err(|stopped| interrupted(&stopped))?;
    drop(progress);
    if !compared.complete {
        return Err(Failure::Interrupted("stopped before all mixes were simulated; nothing was printed".to_string()));
    }
    let record = Record {
        scenario: &input.scenario.name,
        currency: input.scenario.prices.currency().to_string(),
        bound: &bound,
        no_sharper_bound: NO_SHARPER_BOUND,
        mixes: gaps(&compared.results, &bound),
    };
    print_record(study.format, &pretty_json(&record), |output| output.write_all(words(&record).as_bytes()))
}

/// Mixes by cost.
fn gaps(results: &Results, bound: &ScenarioBound) -> Vec<Gap> {
    let gap = |mix: &crate::results::MixRecord| {
        let per_month = mix.cost.per_month;
        let upper_limit = per_month.ci95.map_or(per_month.mean, |limits| limits[1]);
        Gap {
            mix: mix.name.clone(),
            objective_met: mix.objective_met,
            per_month: per_month.mean,
            upper_limit,
            gap: (bound.lower_limit > 0.0).then(|| upper_limit / bound.lower_limit - 1.0),
        }
    };
    let mut gaps: Vec<Gap> = results.mixes.iter().map(gap).collect();
    gaps.sort_by(|a, b| a.per_month.total_cmp(&b.per_month));
    gaps
}

fn no_bound(reason: &NoBound) -> Failure {
    match reason {
        NoBound::Interrupted(stopped) => interrupted(stopped),
        NoBound::TooFew(_) => Failure::new(reason.to_string(), "give more --replications"),
        NoBound::NotCovered(_) => Failure::new(reason.to_string(), "a number without a proof would be no bound"),
    }
}

fn interrupted(stopped: &Interrupted) -> Failure {
    Failure::Interrupted(format!("{stopped}; nothing was printed"))
}
