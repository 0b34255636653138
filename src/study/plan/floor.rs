//! What a candidate costs at least, whatever happens.

use crate::billing::bill;
use crate::input::Candidate;
use crate::study::invoice::tariff;
use std::collections::HashMap;
use std::sync::Arc;

/// The least that each candidate can cost in any replication: what its commitments cost if nothing runs at all. What runs can only add to that,
/// unless rules make running time cheaper by how much of it there is, or reserved capacity is charged where it is empty: then it is 0.
pub(super) fn floors(all: &[Candidate]) -> Vec<f64> {
    let mut known = HashMap::new();
    let floor = |candidate: &Candidate| {
        let key = (Arc::as_ptr(&candidate.scenario) as usize, candidate.mix.reserved);
        *known.entry(key).or_insert_with(|| of(candidate))
    };
    all.iter().map(floor).collect()
}

fn of(candidate: &Candidate) -> f64 {
    let scenario = &candidate.scenario;
    let plain = scenario.savings_plans.is_empty()
        && scenario.commitments_owned.is_empty()
        && scenario.capacity_reservations.is_empty()
        && scenario.billing.sustained_use.is_none();
    if plain { bill(&[], &tariff(candidate, &[])).total().to_f64() } else { 0.0 }
}
