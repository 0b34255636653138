//! What one would commit to without a planner: a count that is read off the usage of the past.

use crate::input::LoadedScenario;
use crate::scenario::Scenario;
use crate::study::invoice::tariff;
use crate::study::purchase::usage_by_replication;
use crate::study::replicate::{Interrupted, Origin, Prepared, Progress};

/// Instances that ran in every hour, and in half of the hours, of all replications of the first mix: in instances of the reserved type.
///
/// `None` where nothing can be reserved, or there was no whole clock hour.
pub(super) fn reserved_levels(past: &LoadedScenario, progress: &dyn Progress) -> Result<Option<[u32; 2]>, Interrupted> {
    let (Some(candidate), Some(size)) = (past.candidates.first(), size(&past.scenario)) else { return Ok(None) };
    let origin = Origin::new(past);
    let (mix, tariff) = (Prepared::new(candidate), tariff(candidate, &[]));
    let usage = usage_by_replication(&origin, &mix, &tariff, past.scenario.run.replications, progress)?;
    let own = usage.into_iter().flatten().filter(|one| one.instance_type == tariff.on_demand.instance_type);
    let mut hours: Vec<f64> = own.flat_map(|one| one.hours).map(|instances| instances * size).collect();
    hours.sort_unstable_by(f64::total_cmp);
    let Some(least) = hours.first() else { return Ok(None) };
    Ok(Some([least.floor() as u32, hours[(hours.len() - 1) / 2].round() as u32]))
}

/// Reserved instances that serve as much as one on-demand instance.
fn size(scenario: &Scenario) -> Option<f64> {
    let serves = |name: &str| {
        let kind = &scenario.instance_types[name];
        f64::from(kind.slots) * kind.speed
    };
    let reserved = scenario.pools.reserved.as_ref()?;
    Some(serves(&scenario.pools.on_demand.instance_type) / serves(&reserved.instance_type))
}
