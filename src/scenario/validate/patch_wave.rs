//! Checks of a patch wave and of the load balancer.

use super::{Findings, MAX_INSTANCES};
use crate::scenario::{Discipline, HealthCheck, LoadBalancer, PatchWave, Scenario};
use crate::units::Duration;

/// The patch wave, if there is one.
pub(super) fn check_wave(scenario: &Scenario, findings: &mut Findings) {
    let Some(PatchWave { at, prepare, updates, replace: _, batch, min_healthy }) = &scenario.patch_wave else { return };
    let horizon = scenario.clock.horizon;
    findings.time("/patch_wave/prepare", *prepare);
    findings.require(*at >= Duration::ZERO && *at < horizon, "/patch_wave/at", || {
        format!("a wave must begin within the horizon of {horizon}, found {at}")
    });
    if let Some(law) = updates {
        findings.law("/patch_wave/updates", law, false);
    }
    findings.require((1..=MAX_INSTANCES).contains(batch), "/patch_wave/batch", || {
        format!("1 to {MAX_INSTANCES} instances are replaced at once, found {batch}")
    });
    findings.share("/patch_wave/min_healthy", *min_healthy);
}

/// The load balancer, if there is one.
pub(super) fn check_balancer(scenario: &Scenario, findings: &mut Findings) {
    let Some(LoadBalancer { health_check, deregistration_delay, slow_start }) = scenario.service.load_balancer else {
        return;
    };
    if let Some(delay) = deregistration_delay {
        let right = delay >= Duration::ZERO && delay <= Duration::HOUR;
        findings.require(right, "/service/load_balancer/deregistration_delay", || {
            format!("a deregistration delay must be 0s to 1h, found {delay}")
        });
    }
    if let Some(time) = slow_start {
        const HERE: &str = "/service/load_balancer/slow_start";
        let right = (Duration::from_secs(30)..=Duration::from_secs(900)).contains(&time);
        findings.require(right, HERE, || format!("a slow start must be 30s to 15m, found {time}"));
        findings.require(scenario.service.discipline == Discipline::RoundRobin, HERE, || {
            "a slow start goes with the `discipline` \"round-robin\" only".to_string()
        });
    }
    if let Some(check) = health_check {
        check_health_check(scenario, check, findings);
    }
}

fn check_health_check(scenario: &Scenario, check: HealthCheck, findings: &mut Findings) {
    const HERE: &str = "/service/load_balancer/health_check";
    let HealthCheck { interval, timeout, healthy_threshold, unhealthy_threshold } = check;
    let seconds = Duration::from_secs;
    findings.require((seconds(5)..=seconds(300)).contains(&interval), format!("{HERE}/interval"), || {
        format!("an interval must be 5s to 5m, found {interval}")
    });
    let right = (seconds(2)..=seconds(120)).contains(&timeout) && timeout < interval;
    findings.require(right, format!("{HERE}/timeout"), || {
        format!("a timeout must be 2s to 2m and shorter than the interval ({interval}), found {timeout}")
    });
    for (key, count) in [("healthy_threshold", healthy_threshold), ("unhealthy_threshold", unhealthy_threshold)] {
        findings.require((2..=10).contains(&count), format!("{HERE}/{key}"), || {
            format!("a threshold must be 2 to 10 checks, found {count}")
        });
    }
    let sends = matches!(
        scenario.service.discipline,
        Discipline::LeastOutstanding | Discipline::RoundRobin | Discipline::PowerOf { .. }
    );
    findings.require(sends, HERE, || {
        "health checks matter where a balancer sends requests to instances: set `discipline` to \"round-robin\", \
         \"least-outstanding\" or `power-of`"
            .to_string()
    });
}
