//! What commitments could be bought for: the usage of one mix in all replications, with prices and what is owned.

use super::invoice::tariff;
use super::replicate::{Interrupted, Origin, Prepared, Progress, Wanted, simulate};
use super::words::strange_offer;
use crate::billing::normalisation::Footprint;
use crate::billing::savings_plan::PlanKind;
use crate::billing::{Offer, Tariff};
use crate::input::LoadedScenario;
use crate::plan::commitment::{
    Offered, PlanOffered, Reach, Recommendation, Settings, Situation, TypeUsage, usage_by_type,
};
use crate::scenario::{CommitmentScope, InlinePrices, PlanCoverage, ReservedOffer, SavingsPlan, Scenario, TypePrices};
use crate::units::Currency;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use std::slice::from_ref;

/// The usage of one mix, and what can be bought for it.
#[derive(Debug, Clone)]
pub struct PurchaseStudy {
    /// What is known when commitments are bought.
    pub situation: Situation,
    /// Whether demand or prices varied between replications: without it they say nothing of risk.
    pub varied: bool,
    /// What a reader has to know.
    pub remarks: Vec<String>,
}

/// Version of the shape of `commit.json`.
const SCHEMA_VERSION: u32 = 1;

/// `commit.json`: what to commit to for a mix, and what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CommitRecord {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of fleetmix that wrote it.
    pub fleetmix_version: String,
    /// Name of the scenario, or of the bill.
    pub scenario: String,
    /// The mix whose usage is covered; empty for a bill.
    pub mix: String,
    /// Currency of every amount.
    pub currency: Currency,
    /// Seed; null for a bill, which needs none.
    pub seed: Option<u32>,
    /// Sentences that a reader has to know first.
    pub remarks: Vec<String>,
    /// The recommendation.
    #[serde(flatten)]
    pub recommendation: Recommendation,
}

impl CommitRecord {
    /// The record of a recommendation for the scenario's first mix.
    pub fn of_scenario(input: &LoadedScenario, recommendation: Recommendation, remarks: Vec<String>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: input.scenario.name.clone(),
            mix: input.candidates.first().map_or(String::new(), |candidate| candidate.mix.to_string()),
            currency: input.scenario.prices.currency(),
            seed: Some(input.scenario.run.seed),
            remarks,
            recommendation,
        }
    }

    /// The record of a recommendation for the usage of a bill.
    pub fn of_bill(name: &str, currency: Currency, recommendation: Recommendation, remarks: Vec<String>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            fleetmix_version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: name.to_string(),
            mix: String::new(),
            currency,
            seed: None,
            remarks,
            recommendation,
        }
    }
}

/// Simulates the first mix on the current thread pool, and gathers its usage.
///
/// What the mix and the scenario buy is left out, since that is what is to be decided: base instances count as usage like
/// on-demand ones. What is owned stays.
///
/// # Errors
/// If it is cancelled.
pub fn purchase_study(
    input: &LoadedScenario,
    settings: Settings,
    progress: &dyn Progress,
) -> Result<PurchaseStudy, Interrupted> {
    let origin = Origin::new(input);
    let wanted = input.scenario.run.replications;
    let Some(candidate) = input.candidates.first() else {
        return Err(Interrupted { finished: 0, wanted });
    };
    let mix = Prepared::new(candidate);
    let tariff = tariff(candidate, &[]);
    let replications = usage_by_replication(&origin, &mix, &tariff, wanted, progress)?;
    let pool = candidate.scenario.pools.reserved.as_ref();
    let scope = pool.map_or_else(CommitmentScope::default, |pool| pool.scope.clone());
    let reserved = offers(&candidate.prices, &scope, &replications[0]);
    let plans = plans(&candidate.scenario.savings_plans, &settings);
    let owned = tariff.commitments.iter().filter(|commitment| commitment.owned).cloned().collect();
    let mut remarks = remarks(&candidate.scenario, &tariff);
    remarks.extend(remarks_on_offers(&reserved, &candidate.prices));
    if plans.len() < candidate.scenario.savings_plans.len() {
        remarks.push(PLANS_THAT_END.to_string());
    }
    Ok(PurchaseStudy {
        situation: Situation { replications, reserved, plans, owned, settings },
        varied: wanted > 1 && origin.sampling.varies(),
        remarks,
    })
}

