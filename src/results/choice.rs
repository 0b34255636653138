//! Which mix a record speaks of first.

use super::{MixRecord, Results};

/// The record of the mix with this name.
pub fn named<'a>(results: &'a Results, name: Option<&str>) -> Option<&'a MixRecord> {
    name.and_then(|name| results.mixes.iter().find(|mix| mix.name == name))
}

/// The mix that the report speaks of first: the best, else the one that comes nearest.
pub fn chosen(results: &Results) -> Option<&MixRecord> {
    named(results, results.best.as_deref()).or_else(|| nearest(results))
}

/// How far a mix is from its objective: the larger of its shares, each over its limit. At most 1 when both hold.
pub fn distance(results: &Results, mix: &MixRecord) -> f64 {
    let over = |share: f64, limit: f64| {
        if limit > 0.0 {
            share / limit
        } else if share > 0.0 {
            f64::INFINITY
        } else {
            0.0
        }
    };
    let objective = &results.objective;
    over(mix.late_share.mean, objective.late_share).max(over(mix.error_share.mean, objective.error_share))
}

/// The mix that comes nearest to the objective, the cheaper of equals.
pub fn nearest(results: &Results) -> Option<&MixRecord> {
    let by = |mix: &MixRecord| (distance(results, mix), mix.cost.per_month.mean);
    results.mixes.iter().min_by(|a, b| {
        let (a, b) = (by(a), by(b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    })
}
