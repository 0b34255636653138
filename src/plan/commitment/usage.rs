//! Usage as commitments see it: instances of each type by whole clock hour.

use crate::billing::normalisation::Footprint;
use crate::billing::{HourlyUsage, PoolTariff, Tariff, Usage, billed_usage};
use crate::units::Duration;
use std::collections::BTreeMap;

/// Usage of an instance type in a zone, in one replication.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeUsage {
    /// Instance type.
    pub instance_type: String,
    /// Zone, empty unless stated.
    pub zone: String,
    /// Size in its family.
    pub footprint: Footprint,
    /// On-demand price, in the currency per hour.
    pub on_demand: f64,
    /// Prices under savings plans, by the name of the plan's rates.
    pub plan_rates: BTreeMap<String, f64>,
    /// Instances in each clock hour, on the mean of the hour.
    pub hours: Vec<f64>,
}

/// Usage by type and zone in alphabetical order, in the whole clock hours of the horizon: one that the horizon cuts is left out, since what is due
/// for it is cut as well.
pub fn usage_by_type(log: &[Usage], tariff: &Tariff) -> Vec<TypeUsage> {
    let whole = whole_hours(tariff);
    let unused =
        tariff.capacity.iter().map(|reserved| PoolTariff { zone: reserved.id.clone(), ..reserved.pool.clone() });
    let pools: Vec<PoolTariff> = tariff.base.iter().chain([&tariff.on_demand]).cloned().chain(unused).collect();
    let mut types: Vec<TypeUsage> = billed_usage(log, tariff)
        .into_iter()
        .filter_map(|HourlyUsage { instance_type, zone, hours }| {
            let pool = pools.iter().find(|pool| pool.instance_type == instance_type && pool.zone == zone)?;
            let hours = hours.get(whole.clone()).unwrap_or_default().iter().map(|time| time.as_hours_f64()).collect();
            Some(type_usage(pool, hours))
        })
        .collect();
    // Types that did not run in this replication may have run in others.
    for pool in &pools {
        if types.iter().all(|one| (&one.instance_type, &one.zone) != (&pool.instance_type, &pool.zone)) {
            types.push(type_usage(pool, vec![0.0; whole.len()]));
        }
    }
    types.sort_by(|a, b| (&a.instance_type, &a.zone).cmp(&(&b.instance_type, &b.zone)));
    types
}

fn type_usage(pool: &PoolTariff, hours: Vec<f64>) -> TypeUsage {
    TypeUsage {
        instance_type: pool.instance_type.clone(),
        zone: pool.zone.clone(),
        footprint: pool.footprint.clone(),
        on_demand: pool.on_demand.to_f64(),
        plan_rates: pool.plan_rates.iter().map(|(name, rate)| (name.clone(), rate.to_f64())).collect(),
        hours,
    }
}

/// The clock hours that lie in the horizon as a whole, counted from the one in which it begins.
fn whole_hours(tariff: &Tariff) -> std::ops::Range<usize> {
    let (hour, since) = (Duration::HOUR.nanos(), tariff.since_clock_hour().nanos());
    let first = usize::from(since > 0);
    let end = (tariff.horizon.since_start().nanos() + since).div_euclid(hour).max(0) as usize;
    first.min(end)..end
}
