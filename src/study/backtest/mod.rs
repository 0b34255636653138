//! Backtests: decided on the past of the traces, lived through their future.

mod findings;
mod halves;
mod rules;

pub use halves::NoSplit;

use super::plan::{PlanError, PlanSettings, Watcher, plan};
use super::replicate::{Interrupted, run};
use super::summary::source_record;
use crate::input::{Candidate, LoadedScenario};
use crate::results::{
    BACKTEST_SCHEMA_VERSION, BacktestRecord, Contender, Estimate, Fared, MixRecord, Period, PlanRecord, Results, Rule,
};
use crate::scenario::{Mix, OnDemandPart, named, validate_mix};
use crate::units::{Instant, MONTH_HOURS};
use findings::findings;
use halves::{Halves, Stretch, at, future, past};
use rules::reserved_levels;
use std::sync::Arc;

/// A scenario that is to be split.
#[derive(Debug, Clone, Copy)]
pub struct Backtest<'a> {
    /// Loaded for a search.
    pub searched: &'a LoadedScenario,
    /// The same with one mix, which has on-demand instances only.
    pub on_demand: &'a LoadedScenario,
    /// Where it is split.
    pub split: Instant,
    /// How plans are made.
    pub settings: PlanSettings,
}

/// Why there is no backtest.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BacktestError {
    /// It cannot be split there.
    #[error(transparent)]
    Split(#[from] NoSplit),
    /// It cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It was stopped.
    #[error("stopped")]
    Stopped,
}

impl From<Interrupted> for BacktestError {
    fn from(_: Interrupted) -> Self {
        BacktestError::Stopped
    }
}

/// A decision that is to be lived with.
struct Decision {
    rule: Rule,
    candidate: Candidate,
    /// Whether the past is asked what it would have cost.
    promised: bool,
}

