//! Whether a scenario has become worse than a stored result: only what is certain fails.

mod limits;
mod record;
mod words;

pub use limits::Limits;
pub use record::{CHECK_SCHEMA_VERSION, CheckRecord, CheckedFigure, Figure, Pairing, Verdict};
pub use words::{junit, markdown};

use crate::results::{MixRecord, ReplicationValues, Results};
use crate::stats::{confidence_above_zero, confidence_of_difference, share_by_replication};
use crate::units::MONTH_SECONDS;

/// Why two results cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotComparable {
    /// What differs.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// Holds `new` against `baseline`.
///
/// A figure fails if the confidence that it is beyond its limit exceeds 1 - α / k, where α is the false-alarm rate of the limits and k the
/// number of figures that are checked, so that a change that does nothing fails the whole check with probability α at most.
///
/// # Errors
/// If the two are not of the same horizon and currency, have no mix in common, or too few replications.
pub fn check(new: &Results, baseline: &Results, limits: &Limits) -> Result<CheckRecord, NotComparable> {
    comparable(new, baseline)?;
    let pairing = pairing(new, baseline);
    let mut pending = Vec::new();
    let mut remarks = Vec::new();
    for mix in &new.mixes {
        let Some(before) = baseline.mixes.iter().find(|before| before.name == mix.name) else {
            remarks.push(format!("`{}` is not in the baseline: it is held against fixed limits only", mix.name));
            pending.extend(fixed_limits(new, mix, None, limits));
            continue;
        };
        pending.extend(rises(new, mix, before, limits, pairing));
        pending.extend(fixed_limits(new, mix, Some(before), limits));
    }
    let gone = baseline.mixes.iter().filter(|mix| new.mixes.iter().all(|other| other.name != mix.name));
    remarks.extend(gone.map(|mix| format!("`{}` of the baseline is not in the scenario any more", mix.name)));
    if pairing == Pairing::Independent {
        remarks.push("the seeds differ, so differences are not paired and a small change is not seen".to_string());
    }
    if !new.demand_or_market_varied {
        remarks.push("demand and markets are the same in each run: certainty is about exactly this trace".to_string());
    }
    let level = 1.0 - limits.false_alarms / pending.len().max(1) as f64;
    let figures: Vec<CheckedFigure> = pending
        .into_iter()
        .map(|figure| CheckedFigure { verdict: Verdict::of(figure.confidence_beyond, level), ..figure })
        .collect();
    Ok(CheckRecord {
        schema_version: CHECK_SCHEMA_VERSION,
        fleetmix_version: new.fleetmix_version.clone(),
        scenario: new.scenario.name.clone(),
        baseline_version: baseline.fleetmix_version.clone(),
        passed: figures.iter().all(|figure| figure.verdict != Verdict::Failed),
        pairing,
        replications: new.scenario.replications.min(baseline.scenario.replications),
        currency: new.currency,
        false_alarms: limits.false_alarms,
        required_confidence: level,
        figures,
        remarks,
    })
}

fn comparable(new: &Results, baseline: &Results) -> Result<(), NotComparable> {
    let wrong = |message: String, help: &str| Err(NotComparable { message, help: help.to_string() });
    let again = "make the baseline again with `fleetmix compare` and the same options";
    if new.currency != baseline.currency {
        return wrong(format!("the baseline is in {}, the scenario in {}", baseline.currency, new.currency), again);
    }
    if new.scenario.horizon_seconds != baseline.scenario.horizon_seconds {
        let days = |results: &Results| results.scenario.horizon_seconds / 86_400.0;
        let message = format!("the baseline simulated {} days, the scenario has {}", days(baseline), days(new));
        return wrong(message, again);
    }
    for (what, results) in [("scenario", new), ("baseline", baseline)] {
        if results.scenario.replications < 2 {
            return wrong(
                format!("the {what} has a single replication, which says nothing of chance"),
                "give both two or more",
            );
        }
        if results.mixes.iter().any(|mix| mix.by_replication.cost.len() != results.scenario.replications as usize) {
            return wrong(format!("the {what} has no figures by replication"), again);
        }
    }
    let common = new.mixes.iter().any(|mix| baseline.mixes.iter().any(|other| other.name == mix.name));
    if !common {
        let names: Vec<&str> = baseline.mixes.iter().map(|mix| mix.name.as_str()).collect();
        return wrong(format!("no mix of the scenario is in the baseline, which has: {}", names.join("; ")), again);
    }
    Ok(())
}

