//! Spot markets: laws of prices, bids, capacity.

use crate::market::{self, MeanReversion, PriceLaw, SharedFate};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use serde_json::{Map, Value, json};

/// A mean-reverting process from the autoregression of its values.
pub(super) fn mean_reversion(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["c", "phi", "se", "dt"])?;
    let (constant, slope) = (inputs.signed("c")?, inputs.number("phi")?);
    let process = MeanReversion::from_autoregression(constant, slope, inputs.number("se")?, inputs.positive("dt")?);
    let process = process.ok_or_else(|| NoModel(format!("no model for `phi` = {slope}")))?;
    Ok(json!({
        "kappa": as_number(process.speed),
        "theta": as_number(process.level),
        "sigma": as_number(process.volatility),
        "half_life": as_number(process.half_life()),
    }))
}

/// The bid of a request that must not be interrupted.
pub(super) fn one_time_bid(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["a", "m", "pmax", "ts_over_tk"])?;
    let law = PriceLaw { least: inputs.number("a")?, scale: inputs.positive("m")?, most: inputs.number("pmax")? };
    let slots = inputs.number("ts_over_tk")?;
    if slots < 1.0 || law.most < law.least {
        return Err(NoModel("no model for less than one slot, or a highest price below the lowest".to_string()));
    }
    Ok(as_number(market::one_time_bid(&law, slots)))
}

/// The probability that enough is left of several pools; `q` is one number for all, or one for each.
pub(super) fn pools(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let known = Inputs::new(inputs, &["n", "q", "need"])?;
    let instances = known.whole_numbers("n", 1_000_000)?;
    let lost = match inputs.get("q") {
        Some(Value::Array(_)) => known.series("q")?,
        _ => vec![known.number("q")?; instances.len()],
    };
    let need = known.count("need")?;
    if lost.len() != instances.len() || lost.iter().any(|share| *share > 1.0) {
        return Err(NoModel("no model for these probabilities `q`".to_string()));
    }
    if instances.len() as f64 * f64::from(need) > 1e8 {
        return Err(NoModel("no model for so many pools and instances".to_string()));
    }
    let pools: Vec<SharedFate> =
        instances.into_iter().zip(lost).map(|(instances, lost)| SharedFate { instances, lost }).collect();
    Ok(as_number(market::enough_left(&pools, need)))
}
