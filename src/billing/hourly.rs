//! Usage by clock hour: what the best purchase of commitments is computed from.

use super::capacity::{Idle, idle};
use super::{EndedBy, Tariff, Usage};
use crate::fleet::PurchaseOption;
use crate::units::{Duration, SimTime};
use std::collections::BTreeMap;

/// Running time of one instance type in a zone in each clock hour of a horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourlyUsage {
    /// Instance type.
    pub instance_type: String,
    /// Zone, empty unless stated.
    pub zone: String,
    /// Instance-time by clock hour, from the clock hour in which the horizon begins to the one in which it ends; divided by
    /// an hour it is the number of instances that commitments could have covered.
    pub hours: Vec<Duration>,
}

/// Time that commitments can cover, by instance type and zone in alphabetical order and clock hour.
///
/// Counted is the running time of base and on-demand instances; spot is left out, since no commitment covers it
/// (RULES R26, R30). `place_of` names the instance type and the zone of a run, or `None` to leave it out. `since_clock_hour` is the time from
/// the clock hour before the start of the horizon to that start: hours are cut where a bill cuts them (RULES R22). Time at or
/// after `horizon` is not counted.
///
/// The dynamics of a run do not depend on commitments, so one usage log serves every purchase that is tried.
pub fn hourly_usage<'a>(
    usage: &[Usage],
    horizon: SimTime,
    since_clock_hour: Duration,
    place_of: impl Fn(&Usage) -> Option<(&'a str, &'a str)>,
) -> Vec<HourlyUsage> {
    let first = SimTime::START - since_clock_hour;
    let count = ((horizon - first).rounded_up_to(Duration::HOUR).nanos() / Duration::HOUR.nanos()).max(0) as usize;
    let mut types: BTreeMap<(&str, &str), Vec<Duration>> = BTreeMap::new();
    for run in usage.iter().filter(|run| run.option != PurchaseOption::Spot) {
        let Some(place) = place_of(run) else { continue };
        let hours = types.entry(place).or_insert_with(|| vec![Duration::ZERO; count]);
        let (from, until) = (run.from.max(SimTime::START), run.until.min(horizon));
        for (start, end) in clock_hours_within(from, until, since_clock_hour) {
            hours[((start - first).nanos() / Duration::HOUR.nanos()) as usize] += end - start;
        }
    }
    let named = |((name, zone), hours): ((&str, &str), Vec<Duration>)| HourlyUsage {
        instance_type: name.to_string(),
        zone: zone.to_string(),
        hours,
    };
    types.into_iter().map(named).collect()
}

/// Billed time that commitments can cover: as [`hourly_usage`], with the started hours of a whole-hour rule that a bill covers like
/// running time.
///
/// Capacity that was reserved and unused stands beside it, under the name of the reservation as its zone: commitments of a zone do not
/// cover it (RULES R5).
pub fn billed_usage(usage: &[Usage], tariff: &Tariff) -> Vec<HourlyUsage> {
    let billed = |run: &Usage| Usage { until: run.until.max(tariff.billed_end(run)), ..*run };
    let runs = usage.iter().filter(|run| run.length().is_positive());
    let runs: Vec<Usage> = runs.map(billed).collect();
    let mut all = hourly_usage(&runs, tariff.horizon, tariff.since_clock_hour(), |run| {
        tariff.pool_of(run).map(|(_, pool)| (pool.instance_type.as_str(), pool.zone.as_str()))
    });
    let idle = idle(usage, tariff);
    for (index, reserved) in tariff.capacity.iter().enumerate() {
        let unused = |one: &Idle| Usage {
            instance: 0,
            option: PurchaseOption::OnDemand,
            market: None,
            from: one.from,
            until: one.until,
            ended_by: EndedBy::Horizon,
        };
        let unused: Vec<Usage> = idle.iter().filter(|one| one.capacity == index).map(unused).collect();
        let place = (reserved.pool.instance_type.as_str(), reserved.id.as_str());
        all.extend(hourly_usage(&unused, tariff.horizon, tariff.since_clock_hour(), |_| Some(place)));
    }
    all
}

/// The clock hours from `from` to `end`, the first and last cut there.
pub(super) fn clock_hours_within(
    from: SimTime,
    end: SimTime,
    since_clock_hour: Duration,
) -> impl Iterator<Item = (SimTime, SimTime)> {
    let hour = Duration::HOUR.nanos();
    let into = (from.since_start() + since_clock_hour).nanos().rem_euclid(hour);
    let first = from - Duration::from_nanos(into);
    super::on_demand::hours_from(first, end).map(move |(start, end)| (start.max(from), end))
}

/// A run for examples and tests.
#[cfg(test)]
pub(super) fn run(instance: u32, option: PurchaseOption, from: i64, until: i64) -> Usage {
    let market = (option == PurchaseOption::Spot).then_some(0);
    let (from, until) = (SimTime::from_secs(from), SimTime::from_secs(until));
    Usage { instance, option, market, from, until, ended_by: EndedBy::Owner }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_counted_by_type_and_clock_hour() {
        // The horizon of 2 h begins at half past.
        let usage = [
            run(0, PurchaseOption::Reserved, 0, 7200),
            run(1, PurchaseOption::OnDemand, 900, 1900),
            run(2, PurchaseOption::Spot, 0, 7200),
        ];
        let horizon = SimTime::from_secs(7200);
        let half = Duration::from_secs(1800);
        let seconds = |hours: &HourlyUsage| hours.hours.iter().map(|h| h.nanos() / 1_000_000_000).collect::<Vec<_>>();
        let same = hourly_usage(&usage, horizon, half, |_| Some(("m4.large", "")));
        assert_eq!(same.len(), 1);
        assert_eq!(seconds(&same[0]), [1800 + 900, 3600 + 100, 1800]);
        let apart = hourly_usage(&usage, horizon, half, |run| match run.option {
            PurchaseOption::Reserved => Some(("b", "")),
            _ => Some(("a", "")),
        });
        assert_eq!(apart.iter().map(|one| one.instance_type.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(seconds(&apart[0]), [900, 100, 0]);
        let nothing = hourly_usage(&usage, horizon, half, |_| None);
        assert!(nothing.is_empty());
    }
}
