//! Savings plans in one hour.

use crate::billing::savings_plan::{Eligible, Plan, PlanKind, instances_covered as covered_by, spend};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, number};
use crate::units::{Money, Rate};
use serde_json::{Map, Value, json};

/// Plans spent on the usage that reservations leave; what reservations cost is not included.
pub(super) fn apply(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["rates", "usage", "reserved", "plans"])?;
    let plans = inputs.list("plans")?.iter().map(plan).collect::<Result<Vec<Plan>, _>>()?;
    let (rates, usage) = (inputs.map("rates")?, inputs.map("usage")?);
    let nothing = Map::new();
    let reserved = if inputs.has("reserved") { inputs.map("reserved")? } else { &nothing };
    if let Some(name) = reserved.keys().find(|name| !usage.contains_key(*name)) {
        return Err(NoModel(format!("no model for reservations of `{name}` without its usage")));
    }
    let mut items = Vec::new();
    for (name, count) in usage {
        let rates = rates.get(name).ok_or_else(|| NoModel(format!("no model for `{name}` without its rates")))?;
        let left = quantity(count)? - reserved.get(name).map_or(Ok(0), quantity)?;
        items.push(eligible(rates, left.max(0), &plans)?);
    }
    let applied = spend(&plans, &items);
    let committed: Money = plans.iter().map(|plan| plan.commitment).sum();
    let unused: Money = applied.unused.iter().copied().sum();
    let on_demand = applied.on_demand(&items);
    let without: Money = items.iter().map(|item| item.on_demand.charge_for_units(item.quantity)).sum();
    let amount = |money: Money| as_number(money.to_f64());
    Ok(json!({
        "sp_used": amount(committed - unused),
        "unused": amount(unused),
        "od_cost": amount(on_demand),
        "total": amount(committed + on_demand),
        "od_only_cost": amount(without),
    }))
}

fn plan(value: &Value) -> Result<Plan, NoModel> {
    let plan = Inputs::of(value, &["kind", "commit", "family"])?;
    let kind = match plan.text("kind")? {
        "compute" | "csp" if !plan.has("family") => PlanKind::Compute,
        // Only plans of instances have a family.
        kind if kind != "compute" && plan.has("family") => PlanKind::Family(plan.text("family")?.to_string()),
        other => return Err(NoModel(format!("no model for a plan of kind {other:?}"))),
    };
    Ok(Plan { kind, commitment: plan.money("commit")? })
}

/// Usage with its rates: on-demand, under compute plans, and under plans of its family.
fn eligible(rates: &Value, quantity: i128, plans: &[Plan]) -> Result<Eligible, NoModel> {
    let rates = Inputs::of(rates, &["od", "csp", "eisp", "family"])?;
    let rate_under = |plan: &Plan| {
        let key = if plan.kind == PlanKind::Compute { "csp" } else { "eisp" };
        if rates.has(key) { rates.rate(key).map(Some) } else { Ok(None) }
    };
    Ok(Eligible {
        family: if rates.has("family") { rates.text("family")?.to_string() } else { String::new() },
        quantity,
        on_demand: rates.rate("od")?,
        plan_rates: plans.iter().map(rate_under).collect::<Result<_, _>>()?,
        idle: false,
    })
}

/// A quantity in 10⁻⁹ of its unit.
fn quantity(value: &Value) -> Result<i128, NoModel> {
    let number = number(value).ok_or_else(|| NoModel(format!("no model for a usage of {value}")))?;
    Ok(nano(number))
}

fn nano(number: f64) -> i128 {
    (number * 1e9).round_ties_even() as i128
}

/// How many instances a commitment covers at its discounted rate.
pub(super) fn instances_covered(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["od_price", "sp_rate_fraction", "commit"])?;
    let fraction = nano(inputs.number("sp_rate_fraction")?);
    let rate = inputs.rate("od_price")?.scaled(fraction, 1_000_000_000).filter(|rate| *rate > Rate::ZERO);
    let rate = rate.ok_or_else(|| NoModel("no model for a plan whose rate is nothing".to_string()))?;
    let covered = covered_by(inputs.rate("commit")?, rate);
    Ok(json!({ "instances_covered": as_number(covered as f64 / 1e9) }))
}

/// What is left of running instances, and of a plan, when it covers a number of them: one unit of money an instance.
pub(super) fn partly_covered(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["coverable", "running"])?;
    let one = Rate::from_nano_per_hour(1_000_000_000);
    let plan = Plan { kind: PlanKind::Compute, commitment: inputs.money("coverable")? };
    let quantity = nano(inputs.number("running")?);
    let running =
        Eligible { family: String::new(), quantity, on_demand: one, plan_rates: vec![Some(one)], idle: false };
    let applied = spend(&[plan], &[running]);
    Ok(json!({
        "payg_instances": as_number(applied.uncovered[0] as f64 / 1e9),
        "unused_instances": as_number(applied.unused[0].to_f64()),
    }))
}
