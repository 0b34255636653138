//! Samples of the race, request by request, with what is kept of them.

use super::screener::{Filling, Screener};
use super::screening::{Screened, Screening};
use super::{CONTROLS_FROM, FRESH_FROM};
use crate::engine::Tables;
use crate::input::Candidate;
use crate::plan::race::{Controls, Runs, Sample};
use crate::study::replicate::{Origin, Outcome, Prepared, simulate_together};
use crate::study::segments::{SegmentedRun, by_segments};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// Replications of the controls for each of the requests.
const CONTROLS: u32 = 16;

/// Simulations that go on together fastest, see [`crate::engine::Lockstep`].
const TOGETHER: usize = 8;

/// Replications of so many candidates that one thread simulates together.
fn at_once(candidates: usize) -> u32 {
    match candidates {
        few if few < TOGETHER => TOGETHER.div_ceil(few.max(1)) as u32,
        // What is left over of two replications goes together.
        many => 1 + u32::from(many % TOGETHER != 0),
    }
}

/// What is known of a plan that is not finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// What it was made for.
    key: String,
    pub(super) screening: Option<Screening>,
    /// Cost, and slacks of the limits, by raced candidate and replication.
    raced: Vec<Vec<[f64; 3]>>,
    /// Of the winner, on fresh replications.
    fresh: Vec<[f64; 3]>,
}

impl Checkpoint {
    pub(super) fn new(key: String) -> Self {
        Self { key, screening: None, raced: Vec::new(), fresh: Vec::new() }
    }

    pub(super) fn is_of(&self, key: &str) -> bool {
        self.key == key
    }
}

/// The race was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped;

/// The raced candidates.
pub(super) struct Contest<'a> {
    screener: &'a Screener<'a>,
    all: &'a [Candidate],
    raced: Vec<usize>,
    /// What serves the days that are not simulated by the request, if there are any.
    segments: Option<Arc<Tables>>,
    /// Requests of a replication, in the mean: the same for all candidates.
    expected: f64,
    checkpoint: Checkpoint,
}

impl<'a> Contest<'a> {
    pub(super) fn new(
        screener: &'a Screener<'a>,
        all: &'a [Candidate],
        raced: Vec<usize>,
        segments: Option<Arc<Tables>>,
        mut checkpoint: Checkpoint,
    ) -> Self {
        checkpoint.raced.resize(raced.len(), Vec::new());
        let origin = screener.origin;
        let expected = origin.sampling.demand_path(origin.input, 0).expected_requests().max(1.0);
        Self { screener, all, raced, segments, expected, checkpoint }
    }

    /// Fresh replications of the winner; `None` if it was stopped.
    pub(super) fn fresh(&mut self, winner: usize, replications: Range<u32>) -> Option<Vec<Sample>> {
        while (self.checkpoint.fresh.len() as u32) < replications.end {
            let from = self.checkpoint.fresh.len() as u32;
            let to = replications.end.min(from + self.batch(1));
            let new = self.samples(&[winner], FRESH_FROM + from..FRESH_FROM + to)?;
            self.checkpoint.fresh.extend(new.into_iter().flatten());
            self.screener.watcher.keep(&self.checkpoint);
        }
        let range = replications.start as usize..replications.end as usize;
        Some(self.checkpoint.fresh[range].iter().map(sample).collect())
    }

    /// Replications of so many candidates after which a checkpoint is kept.
    fn batch(&self, raced: usize) -> u32 {
        let each = if self.segments.is_some() { 2 } else { at_once(raced).max(2) };
        each * rayon::current_num_threads() as u32
    }

    /// These replications of these raced candidates, by replication; `None` if it was stopped.
    fn samples(&self, raced: &[usize], replications: Range<u32>) -> Option<Vec<Vec<[f64; 3]>>> {
        if let Some(tables) = &self.segments {
            return self.segmented(tables, raced, replications);
        }
        let prepared: Vec<Prepared> = raced.iter().map(|one| Prepared::new(&self.all[self.raced[*one]])).collect();
        let step = at_once(raced.len());
        let groups = (0..(replications.end - replications.start).div_ceil(step)).into_par_iter().with_max_len(1);
        let by_group: Vec<Vec<Vec<[f64; 3]>>> = groups
            .map(|group| {
                let from = replications.start + group * step;
                let to = replications.end.min(from + step);
                let Screener { origin, watcher, .. } = self.screener;
                let outcomes = simulate_together(origin, &prepared, from..to, *watcher)?;
                watcher.advance(outcomes.iter().map(|of_one| of_one.len() as u64).sum());
                let samples = |of_one: &Vec<Outcome>| of_one.iter().map(|outcome| self.sample_of(outcome)).collect();
                Some(outcomes.iter().map(samples).collect())
            })
            .collect::<Option<_>>()?;
        Some(by_group.concat())
    }

