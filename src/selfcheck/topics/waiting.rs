//! What waiting is worth.

use crate::plan::waiting::{cheapest_without_waiting, with_waiting, without_waiting};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use serde_json::{Map, Value, json};

/// The number of reserved servers that is cheapest where nobody waits, or what a given number costs.
pub(super) fn nobody_waits(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "reserved", "on_demand", "servers"])?;
    let load = inputs.number("lam")? / inputs.positive("mu")?;
    let (reserved, on_demand) = (inputs.number("reserved")?, inputs.number("on_demand")?);
    let best = cheapest_without_waiting(load, reserved, on_demand)
        .ok_or_else(|| NoModel("no model for such a load or such prices".to_string()))?;
    let found =
        if inputs.has("servers") { without_waiting(inputs.count("servers")?, load, reserved, on_demand) } else { best };
    Ok(json!({
        "servers": found.servers,
        "on_demand_share": as_number(found.on_demand_share),
        "price": as_number(found.price),
    }))
}

/// How long all wait with so many reserved servers, and what these cost.
pub(super) fn all_wait(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "reserved", "servers"])?;
    let rate = inputs.positive("mu")?;
    let found = with_waiting(inputs.count("servers")?, inputs.number("lam")? / rate, inputs.number("reserved")?);
    Ok(json!({ "mean_wait": as_number(found.mean_wait / rate), "price": as_number(found.price) }))
}
