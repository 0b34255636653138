//! What the commitments of a mix are worth: how they are paid, and when they pay.

use super::invoice::tariff;
use super::replicate::{Outcome, Prepared};
use crate::billing::finance::return_on_upfront;
use crate::billing::{Benefit, Commitment, Offer, Payment};
use crate::results::CommitmentRecord;
use crate::scenario::TypePrices;
use crate::units::Money;

/// The commitments of a mix, those owned before first; `named` is the outcome of its named replication.
pub(super) fn commitments(mix: &Prepared, named: &Outcome) -> Vec<CommitmentRecord> {
    let candidate = mix.candidate;
    let discount_rate = candidate.scenario.discount_rate;
    let tariff = tariff(candidate, &[]);
    let unused = &named.ledger.unused_by_commitment;
    let mut records = Vec::new();
    for (index, commitment) in tariff.commitments.iter().enumerate() {
        let due = commitment.due(tariff.horizon);
        let utilisation = (due != Money::ZERO).then(|| 1.0 - unused[index].to_f64() / due.to_f64());
        let prices = match &commitment.benefit {
            Benefit::Reservation { instance_type, .. } => candidate.prices.types.get(instance_type),
            Benefit::Plan { .. } => None,
        };
        records.push(record(commitment, prices, utilisation, discount_rate));
    }
    records
}

fn record(
    commitment: &Commitment,
    prices: Option<&TypePrices>,
    utilisation: Option<f64>,
    discount_rate: Option<f64>,
) -> CommitmentRecord {
    let offer = commitment.offer;
    let on_demand = prices.map(|prices| prices.on_demand.rate);
    let covered = utilisation.unwrap_or(1.0);
    CommitmentRecord {
        id: commitment.id.clone(),
        count: commitment.count,
        owned: commitment.owned,
        term: offer.term,
        payment: match offer.payment() {
            Payment::NoUpfront => "no_upfront",
            Payment::PartialUpfront => "partial_upfront",
            Payment::AllUpfront => "all_upfront",
        }
        .to_string(),
        upfront: offer.upfront.to_f64(),
        hourly: offer.hourly.to_f64(),
        effective_hourly: offer.effective_hourly(),
        utilization: utilisation,
        break_even_utilization: on_demand.and_then(|price| offer.break_even_utilisation(price)),
        break_even_months: on_demand.and_then(|price| offer.break_even_months(price, covered)),
        net_present_value: discount_rate.map(|rate| offer.net_present_value(rate)),
        return_on_upfront: prices
            .and_then(|prices| return_on_upfront(&offer, prices.reserved.values().map(Offer::from))),
    }
}
