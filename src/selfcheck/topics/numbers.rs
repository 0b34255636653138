//! Random numbers and statistics.

use crate::rng::philox4x32_10;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use crate::stats::{mser, quantile_ranks, two_fidelities, values_for_upper_limit};
use serde_json::{Map, Value, json};

/// The random words of a counter and a key.
pub(super) fn philox(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["ctr", "key"])?;
    let (counter, key) = (words(&inputs, "ctr")?, words(&inputs, "key")?);
    Ok(json!(philox4x32_10(counter, key)))
}

fn words<const N: usize>(inputs: &Inputs, key: &str) -> Result<[u32; N], NoModel> {
    let words = inputs.whole_numbers(key, u32::MAX)?;
    words.try_into().map_err(|words: Vec<u32>| NoModel(format!("no model for {} words in `{key}`", words.len())))
}

/// MSER-5 of the series `y`, or of the first `n` values of ((7919 i) mod 101)/101 + 5/(1 + i).
pub(super) fn mser_5(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    const MOST: u32 = 100_000;
    let inputs = Inputs::new(inputs, &["n", "y"])?;
    let values: Vec<f64> = match (inputs.has("n"), inputs.has("y")) {
        (true, false) => {
            let value = |i: u32| f64::from(7919 * i % 101) / 101.0 + 5.0 / f64::from(1 + i);
            (0..inputs.count("n")?.min(MOST + 1)).map(value).collect()
        }
        (false, true) => inputs.series("y")?,
        _ => return Err(NoModel("no model without one of `n` and `y`".to_string())),
    };
    if values.len() > MOST as usize {
        return Err(NoModel(format!("no model for more than {MOST} values")));
    }
    let cut = mser(&values, 5).ok_or_else(|| NoModel("no model for fewer than 5 values".to_string()))?;
    Ok(json!({ "d_obs": cut.values, "stat": as_number(cut.statistic) }))
}

/// With `n` the ranks between which the `q` quantile lies, and with which probability; without it how many values are needed for the largest, or
/// the second largest, to be above it.
pub(super) fn order_statistics(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["n", "q", "conf"])?;
    let (q, confidence) = (inputs.number("q")?, inputs.number("conf")?);
    let too_few = || NoModel("no model: no number of values says so much".to_string());
    if inputs.has("n") {
        let ranks = quantile_ranks(u64::from(inputs.count("n")?), q, confidence).ok_or_else(too_few)?;
        return Ok(json!([ranks.lower, ranks.upper, as_number(ranks.coverage)]));
    }
    let needed = |rank: u64| values_for_upper_limit(q, confidence, rank).ok_or_else(too_few);
    Ok(json!({ "n_max": needed(1)?, "n_second": needed(2)? }))
}

/// What runs of a cheap model gain beside those of a dear one.
pub(super) fn cheap_model(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["rho", "cost_ratio"])?;
    let found = two_fidelities(inputs.signed("rho")?, inputs.number("cost_ratio")?);
    let found = found.ok_or_else(|| NoModel("no model for a cheap model that is not worth more runs".to_string()))?;
    Ok(json!({ "gain": as_number(found.variance_ratio), "ratio": as_number(found.cheap_runs) }))
}
