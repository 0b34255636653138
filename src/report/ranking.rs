//! The order in which mixes are told, and which of them are beaten.

use crate::results::{Estimate, MixRecord, ObjectiveMet, Results};
pub use crate::results::{chosen, distance, named, nearest};

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
