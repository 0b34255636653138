//! The least that a policy could have paid for a scenario's demand: the bound from work on the demand and prices of the replications.
//!
//! Slots are clock hours, because a commitment covers 3600 s of each hour whoever uses them: within a shorter slot it can cover more
//! servers than were bought. What is left out makes the bound lower, never wrong: boot times, minimum charges, the work of late
//! requests, requests that cannot be divided. Half of the replications choose the price of a late request, the others, which know
//! nothing of that choice, say what the bound is.

mod gathered;
mod prices;
mod terms;

use super::replicate::{Interrupted, Origin, Progress};
use crate::input::LoadedScenario;
use crate::plan::bound::work::{Path, Problem, Reserved};
use crate::stats::mean_interval;
use crate::units::{MONTH_HOURS, SimTime};
use crate::workload::RequestBlock;
use gathered::Gathered;
use rayon::prelude::*;
use serde::Serialize;
use terms::Terms;

/// Why the bound for plans whose servers are constant within a slot is not given for a scenario.
pub const NO_SHARPER_BOUND: &str = "The sharper bound for policies that keep their servers constant within a slot does not cover policies that \
                                    start on-demand at any time.";
/// What a gap is made of.
pub const WHAT_THE_GAP_IS: &str = "The gap is what knowing the future, dividing requests and servers at will, starting at once and paying by the \
                                   second are worth together, and what a better mix could save; it does not say which. A bound that knew of waiting \
                                   within the hour or of whole instances would be closer; none is proven for such policies.";

/// Confidence of the lower limit.
const LEVEL: f64 = 0.95;
/// Fewest replications.
const FEWEST: u32 = 4;
const HOUR: f64 = 3600.0;
/// Most reserved servers that are tried: beyond it some number that is not tried could be the best.
const MOST_RESERVED: f64 = 10_000.0;

/// A bound on the cost of every policy within stated terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioBound {
    /// The bound, scaled to a month of 730 h.
    pub per_month: f64,
    /// Its lower confidence limit at 95 %.
    pub lower_limit: f64,
    /// Reserved instances at which the bound is least.
    pub reserved: f64,
    /// What a late request costs in the dual, in currency units.
    pub late_request_price: f64,
    /// Replications that chose this price, and replications that say what the bound is.
    pub replications: [u32; 2],
    /// Which policies it holds for, in sentences.
    pub holds_for: Vec<String>,
}

/// Why there is no bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoBound {
    /// The proof does not cover the scenario.
    #[error("no bound: {0}")]
    NotCovered(String),
    /// Too few replications.
    #[error(
        "no bound: {FEWEST} replications are needed, half of them to choose the price of a late request; {0} are asked for"
    )]
    TooFew(u32),
    /// It was cancelled.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// The bound for the scenario's demand, on the current thread pool.
///
/// # Errors
/// If the proof does not cover the scenario, or it is cancelled.
pub fn scenario_bound(input: &LoadedScenario, progress: &dyn Progress) -> Result<ScenarioBound, NoBound> {
    let wanted = input.scenario.run.replications;
    if wanted < FEWEST {
        return Err(NoBound::TooFew(wanted));
    }
    let terms = Terms::new(input).map_err(NoBound::NotCovered)?;
    let origin = Origin::new(input);
    let paths: Vec<Path> = (0..wanted)
        .into_par_iter()
        .filter_map(|replication| {
            let path = path(&origin, &terms, replication, progress)?;
            progress.advance(1);
            Some(path)
        })
        .collect();
    if paths.len() < wanted as usize {
        return Err(Interrupted { finished: paths.len() as u32, wanted }.into());
    }
    let hours = input.scenario.clock.horizon.as_hours_f64();
    let most_work = paths.iter().flat_map(|path| &path.slots).map(|slot| slot.work).fold(0.0, f64::max);
    let reserved = terms.reserved(hours, most_work);
    match &reserved {
        Some(kind) if kind.most > MOST_RESERVED => Err(NoBound::NotCovered(format!(
            "the busiest hour could use {} reserved instances, and no more than {MOST_RESERVED} are tried",
            kind.most
        ))),
        _ => Ok(bound_of(paths, reserved, &terms, hours)),
    }
}

