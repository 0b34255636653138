//! How reservations apply to an hour of usage.

use crate::billing::normalisation::{Footprint, QUARTERS_PER_UNIT};
use crate::billing::reservation::{Reserved, Running, Scope, UnitTime, apply};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, as_seconds, time};
use crate::units::Duration;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Reservations and running instances of several accounts in one hour.
pub(super) fn application(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["reservations", "usage"])?;
    let mut reserved = Vec::new();
    for one in inputs.list("reservations")? {
        let one = Inputs::of(one, &["scope", "type", "count", "az", "account", "platform", "tenancy"])?;
        let scope = match one.text("scope")? {
            "regional" => Scope::Regional,
            "zonal" => Scope::Zonal { zone: one.text("az")?.to_string() },
            other => return Err(NoModel(format!("no model for `scope` = {other:?}"))),
        };
        let (instance_type, footprint) = kind(&one)?;
        let (account, time) = (one.text("account")?.to_string(), Duration::HOUR.times(one.count("count")?.into()));
        reserved.push(Reserved { account, scope, instance_type, footprint, time });
    }
    let (mut running, mut names) = (Vec::new(), Vec::new());
    for one in inputs.list("usage")? {
        let one = Inputs::of(one, &["type", "count", "az", "account", "platform", "tenancy"])?;
        let (instance_type, footprint) = kind(&one)?;
        names.push(format!("{}/{}", one.text("account")?, one.text("type")?));
        running.push(Running {
            account: one.text("account")?.to_string(),
            zone: if one.has("az") { one.text("az")?.to_string() } else { String::new() },
            instance_type,
            footprint,
            time: Duration::HOUR.times(one.count("count")?.into()),
            idle: false,
        });
    }
    let applied = apply(&reserved, &running);
    let (mut covered, mut on_demand) = (BTreeMap::new(), BTreeMap::new());
    for ((name, usage), left) in names.iter().zip(&running).zip(&applied.uncovered) {
        let whole = UnitTime::of(usage.time, &usage.footprint);
        let add = |sums: &mut BTreeMap<String, f64>, time: i128| {
            if time > 0 {
                *sums.entry(name.clone()).or_default() +=
                    unit_hours(time) / unit_hours(usage.footprint.quarters.into()) / NANOS;
            }
        };
        add(&mut covered, whole.0 - left.0);
        add(&mut on_demand, left.0);
    }
    let unused: i128 = applied.unused.iter().map(|time| time.0).sum();
    let numbers = |sums: BTreeMap<String, f64>| -> Map<String, Value> {
        sums.into_iter().map(|(name, hours)| (name, as_number(hours))).collect()
    };
    Ok(json!({
        "covered_instance_hours": numbers(covered),
        "od_instance_hours": numbers(on_demand),
        "unused_units": as_number(unit_hours(unused) / NANOS),
    }))
}

const NANOS: f64 = 3_600_000_000_000.0;

/// Quarters of units as units.
fn unit_hours(quarters: i128) -> f64 {
    quarters as f64 / f64::from(QUARTERS_PER_UNIT)
}

/// The type with platform and tenancy where they are not the usual ones, and its footprint.
fn kind(inputs: &Inputs) -> Result<(String, Footprint), NoModel> {
    let name = inputs.text("type")?;
    let platform = if inputs.has("platform") { inputs.text("platform")? } else { LINUX };
    let tenancy = if inputs.has("tenancy") { inputs.text("tenancy")? } else { SHARED };
    let usual = platform == LINUX && tenancy == SHARED;
    let mut footprint = Footprint::of(name, usual);
    if usual {
        return Ok((name.to_string(), footprint));
    }
    let full = format!("{name} {platform} {tenancy}");
    footprint.family = full.clone();
    Ok((full, footprint))
}

const LINUX: &str = "Linux/UNIX";
const SHARED: &str = "default";

/// 3600 s of usage per reservation and clock hour, over concurrent instances.
pub(super) fn clock_hour(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["ri_count", "usage_s"])?;
    let one = |time| Running {
        account: String::new(),
        zone: String::new(),
        instance_type: String::new(),
        footprint: unsized_footprint(),
        time,
        idle: false,
    };
    let running = inputs.numbers("usage_s")?.into_iter().map(|seconds| time(seconds).map(one));
    let running: Vec<Running> = running.collect::<Result<_, _>>()?;
    let (covered, left, unused) = hours(Duration::HOUR.times(inputs.count("ri_count")?.into()), &running);
    Ok(json!({ "ri_s": as_seconds(covered), "od_s": as_seconds(left), "unused_s": as_seconds(unused) }))
}

/// Instances of one size.
pub(super) fn unsized_footprint() -> Footprint {
    Footprint { family: String::new(), quarters: 1 }
}

/// Covered, uncovered and unused time under one regional reservation of instances of one size.
pub(super) fn hours(reserved: Duration, running: &[Running]) -> (Duration, Duration, Duration) {
    let reservation = Reserved {
        account: String::new(),
        scope: Scope::Regional,
        instance_type: String::new(),
        footprint: unsized_footprint(),
        time: reserved,
    };
    let applied = apply(&[reservation], running);
    let time =
        |times: &mut dyn Iterator<Item = UnitTime>| Duration::from_nanos(times.map(|time| time.0).sum::<i128>() as i64);
    (
        time(&mut applied.coverings.iter().map(|covering| covering.time)),
        time(&mut applied.uncovered.iter().copied()),
        time(&mut applied.unused.iter().copied()),
    )
}
