//! Reservations and discounts of other clouds.

use super::reservations::{hours, unsized_footprint};
use crate::billing::normalisation::Footprint;
use crate::billing::reservation::{Reserved, Running, Scope, apply};
use crate::billing::sustained_use::{sustained_charge, tier_rates};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, time};
use crate::units::{Duration, Money};
use serde_json::{Map, Value, json};

/// Reserved hours against the usage of several machines in the hour (RULES R111).
pub(super) fn azure_hours(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["reserved_hours", "usage_hours"])?;
    let one = |time| running(unsized_footprint(), time);
    let usage = inputs.numbers("usage_hours")?.into_iter().map(|hours| time(hours * 3600.0).map(one));
    let usage: Vec<Running> = usage.collect::<Result<_, _>>()?;
    let (covered, left, unused) = hours(inputs.hours("reserved_hours")?, &usage);
    let hours = |time: Duration| as_number(time.as_hours_f64());
    Ok(json!({ "covered_hours": hours(covered), "payg_hours": hours(left), "unused_hours": hours(unused) }))
}

/// A reservation of one size against machines of a group of sizes, by their ratios (RULES R111).
pub(super) fn azure_sizes(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["reserved_ratio", "running_ratios"])?;
    let reserved = Reserved {
        account: String::new(),
        scope: Scope::Regional,
        instance_type: String::new(),
        footprint: Footprint { family: GROUP.to_string(), quarters: quarters(inputs.number("reserved_ratio")?)? },
        time: Duration::HOUR,
    };
    let machine =
        |ratio| Ok(running(Footprint { family: GROUP.to_string(), quarters: quarters(ratio)? }, Duration::HOUR));
    let usage = inputs.numbers("running_ratios")?.into_iter().map(machine).collect::<Result<Vec<_>, NoModel>>()?;
    let applied = apply(&[reserved], &usage);
    let ratio = |time: i128| as_number(time as f64 / (4.0 * Duration::HOUR.nanos() as f64));
    Ok(json!({
        "covered_ratio": ratio(applied.coverings.iter().map(|covering| covering.time.0).sum()),
        "payg_ratio": ratio(applied.uncovered.iter().map(|time| time.0).sum()),
        "unused_ratio": ratio(applied.unused.iter().map(|time| time.0).sum()),
    }))
}

const GROUP: &str = "group";

fn running(footprint: Footprint, time: Duration) -> Running {
    Running { account: String::new(), zone: String::new(), instance_type: String::new(), footprint, time, idle: false }
}

/// A factor in quarters: it must be a multiple of one.
pub(super) fn quarters(factor: f64) -> Result<u32, NoModel> {
    let quarters = factor * 4.0;
    if (1.0..=1e6).contains(&quarters) && quarters.fract() == 0.0 {
        Ok(quarters as u32)
    } else {
        Err(NoModel(format!("no model for a size of {factor}: quarters are the smallest")))
    }
}

/// The discount for a share of the month, against the base price.
pub(super) fn sustained_use(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["base", "fraction_of_month", "multipliers"])?;
    let (base, multipliers) = (inputs.rate("base")?, multipliers(&inputs)?);
    let month = Duration::HOUR.times(730);
    let fraction = inputs.number("fraction_of_month")?;
    if fraction > 1.0 {
        return Err(NoModel(format!("no model for a fraction of {fraction}")));
    }
    let used = time(month.as_secs_f64() * fraction)?;
    let (full, charged) = (base.charge_for(used), sustained_charge(base, used, month, &multipliers));
    let discount = if full == Money::ZERO { 0.0 } else { (full - charged).to_f64() / full.to_f64() };
    Ok(json!({ "effective_discount": as_number(discount), "charge": as_number(charged.to_f64()) }))
}

/// The rate of each part of the month.
pub(super) fn sustained_use_rates(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["base", "multipliers"])?;
    let rates = tier_rates(inputs.rate("base")?, &multipliers(&inputs)?);
    let rates = rates.ok_or_else(|| NoModel("no model for rates of this size".to_string()))?;
    Ok(json!({ "tier_rates": rates.iter().map(|rate| as_number(rate.to_f64())).collect::<Vec<_>>() }))
}

fn multipliers(inputs: &Inputs) -> Result<Vec<i64>, NoModel> {
    let numbers = inputs.numbers("multipliers")?;
    if numbers.is_empty() || numbers.iter().any(|multiplier| *multiplier > 1.0) {
        return Err(NoModel("no model for multipliers that are no discounts".to_string()));
    }
    Ok(numbers.into_iter().map(|multiplier| (multiplier * 1e9).round_ties_even() as i64).collect())
}
