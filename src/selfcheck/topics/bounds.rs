//! Bounds on what any policy can cost.

use crate::plan::bound::slots::{self, Choice};
use crate::plan::bound::work::{Capacity, Group, Path, Problem, Reserved, Slot};
use crate::queueing::ErlangC;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use serde_json::{Map, Value, json};

/// Slots of unit requests with on-demand servers for 1 a slot.
fn unit_slots(requests: &[f64]) -> Vec<Slot> {
    let capacity = vec![Capacity { work: 1.0, price: 1.0, most: f64::INFINITY, start: 0.0 }];
    let slot = |requests: &f64| Slot {
        work: *requests,
        arrivals: vec![Group { requests: *requests, work: 1.0 }],
        carried: 0.0,
        capacity: capacity.clone(),
    };
    requests.iter().map(slot).collect()
}

/// A week of hours with a daily rhythm and quiet last days, reserved servers at 60 % of on-demand.
pub(super) fn week(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    const HOURS: u32 = 168;
    const QUIET_FROM: u32 = 120;
    let inputs = Inputs::new(inputs, &["A", "p"])?;
    let (load, late_share) = (inputs.number("A")?, inputs.number("p")?);
    let hour = |hour: u32| {
        let rhythm = 1.0 + 0.6 * libm::sin(std::f64::consts::TAU * (f64::from(hour) - 8.0) / 24.0);
        load * rhythm * if hour >= QUIET_FROM { 0.7 } else { 1.0 }
    };
    let requests: Vec<f64> = (0..HOURS).map(hour).collect();
    let reserved = vec![Reserved { price: 0.6 * f64::from(HOURS), most: f64::INFINITY, work: 1.0 }];
    let budget = late_share * requests.iter().sum::<f64>();
    let least = |late_vanish| {
        let paths = vec![Path { slots: unit_slots(&requests), budget }];
        let problem = Problem { paths, reserved: reserved.clone(), late_vanish };
        problem.solve().map(|bound| as_number(bound.cost)).map_err(|error| NoModel(format!("no model: {error}")))
    };
    Ok(json!({ "drop": least(true)?, "served": least(false)? }))
}

/// Slots with Poisson arrivals and exponential work of mean 1: the bound in expectation, and the cheapest whole servers.
pub(super) fn stationary_slots(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    /// Beyond so many servers more than the load nobody waits.
    const SPARE: u32 = 60;
    let inputs = Inputs::new(inputs, &["n", "R", "F", "p", "L"])?;
    let (requests, reserved) = (inputs.numbers("n")?, inputs.count("R")?);
    let (fee, price, limit) = (inputs.number("F")?, inputs.number("p")?, inputs.number("L")?);
    if requests.iter().any(|requests| *requests > 1e4) || reserved > 10_000 {
        return Err(NoModel("no model for more than 10,000 servers".to_string()));
    }
    let choices: Vec<Vec<Choice>> = requests
        .iter()
        .map(|&requests| {
            (0..=requests.ceil() as u32 + SPARE)
                .map(|servers| Choice {
                    cost: price * f64::from(servers.saturating_sub(reserved)),
                    late: requests * ErlangC::new(servers, requests).wait_tail(limit),
                })
                .collect()
        })
        .collect();
    let fixed = fee * f64::from(reserved);
    let budget = 0.05 * requests.iter().sum::<f64>();
    let primal =
        slots::cheapest(&choices, budget).ok_or_else(|| NoModel("no model: nothing meets the budget".into()))?;
    Ok(json!({
        "dual": as_number(fixed + slots::best_dual(&choices, budget)),
        "primal": as_number(fixed + primal.cost),
    }))
}

/// Slots of requests one after the other, and one slot in which all come at once: each slot for itself, and one budget for all.
pub(super) fn naive(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["slots", "per_slot", "K"])?;
    let (count, requests, budget) = (inputs.count("slots")?, inputs.count("per_slot")?, inputs.count("K")?);
    if count == 0 || count > 1000 || requests > 1000 {
        return Err(NoModel("no model for so many slots or requests".to_string()));
    }
    // At least one server is always there. One after the other nobody waits for it; at once each server takes one request in time.
    let calm: Vec<Choice> = vec![Choice { cost: 1.0, late: 0.0 }];
    let rush: Vec<Choice> = (1..=requests.max(1))
        .map(|servers| Choice { cost: f64::from(servers), late: f64::from(requests.saturating_sub(servers)) })
        .collect();
    let slots: Vec<Vec<Choice>> = (1..count).map(|_| calm.clone()).chain([rush]).collect();
    let share = f64::from(budget) / f64::from(count * requests.max(1));
    let alone = (share * f64::from(requests)).floor();
    let naive: Option<f64> =
        slots.iter().map(|slot| slots::cheapest(std::slice::from_ref(slot), alone).map(|choice| choice.cost)).sum();
    let together = slots::cheapest(&slots, f64::from(budget));
    match (naive, together) {
        (Some(naive), Some(best)) => {
            Ok(json!({ "naive": as_number(naive), "feasible": as_number(best.cost), "late": as_number(best.late) }))
        }
        _ => Err(NoModel("no model: nothing meets the budget".to_string())),
    }
}
