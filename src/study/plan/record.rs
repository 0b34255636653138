//! From the race to `plan.json`: the plan, what is claimed, and what stayed open.

use super::contest::Contest;
use super::screening::{Screened, Screening, by_minutes};
use super::{Certificate, ERROR, FRESH, PlanSettings, Watcher};
use crate::billing::finance::MONTH_HOURS;
use crate::engine::Tables;
use crate::input::Candidate;
use crate::plan::commitment::{MONTH, Risk, Settings, recommend};
use crate::plan::race::{Fate, LIMITS, Outcome, Rules, Sample, certify};
use crate::results::{
    CandidateCounts, PLAN_SCHEMA_VERSION, PlanRecord, PlannedMix, RacedMix, ReplicationCounts, ScreenedMix,
    ScreeningError,
};

use crate::study::purchase::purchase_study;
use crate::study::replicate::Origin;
use crate::study::summary::source_record;
use serde_json::Value;
use std::sync::Arc;

/// Replications of the race in which the screening is held against it.
const COMPARED: u32 = 4;
/// Most mixes of the frontier that are listed.
const MOST_ON_FRONTIER: usize = 40;
/// Replications from which commitments are computed.
const FOR_COMMITMENTS: u32 = 5;

/// Everything that a record is made from.
pub(super) struct Findings<'a> {
    pub(super) origin: &'a Origin<'a>,
    pub(super) settings: PlanSettings,
    pub(super) all: &'a [Candidate],
    pub(super) screening: &'a Screening,
    pub(super) outcome: &'a Outcome,
    pub(super) certificate: Certificate,
    pub(super) rules: Rules,
}

