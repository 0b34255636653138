//! Spot running time and its price.

use crate::billing::{EndedBy, SpotRun, Usage, spot_billed_time};
use crate::fleet::PurchaseOption;
use crate::market::PricePath;
use crate::scenario::{Bid2015Billing, ModernSpotBilling, SpotBilling};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number, as_seconds, number, time};
use crate::units::{Duration, Instant, Money, Rate, SimTime};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const KNOWN: [&str; 5] = ["interrupted_by", "os_class", "ran_s", "price_steps", "bid"];

/// Billed time by who ended the run and when.
pub(super) fn billed(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &KNOWN[..3])?;
    let billed = spot_billed_time(inputs.seconds("ran_s")?, ended_by(&inputs)?, rule(&inputs)?);
    Ok(json!({ "billed_s": as_seconds(billed) }))
}

/// The same in the bid market, which knows whole hours only.
pub(super) fn bid_billed(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    whole_hours(inputs)?;
    billed(inputs)
}

/// What a run costs at the price of each instance-hour's start; never more than the market price, whatever was bid
/// (RULES R8).
pub(super) fn cost(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &KNOWN)?;
    let usage = Usage {
        instance: 0,
        option: PurchaseOption::Spot,
        market: Some(0),
        from: SimTime::START,
        until: SimTime::START + inputs.seconds("ran_s")?,
        ended_by: ended_by(&inputs)?,
    };
    let mut steps = Vec::new();
    for step in inputs.list("price_steps")? {
        let wrong = || NoModel(format!("no model for the price step {step}"));
        let [at, price] = step.as_array().map(Vec::as_slice).unwrap_or_default() else { return Err(wrong()) };
        let rate = number(price).and_then(Rate::from_f64).ok_or_else(wrong)?;
        steps.push((SimTime::START + time(number(at).ok_or_else(wrong)?)?, rate));
    }
    if steps.is_empty() || !steps.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(NoModel("no model for price steps that are not in order of time".to_string()));
    }
    let run = SpotRun { usage: &usage, price: &PricePath::new(steps), since_clock_hour: Duration::ZERO };
    let cost: Money = run.charges(rule(&inputs)?).iter().map(|charge| charge.amount).sum();
    Ok(json!({ "cost": as_number(cost.to_f64()) }))
}

/// The same in the bid market.
pub(super) fn bid_cost(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    whole_hours(inputs)?;
    cost(inputs)
}

fn whole_hours(inputs: &Map<String, Value>) -> Result<(), NoModel> {
    match inputs.get("os_class").and_then(Value::as_str) {
        Some("per_hour") => Ok(()),
        _ => Err(NoModel("no model of the bid market but for whole hours".to_string())),
    }
}

fn ended_by(inputs: &Inputs) -> Result<EndedBy, NoModel> {
    match inputs.text("interrupted_by")? {
        "user" => Ok(EndedBy::Owner),
        "ec2" => Ok(EndedBy::Cloud),
        other => Err(NoModel(format!("no model for `interrupted_by` = {other:?}"))),
    }
}

fn rule(inputs: &Inputs) -> Result<SpotBilling, NoModel> {
    match inputs.text("os_class")? {
        "per_second" => Ok(SpotBilling::Modern(ModernSpotBilling::default())),
        "per_hour" => Ok(SpotBilling::Bid2015(Bid2015Billing::default())),
        other => Err(NoModel(format!("no model for `os_class` = {other:?}"))),
    }
}

/// Records of a price history: sorted, what is older than the query holds from its start, equal neighbours are one price
/// (RULES R15, R16, R17).
pub(super) fn history(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["query_start", "records"])?;
    let start = instant(inputs.text("query_start")?)?;
    let mut records = Vec::new();
    let mut zones = BTreeSet::new();
    for record in inputs.list("records")? {
        let record = Inputs::of(record, &["t", "az", "p"])?;
        zones.insert(record.text("az")?);
        let price: Rate = record.text("p")?.parse().map_err(|_| NoModel("no model for a price of this kind".into()))?;
        records.push((instant(record.text("t")?)?, price));
    }
    if zones.len() != 1 {
        return Err(NoModel("no model but for records of one zone".to_string()));
    }
    records.sort();
    let gap = records.windows(2).map(|pair| pair[1].0.unix_seconds() - pair[0].0.unix_seconds()).max().unwrap_or(0);
    let since_start = |at: Instant| (at.unix_nanos() - start.unix_nanos()).max(0);
    let mut steps = Vec::new();
    for (at, price) in &records {
        let nanos = i64::try_from(since_start(*at)).map_err(|_| NoModel("no model for centuries".to_string()))?;
        steps.push((SimTime::from_nanos(nanos), *price));
    }
    // Of several records at the start the latest holds.
    steps.reverse();
    steps.dedup_by_key(|step| step.0);
    steps.reverse();
    let path = PricePath::new(steps);
    Ok(json!({ "distinct_price_segments": path.steps().len(), "max_gap_s": gap }))
}

fn instant(text: &str) -> Result<Instant, NoModel> {
    text.parse().map_err(|_| NoModel(format!("no model for the time {text:?}")))
}
