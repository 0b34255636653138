//! From replications to the record: estimates with intervals, comparisons, and what a reader has to know.

use super::background::background;
use super::commitments::commitments;
use super::patch_wave::{self, patch_wave};
use super::paths::Sampling;
use super::replicate::{Outcome, Prepared};
use super::words::{assumptions, pools, varied, warnings};
use crate::billing::CostPart;
use crate::engine::RunRecord;
use crate::fleet::PurchaseOption;
use crate::input::{LoadedScenario, Source};
use crate::results::{
    Comparison, Cost, Estimate, InstanceCounts, InstanceHours, Latency, MixRecord, NamedReplication, ObjectiveMet,
    ObjectiveRecord, ReplicationValues, Requests, Results, ScenarioRecord, SourceRecord,
};
use crate::scenario::{Fidelity, Scenario};
use crate::stats::{Histogram, Interval, mean_interval, proportion_interval, quantile_interval, ratio_interval};
use crate::units::{MONTH_HOURS, Money};

/// Confidence level of every interval.
const LEVEL: f64 = 0.95;

/// The record of a study. `mixes` are in canonical order; `outcomes` by mix and replication.
pub(super) fn summarise(
    input: &LoadedScenario,
    sampling: &Sampling,
    mixes: &[Prepared],
    outcomes: &[Vec<Outcome>],
) -> Results {
    let scenario = &input.scenario;
    let mixes_records: Vec<MixRecord> =
        mixes.iter().zip(outcomes).map(|(mix, outcomes)| mix_record(input, mix, outcomes)).collect();
    let baseline = scenario.baseline.clone().filter(|name| mixes_records.iter().any(|mix| mix.name == *name));
    let best = best_of(&mixes_records);
    let really_varied = sampling.varies();
    let mut warnings = warnings(input, mixes, outcomes, really_varied);
    for mix in &mixes_records {
        let wave = mix.patch_wave.iter();
        warnings.extend(wave.flat_map(|wave| patch_wave::warnings(&mix.name, wave, &scenario.objective)));
    }
    let varied_enough = really_varied && scenario.run.replications > 1;
    let comparisons = comparisons(mixes, outcomes, [baseline.as_deref(), best.as_deref()], varied_enough);
    Results {
        schema_version: crate::results::SCHEMA_VERSION,
        fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
        scenario: ScenarioRecord {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            start: scenario.clock.start,
            horizon_seconds: scenario.clock.horizon.as_secs_f64(),
            seed: scenario.run.seed,
            replications: scenario.run.replications,
            fidelity: fidelity(scenario).to_string(),
            report_time_zone: scenario.clock.report_time_zone.clone(),
        },
        objective: ObjectiveRecord {
            latency_seconds: scenario.objective.latency.as_secs_f64(),
            late_share: scenario.objective.late_share,
            error_share: scenario.objective.error_share,
        },
        currency: input.candidates[0].prices.currency,
        prices: format!("{} ({})", input.candidates[0].prices.source, input.candidates[0].prices.date),
        varied_between_replications: varied(scenario, sampling, really_varied),
        demand_or_market_varied: varied_enough,
        warnings,
        assumptions: assumptions(input),
        sources: input.sources.iter().map(source_record).collect(),
        mixes: mixes_records,
        baseline,
        best,
        comparisons,
        sensitivity: None,
    }
}

/// The word of scenarios for the fidelity that was asked for.
fn fidelity(scenario: &Scenario) -> &'static str {
    match scenario.run.fidelity {
        Fidelity::Request => "request",
        Fidelity::Interval => "interval",
    }
}

pub(super) fn source_record(source: &Source) -> SourceRecord {
    let Source { role, file, sha256, rows } = source.clone();
    SourceRecord { role, file, sha256, rows }
}

/// JSON has no word for what is no number: a latency of no request is 0.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

fn estimate(interval: Interval, n: usize) -> Estimate {
    Estimate { mean: finite(interval.estimate), ci95: interval.limits.map(|limits| limits.map(finite)), n: n as u32 }
}

pub(super) fn mean_of(values: &[f64]) -> Estimate {
    estimate(mean_interval(values, LEVEL), values.len())
}

/// The ratio of two sums over replications.
fn ratio_of(outcomes: &[Outcome], parts: impl Fn(&RunRecord) -> (f64, f64)) -> Estimate {
    let (over, under): (Vec<f64>, Vec<f64>) = outcomes.iter().map(|outcome| parts(&outcome.run)).unzip();
    ratio(&over, &under)
}

/// The ratio of the sums of `over` and `under`.
pub(super) fn ratio(over: &[f64], under: &[f64]) -> Estimate {
    estimate(ratio_interval(over, under, LEVEL), over.len())
}

