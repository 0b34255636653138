//! What a person has to buy: no program should sign for a year.

use super::{Deployment, ExportFile};
use crate::scenario::{CommitmentScope, InlinePrices, Mix, OfferClass, PlanCoverage, Scenario};
use std::fmt::Write as _;

/// Something to be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purchase {
    /// How many.
    pub count: u32,
    /// What, in words.
    pub what: String,
    /// What it costs, in words.
    pub price: String,
}

/// What a mix commits to.
pub(super) fn of(scenario: &Scenario, mix: &Mix, prices: &InlinePrices) -> Vec<Purchase> {
    let mut purchases = Vec::new();
    if let Some(pool) = scenario.pools.reserved.as_ref().filter(|_| mix.reserved > 0) {
        let offer = pool
            .commitment
            .as_ref()
            .and_then(|name| Some((name, prices.types.get(&pool.instance_type)?.reserved.get(name)?)));
        if let Some((name, offer)) = offer {
            let scope = match offer.scope.as_ref().unwrap_or(&pool.scope) {
                CommitmentScope::Regional => "regional".to_string(),
                CommitmentScope::RegionalFixedSize => "regional, for this size only".to_string(),
                CommitmentScope::Zonal(zone) => format!("in the zone {zone}"),
            };
            let class = if offer.class == OfferClass::Convertible { "convertible" } else { "standard" };
            purchases.push(Purchase {
                count: mix.reserved,
                what: format!(
                    "{class} reserved instances {} for {}, `{name}`, {scope}",
                    pool.instance_type, offer.term
                ),
                price: format!("{} upfront and {} for each, used or not", offer.upfront, offer.hourly),
            });
        }
    }
    for plan in &scenario.savings_plans {
        let covers = match &plan.covers {
            PlanCoverage::Compute => "Compute Savings Plan".to_string(),
            PlanCoverage::InstanceFamily(family) => format!("EC2 Instance Savings Plan for {family}"),
        };
        purchases.push(Purchase {
            count: 1,
            what: format!("{covers} for {}, rates `{}`", plan.term, plan.rates),
            price: format!("{} committed, {:.0} % of it upfront", plan.commitment, plan.upfront_share * 100.0),
        });
    }
    for reservation in &scenario.capacity_reservations {
        let zone = if reservation.zone.is_empty() { "a zone of your choice" } else { &reservation.zone };
        purchases.push(Purchase {
            count: reservation.count,
            what: format!("on-demand capacity reservations {} in {zone}", reservation.instance_type),
            price: "the on-demand price, used or not".to_string(),
        });
    }
    purchases
}

/// The list, as Markdown.
pub(super) fn file(deployment: &Deployment) -> ExportFile {
    let mut text = format!("# To be bought for {}: {}\n\n", deployment.name, deployment.mix);
    if deployment.purchases.is_empty() {
        text += "Nothing: the mix has no commitment that is not owned already.\n";
    } else {
        text += "Nothing of this is bought by the files beside this one. Commitments that are owned already and still count have to be taken \
                 off.\n\n| number | what | price |\n|---:|---|---|\n";
    }
    for Purchase { count, what, price } in &deployment.purchases {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {count} | {what} | {price} |");
    }
    text += "\n## What AWS does otherwise than the simulation\n\n";
    if deployment.remarks.is_empty() {
        text += "Nothing that is known.\n";
    }
    deployment.remarks.iter().for_each(|remark| text += &format!("* {remark}\n"));
    ExportFile { name: "purchases.md".to_string(), text }
}
