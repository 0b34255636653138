//! Rows of FOCUS files, from bills of one hour.

use super::clouds::quarters;
use crate::billing::focus::{ChargeCategory, ChargeFrequency, CommitmentStatus, FocusRow, PricingCategory, rows};
use crate::billing::normalisation::Footprint;
use crate::billing::reservation::{Reserved, Running, Scope, UnitTime, apply};
use crate::billing::{Commitment, EndedBy, PoolTariff, Tariff, Usage, amortised, invoice};
use crate::fleet::PurchaseOption;
use crate::scenario::{Bid2015Billing, Billing, OnDemandBilling, PlanCoverage, SavingsPlan, SpotBilling};
use crate::selfcheck::NoModel;
use crate::selfcheck::inputs::{Inputs, as_number};
use crate::units::{Currency, Duration, HourlyPrice, Instant, Money, Rate, SimTime, Term};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Name of the plan's rates in the bills below.
const RATES: &str = "plan";

/// A bill of one hour under a plan, with one instance at `price` on-demand as under the plan.
fn hour_under_plan(commitment: Rate, term: Term, upfront_share: f64, price: Rate) -> Vec<FocusRow> {
    let plan = SavingsPlan {
        covers: PlanCoverage::Compute,
        rates: RATES.to_string(),
        commitment: HourlyPrice { rate: commitment, currency: Currency::USD },
        term,
        upfront_share,
    };
    let hour = SimTime::START + Duration::HOUR;
    let tariff = Tariff {
        base: None,
        on_demand: PoolTariff {
            instance_type: "instance".to_string(),
            footprint: Footprint::of("instance", true),
            zone: String::new(),
            on_demand: price,
            plan_rates: BTreeMap::from([(RATES.to_string(), price)]),
        },
        markets: Vec::new(),
        billing: Billing {
            on_demand: OnDemandBilling::PerSecond { minimum: Duration::ZERO },
            spot: SpotBilling::Bid2015(Bid2015Billing::default()),
            sustained_use: None,
        },
        commitments: vec![Commitment::savings_plan(&plan, "plan".to_string())],
        capacity: Vec::new(),
        start: Instant::from(jiff::Timestamp::UNIX_EPOCH),
        horizon: hour,
    };
    let run = Usage {
        instance: 0,
        option: PurchaseOption::OnDemand,
        market: None,
        from: SimTime::START,
        until: hour,
        ended_by: EndedBy::Horizon,
    };
    let usage: Vec<Usage> = (price > Rate::ZERO).then_some(run).into_iter().collect();
    rows(&invoice(&usage, &tariff), &usage, &tariff)
}

/// What the purchase of a plan shows: once, and each hour.
pub(super) fn purchase(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["hourly_commit", "hours", "upfront_share"])?;
    let hours = inputs.hours("hours")?;
    let term = [Term::OneYear, Term::ThreeYears].into_iter().find(|term| term.duration() == hours);
    let term = term.ok_or_else(|| NoModel("no model for a term other than one or three years".to_string()))?;
    let share = inputs.number("upfront_share")?;
    if share > 1.0 {
        return Err(NoModel(format!("no model for an upfront share of {share}")));
    }
    let rows = hour_under_plan(inputs.rate("hourly_commit")?, term, share, Rate::ZERO);
    let purchases = || rows.iter().filter(|row| row.category == ChargeCategory::Purchase);
    let billed =
        |frequency| -> Money { purchases().filter(|row| row.frequency == frequency).map(|row| row.billed).sum() };
    let effective: Money = purchases().map(|row| row.effective).sum();
    Ok(json!({
        "one_time_billed": as_number(billed(ChargeFrequency::OneTime).to_f64()),
        "recurring_billed_per_hour": as_number(billed(ChargeFrequency::Recurring).to_f64()),
        "purchase_effective": as_number(effective.to_f64()),
    }))
}

/// The rows of usage in an hour under a plan. Eligible cost is at plan rates, which are those of on-demand here.
pub(super) fn usage(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["hourly_commit", "eligible_cost"])?;
    let rows = hour_under_plan(inputs.rate("hourly_commit")?, Term::OneYear, 0.0, inputs.rate("eligible_cost")?);
    let usage = |status: Option<CommitmentStatus>| {
        rows.iter().filter(move |row| {
            row.category == ChargeCategory::Usage && row.commitment.as_ref().and_then(|c| c.status) == status
        })
    };
    let in_order = usage(Some(CommitmentStatus::Used)).chain(usage(Some(CommitmentStatus::Unused))).chain(usage(None));
    Ok(json!({ "rows": in_order.map(row).collect::<Vec<Value>>() }))
}

