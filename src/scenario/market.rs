//! Spot markets: price, capacity and interruptions.

use super::{Law, TraceRef};
use crate::units::{Duration, HourlyPrice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One spot price and capacity process: an instance type in a zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// Type of its instances.
    pub instance_type: String,
    /// Zone, for labels.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// The price over time.
    pub price: PriceProcess,
    /// How many instances the market can give.
    #[serde(default)]
    pub capacity: SpotCapacity,
    /// What takes instances away besides a price above the maximum.
    pub interruptions: Interruptions,
    /// Time between the notice and the end of an instance.
    #[serde(default = "two_minutes")]
    pub notice: Duration,
    /// Time from a request that the market accepts to the beginning of provisioning.
    #[serde(default = "at_once")]
    pub fulfilment: Law,
}

fn two_minutes() -> Duration {
    Duration::from_secs(120)
}

fn at_once() -> Law {
    Law::Constant(Duration::ZERO)
}

/// The price of a market over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PriceProcess {
    /// A step function from a file, in the price list's currency per hour.
    Trace(TraceRef),
    /// Always the same.
    Constant(HourlyPrice),
    /// A price that changes at stated times: for small and scripted scenarios.
    Steps(Vec<PriceStep>),
}

/// A price that holds from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceStep {
    /// Time since the scenario's start.
    pub from: Duration,
    /// Price from then on.
    pub price: HourlyPrice,
}

/// How many instances a market can give.
///
/// Spot is granted up to the capacity. When it falls below what the pool holds, the instances of the highest places get their
/// notice until the rest fits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SpotCapacity {
    /// As many as are asked for.
    #[default]
    Unlimited,
    /// At most this many at once.
    Limit(u32),
    /// A number of instances over time from a file: counts, or 0 and 1 for whether any can be had.
    Trace(TraceRef),
    /// A number of instances that changes at stated times: for small and scripted scenarios.
    Steps(Vec<CapacityStep>),
}

/// A capacity that holds from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityStep {
    /// Time since the scenario's start.
    pub from: Duration,
    /// Instances that the market can give from then on.
    pub instances: u32,
}

/// What takes instances away besides a price above the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Interruptions {
    /// Nothing: only the price interrupts.
    PriceOnly,
    /// Random interruptions, some of them shared by the whole market.
    Hazard(Hazard),
}

/// Random interruptions of the instances of a market.
///
/// The monthly share q of interrupted instances becomes the rate -ln(1-q) per 730 h (RULES R110). The part
/// `shared` of that rate comes as shocks that hit every instance of the market at once (losses come in batches).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    /// Share of instances interrupted within a month of 730 h, below 1.
    pub monthly_share: f64,
    /// Part of the interruptions that hit the whole market at once (0 to 1).
    #[serde(default)]
    pub shared: f64,
}