/// With the same seed a replication meets the same chance in both, whatever else has changed.
fn pairing(new: &Results, baseline: &Results) -> Pairing {
    let (a, b) = (&new.scenario, &baseline.scenario);
    if a.seed == b.seed && a.start == b.start && a.replications == b.replications {
        Pairing::ByReplication
    } else {
        Pairing::Independent
    }
}

/// A figure of each replication, such that their mean is the record's estimate.
fn values(figures: &ReplicationValues, figure: Figure) -> Vec<f64> {
    let counts = match figure {
        Figure::Cost => return figures.cost.clone(),
        Figure::LateShare => &figures.late,
        Figure::ErrorShare => &figures.failed,
    };
    // Where nothing was offered nothing was late.
    share_by_replication(counts, &figures.offered).unwrap_or_else(|| vec![0.0; counts.len()])
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// What a mix may have risen by.
fn rises(new: &Results, mix: &MixRecord, before: &MixRecord, limits: &Limits, pairing: Pairing) -> Vec<CheckedFigure> {
    let wanted = [
        (Figure::Cost, limits.cost_rise),
        (Figure::LateShare, limits.late_share_rise),
        (Figure::ErrorShare, limits.error_share_rise),
    ];
    let mut found = Vec::new();
    for (figure, rise) in wanted {
        let Some(rise) = rise else { continue };
        let (now, then) = (values(&mix.by_replication, figure), values(&before.by_replication, figure));
        // Costs may rise by a share of themselves, shares by an amount.
        let allowed: Vec<f64> =
            then.iter().map(|value| if figure == Figure::Cost { value * (1.0 + rise) } else { value + rise }).collect();
        let confidence = match pairing {
            Pairing::ByReplication => {
                let beyond: Vec<f64> = now.iter().zip(&allowed).map(|(now, allowed)| now - allowed).collect();
                confidence_above_zero(&beyond)
            }
            Pairing::Independent => confidence_of_difference(&now, &allowed),
        };
        let scale = of_month(new, figure);
        found.push(CheckedFigure {
            mix: mix.name.clone(),
            figure,
            value: mean(&now) * scale,
            baseline: Some(mean(&then) * scale),
            limit: mean(&allowed) * scale,
            rule: match figure {
                Figure::Cost => format!("at most {} % above the baseline", decimal(rise * 100.0)),
                _ => format!("at most {} percentage points above the baseline", decimal(rise * 100.0)),
            },
            confidence_beyond: confidence,
            verdict: Verdict::Passed,
        });
    }
    found
}

/// Costs are of a month of 730 h, as people read them.
fn of_month(results: &Results, figure: Figure) -> f64 {
    if figure == Figure::Cost { MONTH_SECONDS / results.scenario.horizon_seconds } else { 1.0 }
}

/// Limits that do not hang on the baseline; the objective is one for mixes that met it before.
fn fixed_limits(new: &Results, mix: &MixRecord, before: Option<&MixRecord>, limits: &Limits) -> Vec<CheckedFigure> {
    let held =
        before.is_some_and(|before| before.objective_met == crate::results::ObjectiveMet::Met) && limits.objective;
    let objective = |limit: f64| held.then_some((limit, "the objective, which the baseline met"));
    let stated = |limit: Option<f64>| limit.map(|limit| (limit, "the stated limit"));
    let wanted = [
        (Figure::Cost, stated(limits.cost_per_month)),
        (Figure::LateShare, stated(limits.late_share).or(objective(new.objective.late_share))),
        (Figure::ErrorShare, stated(limits.error_share).or(objective(new.objective.error_share))),
    ];
    let checked = wanted.into_iter().filter_map(|(figure, limit)| {
        let ((limit, rule), scale) = (limit?, of_month(new, figure));
        let now = values(&mix.by_replication, figure);
        let beyond: Vec<f64> = now.iter().map(|value| value * scale - limit).collect();
        let baseline = before.map(|before| mean(&values(&before.by_replication, figure)) * scale);
        let value = mean(&now) * scale;
        let confidence_beyond = confidence_above_zero(&beyond);
        let (mix, rule) = (mix.name.clone(), rule.to_string());
        Some(CheckedFigure { mix, figure, value, baseline, limit, rule, confidence_beyond, verdict: Verdict::Passed })
    });
    checked.collect()
}

/// A number without needless digits.
fn decimal(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