fn row(row: &FocusRow) -> Value {
    let commitment = row.commitment.as_ref();
    json!({
        "status": commitment.and_then(|c| c.status).map(|status| match status {
            CommitmentStatus::Used => "Used",
            CommitmentStatus::Unused => "Unused",
        }),
        "pricing": row.pricing.map(|pricing| match pricing {
            PricingCategory::Standard => "Standard",
            PricingCategory::Committed => "Committed",
            PricingCategory::Dynamic => "Dynamic",
        }),
        "billed": as_number(row.billed.to_f64()),
        "effective": as_number(row.effective.to_f64()),
        "cd_qty": commitment.map(|c| as_number(c.quantity as f64 / 1e9)),
        "consumed_quantity": row.consumed_hours.map(|hours| as_number(hours as f64 / 1e9)),
    })
}

/// The cost of one period of an upfront payment, shared between used and unused units.
pub(super) fn amortise(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["upfront", "units", "periods", "used_units"])?;
    let (units, used, periods) = (inputs.count("units")?, inputs.count("used_units")?, inputs.count("periods")?);
    if used > units || units == 0 || periods == 0 {
        return Err(NoModel("no model for more used units than there are, or for none".to_string()));
    }
    // A period is an hour here; only their number matters.
    let term = Duration::HOUR.times(periods.into());
    let period = amortised(inputs.money("upfront")?, term, Duration::HOUR);
    let used = period.scaled(used.into(), units.into());
    Ok(json!({
        "used_effective": as_number(used.to_f64()),
        "unused_effective": as_number((period - used).to_f64()),
    }))
}

/// One commitment of a size against running resources of a family, in an hour: the smallest first.
pub(super) fn sizes(inputs: &Map<String, Value>) -> Result<Value, NoModel> {
    let inputs = Inputs::new(inputs, &["nf", "commit_type", "committed_price", "running", "od_price"])?;
    let factors = inputs.map("nf")?;
    let names: Vec<&str> = factors.keys().map(String::as_str).collect();
    let factors = Inputs::new(factors, &names)?;
    let footprint = |name: &str| Ok(Footprint { family: "family".into(), quarters: quarters(factors.number(name)?)? });
    let reserved = Reserved {
        account: String::new(),
        scope: Scope::Regional,
        instance_type: inputs.text("commit_type")?.to_string(),
        footprint: footprint(inputs.text("commit_type")?)?,
        time: Duration::HOUR,
    };
    let name_of =
        |value: &Value| value.as_str().map(str::to_string).ok_or_else(|| NoModel(format!("no model for {value}")));
    let names: Vec<String> = inputs.list("running")?.iter().map(name_of).collect::<Result<_, NoModel>>()?;
    let running = names.iter().map(|name| {
        Ok(Running {
            account: String::new(),
            zone: String::new(),
            instance_type: name.clone(),
            footprint: footprint(name)?,
            time: Duration::HOUR,
            idle: false,
        })
    });
    let running: Vec<Running> = running.collect::<Result<_, NoModel>>()?;
    let applied = apply(std::slice::from_ref(&reserved), &running);
    let (price, whole) = (inputs.money("committed_price")?, UnitTime::of(Duration::HOUR, &reserved.footprint).0);
    let mut effective = Vec::new();
    let mut on_demand = Money::ZERO;
    for (index, (one, left)) in running.iter().zip(&applied.uncovered).enumerate() {
        let covered: i128 = applied.coverings.iter().filter(|c| c.running == index).map(|c| c.time.0).sum();
        if covered > 0 {
            effective.push(as_number(price.scaled(covered, whole).to_f64()));
        }
        if left.0 > 0 {
            let prices = Inputs::new(inputs.map("od_price")?, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
            let hour = UnitTime::of(Duration::HOUR, &one.footprint).0;
            on_demand += prices.money(&one.instance_type)?.scaled(left.0, hour);
        }
    }
    Ok(json!({
        "purchase_billed": as_number(price.to_f64()),
        "effective": effective,
        "unused_effective": as_number(price.scaled(applied.unused[0].0, whole).to_f64()),
        "od_billed": as_number(on_demand.to_f64()),
    }))
}
