//! What scaling groups and fleets are made of, and how they are renewed.

use crate::scaling::group::{
    self, RefreshSettings, RefreshStep, SpotMarketView, affordable, healthy_range, hook_timeout, mixed_split,
    refresh_timeline, running_while_rebalancing, temporary_maximum, warm_pool_size,
};
use crate::scaling::within_limits;
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, as_seconds, time};
use crate::units::Rate;
use serde_json::{Map, Value, json};

/// Decimals of a price of one unit.
const UNIT_PRICE_DECIMALS: u32 = 3;

/// On-demand and spot of a mixed group.
pub(super) fn mixed(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["desired", "od_base", "od_pct_above_base"])?;
    let percentage = if inputs.has("od_pct_above_base") { inputs.number("od_pct_above_base")? } else { 100.0 };
    if percentage > 100.0 {
        return Err(NoModel(format!("no model for {percentage} % on-demand")));
    }
    let split = mixed_split(inputs.count("desired")?, inputs.count_or("od_base", 0)?, percentage);
    Ok(json!({ "on_demand": split.on_demand, "spot": split.spot }))
}

/// Limits of a group with weights.
pub(super) fn weighted_limits(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["min", "max", "current", "delta", "chosen_weight"])?;
    let (current, weight) = (inputs.count("current")?, inputs.weight("chosen_weight")?);
    let desired = i64::from(current) + inputs.signed("delta")? as i64;
    let desired = within_limits(desired, inputs.count_or("min", 0)?, inputs.count("max")?);
    Ok(json!({ "desired": desired, "current_after": group::units_after(current, desired, weight) }))
}

/// Instances for units of capacity, and how far they overshoot.
pub(super) fn instances_for(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["target", "remaining_units", "weight"])?;
    let units = if inputs.has("target") { inputs.count("target")? } else { inputs.count("remaining_units")? };
    let weight = inputs.weight("weight")?;
    Ok(json!({ "instances": group::instances_for(units, weight), "overage": group::overshoot(units, weight) }))
}

/// The price of a unit.
pub(super) fn unit_price(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["type", "price", "weight"])?;
    let price = group::unit_price(inputs.rate("price")?, inputs.weight("weight")?);
    let scale = 10i64.pow(UNIT_PRICE_DECIMALS);
    let step = 1_000_000_000 / scale;
    let rounded = (price.nano_per_hour() + step / 2) / step;
    Ok(json!({ "price_per_unit": rounded as f64 / scale as f64, "decimals": UNIT_PRICE_DECIMALS }))
}

/// The margin of a rebalance between zones.
pub(super) fn zone_margin(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["max"])?;
    Ok(json!({ "temporary_max": temporary_maximum(inputs.count("max")?) }))
}

/// How long hooks may hold an instance back.
pub(super) fn hook(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["heartbeat_s"])?;
    Ok(json!({ "global_timeout_s": as_seconds(hook_timeout(inputs.seconds("heartbeat_s")?)) }))
}

/// The range of a maintenance policy.
pub(super) fn maintenance(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["capacity", "min_pct", "max_pct"])?;
    let range = healthy_range(inputs.count("capacity")?, inputs.number("min_pct")?, inputs.number("max_pct")?);
    Ok(json!({ "low": range.low, "high": range.high }))
}

/// The steps of an instance refresh, in minutes.
pub(super) fn refresh(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let known = ["size", "min_healthy_pct", "checkpoints", "checkpoint_delay_min", "warmup_min"];
    let inputs = Inputs::new(inputs, &known)?;
    let minutes = |key: &str| -> Result<_, NoModel> {
        if inputs.has(key) { time(inputs.number(key)? * 60.0) } else { time(0.0) }
    };
    let settings = RefreshSettings {
        size: inputs.count("size")?.min(10_000),
        min_healthy_percent: inputs.number("min_healthy_pct")?,
        checkpoints: inputs.list_or_none("checkpoints")?.iter().filter_map(Value::as_f64).collect(),
        checkpoint_delay: minutes("checkpoint_delay_min")?,
        warm_up: minutes("warmup_min")?,
    };
    let events = refresh_timeline(&settings).into_iter().map(|event| {
        let step = match event.step {
            RefreshStep::Replace => "replace",
            RefreshStep::Warm => "warm",
        };
        json!([as_number(event.at.as_secs_f64() / 60.0), step, event.count])
    });
    Ok(json!({ "events": events.collect::<Vec<_>>() }))
}

