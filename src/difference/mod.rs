//! Two studies side by side: what changed in cost and latency, and whether it is more than noise.
//!
//! With the same seed the i-th replication of both studies met the same random numbers, so differences are taken pair by pair, which
//! leaves out what both have in common. Otherwise the studies are independent samples (Welch's interval).

mod record;
mod settings;

#[cfg(test)]
mod tests;

pub use record::{Change, ChangedSetting, DIFFERENCE_SCHEMA_VERSION, Difference, Finding, MixDifference};

use crate::results::{MixRecord, Results};
use crate::stats::{Interval, difference_interval, mean_interval, share_by_replication};
use crate::units::{Currency, MONTH_SECONDS};

/// Confidence level of every interval.
const LEVEL: f64 = 0.95;
/// A month, in seconds.
/// From so many intervals on it is said that some miss zero by chance.
const MANY_INTERVALS: usize = 10;

/// Money of two currencies cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the old results are in {old}, the new ones in {new}: amounts cannot be compared")]
pub struct CurrenciesDiffer {
    /// Of the old study.
    pub old: Currency,
    /// Of the new study.
    pub new: Currency,
}

/// The new study against the old one.
///
/// # Errors
/// If their currencies differ.
pub fn difference(old: &Results, new: &Results) -> Result<Difference, CurrenciesDiffer> {
    if old.currency != new.currency {
        return Err(CurrenciesDiffer { old: old.currency, new: new.currency });
    }
    let find = |results: &'_ Results, name: &str| results.mixes.iter().any(|mix| mix.name == name);
    let names = |from: &Results, without: &Results| -> Vec<String> {
        from.mixes.iter().map(|mix| mix.name.clone()).filter(|name| !find(without, name)).collect()
    };
    let paired = old.scenario.seed == new.scenario.seed && old.scenario.replications == new.scenario.replications;
    let mixes: Vec<MixDifference> = old
        .mixes
        .iter()
        .filter_map(|before| {
            let after = new.mixes.iter().find(|mix| mix.name == before.name)?;
            Some(mix_difference([old, new], [before, after], paired))
        })
        .collect();
    Ok(Difference {
        schema_version: DIFFERENCE_SCHEMA_VERSION,
        old: old.scenario.name.clone(),
        new: new.scenario.name.clone(),
        currency: new.currency,
        paired,
        settings: settings::changed(old, new),
        gone: names(old, new),
        added: names(new, old),
        best: [old.best.clone(), new.best.clone()],
        notes: notes([old, new], &mixes, paired),
        mixes,
    })
}

fn mix_difference(studies: [&Results; 2], mixes: [&MixRecord; 2], paired: bool) -> MixDifference {
    let month = studies.map(|study| MONTH_SECONDS / study.scenario.horizon_seconds);
    let costs = [0, 1].map(|side| mixes[side].by_replication.cost.iter().map(|cost| cost * month[side]).collect());
    let shares = |of: fn(&MixRecord) -> &[u64]| {
        mixes.map(|mix| share_by_replication(of(mix), &mix.by_replication.offered).unwrap_or_default())
    };
    let change = |figure: fn(&MixRecord) -> f64, values| change(mixes.map(figure), values, paired);
    MixDifference {
        name: mixes[1].name.clone(),
        cost_per_month: change(|mix| mix.cost.per_month.mean, costs),
        late_share: change(|mix| mix.late_share.mean, shares(|mix| &mix.by_replication.late)),
        error_share: change(|mix| mix.error_share.mean, shares(|mix| &mix.by_replication.failed)),
        p95_seconds: change(
            |mix| mix.latency_seconds.p95.mean,
            mixes.map(|mix| mix.by_replication.p95_seconds.clone()),
        ),
        objective_met: mixes.map(|mix| mix.objective_met),
    }
}

/// The change of a figure whose single replications have these values.
fn change([old, new]: [f64; 2], [before, after]: [Vec<f64>; 2], paired: bool) -> Change {
    let differences = || -> Vec<f64> { before.iter().zip(&after).map(|(before, after)| after - before).collect() };
    let paired = paired && before.len() == after.len();
    let interval = match (before.is_empty() || after.is_empty(), paired) {
        (true, _) => Interval { estimate: new - old, limits: None },
        (_, true) => mean_interval(&differences(), LEVEL),
        _ => difference_interval(&before, &after, LEVEL),
    };
    // Sums of the same amounts in another order differ in their last bits.
    let equal = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let same =
        !before.is_empty() && before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| equal(*a, *b));
    let finding = match interval.limits {
        _ if same => Finding::Same,
        None => Finding::Unknown,
        Some([low, _]) if low > 0.0 => Finding::Rose,
        Some([_, high]) if high < 0.0 => Finding::Fell,
        Some(_) => Finding::WithinNoise,
    };
    Change { old, new, difference: new - old, ci95: interval.limits, finding }
}

fn notes([old, new]: [&Results; 2], mixes: &[MixDifference], paired: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if mixes.is_empty() {
        notes.push("The studies have no mix in common, by name.".to_string());
        return notes;
    }
    notes.push(if paired {
        "Replications are compared pair by pair: both studies have the same seed.".to_string()
    } else {
        "Replications are compared as independent samples, since seed or number differ: the same seed and number would show smaller \
         differences."
            .to_string()
    });
    if !(old.demand_or_market_varied && new.demand_or_market_varied) {
        notes.push(
            "Demand and prices were fixed in at least one of the studies: noise is there that of requests and boots only.".to_string(),
        );
    }
    if mixes.iter().any(|mix| mix.cost_per_month.finding == Finding::Unknown) {
        notes.push(
            "Without the figures of at least two replications of both studies nothing can be said about noise."
                .to_string(),
        );
    }
    let intervals = mixes
        .iter()
        .flat_map(|mix| [mix.cost_per_month, mix.late_share, mix.error_share, mix.p95_seconds])
        .filter(|change| !matches!(change.finding, Finding::Same | Finding::Unknown))
        .count();
    if intervals >= MANY_INTERVALS {
        notes.push(format!(
            "Of {intervals} intervals of 95 % about {:.0} would miss zero by chance if nothing had changed.",
            (intervals as f64 * (1.0 - LEVEL)).max(1.0)
        ));
    }
    notes
}