/// A quantile of all latencies together.
pub(super) fn pooled_quantile(histograms: &[&Histogram], q: f64) -> Estimate {
    estimate(quantile_interval(histograms, q, LEVEL), histograms.len())
}

/// The same, as a share: its interval ends at 0 and 1.
fn share_of(outcomes: &[Outcome], parts: impl Fn(&RunRecord) -> (f64, f64)) -> Estimate {
    let mut share = ratio_of(outcomes, parts);
    share.ci95 = share.ci95.map(|limits| limits.map(|limit| limit.clamp(0.0, 1.0)));
    share
}

fn mix_record(input: &LoadedScenario, mix: &Prepared, outcomes: &[Outcome]) -> MixRecord {
    let count = |value: &dyn Fn(&RunRecord) -> u64| -> Estimate {
        mean_of(&outcomes.iter().map(|outcome| value(&outcome.run) as f64).collect::<Vec<_>>())
    };
    let offered = |run: &RunRecord| run.counts.offered as f64;
    let late_share = share_of(outcomes, |run| (run.counts.late as f64, offered(run)));
    let error_share = share_of(outcomes, |run| (run.counts.failed() as f64, offered(run)));
    let objective = &input.scenario.objective;
    let candidate = mix.candidate;
    let named = named_replication(outcomes);
    MixRecord {
        name: candidate.name.clone(),
        mix: candidate.mix.to_string(),
        set: candidate.set.clone(),
        objective_met: judge([(late_share, objective.late_share), (error_share, objective.error_share)]),
        cost: cost(input, outcomes),
        requests: Requests {
            offered: count(&|run| run.counts.offered),
            served: count(&|run| run.counts.served),
            rejected: count(&|run| run.counts.rejected),
            timed_out: count(&|run| run.counts.timed_out),
            lost: count(&|run| run.counts.lost),
            in_system_at_end: count(&|run| run.counts.in_system_at_end),
        },
        latency_seconds: latency(outcomes),
        late_share,
        error_share,
        attainment: share_of(outcomes, |run| (run.minutes[1] as f64, run.minutes[0] as f64)),
        attainment_by_requests: share_of(outcomes, |run| (run.requests_in_good_minutes as f64, offered(run))),
        cpu_utilization: share_of(outcomes, |run| (run.busy_and_capacity[0], run.busy_and_capacity[1])),
        instances: InstanceCounts {
            hours: hours(outcomes),
            launches: count(&|run| run.launches),
            launch_failures: count(&|run| run.launch_failures),
            interruptions: count(&|run| run.interruptions.len() as u64),
            scale_outs: count(&|run| run.scale_outs),
            scale_ins: count(&|run| run.scale_ins),
            peak: count(&|run| u64::from(run.peak)),
        },
        by_replication: by_replication(outcomes),
        pools: pools(candidate),
        commitments: commitments(mix, &outcomes[named.index as usize]),
        named_replication: named,
        causes: None,
        background: background(&candidate.scenario, outcomes),
        patch_wave: patch_wave(&outcomes.iter().filter_map(|o| o.wave.as_ref()).collect::<Vec<_>>(), objective),
    }
}

fn by_replication(outcomes: &[Outcome]) -> ReplicationValues {
    let count = |value: fn(&RunRecord) -> u64| outcomes.iter().map(|outcome| value(&outcome.run)).collect();
    ReplicationValues {
        cost: outcomes.iter().map(|outcome| outcome.ledger.total().to_f64()).collect(),
        offered: count(|run| run.counts.offered),
        late: count(|run| run.counts.late),
        failed: count(|run| run.counts.failed()),
        p95_seconds: outcomes.iter().map(|outcome| finite(outcome.run.latency.quantile(0.95))).collect(),
    }
}

/// Met when both shares' intervals lie within their limits, missed when one lies beyond.
pub(super) fn judge(shares: [(Estimate, f64); 2]) -> ObjectiveMet {
    let mut met = true;
    for (share, limit) in shares {
        match share.ci95 {
            Some([low, _]) if low > limit => return ObjectiveMet::Missed,
            Some([_, high]) => met &= high <= limit,
            None => met = false,
        }
    }
    if met { ObjectiveMet::Met } else { ObjectiveMet::Unclear }
}

