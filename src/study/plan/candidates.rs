//! The candidates of a search.

use crate::input::{Candidate, LoadedScenario};
use crate::scenario::{MAX_CANDIDATES, named, validate_mix};
use crate::study::paths::Sampling;
use crate::workload::DemandPath;

/// By how much ranges that are not given go beyond what the highest rate needs.
const MARGIN: f64 = 1.25;
/// Most instances of a range that follows from the demand: beyond it the ranges have to be given.
const MOST_BY_DEFAULT: f64 = 40.0;

/// Why there is nothing to search.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoSearch {
    /// Too many candidates.
    #[error("the search has {0} candidates; give narrower ranges in `/search` (at most {MAX_CANDIDATES})")]
    TooMany(usize),
    /// None at all.
    #[error("the search has no candidate")]
    None,
    /// The peak needs more instances than are tried unasked.
    #[error("the highest rate needs about {0} instances; say in `/search` how many are to be tried")]
    NoRanges(u64),
}

/// Every candidate, in order: by settings, then base, spot, maximum price and on-demand.
pub(super) fn candidates(input: &LoadedScenario, sampling: &Sampling) -> Result<Vec<Candidate>, NoSearch> {
    let search = input.scenario.search.clone().unwrap_or_default();
    let pools = &input.scenario.pools;
    let needed = (highest_rate(input, sampling) * input.scenario.service.work.mean_seconds() / slots(input) * MARGIN)
        .ceil()
        .max(1.0);
    let given = (search.reserved.is_some() || pools.reserved.is_none())
        && (search.spot.is_some() || pools.spot.is_none())
        && search.on_demand_max.is_some();
    if needed > MOST_BY_DEFAULT && !given {
        return Err(NoSearch::NoRanges(needed as u64));
    }
    let most = needed.min(MOST_BY_DEFAULT) as u32;
    let only_if = |possible: bool| if possible { most } else { 0 };
    let mixes = search.mixes([only_if(pools.reserved.is_some()), only_if(pools.spot.is_some()), most]);
    let count = mixes.len() * input.candidates.len();
    if count > MAX_CANDIDATES {
        return Err(NoSearch::TooMany(count));
    }
    let mut all = Vec::with_capacity(count);
    for variant in &input.candidates {
        for mix in &mixes {
            if validate_mix(&variant.scenario, mix, "").is_empty() {
                let name = named(mix, &variant.set);
                all.push(Candidate { name, mix: *mix, ..variant.clone() });
            }
        }
    }
    if all.is_empty() { Err(NoSearch::None) } else { Ok(all) }
}

/// Requests per second that the slots of one instance serve, per second of mean work.
fn slots(input: &LoadedScenario) -> f64 {
    let kinds = input.scenario.instance_types.values();
    kinds.map(|kind| f64::from(kind.slots) * kind.speed).fold(f64::INFINITY, f64::min)
}

/// The highest rate of the first replication.
fn highest_rate(input: &LoadedScenario, sampling: &Sampling) -> f64 {
    match sampling.demand_path(input, 0) {
        DemandPath::Rates(path) => path.pieces().iter().map(|piece| piece.per_second).fold(0.0, f64::max),
        DemandPath::Recorded(path) => path.pieces().iter().map(|piece| piece.arrivals.len() as f64).sum(),
    }
}
