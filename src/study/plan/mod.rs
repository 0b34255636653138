//! The planner: screens mixes by the minute, races the best of them request by request, and certifies the winner.

mod candidates;
mod claims;
mod contest;
mod floor;
mod record;
mod screener;
mod screening;
mod sharing;

pub use candidates::NoSearch;
pub use contest::Checkpoint;

use super::replicate::{Origin, expected_requests};
use super::{Interrupted, Progress};
use crate::engine::Tables;
use crate::input::LoadedScenario;
use crate::plan::race::{Evidence, LIMITS, Rules, Sample, certify, race};
use crate::results::PlanRecord;
use candidates::candidates;
use contest::Contest;
use floor::floors;
use record::Findings;
use screener::Screener;
use screening::screen;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Replications are numbered apart, so that none serves two purposes.
const SCREENED_FROM: u32 = 1 << 28;
const FRESH_FROM: u32 = 1 << 29;
const CONTROLS_FROM: u32 = 3 << 28;
/// Probability of error of the race, and of the certificate.
const ERROR: f64 = 0.05;
/// Replications of the race's first look, and looks.
const FIRST_LOOK: u32 = 16;
const LOOKS: u32 = 3;
/// A difference in cost below this share does not matter.
const COST_TOLERANCE: f64 = 0.005;
/// An excess over a limit below this share of the limit does not matter.
const LIMIT_TOLERANCE: f64 = 0.1;
/// Fresh replications of a certificate by t, and most of one for any law.
const FRESH: u32 = 32;
const MOST_FRESH: u32 = 480;

/// How a plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanSettings {
    /// Most candidates that are raced.
    pub raced: usize,
    /// Whether the certificate is to hold for any law of the replications.
    pub distribution_free: bool,
    /// Whether race and certificate simulate every request of a sample of days only.
    pub segments: bool,
}

/// Whoever waits for a plan.
pub trait Watcher: Progress {
    /// Another stage begins, of so many steps; what it is, in words.
    fn stage(&self, words: &str, steps: u64);

    /// What would be lost if the process were killed now.
    fn keep(&self, _checkpoint: &Checkpoint) {}
}

/// Why there is no plan at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// There is nothing to search.
    #[error(transparent)]
    Search(#[from] NoSearch),
    /// Days cannot be left to tables; why.
    #[error("days cannot be sampled: {0}")]
    Outside(String),
    /// Jobs are not served by a mix.
    #[error(
        "the scenario has `jobs` with deadlines and no requests: a plan chooses a mix by its requests, and there are none"
    )]
    OnlyJobs,
    /// It was stopped before anything was known.
    #[error("stopped while candidates were screened")]
    Stopped,
}

/// Finds the cheapest mix that meets the objective, on the current thread pool. `input` was loaded for a search.
///
/// `earlier` is what an earlier run of the same plan has kept; the record is the same with it and without.
///
/// # Errors
/// If there is nothing to search, or it is stopped while candidates are screened.
pub fn plan(
    input: &LoadedScenario,
    settings: PlanSettings,
    earlier: Option<Checkpoint>,
    watcher: &dyn Watcher,
) -> Result<PlanRecord, PlanError> {
    if input.scenario.jobs.is_some() && expected_requests(input) == 0.0 {
        return Err(PlanError::OnlyJobs);
    }
    let origin = Origin::by_request(input);
    let all = candidates(input, &origin.sampling)?;
    let segments = match settings.segments {
        true => {
            all.iter().try_for_each(|candidate| Tables::check(&candidate.scenario)).map_err(PlanError::Outside)?;
            Some(Arc::new(Tables::new(&input.scenario).map_err(PlanError::Outside)?))
        }
        false => None,
    };
    let floors = floors(&all);
    let screener = Screener { origin: &origin, tables: Tables::new(&input.scenario).ok().map(Arc::new), watcher };
    let key = fingerprint(input, settings, all.len());
    let mut checkpoint = earlier.filter(|earlier| earlier.is_of(&key)).unwrap_or_else(|| Checkpoint::new(key));
    let screening = match checkpoint.screening.take() {
        Some(screening) => screening,
        None => screen(&screener, &all, &floors, settings.raced).map_err(|Interrupted { .. }| PlanError::Stopped)?,
    };
    checkpoint.screening = Some(screening.clone());
    watcher.keep(&checkpoint);
    let objective = &input.scenario.objective;
    let limits = [objective.late_share, objective.error_share];
    let cheapest = screening.raced.iter().map(|one| one.screened.cost).fold(f64::INFINITY, f64::min);
    let rules = Rules {
        error: ERROR,
        cost_tolerance: COST_TOLERANCE * if cheapest.is_finite() { cheapest } else { 0.0 },
        slack_tolerance: limits.map(|limit| LIMIT_TOLERANCE * limit),
        first: FIRST_LOOK,
        looks: LOOKS,
    };
    let raced: Vec<usize> = screening.raced.iter().map(|one| one.candidate).collect();
    let mut contest = Contest::new(&screener, &all, raced, segments, checkpoint);
    let (outcome, stopped) = race(screening.raced.len(), &rules, &mut contest);
    let mut certificate = Certificate::default();
    if let (Some(winner), None) = (outcome.winner, &stopped) {
        certificate = certified(&mut contest, winner, limits, settings, watcher);
    }
    let findings = Findings {
        screener: &screener,
        settings,
        all: &all,
        floors: &floors,
        screening: &screening,
        outcome: &outcome,
        certificate,
        rules,
    };
    Ok(findings.record(contest.stopped()))
}

/// What fresh replications say of the winner.
#[derive(Debug, Clone, Default)]
struct Certificate {
    samples: Vec<Sample>,
    /// Whether they show that the objective is met.
    kept: bool,
    complete: bool,
}

/// Certifies candidate `winner` of the race.
fn certified(
    contest: &mut Contest,
    winner: usize,
    limits: [f64; LIMITS],
    settings: PlanSettings,
    watcher: &dyn Watcher,
) -> Certificate {
    let most = if settings.distribution_free { MOST_FRESH } else { FRESH };
    watcher.stage("certifying", u64::from(most));
    let mut certificate = Certificate::default();
    let mut evidence = limits.map(Evidence::new);
    while (certificate.samples.len() as u32) < most && !certificate.kept {
        let from = certificate.samples.len() as u32;
        let Some(new) = contest.fresh(winner, from..from + FRESH) else { return certificate };
        for sample in &new {
            let shares: [f64; LIMITS] = std::array::from_fn(|limit| limits[limit] + sample.slacks[limit]);
            evidence.iter_mut().zip(shares).for_each(|(evidence, share)| evidence.add(share));
        }
        certificate.samples.extend(new);
        certificate.kept = if settings.distribution_free {
            evidence.iter().all(|evidence| evidence.suffices(ERROR))
        } else {
            certify(&certificate.samples, ERROR).kept()
        };
    }
    certificate.complete = true;
    certificate
}

/// What a checkpoint must have been made for to be used.
fn fingerprint(input: &LoadedScenario, settings: PlanSettings, candidates: usize) -> String {
    let mut hash = Sha256::new();
    let scenario = serde_json::to_string(&input.scenario).unwrap_or_default();
    let sources: Vec<&str> = input.sources.iter().map(|source| source.sha256.as_str()).collect();
    let words = format!("{} {candidates} {settings:?} {sources:?} {scenario}", env!("CARGO_PKG_VERSION"));
    hash.update(words.as_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
