//! Targets in several zones: who gets which share, and which zones fail (RULES R84).

/// The targets of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneTargets {
    /// Registered targets.
    pub registered: u32,
    /// Of these, healthy ones.
    pub healthy: u32,
}

/// The share of all requests that one target of each zone gets: of the whole with cross-zone balancing, else of its zone's equal part.
/// Zones without a target get none.
pub fn share_by_zone(targets: &[u32], cross_zone: bool) -> Vec<f64> {
    let total: u32 = targets.iter().sum();
    let zones = targets.iter().filter(|count| **count > 0).count() as f64;
    let share = |count: &u32| match *count {
        0 => 0.0,
        _ if cross_zone => 1.0 / f64::from(total),
        count => 1.0 / zones / f64::from(count),
    };
    targets.iter().map(share).collect()
}

/// Whether requests go to all targets, healthy or not, because too few are healthy: fewer than `threshold` of them (0 to 1), or none.
pub fn fails_open(targets: ZoneTargets, threshold: f64) -> bool {
    let needed = threshold * f64::from(targets.registered);
    targets.registered > 0 && (targets.healthy == 0 || f64::from(targets.healthy) < needed - 1e-9)
}

/// Which zones are unhealthy: each for itself, or all or none of them with cross-zone balancing, where the targets of all zones count
/// together. An unhealthy zone fails open, and leaves the name service unless all do.
pub fn unhealthy_zones(zones: &[ZoneTargets], threshold: f64, cross_zone: bool) -> Vec<bool> {
    if !cross_zone {
        return zones.iter().map(|zone| fails_open(*zone, threshold)).collect();
    }
    let all = zones.iter().fold(ZoneTargets { registered: 0, healthy: 0 }, |sum, zone| ZoneTargets {
        registered: sum.registered + zone.registered,
        healthy: sum.healthy + zone.healthy,
    });
    vec![fails_open(all, threshold); zones.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_share_alike_without_cross_zone_balancing() {
        assert_eq!(share_by_zone(&[2, 8], true), [0.1, 0.1]);
        assert_eq!(share_by_zone(&[2, 8, 0], false), [0.25, 0.0625, 0.0]);
    }

    #[test]
    fn a_zone_fails_alone_or_not_at_all() {
        let zones = [ZoneTargets { registered: 10, healthy: 10 }, ZoneTargets { registered: 10, healthy: 4 }];
        assert_eq!(unhealthy_zones(&zones, 0.5, false), [false, true]);
        assert_eq!(unhealthy_zones(&zones, 0.5, true), [false, false]);
        assert!(fails_open(ZoneTargets { registered: 3, healthy: 0 }, 0.0));
    }
}
