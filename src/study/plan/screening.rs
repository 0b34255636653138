//! Screening: ever more replications of ever fewer candidates.

use super::SCREENED_FROM;
use super::screener::{Filling, Screener};
use crate::input::Candidate;
use crate::study::Interrupted;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;

/// Replications after which candidates are put aside, and how many go on at least.
const STAGES: [(u32, usize); 3] = [(1, 500), (3, 100), (8, 0)];
/// The same for horizons that are longer than this many hours: a replication of them knows more weeks than all of a short one's.
const LONG_HOURS: f64 = 24.0 * 20.0;
const LONG_STAGES: [(u32, usize); 3] = [(1, 300), (2, 60), (4, 0)];
/// Error of a late share that the tables may have (see docs/measured.md), as a share of what is allowed and at least.
const LATE_ERROR: (f64, f64) = (0.1, 0.006);
/// Error of a failed share, likewise.
const FAILED_ERROR: (f64, f64) = (0.3, 1e-4);
/// Candidates dearer than the cheapest that surely keeps its limits by more than this share are not raced.
const COST_BAND: f64 = 0.03;
/// Candidates whose commitments alone cost this many times what the cheapest costs that surely keeps its limits are not screened at all.
/// Costs of replications differ, and this is one of them: a few percent in the shipped scenario, where a week costs 4 % more or less.
const FLOOR_BAND: f64 = 1.25;
/// With few replications a candidate is put aside only if it misses a limit by this factor.
const SURELY: f64 = 2.0;

/// What the minutes of some replications come to, in the mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Screened {
    pub(super) cost: f64,
    pub(super) late: f64,
    pub(super) failed: f64,
}

/// A candidate that goes on to the race.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Chosen {
    /// Its place among all candidates.
    pub(super) candidate: usize,
    pub(super) screened: Screened,
    /// How many others behave like it.
    pub(super) alike: u32,
}

/// What the screening leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Screening {
    /// Of every candidate; of those put aside early by fewer replications, of those whose commitments are too dear nothing.
    pub(super) screened: Vec<Option<Screened>>,
    pub(super) raced: Vec<Chosen>,
    /// Candidates that behave like another in every screened replication.
    pub(super) alike: u64,
    /// Replications of single candidates.
    pub(super) replications: u64,
    /// Of these, what was simulated: the others cannot differ from one of them.
    pub(super) simulated: u64,
}

impl Screened {
    /// Whether it misses a limit by more than the screening may err, with limits wider by `factor`.
    pub(super) fn surely_misses(&self, limits: [f64; 2], factor: f64) -> bool {
        let beyond =
            |value: f64, limit: f64, error: (f64, f64)| value > factor * limit + (error.0 * limit).max(error.1);
        beyond(self.late, limits[0], LATE_ERROR) || beyond(self.failed, limits[1], FAILED_ERROR)
    }

    /// Whether it keeps every limit by more than the screening may err.
    fn surely_keeps(&self, limits: [f64; 2]) -> bool {
        let within = |value: f64, limit: f64, error: (f64, f64)| {
            value + (error.0 * limit).max(error.1).min(0.5 * limit) <= limit
        };
        within(self.late, limits[0], LATE_ERROR) && within(self.failed, limits[1], FAILED_ERROR)
    }
}

