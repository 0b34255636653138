//! Screening: ever more replications of ever fewer candidates.

use super::SCREENED_FROM;
use super::screener::{Filling, Hopeless, Screener};
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
/// The same for long horizons, whose replications differ less: the root of their weeks divides it.
const LONG_FLOOR_BAND: f64 = 1.15;
/// With few replications a candidate is put aside only if it misses a limit by this factor.
const SURELY: f64 = 2.0;

/// What the minutes of some replications come to, in the mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Screened {
    pub(super) cost: f64,
    pub(super) late: f64,
    pub(super) failed: f64,
    /// Whether it was given up before its end: the shares are at least these, and the cost is not known (0).
    pub(super) given_up: bool,
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

impl Screening {
    /// Candidates that were given up before the end of their first replication.
    pub(super) fn given_up(&self) -> u64 {
        self.screened.iter().flatten().filter(|one| one.given_up).count() as u64
    }
}

impl Screened {
    /// Whether it misses a limit by more than the screening may err, with limits wider by `factor`.
    pub(super) fn surely_misses(&self, limits: [f64; 2], factor: f64) -> bool {
        let [late, failed] = hopeless(limits, factor);
        self.given_up || self.late > late || self.failed > failed
    }

    /// 0 if it misses a limit, 1 if it keeps them as far as the screening knows, 2 if it does so by more than the screening may err.
    fn hope(&self, limits: [f64; 2]) -> u8 {
        let likely = self.late <= limits[0] && self.failed <= limits[1];
        u8::from(likely) + u8::from(self.surely_keeps(limits))
    }

    /// Whether it keeps every limit by more than the screening may err.
    fn surely_keeps(&self, limits: [f64; 2]) -> bool {
        let within = |value: f64, limit: f64, error: (f64, f64)| {
            value + (error.0 * limit).max(error.1).min(0.5 * limit) <= limit
        };
        within(self.late, limits[0], LATE_ERROR) && within(self.failed, limits[1], FAILED_ERROR)
    }
}

/// The shares beyond which a candidate surely misses these limits, made wider by `factor`.
fn hopeless(limits: [f64; 2], factor: f64) -> [f64; 2] {
    let beyond = |limit: f64, error: (f64, f64)| factor * limit + (error.0 * limit).max(error.1);
    [beyond(limits[0], LATE_ERROR), beyond(limits[1], FAILED_ERROR)]
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
    let long = screener.origin.input.scenario.clock.horizon.as_hours_f64() > LONG_HOURS;
    let mut field = Field { screener, all, long, runs: vec![Vec::new(); all.len()], replications: 0, simulated: 0 };
    let mut left = field.first(floors, limits)?;
    let (mut done, mut alike) = (1, HashMap::<Vec<[u64; 3]>, (usize, u32)>::new());
    let mut redundant = 0;
    for (until, keep) in if long { LONG_STAGES } else { STAGES } {
        field.run(&left, done..until, None)?;
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
            left = entrants(&left, |candidate| mean(*candidate).hope(limits), keep.max(4 * raced));
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
    left.retain(|candidate| screened(*candidate).cost <= dearest);
    Ok(Screening {
        raced: entrants(&left, |candidate| screened(*candidate).hope(limits), raced).iter().map(chosen).collect(),
        alike: redundant,
        screened: field.runs.iter().map(known).collect(),
        replications: field.replications,
        simulated: field.simulated,
    })
}

/// Who goes on where there are so many places, of `candidates` by increasing cost: a third of the places is for the cheapest, a third for the cheapest
/// that likely keep the objective (a `hope` of 1), a third for the cheapest that surely do (2). Of many mixes that differ little the cheapest are
/// those that just miss the objective, and a race among them alone would have no winner.
fn entrants(candidates: &[usize], hope: impl Fn(&usize) -> u8, places: usize) -> Vec<usize> {
    let mut enters = vec![false; candidates.len()];
    for (least, until) in [(0, places.div_ceil(3)), (1, (2 * places).div_ceil(3)), (2, places), (0, places)] {
        let taken = enters.iter().filter(|enters| **enters).count();
        let free = (0..candidates.len()).filter(|place| !enters[*place] && hope(&candidates[*place]) >= least);
        let new: Vec<usize> = free.take(until.saturating_sub(taken)).collect();
        new.into_iter().for_each(|place| enters[place] = true);
    }
    candidates.iter().zip(enters).filter(|(_, enters)| *enters).map(|(candidate, _)| *candidate).collect()
}

/// All candidates with what is known of them.
struct Field<'a> {
    screener: &'a Screener<'a>,
    all: &'a [Candidate],
    /// Whether a replication knows many weeks.
    long: bool,
    runs: Vec<Vec<Screened>>,
    replications: u64,
    simulated: u64,
}

