//! The best purchase of commitments.

use crate::plan::commitment::level::{Cover, cover};
use crate::plan::commitment::online::Prices;
use crate::plan::commitment::{
    Choice, Curve, Problem, Purchase, Risk, Segment, World, conditional_value_at_risk, solve,
};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, number};
use serde_json::{Map, Value, json};

/// Largest demand of a case: its curves are lists of this length.
const MOST_DEMAND: f64 = 10_000.0;

/// One term that covers everything, with a price for each hour of use.
pub(super) fn count(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["demand", "F", "r", "p"])?;
    let usage = hours_of_levels(&demand(&inputs)?);
    let offer = Cover { fee: inputs.number("F")?, price: if inputs.has("r") { inputs.number("r")? } else { 0.0 } };
    let levels = cover(&usage, inputs.number("p")?, &[offer]);
    let usage: Vec<Value> = usage.into_iter().map(as_number).collect();
    Ok(json!({ "R": levels.counts[0], "cost": as_number(levels.cost), "usage": usage }))
}

/// Several such terms.
pub(super) fn kinds(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["demand", "options", "p"])?;
    let options = pairs(&inputs, "options")?;
    let offers: Vec<Cover> = options.into_iter().map(|(fee, price)| Cover { fee, price }).collect();
    let levels = cover(&hours_of_levels(&demand(&inputs)?), inputs.number("p")?, &offers);
    Ok(json!({ "cost": as_number(levels.cost), "counts": levels.counts }))
}

/// Terms that begin in any slot: bought together, and each level for itself.
pub(super) fn overlapping(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["demand", "terms", "p"])?;
    let (demand, price) = (demand(&inputs)?, inputs.number("p")?);
    let terms = pairs(&inputs, "terms")?;
    let least = |demand: &[f64]| solved(&terms_problem(demand, &terms, price)?).map(|choice| choice.objective);
    let highest = demand.iter().copied().fold(0.0, f64::max).ceil() as u32;
    let mut per_level = 0.0;
    for level in 0..highest {
        let of_level: Vec<f64> = demand.iter().map(|demand| (demand - f64::from(level)).clamp(0.0, 1.0)).collect();
        per_level += least(&of_level)?;
    }
    Ok(json!({ "cost": as_number(least(&demand)?), "per_level": as_number(per_level) }))
}

/// A count that is bought before it is known which demand comes.
pub(super) fn two_stages(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let choice = solved(&scenarios(inputs, Risk::NEUTRAL)?)?;
    Ok(json!({ "R": choice.counts[0], "cost": as_number(choice.objective) }))
}

/// The same with weight on the worst cases.
pub(super) fn careful(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["scenarios", "lmbda", "beta"])?;
    let risk = Risk { weight: share(&inputs, "lmbda")?, level: share(&inputs, "beta")? };
    let choice = solved(&scenarios(inputs.map("scenarios")?, risk)?)?;
    Ok(json!({ "R": choice.counts[0], "obj": as_number(choice.objective) }))
}

/// The mean of the worst of equally likely values, at each level.
pub(super) fn worst_cases(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["x", "beta"])?;
    let values = inputs.numbers("x")?;
    if values.is_empty() {
        return Err(NoModel("no model for no values".to_string()));
    }
    let probability = 1.0 / values.len() as f64;
    let values: Vec<(f64, f64)> = values.into_iter().map(|value| (value, probability)).collect();
    let levels = inputs.numbers("beta")?;
    if let Some(level) = levels.iter().find(|level| **level >= 1.0) {
        return Err(NoModel(format!("no model for `beta` = {level}")));
    }
    Ok(levels.into_iter().map(|level| as_number(conditional_value_at_risk(&values, level))).collect())
}

/// What buying at a random threshold costs in a season that spends half of the break-even, in multiples of the least.
pub(super) fn online(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["alpha"])?;
    let alpha = share(&inputs, "alpha")?;
    if alpha >= 1.0 {
        return Err(NoModel("no model for a commitment that saves nothing".to_string()));
    }
    let prices = Prices { hour: 1.0, alpha };
    let spend = prices.break_even() / 2.0;
    Ok(as_number(prices.season_at_random(spend) / prices.season_at_least(spend)))
}

fn share(inputs: &Inputs, key: &str) -> Result<f64, NoModel> {
    let number = inputs.number(key)?;
    if number <= 1.0 { Ok(number) } else { Err(NoModel(format!("no model for `{key}` = {number}"))) }
}

fn demand(inputs: &Inputs) -> Result<Vec<f64>, NoModel> {
    let demand = inputs.numbers("demand")?;
    match demand.iter().find(|demand| **demand > MOST_DEMAND) {
        Some(demand) => Err(NoModel(format!("no model for a demand of {demand}"))),
        None => Ok(demand),
    }
}

fn pairs(inputs: &Inputs, key: &str) -> Result<Vec<(f64, f64)>, NoModel> {
    let pair = |value: &Value| match value.as_array().map(Vec::as_slice) {
        Some([a, b]) => number(a).zip(number(b)),
        _ => None,
    };
    let wrong = |value: &Value| NoModel(format!("no model for {value} in `{key}`"));
    inputs.list(key)?.iter().map(|value| pair(value).ok_or_else(|| wrong(value))).collect()
}

fn curve(demand: impl IntoIterator<Item = f64>, price: f64) -> Curve {
    let hours: Vec<_> = demand.into_iter().map(|instances| [Segment { instances, price }]).collect();
    Curve::new(hours.iter().map(|hour| hour.as_slice()))
}

fn hours_of_levels(demand: &[f64]) -> Vec<f64> {
    curve(demand.iter().copied(), 1.0).savings().to_vec()
}

/// Each slot a block, each term offered in every slot.
fn terms_problem(demand: &[f64], terms: &[(f64, f64)], price: f64) -> Result<Problem, NoModel> {
    let slots = demand.len();
    let mut purchases = Vec::new();
    for (fee, length) in terms {
        if *length < 1.0 || length.fract() != 0.0 {
            return Err(NoModel(format!("no model for a term of {length} slots")));
        }
        let length = length.min(slots as f64) as usize;
        let from = |from| Purchase::new(0, 1, from..(from + length).min(slots), *fee);
        purchases.extend((0..slots).map(from));
    }
    let curves = vec![demand.iter().map(|demand| curve([*demand], price)).collect()];
    Ok(Problem { purchases, worlds: vec![World { probability: 1.0, branch: 0, curves }], risk: Risk::NEUTRAL })
}

/// One purchase for all slots, in several worlds.
fn scenarios(inputs: &Map<String, Value>, risk: Risk) -> Result<Problem, NoModel> {
    let inputs = Inputs::new(inputs, &["scenarios", "F", "p"])?;
    let price = inputs.number("p")?;
    let mut worlds = Vec::new();
    for scenario in inputs.list("scenarios")? {
        let scenario = Inputs::of(scenario, &["demand", "prob"])?;
        let curves = vec![vec![curve(demand(&scenario)?, price)]];
        worlds.push(World { probability: share(&scenario, "prob")?, branch: 0, curves });
    }
    let sum: f64 = worlds.iter().map(|world| world.probability).sum();
    if (sum - 1.0).abs() > 1e-9 {
        return Err(NoModel(format!("no model for probabilities that add up to {sum}")));
    }
    let purchases = vec![Purchase::new(0, 1, 0..1, inputs.number("F")?)];
    Ok(Problem { purchases, worlds, risk })
}

fn solved(problem: &Problem) -> Result<Choice, NoModel> {
    solve(problem).map_err(|error| NoModel(error.to_string()))
}