fn bound_of(paths: Vec<Path>, reserved: Option<Reserved>, terms: &Terms, hours: f64) -> ScenarioBound {
    let reserved: Vec<Reserved> = reserved.into_iter().collect();
    let most = reserved.first().map_or(0.0, |kind| kind.most);
    // Whatever servers of other sizes give lies between the work of whole numbers of the smallest, and costs no less than the lower of these.
    let part = f64::from(u8::from(terms.reserved_in_parts()));
    let unpaid = reserved.first().map_or(0.0, |kind| kind.price * part);
    let mut pilot = paths;
    let fresh = pilot.split_off(pilot.len() / 2);
    let sizes = [pilot.len() as u32, fresh.len() as u32];
    let problem = |paths| Problem { paths, reserved: reserved.clone(), late_vanish: true };
    let late_price = problem(pilot).best_late_price();
    let problem = problem(fresh);
    let mut best = (f64::INFINITY, 0.0);
    let mut lower = f64::INFINITY;
    let mut servers = 0.0;
    // Whatever number is truly the best, the limit at that number holds with the stated confidence, and the least of all is below it.
    while servers <= most {
        let mut values = problem.dual_values(late_price, servers + part);
        values.iter_mut().for_each(|value| *value -= unpaid);
        // The lower end of a two-sided interval leaves half of its error probability below.
        let mean = mean_interval(&values, 2.0 * LEVEL - 1.0);
        if mean.estimate < best.0 {
            best = (mean.estimate, servers);
        }
        lower = lower.min(mean.limits.map_or(f64::NEG_INFINITY, |limits| limits[0]));
        servers += 1.0;
    }
    let months = hours / MONTH_HOURS;
    ScenarioBound {
        per_month: best.0.max(0.0) / months,
        lower_limit: lower.max(0.0) / months,
        reserved: best.1,
        late_request_price: late_price,
        replications: sizes,
        holds_for: terms.words(),
    }
}

/// Demand and prices of one replication, by clock hour; `None` if it was cancelled.
fn path(origin: &Origin, terms: &Terms, replication: u32, progress: &dyn Progress) -> Option<Path> {
    let Origin { input, sampling, laws, .. } = origin;
    let scenario = &input.scenario;
    let before = (scenario.clock.start.unix_nanos().rem_euclid(3_600_000_000_000) as f64) / 1e9;
    let horizon = scenario.clock.horizon.as_secs_f64();
    let count = ((horizon + before) / HOUR).ceil() as usize;
    let mut hours = vec![Gathered::default(); count];
    let (mut offered, mut hopeless) = (0.0, 0.0);
    let demand = sampling.demand_path(input, replication);
    let mut requests = demand.requests(laws, scenario.run.seed, replication);
    let mut block = RequestBlock::default();
    while requests.next_block(&mut block) {
        if progress.cancelled() {
            return None;
        }
        for (&arrival, &work) in block.arrivals.iter().zip(&block.works).filter(|(arrival, _)| **arrival >= 0.0) {
            offered += 1.0;
            let due = terms.due.after(work);
            if work > due * terms.speed {
                // Nobody can serve it in time; it is late whatever is bought.
                hopeless += 1.0;
            } else if work > 0.0 && due < HOUR {
                let hour = (((arrival + before) / HOUR) as usize).min(count - 1);
                // What is begun before the horizon is finished behind it for nothing.
                let end = ((hour as f64 + 1.0) * HOUR - before).min(horizon);
                hours[hour].add(work, work.min((terms.speed * (arrival + due - end)).max(0.0)));
            }
        }
    }
    let markets = terms.markets(input, sampling, replication);
    let slot = |(index, gathered): (usize, Gathered)| {
        let from = index as f64 * HOUR - before;
        let time = |seconds: f64| SimTime::from_nanos((seconds * 1e9) as i64);
        gathered.slot(terms.capacity(&markets, time(from.max(0.0)), time((from + HOUR).min(horizon))))
    };
    let slots = hours.into_iter().enumerate().map(slot).collect();
    Some(Path { slots, budget: terms.allowed * offered - hopeless })
}
