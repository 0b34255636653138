//! What a planner may choose among.

use super::{Mix, MixEntry, OnDemandPart, SpotPart};
use crate::units::HourlyPrice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most candidates of one search.
pub const MAX_CANDIDATES: usize = 200_000;

/// What `plan` may choose among. A range that is not given follows from the demand.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Base instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<CountRange>,
    /// Wanted spot instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<CountRange>,
    /// Maximum prices that are tried for spot; the pool's unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spot_max_prices: Vec<HourlyPrice>,
    /// Most on-demand instances; 0 is a mix without any. Besides, on-demand without a limit of its own is tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_demand_max: Option<CountRange>,
    /// Values that are tried for any other setting, by JSON pointer: thresholds (`/scaling/alarms/cpu-high/above`), commitments
    /// (`/pools/reserved/commitment`), instance types, markets (`/pools/spot/markets`). All combinations are candidates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Vec<Value>>,
}

/// Numbers of instances that are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountRange {
    /// The fewest.
    pub from: u32,
    /// The most.
    pub to: u32,
}

impl Search {
    /// Every combination of settings, in order; one without settings if there are none.
    pub fn variants(&self) -> Vec<Map<String, Value>> {
        let mut variants = vec![Map::new()];
        for (pointer, values) in &self.set {
            let with = |variant: &Map<String, Value>, value: &Value| {
                let mut variant = variant.clone();
                variant.insert(pointer.clone(), value.clone());
                variant
            };
            variants = variants.iter().flat_map(|v| values.iter().map(move |value| with(v, value))).collect();
        }
        variants
    }

    /// A mix for each combination of settings, that stands for all mixes with these settings.
    pub fn representatives(&self, reserved: bool, spot: bool) -> Vec<MixEntry> {
        let mix = Mix {
            reserved: u32::from(reserved),
            spot: spot.then_some(SpotPart { count: 1, max_price: None }),
            on_demand: Some(OnDemandPart::default()),
        };
        let entry = |set: Map<String, Value>| MixEntry { mix, name: Some(named(&mix, &set)), set };
        self.variants().into_iter().map(entry).collect()
    }

    /// Every mix of the ranges; `most` is the upper end of those that are not given, 0 for what there cannot be.
    pub fn mixes(&self, most: [u32; 3]) -> Vec<Mix> {
        let range = |given: Option<CountRange>, most: u32| given.unwrap_or(CountRange { from: 0, to: most });
        let (reserved, spot) = (range(self.reserved, most[0]), range(self.spot, most[1]));
        let limits = range(self.on_demand_max, most[2]);
        let on_demand = |max: u32| (max > 0).then_some(OnDemandPart { min: 0, max: Some(max) });
        let on_demand: Vec<Option<OnDemandPart>> =
            (limits.from..=limits.to).map(on_demand).chain([Some(OnDemandPart::default())]).collect();
        let mut prices: Vec<Option<HourlyPrice>> = self.spot_max_prices.iter().copied().map(Some).collect();
        if prices.is_empty() {
            prices.push(None);
        }
        let mut mixes = Vec::new();
        for reserved in reserved.from..=reserved.to {
            for count in spot.from..=spot.to {
                // Without spot a maximum price says nothing.
                for max_price in &prices[..if count == 0 { 1 } else { prices.len() }] {
                    for on_demand in &on_demand {
                        let spot = (count > 0).then_some(SpotPart { count, max_price: *max_price });
                        if reserved > 0 || spot.is_some() || on_demand.is_some() {
                            mixes.push(Mix { reserved, spot, on_demand: *on_demand });
                        }
                    }
                }
            }
        }
        mixes
    }
}

/// The name of a mix with settings: `3 reserved, /pools/reserved/commitment = "1y-all-upfront"`.
pub fn named(mix: &Mix, set: &Map<String, Value>) -> String {
    let settings = set.iter().map(|(pointer, value)| format!(", {pointer} = {value}"));
    [mix.to_string()].into_iter().chain(settings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_is_a_candidate_once() {
        let search: Search = serde_json::from_value(serde_json::json!({
            "reserved": { "from": 1, "to": 3 }, "spot": { "from": 0, "to": 2 },
            "spot_max_prices": ["0.1 USD/h", "0.2 USD/h"], "on_demand_max": { "from": 0, "to": 1 },
            "set": { "/a": [1, 2], "/b": [3, 4, 5] }
        }))
        .unwrap();
        // Three bases; no spot, or one or two at two prices; none, one or any on-demand.
        let mixes = search.mixes([0; 3]);
        assert_eq!(mixes.len(), 3 * (1 + 2 * 2) * 3);
        let names: std::collections::BTreeSet<String> = mixes.iter().map(Mix::to_string).collect();
        assert_eq!(names.len(), mixes.len());
        assert_eq!(search.variants().len(), 6);
        assert_eq!(Search::default().variants(), [Map::new()]);
    }
}
