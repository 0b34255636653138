//! From the race to `plan.json`: the plan, what is claimed, and what stayed open.

use super::screener::{Filling, Screener};
use super::screening::{Screened, Screening};
use super::{Certificate, ERROR, PlanSettings};
use crate::input::{Candidate, LoadedScenario};
use crate::plan::commitment::{MONTH, Risk, Settings, recommend};
use crate::plan::race::{Fate, LIMITS, Outcome, Rules, Sample, certify};
use crate::results::{
    CandidateCounts, PLAN_SCHEMA_VERSION, PlanBound, PlanRecord, PlannedMix, RacedMix, ReplicationCounts, ScreenedMix,
    ScreeningError,
};
use crate::study::bound::{NO_SHARPER_BOUND, WHAT_THE_GAP_IS, scenario_bound};
use crate::study::purchase::purchase_study;
use crate::study::summary::source_record;
use crate::units::MONTH_HOURS;
use serde_json::Value;
use std::collections::HashSet;

/// Replications of the race in which the screening is held against it.
const COMPARED: u32 = 4;
/// Most mixes of the frontier that are listed.
const MOST_ON_FRONTIER: usize = 40;
/// Replications from which commitments are computed.
const FOR_COMMITMENTS: u32 = 5;

/// Replications of the bound.
const FOR_BOUND: u32 = 12;

/// Candidates that were not raced, those aside that behave like another.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetAside {
    /// Their commitments alone cost more than the plan.
    pub(super) too_dear: u64,
    /// The screening's error leaves them dearer or later than the plan.
    pub(super) surely: u64,
    /// The others.
    pub(super) within_error: u64,
}

/// Everything that a record is made from.
pub(super) struct Findings<'a> {
    pub(super) screener: &'a Screener<'a>,
    pub(super) settings: PlanSettings,
    pub(super) all: &'a [Candidate],
    /// What each costs at least.
    pub(super) floors: &'a [f64],
    pub(super) screening: &'a Screening,
    pub(super) outcome: &'a Outcome,
    pub(super) certificate: Certificate,
    pub(super) rules: Rules,
}

