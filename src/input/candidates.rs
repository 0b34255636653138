//! Candidate mixes, each with its own settings applied.

use super::Problem;
use super::overrides::{apply, is_within, refusal};
use super::typing::typed;
use crate::scenario::{InlinePrices, Mix, MixEntry, Scenario, SpotPool, pointer_child};
use crate::trace::{CountSeries, PriceSeries};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One mix that is to be simulated, with everything that it needs.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Name in reports.
    pub name: String,
    /// The mix.
    pub mix: Mix,
    /// Settings that it overrides, by JSON pointer.
    pub set: Map<String, Value>,
    /// The scenario with these settings.
    pub scenario: Arc<Scenario>,
    /// On-demand and reserved prices.
    pub prices: Arc<InlinePrices>,
    /// The spot price of every market.
    pub markets: BTreeMap<String, Arc<PriceSeries>>,
    /// How many instances each market can give, where that changes over time.
    pub capacities: BTreeMap<String, Arc<CountSeries>>,
}

impl Candidate {
    /// The pool of spot instances, if the mix has any.
    pub fn spot_pool(&self) -> Option<&SpotPool> {
        self.scenario.pools.spot.as_ref().filter(|_| self.mix.spot_count() > 0)
    }
}

/// Where a candidate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// The element of the document's `mixes` with this index.
    Document(usize),
    /// A `--mix` with this text.
    CommandLine(String),
}

/// A mix entry and where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) entry: MixEntry,
    pub(super) origin: Origin,
}

impl Chosen {
    /// The pointer of its override of `pointer`.
    fn set_pointer(&self, pointer: &str) -> String {
        match self.origin {
            Origin::Document(index) => pointer_child(&format!("/mixes/{index}/set"), pointer),
            Origin::CommandLine(_) => pointer.to_string(),
        }
    }

    /// The scenario with this entry's settings, or every setting that cannot be applied.
    pub(super) fn scenario(&self, tree: &Value, base: &Arc<Scenario>) -> Result<Arc<Scenario>, Vec<Problem>> {
        if self.entry.set.is_empty() {
            return Ok(base.clone());
        }
        let mut tree = tree.clone();
        let mut problems = Vec::new();
        for (pointer, value) in &self.entry.set {
            let refused = refusal(pointer).map_or_else(|| apply(&mut tree, pointer, value.clone()), Err);
            if let Err(message) = refused {
                problems.push(Problem::at(self.set_pointer(pointer), message));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut scenario: Scenario = typed(&tree).map_err(|problem| vec![self.moved(problem)])?;
        scenario.mixes = base.mixes.clone();
        scenario.baseline = base.baseline.clone();
        Ok(Arc::new(scenario))
    }

    /// A problem of the overridden scenario, at the override that causes it or with the mix's name.
    pub(super) fn moved(&self, problem: Problem) -> Problem {
        let moved = self.at_override(problem.clone());
        if moved != problem || problem.pointer.is_none() {
            return moved;
        }
        let message = format!("{} (with the settings of the mix `{}`)", problem.message, self.entry.display_name());
        Problem { message, ..problem }
    }

    /// A problem at the override that its place lies in; unchanged if it lies in none.
    pub(super) fn at_override(&self, problem: Problem) -> Problem {
        let Some(pointer) = &problem.pointer else { return problem };
        let cause = self.entry.set.keys().filter(|set| is_within(pointer, set)).max_by_key(|set| set.len());
        let Some(set) = cause else { return problem };
        let place = format!("{}{}", self.set_pointer(set), &pointer[set.len()..]);
        Problem { pointer: Some(place), ..problem }
    }
}
