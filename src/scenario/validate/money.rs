//! Checks of prices and billing rules.

use super::Findings;
use super::MAX_INSTANCES;
use crate::scenario::{
    Billing, CapacityReservation, InlinePrices, OnDemandBilling, OwnedCommitment, OwnedReservation, Prices,
    ReservedOffer, SavingsPlan, Scenario, SpotBilling, pointer_child, suggestion,
};
use crate::units::{Currency, HourlyPrice, Money, Price};
use std::collections::BTreeSet;

/// Largest upfront payment of one commitment, in currency units: beyond any offer.
const LARGEST_UPFRONT: Money = Money::from_nano(1_000_000_000 * 1_000_000_000);

/// Prices in the scenario itself; a list in a file is checked when it is read.
pub(super) fn check_prices(scenario: &Scenario, findings: &mut Findings) {
    if let Prices::Inline(prices) = &scenario.prices {
        check_list(prices, "/prices/inline", findings);
    }
}

/// A price list.
pub(super) fn check_list(prices: &InlinePrices, here: &str, findings: &mut Findings) {
    for (name, type_prices) in &prices.types {
        let here = pointer_child(&format!("{here}/types"), name);
        findings.hourly_price(format!("{here}/on_demand"), type_prices.on_demand, prices.currency, true);
        for (plan, price) in &type_prices.savings_plans {
            let at = pointer_child(&format!("{here}/savings_plans"), plan);
            findings.hourly_price(at.clone(), *price, prices.currency, true);
            findings.require(price.rate <= type_prices.on_demand.rate, at, || {
                format!(
                    "a plan's price must not exceed the on-demand price, found {price} above {}",
                    type_prices.on_demand
                )
            });
        }
        for (offer_name, offer) in &type_prices.reserved {
            check_offer(prices.currency, offer, &pointer_child(&format!("{here}/reserved"), offer_name), findings);
        }
    }
}

fn check_offer(currency: Currency, offer: &ReservedOffer, here: &str, findings: &mut Findings) {
    check_payment(currency, offer.upfront, offer.hourly, here, findings);
    let free = offer.upfront.amount == Money::ZERO && offer.hourly.rate.nano_per_hour() == 0;
    findings.require(!free, here, || "the offer costs nothing: state `upfront`, `hourly` or both".to_string());
}

fn check_payment(currency: Currency, upfront: Price, hourly: HourlyPrice, here: &str, findings: &mut Findings) {
    findings.hourly_price(format!("{here}/hourly"), hourly, currency, false);
    findings.require(upfront.amount >= Money::ZERO, format!("{here}/upfront"), || {
        format!("an amount must not be negative, found {upfront}")
    });
    findings.require(upfront.amount <= LARGEST_UPFRONT, format!("{here}/upfront"), || {
        format!("an upfront payment is at most {LARGEST_UPFRONT}, found {upfront}")
    });
    findings.currency(format!("{here}/upfront"), upfront.currency, currency);
}

/// Commitments that are owned, and plans that are bought.
pub(super) fn check_commitments(scenario: &Scenario, findings: &mut Findings) {
    for (index, owned) in scenario.commitments_owned.iter().enumerate() {
        let here = format!("/commitments_owned/{index}");
        match owned {
            OwnedCommitment::Reserved(reserved) => {
                let here = format!("{here}/reserved");
                let OwnedReservation { instance_type, count, upfront, hourly, .. } = reserved;
                findings.require((1..=MAX_INSTANCES).contains(count), format!("{here}/count"), || {
                    format!("1 to {MAX_INSTANCES} reservations, found {count}")
                });
                findings.require(!instance_type.is_empty(), format!("{here}/instance_type"), || {
                    "name the instance type".to_string()
                });
                check_payment(scenario.prices.currency(), *upfront, *hourly, &here, findings);
            }
            OwnedCommitment::SavingsPlan { plan, .. } => {
                check_plan(scenario, plan, &format!("{here}/savings_plan/plan"), findings);
            }
        }
    }
    if let Some(rate) = scenario.discount_rate {
        findings.share("/discount_rate", rate);
    }
    for (index, reserved) in scenario.capacity_reservations.iter().enumerate() {
        check_capacity(scenario, reserved, &format!("/capacity_reservations/{index}"), findings);
    }
    for (index, plan) in scenario.savings_plans.iter().enumerate() {
        check_plan(scenario, plan, &format!("/savings_plans/{index}"), findings);
    }
}

fn check_capacity(scenario: &Scenario, reserved: &CapacityReservation, here: &str, findings: &mut Findings) {
    findings.require((1..=MAX_INSTANCES).contains(&reserved.count), format!("{here}/count"), || {
        format!("1 to {MAX_INSTANCES} instances, found {}", reserved.count)
    });
    let type_at = format!("{here}/instance_type");
    findings.reference(type_at.clone(), "instance type", &reserved.instance_type, &scenario.instance_types);
    if let Prices::Inline(prices) = &scenario.prices {
        findings.reference(type_at, "price", &reserved.instance_type, &prices.types);
    }
    if let (Some(from), Some(until)) = (reserved.from, reserved.until) {
        findings.require(from < until, format!("{here}/until"), || format!("the end {until} is not after {from}"));
    }
}

fn check_plan(scenario: &Scenario, plan: &SavingsPlan, here: &str, findings: &mut Findings) {
    findings.hourly_price(format!("{here}/commitment"), plan.commitment, scenario.prices.currency(), true);
    findings.share(format!("{here}/upfront_share"), plan.upfront_share);
    let Prices::Inline(prices) = &scenario.prices else { return };
    let names: BTreeSet<&str> =
        prices.types.values().flat_map(|prices| prices.savings_plans.keys()).map(String::as_str).collect();
    findings.require(names.contains(plan.rates.as_str()), format!("{here}/rates"), || {
        let known = suggestion(&plan.rates, names.iter().copied(), "the price list has");
        format!("no instance type has a price under the plan `{}`{known}", plan.rates)
    });
}

/// Most parts that a month is cut into.
const MAX_TIERS: usize = 32;

/// Billing rules.
pub(super) fn check_billing(billing: &Billing, findings: &mut Findings) {
    if let OnDemandBilling::PerSecond { minimum } = billing.on_demand {
        findings.time("/billing/on_demand/per_second/minimum", minimum);
    }
    if let SpotBilling::Modern(rule) = billing.spot {
        findings.time("/billing/spot/modern/minimum", rule.minimum);
        findings.time("/billing/spot/modern/free_if_interrupted_within", rule.free_if_interrupted_within);
    }
    if let Some(rule) = &billing.sustained_use {
        let here = "/billing/sustained_use/multipliers";
        findings.require((1..=MAX_TIERS).contains(&rule.multipliers.len()), here, || {
            format!("1 to {MAX_TIERS} multipliers, one for each part of the month, found {}", rule.multipliers.len())
        });
        for (index, multiplier) in rule.multipliers.iter().enumerate() {
            findings.share(format!("{here}/{index}"), *multiplier);
        }
    }
}
