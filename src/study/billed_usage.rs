//! What commitments could be bought for: the usage of a bill, with prices.

use super::purchase::{PLANS_THAT_END, PurchaseStudy, offers, plans, remarks_on_offers};
use crate::billing::normalisation::Footprint;
use crate::input::{BilledHours, Paid};
use crate::plan::commitment::{Settings, Situation, TypeUsage};
use crate::scenario::{CommitmentScope, InlinePrices, SavingsPlan, suggestion};
use std::collections::BTreeSet;

/// Gathers the usage of a bill, and what the price list offers for it. Usage of types that the list does not have is left out, and said.
///
/// # Errors
/// If the list has another currency than the bill, or none of its types.
pub fn purchase_of_bill(
    hours: &BilledHours,
    prices: &InlinePrices,
    savings_plans: &[SavingsPlan],
    settings: Settings,
) -> Result<PurchaseStudy, String> {
    if prices.currency != hours.bill.currency {
        return Err(format!("the bill is in {}, the price list in {}", hours.bill.currency, prices.currency));
    }
    let unknown_rates = savings_plans
        .iter()
        .find(|plan| prices.types.values().all(|prices| !prices.savings_plans.contains_key(&plan.rates)));
    if let Some(plan) = unknown_rates {
        let names: BTreeSet<&str> =
            prices.types.values().flat_map(|prices| prices.savings_plans.keys().map(String::as_str)).collect();
        let found = suggestion(&plan.rates, names, "the price list has");
        return Err(format!("no type has rates of the savings plan `{}`{found}", plan.rates));
    }
    let mut usage = Vec::new();
    let (mut left_out, mut total) = (0.0, 0.0);
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    for ((instance_type, zone), instances) in &hours.instances {
        let sum: f64 = instances.iter().sum();
        total += sum;
        let Some(prices) = prices.types.get(instance_type) else {
            left_out += sum;
            unknown.insert(instance_type);
            continue;
        };
        usage.push(TypeUsage {
            instance_type: instance_type.clone(),
            zone: zone.clone(),
            footprint: Footprint::of(instance_type, true),
            on_demand: prices.on_demand.rate.to_f64(),
            plan_rates: prices.plan_rates().map(|(name, rate)| (name, rate.to_f64())).collect(),
            hours: instances.clone(),
        });
    }
    let names = || unknown.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if usage.is_empty() {
        let known = prices.types.keys().map(String::as_str);
        return Err(format!(
            "the price list has none of the types of the bill: {}{}",
            names(),
            suggestion("", known, "it has")
        ));
    }
    let mut remarks = remarks_on_bill(hours);
    if !unknown.is_empty() {
        let share = 100.0 * left_out / total.max(f64::MIN_POSITIVE);
        remarks.push(format!("{share:.1} % of the hours are left out: the price list does not have {}.", names()));
    }
    let reserved = offers(prices, &CommitmentScope::default(), &usage);
    let offered = plans(savings_plans, &settings);
    remarks.extend(remarks_on_offers(&reserved, prices));
    if offered.len() < savings_plans.len() {
        remarks.push(PLANS_THAT_END.to_string());
    }
    let situation = Situation { replications: vec![usage], reserved, plans: offered, owned: Vec::new(), settings };
    Ok(PurchaseStudy { situation, varied: false, remarks })
}

fn remarks_on_bill(hours: &BilledHours) -> Vec<String> {
    let of = |paid: Paid| hours.by_payment.get(&paid).copied().unwrap_or(0.0);
    let parts: Vec<String> = hours
        .by_payment
        .iter()
        .filter(|(_, hours)| **hours > 0.0)
        .map(|(paid, hours)| format!("{hours:.0} {}", paid.words()))
        .collect();
    let covered = of(Paid::Reserved) + of(Paid::SavingsPlan);
    let counted: f64 = hours.instances.values().flatten().sum();
    let mut remarks = vec![format!("Instance-hours of the bill: {}.", parts.join(", "))];
    if covered > 0.0 && counted < of(Paid::OnDemand) + 0.5 * covered {
        remarks.push(
            "Hours that commitments cover already are left out, as if these never ended; --include-covered counts them."
                .to_string(),
        );
    } else if covered > 0.0 {
        remarks.push("Hours that commitments cover already are counted, as if all of these had ended.".to_string());
    }
    if hours.spread > 0 {
        remarks.push(format!(
            "{} rows cover more than an hour. Within them usage was spread evenly, which hides its peaks: commitments look better than \
             they are. A bill by the hour is better.",
            hours.spread
        ));
    }
    remarks
}
