//! The statistics of the planner.

use crate::plan::race::{self as plan, Evidence, Thresholds};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use serde_json::{Map, Value, json};

/// More replications than anybody waits for.
const MOST_REPLICATIONS: u32 = 1_000_000;

/// How many standard errors a race wants, about one limit of each candidate and about pairs of them.
pub(super) fn thresholds(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["alpha", "k", "J", "n"])?;
    let error = probability(&inputs, "alpha")?;
    let (candidates, looks) = (inputs.count("k")?, inputs.count("J")? + 1);
    let replications = inputs.numbers("n")?;
    if candidates < 2 || replications.iter().any(|n| *n < 2.0 || n.fract() != 0.0 || *n > f64::from(MOST_REPLICATIONS))
    {
        return Err(NoModel("no model for a race without comparisons".to_string()));
    }
    let at = |n: &f64| Thresholds::new(error, candidates as usize, 1, looks, *n as u32);
    let found: Vec<Thresholds> = replications.iter().map(at).collect();
    let of = |value: fn(&Thresholds) -> f64| found.iter().map(value).collect::<Vec<f64>>();
    Ok(json!({ "tF": of(|found| found.limit), "tC": of(|found| found.cost) }))
}

/// Replications after which a share that is always the same is certified to be below what is allowed, for any law.
pub(super) fn certificate(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["p", "alpha", "v"])?;
    let (allowed, error) = (probability(&inputs, "p")?, probability(&inputs, "alpha")?);
    let needed = |share: &f64| {
        let mut evidence = Evidence::new(allowed);
        (1..=MOST_REPLICATIONS).find(|_| {
            evidence.add(*share);
            evidence.suffices(error)
        })
    };
    let needed: Option<Vec<u32>> = inputs.numbers("v")?.iter().map(needed).collect();
    needed.map(Value::from).ok_or_else(|| NoModel("no model for a share that is never certified".to_string()))
}

/// The constant of Rinott's procedure for each number of systems in `k`, at 95 % or `P`.
pub(super) fn rinott(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    constants(inputs, plan::rinott)
}

/// The constant of the procedure of Dudewicz and Dalal, likewise.
pub(super) fn dudewicz_dalal(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    constants(inputs, plan::dudewicz_dalal)
}

fn constants(inputs: &Map<String, Value>, of: fn(u32, u32, f64) -> Option<f64>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["n0", "k", "P"])?;
    let first = inputs.count("n0")?;
    let confidence = if inputs.has("P") { probability(&inputs, "P")? } else { 0.95 };
    let constant = |systems: u32| {
        let found = of(first, systems, confidence);
        found.map(as_number).ok_or_else(|| NoModel(format!("no model for {systems} systems and {first} first samples")))
    };
    if inputs.is_list("k") {
        return inputs.whole_numbers("k", MOST_REPLICATIONS)?.into_iter().map(constant).collect();
    }
    constant(inputs.count("k")?)
}

fn probability(inputs: &Inputs, key: &str) -> Result<f64, NoModel> {
    let value = inputs.number(key)?;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(NoModel(format!("no model for `{key}` = {value}"))) }
}
