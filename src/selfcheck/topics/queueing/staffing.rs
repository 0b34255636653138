//! How many servers, which queue, which speed.

use super::markov::stable;
use super::{known, or_one, outputs};
use crate::queueing::{self, power_of_choices, safety_factor, two_servers_sojourn};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use crate::selfcheck::wanted::Wanted;
use serde_json::{Map, Value, json};

/// The probability of waiting at each safety.
pub(in crate::selfcheck::topics) fn halfin_whitt(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["betas"])?;
    Ok(inputs.series("betas")?.into_iter().map(|safety| as_number(queueing::halfin_whitt(safety))).collect())
}

/// The least servers for each load and target, and what the square root says.
pub(in crate::selfcheck::topics) fn square_root(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["a", "targets"])?;
    let (loads, targets) = (inputs.numbers("a")?, inputs.numbers("targets")?);
    let safety = targets.iter().map(|target| known(safety_factor(*target))).collect::<Result<Vec<f64>, NoModel>>()?;
    let (mut exact, mut rule) = (Vec::new(), Vec::new());
    for load in loads {
        let least = targets.iter().map(|target| known(queueing::least_servers(load, *target)));
        exact.push(least.collect::<Result<Vec<u32>, NoModel>>()?);
        let by_root = safety.iter().map(|safety| as_number(queueing::square_root_servers(load, *safety)));
        rule.push(by_root.collect::<Vec<Value>>());
    }
    Ok(json!({ "exact": exact, "rule": rule, "beta": safety }))
}

/// The mean sojourn with the shortest of d queues: `d2` with two.
pub(in crate::selfcheck::topics) fn choices(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu", "d"])?;
    let rate = inputs.positive("mu")?;
    let load = inputs.number("lam")? / rate;
    let sojourn = |choices: u32| Ok::<_, NoModel>(as_number(known(power_of_choices(load, choices))? / rate));
    let mut out = Map::new();
    if inputs.has("d") {
        out.insert("T".to_string(), sojourn(inputs.count("d")?)?);
    }
    for name in wanted.names() {
        if let Some(choices) = name.strip_prefix('d').and_then(|choices| choices.parse().ok()) {
            out.insert(name.to_string(), sojourn(choices)?);
        }
    }
    wanted.answer(out, "T")
}

/// A fast server alone, and with a slower one.
pub(in crate::selfcheck::topics) fn two_speeds(inputs: &Map<String, Value>, wanted: &Wanted) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["lam", "mu1", "mu2"])?;
    let (arrivals, fast, slow) = (inputs.positive("lam")?, or_one(&inputs, "mu1")?, inputs.positive("mu2")?);
    let mut out = outputs([("W_two", known(two_servers_sojourn(arrivals, fast, slow))?)]);
    if let Ok(alone) = stable(1, arrivals / fast) {
        out.insert("W_one".to_string(), as_number(alone.mean_sojourn() / fast));
    }
    wanted.answer(out, "W_two")
}
