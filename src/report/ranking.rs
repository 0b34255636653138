//! The order in which mixes are told, and which of them are beaten.

use crate::results::{Estimate, MixRecord, ObjectiveMet, Results};

/// The mixes: those that meet the objective by cost, then the unclear ones, then those that miss it.
pub fn ranked(results: &Results) -> Vec<&MixRecord> {
    let mut mixes: Vec<&MixRecord> = results.mixes.iter().collect();
    let key = |mix: &MixRecord| match mix.objective_met {
        ObjectiveMet::Met => 0,
        ObjectiveMet::Unclear => 1,
        ObjectiveMet::Missed => 2,
    };
    mixes.sort_by(|a, b| {
        let cost = a.cost.per_month.mean.total_cmp(&b.cost.per_month.mean);
        key(a).cmp(&key(b)).then(cost).then_with(|| a.name.cmp(&b.name))
    });
    mixes
}

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

/// Whether some other mix is certainly better in cost and not worse in lateness: their intervals do not overlap.
pub fn certainly_beaten(results: &Results, mix: &MixRecord) -> bool {
    let ends = |estimate: &Estimate| estimate.ci95.unwrap_or([estimate.mean, estimate.mean]);
    results.mixes.iter().any(|other| {
        let (cost, late) = (ends(&mix.cost.per_month), ends(&mix.late_share));
        let (other_cost, other_late) = (ends(&other.cost.per_month), ends(&other.late_share));
        let cheaper = other_cost[1] < cost[0];
        let faster = other_late[1] < late[0];
        (cheaper && other_late[1] <= late[0]) || (faster && other_cost[1] <= cost[0])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn those_that_meet_the_objective_come_first_by_cost() {
        let (results, _) = sample::week();
        let order: Vec<_> = ranked(&results).iter().map(|mix| mix.objective_met).collect();
        let first_missed = order.iter().position(|met| *met == ObjectiveMet::Missed).unwrap();
        assert!(order[..first_missed].iter().all(|met| *met != ObjectiveMet::Missed));
        assert_eq!(Some(ranked(&results)[0].name.as_str()), results.best.as_deref());
    }

    #[test]
    fn overlapping_intervals_beat_nobody() {
        let (results, _) = sample::week();
        let best = named(&results, results.best.as_deref()).unwrap();
        assert!(!certainly_beaten(&results, best));
        assert!(results.mixes.iter().any(|mix| certainly_beaten(&results, mix)));
    }
}
