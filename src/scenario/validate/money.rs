//! Checks of prices and billing rules.

use super::Findings;
use crate::scenario::{Billing, OnDemandBilling, Prices, ReservedOffer, Scenario, SpotBilling, pointer_child};
use crate::units::Money;

/// Prices in the scenario itself; a list in a file is checked when it is read.
pub(super) fn check_prices(scenario: &Scenario, findings: &mut Findings) {
    let Prices::Inline(prices) = &scenario.prices else { return };
    for (name, type_prices) in &prices.types {
        let here = pointer_child("/prices/inline/types", name);
        findings.hourly_price(format!("{here}/on_demand"), type_prices.on_demand, scenario, true);
        for (offer_name, offer) in &type_prices.reserved {
            check_offer(scenario, offer, &pointer_child(&format!("{here}/reserved"), offer_name), findings);
        }
    }
}

fn check_offer(scenario: &Scenario, offer: &ReservedOffer, here: &str, findings: &mut Findings) {
    findings.hourly_price(format!("{here}/hourly"), offer.hourly, scenario, false);
    let upfront = offer.upfront;
    findings.require(upfront.amount >= Money::ZERO, format!("{here}/upfront"), || {
        format!("an amount must not be negative, found {upfront}")
    });
    findings.currency(format!("{here}/upfront"), upfront.currency, scenario);
    let free = upfront.amount == Money::ZERO && offer.hourly.rate.nano_per_hour() == 0;
    findings.require(!free, here, || "the offer costs nothing: state `upfront`, `hourly` or both".to_string());
}

/// Billing rules.
pub(super) fn check_billing(billing: &Billing, findings: &mut Findings) {
    if let OnDemandBilling::PerSecond { minimum } = billing.on_demand {
        findings.time("/billing/on_demand/per_second/minimum", minimum);
    }
    if let SpotBilling::Modern(rule) = billing.spot {
        findings.time("/billing/spot/modern/minimum", rule.minimum);
    }
}
