//! Replications of a few mixes in a changed scenario, paired with those of the scenario as it stands.

use super::change::Change;
use crate::input::LoadedScenario;
use crate::results::{CommitmentRecord, Estimate, ObjectiveMet, Reaction};
use crate::study::commitments::commitments;
use crate::study::replicate::{Interrupted, Origin, Outcome, Prepared, Progress, Wanted, simulate};
use crate::study::summary::{judge, mean_of, named_replication, ratio};
use crate::units::{MONTH_HOURS, Money};
use rayon::prelude::*;

/// One replication of a mix.
#[derive(Debug, Clone, Copy)]
struct Run {
    cost: Money,
    late: f64,
    failed: f64,
    offered: f64,
}

/// All replications of a mix.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    name: String,
    runs: Vec<Run>,
    /// What becomes of its commitments in the replication of median cost.
    pub(super) commitments: Vec<CommitmentRecord>,
    months: f64,
    limits: [f64; 2],
}

impl Runs {
    fn new(input: &LoadedScenario, mix: &Prepared, outcomes: &[Outcome]) -> Self {
        let run = |outcome: &Outcome| {
            let counts = &outcome.run.counts;
            Run {
                cost: outcome.ledger.total(),
                late: counts.late as f64,
                failed: counts.failed() as f64,
                offered: counts.offered as f64,
            }
        };
        let runs: Vec<Run> = outcomes.iter().map(run).collect();
        let median = named_replication(outcomes).index as usize;
        let objective = &input.scenario.objective;
        Self {
            name: mix.candidate.name.clone(),
            commitments: commitments(mix, &outcomes[median]),
            months: input.scenario.clock.horizon.as_hours_f64() / MONTH_HOURS,
            limits: [objective.late_share, objective.error_share],
            runs,
        }
    }

    /// Cost of 730 h.
    pub(super) fn per_month(&self) -> Estimate {
        mean_of(&self.runs.iter().map(|run| run.cost.to_f64() / self.months).collect::<Vec<_>>())
    }

    /// Cost of 730 h less that of `other`, paired.
    pub(super) fn above(&self, other: &Runs) -> Estimate {
        let pairs = self.runs.iter().zip(&other.runs);
        mean_of(&pairs.map(|(one, other)| (one.cost - other.cost).to_f64() / self.months).collect::<Vec<_>>())
    }

    fn share(&self, part: impl Fn(&Run) -> f64) -> Estimate {
        let parts: Vec<f64> = self.runs.iter().map(part).collect();
        let offered: Vec<f64> = self.runs.iter().map(|run| run.offered).collect();
        let mut share = ratio(&parts, &offered);
        share.ci95 = share.ci95.map(|limits| limits.map(|limit| limit.clamp(0.0, 1.0)));
        share
    }

    pub(super) fn late_share(&self) -> Estimate {
        self.share(|run| run.late)
    }

    pub(super) fn error_share(&self) -> Estimate {
        self.share(|run| run.failed)
    }

    pub(super) fn objective_met(&self) -> ObjectiveMet {
        judge([(self.late_share(), self.limits[0]), (self.error_share(), self.limits[1])])
    }

    /// What the mix comes to, against what it came to in `base`.
    pub(super) fn reaction(&self, base: &Runs) -> Reaction {
        let late = |run: &Run| if run.offered > 0.0 { run.late / run.offered } else { 0.0 };
        let pairs = self.runs.iter().zip(&base.runs);
        Reaction {
            name: self.name.clone(),
            per_month: self.per_month(),
            cost_change: self.above(base),
            late_share: self.late_share(),
            late_change: mean_of(&pairs.map(|(one, base)| late(one) - late(base)).collect::<Vec<_>>()),
            error_share: self.error_share(),
            objective_met: self.objective_met(),
        }
    }
}

/// Simulates all mixes of the scenario under each change, with the same random numbers.
///
/// # Errors
/// If it is cancelled.
pub(super) fn runs(
    input: &LoadedScenario,
    changes: &[Change],
    progress: &dyn Progress,
) -> Result<Vec<Vec<Runs>>, Interrupted> {
    let inputs: Vec<LoadedScenario> = changes.iter().map(|change| change.of(input)).collect();
    let origins: Vec<Origin> = inputs.iter().map(Origin::new).collect();
    let prepared: Vec<Vec<Prepared>> =
        inputs.iter().map(|input| input.candidates.iter().map(Prepared::new).collect()).collect();
    let wanted = input.scenario.run.replications;
    let tasks: Vec<(usize, u32)> =
        (0..changes.len()).flat_map(|change| (0..wanted).map(move |replication| (change, replication))).collect();
    let done: Option<Vec<Vec<Outcome>>> = tasks
        .par_iter()
        .map(|(change, replication)| {
            let outcomes = simulate(&origins[*change], &prepared[*change], *replication, Wanted::default(), progress)?;
            progress.advance(outcomes.len() as u64);
            Some(outcomes)
        })
        .collect();
    let mut outcomes = done.ok_or(Interrupted { finished: 0, wanted })?.into_iter();
    let mut of_changes = Vec::with_capacity(changes.len());
    for (input, mixes) in inputs.iter().zip(&prepared) {
        let mut by_mix: Vec<Vec<Outcome>> = mixes.iter().map(|_| Vec::new()).collect();
        for replication in outcomes.by_ref().take(wanted as usize) {
            by_mix.iter_mut().zip(replication).for_each(|(outcomes, outcome)| outcomes.push(outcome));
        }
        of_changes.push(mixes.iter().zip(&by_mix).map(|(mix, outcomes)| Runs::new(input, mix, outcomes)).collect());
    }
    Ok(of_changes)
}