impl Findings<'_> {
    pub(super) fn record(&self, tables: &Arc<Tables>, contest: &mut Contest, watcher: &dyn Watcher) -> PlanRecord {
        let scenario = &self.origin.input.scenario;
        let error = self.screening_error(tables, watcher);
        let plan = self.plan();
        let (put_aside, within) = self.put_aside(error, plan.as_ref());
        let stopped = contest.stopped();
        let commitments = if stopped { None } else { self.commitments(watcher) };
        let raced: usize = self.outcome.samples.iter().map(Vec::len).sum();
        PlanRecord {
            schema_version: PLAN_SCHEMA_VERSION,
            fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: scenario.name.clone(),
            seed: scenario.run.seed,
            currency: scenario.prices.currency(),
            horizon_hours: scenario.clock.horizon.as_hours_f64(),
            complete: !stopped,
            claims: self.claims(plan.as_ref(), error, [put_aside, within], stopped),
            candidates: CandidateCounts {
                searched: self.all.len() as u64,
                alike: self.screening.alike,
                raced: self.screening.raced.len() as u64,
                put_aside,
                put_aside_within_error: within,
            },
            replications: ReplicationCounts {
                screened: self.screening.replications,
                raced: raced as u64,
                certified: self.certificate.samples.len() as u64,
            },
            raced: self.raced(),
            frontier: self.frontier(),
            screening_error: error,
            unresolved: self.unresolved(),
            bound: None,
            commitments,
            sources: self.origin.input.sources.iter().map(source_record).collect(),
            plan,
        }
    }

    fn name(&self, raced: usize) -> &str {
        &self.all[self.screening.raced[raced].candidate].name
    }

    fn limits(&self) -> [f64; LIMITS] {
        [self.origin.input.scenario.objective.late_share, self.origin.input.scenario.objective.error_share]
    }

    /// Shares of late and failed requests, from slacks.
    fn shares(&self, samples: &[Sample]) -> [f64; LIMITS] {
        let n = samples.len().max(1) as f64;
        let limits = self.limits();
        std::array::from_fn(|limit| limits[limit] + samples.iter().map(|sample| sample.slacks[limit]).sum::<f64>() / n)
    }

    fn plan(&self) -> Option<PlannedMix> {
        let winner = self.outcome.winner?;
        let candidate = &self.all[self.screening.raced[winner].candidate];
        let fresh = &self.certificate.samples;
        let samples = if fresh.is_empty() { &self.outcome.samples[winner] } else { fresh };
        let cost = mean_cost(samples);
        let [late_share, error_share] = self.shares(samples);
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
            per_month: cost / (self.origin.input.scenario.clock.horizon.as_hours_f64() / MONTH_HOURS),
            late_share,
            error_share,
            certified: certified.to_string(),
        })
    }

    fn raced(&self) -> Vec<RacedMix> {
        let mut order: Vec<usize> = (0..self.screening.raced.len()).collect();
        order.retain(|raced| !self.outcome.samples[*raced].is_empty());
        let cost = |raced: usize| mean_cost(&self.outcome.samples[raced]);
        order.sort_by(|a, b| cost(*a).total_cmp(&cost(*b)).then(a.cmp(b)));
        let record = |raced: usize| {
            let samples = &self.outcome.samples[raced];
            let [late_share, error_share] = self.shares(samples);
            RacedMix {
                name: self.name(raced).to_string(),
                cost: mean_cost(samples),
                late_share,
                error_share,
                replications: samples.len() as u32,
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
                let cost = mean_cost(&self.outcome.samples[than]).max(f64::MIN_POSITIVE);
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
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        let screened = &self.screening.screened;
        order.retain(|candidate| !screened[*candidate].surely_misses([1.0, limits[1]], 1.0));
        order.sort_by(|a, b| {
            let (a, b) = ((screened[*a], a), (screened[*b], b));
            a.0.cost.total_cmp(&b.0.cost).then(a.0.late.total_cmp(&b.0.late)).then(a.1.cmp(b.1))
        });
        let mut least = f64::INFINITY;
        order.retain(|candidate| {
            let better = screened[*candidate].late < least;
            least = least.min(screened[*candidate].late);
            better
        });
        order.truncate(MOST_ON_FRONTIER);
        let record = |candidate: usize| {
            let Screened { cost, late, failed } = screened[candidate];
            ScreenedMix { name: self.all[candidate].name.clone(), cost, late_share: late, error_share: failed }
        };
        order.into_iter().map(record).collect()
    }

    /// The largest errors of minutes against requests, on the raced candidates and the same random numbers.
    fn screening_error(&self, tables: &Arc<Tables>, watcher: &dyn Watcher) -> Option<ScreeningError> {
        let mixes: Vec<&Candidate> = self.screening.raced.iter().map(|one| &self.all[one.candidate]).collect();
        let compared = self.outcome.samples.iter().map(Vec::len).min().unwrap_or(0).min(COMPARED as usize);
        let mut largest: Option<ScreeningError> = None;
        for replication in 0..compared {
            let minutes = by_minutes(self.origin, tables, &mixes, replication as u32, watcher)?;
            for (raced, screened) in minutes.iter().enumerate() {
                let sample = self.outcome.samples[raced][replication];
                let [late, failed] = self.shares(&[sample]);
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

    /// Candidates that were not raced: those that the screening's error leaves dearer or later than the plan, and the others.
    fn put_aside(&self, error: Option<ScreeningError>, plan: Option<&PlannedMix>) -> (u64, u64) {
        let raced: Vec<usize> = self.screening.raced.iter().map(|one| one.candidate).collect();
        let total =
            (self.all.len() - raced.len()) as u64 - self.screening.alike.min((self.all.len() - raced.len()) as u64);
        let (Some(error), Some(_), Some(winner)) = (error, plan, self.outcome.winner) else { return (0, total) };
        let reference = self.screening.raced[winner].screened.cost;
        let limits = self.limits();
        let ruled_out = |candidate: &usize| {
            let one = self.screening.screened[*candidate];
            let dearer =
                one.cost * (1.0 - 2.0 * error.cost) >= reference * (1.0 - self.rules.cost_tolerance / reference);
            dearer || one.late > limits[0] + error.late_share || one.failed > limits[1] + error.error_share
        };
        let others = (0..self.all.len()).filter(|candidate| !raced.contains(candidate));
        let open = others.filter(|candidate| !ruled_out(candidate)).count() as u64;
        let open = open.min(total);
        (total - open, open)
    }

    fn claims(
        &self,
        plan: Option<&PlannedMix>,
        error: Option<ScreeningError>,
        [put_aside, within]: [u64; 2],
        stopped: bool,
    ) -> Vec<String> {
        let mut claims = Vec::new();
        if stopped {
            claims.push(
                "Stopped early: this is the best that was known by then, and nothing is claimed of it.".to_string(),
            );
            return claims;
        }
        let raced = self.screening.raced.len();
        let open = self.outcome.fates.iter().filter(|fate| matches!(fate, Fate::Unresolved { .. })).count();
        let Some(plan) = plan else {
            claims.push(format!("None of {} candidates was shown to meet the objective.", self.all.len()));
            return claims;
        };
        let but = if open > 0 { format!(", {open} unresolved ones left out") } else { String::new() };
        claims.push(format!(
            "With {:.0} % confidence, of the {raced} raced candidates{but}, \"{}\" meets the objective and none that meets it by a tenth of its limits \
             costs less by more than {:.1} %.",
            100.0 * (1.0 - ERROR),
            plan.name,
            100.0 * self.rules.cost_tolerance / plan.cost.max(f64::MIN_POSITIVE),
        ));
        let fresh = self.certificate.samples.len();
        claims.push(match (self.certificate.kept, self.settings.distribution_free) {
            (true, false) => format!(
                "On {fresh} fresh replications that chose nothing it meets the objective with {:.0} % confidence (one-sided t limits, for means of \
                 replications that are about normal).",
                100.0 * (1.0 - ERROR)
            ),
            (true, true) => format!(
                "On {fresh} fresh replications that chose nothing it meets the objective with {:.0} % confidence, whatever the law of the replications.",
                100.0 * (1.0 - ERROR)
            ),
            (false, _) => format!("On {} fresh replications it could not be certified that it meets the objective.", fresh.max(FRESH as usize)),
        });
        if let Some(error) = error {
            claims.push(format!(
                "Weaker: {put_aside} candidates were put aside by the screening alone. By the minute they are dearer or miss the objective by more than the \
                 screening's largest error on the raced ones ({:.2} % of cost, {:.4} of late requests, {:.5} of failed ones). Most of them were \
                 screened on one replication only, and how much replications differ is no part of that error.",
                100.0 * error.cost, error.late_share, error.error_share
            ));
        }
        if within > 0 {
            claims.push(format!("{within} more were put aside though they are within that error of the plan; nothing is claimed of them."));
        }
        if self.settings.segments {
            claims.push(
                "Race and certificate simulated every request of a sample of days, all critical ones among them, and took the other days from the \
                 screening's tables, corrected by what these were off by on the sampled days; the sampling's error is in the intervals."
                    .to_string(),
            );
        }
        claims.push(
            "All of it is given the model and its traces: that the future resembles them is assumed, not shown."
                .to_string(),
        );
        claims
    }

    /// The best commitments for the plan's usage, as `commit` finds them.
    fn commitments(&self, watcher: &dyn Watcher) -> Option<Value> {
        let winner = self.outcome.winner?;
        let mut input = self.origin.input.clone();
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
        let study = purchase_study(&input, settings, watcher).ok()?;
        let situation = &study.situation;
        let nothing = situation.reserved.is_empty() && situation.plans.is_empty();
        if nothing || situation.replications.iter().flatten().all(|one| one.hours.is_empty()) {
            return None;
        }
        let recommendation = recommend(situation, 1).ok()?;
        serde_json::to_value(&recommendation).ok()
    }
}

fn mean_cost(samples: &[Sample]) -> f64 {
    samples.iter().map(|sample| sample.cost).sum::<f64>() / samples.len().max(1) as f64
}
