//! How reservations apply to the usage of one clock hour (RULES R22, R23, R25).

use super::normalisation::Footprint;
use crate::units::Duration;

/// Where a reservation applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One zone, exactly its type.
    Zonal {
        /// Name of the zone.
        zone: String,
    },
    /// Any zone, and sizes of its family may stand for each other.
    Regional,
}

/// Reservations of one kind: instance-time that is committed in the hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// Account that bought it.
    pub account: String,
    /// Where it applies.
    pub scope: Scope,
    /// Type, with platform and tenancy where these differ: what a zonal reservation asks for.
    pub instance_type: String,
    /// Size in its family.
    pub footprint: Footprint,
    /// Committed instance-time: 3600 s for each reservation in a whole hour.
    pub time: Duration,
}

/// Usage of one kind: instance-time that ran in the hour, summed over concurrent instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Account that ran it.
    pub account: String,
    /// Zone that it ran in.
    pub zone: String,
    /// Type, with platform and tenancy where these differ.
    pub instance_type: String,
    /// Size in its family.
    pub footprint: Footprint,
    /// Instance-time.
    pub time: Duration,
    /// Reserved capacity in which nothing ran: regional reservations cover it after all instances, zonal ones not at all (RULES R5).
    pub idle: bool,
}

/// Instance-time weighted by size: quarters of a normalised unit × nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct UnitTime(pub i128);

impl UnitTime {
    /// No time.
    pub const ZERO: UnitTime = UnitTime(0);

    /// `time` of instances of a size.
    pub fn of(time: Duration, footprint: &Footprint) -> Self {
        Self(i128::from(time.nanos()) * i128::from(footprint.quarters))
    }
}

/// Time of one reservation that covered one usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covering {
    /// Index of the reservation.
    pub reserved: usize,
    /// Index of the usage.
    pub running: usize,
    /// How much.
    pub time: UnitTime,
}

/// What reservations did in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Application {
    /// What covered what, in order of application.
    pub coverings: Vec<Covering>,
    /// What is left of each usage, to be paid on-demand.
    pub uncovered: Vec<UnitTime>,
    /// What is left of each reservation, paid for nothing.
    pub unused: Vec<UnitTime>,
}

/// Applies reservations to the usage of one clock hour.
///
/// Zonal reservations come before regional ones, in each the buyer's own usage before that of linked accounts, and regional
/// ones cover the smallest instances first, in normalised units and down to fractions of an instance (RULES R25). Equal usage is
/// covered in the order of `running`.
pub fn apply(reserved: &[Reserved], running: &[Running]) -> Application {
    let mut application = Application {
        coverings: Vec::new(),
        uncovered: running.iter().map(|usage| UnitTime::of(usage.time, &usage.footprint)).collect(),
        unused: reserved.iter().map(|one| UnitTime::of(one.time, &one.footprint)).collect(),
    };
    let mut order: Vec<usize> = (0..running.len()).collect();
    order.sort_by_key(|index| (running[*index].idle, running[*index].footprint.quarters));
    for zonal in [true, false] {
        for own in [true, false] {
            for (index, one) in reserved.iter().enumerate().filter(|(_, one)| zonal == is_zonal(one)) {
                for usage in &order {
                    if (one.account == running[*usage].account) == own && matches(one, &running[*usage]) {
                        application.cover(index, *usage);
                    }
                }
            }
        }
    }
    application
}

fn is_zonal(reserved: &Reserved) -> bool {
    matches!(reserved.scope, Scope::Zonal { .. })
}

fn matches(reserved: &Reserved, usage: &Running) -> bool {
    match &reserved.scope {
        Scope::Zonal { zone } => !usage.idle && *zone == usage.zone && reserved.instance_type == usage.instance_type,
        Scope::Regional => {
            reserved.instance_type == usage.instance_type || reserved.footprint.family == usage.footprint.family
        }
    }
}

impl Application {
    fn cover(&mut self, reserved: usize, running: usize) {
        let time = self.unused[reserved].min(self.uncovered[running]);
        if time > UnitTime::ZERO {
            self.unused[reserved].0 -= time.0;
            self.uncovered[running].0 -= time.0;
            self.coverings.push(Covering { reserved, running, time });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i128 = 3_600_000_000_000;

    fn reserved(account: &str, zone: Option<&str>, name: &str, count: i64) -> Reserved {
        Reserved {
            account: account.into(),
            scope: zone.map_or(Scope::Regional, |zone| Scope::Zonal { zone: zone.into() }),
            instance_type: name.into(),
            footprint: Footprint::of(name, true),
            time: Duration::HOUR.times(count),
        }
    }

    fn running(account: &str, zone: &str, name: &str, seconds: i64) -> Running {
        Running {
            account: account.into(),
            zone: zone.into(),
            instance_type: name.into(),
            footprint: Footprint::of(name, true),
            time: Duration::from_secs(seconds),
            idle: false,
        }
    }

    /// Units (not quarters) × hours.
    fn units(times: &[UnitTime]) -> Vec<f64> {
        times.iter().map(|time| time.0 as f64 / (4 * HOUR) as f64).collect()
    }

    #[test]
    fn smaller_sizes_are_covered_first_and_fractions_may_be() {
        let usage = [running("A", "a", "m3.xlarge", 7200), running("A", "b", "m3.large", 7200)];
        let applied = apply(&[reserved("A", None, "m3.2xlarge", 1)], &usage);
        // 16 units: both large (8), one of the two xlarge (8).
        assert_eq!(units(&applied.uncovered), [8.0, 0.0]);
        let applied = apply(&[reserved("A", None, "m3.large", 1)], &usage[..1]);
        assert_eq!((units(&applied.uncovered), units(&applied.unused)), (vec![12.0], vec![0.0]));
    }

    #[test]
    fn a_zonal_reservation_of_a_linked_account_comes_before_the_own_regional_one() {
        let reservations = [reserved("A", None, "m4.xlarge", 1), reserved("C", Some("a"), "m4.xlarge", 1)];
        let usage = [running("A", "a", "m4.xlarge", 3600), running("B", "b", "m4.xlarge", 3600)];
        let applied = apply(&reservations, &usage);
        assert_eq!(units(&applied.uncovered), [0.0, 0.0]);
        assert_eq!(applied.coverings.iter().map(|c| (c.reserved, c.running)).collect::<Vec<_>>(), [(1, 0), (0, 1)]);
    }

    #[test]
    fn unused_capacity_is_covered_last_and_by_regional_reservations_only() {
        let idle = Running { idle: true, ..running("A", "a", "m4.large", 3600) };
        let usage = [idle, running("A", "a", "m4.xlarge", 3600)];
        let applied = apply(&[reserved("A", None, "m4.xlarge", 1)], &usage);
        assert_eq!(units(&applied.uncovered), [4.0, 0.0]);
        let applied = apply(&[reserved("A", Some("a"), "m4.large", 1)], &usage[..1]);
        assert_eq!(units(&applied.uncovered), [4.0]);
    }

    #[test]
    fn zonal_reservations_ask_for_exactly_their_type_and_zone() {
        let one = [reserved("A", Some("a"), "m4.xlarge", 1)];
        for other in [running("A", "b", "m4.xlarge", 3600), running("A", "a", "m4.large", 3600)] {
            assert_eq!(units(&apply(&one, &[other]).unused), [8.0]);
        }
    }
}
