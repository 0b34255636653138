//! Queues.

mod general;
mod markov;
mod staffing;
mod transient;

pub(super) use general::{
    any_gaps, any_gaps_and_servers, any_service, constant_service, phases, single_constant_service, tail_decay,
};
pub(super) use markov::{erlang, exponential, impatient, limited_room, shared};
pub(super) use staffing::{choices, halfin_whitt, square_root, two_speeds};
pub(super) use transient::{changing, fluid, from_empty, interruptions, screening, setup};

use crate::queueing::{self, OutOfRange};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use serde_json::{Map, Value};

/// What is out of a formula's range has no model.
fn known<T>(result: Result<T, OutOfRange>) -> Result<T, NoModel> {
    result.map_err(|error| NoModel(format!("no model: {error}")))
}

/// Numbers under their names.
fn outputs<const N: usize>(numbers: [(&str, f64); N]) -> Map<String, Value> {
    numbers.into_iter().map(|(name, number)| (name.to_string(), as_number(number))).collect()
}

/// The input, or 1 if it is left out: a unit of time.
fn or_one(inputs: &Inputs, key: &str) -> Result<f64, NoModel> {
    if inputs.has(key) { inputs.number(key) } else { Ok(1.0) }
}

/// The number of servers, one if it is left out.
fn servers(inputs: &Inputs) -> Result<u32, NoModel> {
    if inputs.has("c") { inputs.count("c") } else { Ok(1) }
}

/// Where a tail comes down to the rest of a probability.
fn quantile(tail: &dyn Fn(f64) -> Result<f64, OutOfRange>, share: f64) -> Result<f64, OutOfRange> {
    // What is too far out to be computed is far below any rest; whether that holds, the value at the result tells.
    let place = queueing::quantile(|time| tail(time).unwrap_or(0.0), share);
    tail(place).map(|_| place)
}
