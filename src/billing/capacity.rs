//! Capacity that is reserved: charged whether it is used or not (RULES R5).
//!
//! What runs in a reservation is charged as an instance; the rest of it is charged at the on-demand price, per second. Which instance
//! is in it makes no difference to the money, so only the unused rest appears in a bill.

use super::{Charge, ChargeKind, PoolTariff, Tariff, Usage};
use crate::units::{Duration, SimTime};

/// Reserved capacity of a tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedCapacity {
    /// Its name in a bill.
    pub id: String,
    /// Prices of its instances.
    pub pool: PoolTariff,
    /// How many.
    pub count: u32,
    /// Held from.
    pub from: SimTime,
    /// Held until; [`SimTime::NEVER`] if that is beyond the horizon.
    pub until: SimTime,
}

/// One instance's place in a reservation that nobody used for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// Index of the reservation in the tariff.
    pub capacity: usize,
    /// Unused from.
    pub from: SimTime,
    /// Unused until.
    pub until: SimTime,
}

/// Instances of a capacity reservation that are charged without running: it is paid used or not, at the on-demand rate and
/// per second; what runs in it is charged as an instance instead (RULES R5).
pub fn unused_capacity(reserved: u32, running: u32) -> u32 {
    reserved.saturating_sub(running)
}

impl ReservedCapacity {
    /// Whether instances of a pool can run in it: its type, and its zone if it names one.
    pub(super) fn holds(&self, pool: &PoolTariff) -> bool {
        self.pool.instance_type == pool.instance_type && (self.pool.zone.is_empty() || self.pool.zone == pool.zone)
    }

    fn place(&self) -> (&str, &str) {
        (&self.pool.instance_type, &self.pool.zone)
    }
}

/// The places of all reservations that nobody used, in order of the reservations, then of their ends.
///
/// Running base and on-demand instances fill the reservations of their type and zone in the order of the tariff.
pub(super) fn idle(usage: &[Usage], tariff: &Tariff) -> Vec<Idle> {
    let mut idle = Vec::new();
    for (index, reserved) in tariff.capacity.iter().enumerate() {
        let end = reserved.until.min(tariff.horizon);
        let from = reserved.from.max(SimTime::START);
        if from >= end {
            continue;
        }
        let earlier = tariff.capacity[..index].iter().filter(|one| one.place() == reserved.place());
        let mut changes: Vec<(SimTime, i64)> = vec![(from, 0)];
        let mut change = |begins: SimTime, ends: SimTime, count: i64| {
            let (begins, ends) = (begins.max(from), ends.min(end));
            if begins < ends {
                changes.extend([(begins, count), (ends, -count)]);
            }
        };
        let in_it = |run: &&Usage| tariff.pool_of(run).is_some_and(|(_, pool)| reserved.holds(pool));
        usage.iter().filter(in_it).for_each(|run| change(run.from, run.until, 1));
        earlier.for_each(|one| change(one.from, one.until, -i64::from(one.count)));
        changes.sort_unstable();
        // Places that are unused, by the time since which.
        let mut open: Vec<SimTime> = Vec::new();
        let mut running = 0;
        for (place, (at, by)) in changes.iter().enumerate() {
            running += by;
            if changes.get(place + 1).is_some_and(|next| next.0 == *at) {
                continue;
            }
            let running = u32::try_from(running.max(0)).unwrap_or(u32::MAX);
            let unused = if *at < end { unused_capacity(reserved.count, running) } else { 0 };
            while open.len() > unused as usize {
                let since = open.pop().unwrap_or(*at);
                idle.push(Idle { capacity: index, from: since, until: *at });
            }
            open.resize(unused as usize, *at);
        }
        idle.extend(open.into_iter().map(|since| Idle { capacity: index, from: since, until: end }));
    }
    idle
}

impl Idle {
    /// What `start..end` of it costs, `quantity` of which no commitment covers.
    pub(super) fn charge(&self, (start, end): (SimTime, SimTime), quantity: Duration, tariff: &Tariff) -> Charge {
        let rate = tariff.capacity[self.capacity].pool.on_demand;
        Charge {
            kind: ChargeKind::UnusedCapacity,
            instance: None,
            market: None,
            commitment: None,
            capacity: Some(self.capacity),
            start,
            end,
            quantity,
            rate: Some(rate),
            amount: rate.charge_for(quantity),
        }
    }
}

#[cfg(test)]
mod tests;
