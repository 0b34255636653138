//! What finance asks of a provider's catalogue of reservations.

use crate::billing::{amortised, catalogue, list_value as value_of};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, as_seconds, time};
use crate::units::{Duration, Term};
use serde_json::{Map, Value, json};

pub(super) fn amortisation(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["upfront", "term_days", "days"])?;
    let days = |key| inputs.number(key).and_then(|days| time(days * 86_400.0));
    let term = days("term_days")?;
    if !term.is_positive() {
        return Err(NoModel("no model for a term of no length".to_string()));
    }
    let share = amortised(inputs.money("upfront")?, term, days("days")?);
    Ok(json!({ "amortised": as_number(share.to_f64()) }))
}

pub(super) fn blended(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["ri_hours", "ri_unblended_rate", "od_hours", "od_rate"])?;
    let reserved = (inputs.hours("ri_hours")?, inputs.rate("ri_unblended_rate")?);
    let on_demand = (inputs.hours("od_hours")?, inputs.rate("od_rate")?);
    let blend = catalogue::blended(&[reserved, on_demand]);
    let (cost, rate) = blend.ok_or_else(|| NoModel("no model for a blend without hours".to_string()))?;
    Ok(json!({ "total_cost": as_number(cost.to_f64()), "blended_rate": as_number(rate.to_f64()) }))
}

pub(super) fn exchange_quote(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["remaining_upfront", "hourly", "remaining_hours"])?;
    let (upfront, hourly) = (inputs.money("remaining_upfront")?, inputs.rate("hourly")?);
    let total = catalogue::exchange_value(upfront, hourly, inputs.hours("remaining_hours")?);
    Ok(json!({ "total": as_number(total.to_f64()) }))
}

pub(super) fn footprint(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["holdings"])?;
    let quarters = catalogue::footprint_quarters(holdings(&inputs, "holdings")?);
    let quarters = quarters.ok_or_else(|| NoModel("no model for one of the sizes".to_string()))?;
    Ok(json!({ "units": as_number(catalogue::units(quarters)) }))
}

/// Pairs of type and count.
fn holdings<'a>(inputs: &Inputs<'a>, key: &str) -> Result<Vec<(&'a str, u32)>, NoModel> {
    let pair = |value: &'a Value| {
        let [name, count] = value.as_array()?.as_slice() else { return None };
        Some((name.as_str()?, u32::try_from(count.as_u64()?).ok()?))
    };
    let pairs =
        inputs.list(key)?.iter().map(|value| pair(value).ok_or_else(|| NoModel(format!("no model for {value}"))));
    pairs.collect()
}

pub(super) fn list_value(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["upfront", "hourly", "term_hours"])?;
    let value = value_of(inputs.money("upfront")?, inputs.rate("hourly")?, inputs.hours("term_hours")?);
    Ok(json!({ "list_value": as_number(value.to_f64()) }))
}

pub(super) fn modification(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["from", "to"])?;
    let (from, to) = (holdings(&inputs, "from")?, holdings(&inputs, "to")?);
    Ok(json!({ "allowed": catalogue::modification_allowed(&from, &to) }))
}

pub(super) fn effective_from(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["request_time"])?;
    let text = inputs.text("request_time")?;
    let time: jiff::civil::Time = text.parse().map_err(|_| NoModel(format!("no model for the time {text:?}")))?;
    let since_midnight = time.duration_since(jiff::civil::Time::midnight());
    let request = Duration::from_nanos(i64::try_from(since_midnight.as_nanos()).unwrap_or(0));
    let seconds = catalogue::modification_effective_from(request).nanos() / 1_000_000_000;
    let [hours, minutes, seconds] = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    Ok(json!({ "effective_from": format!("{hours:02}:{minutes:02}:{seconds:02}") }))
}

pub(super) fn monthly_fee(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["hourly", "hours_in_month", "count"])?;
    let fee = catalogue::monthly_fee(inputs.rate("hourly")?, inputs.hours("hours_in_month")?, inputs.count("count")?);
    // Reports print whole currency units.
    Ok(json!({ "fee": as_number(fee.to_f64()), "printed": as_number(fee.to_f64().round()) }))
}

pub(super) fn term(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["years"])?;
    let term = match inputs.count("years")? {
        1 => Term::OneYear,
        3 => Term::ThreeYears,
        other => return Err(NoModel(format!("no model for a term of {other} years"))),
    };
    Ok(json!({ "seconds": as_seconds(term.duration()) }))
}

pub(super) fn volume_discount(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["list_value"])?;
    Ok(json!({ "discount_pct": catalogue::volume_discount_percent(inputs.money("list_value")?) }))
}
