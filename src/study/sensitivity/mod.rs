//! Sensitivity: what a mix's cost and late requests depend on most, and where the decision for it turns.

mod change;
mod findings;
mod runs;
mod turn;

use super::Watcher;
use super::replicate::{Interrupted as Cancelled, Origin};
use super::summary::source_record;
use super::words::varied;
use crate::input::{Candidate, LoadedScenario};
use crate::results::{
    CommitmentBreakEven, CommitmentRecord, Estimate, Factor, FactorRecord, InterruptionBreakEven, InterruptionPoint,
    ObjectiveMet, ObjectiveRecord, Results, SENSITIVITY_SCHEMA_VERSION, SensitivityRecord, Turn, Variation,
};
use crate::scenario::Scenario;
use crate::units::MONTH_HOURS;
use change::{Change, Interrupted, interruptions_now};
use findings::findings;
use runs::{Runs, runs};
use turn::{bracket, turn};

/// Interruptions of an instance in 730 h that are tried: up to one a day, far beyond what clouds publish (RULES R110).
const RATES: [f64; 7] = [0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];
/// How often a bracket of the break-even rate is halved.
const HALVINGS: usize = 3;
/// Interruptions in 730 h of the higher variation where nothing but prices interrupts.
const ONE_A_MONTH: f64 = 1.0;

/// Which mixes are looked at, by their place among the candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chosen {
    /// The mix; the cheapest that meets the objective unless given.
    pub mix: Option<usize>,
    /// Its rival. Unless given the cheapest other one that meets the objective, and that has less spot if the mix has some.
    pub rival: Option<usize>,
}

/// Changes one factor at a time, on the current thread pool, with the same random numbers each time.
///
/// # Errors
/// If it is cancelled.
pub fn sensitivity(
    input: &LoadedScenario,
    chosen: Chosen,
    watcher: &dyn Watcher,
) -> Result<SensitivityRecord, Cancelled> {
    let all = as_it_stands(input, watcher)?;
    let judged: Vec<Judged> = all.iter().map(|runs| (runs.objective_met(), runs.per_month().mean)).collect();
    let pair = decided(input, chosen, &judged);
    let base = pair.iter().map(|index| all[*index].clone()).collect();
    Sensitivity { input: &only(input, &pair), base, watcher }.record()
}

/// The same for a mix of a study, by its name: what the study has found decides on the rival.
///
/// # Errors
/// If it is cancelled.
pub fn sensitivity_of(
    input: &LoadedScenario,
    results: &Results,
    mix: &str,
    watcher: &dyn Watcher,
) -> Result<SensitivityRecord, Cancelled> {
    let judged = |candidate: &Candidate| -> Judged {
        let mix = results.mixes.iter().find(|mix| mix.name == candidate.name);
        mix.map_or((ObjectiveMet::Missed, f64::INFINITY), |mix| (mix.objective_met, mix.cost.per_month.mean))
    };
    let judged: Vec<Judged> = input.candidates.iter().map(judged).collect();
    let place = input.candidates.iter().position(|candidate| candidate.name == mix);
    let pair = decided(input, Chosen { mix: place, rival: None }, &judged);
    let of_both = only(input, &pair);
    let base = as_it_stands(&of_both, watcher)?;
    Sensitivity { input: &of_both, base, watcher }.record()
}

/// All mixes without a change.
fn as_it_stands(input: &LoadedScenario, watcher: &dyn Watcher) -> Result<Vec<Runs>, Cancelled> {
    let steps = u64::from(input.scenario.run.replications) * input.candidates.len() as u64;
    watcher.stage("as it stands", steps);
    Ok(runs(input, &[Change::AsItStands], watcher)?.swap_remove(0))
}

/// What is known of a mix: whether it meets the objective, and its cost for 730 h.
type Judged = (ObjectiveMet, f64);

/// The places of the mix and of its rival, if there is one.
fn decided(input: &LoadedScenario, chosen: Chosen, all: &[Judged]) -> Vec<usize> {
    let mix = chosen.mix.unwrap_or_else(|| cheapest(all, |_| true).unwrap_or(0));
    let spot = |index: usize| input.candidates[index].mix.spot_count();
    let less_spot = |index: usize| index != mix && (spot(mix) == 0 || spot(index) < spot(mix));
    let rival = chosen.rival.or_else(|| cheapest(all, less_spot)).filter(|rival| *rival != mix);
    [Some(mix), rival].into_iter().flatten().collect()
}

/// The scenario with these candidates only.
fn only(input: &LoadedScenario, places: &[usize]) -> LoadedScenario {
    let candidates = places.iter().map(|index| input.candidates[*index].clone()).collect();
    LoadedScenario { candidates, ..input.clone() }
}