impl Backtest<'_> {
    /// Plans on the past, decides by rules besides, and lives with each decision in the future, on the current thread pool.
    ///
    /// The planner and the rules get the traces up to the split and nothing else. What was decided is run under the next seed, so that no random
    /// number that chose a mix also speaks for it. The future is lived as it came, in every replication.
    ///
    /// # Errors
    /// If the traces cannot be split there, the past cannot be planned, or it is stopped.
    pub fn run(&self, watcher: &dyn Watcher) -> Result<BacktestRecord, BacktestError> {
        let halves = Halves::new(self.searched, self.split)?;
        let planned = self.plan(&past(self.searched, halves), watcher)?;
        watcher.stage("reading the past", u64::from(self.on_demand.scenario.run.replications));
        let levels = reserved_levels(&past(self.on_demand, halves), watcher)?;
        let foresight = match self.plan(&future(self.searched, halves), watcher) {
            Err(BacktestError::Plan(PlanError::Stopped)) => return Err(BacktestError::Stopped),
            other => other,
        };
        let decisions = self.decisions(&planned, levels, foresight.as_ref().ok());
        let promised = self.live(past, halves, decisions.iter().filter(|one| one.promised), watcher)?;
        let got = self.live(future, halves, decisions.iter(), watcher)?;
        Ok(self.record(halves, &planned, &decisions, [&promised, &got], foresight.err()))
    }

    fn plan(&self, input: &LoadedScenario, watcher: &dyn Watcher) -> Result<PlanRecord, BacktestError> {
        let record = plan(input, self.settings, None, watcher)?;
        if record.complete { Ok(record) } else { Err(BacktestError::Stopped) }
    }

    /// The plan first, then the rules from the most careful on, then foresight.
    fn decisions(
        &self,
        planned: &PlanRecord,
        levels: Option<[u32; 2]>,
        foresight: Option<&PlanRecord>,
    ) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let mut add = |rule, candidate: Option<Candidate>| {
            let promised = rule != Rule::PerfectForesight;
            decisions.extend(candidate.map(|candidate| Decision { rule, candidate, promised }));
        };
        add(Rule::Plan, self.chosen(planned));
        add(Rule::OnDemandOnly, self.with_reserved(0));
        if let Some([least, median]) = levels {
            add(Rule::ReservedMinimum, self.with_reserved(least));
            add(Rule::ReservedMedian, self.with_reserved(median));
        }
        add(Rule::PerfectForesight, foresight.and_then(|record| self.chosen(record)));
        decisions
    }

    /// The mix of a plan, with the settings that it was searched with.
    fn chosen(&self, record: &PlanRecord) -> Option<Candidate> {
        let plan = record.plan.as_ref()?;
        let mix = plan.mix.parse().ok()?;
        let variant = self.searched.candidates.iter().find(|candidate| candidate.set == plan.set)?;
        Some(Candidate { name: plan.name.clone(), mix, ..variant.clone() })
    }

    /// So many reserved, and on-demand beyond.
    fn with_reserved(&self, reserved: u32) -> Option<Candidate> {
        let mix = Mix { reserved, spot: None, on_demand: Some(OnDemandPart::default()) };
        let candidate = self.on_demand.candidates.first()?;
        let possible = validate_mix(&candidate.scenario, &mix, "").is_empty();
        possible.then(|| Candidate { name: named(&mix, &candidate.set), mix, ..candidate.clone() })
    }

    /// Simulates decisions in a half of the time; the same decision once.
    fn live<'a>(
        &self,
        half: fn(&LoadedScenario, Halves) -> LoadedScenario,
        halves: Halves,
        decisions: impl Iterator<Item = &'a Decision>,
        watcher: &dyn Watcher,
    ) -> Result<Results, BacktestError> {
        let mut candidates: Vec<Candidate> = Vec::new();
        for decision in decisions {
            if candidates.iter().all(|known| known.name != decision.candidate.name) {
                candidates.push(decision.candidate.clone());
            }
        }
        let baseline = candidates.first().map(|candidate| candidate.name.clone());
        let mut input = half(&LoadedScenario { candidates, ..self.on_demand.clone() }, halves);
        let seed = input.scenario.run.seed.wrapping_add(1);
        input.scenario.run.seed = seed;
        input.scenario.baseline = baseline;
        for candidate in &mut input.candidates {
            Arc::make_mut(&mut candidate.scenario).run.seed = seed;
        }
        let runs = input.candidates.len() as u64 * u64::from(input.scenario.run.replications);
        watcher.stage("living", runs);
        let study = run(&input, false, watcher)?;
        if study.complete { Ok(study.results) } else { Err(BacktestError::Stopped) }
    }

    fn record(
        &self,
        halves: Halves,
        planned: &PlanRecord,
        decisions: &[Decision],
        [promised, got]: [&Results; 2],
        no_foresight: Option<BacktestError>,
    ) -> BacktestRecord {
        let scenario = &self.on_demand.scenario;
        let of = |results: &Results, name: &str| results.mixes.iter().find(|mix| mix.name == name).cloned();
        let as_long = halves.past.length() == halves.future.length();
        let contender = |decision: &Decision| {
            let name = &decision.candidate.name;
            let above = |plan: &String| got.comparisons.iter().find(|one| one.a == *name && one.b == *plan);
            let plan = planned.plan.as_ref().map(|plan| &plan.name);
            Some(Contender {
                rule: decision.rule,
                decision: name.clone(),
                mix: decision.candidate.mix.to_string(),
                set: decision.candidate.set.clone(),
                promised: of(promised, name).filter(|_| decision.promised).map(|mix| fared(&mix, promised, as_long)),
                got: fared(&of(got, name)?, got, false),
                cost_above_plan: plan.and_then(above).map(|one| one.cost_difference),
            })
        };
        let mut warnings = promised.warnings.clone();
        warnings.extend(got.warnings.iter().filter(|words| !promised.warnings.contains(words)).cloned());
        warnings.extend(no_foresight.map(|error| format!("There is no perfect foresight to compare with: {error}.")));
        let mut record = BacktestRecord {
            schema_version: BACKTEST_SCHEMA_VERSION,
            fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: scenario.name.clone(),
            seed: scenario.run.seed,
            currency: scenario.prices.currency(),
            objective: got.objective,
            findings: Vec::new(),
            split: at(scenario, halves.future.from),
            past: self.period(halves.past, promised),
            future: self.period(halves.future, got),
            contenders: decisions.iter().filter_map(contender).collect(),
            claims: planned.claims.clone(),
            warnings,
            sources: self.searched.sources.iter().map(source_record).collect(),
        };
        record.findings = findings(&record);
        record
    }

    fn period(&self, stretch: Stretch, results: &Results) -> Period {
        let scenario = &self.on_demand.scenario;
        Period {
            from: at(scenario, stretch.from),
            to: at(scenario, stretch.to),
            hours: stretch.length().as_hours_f64(),
            varied: results.varied_between_replications.clone(),
        }
    }
}

/// How a mix fared; `predicts` says whether another period of the same length is spoken of.
fn fared(mix: &MixRecord, results: &Results, predicts: bool) -> Fared {
    let per_month = mix.cost.per_month;
    Fared {
        cost: mix.cost.total,
        per_month,
        range_per_month: if predicts && results.demand_or_market_varied { range(per_month) } else { None },
        late_share: mix.late_share,
        error_share: mix.error_share,
        objective_met: mix.objective_met,
    }
}

/// The prediction interval of one more replication: with n of them it is √(n + 1) times as wide as that of the mean.
fn range(mean: Estimate) -> Option<[f64; 2]> {
    let [low, high] = mean.ci95?;
    let half = 0.5 * (high - low) * f64::from(mean.n + 1).sqrt();
    Some([(mean.mean - half).max(0.0), mean.mean + half])
}

/// What an amount of the period is for 730 h.
fn per_month(amount: f64, period: &Period) -> f64 {
    amount * MONTH_HOURS / period.hours
}
