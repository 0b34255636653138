//! What cost and late requests depend on, in words.

use super::causes::Counted;
use super::view::{interval, share, signed_money, verdict};
use crate::results::{FactorRecord, Reaction, Results, SensitivityRecord, Variation};

/// A factor that is changed, in cells.
pub struct VariationRow {
    /// What is changed; empty in the second row of a factor.
    pub factor: &'static str,
    /// How.
    pub change: String,
    /// Change of cost, late share.
    pub cells: [Counted; 2],
    /// Whether the objective is met.
    pub verdict: &'static str,
    /// The cost above that of the rival; empty without a rival.
    pub above_rival: String,
}

/// Two rows for each factor, the one that moves cost most first.
pub fn rows(record: &SensitivityRecord) -> Vec<VariationRow> {
    let both = |factor: &FactorRecord| {
        let name = factor.factor.name();
        [row(record, name, &factor.low), row(record, "", &factor.high)]
    };
    record.factors.iter().flat_map(both).collect()
}

fn row(record: &SensitivityRecord, factor: &'static str, variation: &Variation) -> VariationRow {
    let Reaction { cost_change, late_share, objective_met, per_month, .. } = &variation.mix;
    let money = |amount: f64| signed_money(amount, record.currency);
    let counted = |estimate, say: &dyn Fn(f64) -> String| {
        let estimate: &crate::results::Estimate = estimate;
        Counted { mean: say(estimate.mean), interval: interval(estimate, say).unwrap_or_default() }
    };
    let above = |rival: &Reaction| money(per_month.mean - rival.per_month.mean);
    VariationRow {
        factor,
        change: variation.change.clone(),
        cells: [counted(cost_change, &money), counted(late_share, &share)],
        verdict: verdict(*objective_met),
        above_rival: variation.rival.as_ref().map_or(String::new(), above),
    }
}

/// A line for the terminal: what was found.
pub fn line(results: &Results) -> Option<String> {
    let record = results.sensitivity.as_ref()?;
    Some(format!("What {} depends on · {}", record.mix.name, record.findings.join(" ")))
}