/// What a mix uses of each type, replication by replication.
///
/// # Errors
/// If it is cancelled.
pub(super) fn usage_by_replication(
    origin: &Origin,
    mix: &Prepared,
    tariff: &Tariff,
    wanted: u32,
    progress: &dyn Progress,
) -> Result<Vec<Vec<TypeUsage>>, Interrupted> {
    let usage: Vec<Vec<TypeUsage>> = (0..wanted)
        .into_par_iter()
        .filter_map(|replication| {
            let outcomes = simulate(origin, from_ref(mix), replication, Wanted::default(), progress)?;
            progress.advance(1);
            outcomes.first().map(|outcome| usage_by_type(&outcome.run.usage, tariff))
        })
        .collect();
    match usage.len() < wanted as usize {
        true => Err(Interrupted { finished: usage.len() as u32, wanted }),
        false => Ok(usage),
    }
}

/// Said of plans that are left out.
pub(super) const PLANS_THAT_END: &str = "Savings plans that end within the time that is planned are not tried.";

/// Offers whose prices may be mistakes.
pub(super) fn remarks_on_offers(reserved: &[Offered], prices: &InlinePrices) -> Vec<String> {
    let strange = |offered: &Offered| {
        let on_demand = prices.types[&offered.instance_type].on_demand.rate;
        strange_offer(&offered.name, &offered.instance_type, &offered.offer, on_demand)
    };
    reserved.iter().filter_map(strange).collect()
}

/// Every reserved offer of a price list that can cover a type that is used; `scope` is for those that state none.
pub(super) fn offers(prices: &InlinePrices, scope: &CommitmentScope, usage: &[TypeUsage]) -> Vec<Offered> {
    let of_type = |(instance_type, prices): (&String, &TypePrices)| {
        let of = |(name, offer): (&String, &ReservedOffer)| {
            offered(instance_type, name, offer, offer.scope.as_ref().unwrap_or(scope))
        };
        prices.reserved.iter().map(of).collect::<Vec<Offered>>()
    };
    let mut offers: Vec<Offered> = prices.types.iter().flat_map(of_type).collect();
    offers.retain(|offered| usage.iter().any(|one| offered.covers(one)));
    offers
}

fn offered(instance_type: &str, name: &str, offer: &ReservedOffer, scope: &CommitmentScope) -> Offered {
    let reach = match scope {
        CommitmentScope::Regional => Reach::Family,
        CommitmentScope::RegionalFixedSize => Reach::Type,
        CommitmentScope::Zonal(zone) => Reach::Zone(zone.clone()),
    };
    Offered {
        name: name.to_string(),
        instance_type: instance_type.to_string(),
        footprint: Footprint::of(instance_type, reach == Reach::Family),
        reach,
        offer: Offer::from(offer),
    }
}

/// Savings plans as offers, whatever their commitment is.
pub(super) fn plans(plans: &[SavingsPlan], settings: &Settings) -> Vec<PlanOffered> {
    let of = |plan: &SavingsPlan| PlanOffered {
        rates: plan.rates.clone(),
        kind: match &plan.covers {
            PlanCoverage::Compute => PlanKind::Compute,
            PlanCoverage::InstanceFamily(family) => PlanKind::Family(family.clone()),
        },
        term: plan.term,
        upfront_share: plan.upfront_share,
    };
    plans.iter().map(of).filter(|plan| plan.term.duration().as_hours_f64() >= settings.hours as f64).collect()
}

fn remarks(scenario: &Scenario, tariff: &Tariff) -> Vec<String> {
    let mut remarks = Vec::new();
    if scenario.billing.sustained_use.is_some() {
        remarks.push(
            "Discounts for sustained use are not counted: on-demand is dearer here than on a bill, so commitments look better."
                .to_string(),
        );
    }
    if tariff.commitments.iter().any(|commitment| commitment.owned) {
        remarks.push("Owned commitments cover first; their money is sunk and no part of the costs.".to_string());
    }
    remarks
}