/// The size of a warm pool.
pub(super) fn warm_pool(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["desired", "max", "max_prepared"])?;
    let prepared = if inputs.is_null("max_prepared") { None } else { Some(inputs.count("max_prepared")?) };
    Ok(json!({ "pool": warm_pool_size(inputs.count("desired")?, inputs.count("max")?, prepared) }))
}

/// How many instances a total price allows.
pub(super) fn total_price(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["price", "target", "max_total_price"])?;
    let launched = affordable(inputs.count("target")?, inputs.rate("price")?, inputs.rate("max_total_price")?);
    Ok(json!({ "launched": launched }))
}

/// Instances spread over markets.
pub(super) fn diversified(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["target", "weight", "pools"])?;
    let pools = inputs.weight("pools")?.min(10_000);
    let instances = group::instances_for(inputs.count("target")?, inputs.weight("weight")?);
    let (each, extra) = group::diversified(instances, pools);
    Ok(json!({ "per_pool": vec![each; pools as usize], "extra_in_cheapest": extra, "instances": instances }))
}

/// Units of markets with different weights.
pub(super) fn units(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["target", "weights", "counts"])?;
    let (weights, counts) = (inputs.numbers("weights")?, inputs.numbers("counts")?);
    if weights.len() != counts.len() {
        return Err(NoModel("no model for weights and counts of different numbers".to_string()));
    }
    let units: Vec<f64> = weights.iter().zip(&counts).map(|(weight, count)| weight * count).collect();
    let total: f64 = units.iter().sum();
    Ok(json!({ "units": units.into_iter().map(as_number).collect::<Vec<_>>(), "total_units": as_number(total) }))
}

/// The spot part of a fleet with a fixed on-demand part.
pub(super) fn spot_part(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["target", "on_demand"])?;
    let split = mixed_split(inputs.count("target")?, inputs.count("on_demand")?, 0.0);
    Ok(json!({ "spot": split.spot }))
}

/// What runs when a fleet with flagged instances gets another target.
pub(super) fn rebalanced(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["target", "flagged", "new_target"])?;
    let target = if inputs.has("new_target") { inputs.count("new_target")? } else { inputs.count("target")? };
    Ok(json!({ "running": running_while_rebalancing(target, inputs.count("flagged")?) }))
}

/// Which market the next spot instance is asked for in.
pub(super) fn allocation(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["strategy", "markets"])?;
    let strategy = match inputs.text("strategy")? {
        "lowest-price" => group::SpotStrategy::LowestPrice { pools: 1 },
        "diversified" => group::SpotStrategy::Diversified,
        "capacity-optimized" => group::SpotStrategy::CapacityOptimized,
        "capacity-optimized-prioritized" => group::SpotStrategy::CapacityOptimizedPrioritized,
        "price-capacity-optimized" => group::SpotStrategy::PriceCapacityOptimized,
        other => return Err(NoModel(format!("no model for `strategy` = {other:?}"))),
    };
    let mut markets = Vec::new();
    for market in inputs.list("markets")? {
        let market = Inputs::of(market, &["price", "weight", "spare", "held"])?;
        let price: Rate = market.rate("price")?;
        let weight = if market.has("weight") { market.weight("weight")? } else { 1 };
        let spare = if market.has("spare") { market.number("spare")? } else { 0.0 };
        markets.push(SpotMarketView { price, weight, spare, held: market.count_or("held", 0)? });
    }
    Ok(json!({ "order": group::rank_markets(strategy, &markets) }))
}