fn cost(input: &LoadedScenario, outcomes: &[Outcome]) -> Cost {
    let of = |value: &dyn Fn(&Outcome) -> Money| -> Vec<f64> {
        outcomes.iter().map(|outcome| value(outcome).to_f64()).collect()
    };
    let totals = of(&|outcome| outcome.ledger.total());
    let months = input.scenario.clock.horizon.as_hours_f64() / MONTH_HOURS;
    let part = |part| mean_of(&of(&|outcome| outcome.ledger.total_of(part)));
    let none = mean_of(&vec![0.0; outcomes.len()]);
    Cost {
        total: mean_of(&totals),
        reserved: part(CostPart::Reserved),
        spot: part(CostPart::Spot),
        on_demand: part(CostPart::OnDemand),
        savings_plan: part(CostPart::SavingsPlan),
        other: none,
        unused_commitment: mean_of(&of(&|outcome| outcome.ledger.unused_commitment)),
        sunk_commitment: mean_of(&of(&|outcome| outcome.ledger.sunk)),
        cash: mean_of(&of(&|outcome| outcome.ledger.cash)),
        per_month: mean_of(&totals.iter().map(|total| total / months).collect::<Vec<_>>()),
    }
}

fn latency(outcomes: &[Outcome]) -> Latency {
    let histograms: Vec<&Histogram> = outcomes.iter().map(|outcome| &outcome.run.latency).collect();
    // Interpolation within a bin may pass the largest value.
    let largest = outcomes.iter().map(|outcome| outcome.run.latency_max).fold(0.0, f64::max);
    let quantile = |q| {
        let mut value = pooled_quantile(&histograms, q);
        value.mean = value.mean.min(largest);
        value.ci95 = value.ci95.map(|limits| limits.map(|limit| limit.min(largest)));
        value
    };
    Latency {
        mean: ratio_of(outcomes, |run| (run.latency_sum, run.counts.served as f64)),
        p50: quantile(0.5),
        p90: quantile(0.9),
        p95: quantile(0.95),
        p99: quantile(0.99),
        p999: quantile(0.999),
        max: mean_of(&outcomes.iter().map(|outcome| outcome.run.latency_max).collect::<Vec<_>>()),
    }
}

fn hours(outcomes: &[Outcome]) -> InstanceHours {
    let of = |option: PurchaseOption| {
        let sum = |outcome: &Outcome| -> f64 {
            let runs = outcome.run.usage.iter().filter(|usage| usage.option == option);
            runs.map(|usage| usage.length().as_hours_f64()).sum()
        };
        mean_of(&outcomes.iter().map(sum).collect::<Vec<_>>())
    };
    InstanceHours {
        reserved: of(PurchaseOption::Reserved),
        spot: of(PurchaseOption::Spot),
        on_demand: of(PurchaseOption::OnDemand),
    }
}

/// The replication of median cost (of two in the middle the cheaper; of equal ones the first).
pub(super) fn named_replication(outcomes: &[Outcome]) -> NamedReplication {
    let mut totals: Vec<(Money, u32)> =
        outcomes.iter().zip(0..).map(|(outcome, index)| (outcome.ledger.total(), index)).collect();
    totals.sort();
    let (total, index) = totals[(totals.len() - 1) / 2];
    NamedReplication { index, total: total.to_string() }
}

/// The cheapest mix that meets the objective, else the cheapest for which that is unclear.
fn best_of(mixes: &[MixRecord]) -> Option<String> {
    let cheapest = |verdict: ObjectiveMet| {
        let candidates = mixes.iter().filter(|mix| mix.objective_met == verdict);
        candidates.min_by(|a, b| a.cost.total.mean.total_cmp(&b.cost.total.mean))
    };
    cheapest(ObjectiveMet::Met).or_else(|| cheapest(ObjectiveMet::Unclear)).map(|mix| mix.name.clone())
}

/// Every mix against each of `references`, paired by replication.
fn comparisons(
    mixes: &[Prepared],
    outcomes: &[Vec<Outcome>],
    references: [Option<&str>; 2],
    varied: bool,
) -> Vec<Comparison> {
    let mut comparisons: Vec<Comparison> = Vec::new();
    for reference in references.into_iter().flatten() {
        if comparisons.iter().any(|comparison| comparison.b == reference) {
            continue;
        }
        let Some(b) = mixes.iter().position(|mix| mix.candidate.name == reference) else { continue };
        for (a, mix) in mixes.iter().enumerate().filter(|(a, _)| *a != b) {
            let differences: Vec<f64> = outcomes[a]
                .iter()
                .zip(&outcomes[b])
                .map(|(x, y)| (x.ledger.total() - y.ledger.total()).to_f64())
                .collect();
            let cheaper = differences.iter().filter(|difference| **difference < 0.0).count();
            let n = differences.len();
            comparisons.push(Comparison {
                a: mix.candidate.name.clone(),
                b: reference.to_string(),
                cost_difference: mean_of(&differences),
                probability_a_cheaper: varied.then(|| estimate(proportion_interval(cheaper as f64, n, LEVEL), n)),
            });
        }
    }
    comparisons
}