impl Field<'_> {
    /// Runs these replications of some candidates.
    fn run(&mut self, candidates: &[usize], replications: Range<u32>, hopeless: Hopeless) -> Result<(), Interrupted> {
        if candidates.is_empty() || replications.is_empty() {
            return Ok(());
        }
        let wanted = replications.end;
        self.screener.watcher.stage("screening", candidates.len() as u64 * replications.len() as u64);
        let mixes: Vec<&Candidate> = candidates.iter().map(|candidate| &self.all[*candidate]).collect();
        let of =
            |replication| self.screener.replication(&mixes, SCREENED_FROM + replication, Filling::Minutes, hopeless);
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
    /// who has been simulated to its end.
    fn first(&mut self, floors: &[f64], limits: [f64; 2]) -> Result<Vec<usize>, Interrupted> {
        let mut sorted = floors.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.get(floors.len() / 2).copied().unwrap_or(0.0);
        let (mut low, high): (Vec<usize>, Vec<usize>) = (0..floors.len()).partition(|one| floors[*one] <= middle);
        // One that surely misses a limit is put aside after it, and need not be seen to its end.
        let given_up_at = Some(hopeless(limits, SURELY));
        self.run(&low, 0..1, given_up_at)?;
        let keeps = |candidate: &&usize| self.runs[**candidate].iter().all(|one| one.surely_keeps(limits));
        let costs = low.iter().filter(keeps).flat_map(|candidate| &self.runs[*candidate]).map(|one| one.cost);
        let band = if self.long { LONG_FLOOR_BAND } else { FLOOR_BAND };
        let most = band * costs.fold(f64::INFINITY, f64::min);
        let high: Vec<usize> = high.into_iter().filter(|candidate| floors[*candidate] <= most).collect();
        self.run(&high, 0..1, given_up_at)?;
        low.extend(high);
        low.sort_unstable();
        let misses = |candidate: &usize| self.runs[*candidate].iter().all(|one| one.surely_misses(limits, SURELY));
        let (given_up, whole): (Vec<usize>, Vec<usize>) =
            low.iter().partition(|candidate| self.runs[**candidate].iter().any(|one| one.given_up));
        if !low.iter().all(misses) {
            return Ok(whole);
        }
        // Nothing comes near the objective: by how much the best miss it is worth their time.
        given_up.iter().for_each(|candidate| self.runs[*candidate].clear());
        self.run(&given_up, 0..1, None)?;
        Ok(low)
    }
}

fn mean(runs: &[Screened]) -> Screened {
    let n = runs.len().max(1) as f64;
    let of = |value: fn(&Screened) -> f64| runs.iter().map(value).sum::<f64>() / n;
    Screened {
        cost: of(|one| one.cost),
        late: of(|one| one.late),
        failed: of(|one| one.failed),
        given_up: runs.iter().any(|one| one.given_up),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cheapest mixes just miss the objective; some of those that keep it are raced all the same.
    #[test]
    fn those_who_keep_the_objective_have_places_in_the_race() {
        let all: Vec<usize> = (0..100).collect();
        let hope = |candidate: &usize| u8::from(*candidate >= 20) + u8::from(*candidate >= 50);
        assert_eq!(entrants(&all, hope, 12), [0, 1, 2, 3, 20, 21, 22, 23, 50, 51, 52, 53]);
        assert_eq!(entrants(&all, hope, 4), [0, 1, 20, 50]);
        assert_eq!(entrants(&all, hope, 1), [0]);
        // What nobody else takes is for the cheapest.
        assert_eq!(entrants(&all, |_| 0, 3), [0, 1, 2]);
        assert_eq!(entrants(&all, |_| 2, 3), [0, 1, 2]);
        assert_eq!(entrants(&all[..2], hope, 12), [0, 1]);
    }

    #[test]
    fn what_misses_by_more_than_the_tables_err_is_hopeless() {
        let screened = |late: f64, failed: f64| Screened { cost: 1.0, late, failed, given_up: false };
        let limits = [0.05, 0.001];
        let misses = |late, failed, factor| screened(late, failed).surely_misses(limits, factor);
        assert!(!misses(0.0559, 0.0, 1.0) && misses(0.0561, 0.0, 1.0));
        assert!(!misses(0.1059, 0.0, 2.0) && misses(0.1061, 0.0, 2.0));
        assert!(!misses(0.0, 0.00129, 1.0) && misses(0.0, 0.00131, 1.0));
        assert!(Screened { given_up: true, ..screened(0.0, 0.0) }.surely_misses(limits, 2.0));
        let hope = |late, failed| screened(late, failed).hope(limits);
        assert_eq!([hope(0.0439, 0.0), hope(0.0441, 0.0), hope(0.0501, 0.0)], [2, 1, 0]);
        assert_eq!([hope(0.0, 0.00069), hope(0.0, 0.00071), hope(0.0, 0.00101)], [2, 1, 0]);
    }
}
