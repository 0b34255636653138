//! Load balancers.

use crate::fleet::target::{
    TargetHealth, TargetState, ZoneTargets, deregistration, share_by_zone, slow_start_share, unhealthy_zones,
};
use crate::scenario::HealthCheck;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, as_seconds};
use serde_json::{Map, Value, json};

/// The state of a target after checks, and how many it took to get there.
pub(super) fn health_check(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let known = ["interval_s", "timeout_s", "unhealthy_threshold", "healthy_threshold", "results", "initial"];
    let inputs = Inputs::new(inputs, &known)?;
    let default = HealthCheck::default();
    let rule = HealthCheck {
        unhealthy_threshold: inputs.count_or("unhealthy_threshold", default.unhealthy_threshold)?.max(1),
        healthy_threshold: inputs.count_or("healthy_threshold", default.healthy_threshold)?.max(1),
        ..default
    };
    let mut target = TargetHealth::new(match inputs.text("initial")? {
        "healthy" => TargetState::Healthy,
        "unhealthy" => TargetState::Unhealthy,
        "initial" | "new" | "registered" | "registering" => TargetState::Initial,
        other => return Err(NoModel(format!("no model for `initial` = {other:?}"))),
    });
    let mut after = None;
    for (result, number) in inputs.list("results")?.iter().zip(1..) {
        let passed = match result.as_str() {
            Some("P") => true,
            Some("F") => false,
            _ => return Err(NoModel(format!("no model for the check {result}"))),
        };
        if target.check(passed, &rule) {
            after = Some(number);
        }
    }
    let state = match target.state() {
        TargetState::Initial => "initial",
        TargetState::Healthy => "healthy",
        TargetState::Unhealthy => "unhealthy",
    };
    Ok(json!({ "state": state, "after_checks": after }))
}

/// When a target is deregistered.
pub(super) fn drain(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["delay_s", "last_inflight_ends_s"])?;
    let ended = deregistration(inputs.seconds("delay_s")?, inputs.seconds("last_inflight_ends_s")?);
    Ok(json!({
        "deregistered_at_s": as_seconds(ended.after),
        "shown_draining_until_s": as_seconds(ended.shown_draining),
        "cut_off": ended.cuts_off,
    }))
}

/// The weight of a target in slow start.
pub(super) fn slow_start(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["duration_s", "at_s"])?;
    Ok(json!({ "weight": as_number(slow_start_share(inputs.number("at_s")?, inputs.number("duration_s")?)) }))
}

/// The share of one target of each zone.
pub(super) fn shares(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["targets", "cross_zone"])?;
    let zones = zone_counts(&inputs, "targets")?;
    let counts: Vec<u32> = zones.iter().map(|(_, count)| *count).collect();
    let shares = share_by_zone(&counts, inputs.flag("cross_zone")?);
    let by_zone = zones.iter().zip(shares).map(|((zone, _), share)| (zone.to_string(), as_number(share)));
    Ok(json!({ "share": Map::from_iter(by_zone) }))
}

/// Zones that are unhealthy.
pub(super) fn zones(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["registered", "healthy", "threshold_pct", "cross_zone"])?;
    let registered = zone_counts(&inputs, "registered")?;
    let names: Vec<&str> = registered.iter().map(|(zone, _)| *zone).collect();
    let healthy = Inputs::new(inputs.map("healthy")?, &names)?.counts(&names)?;
    let targets: Vec<ZoneTargets> = registered
        .iter()
        .zip(healthy)
        .map(|((_, registered), healthy)| ZoneTargets { registered: *registered, healthy })
        .collect();
    let threshold = inputs.number("threshold_pct")? / 100.0;
    let failing = unhealthy_zones(&targets, threshold, inputs.flag("cross_zone")?);
    let open: Vec<&str> = names.iter().zip(&failing).filter(|(_, fails)| **fails).map(|(zone, _)| *zone).collect();
    let removed = if open.len() == names.len() { &[][..] } else { &open };
    Ok(json!({ "dns_removed": removed, "fail_open_zones": open }))
}

fn zone_counts<'a>(inputs: &Inputs<'a>, key: &str) -> Result<Vec<(&'a str, u32)>, NoModel> {
    let zones = inputs.map(key)?;
    let names: Vec<&str> = zones.keys().map(String::as_str).collect();
    let counts = Inputs::new(zones, &names)?.counts(&names)?;
    Ok(names.into_iter().zip(counts).collect())
}
