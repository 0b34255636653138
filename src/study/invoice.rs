//! What running time costs under a candidate's scenario.

use crate::billing::Tariff;
use crate::input::Candidate;
use crate::market::PricePath;
use std::sync::Arc;

/// The tariff of a candidate in a replication with these prices of its markets.
pub(super) fn tariff(candidate: &Candidate, markets: &[Arc<PricePath>]) -> Tariff {
    Tariff::new(&candidate.scenario, &candidate.prices, &candidate.mix, markets)
}
