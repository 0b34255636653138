//! What commitments could be bought for: the usage of one mix in all replications, with prices and what is owned.

use super::invoice::tariff;
use super::paths::Sampling;
use super::replicate::{Interrupted, Prepared, Progress, Wanted, simulate};
use crate::billing::normalisation::Footprint;
use crate::billing::savings_plan::PlanKind;
use crate::billing::{Offer, Tariff};
use crate::input::{Candidate, LoadedScenario};
use crate::plan::commitment::{Offered, PlanOffered, Settings, Situation, TypeUsage, usage_by_type};
use crate::scenario::{PlanCoverage, Scenario};
use rayon::prelude::*;
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
    let sampling = Sampling::new(input);
    let wanted = input.scenario.run.replications;
    let Some(candidate) = input.candidates.first() else {
        return Err(Interrupted { finished: 0, wanted });
    };
    let mix = Prepared::new(candidate);
    let tariff = tariff(candidate, &[]);
    let replications: Vec<Vec<TypeUsage>> = (0..wanted)
        .into_par_iter()
        .filter_map(|replication| {
            let nothing_kept = Wanted { time_line: false, events: false };
            let outcomes = simulate(input, &sampling, from_ref(&mix), replication, nothing_kept, progress)?;
            progress.advance(1);
            outcomes.first().map(|outcome| usage_by_type(&outcome.run.usage, &tariff))
        })
        .collect();
    if replications.len() < wanted as usize {
        return Err(Interrupted { finished: replications.len() as u32, wanted });
    }
    let reserved = offers(candidate, &replications[0]);
    let plans = plans(&candidate.scenario, &settings);
    let owned = tariff.commitments.iter().filter(|commitment| commitment.owned).cloned().collect();
    let mut remarks = remarks(&candidate.scenario, &tariff);
    if plans.len() < candidate.scenario.savings_plans.len() {
        remarks.push("Savings plans that end within the time that is planned are not tried.".to_string());
    }
    Ok(PurchaseStudy {
        situation: Situation { replications, reserved, plans, owned, settings },
        varied: wanted > 1 && (sampling.demand || sampling.markets) && sampling.sources_per_block() > 1.0,
        remarks,
    })
}

/// Every reserved offer of the price list that can cover a type that is used.
fn offers(candidate: &Candidate, usage: &[TypeUsage]) -> Vec<Offered> {
    let mut offers = Vec::new();
    for (instance_type, prices) in &candidate.prices.types {
        let footprint = Footprint::of(instance_type, true);
        if usage.iter().any(|one| one.footprint.family == footprint.family) {
            offers.extend(prices.reserved.iter().map(|(name, offer)| Offered {
                name: name.clone(),
                instance_type: instance_type.clone(),
                footprint: footprint.clone(),
                offer: Offer::from(offer),
            }));
        }
    }
    offers
}

/// The scenario's savings plans as offers, whatever their commitment is.
fn plans(scenario: &Scenario, settings: &Settings) -> Vec<PlanOffered> {
    let of = |plan: &crate::scenario::SavingsPlan| PlanOffered {
        rates: plan.rates.clone(),
        kind: match &plan.covers {
            PlanCoverage::Compute => PlanKind::Compute,
            PlanCoverage::InstanceFamily(family) => PlanKind::Family(family.clone()),
        },
        term: plan.term.duration().as_hours_f64() as usize,
    };
    scenario.savings_plans.iter().map(of).filter(|plan| plan.term >= settings.hours).collect()
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
