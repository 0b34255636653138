//! Hours of reserved instances that are paid for and idle.

use super::market::steps_within;
use crate::batch::{Market, Situation};
use crate::billing::{Benefit, Usage};
use crate::fleet::PurchaseOption::{OnDemand, Reserved};
use crate::input::Candidate;
use crate::scenario::Jobs;
use crate::study::Progress;
use crate::study::invoice::tariff;
use crate::study::replicate::{Origin, Prepared, Wanted, simulate};
use crate::units::SimTime;

/// Owned reservations of the on-demand pool's type, with the time at which each ends.
pub(super) fn owned(candidate: &Candidate) -> Vec<(u32, SimTime)> {
    let wanted = &candidate.scenario.pools.on_demand.instance_type;
    let commitments = tariff(candidate, &[]).commitments.into_iter();
    commitments
        .filter_map(|commitment| match &commitment.benefit {
            Benefit::Reservation { instance_type, .. } if commitment.owned && instance_type == wanted => {
                Some((commitment.count, commitment.until))
            }
            _ => None,
        })
        .collect()
}

/// How many owned reservations the service of the first mix leaves idle in each step, and for the whole of it; `None` if it was cancelled.
pub(super) fn idle(
    origin: &Origin,
    candidate: &Candidate,
    jobs: &Jobs,
    replication: u32,
    progress: &dyn Progress,
) -> Option<Vec<u32>> {
    let steps = steps_within(candidate, jobs) as usize;
    let owned = owned(candidate);
    if owned.is_empty() {
        return Some(vec![0; steps]);
    }
    let outcome = simulate(origin, &[Prepared::new(candidate)], replication, Wanted::default(), progress)?.pop()?;
    let used = running(candidate, jobs, &outcome.run.usage, steps);
    let left = used.into_iter().zip(1..).map(|(used, next)| {
        let end = SimTime::START + jobs.step.times(next);
        let there: u32 = owned.iter().filter(|(_, until)| *until >= end).map(|(count, _)| count).sum();
        there.saturating_sub(used)
    });
    Some(left.collect())
}

/// How many base and on-demand instances of the on-demand pool's type run at some time of each step.
fn running(candidate: &Candidate, jobs: &Jobs, usage: &[Usage], steps: usize) -> Vec<u32> {
    let pools = &candidate.scenario.pools;
    let wanted = &pools.on_demand.instance_type;
    let base = pools.reserved.as_ref().is_some_and(|pool| pool.instance_type == *wanted);
    let counts = |usage: &&Usage| usage.option == OnDemand || (usage.option == Reserved && base);
    let mut changes = vec![0i64; steps + 1];
    for usage in usage.iter().filter(counts) {
        let step = |time: SimTime| (time.since_start().nanos().max(0) / jobs.step.nanos()) as usize;
        let (first, last) = (step(usage.from), step(usage.until));
        let ends_within = SimTime::START + jobs.step.times(last as i64) < usage.until;
        changes[first.min(steps)] += 1;
        changes[(last + usize::from(ends_within)).min(steps)] -= 1;
    }
    changes
        .iter()
        .take(steps)
        .scan(0, |sum, change| {
            *sum += change;
            Some(*sum as u32)
        })
        .collect()
}

/// The same situation with so many idle hours, and `bought` reserved instances for the jobs alone.
pub(super) fn with_reserved(situation: &Situation, idle: &[u32], bought: u32) -> Situation {
    if bought == 0 && idle.iter().all(|count| *count == 0) {
        return situation.clone();
    }
    let capacity = idle.iter().map(|idle| idle.saturating_add(bought)).collect();
    let reserved = Market { cost: vec![0; idle.len()], capacity, reserved: true };
    Situation { markets: [vec![reserved], situation.markets.clone()].concat(), ..situation.clone() }
}