/// Screens all candidates and chooses at most `raced` for the race. `floors` are what each costs at least.
///
/// # Errors
/// If it is cancelled.
pub(super) fn screen(
    screener: &Screener,
    all: &[Candidate],
    floors: &[f64],
    raced: usize,
) -> Result<Screening, Interrupted> {
    let objective = &screener.origin.input.scenario.objective;
    let limits = [objective.late_share, objective.error_share];
    let mut field = Field { screener, all, runs: vec![Vec::new(); all.len()], replications: 0, simulated: 0 };
    let mut left = field.first(floors, limits)?;
    let (mut done, mut alike) = (1, HashMap::<Vec<[u64; 3]>, (usize, u32)>::new());
    let mut redundant = 0;
    let long = screener.origin.input.scenario.clock.horizon.as_hours_f64() > LONG_HOURS;
    for (until, keep) in if long { LONG_STAGES } else { STAGES } {
        field.run(&left, done..until)?;
        done = until;
        // Of candidates that behave alike the first stands for all.
        let bits = |one: &Screened| [one.cost, one.late, one.failed].map(f64::to_bits);
        let before = std::mem::take(&mut alike);
        for candidate in &left {
            let inherited = before.values().find(|(first, _)| first == candidate).map_or(0, |(_, count)| *count);
            let behaviour: Vec<[u64; 3]> = field.runs[*candidate].iter().map(bits).collect();
            alike
                .entry(behaviour)
                .and_modify(|(_, others)| *others += 1 + inherited)
                .or_insert((*candidate, inherited));
        }
        redundant += (left.len() - alike.len()) as u64;
        let surely = if done == 1 { SURELY } else { 1.0 };
        left = alike.values().map(|(first, _)| *first).collect();
        let mean = |candidate: usize| mean(&field.runs[candidate]);
        left.retain(|candidate| !mean(*candidate).surely_misses(limits, surely));
        left.sort_by(|a, b| mean(*a).cost.total_cmp(&mean(*b).cost).then(a.cmp(b)));
        if keep > 0 {
            left.truncate(keep.max(4 * raced));
        }
    }
    let others: HashMap<usize, u32> = alike.values().copied().collect();
    let screened = |candidate: usize| mean(&field.runs[candidate]);
    let enough = left.iter().map(|c| screened(*c)).filter(|one| one.surely_keeps(limits)).map(|one| one.cost).next();
    let dearest = enough.map_or(f64::INFINITY, |cost| cost * (1.0 + COST_BAND));
    let chosen = |candidate: &usize| Chosen {
        candidate: *candidate,
        screened: screened(*candidate),
        alike: others.get(candidate).copied().unwrap_or(0),
    };
    let known = |runs: &Vec<Screened>| (!runs.is_empty()).then(|| mean(runs));
    Ok(Screening {
        raced: left.iter().filter(|candidate| screened(**candidate).cost <= dearest).take(raced).map(chosen).collect(),
        alike: redundant,
        screened: field.runs.iter().map(known).collect(),
        replications: field.replications,
        simulated: field.simulated,
    })
}

/// All candidates with what is known of them.
struct Field<'a> {
    screener: &'a Screener<'a>,
    all: &'a [Candidate],
    runs: Vec<Vec<Screened>>,
    replications: u64,
    simulated: u64,
}

impl Field<'_> {
    /// Runs these replications of some candidates.
    fn run(&mut self, candidates: &[usize], replications: Range<u32>) -> Result<(), Interrupted> {
        if candidates.is_empty() || replications.is_empty() {
            return Ok(());
        }
        let wanted = replications.end;
        self.screener.watcher.stage("screening", candidates.len() as u64 * replications.len() as u64);
        let mixes: Vec<&Candidate> = candidates.iter().map(|candidate| &self.all[*candidate]).collect();
        let of = |replication| self.screener.replication(&mixes, SCREENED_FROM + replication, Filling::Minutes);
        let new: Option<Vec<_>> = replications.into_par_iter().map(of).collect();
        for (new, simulated) in new.ok_or(Interrupted { finished: 0, wanted })? {
            self.replications += new.len() as u64;
            self.simulated += simulated;
            for (candidate, screened) in candidates.iter().zip(new) {
                self.runs[*candidate].push(screened);
            }
        }
        Ok(())
    }

    /// The first replication: first of the half whose commitments cost least, then of those of the others that could still be cheaper. Returns
    /// who has been simulated.
    fn first(&mut self, floors: &[f64], limits: [f64; 2]) -> Result<Vec<usize>, Interrupted> {
        let mut sorted = floors.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.get(floors.len() / 2).copied().unwrap_or(0.0);
        let (mut low, high): (Vec<usize>, Vec<usize>) = (0..floors.len()).partition(|one| floors[*one] <= middle);
        self.run(&low, 0..1)?;
        let keeps = |candidate: &&usize| self.runs[**candidate].iter().all(|one| one.surely_keeps(limits));
        let costs = low.iter().filter(keeps).flat_map(|candidate| &self.runs[*candidate]).map(|one| one.cost);
        let most = FLOOR_BAND * costs.fold(f64::INFINITY, f64::min);
        let high: Vec<usize> = high.into_iter().filter(|candidate| floors[*candidate] <= most).collect();
        self.run(&high, 0..1)?;
        low.extend(high);
        low.sort_unstable();
        Ok(low)
    }
}

fn mean(runs: &[Screened]) -> Screened {
    let n = runs.len().max(1) as f64;
    let of = |value: fn(&Screened) -> f64| runs.iter().map(value).sum::<f64>() / n;
    Screened { cost: of(|one| one.cost), late: of(|one| one.late), failed: of(|one| one.failed) }
}