    /// The same with requests on a sample of days: estimates whose error is as good as part of what replications differ by.
    fn segmented(&self, tables: &Arc<Tables>, raced: &[usize], replications: Range<u32>) -> Option<Vec<Vec<[f64; 3]>>> {
        let candidates: Vec<&Candidate> = raced.iter().map(|one| &self.all[self.raced[*one]]).collect();
        replications
            .into_par_iter()
            .map(|replication| {
                let runs = by_segments(self.screener.origin, tables, &candidates, replication, self.screener.watcher)?;
                self.screener.watcher.advance(runs.len() as u64);
                let sample = |run: &SegmentedRun| {
                    let [cost, late, failed] = run.totals.map(|total| total.estimate);
                    self.sample(cost, [late, failed], run.offered)
                };
                Some(runs.iter().map(sample).collect())
            })
            .collect()
    }

    fn sample_of(&self, outcome: &Outcome) -> [f64; 3] {
        let counts = &outcome.run.counts;
        let failed = counts.failed() + counts.in_system_at_end;
        self.sample(
            outcome.decisive_cost(&self.screener.origin.input.scenario),
            [counts.late as f64, failed as f64],
            counts.offered as f64,
        )
    }

    /// A cost, and by how much late and failed requests pass their limits.
    fn sample(&self, cost: f64, [late, failed]: [f64; 2], offered: f64) -> [f64; 3] {
        let objective = &self.screener.origin.input.scenario.objective;
        let slack = |count: f64, allowed: f64| (count - allowed * offered) / self.expected;
        [cost, slack(late, objective.late_share), slack(failed, objective.error_share)]
    }

    /// Controls of these candidates, by candidate: minutes filled with what is to be expected of a replication's demand, which takes no drawing;
    /// `None` if it was stopped.
    fn controls_of(&self, mixes: &[&Candidate], replications: Range<u32>) -> Option<Vec<Vec<Sample>>> {
        let one = |replication| {
            let Origin { input, sampling, .. } = self.screener.origin;
            let (screened, _) = self.screener.replication(mixes, replication, Filling::Mean, None)?;
            let offered = sampling.demand_path(input, replication).expected_requests();
            let of = |one: &Screened| {
                sample(&self.sample(one.cost, [one.late, one.failed].map(|share| share * offered), offered))
            };
            Some(screened.iter().map(of).collect())
        };
        let by_replication: Vec<Vec<Sample>> = replications.into_par_iter().map(one).collect::<Option<_>>()?;
        Some((0..mixes.len()).map(|place| by_replication.iter().map(|samples| samples[place]).collect()).collect())
    }

    /// Whether it was stopped.
    pub(super) fn stopped(&self) -> bool {
        self.screener.watcher.cancelled()
    }
}

fn sample(values: &[f64; 3]) -> Sample {
    Sample { cost: values[0], slacks: [values[1], values[2]] }
}

impl Runs for Contest<'_> {
    type Stop = Stopped;

    fn run(&mut self, raced: &[usize], replications: Range<u32>) -> Result<Vec<Vec<Sample>>, Stopped> {
        self.screener.watcher.stage(
            &format!("racing, {} left", raced.len()),
            raced.len() as u64 * u64::from(replications.end - replications.start),
        );
        loop {
            // All that are left have as many replications, unless an earlier run was killed between them.
            let known = |one: &usize| self.checkpoint.raced[*one].len() as u32;
            let from = raced.iter().map(known).min().unwrap_or(replications.end);
            if from >= replications.end {
                break;
            }
            let to = replications.end.min(from + self.batch(raced.len()));
            let new = self.samples(raced, from..to).ok_or(Stopped)?;
            for (place, one) in raced.iter().enumerate() {
                self.checkpoint.raced[*one].truncate(from as usize);
                self.checkpoint.raced[*one].extend(new.iter().map(|replication| replication[place]));
            }
            self.screener.watcher.keep(&self.checkpoint);
        }
        let range = replications.start as usize..replications.end as usize;
        Ok(raced.iter().map(|one| self.checkpoint.raced[*one][range.clone()].iter().map(sample).collect()).collect())
    }

    /// Where minutes can stand for the requests of all raced candidates, they are the controls.
    fn controls(&mut self, raced: &[usize], replications: Range<u32>) -> Result<Option<Controls>, Stopped> {
        let screener = self.screener;
        let outside = self.raced.iter().any(|candidate| !screener.by_minutes(&self.all[*candidate]));
        if outside || self.segments.is_some() {
            return Ok(None);
        }
        let mixes: Vec<&Candidate> = raced.iter().map(|one| &self.all[self.raced[*one]]).collect();
        let count = u64::from(replications.end - replications.start) * u64::from(1 + CONTROLS);
        screener.watcher.stage(&format!("comparing by the minute, {} left", raced.len()), mixes.len() as u64 * count);
        let others = CONTROLS_FROM + CONTROLS * replications.start..CONTROLS_FROM + CONTROLS * replications.end;
        let paired = self.controls_of(&mixes, replications).ok_or(Stopped)?;
        let others = self.controls_of(&mixes, others).ok_or(Stopped)?;
        Ok(Some(Controls { paired, others }))
    }
}
