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
    /// Share of accepted requests that the market fails to deliver; such a request is repeated after 60 s.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub undelivered: f64,
    /// Signals that an instance is at risk, before its notice. Without them only notices come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebalance_signals: Option<RebalanceSignals>,
}

fn is_zero(share: &f64) -> bool {
    *share == 0.0
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

/// What takes instances away besides a price above the maximum and a capacity that falls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Interruptions {
    /// Nothing: only price and capacity interrupt.
    PriceOnly,
    /// Random interruptions, some of them shared by the whole market.
    Hazard(Hazard),
    /// Random interruptions at the rate of a published band.
    Band(BandHazard),
}

impl Interruptions {
    /// The hazard that this means, if any.
    pub fn hazard(&self) -> Option<Hazard> {
        match *self {
            Self::PriceOnly => None,
            Self::Hazard(hazard) => Some(hazard),
            Self::Band(BandHazard { of, shared, across_markets }) => {
                Some(Hazard { monthly_share: of.monthly_share(), shared, across_markets })
            }
        }
    }
}

/// Random interruptions of the instances of a market.
///
/// The monthly share q of interrupted instances becomes the rate -ln(1-q) per 730 h (RULES R110). The part
/// `shared` of that rate comes as shocks that hit every instance of the market at once (losses come in batches), and the part
/// `across_markets` of the shocks comes from a cause that several markets have in common.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    /// Share of instances interrupted within a month of 730 h, below 1.
    pub monthly_share: f64,
    /// Part of the interruptions that hit the whole market at once (0 to 1).
    #[serde(default)]
    pub shared: f64,
    /// Part of these shocks that hit other markets at the same time (0 to 1). Of two markets the one with fewer such shocks is hit
    /// only when the other is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub across_markets: f64,
}

/// Random interruptions at the rate of a band of the Spot Instance Advisor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandHazard {
    /// The band.
    pub of: InterruptionBand,
    /// Part of the interruptions that hit the whole market at once (0 to 1).
    #[serde(default)]
    pub shared: f64,
    /// Part of these shocks that hit other markets at the same time (0 to 1).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub across_markets: f64,
}

/// A band of the Spot Instance Advisor: which share of instances was interrupted in the trailing month (RULES R110).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum InterruptionBand {
    /// Less than 5 %.
    #[serde(rename = "<5%")]
    Below5,
    /// 5 to 10 %.
    #[serde(rename = "5-10%")]
    From5To10,
    /// 10 to 15 %.
    #[serde(rename = "10-15%")]
    From10To15,
    /// 15 to 20 %.
    #[serde(rename = "15-20%")]
    From15To20,
    /// More than 20 %, an open band.
    #[serde(rename = ">20%")]
    Above20,
}

impl InterruptionBand {
    /// The share that the band stands for: its middle. The open band stands for 30 %, which is an assumption.
    pub fn monthly_share(self) -> f64 {
        match self {
            Self::Below5 => 0.025,
            Self::From5To10 => 0.075,
            Self::From10To15 => 0.125,
            Self::From15To20 => 0.175,
            Self::Above20 => 0.30,
        }
    }
}

/// Signals that an instance is at risk (EC2: rebalance recommendations, RULES R9). How early they come is not published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RebalanceSignals {
    /// Time from the signal to the notice. Where that would be in the past, the signal comes as early as it can.
    pub lead_time: Law,
    /// Share of interruptions by hazard or capacity that are announced; a price above the maximum never is.
    #[serde(default = "always")]
    pub announced: f64,
    /// Signals without an interruption after them, for each instance in a month of 730 h.
    #[serde(default)]
    pub false_alarms_per_month: f64,
}

fn always() -> f64 {
    1.0
}
