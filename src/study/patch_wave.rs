//! What a patch wave did: the same replication with it and without it, side by side.

use super::summary::{mean_of, pooled_quantile, ratio};
use crate::billing::{Ledger, Usage};
use crate::engine::{RunRecord, WaveRecord};
use crate::results::PatchWaveRecord;
use crate::scenario::Objective;
use crate::stats::Histogram;
use crate::units::{Money, SimTime};

/// One replication: what the wave did, and the minutes in which it ran with it and without it.
#[derive(Debug, Clone)]
pub(super) struct WaveOutcome {
    wave: WaveRecord,
    exposure_seconds: f64,
    offered: f64,
    /// Late and failed requests of the wave's minutes.
    with: [f64; 2],
    without: [f64; 2],
    extra_instance_seconds: f64,
    extra_cost: Money,
}

impl WaveOutcome {
    /// Holds a run against the run without the wave. Requests are counted by minute of arrival, from the minute in which replacement begins
    /// to the one in which the last replacement serves.
    pub(super) fn new(
        wave: &WaveRecord,
        [with, without]: [&RunRecord; 2],
        ledgers: [&Ledger; 2],
        offered: &[u32],
        horizon: SimTime,
    ) -> Self {
        let minute = |time: SimTime| (time.as_secs_f64() / 60.0).floor() as usize;
        let last = minute(wave.settled.unwrap_or(horizon)).min(offered.len().saturating_sub(1));
        let minutes = minute(wave.replacing_from).min(last)..=last;
        let sum = |run: &RunRecord| {
            let minutes = run.late_and_failed.get(minutes.clone()).unwrap_or_default();
            [0, 1].map(|kind: usize| minutes.iter().map(|minute| f64::from(minute[kind])).sum::<f64>())
        };
        let seconds = |run: &RunRecord| run.usage.iter().map(|usage| Usage::length(usage).as_secs_f64()).sum::<f64>();
        Self {
            exposure_seconds: (wave.exposed_until.unwrap_or(horizon) - wave.begun).as_secs_f64(),
            offered: offered.get(minutes.clone()).unwrap_or_default().iter().map(|count| f64::from(*count)).sum(),
            with: sum(with),
            without: sum(without),
            extra_instance_seconds: seconds(with) - seconds(without),
            extra_cost: ledgers[0].total() - ledgers[1].total(),
            wave: wave.clone(),
        }
    }
}

/// The record of a mix's waves; `None` if it had none.
pub(super) fn patch_wave(outcomes: &[&WaveOutcome], objective: &Objective) -> Option<PatchWaveRecord> {
    if outcomes.is_empty() {
        return None;
    }
    let mean = |value: &dyn Fn(&WaveOutcome) -> f64| mean_of(&outcomes.iter().map(|o| value(o)).collect::<Vec<_>>());
    let share = |part: &dyn Fn(&WaveOutcome) -> f64| {
        let (over, under): (Vec<f64>, Vec<f64>) = outcomes.iter().map(|o| (part(o), o.offered)).unzip();
        ratio(&over, &under)
    };
    let dip = |o: &WaveOutcome| {
        let before = f64::from(o.wave.in_service_before);
        if before > 0.0 { 1.0 - f64::from(o.wave.fewest_in_service) / before } else { 0.0 }
    };
    let histograms: Vec<&Histogram> = outcomes.iter().map(|o| &o.wave.latency).collect();
    let (late_share, error_share) = (share(&|o| o.with[0]), share(&|o| o.with[1]));
    Some(PatchWaveRecord {
        exposure_seconds: mean(&|o| o.exposure_seconds),
        unfinished: outcomes.iter().filter(|o| o.wave.exposed_until.is_none()).count() as u32,
        replaced: mean(&|o| f64::from(o.wave.replaced)),
        in_service_before: mean(&|o| f64::from(o.wave.in_service_before)),
        fewest_in_service: mean(&|o| f64::from(o.wave.fewest_in_service)),
        capacity_dip: mean(&dip),
        p95_seconds: pooled_quantile(&histograms, 0.95),
        late_share,
        late_share_without: share(&|o| o.without[0]),
        error_share,
        error_share_without: share(&|o| o.without[1]),
        late_beyond_objective: (late_share.mean - objective.late_share).max(0.0),
        error_beyond_objective: (error_share.mean - objective.error_share).max(0.0),
        extra_instance_seconds: mean(&|o| o.extra_instance_seconds),
        extra_cost: mean(&|o| o.extra_cost.to_f64()),
    })
}

/// What a reader has to know of a mix's wave: that it breaks the objective, and by how much; that it does not end.
pub(super) fn warnings(mix: &str, wave: &PatchWaveRecord, objective: &Objective) -> Vec<String> {
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    let mut words = Vec::new();
    let shares = [
        ("late", wave.late_beyond_objective, wave.late_share, wave.late_share_without, objective.late_share),
        ("failed", wave.error_beyond_objective, wave.error_share, wave.error_share_without, objective.error_share),
    ];
    for (what, beyond, with, without, limit) in shares {
        if beyond > 0.0 {
            words.push(format!(
                "{mix}: the patch wave would break the objective while it runs: {} of the requests {what} where {} are allowed, \
                 {:.2} points too many (without the wave {} in the same minutes).",
                percent(with.mean),
                percent(limit),
                beyond * 100.0,
                percent(without.mean)
            ));
        }
    }
    if wave.unfinished > 0 {
        words.push(format!(
            "{mix}: in {} replications the patch wave is not over at the horizon; exposure is counted until then.",
            wave.unfinished
        ));
    }
    words
}