/// The cheapest of some candidates that meets the objective, else for which that is unclear, else of all.
fn cheapest(all: &[Judged], of: impl Fn(usize) -> bool) -> Option<usize> {
    let rank = |met: ObjectiveMet| match met {
        ObjectiveMet::Met => 0,
        ObjectiveMet::Unclear => 1,
        ObjectiveMet::Missed => 2,
    };
    let candidates = all.iter().enumerate().filter(|(index, _)| of(*index));
    let order =
        |(_, a): &(usize, &Judged), (_, b): &(usize, &Judged)| rank(a.0).cmp(&rank(b.0)).then(a.1.total_cmp(&b.1));
    candidates.min_by(order).map(|(index, _)| index)
}

/// A mix, and its rival if it has one.
struct Sensitivity<'a> {
    input: &'a LoadedScenario,
    base: Vec<Runs>,
    watcher: &'a dyn Watcher,
}

/// A factor with its two changes and what they are called.
type Varied = (Factor, [(Change, String); 2]);

impl Sensitivity<'_> {
    fn record(&self) -> Result<SensitivityRecord, Cancelled> {
        let scenario = &self.input.scenario;
        let factors = self.factors();
        let changes: Vec<Change> =
            factors.iter().flat_map(|(_, both)| both.iter().map(|(change, _)| *change)).collect();
        self.stage("one factor at a time", changes.len());
        let found = runs(self.input, &changes, self.watcher)?;
        let variation = |runs: &[Runs], change: &str| Variation {
            change: change.to_string(),
            mix: runs[0].reaction(&self.base[0]),
            rival: runs.get(1).map(|rival| rival.reaction(&self.base[1])),
        };
        let mut records: Vec<FactorRecord> = factors
            .iter()
            .zip(found.chunks_exact(2))
            .map(|((factor, both), runs)| FactorRecord {
                factor: *factor,
                low: variation(&runs[0], &both[0].1),
                high: variation(&runs[1], &both[1].1),
            })
            .collect();
        records.sort_by(|a, b| b.largest_effect().total_cmp(&a.largest_effect()));
        let demand = factors.iter().position(|(factor, _)| *factor == Factor::Demand);
        let demand = demand.map(|place| [&found[2 * place][0], &found[2 * place + 1][0]]);
        let objective = &scenario.objective;
        let mut record = SensitivityRecord {
            schema_version: SENSITIVITY_SCHEMA_VERSION,
            fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: scenario.name.clone(),
            seed: scenario.run.seed,
            replications: scenario.run.replications,
            currency: self.input.candidates[0].prices.currency,
            objective: ObjectiveRecord {
                latency_seconds: objective.latency.as_secs_f64(),
                late_share: objective.late_share,
                error_share: objective.error_share,
            },
            findings: Vec::new(),
            mix: self.base[0].reaction(&self.base[0]),
            rival: self.base.get(1).map(|rival| rival.reaction(rival)),
            factors: records,
            interruptions: self.interruptions()?,
            commitments: commitments(&self.base[0], demand),
            assumptions: self.assumptions(),
            sources: self.input.sources.iter().map(source_record).collect(),
        };
        record.findings = findings(&record);
        Ok(record)
    }

    fn stage(&self, words: &str, changes: usize) {
        let runs = changes * self.base.len();
        self.watcher.stage(words, runs as u64 * u64::from(self.input.scenario.run.replications));
    }

    fn has_spot(&self, mix: usize) -> bool {
        self.input.candidates.get(mix).is_some_and(|candidate| candidate.mix.spot_count() > 0)
    }

    /// Factors that matter to the mix or its rival.
    fn factors(&self) -> Vec<Varied> {
        let by = |factor: Factor, low: f64, high: f64| -> Varied {
            let change =
                |by: f64| (Change::Multiplied(factor, by), format!("{:+.0} %", 100.0 * (by - 1.0)).replace('-', "−"));
            (factor, [change(low), change(high)])
        };
        let times = |factor: Factor, low: f64, high: f64| -> Varied {
            let change = |by: f64| (Change::Multiplied(factor, by), format!("× {by}"));
            (factor, [change(low), change(high)])
        };
        let mut factors = vec![
            by(Factor::OnDemandPrice, 0.8, 1.2),
            by(Factor::ServiceTime, 0.9, 1.1),
            times(Factor::BootTime, 0.5, 2.0),
        ];
        if self.input.demand.rates().is_some() {
            factors.push(by(Factor::Demand, 0.8, 1.2));
        }
        if self.input.candidates.iter().any(|candidate| candidate.mix.reserved > 0) {
            factors.push(by(Factor::ReservedPrice, 0.8, 1.2));
        }
        if self.has_spot(0) || self.has_spot(1) {
            factors.push(by(Factor::SpotPrice, 0.8, 1.2));
            factors.push(match interruptions_now(&self.input.scenario) > 0.0 {
                true => times(Factor::Interruptions, 0.5, 2.0),
                false => {
                    let change = |rate: f64| Change::Interrupted(Interrupted::PerMonth(rate));
                    let words = ["none".to_string(), "1 a month".to_string()];
                    let [none, one] = words;
                    (Factor::Interruptions, [(change(0.0), none), (change(ONE_A_MONTH), one)])
                }
            });
        }
        factors
    }

    /// Rising rates of interruptions, closer where a decision turns.
    fn interruptions(&self) -> Result<Option<InterruptionBreakEven>, Cancelled> {
        if !self.has_spot(0) {
            return Ok(None);
        }
        let objective = &self.input.scenario.objective;
        let mut points = self.points(&RATES)?;
        type Value = fn(&InterruptionPoint) -> Option<Estimate>;
        let turns: [(Value, f64); 3] = [
            (|point| point.above_rival, 0.0),
            (|point| Some(point.late_share), objective.late_share),
            (|point| Some(point.error_share), objective.error_share),
        ];
        let line = |points: &[InterruptionPoint], value: Value| -> Vec<(f64, Estimate)> {
            points.iter().filter_map(|point| Some((point.per_month, value(point)?))).collect()
        };
        for _ in 0..HALVINGS {
            let mut rates: Vec<f64> = Vec::new();
            for (value, level) in turns {
                let Some((from, to)) = bracket(&line(&points, value), level) else { continue };
                let middle = if from > 0.0 { (from * to).sqrt() } else { 0.5 * to };
                if !rates.contains(&middle) {
                    rates.push(middle);
                }
            }
            points.extend(self.points(&rates)?);
            points.sort_by(|a, b| a.per_month.total_cmp(&b.per_month));
        }
        let found = |index: usize| -> Turn { turn(&line(&points, turns[index].0), turns[index].1) };
        Ok(Some(InterruptionBreakEven {
            now: interruptions_now(&self.input.scenario),
            dearer_than_rival: (self.base.len() > 1).then(|| found(0)),
            too_many_late: found(1),
            too_many_failed: found(2),
            points,
        }))
    }

    fn points(&self, rates: &[f64]) -> Result<Vec<InterruptionPoint>, Cancelled> {
        let changes: Vec<Change> = rates.iter().map(|rate| Change::Interrupted(Interrupted::PerMonth(*rate))).collect();
        self.stage("interruptions", changes.len());
        let found = runs(self.input, &changes, self.watcher)?;
        let point = |(rate, runs): (&f64, &Vec<Runs>)| InterruptionPoint {
            per_month: *rate,
            cost: runs[0].per_month(),
            above_rival: runs.get(1).map(|rival| runs[0].above(rival)),
            late_share: runs[0].late_share(),
            error_share: runs[0].error_share(),
        };
        Ok(rates.iter().zip(&found).map(point).collect())
    }

    fn assumptions(&self) -> Vec<String> {
        let scenario: &Scenario = &self.input.scenario;
        let sampling = Origin::new(self.input).sampling;
        let mut words = vec![
            "One factor is changed at a time, with the same random numbers; what changes together is not shown."
                .to_string(),
            "The ranges are conventions to compare factors by, not forecasts.".to_string(),
            "Changed prices do not change what is bought: mixes, maximum prices and commitments stay.".to_string(),
        ];
        if self.input.demand.rates().is_none() {
            words.push("Recorded requests cannot be multiplied, so demand is not varied.".to_string());
        }
        if self.has_spot(0) && interruptions_now(scenario) == 0.0 {
            words.push(
                "The scenario has no random interruptions; those that are added hit one instance at a time."
                    .to_string(),
            );
        }
        let varied = varied(scenario, &sampling, sampling.varies());
        if !varied.is_empty() {
            words.push(format!("Between replications vary: {}.", varied.join("; ")));
        }
        words
    }
}

/// How long the commitments have to be used: as the scenario stands, and with less and with more demand.
fn commitments(base: &Runs, demand: Option<[&Runs; 2]>) -> Vec<CommitmentBreakEven> {
    let bought = |(place, one): (usize, &CommitmentRecord)| {
        let months = one.term.duration().as_hours_f64() / MONTH_HOURS;
        let lasts = |record: &CommitmentRecord| {
            let used = record.utilization.filter(|used| *used > 0.0)?;
            Some(months * record.break_even_utilization? / used)
        };
        let with = |side: usize| demand.and_then(|both| both[side].commitments.get(place).and_then(lasts));
        CommitmentBreakEven {
            id: one.id.clone(),
            count: one.count,
            term_months: months,
            utilization: one.utilization,
            must_last_months: lasts(one),
            must_last_months_low_demand: with(0),
            must_last_months_high_demand: with(1),
            upfront_earned_back_months: one.break_even_months.filter(|_| one.upfront > 0.0),
        }
    };
    base.commitments.iter().enumerate().filter(|(_, one)| !one.owned).map(bought).collect()
}
