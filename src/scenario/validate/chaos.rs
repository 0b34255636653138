//! Checks of what goes wrong on purpose.

use super::{Findings, MAX_HORIZON};
use crate::scenario::{Chaos, Scenario, suggestion};
use crate::units::Duration;

/// Most outages and mass interruptions each.
const MOST_EVENTS: usize = 1_000;

/// Failures, outages and mass interruptions.
pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let Some(chaos) = &scenario.chaos else { return };
    let Chaos { instance_failure, zone_outages, mass_interruptions, replaced_after } = chaos;
    if let Some(failure) = instance_failure {
        let right = failure.mean_time >= Duration::from_secs(60) && failure.mean_time <= MAX_HORIZON;
        findings.require(right, "/chaos/instance_failure/mean_time", || {
            format!("the mean time until an instance fails is 1m to {MAX_HORIZON}, found {}", failure.mean_time)
        });
    }
    findings.time("/chaos/replaced_after", *replaced_after);
    for (name, count) in [("zone_outages", zone_outages.len()), ("mass_interruptions", mass_interruptions.len())] {
        findings.require(count <= MOST_EVENTS, format!("/chaos/{name}"), || {
            format!("at most {MOST_EVENTS} are allowed, found {count}")
        });
    }
    let pools = &scenario.pools;
    let zones = scenario.markets.values().map(|market| market.zone.as_str());
    let zones =
        zones.chain(pools.reserved.iter().map(|pool| pool.zone.as_str())).chain([pools.on_demand.zone.as_str()]);
    let zones: Vec<&str> = zones.filter(|zone| !zone.is_empty()).collect();
    for (index, outage) in zone_outages.iter().enumerate() {
        let here = format!("/chaos/zone_outages/{index}");
        findings.require(zones.contains(&outage.zone.as_str()), format!("{here}/zone"), || {
            let known = suggestion(&outage.zone, zones.iter().copied(), "named");
            format!("no pool or market is in the zone {:?}{known}", outage.zone)
        });
        within_horizon(scenario, format!("{here}/from"), outage.from, findings);
        findings.positive_time(format!("{here}/lasts"), outage.lasts);
    }
    for (index, mass) in mass_interruptions.iter().enumerate() {
        let here = format!("/chaos/mass_interruptions/{index}");
        within_horizon(scenario, format!("{here}/at"), mass.at, findings);
        for (place, name) in mass.markets.iter().enumerate() {
            findings.reference(format!("{here}/markets/{place}"), "market", name, &scenario.markets);
        }
        let share = mass.share;
        findings.require(share > 0.0 && share <= 1.0, format!("{here}/share"), || {
            format!("a share above 0 and at most 1 is taken back, found {share}")
        });
        findings.time(format!("{here}/closed_for"), mass.closed_for);
    }
}

fn within_horizon(scenario: &Scenario, pointer: String, time: Duration, findings: &mut Findings) {
    let horizon = scenario.clock.horizon;
    findings.require((Duration::ZERO..horizon).contains(&time), pointer, || {
        format!("it must lie within the horizon, from 0s and before {horizon}, found {time}")
    });
}