impl Findings<'_> {
    pub(super) fn record(&self, stopped: bool) -> PlanRecord {
        let scenario = &self.input().scenario;
        let error = if stopped { None } else { self.screening_error() };
        let plan = self.plan();
        let set_aside = self.set_aside(error, plan.as_ref());
        let commitments = if stopped { None } else { self.commitments() };
        let (bound, no_bound) = self.bound(plan.as_ref().filter(|_| !stopped));
        let raced: usize = self.outcome.samples.iter().map(Vec::len).sum();
        PlanRecord {
            schema_version: PLAN_SCHEMA_VERSION,
            fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: scenario.name.clone(),
            seed: scenario.run.seed,
            currency: scenario.prices.currency(),
            horizon_hours: scenario.clock.horizon.as_hours_f64(),
            complete: !stopped && !self.screener.watcher.cancelled(),
            claims: self.claims(plan.as_ref(), error, set_aside, stopped),
            candidates: CandidateCounts {
                searched: self.all.len() as u64,
                alike: self.screening.alike,
                raced: self.screening.raced.len() as u64,
                too_dear: set_aside.too_dear,
                put_aside: set_aside.surely,
                put_aside_within_error: set_aside.within_error,
            },
            replications: ReplicationCounts {
                screened: self.screening.replications,
                simulated: self.screening.simulated,
                given_up: self.screening.given_up(),
                raced: raced as u64,
                certified: self.certificate.samples.len() as u64,
            },
            raced: self.raced(),
            frontier: self.frontier(),
            screening_error: error,
            unresolved: self.unresolved(),
            bound,
            no_bound,
            commitments,
            sources: self.input().sources.iter().map(source_record).collect(),
            plan,
        }
    }

    pub(super) fn input(&self) -> &LoadedScenario {
        self.screener.origin.input
    }

    /// What no policy goes below, and how far the plan is above it; or why there is no bound.
    fn bound(&self, plan: Option<&PlannedMix>) -> (Option<PlanBound>, Option<String>) {
        let Some(plan) = plan else { return (None, None) };
        let mut input = self.input().clone();
        input.candidates = self.all.to_vec();
        input.scenario.run.replications = FOR_BOUND;
        self.screener.watcher.stage("bounding", u64::from(FOR_BOUND));
        match scenario_bound(&input, self.screener.watcher) {
            Ok(bound) => {
                let cost = bound.lower_limit * self.input().scenario.clock.horizon.as_hours_f64() / MONTH_HOURS;
                let upper = plan.cost_upper.unwrap_or(plan.cost);
                let gap = (cost > 0.0).then(|| upper / cost - 1.0);
                let mut assumptions = bound.holds_for;
                assumptions.extend([NO_SHARPER_BOUND, WHAT_THE_GAP_IS].map(str::to_string));
                (Some(PlanBound { cost, per_month: bound.lower_limit, gap, assumptions }), None)
            }
            Err(reason) => (None, Some(reason.to_string())),
        }
    }

    fn name(&self, raced: usize) -> &str {
        &self.all[self.screening.raced[raced].candidate].name
    }

    pub(super) fn limits(&self) -> [f64; LIMITS] {
        let objective = &self.input().scenario.objective;
        [objective.late_share, objective.error_share]
    }

    /// Shares of late and failed requests, from slacks.
    fn shares(&self, sample: &Sample) -> [f64; LIMITS] {
        let limits = self.limits();
        std::array::from_fn(|limit| limits[limit] + sample.slacks[limit])
    }

    fn plan(&self) -> Option<PlannedMix> {
        let winner = self.outcome.winner?;
        let candidate = &self.all[self.screening.raced[winner].candidate];
        let fresh = &self.certificate.samples;
        let mean = if fresh.is_empty() { self.outcome.means[winner] } else { mean(fresh) };
        let (cost, [late_share, error_share]) = (mean.cost, self.shares(&mean));
        let certified = match (self.certificate.kept, self.settings.distribution_free) {
            (false, _) => "none",
            (true, false) => "t",
            (true, true) => "distribution-free",
        };
        Some(PlannedMix {
            name: candidate.name.clone(),
            mix: candidate.mix.to_string(),
            set: candidate.set.clone(),
            cost,
            cost_upper: (fresh.len() >= 2).then(|| certify(fresh, ERROR).cost_upper),
            per_month: cost / (self.input().scenario.clock.horizon.as_hours_f64() / MONTH_HOURS),
            late_share,
            error_share,
            certified: certified.to_string(),
        })
    }

    fn raced(&self) -> Vec<RacedMix> {
        let mut order: Vec<usize> = (0..self.screening.raced.len()).collect();
        order.retain(|raced| !self.outcome.samples[*raced].is_empty());
        let cost = |raced: usize| self.outcome.means[raced].cost;
        order.sort_by(|a, b| cost(*a).total_cmp(&cost(*b)).then(a.cmp(b)));
        let record = |raced: usize| {
            let mean = self.outcome.means[raced];
            let [late_share, error_share] = self.shares(&mean);
            RacedMix {
                name: self.name(raced).to_string(),
                cost: mean.cost,
                late_share,
                error_share,
                replications: self.outcome.samples[raced].len() as u32,
                verdict: self.verdict(raced),
                alike: self.screening.raced[raced].alike,
            }
        };
        order.into_iter().map(record).collect()
    }

    fn verdict(&self, raced: usize) -> String {
        match self.outcome.fates[raced] {
            Fate::Winner => "the plan".to_string(),
            Fate::Misses { limit, after } => {
                let what = ["late", "failed"][limit];
                format!("too many {what} requests, after {after} replications")
            }
            Fate::NotCheaper { than, by, after } => {
                let name = self.name(than);
                let cost = self.outcome.means[than].cost.max(f64::MIN_POSITIVE);
                format!("{:+.1} % in cost against {name}, after {after} replications", 100.0 * by / cost)
            }
            Fate::Unresolved { winner_dearer_by, feasible } => {
                let objective =
                    if feasible { "meets the objective" } else { "it is open whether it meets the objective" };
                match winner_dearer_by {
                    Some(by) => format!("unresolved: {objective}; the plan may be dearer by up to {by:.2}"),
                    None => format!("unresolved: {objective}"),
                }
            }
        }
    }

    fn unresolved(&self) -> Vec<String> {
        let open = |raced: &usize| matches!(self.outcome.fates[*raced], Fate::Unresolved { .. });
        let raced = (0..self.outcome.fates.len()).filter(open);
        raced.map(|raced| format!("{}: {}", self.name(raced), self.verdict(raced))).collect()
    }

    /// Candidates that no other beats in both cost and late requests, the cheapest first.
    fn frontier(&self) -> Vec<ScreenedMix> {
        let limits = self.limits();
        let screened = &self.screening.screened;
        let mut known: Vec<(usize, Screened)> =
            screened.iter().copied().enumerate().filter_map(|(candidate, one)| Some((candidate, one?))).collect();
        known.retain(|(_, one)| !one.surely_misses([1.0, limits[1]], 1.0));
        known.sort_by(|(a, one), (b, other)| {
            one.cost.total_cmp(&other.cost).then(one.late.total_cmp(&other.late)).then(a.cmp(b))
        });
        let mut least = f64::INFINITY;
        known.retain(|(_, one)| {
            let better = one.late < least;
            least = least.min(one.late);
            better
        });
        known.truncate(MOST_ON_FRONTIER);
        let record = |(candidate, Screened { cost, late, failed, .. }): (usize, Screened)| ScreenedMix {
            name: self.all[candidate].name.clone(),
            cost,
            late_share: late,
            error_share: failed,
        };
        known.into_iter().map(record).collect()
    }

    /// The largest errors of minutes against requests, on the raced candidates and the same random numbers.
    fn screening_error(&self) -> Option<ScreeningError> {
        let mixes: Vec<&Candidate> = self.screening.raced.iter().map(|one| &self.all[one.candidate]).collect();
        let compared = self.outcome.samples.iter().map(Vec::len).min().unwrap_or(0).min(COMPARED as usize);
        self.screener.watcher.stage("measuring the error of minutes", (compared * mixes.len()) as u64);
        let mut largest: Option<ScreeningError> = None;
        for replication in 0..compared {
            let (minutes, _) = self.screener.replication(&mixes, replication as u32, Filling::ItsRequests, None)?;
            for (raced, screened) in minutes.iter().enumerate() {
                let sample = self.outcome.samples[raced][replication];
                let [late, failed] = self.shares(&sample);
                let before = largest.unwrap_or(ScreeningError { cost: 0.0, late_share: 0.0, error_share: 0.0 });
                largest = Some(ScreeningError {
                    cost: before.cost.max((screened.cost / sample.cost - 1.0).abs()),
                    late_share: before.late_share.max((screened.late - late).abs()),
                    error_share: before.error_share.max((screened.failed - failed).abs()),
                });
            }
        }
        largest.filter(|error| error.cost.is_finite())
    }

    /// What became of the candidates that were not raced.
    fn set_aside(&self, error: Option<ScreeningError>, plan: Option<&PlannedMix>) -> SetAside {
        let raced: HashSet<usize> = self.screening.raced.iter().map(|one| one.candidate).collect();
        let others: Vec<usize> = (0..self.all.len()).filter(|candidate| !raced.contains(candidate)).collect();
        let dearest = plan.and_then(|plan| plan.cost_upper);
        let is_too_dear = |candidate: usize| {
            self.screening.screened[candidate].is_none() && dearest.is_some_and(|cost| self.floors[candidate] >= cost)
        };
        let too_dear = others.iter().filter(|candidate| is_too_dear(**candidate)).count() as u64;
        let rest = (others.len() as u64 - too_dear).saturating_sub(self.screening.alike);
        let open = match (error, plan, self.outcome.winner) {
            (Some(error), Some(_), Some(winner)) => {
                let open =
                    |candidate: &&usize| !is_too_dear(**candidate) && !self.ruled_out(**candidate, error, winner);
                (others.iter().filter(open).count() as u64).min(rest)
            }
            _ => rest,
        };
        SetAside { too_dear, surely: rest - open, within_error: open }
    }

    /// Whether the screening leaves a candidate dearer or later than the winner by more than it errs.
    fn ruled_out(&self, candidate: usize, error: ScreeningError, winner: usize) -> bool {
        let Some(one) = self.screening.screened[candidate] else { return false };
        let (reference, limits) = (self.screening.raced[winner].screened.cost, self.limits());
        one.cost * (1.0 - 2.0 * error.cost) >= reference - self.rules.cost_tolerance
            || one.late > limits[0] + error.late_share
            || one.failed > limits[1] + error.error_share
    }

    /// The best commitments for the plan's usage, as `commit` finds them.
    fn commitments(&self) -> Option<Value> {
        let winner = self.outcome.winner?;
        let mut input = self.input().clone();
        input.candidates = vec![self.all[self.screening.raced[winner].candidate].clone()];
        input.scenario.run.replications = FOR_COMMITMENTS;
        let settings = Settings {
            hours: 12 * MONTH,
            dates: vec![0],
            growth: Vec::new(),
            risk: Risk { weight: 0.0, level: 0.95 },
            discount_rate: input.scenario.discount_rate,
            decide_again: None,
        };
        let study = purchase_study(&input, settings, self.screener.watcher).ok()?;
        let situation = &study.situation;
        let nothing = situation.reserved.is_empty() && situation.plans.is_empty();
        if nothing || situation.replications.iter().flatten().all(|one| one.hours.is_empty()) {
            return None;
        }
        let recommendation = recommend(situation, 1).ok()?;
        serde_json::to_value(&recommendation).ok()
    }
}

fn mean(samples: &[Sample]) -> Sample {
    let of = |figure: &dyn Fn(&Sample) -> f64| samples.iter().map(figure).sum::<f64>() / samples.len().max(1) as f64;
    Sample { cost: of(&|one| one.cost), slacks: std::array::from_fn(|limit| of(&|one| one.slacks[limit])) }
}
